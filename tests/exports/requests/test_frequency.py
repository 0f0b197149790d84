"""Who asks so often that the act makes a difference of it."""

from dataclasses import replace
from datetime import timedelta

from exports.requests import Intake, Threshold, open_request, reached
from tests.exports.requests.conftest import INTAKE, TODAY, Office


def asked(office: Office, intake: Intake) -> tuple[Threshold, int] | None:
    with office.archive.write(office.signer) as writer:
        request, _ = open_request(writer, intake, office.rules, body="", today=TODAY)
        return reached(writer, office.rules.jurisdiction, request, intake)


def test_the_seventh_request_within_seven_days_reaches_the_threshold(office: Office) -> None:
    asked(office, replace(INTAKE, received=INTAKE.received - timedelta(days=7)))
    asked(office, replace(INTAKE, requester="Somebody else", contact=""))
    for number in range(6):
        day = INTAKE.received - timedelta(days=number)
        assert asked(office, replace(INTAKE, requester=f"P. Public {number}", received=day)) is None
    reaching = asked(office, replace(INTAKE, contact="PAT@example.org "))
    assert reaching is not None
    assert (reaching[0].track, reaching[0].days, reaching[1]) == ("recurrent", 7, 7)
    assert asked(office, replace(INTAKE, requester="Somebody else", contact="")) is None
    assert asked(office, replace(INTAKE, requester=" pat q. PUBLIC", contact="")) is None


def test_anonymous_requesters_are_not_one_person(office: Office) -> None:
    nameless = replace(INTAKE, requester="anonymous", contact="")
    assert [asked(office, nameless) for _ in range(8)] == [None] * 8
