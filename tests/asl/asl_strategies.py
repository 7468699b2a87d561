"""Values and edits of values for the property tests of the language."""

from __future__ import annotations

from hypothesis import strategies as st

from studio.asl import tree
from studio.asl.tree import Json

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)

texts = st.sampled_from(
    [
        *("", "a", "x: y", "# c", "multi\nline", "multi\nline\n", " lead", "trail ", "yes", "1", "2024-01-01", "{% $x %}", "${X}"),
        *("- a", "é✓", '"q"', "it's", "a\tb", "\u2028", "*x", "&x", "!x", "null", "~", "a #b", "a:", "\n", "\n\nx", "x\n\n", "C:\\x"),
        *("%", "?", "$.a[0]", "--- a", "...", "<<", "=", "a" * 200),
    ]
)
names = st.sampled_from(["a", "b", "Next", "Type", "x y", "a: b", "#", "1", "<<", "", "é", '"', "- x", "?", "true"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([0.5, 1.0, 1e30]) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def edited(draw: st.DrawFn, root: Json) -> Json:
    """A root after one to four changes: values put, members removed, renamed, inserted, reordered, moved."""
    for _ in range(draw(st.integers(1, 4))):
        places = list(tree.walk(root))
        pointer, value = places[draw(st.integers(0, len(places) - 1))]
        match draw(st.integers(0, 6)):
            case 0:
                root = tree.put(root, pointer, draw(values))
            case 1 if pointer:
                root = tree.drop(root, pointer)
            case 2 if isinstance(value, dict):
                before = draw(st.sampled_from([None, *value]))
                root = tree.insert(root, (*pointer, draw(names)), draw(values), before=before)
            case 3 if isinstance(value, list):
                root = tree.insert(root, (*pointer, draw(st.integers(0, len(value)))), draw(values))
            case 4 if pointer and isinstance(pointer[-1], str):
                new = draw(names)
                if not tree.has(root, (*pointer[:-1], new)):
                    root = tree.rename_key(root, pointer, new)
            case 5 if isinstance(value, dict | list):
                items = draw(st.permutations(list(value.items() if isinstance(value, dict) else value)))
                root = tree.put(root, pointer, dict(items) if isinstance(value, dict) else items)
            case 6 if pointer:
                rest = tree.drop(root, pointer)
                homes = [p for p, v in tree.walk(rest) if isinstance(v, dict)]
                if homes:
                    root = tree.put(rest, (*draw(st.sampled_from(homes)), draw(names)), value)
            case _:
                pass
    return root
