"""Exports wrapped up as platforms wrap them."""

import shutil
from pathlib import Path


def pack(into: Path, folder: Path, kind: str) -> Path:
    """An archive of a folder in `into`; `kind` as `shutil` names it: zip, tar, gztar."""
    return Path(shutil.make_archive(str(into / "export"), kind, folder))
