"""The names of AWS's services, kept on disk between starts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from studio.catalogue import kept, services
from studio.catalogue.kept import Named

ONE = [Named("sqs", "SQS", "Amazon Simple Queue Service", ("DeleteMessage", "SendMessage"))]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place there is."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "asl-studio"


def test_what_is_kept_comes_back(folder: Path) -> None:
    assert kept.load() is None
    folder.mkdir()
    (folder / "services-1-botocore-0.0.1.json").write_text("[]")
    kept.keep(ONE)
    assert kept.load() == ONE
    assert [p.name for p in folder.iterdir()] == [kept.places()[0].name]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"[1]", b'[["a"]]', b"\xff", b'[["a","b","c",1]]', b'{"a":[1,2,3,4]}'])
def test_a_torn_file_is_as_good_as_none(folder: Path, content: bytes) -> None:
    folder.mkdir()
    kept.places()[0].write_bytes(content)
    assert kept.load() is None


def test_a_virtual_environment_comes_first_where_it_can_be_written(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    kept.keep(ONE)
    assert [p.is_file() for p in kept.places()] == [True, False]
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "file"))
    kept.keep(ONE)
    assert [p.is_file() for p in kept.places()] == [False, True]
    assert kept.load() == ONE


def test_no_place_costs_nothing_but_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.parent.joinpath("file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent / "file"))
    kept.keep(ONE)
    assert kept.load() is None
    monkeypatch.setenv("XDG_CACHE_HOME", "nowhere/in/particular")
    assert kept.places() == []


def test_the_services_are_the_same_read_from_botocore_and_from_disk(folder: Path) -> None:
    fresh = services.all_services.__wrapped__()
    assert kept.load() is not None
    assert services.all_services.__wrapped__() == fresh
    assert fresh["sqs"].actions[-2:] == ("tagQueue", "untagQueue")
