from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import refusal

from studio.asl.jsonpath import PathMissing, Reference, compile_path, compile_reference
from studio.asl.values import ExpressionError, SyntaxProblem

STORE = {
    "book": [
        {"category": "reference", "author": "Rees", "title": "Sayings", "price": 8.95},
        {"category": "fiction", "author": "Waugh", "title": "Sword", "price": 12.99},
        {"category": "fiction", "author": "Melville", "title": "Moby Dick", "isbn": "0-553", "price": 8.99},
        {"category": "fiction", "author": "Tolkien", "title": "The Lord", "isbn": "0-395", "price": 22.99},
    ],
    "bicycle": {"color": "red", "price": 19.95},
}
DATA = {"store": STORE, "limit": 10, "empty": [], "a b": {"c.d": 1}, "nothing": None, "list": [[1, 2], [3]], "tags": ["x", "y"]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", DATA),
        ("$.limit", 10),
        ("$.store.bicycle.color", "red"),
        ("$['a b']['c.d']", 1),
        ('$["a b"]["c.d"]', 1),
        ("$.store.book[0].title", "Sayings"),
        ("$.store.book[-1].title", "The Lord"),
        ("$.nothing", None),
        ("$.list[1][0]", 3),
        ("$.store.bicycle['color']", "red"),
    ],
)
def test_definite_paths_read_one_value(path, value):
    compiled = compile_path(path)
    assert (compiled.definite, compiled(DATA)) == (True, value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.store.book[*].author", ["Rees", "Waugh", "Melville", "Tolkien"]),
        ("$.store.book[0,1].author", ["Rees", "Waugh"]),
        ("$.store.book[1:3].author", ["Waugh", "Melville"]),
        ("$.store.book[-2:].author", ["Melville", "Tolkien"]),
        ("$.store.book[:1]", STORE["book"][:1]),
        ("$..author", ["Rees", "Waugh", "Melville", "Tolkien"]),
        ("$..book[2].title", ["Moby Dick"]),
        ("$.store..price", [8.95, 12.99, 8.99, 22.99, 19.95]),
        ("$.store.book[?(@.isbn)].title", ["Moby Dick", "The Lord"]),
        ("$.store.book[?(@.price < 10)].title", ["Sayings", "Moby Dick"]),
        ("$.store.book[?(@.price < $.limit && @.category == 'fiction')].title", ["Moby Dick"]),
        ("$.store.book[?(@.price > 20 || @.category == 'reference')].title", ["Sayings", "The Lord"]),
        ("$.store.book[?(!(@.category == 'fiction'))].title", ["Sayings"]),
        ("$.store.book[?(@.author =~ /.*ee.*/i)].title", ["Sayings"]),
        ("$.store.book[?(@.category in ['reference'])].title", ["Sayings"]),
        ("$.store.book[?(@['price'] == '8.95')].title", ["Sayings"]),
        ("$.store.book[1]['author','title']", [{"author": "Waugh", "title": "Sword"}]),
        ("$.store.*.color", ["red"]),
        ("$.list[*][*]", [1, 2, 3]),
        ("$.tags[?(@ == 'x')]", ["x"]),
        ("$.empty[*]", []),
        ("$.missing[*].x", []),
        ("$.missing[1:5]", []),
        ("$.store.book.length()", 4),
        ("$.store.book[*].price.max()", 22.99),
        ("$..nope", []),
    ],
)
def test_indefinite_paths_read_a_list(path, value):
    compiled = compile_path(path)
    assert (compiled.definite, compiled(DATA)) == (False, value)


def test_roots():
    assert compile_path("$$.Execution.Id")(DATA, {"Execution": {"Id": "e"}}) == "e"
    assert compile_path("$order.lines[0].sku")(DATA, {}, {"order": {"lines": [{"sku": "s"}]}}) == "s"
    assert compile_path("$rows[*].n")(DATA, {}, {"rows": [{"n": 1}, {"n": 2}]}) == [1, 2]
    assert compile_path("$$")(DATA, {"State": {}}) == {"State": {}}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("$.no.such.path", "Missing property in path $['no']"),
        ("$.no", "No results for path: $['no']"),
        ("$.store.nope.x", "Missing property in path $['store']['nope']"),
        ("$.store.book[9]", "No results for path: $['store']['book'][9]"),
        ("$.limit[0]", "Filter: [0] can only be applied to arrays. Current context is: 10"),
        ("$.nothing[0]", "The path $['nothing'] is null"),
    ],
)
def test_a_miss_is_explained_in_jayways_words(path, reason):
    with pytest.raises(PathMissing) as missing:
        compile_path(path)(DATA)
    assert (missing.value.error, missing.value.cause) == ("States.Runtime", f"Invalid path '{path}' : {reason}")


