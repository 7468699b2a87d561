"""Evaluation of indefinite JSONPaths (wildcards, slices, unions, filters, `..`) and path functions, after Jayway.

What Jayway does and other libraries do not: the result of an indefinite path is a list, also of one, and an empty one where
anything on the way is missing; `['a','b']` at the end of a path is one object
with those members; `..name` looks at objects only; a filter on an object tests the object itself; `length()` works on what the path
found, or on its list of results.

Bounds: `BUDGET` visited values; a pattern that could backtrack without end is refused, and so is a long text to match.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from studio.asl.jsonpath import Evaluator, PathMissing
from studio.asl.jsonpath_syntax import (
    All,
    Any_,
    Comparison,
    Descend,
    Exists,
    Filter,
    Function,
    Index,
    Indexes,
    Literal,
    Name,
    Names,
    No,
    Pattern,
    Query,
    Segment,
    Slice,
    Test,
    Wildcard,
    render,
)
from studio.asl.tree import Json
from studio.asl.values import Ambient, Context, ExpressionError, SyntaxProblem, Variables, is_number, same, to_aws_text

BUDGET = 2_000_000
"""Values one evaluation may visit: a quarter megabyte of JSON has fewer than 130,000, so only products reach it."""
MAX_MATCHED = 10_000
"""Characters a filter's regular expression is matched against."""


def is_definite(segments: tuple[Segment, ...]) -> bool:
    return all(isinstance(segment, Name | Index) for segment in segments)


