"""Checkpoints that are kept elsewhere: written there, read back, and held against today's log."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from archive._archive import Archive
from archive._files import sync_folder, write_durably
from archive._log import Reader
from archive._logkeys import log_keys
from archive._store import translated
from archive.errors import UsageError, VerificationError
from archive.notes import Checkpoint, Note, open_checkpoint

MAX_BYTES = 1 << 28
_SUFFIX = ".checkpoint"
_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class Published:
    """The newest checkpoint's size, the file where it is, and whether it was written just now."""

    size: int
    path: Path
    written: bool


def split(text: str) -> list[str]:
    """The notes in a text that holds one after another; empty lines may stand between them.

    A note ends with its signature lines. What is left over comes last, for a parser to refuse.
    """
    notes: list[str] = []
    held: list[str] = []
    signed = False
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        if signed and not line.startswith(_DASH):
            notes.append("".join(held))
            held, signed = [], False
        if held or line != "\n":
            held.append(line)
            signed = line.startswith(_DASH) and "\n" in held
    return [*notes, "".join(held)] if held else notes


def read(path: Path) -> list[str]:
    """The notes in a file, or in all files `*.checkpoint` of a folder; unverified.

    UsageError when it cannot be read.
    """
    hint = "name what muniment checkpoint printed or published"
    try:
        if path.is_dir():
            paths = sorted(path.glob(f"*{_SUFFIX}"), key=lambda one: (len(one.name), one.name))
            return [note for one in paths for note in split(_text(one))]
        return split(_text(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})", hint=hint) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} cannot be read as a checkpoint", hint=hint) from error


def check_kept(archive: Archive, reader: Reader, path: Path) -> list[Checkpoint]:
    """The checkpoints of this log that are kept in a file or folder, when the log extends each.

    Those of other logs are passed over. UsageError when the place cannot be read;
    VerificationError when it holds anything else than checkpoints, or none of this log, or one that
    the log did not sign or does not extend.
    """
    notes = read(path)
    kept = [note for _, note in _of_origin(notes, archive.origin, path)]
    if not kept:
        others = f" but those of other logs: {len(notes)}" if notes else ""
        raise VerificationError(
            f"{path} holds no checkpoint of {archive.origin}{others}",
            hint="name what muniment checkpoint printed or published",
        )
    return [_extended(archive, reader, note, path) for note in kept]


def publish(archive: Archive, target: Path) -> Published:
    """Put the newest checkpoint where others keep it.

    Into a folder as a file of its own, `(size).checkpoint`; else at the end of a file, which may
    hold those of other logs. What is there already is never changed; only what an interrupted
    publishing left there, half a checkpoint or half a file, is taken away. VerificationError when
    today's log does not extend the last checkpoint of this log that is there.
    """
    with translated():
        _clear_unfinished(target, archive.origin)
    with archive.read() as reader:
        note, size = reader.checkpoint(), reader.head.size
        folder = target.is_dir()
        there = read(target) if target.exists() else []
        kept = list(_of_origin(there, archive.origin, target))
        last = max(kept, key=lambda one: one[0], default=(0, ""))
        if last[1]:
            _extended(archive, reader, last[1], target)
    path = target / f"{size:012}{_SUFFIX}" if folder else target
    if any(Note.parse(one).text == Note.parse(note).text for _, one in kept):
        return Published(size, path, written=False)
    with translated():
        if folder:
            write_durably(path, note.encode())
        else:
            _append(path, note)
    return Published(size, path, written=True)


def _of_origin(notes: Iterable[str], origin: str, where: Path) -> Iterator[tuple[int, str]]:
    for note in notes:
        try:
            checkpoint = Checkpoint.parse(Note.parse(note).text)
        except VerificationError as error:
            raise VerificationError(
                f"{where} holds something else than checkpoints ({error})",
                hint="mend it from another copy, or publish to a new file",
            ) from error
        if checkpoint.origin == origin:
            yield checkpoint.size, note


def _extended(archive: Archive, reader: Reader, note: str, where: Path) -> Checkpoint:
    keys = [key for _, key in log_keys(reader, archive.config.id)]
    checkpoint = open_checkpoint(note, keys)
    if checkpoint.size > reader.head.size:
        raise VerificationError(
            f"the log has {reader.head.size} entries; at {where} it had {checkpoint.size}"
            + _restored(archive, reader),
            hint="entries were taken away: put back a good copy",
        )
    if reader.root_at(checkpoint.size) != checkpoint.root:
        raise VerificationError(
            f"the first {checkpoint.size} entries are not those that {where} was signed over"
            + _restored(archive, reader),
            hint="the log was rewritten: put back a good copy",
        )
    return checkpoint


def _restored(archive: Archive, reader: Reader) -> str:
    """What the log says of itself where it is not what it was."""
    found = reader.history(archive.config.id, {"archive.restored"})
    return f"; it was restored from a backup on {found[-1].at:%Y-%m-%d}" if found else ""


def _clear_unfinished(target: Path, origin: str) -> None:
    """Of a file's end, a checkpoint of this log goes whose last signature line is not whole."""
    if target.is_dir():
        for left in target.glob(f".*{_SUFFIX}.*.tmp"):
            left.unlink(missing_ok=True)
    elif target.is_file():
        text = target.read_bytes().decode(errors="surrogateescape")
        last = "".join(split(text)[-1:])
        begun = f"{origin}\n"
        signed = last.endswith("\n") and f"\n{_DASH}" in last
        if last and not signed and (last.startswith(begun) or begun.startswith(last)):
            os.truncate(target, len(text[: -len(last)].encode(errors="surrogateescape")))


def _append(path: Path, note: str) -> None:
    fresh = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "ab", buffering=0) as file:
        before = os.fstat(file.fileno()).st_size
        rest = (f"\n{note}" if before else note).encode()
        try:
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except BaseException:
            with suppress(OSError):
                os.ftruncate(file.fileno(), before)
            raise
    if fresh:
        sync_folder(path.parent)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MAX_BYTES).decode()
