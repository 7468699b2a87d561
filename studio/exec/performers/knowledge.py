"""A knowledge base on this machine: the documents of a folder, `knowledge/<KnowledgeBaseId>/*.md|txt` beside the workflow, found by their words.

Documents are cut into passages (paragraphs, put together up to `PASSAGE` characters) and ranked by Okapi BM25 (k1 1.2, b 0.75) over words without
their plural's ending. A score s is shown as s / (s + 1), so that it lies between 0 and 1, as Bedrock's. `NAME.md.metadata.json` beside a document
holds its attributes, in Bedrock's form: `{"metadataAttributes": {"year": 2024}}`; filters use them. A source is told as a place in S3,
as most knowledge bases have it: `s3://knowledge/<KnowledgeBaseId>/<file>`.

Errors: `Unsupported` for a filter or a way of searching that is not Bedrock's simple ones.
"""

# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.asl.tree import Json
from studio.exec.performers.bedrock_chat import FormatError, Unsupported

PASSAGE = 1200
_ENDINGS = frozenset({".md", ".txt"})
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WORD = re.compile(r"\w+")
_K1, _B = 1.2, 0.75
_LITTLE = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be by do does for from has have how in is it its of on or our that the this to was we what which will with you your",
    )
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document; `words` counts its words."""

    file: str
    text: str
    metadata: dict[str, Any]
    words: Counter[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, as `shown` tells it."""

    text: str
    source: str
    metadata: dict[str, Any]
    score: float

    def shown(self) -> dict[str, Json]:
        return {
            "Content": {"Text": self.text, "Type": "TEXT"},
            "Location": {"S3Location": {"Uri": self.source}, "Type": "S3"},
            "Metadata": {"x-amz-bedrock-kb-source-uri": self.source, **self.metadata},
            "Score": self.score,
        }


@dataclass(frozen=True, slots=True)
class Index:
    """A folder's passages. `stamp` names the state of its files."""

    stamp: tuple[tuple[str, int, int], ...]
    passages: tuple[Passage, ...] = field(repr=False)


_known: dict[Path, Index] = {}


def folder_of(workflow: Path, name: str) -> Path | None:
    """The documents of a knowledge base beside a workflow; None where there are none."""
    folder = workflow / "knowledge" / name
    return folder if _ID.fullmatch(name) and folder.is_dir() else None


def search(folder: Path, query: Any, configuration: Any) -> list[Hit]:
    """The best passages for a query; `configuration` is Retrieve's. Errors: FormatError, Unsupported."""
    if not isinstance(query, str) or not 1 <= len(query) <= 1000:
        raise FormatError("1 validation error detected: 'retrievalQuery.text' must have between 1 and 1000 characters.")
    vector: Any = configuration.get("VectorSearchConfiguration") or {}
    most = vector.get("NumberOfResults", 5)
    if not isinstance(most, int) or not 1 <= most <= 100:
        raise FormatError("1 validation error detected: 'numberOfResults' must be between 1 and 100.")
    if vector.get("RerankingConfiguration") or vector.get("ImplicitFilterConfiguration"):
        raise Unsupported("The documents of a folder are neither reranked nor filtered by a model.")
    wanted = vector.get("Filter")
    fits: Callable[[Passage], bool] = (lambda passage: _fits(wanted, passage.metadata)) if wanted else (lambda _passage: True)
    return ranked(query, [p for p in index(folder).passages if fits(p)])[:most]


def ranked(query: str, passages: list[Passage]) -> list[Hit]:
    """The passages that have a word of the query, best first."""
    asked = set(words(query))
    count = len(passages)
    average = sum(p.words.total() for p in passages) / count if count else 1.0
    having = Counter(word for p in passages for word in asked & p.words.keys())
    hits: list[Hit] = []
    for passage in passages:
        length = passage.words.total() / (average or 1.0)
        score = 0.0
        for word in asked & passage.words.keys():
            rarity = math.log(1 + (count - having[word] + 0.5) / (having[word] + 0.5))
            often = passage.words[word]
            score += rarity * often * (_K1 + 1) / (often + _K1 * (1 - _B + _B * length))
        if score > 0:
            hits.append(Hit(passage.text, passage.file, passage.metadata, round(score / (score + 1), 6)))
    return sorted(hits, key=lambda hit: (-hit.score, hit.source, hit.text))


