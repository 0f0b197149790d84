"""A large export with its media: how fast it is taken in, and how much memory that takes.

The export is made up in the form of an X archive: one zip with all posts in one `tweets.js` and a
picture beside many of them. Memory is the peak of the whole process tree.

    python -m benchmarks.volume [--megabytes 2000] [--limit 300]
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from benchmarks._comments import comments
from benchmarks._measure import run

_PICTURE = 256 << 10
_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"
_ACCOUNT = {"username": "bench", "accountId": "1", "accountDisplayName": "Bench"}
_EPOCH = 1_288_834_974_657
_FIRST = 1_735_689_600_000


def main() -> None:
    """Make the export, take it in, and print one line; exit status 1 above the limit of memory."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--megabytes", type=int, default=2000, help="size of the export, unpacked")
    options.add_argument("--limit", type=int, default=300, help="MiB of memory that are too many")
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="muniment-bench-"))
    try:
        peak = _measure(folder, given.megabytes * 1_000_000)
    finally:
        shutil.rmtree(folder)
    if peak > given.limit:
        sys.exit(f"{peak:.0f} MiB are more than {given.limit}")


def _measure(folder: Path, size: int) -> float:
    export = folder / "archive.zip"
    posts, pictures = write_archive(export, size)
    muniment = str(Path(sys.executable).parent / "muniment")
    setting = {"MUNIMENT_ARCHIVE": str(folder / "archive"), "MUNIMENT_KEYS": str(folder / "keys")}
    named = ["--name", "Bench", "--actor", "ada", "--no-passphrase"]
    run([muniment, "init", str(folder / "archive"), *named], setting)
    packed = export.stat().st_size / 1e6
    taken = run([muniment, "ingest", str(export)], setting)
    print(f"{size / 1e6:,.0f} MB of an X archive ({packed:,.0f} MB packed)")
    print(f"{posts:,} posts with {pictures:,} pictures in {taken.seconds:.0f} s")
    print(f"{posts / taken.seconds:,.0f} posts/s, {size / 1e6 / taken.seconds:.1f} MB/s")
    print(f"peak of the process tree: {taken.peak:.0f} MiB")
    return taken.peak


def write_archive(path: Path, size: int) -> tuple[int, int]:
    """Write an export of about `size` bytes, half of them pictures; how many posts and pictures."""
    chance = random.Random(42)
    pictures = max(size // 2 // _PICTURE, 1)
    posts = 0
    ids: list[int] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        account = json.dumps([{"account": _ACCOUNT}])
        archive.writestr("data/account.js", f"window.YTD.account.part0 = {account}")
        with archive.open("data/tweets.js", "w", force_zip64=True) as file:
            for native_id, pictured in _posts(file, size // 2, pictures):
                posts += 1
                if pictured:
                    ids.append(native_id)
        for native_id in ids:
            picture = _JPEG + chance.randbytes(_PICTURE - len(_JPEG))
            name = f"data/tweets_media/{native_id}-p{native_id}.jpg"
            archive.writestr(name, picture, zipfile.ZIP_STORED)
    return posts, len(ids)


def _posts(file: IO[bytes], size: int, pictures: int) -> Iterator[tuple[int, bool]]:
    """Write posts of `size` bytes in all; gives each one's id, and whether it has a picture."""
    written = file.write(b"window.YTD.tweets.part0 = [\n  ")
    pictured = 0
    for number, comment in enumerate(comments(sys.maxsize)):
        if written >= size:
            break
        moment = _FIRST + 7_000 * number
        native_id = (moment - _EPOCH) << 22
        shown = pictured * size <= written * pictures and pictured < pictures
        pictured += shown
        post = json.dumps({"tweet": _post(native_id, moment, comment["text"], shown)}, indent=2)
        written += file.write((",\n  " if number else "").encode() + post.encode())
        yield native_id, shown
    file.write(b"\n]\n")


def _post(native_id: int, moment: int, text: str, pictured: bool) -> dict[str, object]:
    media = {
        "id_str": str(native_id + 1),
        "media_url_https": f"https://pbs.twimg.com/media/p{native_id}.jpg",
        "url": "https://t.co/abcdefghij",
        "type": "photo",
        "sizes": {"large": {"w": "1200", "h": "900", "resize": "fit"}},
    }
    post: dict[str, object] = {
        "edit_info": {
            "initial": {
                "editTweetIds": [str(native_id)],
                "editableUntil": "2025-01-01T01:00:00.000Z",
                "editsRemaining": "5",
                "isEditEligible": True,
            }
        },
        "retweeted": False,
        "source": '<a href="https://mobile.twitter.com" rel="nofollow">Twitter Web App</a>',
        "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []},
        "display_text_range": ["0", str(len(text))],
        "favorite_count": "3",
        "id_str": str(native_id),
        "truncated": False,
        "retweet_count": "1",
        "id": str(native_id),
        "possibly_sensitive": False,
        "created_at": _created(moment),
        "favorited": False,
        "full_text": text,
        "lang": "en",
    }
    if pictured:
        post["extended_entities"] = {"media": [media]}
    return post


def _created(moment: int) -> str:
    """A time as X writes it."""
    return f"{datetime.fromtimestamp(moment / 1000, UTC):%a %b %d %H:%M:%S +0000 %Y}"


if __name__ == "__main__":
    main()
