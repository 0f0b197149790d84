"""Searching an archive against plain Tantivy, SQLite FTS5 and Whoosh, on one corpus in one run.

The comments are made up. Queries of every kind are asked in turns of all, each answered with the
count and the ids of the best twenty; "page" is the same with snippets, decrypted from the vault.
Plain Tantivy counts as in its documentation: one index, its own tokenizer with stemming, a writer
with its default threads, its parser. "The same documents" are ours as Tantivy is given them, read
from a file: what it takes for so many fields, without making them. Whoosh has fewer comments, which
it can bear.

With `--documents` the index is made of the comments alone, without an archive: no pages, no
catching up, no purge. That is for sizes for which a log would take too long to write.

    python -m benchmarks.search [--records 100000] [--rounds 5] [--whoosh 10000] [--documents]
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import Archive, Signer
from archive.keys import ActorKey
from benchmarks import _corpus, _library, _ours
from benchmarks._measure import Run, measured, median
from benchmarks._rivals import Fts5, Plain, Whoosh
from search import SearchIndex
from search._partitions import Partitions

_RIVALS = {rival.name: rival for rival in (Plain, Fts5, Whoosh)}
_PURGED = 1_000
_CAUGHT_UP = 1_000


def main() -> None:
    """Measure, and print the tables."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--records", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--whoosh", type=int, default=10_000, help="comments for Whoosh")
    options.add_argument("--documents", action="store_true", help="without an archive")
    options.add_argument("--folder", type=Path, help="work here, go on with what is there, keep it")
    given = options.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="muniment-bench-"))
    folder.mkdir(exist_ok=True)
    try:
        bench = _Bench(folder, given.records, min(given.whoosh, given.records), given.documents)
        bench.write()
        bench.index()
        bench.ask(given.rounds)
        if not given.documents:
            bench.change(given.rounds)
    finally:
        if given.folder is None:
            shutil.rmtree(folder)


