from hypothesis import given
from hypothesis import strategies as st

from archive import HandedOver, Packer, Parts, hand_over
from archive._handed_over import gist_of
from tests.archive.test_parts import FIELDS, WORDS

TEXTS = ["parent", "author/name", "author/handle", "occurred_at", "visibility"]
CAPTURES = st.lists(
    st.tuples(
        st.sampled_from([*TEXTS, "text", "source_file", "raw", "observed/likes"]),
        WORDS | st.binary(),
    ),
    max_size=8,
)


@given(CAPTURES | FIELDS)
def test_what_is_handed_over_is_what_was_sealed(
    fields: list[tuple[str, str | bytes | None]],
) -> None:
    valid = [(name, value) for name, value in fields if name not in TEXTS or type(value) is str]
    sealed = Parts.of(valid).seal()
    handed = HandedOver(*hand_over(sealed, Packer()))
    assert handed.fields == sealed.fields
    assert handed.encode() == sealed.encode()
    assert handed.commitment == sealed.commitment
    assert handed.singles == sealed.singles
    plain = HandedOver(sealed.encode(), sealed.commitment)
    assert plain.whole == sealed.whole
    assert handed.gist == gist_of(plain) == gist_of(sealed)
    packed = handed.packed or Packer().pack(handed.encode())
    assert Packer().unpack(packed) == sealed.encode()


def test_the_gist_is_the_handle_and_ends_before_what_does_not_count() -> None:
    fields = [("text", "words"), ("author/name", "Ada"), ("author/handle", "ada"), ("parent", "1")]
    behind = [("source_file", b"f"), ("raw", b"{}"), ("observed/likes", b"3")]
    gist = gist_of(Parts((*Parts.of(fields).fields, *behind)))
    assert (gist.author, gist.parent, gist.occurred_at) == ("ada", "1", None)
    assert gist.significant == len(Parts.of(fields).encoded)


def test_only_what_gets_smaller_is_packed_for_another_process() -> None:
    small, large = Parts.of([("text", "a")]).seal(), Parts.of([("text", "a" * 1000)]).seal()
    assert hand_over(small, Packer())[3] is None
    assert len(hand_over(large, Packer())[3] or large.encode()) < len(large.encode())
