"""State machines in a Terraform configuration: `aws_sfn_state_machine` with its definition and settings.

    a heredoc, a string, `jsonencode(…)`    what it refers to (`var.table`, `aws_lambda_function.pay.arn`) becomes a placeholder
    `file(…)`, `jsonencode(yamldecode(file(…)))`    the file's text as it is
    `templatefile(…, {…})`                  the file's text; its variables are placeholders, with the values that are given here

A variable's default and a local are values; `path.module` is the configuration's folder. Name, type, role, logging, tracing, encryption and
tags become settings. Spec: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sfn_state_machine,
https://developer.hashicorp.com/terraform/language/functions/templatefile
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from typing import Any, cast

from studio.asl import sidefile
from studio.asl.embedded_settings import log_group_of, of_described
from studio.asl.text import dump, parse
from studio.asl.tree import Json, get
from studio.errors import StudioError, TextError
from studio.exec.hcl import Reader, Reference, Unread, UnreadableError
from studio.exec.incoming_code import Beside, Found, is_definition, members_of, read_json

_PLACE = re.compile(r"\$\{path\.(?:module|root|cwd)\}/?")
_KNOWN = re.compile(r"\$\{((?:var|local)\.[\w-]+)\}")
_EXPRESSION = re.compile(r"(?<!\$)\$\{~?\s*([^{}]*?)\s*~?\}")
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_ENCODED = re.compile(r"jsonencode\(\s*([A-Za-z_][\w-]*)\s*\)")
_DEPTH = 20
"""Locals that refer to each other."""


def machines(text: str, beside: Beside) -> tuple[list[Found], list[str]]:
    """The state machines, and why others are not among them."""
    whole = _Configuration(text, beside)
    found: list[Found] = []
    unread: list[str] = []
    for labels, body in whole.blocks:
        if labels[:2] != ["resource", "aws_sfn_state_machine"]:
            continue
        named = whole.told(body.get("name"))
        name = named if _literal(named) else labels[-1]
        raw = whole.resolved(body.get("definition"))
        match raw:
            case Reference():
                unread.append(f"the definition of {name} is {raw}, which Terraform works out; `terraform show` has it whole")
            case None:
                unread.append(f"{name} has no definition")
            case Unread(why):
                unread.append(f"the definition of {name} is not read: {why}")
            case str():
                definition, values, wanting = _definition(name, raw, whole)
                side = {"placeholders": values, "config": _settings(name, body, whole)}
                notes = [f"placeholders to be given values: {', '.join(wanting)}"] if wanting else []
                found.append((name, definition, {key: value for key, value in side.items() if value}, notes))
            case _:
                unread.append(f"the definition of {name} is no text")
    return found, unread


class _Configuration:
    """A configuration as read: its blocks, and the values that are known."""

    def __init__(self, text: str, beside: Beside) -> None:
        self.beside = beside
        self.values: dict[str, Any] = {}
        self.blocks = list(self._read(text, _uncalled))  # once for the values, which the paths of files may need
        self.values = {
            f"var.{labels[1]}": body["default"] for labels, body in self.blocks if labels[:1] == ["variable"] and "default" in body
        }
        self.values |= {f"local.{key}": value for labels, body in self.blocks if labels == ["locals"] for key, value in body.items()}
        self.blocks = list(self._read(text, self._called))
        self.values |= {f"local.{key}": value for labels, body in self.blocks if labels == ["locals"] for key, value in body.items()}
        self.groups = {
            ".".join(labels[1:]): body.get("name") for labels, body in self.blocks if labels[:2] == ["resource", "aws_cloudwatch_log_group"]
        }

    def _read(self, text: str, functions: Any) -> Iterator[tuple[list[str], dict[str, Any]]]:
        try:
            yield from Reader(text, functions).blocks()
        except UnreadableError as error:
            raise StudioError(f"The configuration cannot be read at {error}.") from error

    def resolved(self, value: Any) -> Any:
        """What a reference to a variable or local stands for, where that is known; any other value as it is."""
        for _ in range(_DEPTH):
            if not isinstance(value, Reference) or str(value) not in self.values:
                break
            value = self.values[str(value)]
        return value

    def told(self, value: Any) -> Any:
        """A value with the variables and locals in it; what has to be worked out stays a Reference."""
        value = self.resolved(value)
        if not isinstance(value, str) or isinstance(value, Reference):
            return value
        known = {name: self.resolved(Reference(name)) for name in _KNOWN.findall(value)}
        text = _KNOWN.sub(lambda m: _words(known[m[1]]) if _plain(known[m[1]]) else m[0], value)
        return Reference(text) if "${" in text else text

    def _called(self, name: str, given: list[Any]) -> Any:
        """What a function of Terraform answers."""
        match name, given:
            case "jsonencode", [held]:
                return json.dumps(_placed(held))
            case (("jsondecode" | "yamldecode"), [str(text)]) if not isinstance(text, Reference):
                try:
                    return parse(text, "json" if name == "jsondecode" else "yaml").root
                except TextError as error:
                    raise UnreadableError(f"{name}: {error}") from error
            case "file", [path]:
                return _File(self._file(path))
            case "templatefile", [path, dict()]:
                return _template(self._file(path), members_of(given[1]))
            case _:
                raise UnreadableError(f"{name}(…) is worked out by Terraform; `terraform show` has it whole")

    def _file(self, path: Any) -> str:
        where = self.told(_PLACE.sub("./", path) if isinstance(path, str) and not isinstance(path, Reference) else path)
        if not isinstance(where, str) or isinstance(where, Reference):
            raise UnreadableError(f"the path of its file, {where}, is worked out by Terraform")
        try:
            return self.beside(posixpath.normpath(_PLACE.sub("./", where)))
        except StudioError as error:
            raise UnreadableError(str(error)) from error


def _uncalled(name: str, _given: list[Any]) -> Any:
    raise UnreadableError(name)


class _File(str):
    """The text of a file, as it is."""

    __slots__ = ()


class _Template(_File):
    """The text of a template, and what its variables are given."""

    __slots__ = ("given",)
    given: dict[str, Any]


def _template(text: str, given: dict[str, Any]) -> _Template:
    """A template with its interpolations as placeholders. UnreadableError where it holds more than names of variables."""
    if directive := re.search(r"(?<!%)%\{[^}]*\}", text):
        raise UnreadableError(f"its template holds {directive[0]}, which only Terraform works out; `terraform show` has it whole")

    def placed(match: re.Match[str]) -> str:
        if _NAME.fullmatch(match[1]):
            return f"${{{match[1]}}}"
        if (encoded := _ENCODED.fullmatch(match[1])) and encoded[1] in given:
            return json.dumps(_placed(given[encoded[1]]))
        raise UnreadableError(f"its template holds {match[0]}, which only Terraform works out; `terraform show` has it whole")

    made = _Template(_EXPRESSION.sub(placed, text).replace("$${", "${").replace("%%{", "%{"))
    made.given = given
    return made


def _definition(name: str, raw: str, whole: _Configuration) -> tuple[str, dict[str, Json], list[str]]:
    """The definition's text, the values of its placeholders, and those that have none. Errors: StudioError where it is no definition."""
    if not isinstance(raw, _File):
        root = read_json(raw)
        if not is_definition(root):
            raise StudioError(
                f"The definition of {name} is not JSON.", "Parts of it may be worked out by Terraform: `terraform show` has it whole."
            )
        definition = _renamed(dump(root, "json"))
        named = set(re.findall(r"\$\{([^${}]+)\}", definition))
        known = {key: whole.resolved(Reference(f"var.{key}")) for key in sorted(named)}
        values = {key: value for key, value in known.items() if _plain(value)}
        return definition, values, sorted(named - set(values))
    try:
        parsed = parse(raw, "json")
    except TextError as error:
        raise StudioError(f"The definition of {name}, a file of its own, cannot be read: {error}") from error
    if not is_definition(parsed.root):
        raise StudioError(f"The file with the definition of {name} holds no definition.")
    if not isinstance(raw, _Template):
        return str(raw), {}, []
    bare = {str(get(parsed.root, pointer))[2:-1] for pointer, _ in parsed.placeholders}
    values: dict[str, Json] = {}
    wanting: list[str] = []
    for key in sidefile.placeholders(parsed.root):
        value = whole.told(raw.given.get(key))
        if _plain(value):
            values[key] = _bare(value) if key in bare else _words(value)
        else:
            wanting.append(f"{key} ({value})" if isinstance(value, Reference) else key)
    return str(raw), values, wanting


