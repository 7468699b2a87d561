"""AWS's naming rules for SDK integrations.

Step Functions names services, parameters and errors as the AWS SDK for Java 2 does. The rules were measured against AWS's
published list of services (243 of 264 tokens; the others were removed from botocore since) and the recorded answers.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import re
from functools import lru_cache

_NOT_ALNUM = re.compile(r"[^A-Za-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z]([a-zA-Z]|[0-9]))")
_ACRONYM = re.compile(r"([A-Z]+)([A-Z][a-z])")
_DIGIT = re.compile(r"([0-9])([a-zA-Z])")


def _words(name: str) -> list[str]:
    text = _NOT_ALNUM.sub(" ", name)
    text = _CAMEL.sub(" ", text)
    text = _ACRONYM.sub(r"\1 \2", text)
    return _DIGIT.sub(r"\1 \2", text).split()


@lru_cache(maxsize=8192)
def pascal(name: str) -> str:
    """`DBInstanceIdentifier` -> `DbInstanceIdentifier`, `modelId` -> `ModelId`: how a member is spelt in parameters and results."""
    return "".join(word[:1].upper() + word[1:].lower() for word in _words(name))


def service_token(service_id: str) -> str:
    """botocore's `serviceId` -> the token in `aws-sdk:TOKEN:action`: `Bedrock Runtime` -> `bedrockruntime`."""
    return re.sub(r"[^a-z0-9]", "", service_id.removesuffix(" Service").lower())


def error_prefix(service_id: str) -> str:
    """The prefix of an SDK integration's error names: `DynamoDB` -> `DynamoDb`, `SFN` -> `Sfn`, `AWSHealth` -> `Health`."""
    return pascal(service_id.removeprefix("AWS").removeprefix("Amazon").strip().removesuffix(" Service"))


def action_name(operation: str) -> str:
    """`PutItem` -> `putItem`."""
    return operation[:1].lower() + operation[1:]


def sdk_exception_name(code: str) -> str:
    """An SDK integration's name of an error of the API's model: `DBInstanceNotFoundFault` -> `DbInstanceNotFoundException`."""
    name = pascal(code)
    return exception_name(name.removesuffix("Fault") if name != "Fault" else name)


def exception_name(code: str) -> str:
    """An error's name ends in Exception: `NoSuchKey` -> `NoSuchKeyException`."""
    return code if code.endswith("Exception") else f"{code}Exception"