@pytest.mark.parametrize(
    ("path", "offset"),
    [
        ("", 0),
        ("a.b", 0),
        ("$.", 2),
        ("$.a.", 4),
        ("$.a[", 4),
        ("$.a[?(@.b", 9),
        ("$.a['b", 6),
        ("$.a b", 3),
        ("$.a[x]", 4),
        ("$..", 3),
        ("$.a.nope()", 4),
        ("$.a.length().b", 14),
    ],
)
def test_what_is_no_path_is_refused_with_its_place(path, offset):
    with pytest.raises(SyntaxProblem) as problem:
        compile_path(path)
    assert problem.value.offset == offset


def test_only_reference_paths_are_references():
    with pytest.raises(SyntaxProblem, match="not a reference path"):
        compile_reference("$.a[*]")


@pytest.mark.parametrize(
    ("path", "data", "value", "written"),
    [
        ("$", {"a": 1}, 2, 2),
        ("$.b", {"a": 1}, 2, {"a": 1, "b": 2}),
        ("$.a", {"a": 1, "z": 0}, 2, {"a": 2, "z": 0}),
        ("$.x.y.z", {"a": 1}, 2, {"a": 1, "x": {"y": {"z": 2}}}),
        ("$.a[1]", {"a": [1, 2]}, 9, {"a": [1, 9]}),
    ],
)
def test_writing(path, data, value, written):
    assert compile_reference(path).write(data, value) == written


@pytest.mark.parametrize(("path", "data"), [("$.a.b", {"a": "text"}), ("$.a", [1]), ("$.a[5]", {"a": [1]})])
def test_writing_through_something_else_fails(path, data):
    with pytest.raises(ExpressionError, match="Unable to apply ReferencePath") as failed:
        compile_reference(path).write(data, 1)
    assert failed.value.error == "States.ResultPathMatchFailure"


NAMES = st.lists(st.text("abcxyz", min_size=1, max_size=3), min_size=1, max_size=4)
VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda v: st.dictionaries(st.text("abcxyz", min_size=1, max_size=2), v, max_size=3),
    max_leaves=8,
)


@given(NAMES, VALUES, st.dictionaries(st.text("abcxyz", min_size=1, max_size=2), VALUES, max_size=4))
def test_what_was_written_is_read_and_all_else_is_shared(names, value, data):
    reference = compile_reference("$." + ".".join(names))
    try:
        written = reference.write(data, value)
    except ExpressionError:
        return
    assert reference(written) == value
    assert isinstance(written, dict)
    assert all(written[key] is data[key] for key in data if key != names[0])


@given(st.text("$.@[]()'\"*?:,0129-abc &|=<>~/\\!_", max_size=25))
def test_compiling_raises_nothing_but_syntax_problems(text):
    for candidate in (text, "$" + text, "$.a[?(" + text + ")]"):
        problem = refusal(compile_path, candidate)
        if problem is None:
            path = compile_path(candidate)
            assert isinstance(path, Reference) is path.definite
        else:
            assert 0 <= problem.offset <= len(candidate)


@given(st.text("$.@[]()'*?:,01-ab", max_size=12), VALUES)
def test_evaluating_raises_nothing_but_expression_errors(text, data):
    try:
        path = compile_path("$" + text)
    except SyntaxProblem:
        return
    with contextlib.suppress(ExpressionError):
        path(data)


def test_catastrophic_filters_are_refused():
    wide = {"a": [{"b": list(range(300))} for _ in range(300)]}
    with pytest.raises(ExpressionError, match="visits more than"):
        compile_path("$..[?(@..[?(@..[?(@.x)])])]")(wide)
    with pytest.raises(SyntaxProblem, match="repeats a repetition"):
        compile_path("$.a[?(@.b =~ /(a+)+$/)]")
    with pytest.raises(SyntaxProblem, match="levels"):
        compile_path("$[?(" + "(" * 5000)