def _plain(value: Any) -> bool:
    """Whether a value is a text, a number or a truth value that is known."""
    return isinstance(value, str | int | float | bool) and not isinstance(value, Reference) and "${" not in str(value)


def _words(value: Any) -> str:
    """A value within a text."""
    return value if isinstance(value, str) else json.dumps(value)


def _bare(value: Any) -> Json:
    """A value that stands in the template as it is: a text there is JSON."""
    held = read_json(value) if isinstance(value, str) else value
    return cast("Json", value if held is None else held)


def _settings(name: str, body: dict[str, Any], whole: _Configuration) -> dict[str, Json]:
    """The settings in the block, asked as DescribeStateMachine would tell them."""

    def known(block: Any) -> dict[str, Any]:
        held = {key: whole.told(value) for key, value in members_of(block).items()}
        return {key: value for key, value in held.items() if not isinstance(value, Reference | Unread)}

    logging, key, tracing = (known(body.get(f"{block}_configuration")) for block in ("logging", "encryption", "tracing"))
    group = str(members_of(body.get("logging_configuration")).get("log_destination", ""))
    if made := re.match(r"\$\{(aws_cloudwatch_log_group\.[\w-]+)\.arn\}", group):
        group = whole.told(whole.groups.get(made[1]))
        group = "" if group == log_group_of(name) else group
    role = whole.told(body.get("role_arn"))
    told = {
        "name": name,
        "type": whole.told(body.get("type")),
        "roleArn": role if _literal(role) else None,
        "loggingConfiguration": {
            "level": logging.get("level"),
            "includeExecutionData": logging.get("include_execution_data"),
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group if _literal(group) else None}}],
        },
        "tracingConfiguration": {"enabled": tracing.get("enabled")},
        "encryptionConfiguration": {
            "kmsKeyId": key.get("kms_key_id"),
            "kmsDataKeyReusePeriodSeconds": key.get("kms_data_key_reuse_period_seconds"),
        },
    }
    return of_described(told, {key: value for key, value in known(body.get("tags")).items() if isinstance(value, str)})


def _literal(value: Any) -> bool:
    """Whether a value is a text that nothing has to be worked out in."""
    return isinstance(value, str) and not isinstance(value, Reference) and bool(value) and "${" not in value


def _placed(value: Any) -> Any:
    """References as placeholders: `${var.table}`."""
    match value:
        case Reference():
            return f"${{{value}}}"
        case dict():
            return {key: _placed(held) for key, held in members_of(value).items()}
        case list():
            return [_placed(held) for held in cast("list[Any]", value)]
        case _:
            return value


def _renamed(definition: str) -> str:
    """`${var.table}` is `${table}`."""
    return re.sub(r"\$\{var\.([\w-]+)\}", r"${\1}", definition)
