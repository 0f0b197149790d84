"""A stopped ingest leaves whole batches and a log that verifies; run again, it adds the rest."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli._rooms import projections
from archive import Archive, verify
from ingest._pipeline import BATCH
from tests.conftest import BOTH, Muniment

ROWS = 16 * BATCH
_MUNIMENT = [sys.executable, "-c", "from app.cli import main; main()"]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    with path.open("w") as file:
        for number in range(ROWS):
            text = f"comment {number} " + "on the same long post " * 20
            file.write(json.dumps({"id": str(number), "text": text}) + "\n")
    return path


def archived(folder: Path) -> int:
    """How many records there are, without taking the log's word for it being whole."""
    with Archive.open(folder, projections=projections()) as archive, archive.read() as reader:
        return sum(1 for _ in reader.entries(types={"record.captured"}))


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
@BOTH
def test_a_stopped_ingest_leaves_whole_batches(
    library: Muniment, rows: Path, stop: signal.Signals
) -> None:
    environment = {
        **os.environ,
        "MUNIMENT_ARCHIVE": str(library.folder),
        "MUNIMENT_KEYS": str(library.keys),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [*_MUNIMENT, "ingest", str(rows), "--account", "lib"]
    process = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while archived(library.folder) == 0:
        assert process.poll() is None
    os.killpg(process.pid, stop)
    _, errors = process.communicate()
    status = process.returncode
    if stop == signal.SIGINT:
        assert status == 130, errors
        assert len(errors.strip().splitlines()) == 1
    kept = archived(library.folder)
    assert kept % BATCH == 0
    assert 0 < kept < ROWS
    with Archive.open(library.folder, projections=projections()) as archive:
        assert verify(archive).findings == ()
    again = json.loads(library.ok("ingest", rows, "--account", "lib", "--json"))
    assert (again[0]["new"], again[0]["resumed"]) == (ROWS, kept)
    assert archived(library.folder) == ROWS
