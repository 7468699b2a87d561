"""What to do about an answer of AWS that is a refusal: a sentence for people, beside AWS's own code and message. Pure.

Spec: https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html
"""

from __future__ import annotations

import re

_ACTION = re.compile(r"perform: ([\w-]+:\w+)")
_EXPIRED = frozenset({"ExpiredTokenException", "ExpiredToken", "RequestExpired", "TokenRefreshRequired"})
_SIGNED_OUT = frozenset({"SSOTokenLoadError", "UnauthorizedSSOTokenError", "TokenRetrievalError", "SSOError", "CredentialRetrievalError"})
_UNKNOWN = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
    }
)
_OFTEN = frozenset({"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"})
_UNREACHABLE = frozenset(
    {"EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError", "ProxyConnectionError"}
)
_PASSING = _OFTEN | _UNREACHABLE | {"InternalServerError", "InternalFailure", "ServiceUnavailable", "ServiceUnavailableException"}


def passes(code: str) -> bool:
    """Whether the same question may well be answered a little later."""
    return code in _PASSING


def remedy(code: str, message: str, profile: str | None) -> str:
    """What a person may do about `code`; empty where AWS's message has to do."""
    sign_in = f"aws sso login --profile {profile}" if profile else "aws sso login"
    whose = f"the profile {profile}" if profile else "the default profile"
    if code in _EXPIRED | _SIGNED_OUT:
        return f"The session of {whose} is over: sign in again ({sign_in}, or renew its keys), then ask again."
    if code in _UNKNOWN:
        return f"AWS does not take the credentials of {whose}: correct them, or choose another profile with --profile."
    if code in {"AccessDeniedException", "AccessDenied", "UnauthorizedOperation"}:
        found = _ACTION.search(message)
        missing = f"the permission {found[1]}" if found else "the permission for it"
        return f"The role or user of {whose} lacks {missing}: have it added to its IAM policy, or choose another profile with --profile."
    if code in _OFTEN:
        return "AWS limits how often it may be asked, and went on refusing after several tries: wait a minute, then ask again."
    if code in {"NoCredentialsError", "PartialCredentialsError"}:
        return f"Sign in with the AWS CLI ({sign_in}, or aws configure), or choose a profile that has credentials with --profile."
    if code == "ProfileNotFound":
        return "Choose one that is there with --profile; aws configure list-profiles names them."
    if code == "NoRegionError":
        return "Choose one with --region, or give the profile a default (aws configure set region)."
    if code in _UNREACHABLE:
        return "Look whether this machine is online, and whether --endpoint-url and --region are right."
    return ""
