import tracemalloc
from contextlib import suppress
from hashlib import sha256, shake_256
from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive import (
    SPLIT,
    HiddenPart,
    Parts,
    Sealed,
    ShownPart,
    VerificationError,
    commitment_of,
    part_digest,
    split_text,
)
from archive._parts import commitment_of_encoded, encoded_length

WORDS = st.text(
    st.one_of(
        st.sampled_from("ab é\t\n\u00a0\u3000\u2028\x00\ufeff中文かなカナ한ไทยພາ👩‍👩‍👧🇩🇪e\u0301"),
        st.characters(),
    )
)
PATHS = st.one_of(
    st.sampled_from([*sorted(SPLIT), "url", "raw", "attachment/0/name"]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
)
FIELDS = st.lists(st.tuples(PATHS, st.none() | WORDS | st.binary()), max_size=8)


@given(WORDS)
@example("")
@example("\ud800")
@example("a\x00b \x00")
@example("👩‍👩‍👧 🇩🇪  ")
def test_split_words_join_to_the_exact_text(text: str) -> None:
    words = split_text(text)
    assert "".join(words) == text
    assert all(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("one", ["one"]),
        ("one two", ["one ", "two"]),
        ("  one \n\ttwo  ", ["  ", "one \n\t", "two  "]),
        ("你好 world", ["你", "好 ", "world"]),
        ("สวัสดี", ["ส", "ว", "ั", "ส", "ด", "ี"]),
        ("カナ", ["カ", "ナ"]),
        ("안녕 하세요", ["안녕 ", "하세요"]),
        ("Die Bücherei. Geöffnet!", ["Die ", "Bücherei. ", "Geöffnet!"]),
        ("👩‍👩‍👧 ok", ["👩‍👩‍👧 ", "ok"]),
        ("𠀀x", ["𠀀", "x"]),
    ],
)
def test_words_are_split_as_the_rule_says(text: str, words: list[str]) -> None:
    assert split_text(text) == words


@pytest.mark.parametrize("word", ["a ", "long ", "ü ", "字", "x", " \n\t"])
def test_of_a_long_text_words_stay_together(word: str) -> None:
    text = word * 1_000_000
    pieces = Parts.of([("text", text)]).values
    assert b"".join(pieces).decode() == text
    assert len(pieces) <= 1 << 14
    borders = set(accumulate(map(len, split_text(text))))
    assert borders.issuperset(accumulate(len(piece.decode()) for piece in pieces))


def test_lengths_of_long_texts_do_not_fill_the_memory() -> None:
    tracemalloc.start()
    for more in range(40):
        _ = Parts.of([("text", "word " * (10_000 + more))]).seal().commitment
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 2_000_000


@given(FIELDS)
def test_parts_are_the_fields_cut_into_words(fields: list[tuple[str, str | bytes | None]]) -> None:
    expected: list[tuple[str, bytes]] = []
    for name, value in fields:
        if isinstance(value, str):
            clean = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            if name in SPLIT:
                words = split_text(clean)
                expected += [(f"{name}/{i}", word.encode()) for i, word in enumerate(words)]
            elif clean:
                expected.append((name, clean.encode()))
        elif value:
            expected.append((name, value))
    parts = Parts.of(fields)
    assert list(zip(parts.paths, parts.values, strict=True)) == expected
    assert len(parts) == len(expected)


def test_fields_are_read_back_by_name() -> None:
    parts = Parts.of([("text", "Hello  you"), ("title", ""), ("url", "u"), ("raw", b"\xff")])
    assert parts.text() == "Hello  you"
    assert parts.text("title") == ""
    assert parts.get("url") == "u"
    assert parts.get("text") is None
    assert parts.get("text/0") is None
    assert parts.bytes_of("raw") == b"\xff"
    assert parts.paths == ("text/0", "text/1", "url", "raw")


def formula(seed: bytes, parts: list[tuple[str, bytes]]) -> tuple[list[bytes], bytes]:
    """Digests and commitment as docs/format.md has them."""
    stream = shake_256(seed).digest(16 * len(parts))
    digests = []
    for i, (path, value) in enumerate(parts):
        name = path.encode()
        salt = stream[16 * i : 16 * i + 16]
        digests.append(sha256(b"\0" + salt + len(name).to_bytes(2) + name + value).digest())
    return digests, sha256(b"\2" + len(parts).to_bytes(4) + b"".join(digests)).digest()


@given(FIELDS, st.binary(min_size=32, max_size=32))
def test_digests_and_commitment_follow_the_formula(
    fields: list[tuple[str, str | bytes | None]], seed: bytes
) -> None:
    parts = Parts.of(fields)
    sealed = Sealed(parts.fields, seed)
    digests, commitment = formula(seed, list(zip(parts.paths, parts.values, strict=True)))
    assert sealed.digests == digests
    assert sealed.commitment == commitment == commitment_of(digests)


def test_every_seal_has_salts_of_its_own() -> None:
    parts = Parts.of([("text", "yes")])
    one, other = parts.seal(), parts.seal()
    assert one.seed != other.seed
    assert set(one.digests).isdisjoint(other.digests)
    assert one.seal() is one


@given(FIELDS)
def test_encoding_is_undone_by_decoding(fields: list[tuple[str, str | bytes | None]]) -> None:
    sealed = Parts.of(fields).seal()
    decoded = Sealed.decode(sealed.encode())
    assert decoded == sealed
    assert decoded.commitment == sealed.commitment


