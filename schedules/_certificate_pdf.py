"""The certificate as PDF/A, set by Typst from `certificate.typ`."""

import json
from datetime import datetime
from importlib.resources import files

import typst

from archive.errors import MunimentError
from schedules._certificate import Certificate, decisions, volume


def as_pdf(one: Certificate) -> bytes:
    """The certificate as PDF/A-2b; the same certificate gives the same bytes.

    MunimentError when Typst refuses it, as for a name in a script that its fonts do not have.
    """
    data = one.as_json()
    data["volume"] = volume(one.records, one.size_bytes)
    data["dates"] = f"{one.first} to {one.last}" if one.first else "none"
    data["decisions"] = [
        {
            "what": what.capitalize(),
            "name": signed.name,
            "when": signed.when,
            "position": signed.position,
            "public_key": signed.public_key,
            "signature": signed.signature,
        }
        for what, signed in decisions(one)
    ]
    for series, line in zip(data["series"], one.series, strict=True):
        series["volume"] = volume(line.records, line.size_bytes)
    try:
        pdf = typst.compile(
            (files("schedules") / "certificate.typ").read_bytes(),
            sys_inputs={"certificate": json.dumps(data)},
            pdf_standards=["a-2b"],
            ignore_system_fonts=True,
            timestamp=int(datetime.fromisoformat(one.finished.at).timestamp()),
        )
    except typst.TypstError as error:
        raise MunimentError(
            f"the certificate cannot be set as PDF: {error}",
            hint="use --format text or --format json",
        ) from error
    assert isinstance(pdf, bytes)
    return pdf