def index(folder: Path) -> Index:
    """The passages of a folder, read again when one of its files has changed."""
    files = sorted(f for f in folder.rglob("*") if f.is_file() and (f.suffix.lower() in _ENDINGS or f.name.endswith(".metadata.json")))
    stamp = tuple((str(f.relative_to(folder)), f.stat().st_mtime_ns, f.stat().st_size) for f in files)
    known = _known.get(folder)
    if known is not None and known.stamp == stamp:
        return known
    made: list[Passage] = []
    for file in files:
        if file.suffix.lower() in _ENDINGS:
            name, metadata = f"s3://knowledge/{folder.name}/{file.relative_to(folder).as_posix()}", _metadata(file)
            made += [Passage(name, text, metadata, Counter(words(text))) for text in passages_of(file.read_text("utf-8", "replace"))]
    _known[folder] = found = Index(stamp, tuple(made))
    return found


def passages_of(text: str) -> list[str]:
    """A document's passages: paragraphs put together up to a size; a heading begins a new one and stays with what follows."""
    found: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        for piece in _pieces(paragraph.strip()):
            if found and len(found[-1]) + len(piece) + 2 <= PASSAGE and not piece.startswith("#"):
                found[-1] += f"\n\n{piece}"
            elif piece:
                found.append(piece)
    return found


def _pieces(paragraph: str) -> list[str]:
    """A paragraph, cut between sentences where it is too long."""
    pieces: list[str] = []
    while len(paragraph) > PASSAGE:
        cut = (
            max(paragraph.rfind(mark, PASSAGE // 2, PASSAGE) for mark in (". ", "! ", "? ", "\n")) + 1
            or paragraph.rfind(" ", 1, PASSAGE) + 1
            or PASSAGE
        )
        pieces.append(paragraph[:cut].strip())
        paragraph = paragraph[cut:].strip()
    return [*pieces, paragraph]


def words(text: str) -> list[str]:
    """The words that count, without the plural's ending."""
    return [_stem(word) for word in _WORD.findall(text.casefold()) if word not in _LITTLE]


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _metadata(file: Path) -> dict[str, Any]:
    beside = file.with_name(f"{file.name}.metadata.json")
    if not beside.is_file():
        return {}
    try:
        return dict(json.loads(beside.read_text("utf-8"))["metadataAttributes"])
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f'{beside.name} does not hold {{"metadataAttributes": {{…}}}}: {error}') from error


def _fits(wanted: Any, metadata: dict[str, Any]) -> bool:
    """Whether a document's attributes are what a filter asks for."""
    if not isinstance(wanted, dict) or len(wanted) != 1:
        raise FormatError("A filter is one of Equals, NotEquals, GreaterThan, …, AndAll, OrAll.")
    name, given = next(iter(wanted.items()))
    if name in {"AndAll", "OrAll"}:
        return (all if name == "AndAll" else any)([_fits(each, metadata) for each in given])
    test = _TESTS.get(str(name))
    if test is None:
        raise Unsupported(f"The documents of a folder are not filtered by {name}.")
    value = metadata.get(given["Key"])
    if value is None:
        return name in {"NotEquals", "NotIn"}
    try:
        return test(value, given["Value"])
    except TypeError:  # a text is neither greater nor less than a number
        return False


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda value, given: value == given,
    "NotEquals": lambda value, given: value != given,
    "GreaterThan": lambda value, given: value > given,
    "GreaterThanOrEquals": lambda value, given: value >= given,
    "LessThan": lambda value, given: value < given,
    "LessThanOrEquals": lambda value, given: value <= given,
    "In": lambda value, given: value in given,
    "NotIn": lambda value, given: value not in given,
    "StartsWith": lambda value, given: str(value).startswith(given),
    "StringContains": lambda value, given: given in value,
    "ListContains": lambda value, given: isinstance(value, list) and given in value,
}
