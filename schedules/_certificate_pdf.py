"""The certificate as PDF/A, set by Typst from `certificate.typ`."""

from schedules._certificate import Certificate, decisions, volume
from schedules._typeset import typeset


def as_pdf(one: Certificate) -> bytes:
    """The certificate as PDF/A-2a and PDF/UA-1; the same certificate gives the same bytes.

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
    data["authorized"] = [str(authority) for authority in one.authorizations]
    for series, line in zip(data["series"], one.series, strict=True):
        series["volume"] = volume(line.records, line.size_bytes)
    return typeset(
        "certificate.typ",
        data,
        one.finished.at,
        "the certificate",
        "use --format text or --format json",
    )
