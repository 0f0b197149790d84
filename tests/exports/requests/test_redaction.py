"""Redaction hides whole parts; what was hidden can be read nowhere in what is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Parts, Sealed
from archive.errors import UsageError
from exports.requests._fields import fields
from exports.requests._redaction import (
    author_names,
    author_words_left,
    internal_parts,
    parts_of_author,
    parts_of_field,
    parts_of_span,
    parts_with_text,
    repeated,
    shown_texts,
)

TEXT = "Call me at 630-555-0142 about the tulips. Jane Roe (630-555-0142), thanks!"


def comment(text: str = TEXT, **more: str) -> Sealed:
    named = {
        "author/name": "Jane Roe",
        "author/handle": "@janeroe@example.social",
        "url": "https://example.social/@janeroe/1001",
        "native_id": "1001",
        "parent": "1000",
        "occurred_at": "2026-02-09T10:00:00.000000Z",
        "account": "0198-account",
        "visibility": "public",
        "source_file": "outbox.json",
        "raw": '{"content": "' + text + '"}',
    }
    return Parts.of([("text", text), *(named | more).items()]).seal()


def read(sealed: Sealed, hidden: frozenset[int]) -> str:
    return " ".join(shown_texts(sealed, hidden))


def test_a_number_is_hidden_wherever_it_stands() -> None:
    sealed = comment()
    hidden = parts_with_text(sealed, "630-555-0142")
    assert [sealed.values[i] for i in sorted(hidden)] == [b"630-555-0142 ", b"(630-555-0142), "]
    assert "0142" not in read(sealed, hidden)


@pytest.mark.parametrize("written", ["jane roe", "JANE  ROE", "Jane\nRoe"])
def test_case_and_white_space_do_not_matter(written: str) -> None:
    sealed = comment()
    hidden = parts_with_text(sealed, written)
    assert "Roe" not in read(sealed, hidden | set(internal_parts(sealed)))


def test_a_name_is_found_in_an_address_too() -> None:
    sealed = comment(url="https://example.org/people/jane-roe")
    assert sealed.paths.index("url") in parts_with_text(sealed, "Jane Roe")


def test_normal_forms_do_not_matter() -> None:
    sealed = comment("Rene\u0301 called", **{"author/name": "x"})
    assert sealed.values[min(parts_with_text(sealed, "Ren\u00e9"))] == b"Rene\xcc\x81 "


def test_a_span_snaps_to_whole_words() -> None:
    sealed = comment()
    hidden = parts_of_span(sealed, 12, 14)
    assert [sealed.values[i] for i in hidden] == [b"630-555-0142 "]


@pytest.mark.parametrize(("start", "end"), [(5, 5), (-1, 3), (0, 9999), (4, 2)])
def test_a_span_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(UsageError, match="text has no characters"):
        parts_of_span(comment(), start, end)


def test_internal_parts_never_leave_and_raw_only_when_asked() -> None:
    sealed = comment(**{"author/email": "jane@example.org", "author/ip": "192.0.2.7"})
    paths = {sealed.paths[i] for i in internal_parts(sealed)}
    assert paths == {
        "native_id",
        "parent",
        "account",
        "source_file",
        "raw",
        "author/email",
        "author/ip",
    }
    assert "raw" not in {sealed.paths[i] for i in internal_parts(sealed, raw=True)}


def test_a_part_of_an_unknown_kind_is_internal() -> None:
    sealed = comment(phone_on_file="630-555-0142")
    assert sealed.paths.index("phone_on_file") in internal_parts(sealed)


def test_an_author_is_hidden_with_all_that_leads_to_the_author() -> None:
    sealed = comment("As I, Jane Roe, said: @janeroe asks. Roe v. Wade is shelved. Janeroes?")
    hidden = parts_of_author(sealed) | internal_parts(sealed).keys()
    assert {"author/name", "author/handle", "url"} <= {sealed.paths[i] for i in hidden}
    shown = read(sealed, frozenset(hidden))
    assert "Jane Roe" not in shown
    assert "@janeroe" not in shown
    assert "Janeroes" in shown
    assert author_words_left(sealed, hidden) == ("Roe",)


def test_the_ways_a_text_names_the_author() -> None:
    assert author_names(comment()) == ("Jane Roe", "janeroe@example.social", "@janeroe")
    assert author_names(comment(**{"author/handle": "roe.bsky.social"}))[1:] == (
        "roe.bsky.social",
        "@roe",
    )
    assert author_names(Parts.of([("text", "no author")]).seal()) == ()


def test_an_attachment_is_hidden_as_a_whole() -> None:
    sealed = comment(
        **{"attachment/0/name": "a.jpg", "attachment/0/sha256": "00", "attachment/1/name": "b"}
    )
    assert {sealed.paths[i] for i in parts_of_field(sealed, "attachment/0")} == {
        "attachment/0/name",
        "attachment/0/sha256",
    }


def test_what_is_hidden_here_and_shown_there_is_reported() -> None:
    sealed = comment()
    first = parts_of_span(sealed, 11, 23)
    hidden = internal_parts(sealed) | dict.fromkeys(first, "7(1)(b)")
    assert repeated(sealed, hidden) == ("630-555-0142",)
    hidden |= dict.fromkeys(parts_with_text(sealed, "630-555-0142"), "7(1)(b)")
    assert repeated(sealed, hidden) == ()


def test_nothing_is_no_text_to_redact() -> None:
    with pytest.raises(UsageError, match="no text to redact"):
        parts_with_text(comment(), "  ")


@given(st.text(min_size=1), st.data())
def test_hidden_text_is_never_in_what_is_shown(text: str, data: st.DataObject) -> None:
    sealed = Parts.of([("text", text), ("raw", text)]).seal()
    whole = sealed.text()
    start = data.draw(st.integers(0, len(whole) - 1))
    literal = whole[start : data.draw(st.integers(start + 1, len(whole)))]
    if not literal.strip():
        return
    hidden = parts_with_text(sealed, literal) | internal_parts(sealed).keys()
    assert all(literal.strip() not in run for run in shown_texts(sealed, hidden))
    assert "raw" not in {sealed.paths[i] for i in range(len(sealed.paths)) if i not in hidden}


@given(st.text(min_size=1), st.data())
def test_a_span_hides_its_characters_and_the_parts_join_back(
    text: str, data: st.DataObject
) -> None:
    sealed = Parts.of([("text", text)]).seal()
    whole = sealed.text()
    start = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(start + 1, len(whole)))
    hidden = parts_of_span(sealed, start, end)
    before = "".join(sealed.values[i].decode() for i in range(min(hidden)))
    after = "".join(sealed.values[i].decode() for i in range(max(hidden) + 1, len(sealed.values)))
    assert len(before) <= start
    assert len(whole) - len(after) >= end
    assert hidden == frozenset(range(min(hidden), max(hidden) + 1))
    assert "".join(field.text for field in fields(sealed)) == whole


@given(st.text(min_size=1), st.data())
def test_a_redacted_disclosure_keeps_the_commitment(text: str, data: st.DataObject) -> None:
    sealed = Parts.of([("text", text), ("url", "https://example.org")]).seal()
    everything = range(len(sealed.paths))
    hidden = data.draw(st.sets(st.sampled_from(everything)))
    disclosure = sealed.disclose(frozenset(everything) - hidden)
    assert disclosure.commitment == sealed.commitment


def test_what_platforms_say_besides_the_text_may_leave_and_what_is_only_ours_may_not() -> None:
    more = {
        "shared/text": "theirs",
        "shared/url": "https://x.example/1",
        "shared/native_id": "1",
        "poll/0/answer": "Yes",
        "observed/poll/0/votes": "3",
        "observed/notes": "its id disagrees",
        "removal_reason": "spam",
        "location": "Park",
        "revision": "bafy",
        "attachment/0/blob": "b",
    }
    sealed = comment("ours", **more)
    internal = {sealed.paths[index] for index in internal_parts(sealed)}
    kept = {"shared/native_id", "observed/notes", "revision", "attachment/0/blob"}
    assert internal & set(more) == kept
