from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.asl.edits import RemoveValue, SetValue, apply_edit
from studio.ui.panels.converting import edits_between

STATES = st.dictionaries(st.sampled_from("ABC"), st.fixed_dictionaries({"Type": st.sampled_from(["Pass", "Succeed"])}), min_size=1)
ROOTS = st.fixed_dictionaries(
    {"StartAt": st.just("A"), "States": STATES}, optional={"Comment": st.text(), "QueryLanguage": st.just("JSONata")}
)


def test_only_what_differs_is_edited() -> None:
    old = {"Comment": "c", "States": {"A": {"Type": "Pass"}, "B": {"Type": "Pass"}}}
    new = {"QueryLanguage": "JSONata", "States": {"A": {"Type": "Pass"}, "B": {"Type": "Wait"}}}
    assert edits_between(old, new) == [
        RemoveValue(("Comment",)),
        SetValue(("QueryLanguage",), "JSONata"),
        SetValue(("States", "B"), {"Type": "Wait"}),
    ]


@given(ROOTS, ROOTS)
def test_the_edits_make_one_of_the_other(old: dict, new: dict) -> None:
    new = {**new, "States": {**old["States"], **new["States"]}}  # a conversion takes no state away
    made = old
    for edit in edits_between(old, new):
        made = apply_edit(made, edit)
    assert made == new
