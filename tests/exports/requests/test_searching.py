"""Searching for a request, on a real index."""

import pytest

from archive import Refused
from exports.requests import close, search_for, undetermined
from search import QueryError
from tests.exports.requests.conftest import Office


def test_a_search_finds_every_version_and_says_what_it_covered(office: Office) -> None:
    request = office.request()
    searched, new = search_for(office.archive, office.signer, request.number, "roe")
    assert set(searched.found) == {office.comments["tulips"], office.comments["direct"]}
    assert new == 2
    with office.archive.read() as reader:
        (evidence,) = reader.history(request.id, {"request.searched"})
        versions = undetermined(reader, request)
    assert evidence.data["position"] == searched.position == evidence.seq
    assert evidence.data["engine"] == searched.engine
    assert len(versions) == 3


def test_what_is_found_again_is_not_added_twice_but_a_new_version_is(office: Office) -> None:
    request = office.request("tulips")
    assert search_for(office.archive, office.signer, request.id, "tulips AND lovely")[1] == 0
    office.capture("tulips", "The tulips are still lovely")
    assert search_for(office.archive, office.signer, request.id, "tulips AND still")[1] == 1


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
