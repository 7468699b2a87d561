"""What a template, or AWS's own answer, says about a state machine beside its definition: the settings of `NAME.studio.json`.

    {"name": …, "type": "EXPRESS", "role": …, "logging": "ALL", "logData": true, "logGroup": …, "tracing": true, "kmsKey": …, "kmsReuse": 60, "tags": {…}}

What a template says by reference is taken where the template itself has the value: a parameter's default, the name of a log group that it makes.
Anything else (an import, a condition) is left out. AWS logs nothing where nothing is said, the studio's exports log errors: so the level is always
among the settings.

Specs: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html,
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html,
https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html
"""

from __future__ import annotations

from typing import Any

from studio.asl.tree import Json, get

DEFAULT_LEVEL = "ERROR"
"""What the studio's exports log where the settings say nothing."""


def log_group_of(machine: str) -> str:
    """The log group that a state machine's logs go to where nothing else is said, as AWS's console calls it.

    One rule for all exports and deployments; the prefix keeps the account's resource policy for log delivery short.
    """
    return f"/aws/vendedlogs/states/{machine}-Logs"


def of_template(root: Json, name: str) -> dict[str, Json]:
    """The settings of the state machine with the logical id `name`."""
    properties = get(root, ("Resources", name, "Properties"))
    if not isinstance(properties, dict):
        return {}
    logging = _object(properties, "LoggingConfiguration", "Logging")
    group = _log_group(root, get(logging, ("Destinations", 0, "CloudWatchLogsLogGroup", "LogGroupArn")))
    machine = _text(root, properties.get("StateMachineName", properties.get("Name")))
    encryption = _object(properties, "EncryptionConfiguration")
    return _settings(
        name=machine,
        kind=properties.get("StateMachineType", properties.get("Type")),
        role=_text(root, properties.get("RoleArn", properties.get("Role"))),
        level=_text(root, logging.get("Level")),
        data=logging.get("IncludeExecutionData"),
        group=None if group == log_group_of(machine or name) else group,
        tracing=_object(properties, "TracingConfiguration", "Tracing").get("Enabled"),
        key=_text(root, encryption.get("KmsKeyId")),
        reuse=encryption.get("KmsDataKeyReusePeriodSeconds"),
        tags=_tags(root, properties.get("Tags")),
    )


def placeholders(root: Json, name: str) -> dict[str, Json]:
    """The values that the template itself gives its `DefinitionSubstitutions`: literals, and defaults of parameters."""
    given = get(root, ("Resources", name, "Properties", "DefinitionSubstitutions"))
    found = {key: _value(root, value) for key, value in given.items()} if isinstance(given, dict) else {}
    return {key: value for key, value in found.items() if isinstance(value, str | int | float | bool)}


def of_described(machine: dict[str, Any], tags: dict[str, str]) -> dict[str, Json]:
    """The settings of a state machine as DescribeStateMachine answers, with its tags."""
    logging, encryption = _object(machine, "loggingConfiguration"), _object(machine, "encryptionConfiguration")
    return _settings(
        name=machine["name"],
        kind=machine.get("type"),
        role=machine.get("roleArn"),
        level=logging.get("level"),
        data=logging.get("includeExecutionData"),
        group=get(logging, ("destinations", 0, "cloudWatchLogsLogGroup", "logGroupArn")),
        tracing=_object(machine, "tracingConfiguration").get("enabled"),
        key=encryption.get("kmsKeyId"),
        reuse=encryption.get("kmsDataKeyReusePeriodSeconds"),
        tags=dict(tags),
    )


def _settings(
    *, name: Any, kind: Any, role: Any, level: Any, data: Any, group: Any, tracing: Any, key: Any, reuse: Any, tags: Any
) -> dict[str, Json]:
    """Only what is other than the studio's defaults."""
    level = level or "OFF"
    every: dict[str, tuple[Json, bool]] = {
        "name": (name, bool(name)),
        "type": (kind, kind == "EXPRESS"),
        "role": (role, isinstance(role, str) and role.startswith("arn:")),
        "logging": (level, level != DEFAULT_LEVEL),
        "logData": (True, data is True and level != "OFF"),
        "logGroup": (str(group).removesuffix(":*"), bool(group) and level != "OFF"),
        "tracing": (True, tracing is True),
        "kmsKey": (key, bool(key)),
        "kmsReuse": (reuse, bool(key) and isinstance(reuse, int) and reuse != 300),
        "tags": (tags, bool(tags)),
    }
    return {member: value for member, (value, told) in every.items() if told}


def _object(held: dict[str, Json], *names: str) -> dict[str, Json]:
    found = next((held[name] for name in names if name in held), None)
    return found if isinstance(found, dict) else {}


def _value(root: Json, value: Json) -> Json:
    """A literal, or the default of the parameter that is referred to; else None."""
    match value:
        case {"Ref": str(name)}:
            return get(root, ("Parameters", name, "Default"))
        case dict() | list():
            return None
        case _:
            return value


def _text(root: Json, value: Json) -> str | None:
    found = _value(root, value)
    return found if isinstance(found, str) else None


def _log_group(root: Json, arn: Json) -> str | None:
    """The ARN, or the name of the group that the template makes."""
    match arn:
        case {"Fn::GetAtt": [str(resource), "Arn"]}:
            pass
        case {"Fn::GetAtt": str(dotted)} if dotted.endswith(".Arn"):
            resource = dotted.removesuffix(".Arn")
        case _:
            return _text(root, arn)
    return _text(root, get(root, ("Resources", resource, "Properties", "LogGroupName")))


def _tags(root: Json, given: Json) -> dict[str, str]:
    pairs = (
        list(given.items())
        if isinstance(given, dict)
        else [(get(tag, ("Key",)), get(tag, ("Value",))) for tag in given or []]
        if isinstance(given, list)
        else []
    )
    found = ((key, _text(root, value)) for key, value in pairs)
    return {key: value for key, value in found if isinstance(key, str) and value is not None}
