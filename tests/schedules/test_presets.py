"""Presets: they read, say where they come from, and what nobody verified stops disposal."""

import pytest

from archive.errors import NotFound
from schedules import Action, Preset, preset, presets, read_schedule, warnings
from schedules._authorization import COMMISSION

PRESETS = presets()


def test_there_is_one_for_each_jurisdiction_that_is_known() -> None:
    assert [found.name for found in PRESETS] == [
        *("us-ca-city", "us-fl-local", "us-grs-6.4", "us-il-local-library"),
        *("us-ny-local", "us-ny-state", "us-tx-local", "us-wa-core"),
    ]


@pytest.mark.parametrize("found", PRESETS, ids=lambda found: found.name)
def test_every_preset_names_its_source_and_covers_requests(found: Preset) -> None:
    schedule = found.schedule
    assert schedule.source
    assert schedule.code == found.name
    assert all(series.authority.citation for series in schedule.series)
    assert any("request" in series.rule.among.get("kind", ()) for series in schedule.series)
    assert warnings(found.text, schedule) == []


@pytest.mark.parametrize("found", PRESETS, ids=lambda found: found.name)
def test_what_is_not_verified_stops_disposal(found: Preset) -> None:
    for series in found.schedule.series:
        if series.doubtful or found.schedule.unverified:
            assert found.schedule.obstacle(series)
    stated = found.text.count("verified = false") + found.text.count("\nunverified = ")
    assert bool(found.unverified) == bool(stated)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("us-fl-local", "effective"),
        ("us-fl-local", "GS1-SL/17: counts_from"),
        ("us-fl-local", "GS1-SL/23: period"),
        ("us-grs-6.4", "4.2/020: period"),
        ("us-il-local-library", "FOIA: trigger"),
        ("us-ny-local", "FOIL: authority"),
        ("us-tx-local", "GR1000-26a: trigger"),
        ("us-tx-local", "GR1000-34a: period"),
        ("us-wa-core", "GS2010-001: period"),
    ],
)
def test_values_that_were_not_read_are_flagged(name: str, key: str) -> None:
    assert key in preset(name).unverified


def test_illinois_has_an_obstacle_in_every_series() -> None:
    schedule = preset("us-il-local-library").schedule
    assert schedule.authorizations == (COMMISSION,)
    for series in schedule.series:
        assert schedule.obstacle(series).startswith(
            "no application number and no item number and no period entered yet; the authority "
        )


def test_california_asks_the_legislative_body_and_the_city_attorney() -> None:
    schedule = preset("us-ca-city").schedule
    assert [str(form) for form in schedule.authorizations] == [
        "resolution of the legislative body",
        "written consent of the city attorney",
    ]
    assert all("34090" in form.citation and form.verified for form in schedule.authorizations)
    for series in schedule.series:
        assert series.action is Action.DESTROY
        assert schedule.obstacle(series) == "the date of effect is not verified yet"


def test_where_no_outside_approval_was_read_none_is_asked_for() -> None:
    asking = {found.name for found in PRESETS if found.schedule.authorizations}
    assert asking == {"us-ca-city", "us-il-local-library"}


def test_grs_comments_are_ready() -> None:
    schedule = preset("us-grs-6.4").schedule
    comments = schedule.series[0]
    assert comments.action is Action.DESTROY
    assert schedule.obstacle(comments) == ""


@pytest.mark.parametrize("found", PRESETS, ids=lambda found: found.name)
def test_a_file_to_edit_says_the_same_with_a_word_on_what_to_do(found: Preset) -> None:
    assert found.template.startswith(f"# Made from the preset {found.name}.")
    assert read_schedule(found.template) == found.schedule


def test_an_unknown_preset() -> None:
    with pytest.raises(NotFound, match="us-xx"):
        preset("us-xx")
