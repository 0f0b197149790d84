"""`premis.xml` against the structure of PREMIS 3.0, written down here: no package has the schema.

After the PREMIS Data Dictionary, version 3.0 (2015), and the order that its schema of January 2016
gives the semantic units. It is no validation by that schema: what the rules leave out is not
checked.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive import Entry, new_id
from exports.transfer._premis import Premis
from tests.conftest import Clock
from tests.exports.transfer.conftest import TRANSFER
from tests.exports.transfer.test_transfer import listed, packed
from tests.schedules.town import Town

_SPACE = "{http://www.loc.gov/premis/v3}"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_LINKS = "linkingEventIdentifier* linkingRightsStatementIdentifier*"
AT = datetime(2026, 3, 2, tzinfo=UTC)
RULES: Mapping[str, str] = {
    "premis": "object+ event* agent* rights*",
    "intellectualEntity": "objectIdentifier+ preservationLevel* significantProperties* "
    "originalName? environmentFunction* environmentDesignation* environmentRegistry* "
    f"environmentExtension* relationship* {_LINKS}",
    "file": "objectIdentifier+ preservationLevel* significantProperties* objectCharacteristics+ "
    f"originalName? storage* signatureInformation* relationship* {_LINKS}",
    "objectIdentifier": "objectIdentifierType objectIdentifierValue",
    "significantProperties": "significantPropertiesType significantPropertiesValue?",
    "objectCharacteristics": "compositionLevel? fixity* size? format+ creatingApplication* "
    "inhibitors*",
    "fixity": "messageDigestAlgorithm messageDigest messageDigestOriginator?",
    "format": "formatDesignation formatRegistry? formatNote*",
    "formatDesignation": "formatName formatVersion?",
    "relationship": "relationshipType relationshipSubType relatedObjectIdentifier+ "
    "relatedEventIdentifier*",
    "relatedObjectIdentifier": "relatedObjectIdentifierType relatedObjectIdentifierValue "
    "relatedObjectSequence?",
    "event": "eventIdentifier eventType eventDateTime eventDetailInformation* "
    "eventOutcomeInformation* linkingAgentIdentifier* linkingObjectIdentifier*",
    "eventIdentifier": "eventIdentifierType eventIdentifierValue",
    "eventDetailInformation": "eventDetail?",
    "linkingAgentIdentifier": "linkingAgentIdentifierType linkingAgentIdentifierValue "
    "linkingAgentRole*",
    "linkingObjectIdentifier": "linkingObjectIdentifierType linkingObjectIdentifierValue "
    "linkingObjectRole*",
    "agent": "agentIdentifier+ agentName* agentType? agentVersion? agentNote* "
    "linkingEventIdentifier*",
    "agentIdentifier": "agentIdentifierType agentIdentifierValue",
}
"""The units that a unit holds, in their order; an object's are by its type. Others hold text."""


def breaches(root: ET.Element) -> Iterator[str]:
    """Every place that is not as the rules say."""
    if _name(root) != "premis" or root.get("version") != "3.0":
        yield "the root is no premis of version 3.0"
    for unit in root.iter():
        name = unit.get(_TYPE, "object") if _name(unit) == "object" else _name(unit)
        inside = "".join(f"{_name(one)} " for one in unit)
        if name not in RULES and (len(unit) or not (unit.text or "").strip()):
            yield f"{name} holds {inside or 'nothing'}"
        elif name in RULES and not _form(RULES[name]).fullmatch(inside):
            yield f"{name} holds {inside}"
    yield from _loose(root)
    for moment in root.iter(f"{_SPACE}eventDateTime"):
        if datetime.fromisoformat(moment.text or "").tzinfo is None:
            yield f"{moment.text} has no zone"


def _loose(root: ET.Element) -> Iterator[str]:
    """Identifiers that are given twice, and links to what is not there."""
    known = {what: _named(root, what) for what in ("object", "event", "agent")}
    for what, names in known.items():
        if len(set(names)) < len(names):
            yield f"two {what}s have the same identifier"
    for link, what in (("linkingAgent", "agent"), ("linkingObject", "object"),
                       ("relatedObject", "object")):  # fmt: skip
        yield from (f"{link} {one}" for one in _named(root, link) if one not in known[what])