def compile_query(text: str, segments: tuple[Segment, ...], base: Evaluator) -> Evaluator:
    """What reads an indefinite path: a list, or the value of its function. `base` reads its root. Raises SyntaxProblem for a regular
    expression that is none or could take for ever.
    """
    _check(segments)

    def read(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        top = base(data, context, variables, ambient)
        return _Evaluation(text, data, top).path(segments, top)

    return read


def _check(segments: tuple[Segment, ...]) -> None:
    for segment in segments:
        if isinstance(segment, Filter):
            _check_test(segment.test)


def _check_test(test: Test) -> None:
    match test:
        case All(tests) | Any_(tests):
            for each in tests:
                _check_test(each)
        case No(inner):
            _check_test(inner)
        case Exists(query):
            _check(query.segments)
        case Comparison(left, _, right):
            for side in (left, right):
                if isinstance(side, Pattern):
                    regex(side.source, side.flags)
                elif isinstance(side, Query):
                    _check(side.segments)


class _Evaluation:
    def __init__(self, text: str, root: Json, top: Json) -> None:
        self.text = text
        self.root = root
        self.top = top
        self.left = BUDGET

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise ExpressionError("States.Runtime", f"The JSONPath '{self.text}' visits more than {BUDGET} values")

    def fail(self, reason: str) -> PathMissing:
        return PathMissing(self.text, reason, self.top)

    def path(self, segments: tuple[Segment, ...], top: Json) -> Json:
        function = segments[-1] if segments and isinstance(segments[-1], Function) else None
        if function is None:
            return self.select(segments, top)
        body = segments[:-1]
        found = self.select(body, top)
        if not is_definite(body):
            return self.function(function, found)
        if not found:
            raise self.fail("No results for path: " + render(body))
        return self.function(function, found[0])

    def select(self, segments: tuple[Segment, ...], top: Json) -> list[Json]:
        """Every value the segments lead to."""
        here: list[Json] = [top]
        position = 0
        while position < len(segments) and here:
            segment = segments[position]
            self.spend(len(here))
            if isinstance(segment, Descend):
                position += 1
                here = self.descend(segments[position], here, position == len(segments) - 1)
            else:
                last = position == len(segments) - 1
                here = [found for value in here for found in self.step(segment, value, last=last)]
            position += 1
        return here

    def descend(self, segment: Segment, values: list[Json], last: bool) -> list[Json]:
        found: list[Json] = []
        stack = list(reversed(values))
        while stack:
            value = stack.pop()
            self.spend(1)
            if isinstance(segment, Name | Names):
                if isinstance(value, dict):
                    found.extend(self.step(segment, value, last=last))
            elif isinstance(segment, Filter):
                if self.test(segment.test, value):
                    found.append(value)
            else:
                found.extend(self.step(segment, value, last=last))
            if isinstance(value, dict):
                stack.extend(reversed(value.values()))
            elif isinstance(value, list):
                stack.extend(reversed(value))
        return found

    def step(self, segment: Segment, value: Json, *, last: bool) -> Iterable[Json]:
        match segment, value:
            case Name(name), dict():
                return (value[name],) if name in value else ()
            case Index(index), list():
                return (value[index],) if -len(value) <= index < len(value) else ()
            case Names(names), dict():
                if last:
                    return ({name: value[name] for name in names if name in value},)
                return [value[name] for name in names if name in value]
            case Indexes(indexes), list():
                return [value[index] for index in indexes if -len(value) <= index < len(value)]
            case Slice(start, stop), list():
                return value[start:stop]
            case Wildcard(), dict():
                return list(value.values())
            case Wildcard(), list():
                return value
            case Filter(test), list():
                return [item for item in value if self.test(test, item)]
            case Filter(test), dict():
                return (value,) if self.test(test, value) else ()
            case _:
                return ()

    # Filters

    def test(self, test: Test, value: Json) -> bool:
        self.spend(1)
        match test:
            case Exists(query):
                return self.operand(query, value) is not _ABSENT
            case All(tests):
                return all(self.test(each, value) for each in tests)
            case Any_(tests):
                return any(self.test(each, value) for each in tests)
            case No(inner):
                return not self.test(inner, value)
            case Comparison(left, operator, right):
                return self.compare(self.operand(left, value), operator, self.operand(right, value))

    def operand(self, operand: Query | Literal | Pattern, value: Json) -> Json | object:
        match operand:
            case Literal(literal):
                return literal
            case Pattern():
                return operand
            case Query(relative, segments):
                try:
                    top = value if relative else self.root
                    if is_definite(segments):
                        found = self.select(segments, top)
                        return found[0] if found else _ABSENT
                    return self.path(segments, top)
                except ExpressionError:
                    if self.left < 0:
                        raise
                    return _ABSENT

    def compare(self, left: Any, operator: str, right: Any) -> bool:
        if isinstance(left, Pattern) and operator == "=~":
            left, right = right, left
        match operator:
            case "==" | "===":
                return _equal(left, right, strict=operator == "===")
            case "!=" | "!==":
                return not _equal(left, right, strict=operator == "!==")
            case "<" | "<=" | ">" | ">=":
                return _ordered(left, operator, right)
            case "=~":
                return isinstance(right, Pattern) and isinstance(left, str) and self.matches(right, left)
            case _:
                return self.collection(left, _items(left), operator, right, _items(right))

    def collection(self, left: Any, items: list[Json] | None, operator: str, right: Any, others: list[Json] | None) -> bool:
        """Operators on lists; `items` and `others` are the sides as lists, None where they are none."""
        match operator:
            case "in":
                return others is not None and _member(left, others)
            case "nin":
                return others is not None and not _member(left, others)
            case "contains" if isinstance(left, str):
                return isinstance(right, str) and right in left
            case "contains":
                return items is not None and _member(right, items)
            case "size" | "empty":
                length = len(left) if isinstance(left, str) else None if items is None else len(items)
                wanted = is_number(right) if operator == "size" else isinstance(right, bool)
                return length is not None and wanted and (length == right if operator == "size" else (not length) == right)
            case _:
                if items is None or others is None:
                    return False
                self.spend(len(items) * len(others))
                shared = [_member(item, others) for item in items]
                return {"subsetof": all(shared), "anyof": any(shared), "noneof": not any(shared)}[operator]

    def matches(self, pattern: Pattern, text: str) -> bool:
        if len(text) > MAX_MATCHED:
            raise self.fail(f"a filter matches a text of {len(text)} characters; at most {MAX_MATCHED} are allowed")
        self.spend(len(text))
        return regex(pattern.source, pattern.flags).fullmatch(text) is not None

    # Functions

    def function(self, function: Function, value: Json) -> Json:
        match function.name:
            case "length" | "size":
                return len(value) if isinstance(value, list | dict | str) else None
            case "keys":
                return list(value) if isinstance(value, dict) else None
            case "concat":
                items = [*(value if isinstance(value, list) else [value]), *function.arguments]
                return "".join(item if isinstance(item, str) else to_aws_text(item) for item in items)
            case "append":
                return [*value, *function.arguments] if isinstance(value, list) else value
            case "first" | "last" | "index":
                at = {"first": 0, "last": -1}.get(function.name, function.arguments[0] if function.arguments else 0)
                if isinstance(value, list) and isinstance(at, int) and -len(value) <= at < len(value):
                    return value[at]
                raise self.fail("Aggregation function attempted to calculate value using empty array")
            case _:
                return self.aggregate(function, value)

    def aggregate(self, function: Function, value: Json) -> Json:
        items = [*(value if isinstance(value, list) else []), *function.arguments]
        numbers = [float(item) for item in items if isinstance(item, int | float) and not isinstance(item, bool)]
        if not numbers:
            raise self.fail("Aggregation function attempted to calculate value using empty array")
        match function.name:
            case "min":
                return min(numbers)
            case "max":
                return max(numbers)
            case "sum":
                return math.fsum(numbers)
            case "avg":
                return math.fsum(numbers) / len(numbers)
            case _:
                mean = math.fsum(numbers) / len(numbers)
                return math.sqrt(math.fsum((number - mean) ** 2 for number in numbers) / len(numbers))


_ABSENT = object()


def _equal(left: Any, right: Any, *, strict: bool) -> bool:
    if left is _ABSENT or right is _ABSENT:
        return left is right
    if not strict and is_number(left) != is_number(right):  # Jayway compares "1" with 1 as numbers
        number, other = (left, right) if is_number(left) else (right, left)
        return isinstance(other, str) and _as_number(other) == number
    return same(left, right)


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _ordered(left: Any, operator: str, right: Any) -> bool:
    if isinstance(left, str) and is_number(right):
        left = _as_number(left)
    if isinstance(right, str) and is_number(left):
        right = _as_number(right)
    if not (is_number(left) and is_number(right)) and not (isinstance(left, str) and isinstance(right, str)):
        return False
    match operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def _items(value: Json | Pattern) -> list[Json] | None:
    return value if isinstance(value, list) else None


def _member(value: Any, items: list[Json]) -> bool:
    return any(same(value, item) for item in items)


@lru_cache(maxsize=256)
def regex(source: str, flags: str = "") -> re.Pattern[str]:
    """A filter's pattern, refused with SyntaxProblem where it is not one or where matching it could take for ever."""
    bits = 0
    for flag in flags:
        bits |= {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}.get(flag, re.NOFLAG)
    try:
        pattern = re.compile(source, bits)
    except (re.error, OverflowError, RecursionError) as error:
        raise SyntaxProblem(f"/{source}/ is not a regular expression: {error}", 0) from None
    if _may_run_away(source):
        raise SyntaxProblem(f"/{source}/ repeats a repetition, which can take for ever: write it without the nested repetition", 0)
    return pattern


_REPEATED_GROUP = re.compile(r"\)(?:[*+]|\{\d*,\d*\})")
_REPETITION = re.compile(r"(?<!\\)(?:[*+|]|\{\d*,\d*\})")


def _may_run_away(source: str) -> bool:
    """Whether a repeated group holds a repetition or alternatives, or more than three repetitions stand side by side."""
    stack: list[int] = []
    at = 0
    while at < len(source):
        char = source[at]
        if char == "\\":
            at += 2
            continue
        if char == "[":
            end = source.find("]", at + 2)
            at = len(source) if end < 0 else end + 1
            continue
        if char == "(":
            stack.append(at)
        elif char == ")" and stack:
            start = stack.pop()
            if _REPEATED_GROUP.match(source, at) and _REPETITION.search(source, start + 1, at):
                return True
        at += 1
    return len(re.findall(r"(?<!\\)[*+]|\{\d*,\d*\}", source)) > 3
