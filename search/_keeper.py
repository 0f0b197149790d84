"""Keeps an index level with the log: catches up, notices damage, builds anew and swaps in."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from archive import Archive, Reader, StorageError, translated
from search import _settings
from search._engine import DamagedIndex
from search._engines import engine_class
from search._feed import beginnings, changes, documents_of
from search._lock import write_lock
from search._partitions import Partitions, part_of, stretch
from search._settings import FileState, Settings

_READ_AT_OPEN = 32 << 20
_TRIES = 5
"""So often a folder is removed: a thread of Tantivy's looks once at a new index by itself, with a
lock in the folder that comes and goes meanwhile.
"""


class Keeper:
    """The index folder of an archive: an engine's files in parts, and their settings.

    Only the holder of the writer's lock changes anything. `rebuilt` says why the index had to be
    built anew in this session, "" when it had not.
    """

    def __init__(self, archive: Archive, engine: str, wait: float) -> None:
        self._archive = archive
        self._folder = archive.index_folder
        self._make = engine_class(engine)
        self._wait = wait
        self._settings: Settings | None = None
        self._index: Partitions | None = None
        self.name = f"{engine} {self._make.version}"
        self.rebuilt = ""

    @property
    def position(self) -> int:
        """How many entries of the log are covered."""
        return 0 if self._settings is None else self._settings.position

    @property
    def index(self) -> Partitions:
        """The index, on the files as they were when `catch_up` last ran."""
        if self._index is None:
            self.catch_up(None)
        assert self._index is not None
        return self._index

    def close(self) -> None:
        index, self._index = self._index, None
        self._settings = None
        if index is not None:
            index.close()

    def catch_up(self, reader: Reader | None) -> None:
        """Cover the log up to the head that `reader` sees, or up to its head now."""
        with self._snapshot(reader) as log:
            fault = self._look(log)
            if fault is None and self._settled and self.position >= log.head.size:
                return
            with self._locked():
                fault = self._look(log)
                if fault is None:
                    fault = self._advance(log)
                if fault is not None:
                    self._build(log)
                    self.rebuilt = fault

    def rebuild(self, why: str = "") -> None:
        """Build the index from nothing beside the present one, and put it in its place.

        No file of an earlier one is left, nor comes back after a power cut.
        """
        with self._locked(), self._snapshot(None) as log:
            self._build(log)
            self.rebuilt = why

    def purge(self) -> None:
        """Write those parts anew that remember what is not found any more; as `rebuild` does."""
        with self._locked(), self._snapshot(None) as log:
            fault = self._look(log)
            if fault is None:
                fault = self._advance(log)
            if fault is None:
                fault = self._forget(log)
            if fault is not None:
                self._build(log)
                self.rebuilt = fault

    def damaged(self) -> list[str]:
        """The names of files that are not as they were written; reads them all."""
        self.catch_up(None)
        assert self._settings is not None
        settings = self._settings
        size = sum(file.size for file in settings.files.values())
        return _settings.damaged(self._folder, settings.files, read_up_to=size)

    @property
    def _settled(self) -> bool:
        return self._settings is not None and not self._settings.unfinished

    def _locked(self) -> AbstractContextManager[None]:
        return write_lock(self._folder, self._wait, self._archive.tell)

    @contextmanager
    def _snapshot(self, reader: Reader | None) -> Iterator[Reader]:
        if reader is not None:
            yield reader
        else:
            with self._archive.read() as log:
                yield log

    def _look(self, log: Reader) -> str | None:
        """Take up what is in the folder now; what is wrong with it, or None.

        "" stands for an index that is not there yet.
        """
        try:
            found = _settings.load(self._folder)
            if found is None:
                self.close()
                return ""
            with self._not_behind(log, found) as newest:
                fault = self._of_another_log(newest, found)
            if found != self._settings or self._index is None:
                self.close()
                fault = fault or self._unusable(found)
                if fault is None:
                    self._index = self._open(found)
                    self._settings = found
        except DamagedIndex as error:
            self.close()
            return str(error)
        return fault

    @contextmanager
    def _not_behind(self, log: Reader, found: Settings) -> Iterator[Reader]:
        """`log`, or a newer snapshot when another command has indexed entries beyond it."""
        if found.position <= log.head.size:
            yield log
        else:
            with self._archive.read() as newer:
                yield newer

    def _of_another_log(self, log: Reader, found: Settings) -> str | None:
        if found.position > log.head.size:
            return "it covers more than the log holds"
        if found.position and log.root_at(found.position).hex() != found.root:
            return "it was made from another log"
        return None

    def _unusable(self, found: Settings) -> str | None:
        if found.engine != self.name:
            return f"it was made by {found.engine}"
        if found.outdated:
            return "it was made by another version of this program"
        if not all((self._folder / part).is_dir() for part in found.parts):
            return "its files are missing"
        if not found.unfinished:
            wrong = _settings.damaged(self._folder, found.files, read_up_to=_READ_AT_OPEN)
            if wrong:
                return f"{len(wrong)} of its files are missing or damaged"
        return None

    def _open(self, found: Settings) -> Partitions:
        index = Partitions(self._make, self._folder, found.numbered, found.fresh, found.stale)
        if not found.unfinished and index.size() != found.documents:
            index.close()
            raise DamagedIndex("it does not hold as many documents as were written")
        return index

    def _advance(self, log: Reader) -> str | None:
        """Index what is new; None, or why the engine could not."""
        settings, index = self._settings, self._index
        assert settings is not None
        assert index is not None
        if settings.position >= log.head.size and not settings.unfinished:
            return None
        try:
            self._save(replace(settings, unfinished=True))
            self._tidy(settings)
            self._settings = self._fed(log, index, settings)
            self._save(self._settings)
        except DamagedIndex as error:
            self.close()
            return str(error)
        except BaseException:
            self.close()
            raise
        return None

    def _build(self, log: Reader) -> None:
        """Build all parts anew, and put them in place of the present ones."""
        head = log.head.size
        generation = self._next_generation()
        settings = Settings(self.name, generation, head, log.root_at(head).hex())
        try:
            with self._tidied():
                names = {
                    number: settings.fresh(number)
                    for number in range(part_of(head) + 1)
                    if self._build_part(log, number, self._folder / settings.fresh(number))
                }
                self._put_in_place(settings, names, {})
        except DamagedIndex as error:
            raise StorageError(
                f"the search index cannot be built: {error}",
                hint="is there room on the disk? then run muniment rebuild",
            ) from error

    def _forget(self, log: Reader) -> str | None:
        """Put parts that remember nothing in place of the stale ones; None, or why it failed."""
        present = self._settings
        assert present is not None
        settings = replace(present, generation=self._next_generation())
        names = present.numbered
        try:
            with self._tidied():
                for number in present.stale:
                    name = settings.fresh(number)
                    if self._forget_in_part(log, present, names.pop(number), self._folder / name):
                        names[number] = name
                self._put_in_place(settings, names, present.files)
        except DamagedIndex as error:
            self.close()
            return str(error)
        return None

    def _next_generation(self) -> int:
        with translated():
            return _settings.latest(self._folder) + 1

    def _put_in_place(
        self, settings: Settings, names: Mapping[int, str], known: Mapping[str, FileState]
    ) -> None:
        index = Partitions(self._make, self._folder, names, settings.fresh)
        settings = self._measured(settings, index, known)
        self._save(settings)
        self.close()
        self._index, self._settings = index, settings

    def _build_part(self, log: Reader, number: int, folder: Path) -> bool:
        """Make a part in a new folder; whether any document is in it."""
        with translated():
            folder.mkdir(mode=0o700)
        engine = self._make(folder)
        try:
            begun = (change.documents for change in beginnings(log, *stretch(number)))
            engine.apply((), chain.from_iterable(begun))
            engine.settle()
            return engine.size() > 0
        finally:
            engine.close()

    def _forget_in_part(self, log: Reader, present: Settings, name: str, folder: Path) -> bool:
        """Make a part in a new folder out of one that is stale; whether any document is left."""
        files = {path: file for path, file in present.files.items() if path.startswith(f"{name}/")}
        size = sum(file.size for file in files.values())
        if _settings.damaged(self._folder, files, read_up_to=size):
            raise DamagedIndex("files of it are missing or damaged")
        with translated():
            shutil.copytree(self._folder / name, folder, copy_function=_settings.copy)
        engine = self._make(folder)
        try:
            engine.forget(partial(documents_of, log))
            return engine.size() > 0
        finally:
            engine.close()

    def _fed(self, log: Reader, index: Partitions, settings: Settings) -> Settings:
        """Index the entries from the settings' position to the head; the settings after that.

        How far it has come is written down after every batch.
        """
        for change in changes(log, settings.position, again=settings.unfinished):
            if not change.empty:
                index.apply(change.gone, change.documents)
            settings = replace(
                settings,
                position=change.stop,
                root=log.root_at(change.stop).hex(),
                unfinished=True,
                parts=tuple(sorted(index.names.values())),
                stale=tuple(sorted(index.stale)),
            )
            self._save(settings)
        index.settle()
        return self._measured(settings, index, settings.files)

    def _measured(
        self, settings: Settings, index: Partitions, known: Mapping[str, FileState]
    ) -> Settings:
        parts = tuple(sorted(index.names.values()))
        with translated():
            files = _settings.inventory(self._folder, parts, known)
        return replace(
            settings,
            documents=index.size(),
            unfinished=False,
            parts=parts,
            stale=tuple(sorted(index.stale)),
            files=files,
        )

    @contextmanager
    def _tidied(self) -> Iterator[None]:
        """Leave no folder of what was replaced, nor of what was begun and failed."""
        try:
            yield
        except BaseException:
            with suppress(DamagedIndex, StorageError):
                self._tidy(_settings.load(self._folder))
            raise
        self._tidy(self._settings)

    def _tidy(self, settings: Settings | None) -> None:
        """Leave no folder that is not in use by an index of those settings."""
        with translated():
            left = _settings.left_over(self._folder, settings.parts if settings else ())
            for folder in left:
                _remove(folder)
            if left:
                _settings.sync(self._folder)

    def _save(self, settings: Settings) -> None:
        with translated():
            _settings.save(self._folder, settings)


def _remove(folder: Path) -> None:
    for left in reversed(range(_TRIES)):
        try:
            shutil.rmtree(folder)
        except OSError:
            if not left:
                raise
        if not folder.exists():
            return
