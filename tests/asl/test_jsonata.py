from __future__ import annotations

import random
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import refusal

from studio.asl.jsonata import compile_expression, evaluate, prune
from studio.asl.jsonata_analysis import references, tokens
from studio.asl.jsonata_errors import ARITY, MEMORY
from studio.asl.jsonata_functions import ADDED, BUILT_IN, FUNCTIONS
from studio.asl.templates import expression_of
from studio.asl.values import Ambient, ExpressionError, SyntaxProblem

AMBIENT = Ambient(now=1_700_000_000.123, random=random.Random(7), uuid=lambda: "0000-1111")
BIG = 100000000000000001
STATES = {
    "input": {
        "n": 1, "name": "Ada", "items": [1, 2, {"k": 3}], "one": [5], "rows": [{"q": 1}, {"q": 2}, {}], "nul": None, "big": BIG,
        "price": 1.5, "json": '{"a":1}', "and": {"x": 1}, "bad": "{bad",
    },
    "context": {"State": {"Name": "S"}},
    "result": {"ok": True},
}  # fmt: skip


def value(expression, **variables):
    return evaluate(expression, STATES, variables, AMBIENT)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$states.input.n", 1),
        ("$states.input.one", [5]),
        ("$states.input.rows.q", [1, 2]),
        ("$states.input.rows[0].q", 1),
        ("$states.input.nul", None),
        ("$states.input.`and`.x", 1),
        ("$states.context.State.Name", "S"),
        ("$states.result", {"ok": True}),
        ("$v.a.b", 7),
        ("$v.list.x", 4),
        ("$range", "a variable may be called like a function"),
        ("$states.input.n + 1", 2),
        ("$states.input.price * 2", 3),
        ("6 / 4", 1.5),
        ("'Hello ' & $states.input.name", "Hello Ada"),
        ("$sum($states.input.rows.q)", 3),
        ("$count(null)", 1),
        ("$type($states.input.nul)", "null"),
        ("{'a': $states.input.absent, 'b': 1}", {"b": 1}),
        ("[$states.input.absent, 1]", [1]),
        ("($x := 2; $x * $states.input.n)", 2),
        ("$x := 3", 3),
        ("$map($states.input.rows, function($r) { $r.q })", [1, 2]),
        ("$states.input.items[$type($) = 'object'].k", 3),
        ("1e20", 100000000000000000000),
        ("$encodeUrl('http://x/a b?é=1&c=d')", "http://x/a%20b?%C3%A9=1&c=d"),
        ("$decodeUrl('a%20b%26%C3%A9')", "a b%26é"),
        ("'a b' ~> $encodeUrl", "a%20b"),
        ("($f := function($n) { $n <= 0 ? 0 : 1 + $f($n - 1) }; $f(31))", 31),
        ("1/0", "Infinity"),
        ("[-1/0]", ["-Infinity"]),
        ("$string(1e21)", "1e+21"),
    ],
)
def test_values(expression, expected):
    variables = {"v": {"a": {"b": 7}, "list": [{"x": 4}]}, "range": "a variable may be called like a function"}
    assert value(expression, **variables) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]),
        ("$partition([1,2,3,4,5], 2.6)", [[1, 2], [3, 4], [5]]),
        ("$partition([1,2,3])", [[1, 2, 3]]),
        ("$range(0, 10, 2)", [0, 2, 4, 6, 8, 10]),
        ("$range(1.4, 5.6, 2.2)", [1, 3, 5]),
        ("$range(-1.7, 2, 1)", [-1, 0, 1, 2]),
        ("$range(5, 1, -2)", [5, 3, 1]),
        ("$range(3, 3, 1)", 3),
        ("$count($range(1, 1001, 1))", 1001),
        ("$hash('hello', 'SHA-256')", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"),
        ("$random(42)", 0.7275636800328681),
        ("$random(77) = $random(77)", True),
        ("$uuid()", "0000-1111"),
        ("$parse($states.input.json)", {"a": 1}),
        ("$parse('-0')", 0),
        ("$map(['1','[2]'], $parse)", [1, [2]]),
        ("['1','[2]'] ~> $map(function($t){ $parse($t) })", [1, [2]]),
        ("$millis()", 1700000000123),
        ("$now()", "2023-11-14T22:13:20.123Z"),
        ("$now('[Y0001]-[M01]')", "2023-11"),
        ("[$range(1, 2, 0), 1]", [1]),
        ("$exists($range(1, 2, 0))", False),
        ("$pad('a', -3, '#')", "##a"),
        ("$pad('a', $states.input.absent)", "a"),
        ("$clone({'a': [1]})", {"a": [1]}),
        ("[1, 2] ~> $clone", [1, 2]),
    ],
)
def test_functions_of_aws(expression, expected):
    assert value(expression) == expected


