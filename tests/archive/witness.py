"""A witness: sees that a log only grows, and says so by its cosignature (C2SP tlog-cosignature)."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import merkle
from archive.errors import VerificationError
from archive.notes import COSIGNATURE, Checkpoint, NoteKey, cosign, open_checkpoint


class Witness:
    """Keeps the last checkpoint that it saw of each log."""

    def __init__(self, name: str, log: NoteKey) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.public = NoteKey(name, self.key.public_key().public_bytes_raw(), COSIGNATURE)
        self._log = log
        self._seen = Checkpoint(log.name, 0, merkle.EMPTY_ROOT)

    def see(self, note: str, proof: list[bytes], seconds: int) -> str:
        """The note with one more line, when it extends what was seen before."""
        new, old = open_checkpoint(note, [self._log]), self._seen
        if new.size < old.size:
            raise VerificationError("witness: the log has become shorter")
        merkle.verify_consistency(old.size, new.size, old.root, new.root, proof)
        self._seen = new
        return note + str(cosign(new.text, self.public.name, self.key, seconds))
