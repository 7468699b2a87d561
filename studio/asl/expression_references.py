"""What the expressions of a state read: input, context and variables, with the functions they call. For lint, completion and lineage.

Best effort and total: broken expressions give what could be understood.
"""

from __future__ import annotations

from dataclasses import dataclass

from studio.asl.intrinsic_calls import Call, Node, parse_call
from studio.asl.jsonata_analysis import references
from studio.asl.jsonpath import Path, compile_path
from studio.asl.templates import expression_of
from studio.asl.tree import Json
from studio.asl.values import SyntaxProblem


@dataclass(frozen=True, slots=True)
class Reads:
    """`input`, `result`, `error`, `context`: the member paths read below each (`()` is all of it). `variables`: names without `$`.
    `functions`: `States.Format` or, for JSONata, names without `$`.
    """

    input: frozenset[tuple[str | int, ...]] = frozenset()
    result: frozenset[tuple[str | int, ...]] = frozenset()
    error: frozenset[tuple[str | int, ...]] = frozenset()
    context: frozenset[tuple[str | int, ...]] = frozenset()
    variables: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()

    def __or__(self, other: Reads) -> Reads:
        return Reads(
            self.input | other.input,
            self.result | other.result,
            self.error | other.error,
            self.context | other.context,
            self.variables | other.variables,
            self.functions | other.functions,
        )


NOTHING = Reads()


def reads_of(text: str, language: str = "JSONPath") -> Reads:
    """What one expression reads: a path or intrinsic call (JSONPath), or the inside of `{% … %}` (JSONata)."""
    if language == "JSONata":
        return _jsonata(text)
    try:
        return _node(compile_path(text) if text.startswith("$") else parse_call(text))
    except SyntaxProblem:
        return NOTHING


def template_reads(value: Json, language: str = "JSONPath") -> Reads:
    """What a template reads: `.$` members (JSONPath) or `{% … %}` strings (JSONata) anywhere in it."""
    found = NOTHING
    stack: list[tuple[str, Json]] = [("", value)]
    while stack:
        key, item = stack.pop()
        if isinstance(item, dict):
            stack.extend(item.items())
        elif isinstance(item, list):
            stack.extend(("", each) for each in item)
        elif isinstance(item, str):
            expression = expression_of(item) if language == "JSONata" else item if key.endswith(".$") else None
            if expression is not None:
                found |= reads_of(expression, language)
    return found


def free_variables(value: Json, language: str = "JSONPath") -> frozenset[str]:
    """The workflow variables a template reads, without `$`."""
    return template_reads(value, language).variables


def _node(node: Node) -> Reads:
    match node:
        case Call(name, arguments):
            found = Reads(functions=frozenset({name}))
            for argument in arguments:
                found |= _node(argument)
            return found
        case Path():
            return _path(node)
        case _:
            return NOTHING


def _path(path: Path) -> Reads:
    where = frozenset({path.steps})
    match path.root:
        case "$":
            return Reads(input=where)
        case "$$":
            return Reads(context=where)
        case variable:
            return Reads(variables=frozenset({variable[1:]}))


def _jsonata(expression: str) -> Reads:
    found = references(expression)
    members = {"input": "input", "result": "result", "errorOutput": "error", "context": "context"}
    paths: dict[str, set[tuple[str | int, ...]]] = {name: set() for name in members.values()}
    for head, *rest in () if found.states is None else found.states:
        if head in members:
            paths[members[head]].add(tuple(rest))
    if found.states is None:
        for read in paths.values():
            read.add(())
    called = found.functions
    return Reads(
        **{name: frozenset(read) for name, read in paths.items()},
        variables=frozenset(found.variables - called),
        functions=called,
    )
