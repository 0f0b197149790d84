from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, func, select

from archive import Parts, VerificationError, _schema
from archive._parts import Sealed
from archive._store import writing
from archive._vault import Vault
from tests.archive.library import Library

KEY = bytes(range(32))
LONG = Parts.of([("text", "words " * 500), ("raw", b"{}")]).seal()
SHORT = Parts.of([("text", "no")]).seal()


@pytest.fixture
def connection(library: Library) -> Iterator[Connection]:
    """A transaction of an archive whose own sealed halves are out of the way."""
    with writing(library.archive.engine) as connection:
        connection.execute(_schema.sealed.delete())
        yield connection
        connection.rollback()


@pytest.fixture
def vault(connection: Connection) -> Vault:
    return Vault(connection, KEY)


def seal(vault: Vault, *rows: tuple[int, str, Sealed]) -> None:
    vault.seal([(seq, subject, sealed.commitment, sealed) for seq, subject, sealed in rows])


def opened(vault: Vault, seq: int, subject: str, sealed: Sealed) -> Sealed | None:
    return vault.open([(seq, subject, sealed.commitment)]).get(seq)


def stored(connection: Connection, seq: int) -> bytes:
    table = _schema.sealed
    query = select(table.c.ciphertext).where(table.c.seq == seq)
    return bytes(connection.execute(query).scalar_one())


def test_what_was_sealed_is_opened_again(vault: Vault) -> None:
    seal(vault, (1, "a", LONG), (2, "b", SHORT), (3, "a", SHORT))
    wanted = [(1, "a", LONG.commitment), (2, "b", SHORT.commitment), (3, "a", SHORT.commitment)]
    assert vault.open(wanted) == {1: LONG, 2: SHORT, 3: SHORT}
    assert vault.open([(9, "a", LONG.commitment)]) == {}


def test_a_subject_has_one_key_and_subjects_have_different_ones(vault: Vault) -> None:
    seal(vault, (1, "a", LONG))
    before = vault.secret_of("a")
    seal(vault, (2, "a", LONG), (3, "b", LONG))
    assert vault.secret_of("a") == before != vault.secret_of("b")


def test_the_stored_form_is_that_of_the_format(vault: Vault, connection: Connection) -> None:
    seal(vault, (1, "a", SHORT), (2, "a", LONG))
    table = _schema.data_key
    wrapped = bytes(
        connection.execute(select(table.c.wrapped).where(table.c.subject == "a")).scalar_one()
    )
    key = AESGCM(KEY).decrypt(wrapped[:12], wrapped[12:], b"a")
    assert key == vault.secret_of("a")
    short = stored(connection, 1)
    plain = AESGCM(key).decrypt(short[:12], short[12:], SHORT.commitment)
    assert plain == b"\0" + SHORT.encode()
    long = stored(connection, 2)
    packed = AESGCM(key).decrypt(long[:12], long[12:], LONG.commitment)
    assert packed[:1] == b"\1"
    assert packed[1:5] == bytes.fromhex("28b52ffd")
    assert len(long) < len(LONG.encode()) / 4


def test_a_sealed_half_cannot_stand_for_another(vault: Vault, connection: Connection) -> None:
    other = Parts.of([("text", "yes")]).seal()
    seal(vault, (1, "a", SHORT), (2, "a", other))
    with pytest.raises(VerificationError, match="entry 1: its sealed half is damaged"):
        vault.open([(1, "a", other.commitment)])


def test_a_ciphertext_changed_or_cut_short_is_noticed(vault: Vault, connection: Connection) -> None:
    seal(vault, (1, "a", SHORT))
    whole = stored(connection, 1)
    wrong = [whole[:length] for length in (0, 5, 12, 20, len(whole) - 1)]
    flipped = (0, 11, 12, 40, len(whole) - 1)
    wrong += [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in flipped]
    for data in wrong:
        connection.execute(_schema.sealed.update().values(ciphertext=data))
        with pytest.raises(VerificationError, match="entry 1"):
            opened(vault, 1, "a", SHORT)


def test_keys_that_are_gone_damaged_or_swapped_are_named(
    vault: Vault, connection: Connection
) -> None:
    seal(vault, (1, "a", SHORT), (2, "b", SHORT))
    table = _schema.data_key
    wrapped = connection.execute(select(table.c.wrapped).where(table.c.subject == "b")).scalar_one()
    connection.execute(table.update().where(table.c.subject == "a").values(wrapped=wrapped))
    with pytest.raises(VerificationError, match="data key of a: damaged"):
        opened(vault, 1, "a", SHORT)
    connection.execute(table.update().where(table.c.subject == "a").values(wrapped=b"short"))
    with pytest.raises(VerificationError, match="data key of a: damaged"):
        vault.secret_of("a")
    connection.execute(table.delete().where(table.c.subject == "a"))
    with pytest.raises(VerificationError, match="entry 1: the data key"):
        opened(vault, 1, "a", SHORT)
    with pytest.raises(VerificationError, match="data key of a: missing"):
        vault.cipher_of("a")
    assert opened(vault, 2, "b", SHORT) == SHORT


def test_another_vault_key_opens_nothing(vault: Vault, connection: Connection) -> None:
    seal(vault, (1, "a", SHORT))
    with pytest.raises(VerificationError, match="of another vault key"):
        opened(Vault(connection, bytes(32)), 1, "a", SHORT)


def test_a_cipher_is_made_once(vault: Vault) -> None:
    one = vault.cipher_of("new", create=True).encrypt(bytes(12), b"x", None)
    assert vault.cipher_of("new", create=True).encrypt(bytes(12), b"x", None) == one


def test_erasing_really_removes(library: Library) -> None:
    keep, gone = library.capture("keep this", "forget this", attachment=b"picture")
    table, keys, blobs = _schema.sealed, _schema.data_key, _schema.blob
    with library.archive.read() as reader:
        ((_, held),) = reader.open([gone])
        assert held is not None
        name = held.get("attachment/0/blob") or ""
        assert b"".join(reader.open_blob(gone.subject, name)) == b"picture"
        size = len(stored(reader.conn, gone.seq))
    with library.archive.write(library.ada) as writer:
        erased = writer.erase([gone.subject])
        writer.append([])
    assert (erased.subjects, erased.sealed, erased.bytes) == (1, 1, size)
    assert erased.blobs == (name,)
    with library.archive.read() as reader:
        assert [parts is None for _, parts in reader.open([keep, gone])] == [False, True]
        for query in (
            select(func.count()).select_from(table).where(table.c.seq == gone.seq),
            select(func.count()).select_from(keys).where(keys.c.subject == gone.subject),
            select(func.count()).select_from(blobs).where(blobs.c.subject == gone.subject),
        ):
            assert reader.conn.execute(query).scalar() == 0
        with pytest.raises(VerificationError, match="data key"):
            list(reader.open_blob(gone.subject, name))
        assert reader.entry(gone.seq) == gone
    assert [path.name for path in (library.folder / "blobs").rglob(name)] == []


def test_erasing_what_is_not_there_does_nothing(library: Library) -> None:
    with library.archive.write(library.ada) as writer:
        erased = writer.erase(["nobody"])
    assert (erased.subjects, erased.sealed, erased.bytes, erased.blobs) == (1, 0, 0, ())