def text_of(expression, what):
    return f"The JSONata expression '{expression}' specified for the field 'Output/x' {what}"


NOTHING = "returned nothing (undefined)."
THREW = "threw an error during evaluation. "
BOUND = "threw an error during evaluation: "
_STACK = "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive."


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        ("$nope", NOTHING),
        ("$states.input.absent", NOTHING),
        ("$states.input.name.x", NOTHING),
        ("$states.input.rows.nope", NOTHING),
        ("$partition([1], 0)", NOTHING),
        ("$range(1, 10, 0.49)", NOTHING),
        ("$range(1, 5)", NOTHING),
        ("$range(1, 5, -1)", NOTHING),
        ("$hash('x')", NOTHING),
        ("$sum", "returned an unsupported result type."),
        ("/a/", "returned an unsupported result type."),
        ("$states.input.name + 1", THREW + 'T2001: The left side of the "+" operator must evaluate to a number'),
        ("1 - 'x'", THREW + 'T2002: The right side of the "-" operator must evaluate to a number'),
        ("$nosuch(1)", THREW + "T1006: Attempted to invoke a non-function"),
        ("$eval('1')", THREW + "T1006: Attempted to invoke a non-function"),
        ("$error('boo')", THREW + "D3137: boo"),
        ("$number('x')", THREW + 'D3030: Unable to cast value to a number: "x"'),
        ("$single([1,2])", THREW + "D3138: The $single() function expected exactly 1 matching result.  Instead it matched more."),
        ("$contains('a', 1)", THREW + 'T0410: Argument 2 of function "contains" does not match function signature'),
        ("$sum('a')", THREW + 'T0412: Argument 1 of function "sum" must be an array of "numbers"'),
        ("$partition([1], '2')", THREW + 'T0410: Argument 2 of function "partition" does not match function signature'),
        ("$partition([1], null)", THREW + 'T0410: Argument 2 of function "partition" does not match function signature'),
        ("$partition('x', 2)", THREW + 'T0412: Argument 1 of function "partition" must be an array of undefined'),
        ("$partition([1], 2, 99)", THREW + 'T0410: Argument 3 of function "partition" does not match function signature'),
        ("$partition([1], -1)", THREW + "D3137: Second argument must be zero or greater"),
        ("$range('a', 5, 1)", THREW + 'T0410: Argument 1 of function "range" does not match function signature'),
        ("$hash()", THREW + 'T0410: Argument 1 of function "hash" does not match function signature'),
        ("$hash('x', 'sha-256')", THREW + "D3137: Hash algorithm 'sha-256' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"),
        ("$random(null)", THREW + 'T0410: Argument 1 of function "random" does not match function signature'),
        ("$uuid('x')", THREW + 'T0410: Argument 1 of function "uuid" does not match function signature'),
        ("$parse($states.input.bad)", THREW + "D3137: Invalid JSON"),
        ("$range(1, 400000, 1)", BOUND + MEMORY),
        ("$formatInteger(1e15, 'I')", BOUND + MEMORY),
        ("[1..873783] ~> $count()", BOUND + MEMORY),
        ("($f := function($n) { 1 + $f($n + 1) }; $f(0))", BOUND + _STACK),
        ("($f := function($n) { $f($n + 1) }; $f(0))", BOUND + "Expression evaluation timeout: Check for infinite loop"),
        ("$states.input.n < 'a'", THREW + 'T2009: The values 1 and "a" either side of operator "<" must be of the same data type'),
        ("null >= 1", THREW + 'T2010: The expressions either side of operator ">=" must evaluate to numeric or string values'),
        ("-$states.input.name", THREW + 'D1002: Cannot negate a non-numeric value: "Ada"'),
        ("$sum(1, 2)", THREW + 'T0410: Argument 2 of function "sum" does not match function signature'),
        ("$map()", THREW + 'T0410: Argument 1 of function "map" does not match function signature'),
        ("$millis(1)", THREW + 'T0410: Argument 1 of function "millis" does not match function signature'),
        ("$now('[Y]', '+0100', 3)", THREW + 'T0410: Argument 3 of function "now" does not match function signature'),
        ("($f := function($x)<n:n>{$x}; $f('a'))", THREW + 'T0410: Argument 1 of function "f" does not match function signature'),
        ("$formatBase(10, 37)", THREW + "D3100: The radix of the formatBase function must be between 2 and 36.  It was given 37"),
        ("$split('a', ',', -1)", THREW + "D3020: Third argument of split function must evaluate to a positive number"),
        ("$fromMillis(0, '[q]')", THREW + 'D3132: Unknown component specifier "q" in date/time picture string'),
        ("$fromMillis(0, '[Y')", THREW + "D3135: No matching closing bracket ']' in date/time picture string"),
        ("(5).$length()", THREW + 'T0411: Context value is not a compatible type with argument 1 of function "length"'),
        ("(5).$contains('a')", THREW + 'T0411: Context value is not a compatible type with argument 1 of function "contains"'),
        ("$substring('ab')", THREW + 'T0410: Argument 2 of function "substring" does not match function signature'),
        ("$lookup({})", THREW + 'T0410: Argument 2 of function "lookup" does not match function signature'),
        ("'a' ~> $sum", THREW + 'T0412: Argument 1 of function "sum" must be an array of "numbers"'),
        ("$clone('a')", THREW + 'T0410: Argument 1 of function "clone" does not match function signature'),
        ("$clone({}, 1)", THREW + 'T0410: Argument 2 of function "clone" does not match function signature'),
        ("$clone($states.input.absent)", NOTHING),
        (
            "$formatInteger(1, '#')",
            THREW + 'D3130: Formatting or parsing an integer as a sequence starting with "#" is not supported by this implementation',
        ),
        (
            "$fromMillis(0, '[YN]')",
            THREW + "D3133: The 'name' modifier can only be applied to months and days in the date/time picture string, not \"Y\"",
        ),
        (
            "$split('a', function($x){1})",
            THREW + 'T1010: The matcher function argument passed to function "split" does not return the correct object structure',
        ),
        ("$error('')", THREW + "D3137: $error() function evaluated"),
        ("$assert(false, '')", THREW + "D3141: $assert() statement failed"),
        ("$decodeUrl('%E0')", THREW + 'D3140: Malformed URL passed to $decodeUrl(): "%E0"'),
    ],
)
def test_failures_read_as_aws_words_them(expression, what):
    with pytest.raises(ExpressionError) as failed:
        compile_expression(expression, "Output/x")(STATES, {}, AMBIENT)
    assert (failed.value.error, failed.value.cause, failed.value.where) == (
        "States.QueryEvaluationError",
        text_of(expression, what),
        "Output/x",
    )


