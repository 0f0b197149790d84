"""One item of a list, framed, is a file of its own: what `ingest rejected retry` reads again."""

from pathlib import Path

import pytest

from ingest import Capture, Told, open_export, reader_named
from tests.ingest.conftest import SAMPLES

SAMPLE = {
    "x": "x/archive/data/tweets.js",
    "youtube": "youtube/comment_threads_by_channel.json",
}


def captures(path: Path, name: str) -> list[Capture]:
    with open_export(path) as export:
        items = list(reader_named(name).read(export, Told("lib")).items)
    return [one for one in items if isinstance(one, Capture)]


@pytest.mark.parametrize("name", SAMPLE)
def test_an_item_in_its_frame_is_read_as_it_was(tmp_path: Path, name: str) -> None:
    source = SAMPLES / SAMPLE[name]
    first = captures(source, name)[0]
    frame = reader_named(name).frame(first.source_file)
    assert frame is not None
    alone = tmp_path / source.name
    alone.write_bytes(frame[0] + first.raw + frame[1])
    [again] = captures(alone, name)
    assert (again.native_id, again.text, again.raw) == (first.native_id, first.text, first.raw)


@pytest.mark.parametrize("name", ["csv", "linkedin", "tiktok"])
def test_what_needs_its_neighbours_has_no_frame(name: str) -> None:
    assert reader_named(name).frame("any") is None
