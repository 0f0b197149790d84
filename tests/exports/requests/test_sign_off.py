"""A second person signs the determinations off, and only as they stand."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import Refused, Signer, actors
from archive.keys import ActorKey
from exports import production
from exports.requests import add_records, mark_text, redact, release, sign_off, signed_off
from tests.exports.requests.conftest import Office


def second(office: Office, name: str = "ben") -> Signer:
    key = Ed25519PrivateKey.generate()
    with office.archive.write(office.signer) as writer:
        added = actors.add(writer, name, ActorKey("", key).public, ["director"])
    return ActorKey(added.id, key)


def test_whoever_determined_cannot_sign_off_and_nothing_leaves_without(office: Office) -> None:
    request = office.request("phone", "tulips")
    ben, cleo = second(office), second(office, "cleo")
    with office.archive.write(office.signer) as writer:
        with pytest.raises(Refused, match="not determined yet"):
            sign_off(writer, request)
        release(writer, request, office.comments["tulips"])
    with office.archive.write(ben) as writer:
        release(writer, request, None)
        with pytest.raises(Refused, match="you determined 1 of these 3 items yourself"):
            sign_off(writer, request)
    with office.archive.write(office.signer) as writer:
        with pytest.raises(Refused, match="you determined 2 of these 3 items yourself"):
            sign_off(writer, request)
        assert production(writer, request).count == 3
        with pytest.raises(Refused, match="not signed off as it stands"):
            production(writer, request, signed_off=True)
    with office.archive.write(cleo) as writer:
        assert sign_off(writer, request) == 3
        assert production(writer, request, signed_off=True).count == 3
        with pytest.raises(Refused, match="signed off already"):
            sign_off(writer, request)


@pytest.mark.parametrize("change", ["redacted", "added", "edited"])
def test_a_change_needs_it_again(office: Office, change: str) -> None:
    request = office.request("phone")
    ben = second(office)
    with office.archive.write(office.signer) as writer:
        release(writer, request, None)
    with office.archive.write(ben) as writer:
        sign_off(writer, request)
        assert signed_off(writer, request) is not None
    if change == "edited":
        office.capture("phone", "Tulips? Write to me")
    with office.archive.write(office.signer) as writer:
        if change == "redacted":
            marks = [mark_text("630-555-0142", "7(1)(b)")]
            redact(writer, request, None, marks, office.rules.exemptions, reason="Private")
        else:
            name = "phone" if change == "edited" else "tulips"
            add_records(writer, request, [office.comments[name]])
            release(writer, request, None)
        assert signed_off(writer, request) is None
        with pytest.raises(Refused, match="not signed off"):
            production(writer, request, signed_off=True)


def test_an_answer_without_records_leaves_without_it(office: Office) -> None:
    request = office.request()
    with office.archive.write(second(office)) as writer:
        with pytest.raises(Refused, match="no determination to sign off"):
            sign_off(writer, request)
        assert production(writer, request, signed_off=True).count == 0
