"""veraPDF, the validator of PDF/A and PDF/UA, for the tests of what is handed out on paper.

tests/verapdf/install.sh installs it, by Maven, into a folder that MUNIMENT_TEST_VERAPDF names.
"""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

VARIABLE = "MUNIMENT_TEST_VERAPDF"
LEFT_OUT = "needs veraPDF, and there is none"
"""How the reason begins for which a test is left out."""

_NAME = (Path(__file__).parent / "verapdf.sha256").read_text(encoding="ascii").split()[1]


def program() -> Path:
    """The validator's file; skips where it, or a Java, is missing."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(os.environ.get(VARIABLE) or f"{cache}/muniment/verapdf").expanduser()
    if not (folder / _NAME).exists() or shutil.which("java") is None:
        pytest.skip(f"{LEFT_OUT}: install Java, and run tests/verapdf/install.sh")
    return folder / _NAME


def judged(jar: Path, papers: Iterable[Path], home: Path) -> set[str]:
    """What it says of each paper and each standard that the paper itself claims: its lines."""
    java = ("java", "-XX:TieredStopAtLevel=1", f"-Duser.home={home}", "-cp", str(jar))
    done = subprocess.run(
        [*java, "org.verapdf.apps.GreenfieldCliWrapper", "--format", "text", "-v", *papers],
        capture_output=True,
        check=False,
        text=True,
    )
    return set(done.stdout.splitlines())
