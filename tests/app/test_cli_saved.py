"""`muniment saved`, and the commands that take a saved query."""

import json

from tests.conftest import BOTH, Muniment


@BOTH
def test_a_query_is_saved_listed_and_removed(library: Muniment) -> None:
    said = library.ok("saved", "add", "meetings", "agendas OR minutes")
    assert said == "meetings: (text:agenda OR text:minut)\n"
    library.ok("saved", "add", "Meetings", "agenda date:2026")
    (row,) = library.ok("saved", "list").splitlines()
    assert row.split("\t")[:3] == ["Meetings", "agenda date:2026", "ada"]
    history = json.loads(library.ok("saved", "history", "meetings", "--json"))
    assert [one["query"] for one in history] == ["agendas OR minutes", "agenda date:2026"]
    assert history[0]["at"].endswith("Z")
    said = library.ok("saved", "remove", "meetings")
    assert said == "Meetings is not a saved search any more; it was: agenda date:2026\n"
    assert library.ok("saved", "list") == ""
    *_, last = library.ok("saved", "history", "meetings").splitlines()
    assert last.split("\t")[:4] == ["removed", "Meetings", "agenda date:2026", "ada"]
    assert library.fails(5, "saved", "history", "nosuch")
    assert "saved list shows them all" in library.fails(5, "search", "--saved", "meetings")


def test_a_query_that_is_wrong_is_not_saved(library: Muniment) -> None:
    assert "query, position 1" in library.fails(2, "saved", "add", "meetings", "(agenda")
    assert library.ok("saved", "list") == ""


def test_a_saved_query_is_searched_for(library: Muniment) -> None:
    library.ok("saved", "add", "meetings", "agenda")
    result = library.run("search", "--saved", "MEETINGS", "--count")
    assert (result.exit_code, result.stdout) == (0, "0\n")
    assert result.stderr.startswith("meetings: agenda\n")
    assert library.ok("search", "--saved", "meetings", "--explain") == "text:agenda\n"
    for wrong in (["search"], ["search", "agenda", "--saved", "meetings"]):
        assert "give QUERY, or --saved NAME" in library.fails(2, *wrong)


def test_a_request_is_searched_by_a_saved_query(library: Muniment) -> None:
    library.ok("request", "open", "--requester", "Pat Public")
    library.ok("saved", "add", "meetings", "agendas")
    library.ok("request", "search", "2026-0001", "--saved", "meetings")
    assert "give QUERY, or --saved NAME" in library.fails(2, "request", "search", "2026-0001")
    (search,) = json.loads(library.ok("request", "show", "2026-0001", "--json"))["searches"]
    assert (search["query"], search["parsed"]) == ("agendas", "text:agenda")
