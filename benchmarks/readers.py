"""Reading alone: items and megabytes a second of each reader, on one core, and what it holds.

Every export is a sample from tests/data whose items are repeated up to a size, or made up where no
sample can be. Read means that every item is made into a `Capture`; nothing is sealed or stored.
Memory is that of a fresh process that reads the export, and of one that reads a quarter of it: it
should not grow with the export.

    python -m benchmarks.readers [--megabytes 40] [--rounds 3] [--only x,mastodon]
"""

import argparse
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from json import JSONDecoder
from pathlib import Path

from benchmarks import _generated
from benchmarks._measure import Run, measured, median
from ingest import Rejected, Told, open_export, reader_named
from ingest._capture import Remark

_SAMPLES = Path(__file__).parents[1] / "tests" / "data" / "samples"
_ITEMS = re.compile(rb"<(item|entry|post)\b.*</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Framed:
    """An export's file taken apart: its items can be repeated between head and tail."""

    head: bytes
    items: bytes
    between: bytes
    tail: bytes

    def write(self, path: Path, size: int) -> None:
        """Write the items as often as they fit into `size` bytes, once at the least."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(self.head + self.items)
            for _ in range(size // len(self.items) - 1):
                file.write(self.between + self.items)
            file.write(self.tail)


def _listed(data: bytes, key: str = "") -> Framed:
    text = data.decode()
    start = text.index("[", text.index(f'"{key}"') if key else 0)
    _, end = JSONDecoder().raw_decode(text, start)
    cut = (text[: start + 1], text[start + 1 : end - 1], text[end - 1 :])
    head, items, tail = (part.encode() for part in cut)
    return Framed(head, items, b",", tail)


def _rows(data: bytes) -> Framed:
    head, _, rows = data.strip().partition(b"\n")
    return Framed(head + b"\n", rows + b"\n", b"", b"")


def _lines(data: bytes) -> Framed:
    return Framed(b"", data.strip() + b"\n", b"", b"")


def _elements(data: bytes) -> Framed:
    found = _ITEMS.search(data)
    if found is None:
        raise ValueError("it has no items")
    return Framed(data[: found.start()], found.group(), b"\n", data[found.end() :])


@dataclass(frozen=True, slots=True)
class Case:
    """What is read: the reader, a sample, and how the sample is taken apart."""

    reader: str
    sample: str
    framed: Callable[[bytes], Framed]

    def write(self, folder: Path, size: int) -> Path:
        """Write an export of about a size into a folder, and say where."""
        sample = _SAMPLES / self.sample
        name, data = sample.name, sample.read_bytes()
        if sample.name.endswith(".tar.gz"):
            with open_export(sample) as export:
                name = export.find_file("outbox.json") or ""
                with export.open(name) as stream:
                    data = stream.read()
        path = folder / name
        self.framed(data).write(path, size)
        return path


@dataclass(frozen=True, slots=True)
class Made:
    """What is read, made up: the reader, the file's name, and what writes it."""

    reader: str
    name: str
    made: Callable[[Path, int], None]

    def write(self, folder: Path, size: int) -> Path:
        """Write an export of about a size into a folder, and say where."""
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.made(path, size)
        return path


def _key(key: str) -> Callable[[bytes], Framed]:
    return lambda data: _listed(data, key)


CASES: tuple[Case | Made, ...] = (
    Case("activitystreams", "mastodon/constructed/activitypub.jsonl", _lines),
    Case("bluesky", "bluesky/pds-local/listRecords.json", _key("records")),
    Made("bluesky-car", "repo.car", _generated.bluesky_car),
    Made("csv", "rows.csv", _generated.table),
    Made("discourse", "topics", _generated.discourse),
    Case("disqus", "disqus/disqus.xml", _elements),
    Case(
        "facebook",
        "facebook/export/your_facebook_activity/posts/"
        "your_posts__check_ins__photos_and_videos_1.json",
        _listed,
    ),
    Made("facebook-graph", "feed.json", _generated.facebook_graph),
    Case("facebook-webhook", "facebook/constructed/webhook_feed.jsonl", _lines),
    Case("feed", "wordpress/local-6.1.9/feed.rss2.xml", _elements),
    Case("jsonfeed", "rss_atom/json_example.json", _key("items")),
    Case("instagram", "instagram/export/your_instagram_activity/media/posts_1.json", _listed),
    Made("jsonl", "lines.jsonl", _generated.json_lines),
    Case("linkedin", "linkedin/constructed/Comments_17529409.csv", _rows),
    Case("mastodon", "mastodon/archive-20260105-maplegrovepl.tar.gz", _key("orderedItems")),
    Case("mastodon-api", "mastodon/api/test_public_tl.json", _listed),
    Made("nextdoor", "posts.json", _generated.nextdoor),
    Case("reddit", "reddit/constructed/comments.csv", _rows),
    Case(
        "threads", "threads/constructed/threads_and_replies.json", _key("text_post_app_text_posts")
    ),
    Case("tiktok", "tiktok/constructed/user_data_tiktok.json", _key("CommentsList")),
    Made("warc", "pages.warc", _generated.warc),
    Case("wordpress", "wordpress/local-6.1.9/export.wxr.xml", _elements),
    Case("wordpress-rest", "wordpress/local-6.1.9/comments_approve.json", _listed),
    Case("x", "x/archive/data/tweets.js", _listed),
    Case("youtube", "youtube/comment_threads_by_channel.json", _key("items")),
    Case("youtube", "youtube/comments_post_june2024.csv", _rows),
)


def main() -> None:
    """Measure, and print one table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--megabytes", type=int, default=40)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", default="", help="names of readers, with commas")
    given = options.parse_args()
    only = set(filter(None, given.only.split(",")))
    print(f"reading alone, one core, about {given.megabytes} MB each, medians of {given.rounds}")
    print(
        f"{'reader':17} {'file':24} {'items':>9} {'items/s':>9} {'MB/s':>6} {'MiB':>5} {'of ¼':>5}"
    )
    folder = Path(tempfile.mkdtemp(prefix="muniment-bench-"))
    try:
        for case in CASES:
            if not only or case.reader in only:
                _report(case, _written(case, folder, given.megabytes * 1_000_000), given.rounds)
    finally:
        shutil.rmtree(folder)


def _written(case: Case | Made, folder: Path, size: int) -> tuple[Path, Path]:
    """The export of a size, and one of a quarter of it."""
    whole, quarter = (
        case.write(folder / f"{case.reader}-{share}", size // share) for share in (1, 4)
    )
    return whole, quarter


def _report(case: Case | Made, paths: tuple[Path, Path], rounds: int) -> None:
    whole, quarter = paths
    runs = [measured(read_all, case.reader, str(whole)) for _ in range(rounds)]
    seconds = median([one.seconds for one in runs])
    small: Run = measured(read_all, case.reader, str(quarter))
    items = count(case.reader, str(whole))
    files = whole.iterdir() if whole.is_dir() else (whole,)
    size = sum(one.stat().st_size for one in files) / 1e6
    peak = max(one.peak for one in runs)
    print(
        f"{case.reader:17} {whole.name[:24]:24} {items:9,} {items / seconds:9,.0f} "
        f"{size / seconds:6.0f} {peak:5.0f} {small.peak:5.0f}",
        flush=True,
    )


def read_all(reader: str, path: str) -> float:
    """Read an export; the seconds of the processor's time that it took."""
    started = time.process_time()
    count(reader, path)
    return time.process_time() - started


def count(reader: str, path: str) -> int:
    """How many items a reader finds in an export."""
    with open_export(Path(path)) as export:
        source = reader_named(reader).read(export, Told("bench.example"))
        found = rejected = 0
        for item in source.items:
            found += not isinstance(item, Remark)
            rejected += isinstance(item, Rejected)
    if rejected * 10 > found:
        raise ValueError(f"{reader} rejected {rejected} of {found} items of {path}")
    return found


if __name__ == "__main__":
    main()
