"""What a JSONata expression refers to: members of `$states`, variables, functions. A tokenizer, not a parser: it errs towards more.

Used to bind only what an expression can reach, by the linter (undefined variables, unknown functions) and by completion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Called:
    """A call `$name(…)`: its name without `$`, how many arguments it has, where it begins."""

    name: str
    arguments: int
    start: int


@dataclass(frozen=True, slots=True)
class References:
    """What an expression reads; names are without `$`.

    `states`: the member paths below `$states` (`("input", "order")`), longest sure prefix each; None when the whole of `$states`
    is read. `variables`: names read or called that the expression does not define itself. `calls`: the calls of those.
    `defined`: names it defines (`$x := …`, parameters, `@$x`, `#$x`). `context`: whether it reads `$` or `$$` or starts a path from
    neither `$states` nor a variable is not told apart here.
    """

    states: tuple[tuple[str, ...], ...] | None
    variables: frozenset[str]
    calls: tuple[Called, ...]
    defined: frozenset[str]

    @property
    def functions(self) -> frozenset[str]:
        """Names called as functions that the expression does not define itself."""
        return frozenset(call.name for call in self.calls)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is `variable`, `name`, `string`, `number`, `regex` or `operator`; `start` an offset in the expression."""

    kind: str
    text: str
    start: int


_TOKEN = re.compile(
    r"""(?P<blank>\s+|/\*.*?\*/)
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<quoted>`[^`]*`)
    |(?P<variable>\$\$?(?:[A-Za-z_]\w*)?)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    |(?P<name>[^\W\d]\w*)
    |(?P<operator>:=|!=|>=|<=|\*\*|\.\.|~>|\?:|\?\?|.)""",
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?:[^/\\]|\\.)+/[im]*")
_OPERAND_ENDS = frozenset(")]}*%")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def tokens(text: str) -> list[Token]:
    """The tokens of an expression. Never fails: what it does not know is an operator."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at] == "/" and not text.startswith("/*", at) and _regex_may_start(found):
            regex = _REGEX.match(text, at)
            if regex is not None:
                found.append(Token("regex", regex[0], at))
                at = regex.end()
                continue
        match = _TOKEN.match(text, at)
        assert match is not None  # the last alternative takes any character
        kind = match.lastgroup or "operator"
        if kind == "quoted":
            found.append(Token("name", match[0][1:-1], at))
        elif kind != "blank":
            found.append(Token(kind, match[0], at))
        at = match.end()
    return found


def _regex_may_start(before: list[Token]) -> bool:
    """A `/` after a complete operand divides; anywhere else it opens a regular expression."""
    if not before:
        return True
    last = before[-1]
    if last.kind == "operator":
        return last.text not in _OPERAND_ENDS
    return last.kind == "name" and last.text in {"and", "or", "in"}


_WORDS = frozenset({"and", "or", "in", "true", "false", "null", "function", "λ"})
_OPERAND = frozenset({"variable", "name", "string", "number", "regex"})


def top_names(expression: str) -> tuple[str, ...]:
    """Names that begin a path where there is no context: `phone` in `phone & $states.input.name`. Names inside a filter, behind a dot,
    in the body of a function or beside a transform have one.
    """
    found = tokens(expression)
    if any(token.text == "|" for token in found):
        return ()
    names: dict[str, None] = {}
    given: list[bool] = [False]  # by open bracket: whether what stands in it has a context
    for at, token in enumerate(found):
        before = found[at - 1] if at else None
        ended = before is not None and ((before.kind in _OPERAND and before.text not in _WORDS) or before.text in _OPERAND_ENDS)
        if token.text in _OPENING and token.kind == "operator":
            called = token.text == "(" and before is not None and before.kind == "variable"
            after = before is not None and before.text in {".", "^"}
            given.append(given[-1] or after or (ended and not called))
        elif token.text in _CLOSING and token.kind == "operator":
            if len(given) > 1:
                given.pop()
        elif token.kind == "name" and not given[-1] and not ended and (before is None or before.text != "."):
            follows = found[at + 1].text if at + 1 < len(found) else ""
            if token.text not in _WORDS and follows != "(":
                names[token.text] = None
    return tuple(names)


def references(expression: str) -> References:
    """What an expression reads. Best effort on broken text."""
    found = tokens(expression)
    paths: set[tuple[str, ...]] = set()
    whole = False
    used: set[str] = set()
    calls: list[Called] = []
    defined: set[str] = set()
    upward = any(token.text == "%" for token in found)  # `%` may be the parent operator, which leaves any prefix
    for index, token in enumerate(found):
        if token.kind != "variable" or token.text in {"$", "$$"}:
            continue
        name = token.text.lstrip("$")
        following = found[index + 1].text if index + 1 < len(found) else ""
        if name == "states":
            path = _members(found, index + 1)
            whole = whole or not path or upward
            paths.add(path)
        elif following == ":=" or (index and found[index - 1].text in {"@", "#"}) or _is_parameter(found, index):
            defined.add(name)
        else:
            used.add(name)
            if following == "(":
                calls.append(Called(name, _arguments(found, index + 1), token.start))
    return References(
        None if whole else tuple(sorted(paths)),
        frozenset(used - defined),
        tuple(call for call in calls if call.name not in defined),
        frozenset(defined),
    )


def _members(found: list[Token], index: int) -> tuple[str, ...]:
    """The names after `$states`, as far as they are plain members."""
    path: list[str] = []
    while index + 1 < len(found) and found[index].text == "." and found[index + 1].kind == "name":
        if index + 2 < len(found) and found[index + 2].text == "(":
            break
        path.append(found[index + 1].text)
        index += 2
    return tuple(path)


def _arguments(found: list[Token], index: int) -> int:
    """How many arguments stand between the parenthesis at `index` and the one that closes it."""
    depth = count = 0
    for at in range(index, len(found)):
        token = found[at]
        if token.kind != "operator":
            count = count or 1
        elif token.text in _OPENING:
            depth += 1
            count = count or int(depth > 1)
        elif token.text in _CLOSING:
            depth -= 1
            if depth == 0:
                break
        elif token.text == "," and depth == 1:
            count += 1
        else:
            count = count or 1
    return count


def _is_parameter(found: list[Token], index: int) -> bool:
    """Whether a variable stands in the parameter list of `function(…)` or `λ(…)`."""
    at = index - 1
    while at >= 0 and (found[at].kind == "variable" or found[at].text == ","):
        at -= 1
    return at >= 1 and found[at].text == "(" and found[at - 1].text in {"function", "λ"}
