from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from canvas_definitions import FILES, load, scribbles
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.canvas import picture, scene
from studio.canvas.geometry import Point

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("path", FILES[::12], ids=lambda path: path.stem)
def test_a_picture_is_well_formed_and_holds_every_state(path: Any) -> None:
    drawn = scene.build(load(path))
    tree = ET.fromstring(picture.svg(drawn))
    named = [element.get("data-state") for element in tree.iter(f"{SVG}g") if element.get("data-state") is not None]
    assert sorted(named) == sorted(node.name for node in drawn.nodes.values() if node.kind == "state")


@settings(max_examples=40, deadline=None)
@given(scribbles, st.sampled_from(["light", "dark"]))
def test_half_typed_definitions_have_pictures(root: Any, theme: Any) -> None:
    ET.fromstring(picture.svg(scene.build(root), theme=theme))
    picture.dot(scene.build(root))


@given(st.text(max_size=40))
def test_names_are_text_never_markup(name: str) -> None:
    root = {"StartAt": name, "States": {name: {"Type": "Fail", "Error": name}}}
    text = picture.svg(scene.build(root), title=name)
    tree = ET.fromstring(text)
    assert {element.tag.removeprefix(SVG) for element in tree.iter()} <= {"svg", "title", "rect", "g", "path", "text", "circle"}


def test_markup_in_names_is_escaped() -> None:
    name = '<script>alert("1")</script>'
    text = picture.svg(scene.build({"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}}))
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_a_status_has_its_own_border_icon_and_word() -> None:
    root = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    for status in picture.STATUS:
        text = picture.svg(scene.build(root, statuses={"A": status}))
        assert picture.STATUS[status].light[0] in text
        assert status.replace("-", " ") in text
    assert picture.svg(scene.build(root, statuses={"A": "levitating"}))


def test_corners_are_round_and_the_line_ends_where_the_arrow_begins() -> None:
    way = (Point(0, 0), Point(0, 20), Point(40, 20), Point(40, 60))
    assert picture.rounded(way) == "M0 0L0 12Q0 20 8 20L32 20Q40 20 40 28L40 54"


def test_dot_of_a_small_workflow() -> None:
    inner = {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}}
    root = {"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemProcessor": inner, "End": True}}}
    text = picture.dot(scene.build(root), title='Say "hi"')
    assert 'label="Say \\"hi\\""' in text
    assert "subgraph cluster_n1" in text
    assert text.count("->") == 4


def test_what_a_version_differs_in_is_marked() -> None:
    root = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}}
    drawn = picture.svg(scene.build(root), changes={"A": "changed", "B": "added", "Gone": "removed"})
    assert re.findall(r'data-change="(\w+)"', drawn) == ["changed", "added"]
    assert picture.svg(scene.build(root)) == picture.svg(scene.build(root), changes={})
