"""Papers of this room as PDF/A, set by Typst from a template beside this module."""

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

import typst

from archive.errors import MunimentError


def typeset(template: str, data: Mapping[str, Any], at: str, what: str, hint: str) -> bytes:
    """The data, as the template sets it, as PDF/A-2a and PDF/UA-1; the same data, the same bytes.

    `at` is the time text that the document is dated with. MunimentError when Typst refuses it, as
    for a name in a script that its fonts do not have: `what` names the paper, `hint` the way out.
    """
    try:
        pdf = typst.compile(
            (files("schedules") / template).read_bytes(),
            sys_inputs={"data": json.dumps(data)},
            pdf_standards=["a-2a", "ua-1"],
            ignore_system_fonts=True,
            timestamp=int(datetime.fromisoformat(at).timestamp()),
        )
    except typst.TypstError as error:
        raise MunimentError(f"{what} cannot be set as PDF: {error}", hint=hint) from error
    assert isinstance(pdf, bytes)
    return pdf
