"""Test vectors: published ones, and those of the format (made by `make_vectors`)."""

import json
from pathlib import Path
from typing import Any


def load(name: str) -> Any:
    """The vectors of a file in this folder."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))
