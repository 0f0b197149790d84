"""The Facebook download."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import SourceError, UsageError
from ingest import Told, open_export, reader_named
from ingest.readers._facebook import repaired
from tests.ingest.conftest import SAMPLES, read

EXPORT = SAMPLES / "facebook/export"


@pytest.fixture
def posts(tmp_path: Path) -> Callable[[list[Any]], Path]:
    def write(rows: list[Any]) -> Path:
        path = tmp_path / "your_posts_1.json"
        path.write_text(json.dumps(rows))
        return path

    return write


def test_posts_and_comments_are_captured() -> None:
    captures, rejected = read(EXPORT, "maplegrovepl")
    assert rejected == []
    kinds = [one.kind for one in captures]
    assert (kinds.count("post"), kinds.count("comment")) == (400, 320)
    assert len({one.native_id for one in captures}) == 720
    assert sum(not one.text for one in captures if one.kind == "comment") == 12 + 21
    assert any("Zażółć gęślą jaźń" in one.text for one in captures)
    assert any(one.author_name == "Imani Dvořák" for one in captures)
    assert not any("Ã" in one.text + one.title + one.author_name for one in captures)


def test_raw_is_exactly_what_stands_in_the_file() -> None:
    captures, _ = read(EXPORT, "maplegrovepl")
    for name in {one.source_file for one in captures}:
        data, position = (EXPORT / name).read_bytes(), 0
        for one in captures:
            if one.source_file == name:
                position = data.index(one.raw, position) + len(one.raw)


@given(st.text())
def test_what_was_taken_for_latin_1_is_put_right(text: str) -> None:
    encoded = text.encode(errors="replace")
    assert repaired(encoded.decode("latin-1")) == encoded.decode()


@given(st.text(st.characters(min_codepoint=0x100, max_codepoint=0xD7FF), min_size=1))
def test_what_was_not_stays_as_it_is(text: str) -> None:
    assert repaired(text) == text
    assert repaired("café") == "café"


def test_the_derived_key_is_kind_time_and_place(posts: Callable[[list[Any]], Path]) -> None:
    rows = [{"timestamp": 5, "data": [{"post": str(i)}]} for i in range(3)]
    captures, _ = read(posts([*rows, {"timestamp": 6}]), "lib")
    assert [one.native_id for one in captures] == ["post:5:0", "post:5:1", "post:5:2", "post:6:0"]


def test_an_edit_later_than_the_post_is_an_edit(posts: Callable[[list[Any]], Path]) -> None:
    rows = [{"timestamp": 5, "data": [{"update_timestamp": at}]} for at in (5, 9)]
    captures, _ = read(posts(rows), "lib")
    assert [one.edited_at is not None for one in captures] == [False, True]


def test_items_without_a_time_are_rejected(posts: Callable[[list[Any]], Path]) -> None:
    captures, rejected = read(posts([{"data": []}, 7, {"timestamp": -(10**15)}]), "lib")
    assert captures == []
    assert len(rejected) == 3


def test_what_hangs_on_a_post_is_kept(posts: Callable[[list[Any]], Path]) -> None:
    media = {"uri": "posts/media/a.jpg", "title": "CafÃ©", "description": "A cup"}
    place = {"place": {"name": "Library", "address": "1 Main St"}}
    row = {"timestamp": 5, "attachments": [{"data": [{"media": media}, place, {"text": "with"}]}]}
    [capture], _ = read(posts([row]), "lib")
    first, second, third = capture.attachments
    assert (first.type, first.name, first.alt) == ("media", "Café", "A cup")
    assert (second.type, second.name, second.alt) == ("place", "Library", "1 Main St")
    assert (third.type, third.name) == ("text", "with")


def test_it_has_to_be_said_whose_it_is_unless_the_profile_says_it(
    tmp_path: Path, posts: Callable[[list[Any]], Path]
) -> None:
    posts([{"timestamp": 5}])
    with pytest.raises(UsageError, match="whose account"):
        read(tmp_path)
    profile = {"profile_v2": {"name": {"full_name": "Lib"}, "profile_uri": "https://f.example/lib"}}
    folder = tmp_path / "profile_information"
    folder.mkdir()
    (folder / "profile_information.json").write_text(json.dumps(profile))
    [capture], _ = read(tmp_path)
    assert (capture.author_handle, capture.author_name) == ("lib", "Lib")


def test_a_download_in_html_says_what_to_ask_for(tmp_path: Path) -> None:
    (tmp_path / "your_posts.html").write_text("<html>")
    with open_export(tmp_path) as export, pytest.raises(SourceError) as caught:
        reader_named("facebook").read(export, Told())
    assert "in JSON" in caught.value.hint
