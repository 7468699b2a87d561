"""State machines in infrastructure code: Terraform configurations, and CDK stacks that carry their definition as text.

    Terraform     `aws_sfn_state_machine` with a definition as a heredoc, a string or `jsonencode(…)`; what it refers to (`var.table`,
                  `aws_lambda_function.pay.arn`) becomes a placeholder, a variable's default its value; name, type, role, logging, tracing,
                  encryption and tags become settings
    CDK           any text in the Python or TypeScript source that is a definition, with the machine's name and type; what is built of
                  constructs (`sfn.Chain`) has no text: `cdk synth` writes it into a template, which is imported

Nothing is executed: the files are read as text. Errors: StudioError for files without a definition that can be read.
Spec: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sfn_state_machine
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any, TypeAlias, cast

from studio.asl.embedded_settings import log_group_of, of_described
from studio.asl.text import dump
from studio.asl.tree import Json
from studio.errors import StudioError

Found: TypeAlias = tuple[str, str, dict[str, Any], list[str]]
"""Name, the definition's text, what lies beside it (`placeholders`, `config`), notes."""
ENDINGS = (".tf", ".py", ".ts", ".js")
MAX_CHARACTERS = 2_000_000
"""Of one source file; a definition may have a million."""
MAX_TRIES = 20_000
"""Places of a source text at which an object of JSON is looked for."""


def machines(name: str, text: str) -> list[Found]:
    """The state machines in a source file of that name."""
    if len(text) > MAX_CHARACTERS:
        raise StudioError(f"{name} is longer than {MAX_CHARACTERS:,} characters.", "Import the template that it makes.")
    ending = name.lower().rpartition(".")[2]
    found = _terraform(text) if ending == "tf" else _cdk(text, python=ending == "py")
    if not found:
        hint = (
            "It needs a resource aws_sfn_state_machine with its definition in it."
            if ending == "tf"
            else "What is built of constructs is written into a template by: cdk synth. Import that."
        )
        raise StudioError(f"{name} holds no definition as text.", hint)
    return found


# -- CDK ---------------------------------------------------------------------------------------------------------------


def _cdk(text: str, *, python: bool) -> list[Found]:
    names = re.findall(r'(?:state_machine_name\s*=|stateMachineName\s*:)\s*["\']([\w-]+)["\']', text)
    express = bool(re.search(r"StateMachineType\.EXPRESS", text))
    note = "from code only the definition, its name and its type are read; `cdk synth` has the rest"
    definitions = list(_in_python(text) if python else _in_script(text))
    return [
        (
            names[i] if i < len(names) else "workflow" if len(definitions) == 1 else f"workflow-{i + 1}",
            dump(cast("Json", held), "json"),
            {"config": {"type": "EXPRESS"}} if express else {},
            [note],
        )
        for i, held in enumerate(definitions)
    ]


