r"""A call of intrinsic functions: read out of its text, looked at by the linter, compiled to a closure.

Theory of operation: `States.Format('Hello {}', $.name)` is parsed into a `Call` whose arguments are literals, paths or calls, and
compiled to a closure. A quoted string has the escapes `\'`, `\{`, `\}` and `\\`; in the template of `States.Format` an
escaped brace is not a placeholder. The number of arguments is checked when the call runs, as AWS does; `problems_of` tells the
linter beforehand. What the functions do is in `intrinsics`.

Errors: `SyntaxProblem` when the text is not a call of these functions; at run time always `States.Runtime`, in AWS's words:
`The function '<text>' had the following error: The JsonPath argument for the field '$.x' could not be found in the input '{}'` and
`There was an error while evaluating the intrinsic function: <text>. Invalid arguments in States.ArrayRange`.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from studio.asl.intrinsics import TABLE, Intrinsic, Refusal
from studio.asl.jsonpath import Evaluator, Path, PathMissing, compile_path
from studio.asl.tree import Json
from studio.asl.values import Ambient, Context, ExpressionError, SyntaxProblem, Variables, to_aws_text

MAX_NESTING = 10
"""Levels of calls within calls that AWS allows in one field."""


class Literal(NamedTuple):
    """A string, number, boolean or null; `raw` is a string with its escapes still in it."""

    value: Json
    raw: Json


class Call(NamedTuple):
    """A call; `offset` is where its name begins in the text."""

    name: str
    arguments: tuple[Node, ...]
    offset: int


Node: TypeAlias = "Literal | Path | Call"


def compile_call(text: str) -> Evaluator:
    """Compile an intrinsic call. Raises SyntaxProblem."""
    return _compile(parse_call(text), text)


def parse_call(text: str) -> Call:
    """The call a text is; numbers of arguments are not checked. Raises SyntaxProblem."""
    reader = _Reader(text)
    call = reader.call(1)
    reader.blanks()
    if reader.at < len(text):
        raise reader.problem("nothing may follow the closing parenthesis")
    return call


def problems_of(call: Call) -> list[SyntaxProblem]:
    """Calls with a wrong number of arguments, which AWS accepts in a definition and refuses when they run."""
    row = TABLE[call.name]
    found: list[SyntaxProblem] = []
    if len(call.arguments) < row.least or (row.most is not None and len(call.arguments) > row.most):
        found.append(SyntaxProblem(f"{row.signature} takes {_count(row)}, not {len(call.arguments)}", call.offset))
    for argument in call.arguments:
        if isinstance(argument, Call):
            found.extend(problems_of(argument))
    return found


def paths_of(node: Node) -> list[Path]:
    """Every path among the arguments of a call, at any depth."""
    match node:
        case Call():
            return [path for argument in node.arguments for path in paths_of(argument)]
        case Path():
            return [node]
        case Literal():
            return []


_NAME = re.compile(r"[A-Za-z_][\w.]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS = ((re.compile(r"true\b"), True), (re.compile(r"false\b"), False), (re.compile(r"null\b"), None))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def problem(self, what: str, at: int | None = None) -> SyntaxProblem:
        offset = self.at if at is None else at
        where = "at the end" if offset >= len(self.text) else f"at character {offset + 1}"
        return SyntaxProblem(f"{what[:1].upper()}{what[1:]} {where} of '{self.text}'", offset)

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def take(self, char: str) -> bool:
        self.blanks()
        if self.text.startswith(char, self.at):
            self.at += len(char)
            return True
        return False

    def call(self, depth: int) -> Call:
        self.blanks()
        start = self.at
        found = _NAME.match(self.text, start)
        if found is None:
            raise self.problem("expected the name of a function")
        name = found[0]
        if name not in TABLE:
            raise self.problem(f"'{name}' is not an intrinsic function", start)
        if depth > MAX_NESTING:
            raise self.problem(f"more than {MAX_NESTING} nested intrinsic functions", start)
        self.at = found.end()
        if not self.take("("):
            raise self.problem("expected '('")
        arguments: list[Node] = []
        if not self.take(")"):
            arguments.append(self.argument(depth))
            while not self.take(")"):
                if not self.take(","):
                    raise self.problem("expected ',' or ')'")
                arguments.append(self.argument(depth))
        return Call(name, tuple(arguments), start)

    def argument(self, depth: int) -> Node:
        self.blanks()
        if self.at >= len(self.text):
            raise self.problem("expected an argument")
        char = self.text[self.at]
        if char == "'":
            return self.string()
        if char == "$":
            return self.path()
        number = _NUMBER.match(self.text, self.at)
        if number is not None:
            self.at = number.end()
            value = int(number[0]) if number[0].lstrip("-").isdecimal() and len(number[0]) < 100 else float(number[0])
            return Literal(value, value)
        for pattern, constant in _WORDS:
            if found := pattern.match(self.text, self.at):
                self.at = found.end()
                return Literal(constant, constant)
        return self.call(depth + 1)

    def string(self) -> Literal:
        start = self.at + 1
        at = start
        while at < len(self.text) and self.text[at] != "'":
            at += 2 if self.text[at] == "\\" else 1
        if at >= len(self.text):
            raise self.problem("this quote is not closed", start - 1)
        self.at = at + 1
        raw = self.text[start:at]
        return Literal(re.sub(r"\\(['{}\\])", r"\1", raw), raw)

    def path(self) -> Path:
        """A path ends at the first ',' or ')' outside brackets, quotes and its own parentheses."""
        start = at = self.at
        depth = 0
        while at < len(self.text):
            char = self.text[at]
            if depth == 0 and char in ",)":
                break
            if char in "'\"" and depth:
                at = self.text.find(char, at + 1)
                if at < 0:
                    raise self.problem("this path is not closed", start)
            elif char in "[(":
                depth += 1
            elif char in "])":
                depth -= 1
            at += 1
        try:
            path = compile_path(self.text[start:at].rstrip())
        except SyntaxProblem as problem:
            raise SyntaxProblem(problem.message, start + problem.offset) from None
        self.at = at
        return path


def _count(row: Intrinsic) -> str:
    if row.most is None:
        return f"at least {row.least} argument{'' if row.least == 1 else 's'}"
    if row.least != row.most:
        return f"{row.least} or {row.most} arguments"
    return {0: "no arguments", 1: "one argument"}.get(row.least, f"{row.least} arguments")


def _compile(node: Node, whole: str) -> Evaluator:
    match node:
        case Literal(value):
            return lambda _d, _c, _v, _a: value
        case Path():
            return _argument(node, whole)
        case Call(name, arguments):
            parts = [_compile(each, whole) for each in arguments]
            if name == "States.Format" and arguments and isinstance(arguments[0], Literal):
                raw = arguments[0].raw  # the template keeps its escapes until it is filled
                parts[0] = lambda _d, _c, _v, _a: raw
            return _call(TABLE[name], parts, whole)


def _argument(path: Path, whole: str) -> Evaluator:
    read = path.read

    def argument(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        try:
            return read(data, context, variables, ambient)
        except PathMissing as missing:
            shown = path.text[1:] if path.root == "$$" else path.text
            reason = missing.reason
            if not missing.not_array:
                reason = f"The JsonPath argument for the field '{shown}' could not be found in the input '{to_aws_text(data)}'"
            raise ExpressionError("States.Runtime", f"The function '{whole}' had the following error: {reason}") from None

    return argument


_TYPES: dict[str, tuple[type, ...]] = {"number": (int, float), "string": (str,), "array": (list,), "object": (dict,), "boolean": (bool,)}


def _call(row: Intrinsic, parts: list[Evaluator], whole: str) -> Evaluator:
    run, name = row.run, row.name
    counted = row.least <= len(parts) and (row.most is None or len(parts) <= row.most)
    checks = [(index, _TYPES[argument.kind]) for index, argument in enumerate(row.arguments[: len(parts)]) if argument.kind != "any"]

    def call(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        values = [part(data, context, variables, ambient) for part in parts]
        try:
            if not counted:
                raise Refusal  # noqa: TRY301 - one sentence for all refusals
            for index, types in checks:
                if type(values[index]) not in types:
                    raise Refusal  # noqa: TRY301
            return run(values, ambient)
        except Refusal as refusal:
            what = str(refusal) or f"Invalid arguments in {name}"
            cause = f"There was an error while evaluating the intrinsic function: {whole}. {what}"
            raise ExpressionError("States.Runtime", cause) from None

    return call
