import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive._hmac import keyed


@given(st.binary(max_size=64), st.lists(st.binary(), max_size=3))
def test_it_is_hmac_sha_256_however_often_it_is_asked(key: bytes, texts: list[bytes]) -> None:
    digest = keyed(key)
    assert [digest(text) for text in texts] == [hmac.digest(key, text, "sha256") for text in texts]


def test_a_key_that_would_have_to_be_hashed_first_is_refused() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        keyed(bytes(65))