def _in_python(text: str) -> Iterator[dict[str, Any]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise StudioError(f"This is not Python: {error}.") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "States" in node.value:
            held = _read(node.value)
            if _is_definition(held):
                yield held
        elif isinstance(node, ast.Dict):
            try:
                held = ast.literal_eval(node)
            except (ValueError, RecursionError):
                continue
            if _is_definition(held):
                yield held


def _in_script(text: str) -> Iterator[dict[str, Any]]:
    decoder, at = json.JSONDecoder(), 0
    for _ in range(MAX_TRIES):
        at = text.find("{", at)
        if at < 0:
            return
        try:
            held, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        if _is_definition(held):
            yield held
        at = end


def _is_definition(held: Any) -> bool:
    members = _object(held)
    return isinstance(members.get("States"), dict) and "StartAt" in members


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


# -- Terraform ---------------------------------------------------------------------------------------------------------


class _Reference(str):
    """What stands for a value that Terraform works out: `var.table`."""

    __slots__ = ()


_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|//[^\n]*|/\*.*?\*/              # nothing
      |(?P<heredoc><<-?(?P<tag>\w+)\n(?P<body>.*?)\n?^[ \t]*(?P=tag)[ \t]*$)
      |(?P<string>"(?:\\.|\$\$?\{[^}]*\}|[^"\\])*+")
      |(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      |(?P<name>[A-Za-z_][\w-]*(?:\.[\w*-]+|\[(?:"[^"]*"|\d+|\*)\])*)
      |(?P<mark>[{}\[\]()=:,])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


class _Reader:
    """HCL as far as a state machine needs it: blocks, attributes, literals, `jsonencode`. `Unreadable` for the rest."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                self.tokens.append(("other", text[at]))
                at += 1
                continue
            at = match.end()
            kind = next((k for k in ("heredoc", "string", "number", "name", "mark") if match[k] is not None), "")
            if kind == "heredoc":
                self.tokens.append((kind, _dedented(match["body"]) if match["heredoc"].startswith("<<-") else match["body"]))
            elif kind:
                self.tokens.append((kind, match[kind]))
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, wanted: str = "") -> tuple[str, str]:
        token = self.peek()
        if wanted and token[1] != wanted:
            raise _UnreadableError(token[1])
        self.at += 1
        return token

    def blocks(self) -> Iterator[tuple[list[str], dict[str, Any]]]:
        """The blocks at the top: their labels (`resource`, `aws_sfn_state_machine`, `orders`) and bodies."""
        while self.peek()[0] != "end":
            labels: list[str] = []
            while self.peek()[0] in {"name", "string"}:
                kind, text = self.take()
                labels.append(text if kind == "name" else text[1:-1])
            if labels and self.peek()[1] == "{":
                yield labels, self.body()
            else:
                self.take()

    def body(self) -> dict[str, Any]:
        """Attributes and blocks between braces; what cannot be read is left out."""
        self.take("{")
        held: dict[str, Any] = {}
        while self.peek()[1] != "}":
            kind, name = self.take()
            if kind == "end":
                raise _UnreadableError("the end")
            if self.peek()[1] == "=":
                self.take()
                begun = self.at
                try:
                    held[name] = self.value()
                except _UnreadableError:
                    self.at = begun
                    self.skip()
            elif self.peek()[1] == "{":
                held[name] = self.body()
        self.take("}")
        return held

    def skip(self) -> None:
        """Over an expression that cannot be read: up to what looks like the next attribute, block or end."""
        depth = 0
        while self.peek()[0] != "end":
            following = self.tokens[self.at + 1][1] if self.at + 1 < len(self.tokens) else ""
            if depth == 0 and (self.peek()[1] == "}" or (self.peek()[0] == "name" and following in {"=", "{"})):
                return
            text = self.take()[1]
            depth += (text in {"{", "[", "("}) - (text in {"}", "]", ")"})

    def value(self) -> Any:
        kind, text = self.take()
        match kind, text:
            case "heredoc", _:
                return _unescaped(text)
            case "string", _:
                return _unescaped(_quoted(text))
            case "number", _:
                return json.loads(text)
            case "name", ("true" | "false" | "null"):
                return json.loads(text)
            case "name", _ if self.peek()[1] == "(":
                return self.call(text)
            case "name", _:
                return _Reference(text)
            case "mark", "[":
                return self.items()
            case "mark", "{":
                return self.members()
            case _:
                raise _UnreadableError(text)

    def call(self, function: str) -> Any:
        """`jsonencode` gives its text; other functions are not known."""
        if function != "jsonencode":
            raise _UnreadableError(function)
        self.take("(")
        held = self.value()
        self.take(")")
        return json.dumps(_placed(held))

    def items(self) -> list[Any]:
        held: list[Any] = []
        while self.peek()[1] != "]":
            held.append(self.value())
            if self.peek()[1] == ",":
                self.take()
        self.take("]")
        return held

    def members(self) -> dict[str, Any]:
        held: dict[str, Any] = {}
        while self.peek()[1] != "}":
            kind, key = self.take()
            if kind not in {"name", "string"} or self.peek()[1] not in {"=", ":"}:
                raise _UnreadableError(key)
            self.take()
            held[key if kind == "name" else _quoted(key)] = self.value()
            if self.peek()[1] == ",":
                self.take()
        self.take("}")
        return held


class _UnreadableError(Exception):
    """An expression beyond what is read here."""


def _terraform(text: str) -> list[Found]:
    blocks: list[tuple[list[str], dict[str, Any]]] = []
    try:
        blocks += _Reader(text).blocks()
    except _UnreadableError as error:
        raise StudioError(f"The configuration cannot be read at {error}.") from error
    defaults = {labels[1]: body["default"] for labels, body in blocks if labels[0] == "variable" and len(labels) > 1 and "default" in body}
    groups = {
        f"{'.'.join(labels[1:])}": body.get("name") for labels, body in blocks if labels[:2] == ["resource", "aws_cloudwatch_log_group"]
    }
    found: list[Found] = []
    for labels, body in blocks:
        if labels[:2] != ["resource", "aws_sfn_state_machine"] or not isinstance(body.get("definition"), str):
            continue
        name = body["name"] if _literal(body.get("name")) else labels[-1]
        raw = body["definition"]
        if isinstance(raw, _Reference):
            continue
        root = _read(raw)
        if not _is_definition(root):
            raise StudioError(
                f"The definition of {name} is not JSON.", "Parts of it may be worked out by Terraform: `terraform show` has it whole."
            )
        definition = _renamed(dump(root, "json"))
        named = set(re.findall(r"\$\{([^${}]+)\}", definition))
        values = {key: defaults[key] for key in defaults if key in named and isinstance(defaults[key], str | int | float | bool)}
        side = {"placeholders": values, "config": _settings(name, body, groups)}
        wanting = sorted(named - set(values))
        notes = [f"placeholders to be given values: {', '.join(wanting)}"] if wanting else []
        found.append((name, definition, {key: value for key, value in side.items() if value}, notes))
    return found


def _settings(name: str, body: dict[str, Any], groups: dict[str, Any]) -> dict[str, Json]:
    """The settings in the block, asked as DescribeStateMachine would tell them."""
    logging, key = _object(body.get("logging_configuration")), _object(body.get("encryption_configuration"))
    tracing = _object(body.get("tracing_configuration"))
    group = logging.get("log_destination", "")
    if made := re.match(r"\$\{(aws_cloudwatch_log_group\.[\w-]+)\.arn\}", group):
        group = groups.get(made[1])
        group = "" if group == log_group_of(name) else group
    told = {
        "name": name,
        "type": body.get("type"),
        "roleArn": body["role_arn"] if _literal(body.get("role_arn")) else None,
        "loggingConfiguration": {
            "level": logging.get("level"),
            "includeExecutionData": logging.get("include_execution_data"),
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group if _literal(group) else None}}],
        },
        "tracingConfiguration": {"enabled": tracing.get("enabled")},
        "encryptionConfiguration": {
            "kmsKeyId": key["kms_key_id"] if _literal(key.get("kms_key_id")) else None,
            "kmsDataKeyReusePeriodSeconds": key.get("kms_data_key_reuse_period_seconds"),
        },
    }
    return of_described(told, {key: value for key, value in _object(body.get("tags")).items() if _literal(value)})


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _literal(value: Any) -> bool:
    """Whether a value is a text that nothing has to be worked out in."""
    return isinstance(value, str) and not isinstance(value, _Reference) and bool(value) and "${" not in value


def _placed(value: Any) -> Any:
    """References as placeholders: `${var.table}`."""
    match value:
        case _Reference():
            return f"${{{value}}}"
        case dict():
            return {key: _placed(held) for key, held in _object(value).items()}
        case list():
            return [_placed(held) for held in cast("list[Any]", value)]
        case _:
            return value


def _renamed(definition: str) -> str:
    """`${var.table}` is `${table}`."""
    return re.sub(r"\$\{var\.([\w-]+)\}", r"${\1}", definition)


def _quoted(text: str) -> str:
    """The text between quotes, its escapes resolved."""
    escapes = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
    plain = re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", lambda m: chr(int(m[1], 16)) if m[1] else escapes.get(m[2], m[2]), text[1:-1])
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(text: str) -> str:
    return text.replace("$${", "${").replace("%%{", "%{")


def _dedented(text: str) -> str:
    depths = [len(line) - len(line.lstrip()) for line in text.splitlines() if line.strip()]
    return "\n".join(line[min(depths, default=0) :] for line in text.splitlines())
