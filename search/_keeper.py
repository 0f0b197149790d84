"""Keeps an index level with the log: catches up, notices damage, builds anew and swaps in."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from archive import Archive, Reader, StorageError, translated
from search import _settings
from search._engine import DamagedIndex, Engine, engine_class
from search._feed import changes
from search._lock import write_lock
from search._settings import Settings

_READ_AT_OPEN = 32 << 20


class Keeper:
    """The index folder of an archive: one generation of an engine's files, and their settings.

    Only the holder of the writer's lock changes anything. `rebuilt` says why the index had to be
    built anew in this session, "" when it had not.
    """

    def __init__(self, archive: Archive, engine: str, wait: float) -> None:
        self._archive = archive
        self._folder = archive.index_folder
        self._make = engine_class(engine)
        self._wait = wait
        self._settings: Settings | None = None
        self._engine: Engine | None = None
        self.name = f"{engine} {self._make.version}"
        self.rebuilt = ""

    @property
    def position(self) -> int:
        """How many entries of the log are covered."""
        return 0 if self._settings is None else self._settings.position

    @property
    def engine(self) -> Engine:
        """The engine, on the files as they were when `catch_up` last ran."""
        if self._engine is None:
            self.catch_up(None)
        assert self._engine is not None
        return self._engine

    def close(self) -> None:
        engine, self._engine = self._engine, None
        self._settings = None
        if engine is not None:
            engine.close()

    def catch_up(self, reader: Reader | None) -> None:
        """Cover the log up to the head that `reader` sees, or up to its head now."""
        with self._snapshot(reader) as log:
            fault = self._look(log)
            if fault is None and self._settled and self.position >= log.head.size:
                return
            with write_lock(self._folder, self._wait):
                fault = self._look(log)
                if fault is None:
                    fault = self._advance(log)
                if fault is not None:
                    self._build(log)
                    self.rebuilt = fault

    def rebuild(self, why: str = "") -> None:
        """Build the index from nothing beside the present one, and put it in its place.

        No file of an earlier generation is left, nor comes back after a power cut.
        """
        with write_lock(self._folder, self._wait), self._snapshot(None) as log:
            self._build(log)
            self.rebuilt = why

    def damaged(self) -> list[str]:
        """The names of files that are not as they were written; reads them all."""
        self.catch_up(None)
        assert self._settings is not None
        settings = self._settings
        size = sum(size for size, _ in settings.files.values())
        folder = settings.folder(self._folder)
        return _settings.damaged(folder, settings.files, read_up_to=size)

    @property
    def _settled(self) -> bool:
        return self._settings is not None and not self._settings.unfinished

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
            if found != self._settings or self._engine is None:
                self.close()
                fault = fault or self._unusable(found)
                if fault is None:
                    self._engine = self._open(found)
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
        folder = found.folder(self._folder)
        if not folder.is_dir():
            return "its files are missing"
        if not found.unfinished:
            wrong = _settings.damaged(folder, found.files, read_up_to=_READ_AT_OPEN)
            if wrong:
                return f"{len(wrong)} of its files are missing or damaged"
        return None

    def _open(self, found: Settings) -> Engine:
        engine = self._make(found.folder(self._folder))
        if not found.unfinished and engine.size() != found.documents:
            engine.close()
            raise DamagedIndex("it does not hold as many documents as were written")
        return engine

    def _advance(self, log: Reader) -> str | None:
        """Index what is new; None, or why the engine could not."""
        settings, engine = self._settings, self._engine
        assert settings is not None
        assert engine is not None
        if settings.position >= log.head.size and not settings.unfinished:
            return None
        try:
            self._save(replace(settings, unfinished=True))
            self._settings = self._feed(log, engine, settings, save=True)
            self._save(self._settings)
        except DamagedIndex as error:
            self.close()
            return str(error)
        except BaseException:
            self.close()
            raise
        return None

    def _build(self, log: Reader) -> None:
        with translated():
            existing = _settings.generations(self._folder)
        number = max(map(_settings.number_of, existing), default=0) + 1
        settings = Settings(self.name, number)
        folder = settings.folder(self._folder)
        engine: Engine | None = None
        try:
            with translated():
                folder.mkdir(mode=0o700)
            engine = self._make(folder)
            settings = self._feed(log, engine, settings, save=False)
            self._save(settings)
        except BaseException as error:
            if engine is not None:
                engine.close()
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, DamagedIndex):
                raise StorageError(
                    f"the search index cannot be built: {error}",
                    hint="is there room on the disk? then run muniment rebuild",
                ) from error
            raise
        self.close()
        self._engine, self._settings = engine, settings
        with translated():
            for other in existing:
                shutil.rmtree(other)
            _settings.sync(self._folder)

    def _feed(self, log: Reader, engine: Engine, settings: Settings, *, save: bool) -> Settings:
        """Index the entries from the settings' position to the head; the settings after that.

        With `save`, how far it has come is written down after every batch.
        """
        again, known = settings.unfinished, settings.files
        for change in changes(log, settings.position, again=again):
            if not change.empty:
                engine.apply(change.gone, change.documents)
            settings = replace(
                settings,
                position=change.stop,
                root=log.root_at(change.stop).hex(),
                unfinished=True,
            )
            if save:
                self._save(settings)
        engine.settle()
        with translated():
            files = _settings.inventory(settings.folder(self._folder), known)
        return replace(settings, documents=engine.size(), unfinished=False, files=files)

    def _save(self, settings: Settings) -> None:
        with translated():
            _settings.save(self._folder, settings)
