"""What leaves of a log, alike in bundles and in packages for an archives: parts, key and head."""

import re
import unicodedata
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from archive import ShownPart
from archive.notes import NoteKey

_SHOWN, _SHOWN_BYTES = frozenset({"path", "salt", "value"}), frozenset({"path", "salt", "base64"})
_LONGEST_NAME = 60
_LONGEST_EXTENSION = 8


def part_to_json(part: ShownPart) -> dict[str, str]:
    """A shown part: path, salt, and its value as text, else in base64."""
    shown = {"path": part.path, "salt": part.salt.hex()}
    try:
        shown["value"] = part.value.decode()
    except UnicodeDecodeError:
        shown["base64"] = b64encode(part.value).decode()
    return shown


def part_from_json(value: dict[str, Any]) -> ShownPart:
    """The inverse of `part_to_json`; ValueError, TypeError or KeyError for anything else."""
    members = value.keys()
    if members == _SHOWN:
        data = _text(value["value"]).encode()
    elif members == _SHOWN_BYTES:
        data = b64decode(value["base64"], validate=True)
    else:
        raise ValueError("a part is neither shown nor hidden")
    salt = bytes.fromhex(_text(value["salt"]))
    if len(salt) != 16 or salt.hex() != value["salt"]:
        raise ValueError("not 16 bytes in hexadecimal")
    return ShownPart(_text(value["path"]), salt, data)


def write_log(folder: Path, checkpoint: str, key: NoteKey) -> None:
    """The log's signed head and its key, into the folder of proofs."""
    (folder / "checkpoint").write_bytes(checkpoint.encode())
    (folder / "log-key.pub").write_bytes(f"{key}\n".encode())
    (folder / "log-key.pem").write_bytes(pem(key).encode())


def pem(key: NoteKey) -> str:
    """The log's key as openssl reads it."""
    encoded = b64encode(key.spki).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{encoded}\n-----END PUBLIC KEY-----\n"


def ascii_name(name: str) -> str:
    """A file's name that every system takes: short, and of ASCII letters, digits and . _ -"""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-.")
    stem, dot, extension = safe.rpartition(".")
    if dot and len(extension) <= _LONGEST_EXTENSION:
        return f"{stem[:_LONGEST_NAME] or 'file'}.{extension}"
    return safe[:_LONGEST_NAME] or "file"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value
