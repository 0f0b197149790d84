"""Bags: closed complete, and held against the `bagit` library."""

from collections.abc import Callable
from pathlib import Path

import pytest

from archive import MunimentError
from exports import _bag


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    folder = tmp_path / "bag"
    for name, content in (("data/a/one.txt", b"one"), ("data/two.bin", bytes(3 << 20))):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "READ.md").write_text("read", encoding="utf-8")
    _bag.close_bag(folder, {"Source-Organization": "A Library"})
    return folder


def test_a_closed_bag_is_valid(bag: Path) -> None:
    _bag.validate(bag)
    listed = (bag / "manifest-sha256.txt").read_text(encoding="utf-8").splitlines()
    assert [line.partition("  ")[2] for line in listed] == ["data/a/one.txt", "data/two.bin"]
    assert f"Payload-Oxum: {3 + (3 << 20)}.2\n" in (bag / "bag-info.txt").read_text(
        encoding="utf-8"
    )


def _append(name: str, line: str) -> Callable[[Path], None]:
    def damage(bag: Path) -> None:
        with (bag / name).open("a", encoding="utf-8") as file:
            file.write(line)

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        _append("data/two.bin", "more"),
        lambda bag: (bag / "data/a/one.txt").write_bytes(b"two"),
        lambda bag: (bag / "READ.md").write_bytes(b"reed"),
        lambda bag: (bag / "data/a/one.txt").unlink(),
        lambda bag: (bag / "data/three").write_bytes(b""),
        _append("manifest-sha512.txt", f"{'0' * 128}  data/../../outside\n"),
        _append("manifest-sha512.txt", f"{'0' * 128}  /etc/hostname\n"),
    ],
)
def test_a_damaged_bag_is_not_valid(bag: Path, damage: Callable[[Path], None]) -> None:
    damage(bag)
    with pytest.raises(MunimentError, match="the bag is not valid"):
        _bag.validate(bag)