def test_long_integers_keep_their_digits_where_they_are_only_passed_on():
    assert value("{'id': $states.input.big, 'text': 'n' & $states.input.big}") == {"id": BIG, "text": f"n{BIG}"}
    assert value("$states.input") == STATES["input"]
    assert value("$big", big=BIG) == BIG
    assert value("[$big][0]", big=BIG) == BIG
    assert value("$big + 0", big=2**53 + 1) == 2**53


def test_undefined_may_be_asked_for():
    assert compile_expression("$states.input.absent", undefined_ok=True)(STATES, {}, AMBIENT) is None


@pytest.mark.parametrize("expression", ["1 +", "$f(", "{", "$states.input.", "'open", "5[0].a", ""])
def test_what_is_no_expression_is_refused(expression):
    with pytest.raises(SyntaxProblem):
        compile_expression(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "($f := function($n) { $f($n + 1) }; $f(0))",
        "($f := function($n) { 1 + $f($n + 1) }; $f(0))",
        "[1..10000000]",
        "$length($pad('a', 1000000000))",
    ],
)
def test_endless_expressions_are_ended(expression):
    with pytest.raises(ExpressionError):
        value(expression)


def test_an_expression_compiled_in_one_thread_works_in_another():
    compiled = compile_expression("$states.input.n + 1")
    results = []
    thread = threading.Thread(target=lambda: results.append(compiled(STATES, {}, AMBIENT)))
    thread.start()
    thread.join()
    assert results == [2]
    assert compiled(STATES, {}, AMBIENT) == 2


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("{% 1 %}", "1"),
        ("{%1%}", "1"),
        ("{% {'a': 1} %}", "{'a': 1}"),
        ("{%\n 1 \n%}", "1"),
        (" {% 1 %}", None),
        ("{% 1 %} ", None),
        ("x", None),
    ],
)
def test_expressions_are_whole_strings(text, expression):
    assert expression_of(text) == expression


