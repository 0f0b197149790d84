"""Typst, run for one document: in this process, or as a program in a process of its own.

Typst keeps what it has computed for as long as its process lives, several hundred megabytes for a
thousand records. What is set in a process of its own gives that back.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import typst

STANDARDS: Final = ("a-2a", "ua-1")
_REFUSED = 3


class NotSet(Exception):
    """Typst refuses the document; the text is its full diagnostic."""


def compiled(
    template: bytes, inputs: dict[str, str], timestamp: int, fonts: Sequence[str]
) -> bytes:
    """The document as PDF/A-2a and PDF/UA-1, dated `timestamp` (Unix seconds).

    `fonts` are folders with fonts beside those that Typst carries. NotSet when Typst refuses it.
    """
    try:
        found = typst.Fonts(include_system_fonts=False, font_paths=[*fonts])
        pdf: Any = typst.Compiler(template, font_paths=found).compile(
            format="pdf", sys_inputs=inputs, pdf_standards=[*STANDARDS], timestamp=timestamp
        )
    except typst.TypstError as error:
        raise NotSet(error.diagnostic) from error
    if not isinstance(pdf, bytes):
        raise NotSet("no single document came out")
    return pdf


def compiled_apart(
    template: bytes, inputs: dict[str, str], timestamp: int, fonts: Sequence[str]
) -> bytes:
    """The same in a process of its own."""
    job = {
        "template": template.decode(),
        "inputs": inputs,
        "timestamp": timestamp,
        "fonts": fonts,
    }
    done = subprocess.run(
        [sys.executable, "-I", str(Path(__file__))],
        input=json.dumps(job).encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise NotSet(done.stderr.decode(errors="replace"))
    return done.stdout


def main() -> int:
    """Set the document that stands on stdin; the PDF goes to stdout."""
    job = json.load(sys.stdin.buffer)
    try:
        pdf = compiled(job["template"].encode(), job["inputs"], job["timestamp"], job["fonts"])
    except NotSet as error:
        sys.stderr.write(str(error))
        return _REFUSED
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
