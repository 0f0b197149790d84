"""What a captured item says besides its text: place, poll, others' words, removal, reactions."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive import Parts

_ONE = {
    "thread": "thread",
    "language": "language",
    "location": "location",
    "time_zone": "time_zone",
    "source_version": "revision",
    "source_status": "status",
    "removed_by": "removed_by",
    "repeats": "shared/url",
    "repeats_name": "shared/author/name",
    "repeats_handle": "shared/author/handle",
}


def item_facts(parts: "Parts | None") -> dict[str, Any]:
    """The item's further facts by name; None, or an empty list, where it has none."""
    single = {} if parts is None else {k: v.decode() for k, v in _plain(parts)}
    facts: dict[str, Any] = {name: single.get(path) for name, path in _ONE.items()}
    facts["removal_reason"] = (parts.text("removal_reason") if parts else "") or None
    facts["poll"] = [
        _counted(text, single.get(f"observed/{path.removesuffix('answer')}votes"))
        for path, text in single.items()
        if path.startswith("poll/")
    ]
    facts["reactions"] = [
        _counted(path.removeprefix("observed/reactions/"), count)
        for path, count in single.items()
        if path.startswith("observed/reactions/")
    ]
    facts["notes"] = single.get("observed/notes", "").splitlines()
    return facts


def attachments(parts: "Parts | None") -> list[str]:
    """Each attachment by its name, else its address, with its type; those not held say so."""
    found: dict[str, dict[str, str]] = {}
    for path, value in [] if parts is None else _plain(parts):
        if path.startswith("attachment/"):
            _, number, name = path.split("/", 2)
            found.setdefault(number, {})[name] = value.decode()
    return [_attachment(one) for one in found.values()]


def words(parts: "Parts | None") -> str:
    """Title, text, and what is repeated of others, which is marked by `>`."""
    if parts is None:
        return ""
    repeated = parts.text("shared/text")
    quoted = "\n".join(f"> {line}" for line in repeated.splitlines())
    return "\n\n".join(filter(None, (parts.text("title"), parts.text("text"), quoted)))


def _attachment(one: dict[str, str]) -> str:
    name = one.get("name") or one.get("url") or one.get("type") or one.get("sha256", "")
    return f"{name} (missing)" if one.get("missing") else name


def _plain(parts: "Parts") -> list[tuple[str, bytes]]:
    return [item for item in parts.singles.items() if item[0] != "raw"]


def _counted(text: str, count: str | None) -> str:
    return text if count is None else f"{text}: {count}"
