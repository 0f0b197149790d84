"""Presets: they read, say where they come from, and Illinois disposes of nothing as it stands."""

import pytest

from archive.errors import NotFound
from schedules import Action, preset, presets


def test_every_preset_names_its_source() -> None:
    names = [found.name for found in presets()]
    assert names == ["us-grs-6.4", "us-il-local-library"]
    for found in presets():
        assert found.schedule.source
        assert found.schedule.code == found.name
        assert all(series.authority.citation for series in found.schedule.series)


def test_illinois_has_an_obstacle_in_every_series() -> None:
    schedule = preset("us-il-local-library").schedule
    assert schedule.commission_certificate_required
    for series in schedule.series:
        assert series.obstacle(schedule.jurisdiction) == (
            "no application number and no item number and no period entered yet"
        )


def test_grs_comments_are_ready() -> None:
    comments = preset("us-grs-6.4").schedule.series[0]
    assert comments.action is Action.DESTROY
    assert comments.obstacle("US") == ""


def test_an_unknown_preset() -> None:
    with pytest.raises(NotFound, match="us-xx"):
        preset("us-xx")
