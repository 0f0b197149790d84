"""Places among equals."""

import pytest

from ingest import _places
from ingest._places import Places


def test_places_are_counted_beyond_what_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_places, "_HELD", 10)
    places, plain = Places(), Places()
    keys = [places.key("post", stamp) for stamp in [*range(25), *range(25), 3, 3]]
    assert len(set(keys)) == 52
    assert keys[-1] == "post:3:3"
    assert [plain.key("post", 3), plain.key("comment", 3)] == ["post:3:0", "comment:3:0"]