def test_the_length_of_a_single_part_is_known_before_it_is_encoded() -> None:
    parts = Parts.of([("raw", b"123"), ("größe", "4")])
    assert len(parts.encoded) == encoded_length("raw", b"123") + encoded_length("größe", b"4")


STORED = Sealed(
    Parts.of([("text", "some words 中文"), ("url", "https://x.example"), ("raw", b"{}")]).fields,
    bytes(32),
).encode()


@given(st.integers(0, len(STORED)), st.integers(0, 5), st.binary(max_size=5))
def test_damaged_bytes_are_a_verification_error_or_other_parts(
    at: int, cut: int, put: bytes
) -> None:
    damaged = STORED[:at] + put + STORED[at + cut :]
    with suppress(VerificationError):
        decoded = Sealed.decode(damaged)
        assert decoded.encode() == damaged
        assert (decoded.commitment == Sealed.decode(STORED).commitment) == (damaged == STORED)


@given(st.binary())
def test_any_bytes_are_a_verification_error_or_parts(data: bytes) -> None:
    for prefix in (b"", bytes(32)):
        with suppress(VerificationError):
            assert Sealed.decode(prefix + data).encode() == prefix + data


@given(FIELDS)
def test_the_commitment_is_the_same_without_cutting_the_bytes_into_parts(
    fields: list[tuple[str, str | bytes | None]],
) -> None:
    sealed = Parts.of(fields).seal()
    assert commitment_of_encoded(sealed.encode()) == sealed.commitment


@given(st.binary())
def test_any_bytes_lead_to_a_commitment_where_they_are_parts(data: bytes) -> None:
    try:
        expected = Sealed.decode(bytes(32) + data).commitment
    except VerificationError:
        with pytest.raises(VerificationError):
            commitment_of_encoded(bytes(32) + data)
    else:
        assert commitment_of_encoded(bytes(32) + data) == expected


@pytest.mark.parametrize("name", ["p" * 65_536, "ß" * 32_768])
def test_a_path_that_is_too_long_is_refused(name: str) -> None:
    parts = Parts(((name, b"value"),))
    with pytest.raises(ValueError, match="longer than 65535 bytes"):
        parts.seal().encode()
    with pytest.raises(ValueError, match="longer than 65535 bytes"):
        _ = parts.seal().commitment


def test_a_path_that_its_number_makes_too_long_is_refused() -> None:
    sealed = Parts((("p" * 65_534, (b"word",)),)).seal()
    with pytest.raises(ValueError, match="longer than 65535 bytes"):
        _ = sealed.commitment
    with pytest.raises(VerificationError, match="a path is too long"):
        Sealed.decode(sealed.encode())


@pytest.mark.parametrize("length", range(len(STORED)))
def test_bytes_cut_short_are_refused_unless_a_field_ends_there(length: int) -> None:
    whole = [32]
    for name, value in Sealed.decode(STORED).fields:
        values = [value] if isinstance(value, bytes) else list(value)
        lengths = 0 if isinstance(value, bytes) else 4 * len(value)
        whole.append(whole[-1] + 7 + len(name.encode()) + lengths + sum(map(len, values)))
    if length in whole:
        assert len(Sealed.decode(STORED[:length]).fields) == whole.index(length)
    else:
        with pytest.raises(VerificationError):
            Sealed.decode(STORED[:length])


@pytest.mark.parametrize(
    "field",
    [
        b"\x02\x00\x01\x00\x00\x00\x01ab",
        b"\x00\x00\x01\x00\x00\x00\x01\xffb",
        b"\x00\x00\x01\xff\xff\xff\xffab",
        b"\x01\x00\x01\xff\xff\xff\xffab",
        b"\x01\x00\x01\x00\x00\x00\x01a\xff\xff\xff\xffb",
        b"\x00\xff\xff\x00\x00\x00\x01ab",
        b"\x01\x00\x01\x00",
    ],
)
def test_a_malformed_field_is_refused(field: bytes) -> None:
    with pytest.raises(VerificationError, match="sealed half"):
        Sealed.decode(bytes(32) + field)


@given(FIELDS, st.sets(st.integers(0, 20)))
def test_a_disclosure_leads_to_the_commitment_and_shows_no_more(
    fields: list[tuple[str, str | bytes | None]], shown: set[int]
) -> None:
    sealed = Parts.of(fields).seal()
    disclosure = sealed.disclose(shown)
    assert disclosure.commitment == sealed.commitment
    assert len(disclosure.parts) == len(sealed)
    for index, part in enumerate(disclosure.parts):
        if index in shown:
            assert isinstance(part, ShownPart)
            assert (part.path, part.value) == (sealed.paths[index], sealed.values[index])
            assert part.digest == part_digest(part.salt, part.path, part.value)
        else:
            assert part == HiddenPart(sealed.digests[index])


def test_a_shown_part_cannot_be_changed() -> None:
    sealed = Parts.of([("text", "I never said that")]).seal()
    disclosure = sealed.disclose({1})
    part = disclosure.parts[1]
    assert isinstance(part, ShownPart)
    for changed in (
        ShownPart("text/2", part.salt, part.value),
        ShownPart(part.path, bytes(16), part.value),
        ShownPart(part.path, part.salt, b"always "),
    ):
        others = (disclosure.parts[0], changed, *disclosure.parts[2:])
        assert commitment_of([other.digest for other in others]) != sealed.commitment
