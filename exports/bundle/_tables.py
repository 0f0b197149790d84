"""The two tables of a bundle: RFC 4180 CSV, UTF-8 with a byte order mark, running no formula."""

from collections.abc import Mapping

from archive import times
from archive.spreadsheets import row
from exports._production import INTERNAL
from exports.bundle import _labels
from exports.bundle._disclosed import Item, Obscured

_COLUMNS = ("title", "text", "author/name", "author/handle", "occurred_at", "url")
_TOLD = frozenset({*_COLUMNS, "shared/text"})

RECORD_HEAD = (
    "number",
    "outcome",
    "platform",
    "kind",
    "title",
    "text",
    "author",
    "handle",
    "posted",
    "address",
    "captured",
    "parts hidden",
    "exemptions",
    "attachments",
    "record",
    "log index",
)
WITHHELD_HEAD = (
    "number",
    "outcome",
    "exemptions",
    "exemption titles",
    "parts hidden",
    "reason",
    "record",
)


def record_row(item: Item) -> str:
    """The line of `records.csv` for one record, redactions as ``[code]``.

    What it repeats of others follows its own words, each line after ``>``.
    """
    entry = item.entry()
    texts = {field.name: field.text() for field in item.fields if field.name in _TOLD}
    repeated = "\n".join(f"> {line}" for line in texts.get("shared/text", "").splitlines())
    texts["text"] = "\n\n".join(filter(None, (texts.get("text"), repeated)))
    return row(
        [
            item.number,
            item.outcome,
            entry.data.get("platform", ""),
            entry.data.get("kind", ""),
            *(texts.get(name, "") for name in _COLUMNS),
            times.to_text(entry.at),
            "all" if item.outcome == "withhold" else hidden_count(item),
            "; ".join(item.exemptions),
            "; ".join(item.attachments),
            item.record,
            item.index,
        ]
    )


def withheld_row(item: Item, titles: Mapping[str, str]) -> str:
    """The line of `withheld.csv` for a record that is not released in full."""
    return row(
        [
            item.number,
            _labels.OUTCOMES[item.outcome].lower(),
            "; ".join(item.exemptions),
            "; ".join(titles.get(code, "") for code in item.exemptions),
            "all" if item.outcome == "withhold" else hidden_count(item),
            item.reason,
            item.record,
        ]
    )


def hidden_count(item: Item) -> int:
    """How many parts an exemption hides."""
    return sum(isinstance(part, Obscured) and part.exemption != INTERNAL for part in item.parts)
