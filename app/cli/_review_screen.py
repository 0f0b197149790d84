"""What a reviewer sees of one version: its fields, what is hidden and suggested, its context."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from app.cli._item import attachments
from app.cli._output import local_time, one_line, shown_id

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from exports.requests import Card, Desk, Field
    from search import Above

_FIELDS = ("author/name", "author/handle", "title", "text", "shared/text", "url", "location")
_PLAIN = frozenset({"title", "text"})
_HIDDEN, _SUGGESTED, _CHOSEN = "reverse dim", "black on yellow", "bold white on red"
KEYS = (
    "n next  p previous  r release  w withhold  x redact  h hide the author  "
    "a accept  f refuse  tab other suggestion  u undo  q quit"
)


def screen(desk: "Desk", card: "Card", chosen: int, said: str, timezone: str) -> "RenderableType":
    """The whole screen; `chosen` is the suggestion that accept and refuse are about."""
    from rich.console import Group
    from rich.rule import Rule
    from rich.text import Text

    state = card.review.outcome or "undetermined"
    codes = f" {', '.join(card.review.exemptions)}" if card.review.exemptions else ""
    title = (
        f"request {desk.request.number}: {desk.at + 1} of {len(desk.items)}, "
        f"{desk.undetermined} undetermined"
    )
    record = card.record
    version = card.entry.data.get("version", 1)
    written = local_time(record.occurred_at or card.entry.at, timezone)
    facts = (
        f"{shown_id(record.id)}  {record.platform} {record.kind}, version {version}, "
        f"{record.status}{_closed(record.visibility)}  {written}"
    )
    lines: list[RenderableType] = [Rule(Text(title)), Text(facts), Text(f"{state}{codes}")]
    lines += map(Text, _context(card.above))
    lines.append(Rule())
    lines += _fields(card, chosen) if card.sealed is not None else [Text(_NOTHING)]
    lines += [Text(f"attachment: {one_line(name)}") for name in attachments(card.sealed)]
    lines.append(Rule())
    lines += [
        Text(
            f"{'>' if number == chosen else ' '} {one.kind}: {one_line(one.text)}",
            _CHOSEN if number == chosen else "",
        )
        for number, one in enumerate(card.suggestions)
    ]
    lines += [Text(one_line(said), "bold"), Text(KEYS, "dim")]
    return Group(*lines)


_NOTHING = "Nothing of it can be read: it is restricted, or was disposed of."


def _closed(visibility: str | None) -> str:
    return "" if visibility in {None, "public", "unlisted", "unknown"} else f", {visibility}"


def _context(above: "Above | None") -> Iterator[str]:
    """What it answers, the top of the thread first."""
    chain: list[Above] = []
    while above is not None:
        chain.insert(0, above)
        above = above.above
    for depth, one in enumerate(chain):
        if one.standing == "here":
            yield one_line(f"{'  ' * depth}answers {one.author or one.kind}: {one.snippet.text}")
        else:
            yield f"{'  ' * depth}answers what is {one.standing}"


def _fields(card: "Card", chosen: int) -> "Iterator[Text]":
    from rich.text import Text

    from exports.requests import fields

    assert card.sealed is not None
    shown = {field.name: field for field in fields(card.sealed)}
    for name in _FIELDS:
        if name in shown and shown[name].text:
            label = "" if name in _PLAIN else f"{name}: "
            yield Text(label, "dim") + _marked(shown[name], card, chosen)


def _marked(field: "Field", card: "Card", chosen: int) -> "Text":
    """The text of a field with its hidden parts and suggestions made visible."""
    from rich.text import Text

    text = Text("\n".join(map(one_line, field.text.split("\n"))))
    for number, one in enumerate(card.suggestions):
        style = _CHOSEN if number == chosen else _SUGGESTED
        _stylize(text, field, one.parts, style)
    _stylize(text, field, card.hidden, _HIDDEN)
    return text


def _stylize(text: "Text", field: "Field", parts: Iterable[int], style: str) -> None:
    ends = (*field.starts[1:], len(field.text))
    for index in parts:
        place = index - field.first
        if 0 <= place < len(ends):
            text.stylize(style, field.starts[place], ends[place])
