"""PREMIS 3.0: each record an object, each entry about it an event, each actor an agent.

The schema is http://www.loc.gov/standards/premis/v3/premis.xsd; event types are, where there is
one, those of the Library of Congress' vocabulary. No package brings the schema along: a test holds
the document to its structure instead.
"""

import re
from collections.abc import Iterator, Mapping
from typing import IO
from xml.sax.saxutils import escape

from archive import Entry
from archive.times import to_text

_OPEN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<premis xmlns="http://www.loc.gov/premis/v3" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.0">\n'
)
_UNWRITABLE = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0, section 2.2, does not allow; and the carriage return, which it reads as LF."""
_EVENTS: Mapping[str, str] = {
    "record.captured": "capture",
    "record.edited": "modification",
    "record.removed": "redaction",
    "record.deleted": "deletion",
}


class Premis:
    """A PREMIS document written piece by piece; the schema wants objects, events, then agents.

    Objects go to `out` at once; events are spooled to `events`, and agents remembered.
    """

    def __init__(self, out: IO[str], events: IO[str]) -> None:
        self._out, self._events = out, events
        self._agents: dict[str, str] = {}
        out.write(_OPEN)

    def record(self, record: str, series: str, title: str) -> None:
        """An intellectual entity."""
        self._out.write(
            '  <object xsi:type="intellectualEntity">\n'
            f"    {_identifier('object', record)}\n"
            "    <significantProperties><significantPropertiesType>records series"
            "</significantPropertiesType><significantPropertiesValue>"
            f"{_text(f'{series} {title}')}</significantPropertiesValue></significantProperties>\n"
            "  </object>\n"
        )

    def file(self, record: str, name: str, sha256: str, size: int, media: str) -> None:
        """A file that belongs to a record."""
        self._out.write(
            '  <object xsi:type="file">\n'
            f"    {_identifier('object', name, 'path in the package')}\n"
            "    <objectCharacteristics><fixity><messageDigestAlgorithm>SHA-256"
            f"</messageDigestAlgorithm><messageDigest>{_text(sha256)}</messageDigest></fixity>"
            f"<size>{size}</size><format><formatDesignation>"
            f"<formatName>{_text(media or 'application/octet-stream')}</formatName>"
            "</formatDesignation></format>"
            "</objectCharacteristics>\n"
            "    <relationship><relationshipType>structural</relationshipType>"
            "<relationshipSubType>is part of</relationshipSubType><relatedObjectIdentifier>"
            "<relatedObjectIdentifierType>UUID</relatedObjectIdentifierType>"
            f"<relatedObjectIdentifierValue>{_text(record)}</relatedObjectIdentifierValue>"
            "</relatedObjectIdentifier></relationship>\n"
            "  </object>\n"
        )

    def event(self, entry: Entry, actor: str) -> None:
        """What an entry of the log says happened to a record."""
        self._agents[entry.actor] = actor
        self._events.write(
            "  <event>\n"
            f"    {_identifier('event', str(entry.seq), 'position in the log')}\n"
            f"    <eventType>{_text(_EVENTS.get(entry.type, entry.type))}</eventType>\n"
            f"    <eventDateTime>{_text(to_text(entry.at))}</eventDateTime>\n"
            f"    <eventDetailInformation><eventDetail>{_text(entry.type)}</eventDetail>"
            "</eventDetailInformation>\n"
            f"    {_linking('Agent', entry.actor)}\n"
            f"    {_linking('Object', entry.subject)}\n"
            "  </event>\n"
        )

    def close(self, events: Iterator[str]) -> None:
        """The events, read back, and the agents."""
        self._out.writelines(events)
        for known, name in self._agents.items():
            self._out.write(
                f"  <agent>\n    {_identifier('agent', known)}\n"
                f"    <agentName>{_text(name)}</agentName>\n  </agent>\n"
            )
        self._out.write("</premis>\n")


def _identifier(what: str, value: str, kind: str = "UUID") -> str:
    name = f"{what}Identifier"
    return (
        f"<{name}><{name}Type>{kind}</{name}Type><{name}Value>{_text(value)}</{name}Value></{name}>"
    )


def _linking(what: str, value: str) -> str:
    name = f"linking{what}Identifier"
    return (
        f"<{name}><{name}Type>UUID</{name}Type><{name}Value>{_text(value)}</{name}Value></{name}>"
    )


def _text(value: str) -> str:
    """Escaped, and without what XML 1.0 cannot hold."""
    return escape(_UNWRITABLE.sub("\ufffd", value))