@pytest.mark.parametrize(
    ("expression", "states", "variables", "functions", "defined"),
    [
        ("$states.input.a.b + $v", (("input", "a", "b"),), {"v"}, set(), set()),
        ("$states.input.items[x > 1].$sum(y)", (("input", "items"),), {"sum"}, {"sum"}, set()),
        ("$states.`input`.'a'", (("input",),), set(), set(), set()),
        ("$states", None, set(), set(), set()),
        ("$states.*", None, set(), set(), set()),
        ("$states.input.a % 2", None, set(), set(), set()),
        ("$map($states.input.r, function($v, $i) { $v & $i & $x })", (("input", "r"),), {"map", "x"}, {"map"}, {"v", "i"}),
        ("($f := function($n) { $n }; $f(1))", (), set(), set(), {"f", "n"}),
        ("$states.input.r@$e.x#$i", (("input", "r"),), set(), set(), {"e", "i"}),
        ("'$states.input' & \"$v\" & /$w/", (), set(), set(), set()),
        ("1 /* $v */ + 2", (), set(), set(), set()),
        ("$a / $b / $c", (), {"a", "b", "c"}, set(), set()),
    ],
)
def test_references(expression, states, variables, functions, defined):
    found = references(expression)
    assert (found.states, found.variables, found.functions, found.defined) == (states, variables, functions, defined)


def test_calls_count_their_arguments():
    found = references("$a() + $b(1) + $c(1, [2, 3], {'x': 4, 'y': $d(5, 6)}) + $e(-1) + $f([])")
    assert {call.name: call.arguments for call in found.calls} == {"a": 0, "b": 1, "c": 3, "d": 2, "e": 1, "f": 1}


@given(st.text(max_size=60))
def test_the_tokenizer_loses_nothing_but_blanks(text):
    found = tokens(text)
    assert [token.start for token in found] == sorted({token.start for token in found})
    references(text)


@given(st.text("$states.input()[]{}'\"+-*/%&:=,.abx19 ", max_size=30))
def test_compiling_raises_nothing_but_syntax_problems(text):
    problem = refusal(compile_expression, text)
    assert problem is None or problem.message


def test_only_what_is_read_is_bound():
    states = {"input": {"a": {"b": 1, "c": [1, 2]}, "z": 9}, "context": {"x": 1}}
    assert prune(states, (("context",), ("input", "a", "b"), ("input", "a", "c", "d"), ("input", "nope"), ("result",))) == {
        "context": {"x": 1},
        "input": {"a": {"b": 1, "c": [1, 2]}},
    }
    assert prune(states, (("input",), ("input", "a")))["input"] is states["input"]


def test_every_function_has_its_number_of_arguments():
    assert ARITY.keys() - {"random"} == BUILT_IN


def test_functions_are_documented():
    assert all(function.doc.endswith(".") and function.signature.startswith(f"${name}(") for name, function in ADDED.items())
    assert {"sum", "partition", "now"} <= FUNCTIONS
    assert "eval" not in FUNCTIONS
