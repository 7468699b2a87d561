"""Passages of a folder's documents, found by their words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.exec.performers.bedrock_chat import FormatError, Unsupported
from studio.exec.performers.knowledge import PASSAGE, folder_of, passages_of, search

DOCUMENTS = {
    "team.md": "# Our team\n\nTwelve engineers and two designers work on each project.",
    "security/policy.txt": "Every disk is encrypted. Keys are rotated each month.\n\nBackups of the disks are kept for a year.",
    "prices.md": "# Prices\n\nThe price of a project is agreed before it begins.",
    "picture.png": "encrypted",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge" / "KB1"
    for name, text in DOCUMENTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for name, year in (("team.md", 2024), ("prices.md", 2025)):
        (folder / f"{name}.metadata.json").write_text(json.dumps({"metadataAttributes": {"year": year, "kinds": ["a", name[0]]}}))
    return folder


def sources(folder: Path, query: str, **vector: Any) -> list[str]:
    return [hit.source.removeprefix("s3://knowledge/KB1/") for hit in search(folder, query, {"VectorSearchConfiguration": vector})]


@pytest.mark.parametrize(
    ("query", "most", "expected"),
    [
        ("Are the disks encrypted?", 5, ["security/policy.txt"]),
        ("How many engineers work on a project?", 5, ["team.md", "prices.md"]),
        ("project", 1, ["prices.md"]),
        ("nothing of that kind", 5, []),
        ("the and of", 5, []),
        ("KEY", 5, ["security/policy.txt"]),
    ],
)
def test_the_best_passages_come_first(folder: Path, query: str, most: int, expected: list[str]) -> None:
    assert sources(folder, query, NumberOfResults=most) == expected


def test_a_passage_is_told_as_bedrock_tells_it(folder: Path) -> None:
    (hit,) = search(folder, "encrypted", {})
    told = hit.shown()
    score: Any = told.pop("Score")
    assert 0 < score < 1
    assert told == {
        "Content": {"Text": DOCUMENTS["security/policy.txt"], "Type": "TEXT"},
        "Location": {"S3Location": {"Uri": "s3://knowledge/KB1/security/policy.txt"}, "Type": "S3"},
        "Metadata": {"x-amz-bedrock-kb-source-uri": "s3://knowledge/KB1/security/policy.txt"},
    }


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"Equals": {"Key": "year", "Value": 2024}}, ["team.md"]),
        ({"NotEquals": {"Key": "year", "Value": 2024}}, ["prices.md"]),
        ({"GreaterThan": {"Key": "year", "Value": 2024}}, ["prices.md"]),
        ({"LessThan": {"Key": "year", "Value": "x"}}, []),
        ({"In": {"Key": "year", "Value": [2024, 2025]}}, ["prices.md", "team.md"]),
        ({"ListContains": {"Key": "kinds", "Value": "t"}}, ["team.md"]),
        (
            {"AndAll": [{"GreaterThanOrEquals": {"Key": "year", "Value": 2024}}, {"LessThanOrEquals": {"Key": "year", "Value": 2024}}]},
            ["team.md"],
        ),
        ({"OrAll": [{"Equals": {"Key": "year", "Value": 1}}, {"Equals": {"Key": "year", "Value": 2025}}]}, ["prices.md"]),
        ({"Equals": {"Key": "other", "Value": 1}}, []),
    ],
)
def test_documents_are_filtered_by_their_attributes(folder: Path, wanted: Any, expected: list[str]) -> None:
    assert sources(folder, "project", Filter=wanted) == expected


@pytest.mark.parametrize(
    ("query", "vector", "error"),
    [
        ("", {}, FormatError),
        ("x" * 1001, {}, FormatError),
        ("x", {"NumberOfResults": 0}, FormatError),
        ("x", {"Filter": {"Like": {"Key": "year", "Value": 1}}}, Unsupported),
        ("x", {"Filter": {}}, None),
        ("x", {"RerankingConfiguration": {"Type": "BEDROCK_RERANKING_MODEL"}}, Unsupported),
    ],
)
def test_what_cannot_be_searched(folder: Path, query: str, vector: Any, error: type[Exception] | None) -> None:
    if error is None:
        assert sources(folder, query, **vector) == []
        return
    with pytest.raises(error):
        sources(folder, query, **vector)


def test_a_changed_document_is_read_again(folder: Path) -> None:
    assert sources(folder, "zebra") == []
    (folder / "new.txt").write_text("A zebra.")
    assert sources(folder, "zebras") == ["new.txt"]
    (folder / "new.txt").unlink()
    assert sources(folder, "zebra") == []


def test_long_documents_are_cut_between_sentences_and_headings_begin_passages() -> None:
    long = "A sentence of some words. " * 100
    text = f"# One\n\n{long}\n\n# Two\n\nshort\n\nand more"
    found = passages_of(text)
    assert found[-1] == "# Two\n\nshort\n\nand more"
    assert "".join(found).replace("\n", "").replace(" ", "") == text.replace("\n", "").replace(" ", "")
    assert all(len(piece) <= PASSAGE and piece.endswith((".", "# One", "more")) for piece in found)
    assert passages_of("x" * 3000) == ["x" * 1200, "x" * 1200, "x" * 600]


@pytest.mark.parametrize("name", ["../KB1", "KB2", "", "a/b"])
def test_only_a_folder_of_that_name_is_a_knowledge_base(folder: Path, name: str) -> None:
    assert folder_of(folder.parents[1], name) is None
    assert folder_of(folder.parents[1], "KB1") == folder


def test_attributes_that_are_none(folder: Path) -> None:
    (folder / "team.md.metadata.json").write_text("[]")
    with pytest.raises(FormatError, match=r"team\.md\.metadata\.json does not hold"):
        search(folder, "project", {})
