from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import refusal

from studio.asl.intrinsic_calls import MAX_NESTING, compile_call, parse_call, paths_of, problems_of
from studio.asl.intrinsics import TABLE
from studio.asl.values import Ambient, ExpressionError, SyntaxProblem

AMBIENT = Ambient(random=random.Random(7), uuid=lambda: "0000-1111")
DATA = {
    "name": "Ada", "arr": [1, 2, 3, 4, 5], "empty": [], "n": 41, "half": 1.5, "obj": {"k": 1, "l": ["x"]}, "nul": None, "yes": True,
    "csv": "a.b,c", "json": '{"a":[1,2]}', "bad": "{bad json}", "long": "a" * 10_001,
}  # fmt: skip


def call(text):
    return compile_call(text)(DATA, {"State": {"Name": "S"}}, {"v": {"x": 9}}, AMBIENT)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("States.Format('Hello {}', $.name)", "Hello Ada"),
        ("States.Format('{} {} {} {}', $.n, $.yes, $.nul, $.half)", "41 true null 1.5"),
        (r"States.Format('\{\} it\'s {} \\', $.name)", r"{} it's Ada \ ".strip()),
        ("States.Format('{}', $.obj)", "{k=1, l=[x]}"),
        ("States.Format($.name)", "Ada"),
        ("States.StringToJson($.json)", {"a": [1, 2]}),
        ("States.StringToJson('')", None),
        ("States.JsonToString($.obj)", '{"k":1,"l":["x"]}'),
        ("States.Array()", []),
        ("States.Array($.n, 'b', 3, null, true, 1.5)", [41, "b", 3, None, True, 1.5]),
        ("States.ArrayPartition($.arr, 2)", [[1, 2], [3, 4], [5]]),
        ("States.ArrayPartition($.arr, 2.6)", [[1, 2], [3, 4], [5]]),
        ("States.ArrayContains($.arr, 5)", True),
        ("States.ArrayContains(States.Array('true'), true)", True),
        ("States.ArrayContains(States.Array(0), false)", False),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayRange(5.4, -0.6, -2.4)", [5, 3, 1]),
        ("States.ArrayRange(5, 1, 1)", []),
        ("States.ArrayGetItem($.arr, 1.2)", 2),
        ("States.ArrayGetItem($.empty, 999)", None),
        ("States.ArrayLength($.arr)", 5),
        ("States.ArrayUnique(States.Array(1, 1, 2, 2, 3))", [1, 2, 3]),
        ("States.Base64Encode('hello')", "aGVsbG8="),
        ("States.Base64Decode('aGVsbG8=')", "hello"),
        ("States.Hash('hello', 'MD5')", "5d41402abc4b2a76b9719d911017c592"),
        ("States.Hash('hello', 'SHA-1')", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
        ("States.JsonMerge($.obj, States.StringToJson($.json), false)", {"k": 1, "l": ["x"], "a": [1, 2]}),
        ("States.MathAdd($.n, 1)", 42),
        ("States.MathAdd(-1.5, -1.51)", -3),
        ("States.MathAdd(2147483646, 1)", 2147483647),
        ("States.StringSplit($.csv, '.,')", ["a", "b", "c"]),
        ("States.StringSplit('a,,b,', ',')", ["a", "b"]),
        ("States.UUID()", "0000-1111"),
        ("States.Format('{}-{}', $$.State.Name, $v.x)", "S-9"),
        ("States.ArrayGetItem(States.StringSplit($.csv, ','), States.MathAdd(States.ArrayLength($.empty), 1))", "c"),
    ],
)
def test_calls(text, value):
    assert call(text) == value


def test_random_numbers_come_from_the_ambient_or_the_seed():
    assert all(1 <= call("States.MathRandom(1.6, 5.4)") < 5 for _ in range(50))
    assert call("States.MathRandom(1, 1000, 42)") == call("States.MathRandom(1, 1000, 42)")


