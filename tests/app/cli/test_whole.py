"""`muniment export-all` and `muniment import-all`, as a person meets them."""

import json
from pathlib import Path

from tests.conftest import Muniment


def test_everything_out_and_in_again(sqlite_library: Muniment, tmp_path: Path) -> None:
    library, out = sqlite_library, tmp_path / "everything"
    (tmp_path / "notes.csv").write_text("id,text\n1,hello there\n", encoding="utf-8")
    library.ok("ingest", tmp_path / "notes.csv", "--account", "town", "--platform", "site")
    result = library.run("export-all", out)
    assert result.exit_code == 0
    assert f"to {out}" in result.stdout
    assert "Nothing in it is encrypted" in result.stderr
    assert "hello there" in (out / "sealed.jsonl").read_text().replace('","', "")
    again = Muniment(tmp_path / "again", library.keys, library.clock)
    said = library.ok("import-all", out, again.folder, "--keys", library.folder / "keys")
    assert f"into {again.folder}, verified" in said
    again.ok("verify")
    assert json.loads(again.ok("search", "hello", "--json"))
    seen = again.ok("ingest", tmp_path / "notes.csv", "--account", "town", "--platform", "site")
    assert "unchanged" in seen
    assert not list(tmp_path.glob(".*"))


def test_what_cannot_be_done_is_said(sqlite_library: Muniment, tmp_path: Path) -> None:
    library, out = sqlite_library, tmp_path / "everything"
    library.ok("export-all", out)
    assert "not empty" in library.fails(6, "export-all", out)
    keys, place = library.folder / "keys", tmp_path / "again"
    assert "no export" in library.fails(3, "import-all", tmp_path, place, "--keys", keys)
    assert "holds no archive" in library.fails(6, "import-all", out, tmp_path, "--keys", keys)
    (out / "entries.jsonl").write_bytes(b"{}\n")
    damaged = library.fails(8, "import-all", out, place, "--keys", keys)
    assert "entries.jsonl: not as it was written" in damaged
    assert not place.exists()
