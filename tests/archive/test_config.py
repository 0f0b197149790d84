import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive import Config, NotAnArchive
from archive._config import FILE

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
CONFIG = Config("id", "Cook Memorial Library", "library.example/log")


@settings(max_examples=30)
@given(TEXT, TEXT, TEXT)
@example("\x7f", "\x00\x1f\x85", '"\\\n')
def test_settings_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, name: str, origin: str, database: str
) -> None:
    folder = tmp_path_factory.mktemp("config")
    config = Config("id", name, origin, database=database)
    config.write(folder)
    assert Config.read(folder) == config
    assert tomllib.loads((folder / FILE).read_text(encoding="utf-8")) == asdict(config)


def test_a_lone_surrogate_becomes_a_replacement_character(tmp_path: Path) -> None:
    Config("id", "a\udcffb", "origin").write(tmp_path)
    assert Config.read(tmp_path).name == "a\ufffdb"


def test_what_is_left_out_has_its_default_and_what_is_unknown_is_left(tmp_path: Path) -> None:
    text = (
        'id = "id"\nname = "Cook Memorial Library"\norigin = "library.example/log"\n[more]\na = 1\n'
    )
    (tmp_path / FILE).write_text(text)
    assert Config.read(tmp_path) == CONFIG


def test_a_folder_without_settings_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path, tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(NotAnArchive, match="is not an archive") as error:
            Config.read(folder)
        assert "muniment init" in error.value.hint


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"id =",
        b"\xff",
        b'id = "a"',
        b'id = "a"\nname = "b"\n',
        b'id = 1\nname = "b"\norigin = "c"\n',
        b'id = "a"\nname = "b"\norigin = "c"\ndatabase = ["d"]\n',
    ],
)
def test_damaged_settings_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(NotAnArchive, match=FILE):
        Config.read(tmp_path)


def test_settings_that_are_no_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(NotAnArchive, match="cannot be read"):
        Config.read(tmp_path)


@pytest.mark.parametrize("zone", ["Chicago", "", "../etc/passwd", "/etc/localtime"])
def test_a_time_zone_that_is_none_is_refused_at_once(tmp_path: Path, zone: str) -> None:
    Config("1", "Library", "library/1", timezone=zone).write(tmp_path)
    with pytest.raises(NotAnArchive, match="names no time zone"):
        Config.read(tmp_path)
