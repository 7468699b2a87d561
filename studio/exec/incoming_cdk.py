"""State machines in CDK stacks, in Python or TypeScript: each `StateMachine` whose definition is text.

    `DefinitionBody.from_string(…)`     a text, `json.dumps(…)`, or what is read of a file (`open(…).read()`, `readFileSync(…)`)
    `DefinitionBody.from_file(…)`       the file's text
    `definition_substitutions`          values of placeholders, where they are literals

Name, type, role by ARN, logging, tracing, key and tags become settings where the code says them outright; what it does not is told. What is built
of constructs (`sfn.Chain`) has no text: `cdk synth` writes it into a template, which is imported. Where a file has no such call, any text in it that
is a definition counts. Specs: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_stepfunctions.StateMachine.html,
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_stepfunctions.DefinitionBody.html
"""

from __future__ import annotations

import ast
import json
import posixpath
import re
from collections.abc import Iterator
from typing import Any, cast

from studio.asl import sidefile
from studio.asl.embedded_settings import log_group_of, of_described
from studio.asl.text import dump, format_of, parse
from studio.asl.tree import Json
from studio.errors import StudioError, TextError
from studio.exec import source_code
from studio.exec.incoming_code import Beside, Found, is_definition, members_of, read_json
from studio.exec.source_code import Call, Name, Source, Unread

MAX_TRIES = 20_000
"""Places of a source text at which an object of JSON is looked for."""
_MACHINES = ("StateMachine", "CfnStateMachine")
_PLACEHOLDER = re.compile(r"\$\{([^${}]+)\}")
_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_IGNORED = ("timeout", "comment", "queryLanguage")
"""What a StateMachine is given besides its definition, and CDK itself leaves out where the definition is text."""
_REST = "`cdk synth` has the rest"


class _UnknownError(Exception):
    """What is not said outright, in words."""


def machines(text: str, beside: Beside, *, python: bool) -> tuple[list[Found], list[str]]:
    """The state machines, and why others are not among them."""
    source = source_code.python(text) if python else source_code.script(text)
    found: list[Found] = []
    unread: list[str] = []
    for call in source.calls:
        if call.last in _MACHINES and call.named and not call.name.startswith("."):
            machine = _Machine(source, call, beside)
            try:
                found.append(machine.found())
            except _UnknownError as why:
                unread.append(f"the definition of {machine.name} is not read: {why}")
    return (found, unread) if found else (_texts(text, python=python), unread)


