"""CloudFormation and SAM templates of a workflow: state machine, role with the definition's least privilege, log group.

Each resource the definition names becomes a parameter (its present value the default) through `DefinitionSubstitutions`, as in AWS's
own export; a placeholder of the definition becomes a parameter without a default.

Specs: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html,
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html
"""

from __future__ import annotations

from typing import Any

from studio.asl.text import dump
from studio.asl.tree import Json
from studio.errors import StudioError
from studio.export.permissions import role_statements, trust
from studio.export.workflow import PLACEHOLDER, Substituted, Workflow, substituted


def cloudformation(workflow: Workflow) -> str:
    """A CloudFormation template in YAML."""
    filled = substituted(workflow.root)
    name = workflow.identifier
    resources: dict[str, Any] = {}
    logging = _log_group(workflow, resources)
    if not workflow.role:
        resources[f"{name}Role"] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": trust(),
                **_policies(workflow, filled),
            },
        }
    resources[name] = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            **({"StateMachineName": workflow.machine_name} if workflow.fixed_name else {}),
            "StateMachineType": workflow.type,
            "RoleArn": workflow.role or {"Fn::GetAtt": [f"{name}Role", "Arn"]},
            "Definition": filled.root,
            **_substitutions(filled),
            **({"LoggingConfiguration": logging} if logging else {}),
            **({"TracingConfiguration": {"Enabled": True}} if workflow.tracing else {}),
            **({"EncryptionConfiguration": _encryption(workflow)} if workflow.kms_key else {}),
            **({"Tags": [{"Key": key, "Value": value} for key, value in workflow.tags.items()]} if workflow.tags else {}),
        },
    }
    return _template(workflow, filled, resources, {})


def sam(workflow: Workflow) -> str:
    """A SAM template in YAML; SAM makes the role of the policies. Errors: StudioError for a customer managed key, which SAM has no word for."""
    if workflow.kms_key:
        raise StudioError("SAM's state machine cannot name a customer managed key.", "Export as CloudFormation, which can.")
    filled = substituted(workflow.root)
    name = workflow.identifier
    resources: dict[str, Any] = {}
    logging = _log_group(workflow, resources)
    statements = _pointed(role_statements(workflow, substituted(workflow.root, extract=False).root), filled)
    own = (
        {"Role": workflow.role}
        if workflow.role
        else {"Policies": [{"Version": "2012-10-17", "Statement": statements}]}
        if statements
        else {}
    )
    resources[name] = {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {
            **({"Name": workflow.machine_name} if workflow.fixed_name else {}),
            "Type": workflow.type,
            "Definition": filled.root,
            **_substitutions(filled),
            **own,
            **({"Logging": logging} if logging else {}),
            **({"Tracing": {"Enabled": True}} if workflow.tracing else {}),
            **({"Tags": workflow.tags} if workflow.tags else {}),
        },
    }
    return _template(workflow, filled, resources, {"Transform": "AWS::Serverless-2016-10-31"})


def _template(workflow: Workflow, filled: Substituted, resources: dict[str, Any], more: dict[str, Any]) -> str:
    comment = workflow.root.get("Comment")
    parameters = {
        key: {
            "Type": "String",
            **({"Default": value} if value is not None else {"Description": f"The value of ${{{key}}} in the definition"}),
        }
        for key, value in filled.values.items()
    }
    template: dict[str, Any] = {
        "AWSTemplateFormatVersion": "2010-09-09",
        **more,
        "Description": (comment if isinstance(comment, str) and comment else f"The workflow {workflow.name}")[:1024],
        **({"Parameters": parameters} if parameters else {}),
        "Resources": resources,
        "Outputs": {"StateMachineArn": {"Description": "The state machine's ARN", "Value": {"Ref": workflow.identifier}}},
    }
    return dump(template, "yaml")


def _log_group(workflow: Workflow, resources: dict[str, Any]) -> dict[str, Any] | None:
    """Adds the log group where none exists; answers the machine's logging configuration."""
    if workflow.log_level == "OFF":
        return None
    group = f"{workflow.identifier}Logs"
    arn: Any = workflow.log_group_arn
    if arn is None:
        arn = {"Fn::GetAtt": [group, "Arn"]}
        resources[group] = {
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": {"LogGroupName": workflow.log_group_name, "RetentionInDays": 14},
        }
    return {
        "Level": workflow.log_level,
        "IncludeExecutionData": workflow.log_data,
        "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": arn}}],
    }


def _encryption(workflow: Workflow) -> dict[str, Any]:
    return {"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": workflow.kms_key, "KmsDataKeyReusePeriodSeconds": workflow.kms_reuse}


def _policies(workflow: Workflow, filled: Substituted) -> dict[str, Any]:
    statements = _pointed(role_statements(workflow, substituted(workflow.root, extract=False).root), filled)
    if not statements:
        return {}
    document = {"Version": "2012-10-17", "Statement": statements}
    return {"Policies": [{"PolicyName": "Workflow", "PolicyDocument": document}]}


def _substitutions(filled: Substituted) -> dict[str, Any]:
    given = {**{key: {"Ref": key} for key in filled.values}, **{key: {"Ref": name} for key, name in filled.pseudo.items()}}
    return {"DefinitionSubstitutions": given} if given else {}


def _pointed(statements: list[dict[str, Any]], filled: Substituted) -> list[dict[str, Any]]:
    """The statements with parameters where their resources are parameters, so that changing one changes both."""
    return [{**statement, "Resource": _resource(statement["Resource"], filled)} for statement in statements]


def _resource(resource: Json, filled: Substituted) -> Any:
    match resource:
        case list():
            return [_resource(one, filled) for one in resource]
        case str():
            named = {value: key for key, value in filled.values.items() if value and value.startswith("arn:")}
            for arn, key in named.items():
                if resource == arn or (resource.startswith(f"{arn}:") and resource.endswith("*")):
                    rest = resource.removeprefix(arn)
                    return {"Fn::Sub": f"${{{key}}}{rest}"} if rest else {"Ref": key}
            if (whole := PLACEHOLDER.fullmatch(resource)) and whole[1] in filled.values:
                return {"Ref": whole[1]}
            if PLACEHOLDER.search(resource):
                return {"Fn::Sub": PLACEHOLDER.sub(lambda m: f"${{{filled.pseudo.get(m[1], m[1])}}}", resource)}
            return resource
        case _:
            return resource
