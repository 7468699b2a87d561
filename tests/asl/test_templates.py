from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import refusal

from studio.asl.expression_references import Reads, free_variables, reads_of, template_reads
from studio.asl.templates import compile_jsonata_value, compile_payload
from studio.asl.values import NOWHERE, ExpressionError, SyntaxProblem

DATA = {"a": {"b": 1}, "list": [1, 2], "nul": None}
CONTEXT = {"Execution": {"Id": "e"}}
VARIABLES = {"v": {"x": 9}}


def build(template):
    return compile_payload(template)(DATA, CONTEXT, VARIABLES, NOWHERE)


@pytest.mark.parametrize(
    ("template", "built"),
    [
        ({"x.$": "$.a.b"}, {"x": 1}),
        ({"x.$": "$", "y": "$.a"}, {"y": "$.a", "x": DATA}),
        ({"x": {"y": [{"z.$": "$.a"}, "$.a"]}}, {"x": {"y": [{"z": {"b": 1}}, "$.a"]}}),
        ({"x.$": "$$.Execution.Id", "y.$": "$v.x", "z.$": "States.Array($.a.b)"}, {"x": "e", "y": 9, "z": [1]}),
        ({"x": 1, "x.$": "$.a.b"}, {"x": 1}),
        ({"x.$": "$.list[7]"}, {"x": None}),
        ({"x.$": "$.nul"}, {"x": None}),
        ({"x.$": "$.nope[*]"}, {"x": []}),
        ({".$": "$.a.b"}, {"": 1}),
        ([{"x.$": "$.a.b"}], [{"x": 1}]),
        ("$.a", "$.a"),
        (None, None),
    ],
)
def test_payload_templates(template, built):
    assert build(template) == built


def test_evaluated_members_follow_the_others_in_hash_order():
    template = {"Question.$": "$.a.b", "z": 1, "Answer.$": "$.a.b", "nested": {"k.$": "$.a.b"}}
    assert list(build(template)) == ["z", "nested", "Answer", "Question"]


def test_constant_parts_are_shared_not_copied():
    template = {"still": {"deep": [1]}, "x.$": "$.a"}
    made = build(template)
    assert made["still"] is template["still"]
    assert made["x"] is DATA["a"]
    still = {"only": ["constants"]}
    assert build(still) is still


@pytest.mark.parametrize(
    ("template", "cause"),
    [
        (
            {"o": {"x.$": "$.a.nope"}},
            """The JSONPath '$.a.nope' specified for the field 'x.$' could not be found in the input '{"a":{"b":1},"list":[1,2],"nul":null}'""",
        ),
        (
            {"x.$": "$$.Nope.Deep"},
            """The JSONPath '$.Nope.Deep' specified for the field 'x.$' could not be found in the input '{"Execution":{"Id":"e"}}'""",
        ),
        ({"x.$": "$.a[0]"}, "Invalid path '$.a[0]' : Filter: [0] can only be applied to arrays. Current context is: {\"b\":1}"),
    ],
)
def test_a_path_that_finds_nothing(template, cause):
    with pytest.raises(ExpressionError) as failed:
        build(template)
    assert (failed.value.error, failed.value.cause) == ("States.Runtime", cause)


@pytest.mark.parametrize("template", [{"x.$": "abc"}, {"x.$": 1}, {"x.$": "States.Nope()"}, {"x": [{"y.$": "$.["}]}])
def test_what_is_no_template_is_refused(template):
    with pytest.raises(SyntaxProblem):
        compile_payload(template)


def test_deep_templates_are_refused_not_recursed_into():
    template = {}
    for _ in range(5000):
        template = {"x": template}
    with pytest.raises(SyntaxProblem, match="levels deep"):
        compile_payload(template)
    with pytest.raises(SyntaxProblem, match="levels deep"):
        compile_jsonata_value(template, "Output")


KEYS = st.text("ab.$", max_size=3)
TEMPLATES = st.recursive(
    st.none() | st.integers() | st.text("$.aStates()", max_size=6),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(KEYS, v, max_size=3),
    max_leaves=10,
)


@given(TEMPLATES)
def test_compiling_raises_nothing_but_syntax_problems(template):
    if refusal(compile_payload, template) is None:
        with contextlib.suppress(ExpressionError):
            build(template)


def jsonata(template, where="Output"):
    return compile_jsonata_value(template, where)({"input": DATA, "context": CONTEXT}, VARIABLES, NOWHERE)


@pytest.mark.parametrize(
    ("template", "built"),
    [
        ({"x": "{% $states.input.a.b + 1 %}", "y": ["{% $v.x %}", "$v"], "z": "{% null %}"}, {"x": 2, "y": [9, "$v"], "z": None}),
        ("{% $states.input.list %}", [1, 2]),
        ("plain", "plain"),
        ("{% 1 %} and more", "{% 1 %} and more"),
        ({"x.$": "$.a"}, {"x.$": "$.a"}),
        (0.1, 0.1),
    ],
)
def test_jsonata_values(template, built):
    assert jsonata(template) == built


def test_jsonata_constants_are_shared():
    template = {"still": {"deep": [1]}, "x": "{% 1 %}"}
    assert jsonata(template)["still"] is template["still"]


@pytest.mark.parametrize(
    ("template", "where"),
    [({"a": {"b": ["x", "{% $nope %}"]}}, "Output/a/b[1]"), ("{% $nope %}", "Output"), ([[{"k": "{% $nope %}"}]], "Output[0][0]/k")],
)
def test_fields_are_named_in_causes(template, where):
    with pytest.raises(ExpressionError) as failed:
        jsonata(template)
    assert (failed.value.where, failed.value.cause) == (
        where,
        f"The JSONata expression '$nope' specified for the field '{where}' returned nothing (undefined).",
    )


def test_what_expressions_read():
    assert reads_of("States.Format('{}', $.a.b[0], $$.Execution.Id, $v.x)") == Reads(
        input=frozenset({("a", "b", 0)}),
        context=frozenset({("Execution", "Id")}),
        variables=frozenset({"v"}),
        functions=frozenset({"States.Format"}),
    )
    assert reads_of("$.rows[*].x").input == {("rows",)}
    assert reads_of("$sum($states.result.n) + $states.errorOutput.Error & $w", "JSONata") == Reads(
        result=frozenset({("n",)}), error=frozenset({("Error",)}), variables=frozenset({"w"}), functions=frozenset({"sum"})
    )
    assert reads_of("$.[", "JSONPath") == Reads()
    assert free_variables({"a.$": "$x.y", "b": {"c.$": "States.Array($z)"}, "d": "$no"}) == {"x", "z"}
    assert template_reads({"a": ["{% $states %}", "{% $q %}"]}, "JSONata").input == {()}