@dataclass
class _Bench:
    folder: Path
    count: int
    whoosh: int
    documents: bool
    signer: Signer = field(init=False)

    @property
    def corpus(self) -> Path:
        return self.folder / "corpus"

    @property
    def home(self) -> Path:
        return self.folder / "archive"

    def write(self) -> None:
        """Make up the comments, and an archive of them."""
        print(f"{self.count:,} made-up comments")
        if not self.corpus.exists():
            _corpus.write(self.corpus, self.count)
        if self.documents:
            return
        if not self.home.exists():
            started = time.perf_counter()
            self.signer = _library.create(self.home)
            assert isinstance(self.signer, ActorKey)
            (self.folder / "key").write_bytes(self.signer.key.private_bytes_raw())
            (self.folder / "actor").write_text(self.signer.actor)
            with Archive.open(self.home) as archive:
                _library.fill(archive, self.signer, _corpus.read(self.corpus))
            print(f"appended to the log: {self.count / (time.perf_counter() - started):,.0f}/s")
        key = Ed25519PrivateKey.from_private_bytes((self.folder / "key").read_bytes())
        self.signer = ActorKey((self.folder / "actor").read_text(), key)

    def index(self) -> None:
        """Index all of them in every way, each in a process of its own."""
        print(f"\n{'indexing':30} {'records/s':>10} {'processor µs':>13} {'peak MiB':>9}", end="")
        print(f" {'of tantivy':>11} {'MB on disk':>11}")
        first = 0.0
        for name, rival in _RIVALS.items():
            size = self.whoosh if rival is Whoosh else self.count
            target = self.folder / name
            shutil.rmtree(target, ignore_errors=True)
            taken = measured(fill_rival, name, target, self.corpus, size)
            rate = _row(name, taken, size, first, target)
            first = first or rate
        target = self.folder / "documents"
        shutil.rmtree(target, ignore_errors=True)
        taken = measured(fill_ours, target, self.corpus, self.count)
        _row("muniment, from documents", taken, self.count, first, target)
        target, lines = self.folder / "same", self.folder / "lines"
        shutil.rmtree(target, ignore_errors=True)
        measured(write_lines, lines, self.corpus, self.count)
        taken = measured(fill_same, target, lines)
        lines.unlink()
        _row("tantivy, the same documents", taken, self.count, first, target)
        shutil.rmtree(target)
        if not self.documents:
            taken = measured(rebuild, self.home)
            _row("muniment, from the log", taken, self.count, first, self.home / "index")

    def ask(self, rounds: int) -> None:
        """Ask all in turns."""
        index = self._opened()
        print(f"\nms of processor time for a count and the best 20, medians of {rounds}", end="")
        print(f"; whoosh: of {self.whoosh:,} comments")
        heads = ("muniment", "tantivy", "times", "at most", "sqlite fts5", "whoosh", "page")
        print(f"{'':10} {'found':>9} " + " ".join(f"{head:>11}" for head in heads))
        sides: dict[str, Callable[[str, tuple[str, ...]], Any]] = {
            "muniment": partial(_ours.page, index),
            **{name: rival(self.folder / name).page for name, rival in _RIVALS.items()},
        }
        with ExitStack() as stack:
            if not self.documents:
                archive = stack.enter_context(Archive.open(self.home))
                shown = stack.enter_context(SearchIndex.open(archive))
                shown.catch_up()
                sides["page"] = lambda kind, words: shown.search(_ours.written(kind, words))
            for kind, queries in _queries().items():
                found = median([_ours.page(index, kind, words)[0] for words in queries])
                taken = _asked(sides, kind, queries, rounds)
                ours, plain = taken["muniment"], taken["tantivy"]
                cells = (ours, plain, ours / plain, 1.5 * plain + 1)
                others = (taken.get(name) for name in ("sqlite fts5", "whoosh", "page"))
                print(f"{kind:10} {found:9,.0f} " + " ".join(map(_cell, (*cells, *others))))
        for query in ("*", _corpus.vocabulary()[0]):
            started = time.perf_counter()
            streamed = sum(1 for _ in _ours.ids(index, query))
            rate = streamed / (time.perf_counter() - started)
            print(f"all ids of {query!r} by date: {streamed:,}, {rate:,.0f}/s")
        index.close()
        asking = measured(ask_alone, self.folder, self.documents)
        print(f"opened, then each query once: {asking.seconds:.2f} s, {asking.peak:.0f} MiB")

    def change(self, rounds: int) -> None:
        """Catch up with new records; purge disposed ones, and ask before and after that."""
        print()
        with Archive.open(self.home) as archive:
            seconds = []
            for number in range(3):
                new = _corpus.comments(_CAUGHT_UP, self.count + number * _CAUGHT_UP)
                _library.fill(archive, self.signer, new)
                with SearchIndex.open(archive) as index:
                    started = time.perf_counter()
                    index.catch_up()
                    seconds.append(time.perf_counter() - started)
            print(f"opened and caught up with {_CAUGHT_UP:,} new: {median(seconds):.2f} s")
            with SearchIndex.open(archive) as index:
                index.catch_up()
                every = list(islice(index.ids("*"), None))
            plain = Plain(self.folder / Plain.name)
            plain.delete(islice(_corpus.read(self.corpus), _PURGED))
            every.sort()
            half = len(every) // 2
            for how, gone in (
                ("captured together", every[half : half + _PURGED]),
                ("spread over the whole log", every[:: len(every) // _PURGED][:_PURGED]),
            ):
                _library.dispose(archive, self.signer, gone)
                with SearchIndex.open(archive) as index:
                    index.catch_up()
                    before = self._common(plain, rounds)
                    started = time.perf_counter()
                    index.purge()
                    taken = time.perf_counter() - started
                after = self._common(plain, rounds)
                print(f"purge of {len(gone):,} {how}: {taken:.1f} s", flush=True)
                for when, asked in (("before", before), ("after", after)):
                    ours, theirs = asked["muniment"], asked[plain.name]
                    print(f"common {when}: {ours:.2f}, tantivy (as many deleted) {theirs:.2f}")

    def _common(self, plain: Plain, rounds: int) -> dict[str, float]:
        """What common words take in the index as it is now, and in plain Tantivy's, in ms."""
        index = _ours.opened(self.home / "index")
        sides = {"muniment": partial(_ours.page, index), plain.name: plain.page}
        taken = _asked(sides, "common", _queries()["common"], rounds)
        index.close()
        return taken

    def _opened(self) -> Partitions:
        if self.documents:
            return _ours.alone(self.folder / "documents")
        return _ours.opened(self.home / "index")


def fill_rival(name: str, target: Path, corpus: Path, count: int) -> float:
    """Seconds to index so many comments."""
    rival = _RIVALS[name](target)
    started = time.perf_counter()
    rival.fill(islice(_corpus.read(corpus), count))
    return time.perf_counter() - started


def fill_ours(target: Path, corpus: Path, count: int) -> float:
    """Seconds to index so many comments, without an archive."""
    started = time.perf_counter()
    _ours.filled(target, islice(_corpus.read(corpus), count)).close()
    return time.perf_counter() - started


def write_lines(lines: Path, corpus: Path, count: int) -> float:
    """Write what Tantivy is given for so many comments, one document to a line."""
    _ours.write_lines(lines, islice(_corpus.read(corpus), count))
    return 0.0


def fill_same(target: Path, lines: Path) -> float:
    """Seconds that Tantivy alone takes to index these documents."""
    started = time.perf_counter()
    _ours.filled_plainly(target, lines)
    return time.perf_counter() - started


def rebuild(home: Path) -> float:
    """Seconds to build the index of an archive from its log."""
    with Archive.open(home) as archive, SearchIndex.open(archive) as index:
        started = time.perf_counter()
        index.rebuild()
        return time.perf_counter() - started


def ask_alone(folder: Path, documents: bool) -> float:
    """Seconds to open the index and to ask every query once."""
    started = time.perf_counter()
    place = folder / "documents" if documents else folder / "archive" / "index"
    index = _ours.alone(place) if documents else _ours.opened(place)
    for kind, queries in _queries().items():
        for words in queries:
            _ours.page(index, kind, words)
    index.close()
    return time.perf_counter() - started


def _queries() -> dict[str, list[tuple[str, ...]]]:
    """Words to ask for, by the kind of the query; each is a stem, which all take as it is."""
    words = _corpus.vocabulary()
    common, middling, rare = words[0:10:2], words[400:410:2], words[20_000:20_010:2]
    return {
        "common": [(word,) for word in common],
        "middling": [(word,) for word in middling],
        "rare": [(word,) for word in rare],
        "and": list(zip(common, middling, strict=True)),
        "or": list(zip(middling, rare, strict=True)),
        "phrase": list(zip(common, common[::-1], strict=True)),
        "prefix": [(word[:4],) for word in rare],
        "wildcard": [(f"{word[:2]}?{word[3:]}",) for word in rare],
        "fuzzy": [(word,) for word in rare],
        "dated": [(word, "2020") for word in middling],
    }


def _asked(
    sides: Mapping[str, Callable[[str, tuple[str, ...]], Any]],
    kind: str,
    queries: Sequence[tuple[str, ...]],
    rounds: int,
) -> dict[str, float]:
    """By side, the median of what each query takes at its median, in ms; all are asked in turn.

    It is processor time: none of them waits for anything, and a shared machine disturbs it less.
    What cannot ask such queries is left out.
    """
    taken: dict[str, list[list[float]]] = {name: [[] for _ in queries] for name in sides}
    for _ in range(rounds):
        for number, words in enumerate(queries):
            for name, side in sides.items():
                started = time.thread_time()
                try:
                    side(kind, words)
                except LookupError:
                    taken.pop(name, None)
                    continue
                seconds = time.thread_time() - started
                if name in taken:
                    taken[name][number].append(seconds)
    return {name: 1e3 * median([median(one) for one in each]) for name, each in taken.items()}


def _row(name: str, taken: Run, size: int, first: float, target: Path) -> float:
    rate, each = size / taken.seconds, 1e6 * taken.processor / size
    disk = sum(path.stat().st_size for path in _files(target)) / 1e6
    share = f"{rate / (first or rate):11.0%}"
    said = f"{name:30} {rate:10,.0f} {each:13.1f} {taken.peak:9.0f} {share} {disk:11,.0f}"
    print(said + (f"  of {size:,}" if name == Whoosh.name else ""), flush=True)
    return rate


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _cell(value: float | None) -> str:
    return f"{'-':>11}" if value is None else f"{value:11.2f}"


if __name__ == "__main__":
    main()