class _Machine:
    """One `StateMachine(…)`."""

    def __init__(self, source: Source, call: Call, beside: Beside) -> None:
        self.source, self.call, self.beside = source, call, beside
        self.given = {key: source.resolved(value) for key, value in call.named.items()}
        self.unread: list[str] = []
        named, identity = self.given.get("stateMachineName"), call.given("id", 1)
        self.name = named if isinstance(named, str) else identity if isinstance(identity, str) else "workflow"

    def found(self) -> Found:
        """What becomes of it. _UnknownError where its definition is not said outright."""
        text, wanting = self._definition()
        values = self._substitutions(wanting)
        config = self._settings()
        notes: list[str] = []
        if missing := [name for name in wanting if name not in values]:
            notes.append(f"placeholders to be given values: {', '.join(missing)}")
        if self.unread:
            notes.append(f"not read from the code: {', '.join(sorted(self.unread))}; {_REST}")
        if ignored := [name for name in _IGNORED if name in self.given]:
            notes.append(f"{', '.join(ignored)} left out, as CDK itself does for a definition that is text")
        side = {"placeholders": values, "config": config}
        return self.name, text, {key: value for key, value in side.items() if value}, notes

    # -- the definition ------------------------------------------------------------------------------------------------

    def _definition(self) -> tuple[str, list[str]]:
        """The text, and its placeholders."""
        body = self.given.get("definitionBody", self.given.get("definitionString", self.given.get("definition")))
        match body:
            case Call() if body.last in {"fromFile", "FileDefinitionBody"}:
                text = self._file(body.given("path", 0))
            case Call() if body.last in {"fromString", "StringDefinitionBody"}:
                text = self._text(body.given("definition", 0))
            case Call() | str() if "definitionString" in self.given:
                text = self._text(body)
            case None:
                raise _UnknownError("none is given outright")
            case _:
                raise _UnknownError("it is built of constructs; `cdk synth` writes it into a template, import that")
        try:
            parsed = parse(text, "json" if text.lstrip("\ufeff \t\r\n").startswith("{") else "yaml")
        except TextError as error:
            raise StudioError(f"The definition of {self.name} cannot be read: {error}") from error
        if not is_definition(parsed.root):
            raise _UnknownError("its text is no definition")
        text = text if parsed.format == "json" else dump(parsed.root, "json")
        return text if text.endswith("\n") else text + "\n", list(sidefile.placeholders(parsed.root))

    def _text(self, value: Any) -> str:
        value = self.source.resolved(value)
        match value:
            case str():
                return value
            case Call() if value.last in {"dumps", "stringify"}:
                return dump(cast("Json", self._data(value.given("obj", 0))), "json")
            case Call() if value.last in {"read", "readText", "readFileSync", "toString", "decode"}:
                return self._read(value)
            case _:
                raise _UnknownError("its text is put together by the code")

    def _read(self, value: Any) -> str:
        """The text that a file is read for: `open(path).read()`, `Path(path).read_text()`, `readFileSync(path, "utf8")`."""
        value = self.source.resolved(value)
        match value:
            case Call(name) if value.last in {"read", "readText", "toString", "decode"}:
                return self._read(value.args[0] if name.startswith(".") and value.args else Name(name.rpartition(".")[0]))
            case Call() if value.last in {"open", "readFileSync"} and value.args:
                return self._file(value.args[0])
            case Call() if value.last == "Path":
                return self._file(value)
            case _:
                raise _UnknownError("its text is put together by the code")

    def _data(self, value: Any) -> Any:
        """A value as JSON; what it refers to becomes a placeholder."""
        value = self.source.resolved(value)
        match value:
            case dict():
                return {key: self._data(held) for key, held in cast("dict[str, Any]", value).items()}
            case list():
                return [self._data(held) for held in cast("list[Any]", value)]
            case Name(text):
                return f"${{{text.removeprefix('this.').removeprefix('self.')}}}"
            case Call() if value.last in {"load", "loads", "parse", "safe_load", "safeLoad"} and value.args:
                text = self._read(value.args[0]) if not isinstance(self.source.resolved(value.args[0]), str) else self._text(value.args[0])
                try:
                    return parse(text, format_of("x.json" if text.lstrip().startswith("{") else "x.yaml")).root
                except TextError as error:
                    raise _UnknownError(str(error)) from error
            case Call() | Unread():
                raise _UnknownError("a part of it is worked out by the code")
            case _:
                return value

    def _file(self, path: Any) -> str:
        try:
            return self.beside(posixpath.normpath(self._path(path)))
        except StudioError as error:
            raise _UnknownError(str(error)) from error

    def _path(self, value: Any) -> str:
        """A path as code builds it, relative to the source file."""
        value = self.source.resolved(value)
        match value:
            case str():
                return re.sub(r"^\$\{__dirname\}/?", "./", value)
            case Name("__dirname"):
                return "."
            case Name("__file__"):
                return "./source"
            case Call() if value.last in {"join", "resolve"} and not value.name.startswith("."):
                return posixpath.join(*(self._path(part) for part in value.args)) if value.args else "."
            case Call() if value.last in {"dirname", "parent"} and value.args:
                inner = self._path(value.args[0])
                return posixpath.dirname(inner) if inner not in {"", "."} and not inner.endswith("..") else posixpath.join(inner, "..")
            case Call() if (
                value.last in {"Path", "str", "resolve", "absolute", "abspath", "realpath", "asPosix", "joinpath"} and value.args
            ):
                return posixpath.join(*(self._path(part) for part in value.args))
            case _:
                raise _UnknownError("the path of its file is worked out by the code")

    # -- what lies beside it -------------------------------------------------------------------------------------------

    def _substitutions(self, wanting: list[str]) -> dict[str, Json]:
        given = members_of(self.given.get("definitionSubstitutions"))
        known = {key: self.source.resolved(value) for key, value in given.items()}
        return {key: value for key, value in known.items() if key in wanting and isinstance(value, str | int | float | bool)}

    def _settings(self) -> dict[str, Json]:
        """What the code says, asked as DescribeStateMachine would tell it."""
        logs, key = self._logging(), self._encryption()
        told = {
            "name": self._literal("stateMachineName"),
            "type": self._type(),
            "roleArn": self._role(),
            "loggingConfiguration": logs,
            "tracingConfiguration": {"enabled": self._literal("tracingEnabled", bool)},
            "encryptionConfiguration": key,
        }
        known = {"stateMachineName", "stateMachineType", "role", "roleArn", "logs", "tracingEnabled", "encryptionConfiguration", *_IGNORED}
        known |= {"definitionBody", "definitionString", "definition", "definitionSubstitutions", "removalPolicy"}
        self.unread += [name for name in self.given if name not in known]
        return of_described(told, self._tags())

    def _literal(self, name: str, kind: type = str) -> Any:
        value = self.given.get(name)
        if value is not None and not isinstance(value, kind):
            self.unread.append(name)
            return None
        return value

    def _type(self) -> str | None:
        value = self.given.get("stateMachineType")
        if isinstance(value, Name) and value.last in {"EXPRESS", "STANDARD"}:
            return value.last
        return self._literal("stateMachineType")

    def _role(self) -> str | None:
        role = self.given.get("role")
        if isinstance(role, Call) and role.last == "fromRoleArn" and isinstance(arn := self.source.resolved(role.given("roleArn", 2)), str):
            return arn
        if role is not None:
            self.unread.append("role")
        return self._literal("roleArn")

    def _logging(self) -> dict[str, Any]:
        logs = self.given.get("logs")
        held = logs.named if isinstance(logs, Call) else members_of(logs)
        if not held:
            if logs is not None:
                self.unread.append("logs")
            return {}
        level = self.source.resolved(held.get("level"))
        group = self._group(self.source.resolved(held.get("destination")))
        return {
            "level": level.last if isinstance(level, Name) else "ERROR",
            "includeExecutionData": held.get("includeExecutionData"),
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": None if group == log_group_of(self.name) else group}}],
        }

    def _group(self, destination: Any) -> str | None:
        """The ARN of a log group that exists, or the name of one that is made; None where the code gives it none."""
        if isinstance(destination, Call):
            made = destination.last == "LogGroup"
            named = destination.named.get("logGroupName") if made else destination.args[2] if len(destination.args) > 2 else None
            if isinstance(named := self.source.resolved(named), str) or (made and named is None):
                return named
        self.unread.append("logs.destination")
        return None

    def _encryption(self) -> dict[str, Any]:
        held = self.given.get("encryptionConfiguration")
        if isinstance(held, Call) and held.last == "CustomerManagedEncryptionConfiguration":
            key = self.source.resolved(held.given("kmsKey", 0))
            lasting = self.source.resolved(held.given("kmsDataKeyReusePeriodSeconds", 1))
            seconds = (
                lasting.args[0] * _UNITS[lasting.last]
                if isinstance(lasting, Call) and lasting.last in _UNITS and lasting.args and isinstance(lasting.args[0], int)
                else None
            )
            if isinstance(key, Call) and key.last in {"fromKeyArn", "fromAliasName"} and len(key.args) > 2:
                named = self.source.resolved(key.args[2])
                if isinstance(named, str):
                    return {"kmsKeyId": named, "kmsDataKeyReusePeriodSeconds": seconds}
        if held is not None and not (isinstance(held, Call) and held.last == "AwsOwnedEncryptionConfiguration"):
            self.unread.append("encryptionConfiguration")
        return {}

    def _tags(self) -> dict[str, str]:
        """`Tags.of(machine).add("team", "shop")`, by the name that the machine has in the code."""
        names = {name for name, value in self.source.names.items() if value == self.call}
        found: dict[str, str] = {}
        for call in self.source.calls:
            match call:
                case Call(name=".add", args=[Call(args=[Name(machine)]) as of, str() as key, str() as value, *_]) if machine in names:
                    if of.name.endswith("Tags.of"):
                        found[key] = value
                case _:
                    pass
        return found


# -- any text that is a definition -------------------------------------------------------------------------------------


def _texts(text: str, *, python: bool) -> list[Found]:
    names = re.findall(r'(?:state_machine_name\s*=|stateMachineName\s*:)\s*["\']([\w-]+)["\']', text)
    express = bool(re.search(r"StateMachineType\.EXPRESS", text))
    note = f"only the definition, its name and its type are read from this code; {_REST}"
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
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "States" in node.value:
            held = read_json(node.value)
            if is_definition(held):
                yield held
        elif isinstance(node, ast.Dict):
            try:
                held = ast.literal_eval(node)
            except (ValueError, RecursionError):
                continue
            if is_definition(held):
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
        if is_definition(held):
            yield held
        at = end
