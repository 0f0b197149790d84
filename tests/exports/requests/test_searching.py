"""Searching for a request, on a real index."""

import pytest

from archive import Refused
from exports.requests import (
    add_records,
    close,
    matching,
    release,
    search_for,
    set_aside,
    undetermined,
)
from search import QueryError
from tests.exports.requests.conftest import Office


def test_a_search_finds_every_version_and_says_what_it_covered(office: Office) -> None:
    request = office.request()
    searched, new = search_for(office.archive, office.signer, request.number, "roe")
    assert set(searched.found) == {office.comments["tulips"], office.comments["direct"]}
    assert new == (2, 0)
    with office.archive.read() as reader:
        (evidence,) = reader.history(request.id, {"request.searched"})
        versions = undetermined(reader, request)
    assert evidence.data["position"] == searched.position == evidence.seq
    assert evidence.data["engine"] == searched.engine
    assert len(versions) == 3


def test_what_is_found_again_is_not_added_twice_but_a_new_version_is(office: Office) -> None:
    request = office.request("tulips")
    assert search_for(office.archive, office.signer, request.id, "tulips AND lovely")[1] == (0, 0)
    office.capture("tulips", "The tulips are still lovely")
    assert search_for(office.archive, office.signer, request.id, "tulips AND still")[1] == (1, 0)


def test_a_query_that_cannot_be_understood_leaves_no_trace(office: Office) -> None:
    request = office.request()
    with pytest.raises(QueryError):
        search_for(office.archive, office.signer, request.id, "nosuch:field")
    with office.archive.read() as reader:
        assert reader.history(request.id, {"request.searched"}) == []


def test_a_closed_request_is_not_searched(office: Office) -> None:
    request = office.request()
    with office.archive.write(office.signer) as writer:
        close(writer, request)
    with pytest.raises(Refused, match="was closed"):
        search_for(office.archive, office.signer, request.id, "tulips")


def test_a_comment_brings_the_post_that_it_answers_and_both_come_once(office: Office) -> None:
    office.capture("post", "Our garden opens")
    office.capture("comment", "The tulips there are lovely", parent="post")
    office.capture("reply", "So are the crocuses", parent="comment")
    request = office.request()
    search = (office.archive, office.signer, request.id)
    assert search_for(*search, "crocuses")[1] == (1, 2)
    assert search_for(*search, "crocuses OR garden")[1] == (0, 0)
    with office.archive.read() as reader:
        added = reader.history(request.id, {"request.responsive"})
        wanted = {office.comments[name] for name in ("post", "comment", "reply")}
        assert {r.record_id for r in undetermined(reader, request)} == wanted
    assert [entry.data.get("context") for entry in added] == [None, True]


def test_what_was_set_aside_is_not_brought_back_by_what_answers_it(office: Office) -> None:
    office.capture("post", "Our garden opens")
    office.capture("comment", "The tulips there are lovely", parent="post")
    request = office.request("comment")
    with office.archive.write(office.signer) as writer:
        set_aside(writer, request, [office.comments["post"]], reason="Known to all")
        assert add_records(writer, request, [office.comments["comment"]]) == (0, 0)
        assert add_records(writer, request, [office.comments["post"]]) == (1, 0)


def test_a_query_takes_some_of_the_undetermined(office: Office) -> None:
    request = office.request("tulips", "phone")
    found = matching(office.archive, "jane AND call")
    assert office.comments["phone"] in found
    with office.archive.write(office.signer) as writer:
        assert len(release(writer, request, None, among=found)) == 1
        with pytest.raises(Refused, match="no such record left"):
            release(writer, request, None, among=found)
        assert len(undetermined(writer, request)) == 2
