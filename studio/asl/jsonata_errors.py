"""Errors of JSONata as AWS prints them: the reference implementation's codes and words, which the library shortens here and there.

Theory of operation: the library's errors are `CODE: words`. Words without values come from the reference's table; where values belong in
them, they are taken from the library's words, from the expression's text, or from one side of the expression evaluated again (`value_of`).
The bounds of an evaluation (memory, depth, time) have no code; AWS puts a colon before them where it puts a full stop before a code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from typing import TypeAlias

from studio.asl.jsonata_analysis import References, Token, tokens
from studio.asl.tree import Json
from studio.asl.values import to_aws_text

ValueOf: TypeAlias = Callable[[str], Json]
"""Evaluates a part of the expression once more; raises ValueError where it cannot."""

MEMORY = "Expression evaluation memory limit exceeded: Check for excessive memory usage"
_DEPTH = "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive."
_TIME = "Expression evaluation timeout: Check for infinite loop"
_BOUNDS = {"D1011": _DEPTH, "U1001": _DEPTH, "D1012": _TIME, "D2014": MEMORY, "D2015": MEMORY}

_HOST = re.compile(r"host function raised \w+: ")
_CODE = re.compile(r"([A-Z]\d{4}): ?(.*)", re.DOTALL)
_FIXED = {
    "D1001": "Number out of range: null",
    "D1004": "Regular expression matches zero length string",
    "D3001": "Attempting to invoke string function on Infinity or NaN",
    "D3010": "Second argument of replace function cannot be an empty string",
    "D3011": "Fourth argument of replace function must evaluate to a positive number",
    "D3012": "Attempted to replace a matched string with a non-string value",
    "D3020": "Third argument of split function must evaluate to a positive number",
    "D3040": "Third argument of match function must evaluate to a positive number",
    "D3050": "The second argument of reduce function must be a function with at least two arguments",
    "D3080": "The picture string must only contain a maximum of two sub-pictures",
    "D3081": "The sub-picture must not contain more than one instance of the 'decimal-separator' character",
    "D3082": "The sub-picture must not contain more than one instance of the 'percent' character",
    "D3083": "The sub-picture must not contain more than one instance of the 'per-mille' character",
    "D3084": "The sub-picture must not contain both a 'percent' and a 'per-mille' character",
    "D3085": "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit character' or a "
    "member of the 'decimal digit family'",
    "D3086": "The sub-picture must not contain a passive character that is preceded by an active character and that is followed by "
    "another active character",
    "D3087": "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character",
    "D3088": "The sub-picture must not contain a 'grouping-separator' at the end of the integer part",
    "D3089": "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character",
    "D3090": "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed by an "
    "instance of the 'optional digit character'",
    "D3091": "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is followed by "
    "a member of the 'decimal digit family'",
    "D3092": "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an "
    "'exponent-separator'",
    "D3093": "The exponent part of the sub-picture must comprise only of one or more characters that are members of the "
    "'decimal digit family'",
    "D3131": "In a decimal digit pattern, all digits must be from the same decimal group",
    "D3134": "The timezone integer format specifier cannot have more than four digits",
    "D3135": "No matching closing bracket ']' in date/time picture string",
    "D3136": "The date/time picture string is missing specifiers required to parse the timestamp",
    "D3138": "The $single() function expected exactly 1 matching result.  Instead it matched more.",
    "D3139": "The $single() function expected exactly 1 matching result.  Instead it matched 0.",
    "T1006": "Attempted to invoke a non-function",
    "T1008": "Attempted to partially apply a non-function",
    "T2003": "The left side of the range operator (..) must evaluate to an integer",
    "T2004": "The right side of the range operator (..) must evaluate to an integer",
    "T2006": "The right side of the function application operator ~> must be a function",
    "T2008": "The expressions within an order-by clause must evaluate to numeric or string values",
}
_ARRAYS = {"Number": '"numbers"', "String": '"strings"', "Object": '"objects"', "Boolean": '"booleans"', "Function": '"functions"'}

_ARITY = """
sum 1 1, count 1 1, max 1 1, min 1 1, average 1 1, string 0 2, substring 2 3, substringBefore 1 2, substringAfter 1 2, lowercase 0 1,
uppercase 0 1, length 0 1, trim 0 1, pad 1 3, match 1 3, contains 1 2, replace 2 4, split 1 3, join 1 2, formatNumber 1 3, formatBase 0 2,
formatInteger 1 2, parseInteger 1 2, number 0 1, floor 0 1, ceil 0 1, round 0 2, abs 0 1, sqrt 0 1, power 1 2, random 0 1, boolean 0 1,
not 0 1, map 2 2, zip 1 99, filter 2 2, single 1 2, reduce 2 3, sift 0 2, keys 0 1, lookup 1 2, append 2 2, exists 1 1, spread 0 1,
merge 1 1, reverse 1 1, each 1 2, error 0 1, assert 1 2, type 1 1, sort 1 2, shuffle 1 1, distinct 1 1, base64encode 0 1, base64decode 0 1,
encodeUrlComponent 0 1, encodeUrl 0 1, decodeUrlComponent 0 1, decodeUrl 0 1, toMillis 0 2, fromMillis 0 3, now 0 2, millis 0 0, clone 0 1
"""
ARITY: dict[str, tuple[int, int]] = {
    name: (int(least), int(most))
    for name, least, most in (entry.split() for entry in _ARITY.replace("\n", " ").split(",") if entry.strip())
}
"""JSONata's own functions -> the least and the most arguments they take, the context's value not counted."""


def mismatch(name: str, index: int) -> str:
    return f'T0410: Argument {index} of function "{name}" does not match function signature'


def threw(message: str, found: References, expression: str, functions: Collection[str], value_of: ValueOf) -> str:
    """`threw an error during evaluation. T1006: …` of an error of the library. `functions`: the names an expression may call."""
    said = _said(_HOST.sub("", message), found, expression, functions, value_of)
    return f"threw an error during evaluation{'. ' if _CODE.match(said) else ': '}{said}"


def _said(message: str, found: References, expression: str, functions: Collection[str], value_of: ValueOf) -> str:
    parts = _CODE.match(message)
    if parts is None:
        return message
    code, text = parts[1], parts[2]
    if code in _BOUNDS:
        return _BOUNDS[code]
    if code in _FIXED:
        return f"{code}: {_FIXED[code]}"
    match code:
        case "T2001" | "T2002":
            text = re.sub(r"of the (\S+) operator", r'of the "\1" operator', text)
        case "T2009" | "T2010":
            text = _compared(code, expression, text, value_of)
        case "D1002":
            text = _negated(expression, value_of)
        case "T0410" | "T0412" if '"' not in text:
            text = _signature(code, text, found, expression, functions)
        case "T0411" if name := next(
            (c.name for c in found.calls if c.name in functions and c.arguments < ARITY.get(c.name, (0, 0))[1]), None
        ):
            text = f'Context value is not a compatible type with argument 1 of function "{name}"'
        case "T1010":
            text = re.sub(r"function \$(\w+)", r'function "\1"', text)
        case "D3130":
            text = f"Formatting or parsing an integer as a sequence starting with {_quoted(text)} is not supported by this implementation"
        case "D3133" if len(text) < 3:
            text = f"The 'name' modifier can only be applied to months and days in the date/time picture string, not {_quoted(text)}"
        case "D3137" if not text:
            text = "$error() function evaluated"
        case "D3141" if not text:
            text = "$assert() statement failed"
        case "D3030" if quoted := re.match(r"Cannot convert '(.*)' to number", text, re.DOTALL):
            text = f"Unable to cast value to a number: {_quoted(quoted[1])}"
        case "D3100" if given := re.search(r"got (-?\d+)", text):
            text = f"The radix of the formatBase function must be between 2 and 36.  It was given {given[1]}"
        case "D3132" if len(text) < 3:
            text = f"Unknown component specifier {_quoted(text)} in date/time picture string"
        case _:
            pass
    return f"{code}: {text}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_COMPARISONS = frozenset({"<", "<=", ">", ">="})
_LOOSER = frozenset({"?", ":", ":=", ";", ",", "~>", "?:", "??", "|"})


def _compared(code: str, expression: str, text: str, value_of: ValueOf) -> str:
    """A comparison of what cannot be compared: its operator, and its sides where the expression is that comparison alone."""
    depth, loose = 0, False
    at_top: list[Token] = []
    anywhere: list[Token] = []
    for token in tokens(expression):
        if token.kind == "operator" and token.text in _COMPARISONS:
            anywhere.append(token)
            if depth == 0:
                at_top.append(token)
        elif token.kind == "operator" and token.text in "([{":
            depth += 1
        elif token.kind == "operator" and token.text in ")]}":
            depth -= 1
        elif depth == 0 and (token.text in _LOOSER or (token.kind == "name" and token.text in {"and", "or"})):
            loose = True
    if not anywhere:
        return text
    operator = json.dumps(anywhere[0].text)
    if code == "T2010":
        return f"The expressions either side of operator {operator} must evaluate to numeric or string values"
    if len(at_top) == 1 and not loose:
        token = at_top[0]
        try:
            left, right = value_of(expression[: token.start]), value_of(expression[token.start + len(token.text) :])
        except ValueError:
            return text
        return f"The values {to_aws_text(left)} and {to_aws_text(right)} either side of operator {operator} must be of the same data type"
    return text


def _negated(expression: str, value_of: ValueOf) -> str:
    begin = "Cannot negate a non-numeric value"
    if expression.startswith("-"):
        try:
            return f"{begin}: {to_aws_text(value_of(expression[1:]))}"
        except ValueError:
            return begin
    return begin


def _signature(code: str, text: str, found: References, expression: str, functions: Collection[str]) -> str:
    if counted := re.search(r"expected \d+, got (\d+)", text):
        return _miscounted(int(counted[1]), found) or text
    index = re.search(r"Argument (\d+)", text)
    if index is None:
        return text
    named = re.search(r"of function \$?(\w+)", text)
    known, at = [call for call in found.calls if call.name in functions], int(index[1])
    calls = [call.name for call in known if call.arguments >= at] or [call.name for call in known if call.arguments == at - 1 > 0]
    if not known:  # a function that is applied without being called: `'a' ~> $sum`
        applied = found.variables & frozenset(functions)
        calls = list(applied) if len(applied) == 1 else []
    own = re.search(r"\$(\w+)\(", expression)
    name = named[1] if named and named[1] in functions else calls[0] if calls else own[1] if own and own[1] in found.defined else None
    function = "" if name is None else f' of function "{name}"'
    if code == "T0412":
        kind = next((shown for word, shown in _ARRAYS.items() if word in text), "undefined")
        return f"Argument {index[1]}{function} must be an array of {kind}"
    return f"Argument {index[1]}{function} does not match function signature"


def _miscounted(given: int, found: References) -> str | None:
    """A call with too many or too few arguments: the first argument that is one too many, or missing."""
    for call in found.calls:
        least, most = ARITY.get(call.name, (0, given))
        if call.arguments == given and not least <= given <= most:
            return mismatch(call.name, most + 1 if given > most else given + 1).removeprefix("T0410: ")
    return None


__all__ = ["ARITY", "MEMORY", "ValueOf", "mismatch", "threw"]