MISSING = "The JsonPath argument for the field '{}' could not be found in the input '"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("States.ArrayRange('a', 5, 1)", "Invalid arguments in States.ArrayRange"),
        ("States.ArrayRange(1, 10, 0.49)", "Invalid arguments in States.ArrayRange"),
        ("States.ArrayRange(1, 1001, 1)", "Invalid arguments in States.ArrayRange"),
        ("States.ArrayRange(1, 5)", "Invalid arguments in States.ArrayRange"),
        ("States.ArrayPartition($.arr, 0.6)", "Invalid arguments in States.ArrayPartition"),
        ("States.ArrayGetItem($.arr, 5)", "Invalid arguments in States.ArrayGetItem"),
        ("States.ArrayGetItem($.arr, -1)", "Invalid arguments in States.ArrayGetItem"),
        ("States.MathAdd(2147483647, 1)", "Invalid arguments in States.MathAdd"),
        ("States.MathAdd('1', 1)", "Invalid arguments in States.MathAdd"),
        ("States.MathAdd(true, 1)", "Invalid arguments in States.MathAdd"),
        ("States.MathRandom(1.4, 1.6)", "Invalid arguments in States.MathRandom"),
        ("States.Hash('x', 'sha-256')", "Invalid arguments in States.Hash"),
        ("States.Hash($.long, 'MD5')", "Invalid arguments in States.Hash"),
        ("States.Base64Encode($.long)", "Invalid arguments in States.Base64Encode"),
        ("States.StringSplit($.nul, ',')", "Invalid arguments in States.StringSplit"),
        ("States.StringToJson()", "Invalid arguments in States.StringToJson"),
        ("States.StringToJson($.obj)", "Invalid arguments in States.StringToJson"),
        ("States.JsonMerge($.obj, $.obj, true)", "Invalid arguments in States.JsonMerge"),
        ("States.Format('Hello {', $.name)", "Invalid template in States.Format: matching '}' not found for '{'."),
        ("States.Format('}')", "Invalid template in States.Format: matching '{' not found for '}'."),
        ("States.Format('{} {}', $.name)", "Invalid arguments in States.Format: number of arguments do not match the occurrences of {}."),
        (
            "States.StringToJson($.bad)",
            "Cannot convert String to Json in States.StringToJson, caused by: Unexpected character ('b' (code 98)): was expecting double-quote to "
            "start field name\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]",
        ),
        (
            "States.StringToJson('undefined')",
            "Cannot convert String to Json in States.StringToJson, caused by: Unrecognized token 'undefined': was expecting (JSON String, Number, "
            "Array, Object or token 'null', 'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
            "line: 1, column: 10]",
        ),
    ],
)
def test_refusals_read_as_aws_words_them(text, cause):
    with pytest.raises(ExpressionError) as failed:
        call(text)
    assert (failed.value.error, failed.value.cause) == (
        "States.Runtime",
        f"There was an error while evaluating the intrinsic function: {text}. {cause}",
    )


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ("States.Format('{}', $.nope)", "$.nope"),
        ("States.Format('{}', States.Format('{}',$.nope))", "$.nope"),
        ("States.Format('{}', $.arr[9])", "$.arr[9]"),
        ("States.Format('{}', $$.Nope.Deep)", "$.Nope.Deep"),
    ],
)
def test_an_argument_that_finds_nothing(text, argument):
    with pytest.raises(ExpressionError) as failed:
        call(text)
    assert failed.value.error == "States.Runtime"
    assert failed.value.cause.startswith(f"The function '{text}' had the following error: {MISSING.format(argument)}")


def test_an_index_into_something_else_shows_the_librarys_sentence():
    with pytest.raises(ExpressionError) as failed:
        call("States.Format('{}', $.n[0])")
    assert failed.value.cause == (
        "The function 'States.Format('{}', $.n[0])' had the following error: Filter: [0] can only be applied to arrays. Current context is: 41"
    )


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("States.Nope()", 0),
        ("States.Format('a'", 17),
        ("States.Format('a", 14),
        ("States.UUID() x", 14),
        ("States.Array(1,)", 15),
        ("States.Array($.a[)", 17),
        ("Format('a')", 0),
        ("", 0),
        ("States.Array(" * (MAX_NESTING + 1), 13 * MAX_NESTING),
    ],
)
def test_what_is_no_call_is_refused_with_its_place(text, offset):
    with pytest.raises(SyntaxProblem) as problem:
        compile_call(text)
    assert problem.value.offset == offset


def test_nesting_up_to_the_limit():
    assert call("States.Array(" * (MAX_NESTING - 1) + "States.UUID()" + ")" * (MAX_NESTING - 1))


def test_the_linter_is_told_about_wrong_counts():
    found = problems_of(parse_call("States.Array(States.MathAdd(1), States.UUID(2))"))
    assert [(problem.message, problem.offset) for problem in found] == [
        ("States.MathAdd(a, b) takes 2 arguments, not 1", 13),
        ("States.UUID() takes no arguments, not 1", 32),
    ]


def test_paths_of_a_call():
    parsed = parse_call("States.Format('{} {}', $.a['x, y'], States.Array($$.State.Name, $v[?(@.n == ')')]))")
    assert [path.text for path in paths_of(parsed)] == ["$.a['x, y']", "$$.State.Name", "$v[?(@.n == ')')]"]


def test_the_table_is_complete_and_its_examples_parse():
    assert len(TABLE) == 18
    assert all(problems_of(parse_call(row.example)) == [] and row.doc.endswith(".") for row in TABLE.values())
    assert [TABLE[f"States.{name}"].signature for name in ("Format", "MathRandom", "UUID")] == [
        "States.Format(template, [value], …)",
        "States.MathRandom(first, last, [seed])",
        "States.UUID()",
    ]


@given(st.text("States.FormatArray('{}\\,$[]01 \")", max_size=40))
def test_compiling_raises_nothing_but_syntax_problems(text):
    for candidate in (text, f"States.Format({text})", f"States.Array('{text}')"):
        problem = refusal(compile_call, candidate)
        assert problem is None or 0 <= problem.offset <= len(candidate)


@given(st.text(max_size=30))
def test_escaped_text_formats_to_itself(text):
    escaped = re.sub(r"(['{}\\])", r"\\\1", text)
    assert compile_call(f"States.Format('{escaped}')")({}, {}, {}, AMBIENT) == text