def _named(root: ET.Element, what: str) -> list[tuple[str, ...]]:
    return [
        tuple(one.text or "" for one in unit) for unit in root.iter(f"{_SPACE}{what}Identifier")
    ]


def _form(rule: str) -> re.Pattern[str]:
    return re.compile("".join(re.sub(r"(\w+)(.?)", r"(?:\1 )\2", one) for one in rule.split()))


def _name(unit: ET.Element) -> str:
    assert unit.tag.startswith(_SPACE)
    return unit.tag.removeprefix(_SPACE)


@pytest.fixture(name="premis", scope="module")
def _premis(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a package holds; how it is written has nothing to do with the database."""
    folder = tmp_path_factory.mktemp("premis")
    town = Town.found(folder / "archive", Clock(AT))
    town.adopt(TRANSFER)
    record = town.capture("one", kind="post", attachment=b"picture", author="Ann & Bo")
    town.capture("two", kind="post", attachment=b"another")
    town.edit(record, "others")
    town.tell("record.removed", record, {"policy": "p", "policy_version": "1", "clause": "c",
              "extent": "part", "removal": new_id(), "by": "staff"}, reason="Why <so>")  # fmt: skip
    packed(town, listed(town), folder / "transfer.zip")
    town.archive.close()
    with zipfile.ZipFile(folder / "transfer.zip") as box:
        (name,) = (name for name in box.namelist() if name.endswith("data/premis.xml"))
        return box.read(name).decode()


def test_a_package_s_premis_is_built_as_the_dictionary_says(premis: str) -> None:
    root = ET.fromstring(premis)
    assert list(breaches(root)) == []
    objects, events = root.findall(f"{_SPACE}object"), root.findall(f"{_SPACE}event")
    assert [one.get(_TYPE) for one in objects].count("file") == 2
    assert (len(objects), len(events)) == (4, 4)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version="3.0"', 'version="2.2"'),
        (r"<eventType>.*?</eventType>", ""),
        (r"(<eventType>.*?</eventType>)(\s*)(<eventDateTime>.*?</eventDateTime>)", r"\3\2\1"),
        (r"<eventDateTime>[^<]*", "<eventDateTime>2026-03-02T15:00:00"),
        (r"<format>.*?</format>", ""),
        (r"(<fixity>.*?</fixity>)(<size>.*?</size>)", r"\2\1"),
        (r"<agentIdentifierType>UUID", "<agentIdentifierType>other"),
        (r"(?s)  <agent>.*</agent>\n", ""),
        (r"<objectIdentifierValue>[^<]*", "<objectIdentifierValue>"),
        (r"(<eventIdentifierValue>)[^<]*", r"\g<1>1"),
        (r"<significantPropertiesType>.*?</significantPropertiesType>", ""),
        (r"(?s)(  <event>.*</event>\n)(.*)(</premis>)", r"\2\1\3"),
        (r'xsi:type="file"', 'xsi:type="bitstream"'),
        (r"relationshipSubType>", "relationshipSubtype>"),
        (r"(<linkingAgentIdentifier>.*)(\s*)(<linkingObjectIdentifier>.*)", r"\3\2\1"),
    ],
)
def test_the_rules_find_what_is_wrong(premis: str, old: str, new: str) -> None:
    changed = re.sub(old, new, premis)
    assert changed != premis
    assert list(breaches(ET.fromstring(changed)))


@given(st.text(), st.text(), st.text())
@example("\ufffe", "\uffff", "\ud800")
@example("\x00", "\r\n", "]]>")
def test_whatever_is_said_it_can_be_read(title: str, media: str, actor: str) -> None:
    out, events = io.StringIO(), io.StringIO()
    premis, record = Premis(out, events), new_id()
    premis.record(record, "POST", title)
    premis.file(record, "data/files/1", "0" * 64, 1, f"image/{media}")
    entry = Entry(0, b"", "record.captured", AT, new_id(), record, {}, None, None)
    premis.event(entry, f"Ann {actor}")
    premis.close(iter([events.getvalue()]))
    assert list(breaches(ET.fromstring(out.getvalue().encode()))) == []
