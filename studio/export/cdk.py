"""AWS CDK stacks of a workflow, in Python and TypeScript: one file, the definition inside it as it is.

Placeholders of the definition become `definitionSubstitutions` with a context value each (`cdk deploy -c Name=value`).

Spec: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_stepfunctions.StateMachine.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from studio.asl.text import dump
from studio.export.permissions import role_statements
from studio.export.workflow import Substituted, Workflow, substituted

_TRIPLE = "'''"


def cdk_python(workflow: Workflow) -> str:
    """A module with one stack class and an app."""
    name = workflow.identifier
    filled = substituted(workflow.root, extract=False)
    lines = [
        f'"""AWS CDK stack of the workflow {_plain(workflow.name)}. Deploy: cdk deploy --app "python {workflow.machine_name}_stack.py"."""',
        "",
        "import aws_cdk as cdk",
        "from aws_cdk import aws_iam as iam",
        *(["from aws_cdk import aws_kms as kms"] if workflow.kms_key else []),
        *(["from aws_cdk import aws_logs as logs"] if workflow.log_level != "OFF" else []),
        "from aws_cdk import aws_stepfunctions as sfn",
        "from constructs import Construct",
        "",
        f"DEFINITION = {_python_text(dump(filled.root, 'json'))}",
        "",
        "",
        f"class {name}Stack(cdk.Stack):",
        "    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:",
        "        super().__init__(scope, construct_id, **kwargs)",
        f'        role = iam.Role.from_role_arn(self, "Role", {_python(workflow.role)}, mutable=False)'
        if workflow.role
        else '        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))',
    ]
    for statement in () if workflow.role else role_statements(workflow, filled.root):
        actions, resources = _list(statement["Action"]), _list(statement["Resource"])
        lines += [
            "        role.add_to_policy(",
            "            iam.PolicyStatement(",
            *_python_list("actions", actions, 16),
            *_python_list("resources", resources, 16),
            "            )",
            "        )",
        ]
    if workflow.log_group_arn and workflow.log_level != "OFF":
        lines.append(f'        log_group = logs.LogGroup.from_log_group_arn(self, "Logs", {_python(workflow.log_group_arn)})')
    elif workflow.log_level != "OFF":
        lines += [
            "        log_group = logs.LogGroup(",
            "            self,",
            '            "Logs",',
            f"            log_group_name={_python(workflow.log_group_name)},",
            "            retention=logs.RetentionDays.TWO_WEEKS,",
            "        )",
        ]
    if workflow.kms_key:
        lines.append(f"        key = {_key(workflow.kms_key, 'self', ('from_key_arn', 'from_alias_name'), _PYTHON_ARN)}")
    lines += ["        machine = sfn.StateMachine(", "            self,", '            "StateMachine",']
    lines += [f"            {_snake(key)}={value}," for key, value in _properties(workflow, filled, _PYTHON)]
    lines.append("        )")
    lines += [f"        cdk.Tags.of(machine).add({_python(key)}, {_python(value)})" for key, value in workflow.tags.items()]
    lines += [
        '        cdk.CfnOutput(self, "StateMachineArn", value=machine.state_machine_arn)',
        "",
        "",
        'if __name__ == "__main__":',
        "    app = cdk.App()",
        f"    {name}Stack(app, {_python(f'{name}Stack')})",
        "    app.synth()",
    ]
    return "\n".join(lines) + "\n"


def cdk_typescript(workflow: Workflow) -> str:
    """A module with one stack class and an app."""
    name = workflow.identifier
    filled = substituted(workflow.root, extract=False)
    lines = [
        f"// AWS CDK stack of the workflow {_plain(workflow.name)}.",
        'import * as cdk from "aws-cdk-lib";',
        'import * as iam from "aws-cdk-lib/aws-iam";',
        *(['import * as kms from "aws-cdk-lib/aws-kms";'] if workflow.kms_key else []),
        *(['import * as logs from "aws-cdk-lib/aws-logs";'] if workflow.log_level != "OFF" else []),
        'import * as sfn from "aws-cdk-lib/aws-stepfunctions";',
        'import { Construct } from "constructs";',
        "",
        f"const definition = {_script(filled.root, indent=2)};",
        "",
        f"export class {name}Stack extends cdk.Stack {{",
        "  constructor(scope: Construct, id: string, props?: cdk.StackProps) {",
        "    super(scope, id, props);",
        f'    const role = iam.Role.fromRoleArn(this, "Role", {_script(workflow.role)}, {{ mutable: false }});'
        if workflow.role
        else '    const role = new iam.Role(this, "Role", { assumedBy: new iam.ServicePrincipal("states.amazonaws.com") });',
    ]
    for statement in () if workflow.role else role_statements(workflow, filled.root):
        actions, resources = _list(statement["Action"]), _list(statement["Resource"])
        lines += ["    role.addToPolicy(", "      new iam.PolicyStatement({"]
        lines += [f"        {line}" for line in f"actions: {_script(actions, 2)},\nresources: {_script(resources, 2)},".splitlines()]
        lines += ["      }),", "    );"]
    if workflow.log_group_arn and workflow.log_level != "OFF":
        lines.append(f'    const logGroup = logs.LogGroup.fromLogGroupArn(this, "Logs", {_script(workflow.log_group_arn)});')
    elif workflow.log_level != "OFF":
        lines.append('    const logGroup = new logs.LogGroup(this, "Logs", {')
        lines.append(f"      logGroupName: {_script(workflow.log_group_name)},")
        lines.append("      retention: logs.RetentionDays.TWO_WEEKS,")
        lines.append("    });")
    if workflow.kms_key:
        lines.append(f"    const key = {_key(workflow.kms_key, 'this', ('fromKeyArn', 'fromAliasName'), _SCRIPT_ARN)};")
    lines.append('    const machine = new sfn.StateMachine(this, "StateMachine", {')
    lines += [f"      {key}: {value}," for key, value in _properties(workflow, filled, _TYPESCRIPT)]
    lines.append("    });")
    lines += [f"    cdk.Tags.of(machine).add({_script(key)}, {_script(value)});" for key, value in workflow.tags.items()]
    lines += [
        '    new cdk.CfnOutput(this, "StateMachineArn", { value: machine.stateMachineArn });',
        "  }",
        "}",
        "",
        "const app = new cdk.App();",
        f"new {name}Stack(app, {_script(f'{name}Stack')});",
    ]
    return "\n".join(lines) + "\n"


class _Language(NamedTuple):
    """How a language writes the properties of a state machine; `{}` is what differs from workflow to workflow."""

    definition: str
    context: str
    substitutions: str
    logs: str
    booleans: tuple[str, str]
    encryption: str


_PYTHON = _Language(
    "sfn.DefinitionBody.from_string(DEFINITION)",
    "self.node.get_context({})",
    "{{{}}}",
    "sfn.LogOptions(destination=log_group, level=sfn.LogLevel.{}, include_execution_data={})",
    ("False", "True"),
    "sfn.CustomerManagedEncryptionConfiguration(key, cdk.Duration.seconds({}))",
)
_TYPESCRIPT = _Language(
    "sfn.DefinitionBody.fromString(JSON.stringify(definition))",
    "this.node.getContext({})",
    "{{ {} }}",
    "{{ destination: logGroup, level: sfn.LogLevel.{}, includeExecutionData: {} }}",
    ("false", "true"),
    "new sfn.CustomerManagedEncryptionConfiguration(key, cdk.Duration.seconds({}))",
)


def _properties(workflow: Workflow, filled: Substituted, language: _Language) -> Iterator[tuple[str, str]]:
    """The properties of the construct `StateMachine`: name, and value as the language writes it. A text reads the same in both, as JSON does."""
    yield "stateMachineName", _script(workflow.machine_name)
    yield "stateMachineType", f"sfn.StateMachineType.{workflow.type}"
    yield "definitionBody", language.definition
    if filled.values or filled.pseudo:
        given = {name: language.context.format(_script(name)) for name in filled.values}
        given |= {name: f"cdk.Aws.{_constant(pseudo)}" for name, pseudo in filled.pseudo.items()}
        yield "definitionSubstitutions", language.substitutions.format(", ".join(f"{_script(n)}: {value}" for n, value in given.items()))
    yield "role", "role"
    if workflow.log_level != "OFF":
        yield "logs", language.logs.format(workflow.log_level, language.booleans[workflow.log_data])
    if workflow.tracing:
        yield "tracingEnabled", language.booleans[True]
    if workflow.kms_key:
        yield "encryptionConfiguration", language.encryption.format(workflow.kms_reuse)


def _snake(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower()


_PYTHON_ARN = 'self.format_arn(service="kms", resource="key", resource_name={})'
_SCRIPT_ARN = 'this.formatArn({{ service: "kms", resource: "key", resourceName: {} }})'


def _key(key: str, scope: str, names: tuple[str, str], arn: str) -> str:
    """The expression that finds a KMS key by ARN, id or alias."""
    by_arn, by_alias = names
    if "alias/" in key:
        return f'kms.Alias.{by_alias}({scope}, "Key", {_script(key[key.index("alias/") :])})'
    whole = _script(key) if key.startswith("arn:") else arn.format(_script(key))
    return f'kms.Key.{by_arn}({scope}, "Key", {whole})'


def _constant(pseudo: str) -> str:
    """`AWS::AccountId` is `Aws.ACCOUNT_ID`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", pseudo.removeprefix("AWS::")).upper()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _plain(text: str) -> str:
    """Text that is safe inside a comment or a docstring of one line."""
    return "".join(c for c in text if c.isprintable() and c not in "\\\"'").strip()


def _python(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _python_list(name: str, values: list[str], indent: int) -> list[str]:
    pad = " " * indent
    if len(values) == 1:
        return [f"{pad}{name}=[{_python(values[0])}],"]
    return [f"{pad}{name}=[", *(f"{pad}    {_python(value)}," for value in values), f"{pad}],"]


def _python_text(text: str) -> str:
    """A literal that reads as the definition: raw where it can be, else escaped."""
    if _TRIPLE not in text and not text.rstrip("\n").endswith(("'", "\\")):
        return f"r{_TRIPLE}{text}{_TRIPLE}"
    return repr(text)


def _script(value: Any, indent: int | None = None) -> str:
    """A JSON value as TypeScript: JSON is a part of it since ES2019."""
    return json.dumps(value, ensure_ascii=False, indent=indent)
