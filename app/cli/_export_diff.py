"""`muniment export diff`: two issued bundles compared."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._output import emit, emit_facts, json_option, say

if TYPE_CHECKING:
    from exports.bundle import Change, Comparison, Standing

_COLUMNS = ("change", "record", "before", "after", "shown", "hidden")
_bundle = click.Path(path_type=Path)


@click.command()
@click.argument("before", metavar="A.zip", type=_bundle)
@click.argument("after", metavar="B.zip", type=_bundle)
@json_option
def diff(before: Path, after: Path, as_json: bool) -> None:
    """Compare two issued bundles: what the later shows more, or less, than the earlier.

    Both are verified first, and no archive is needed. Records that only one of them has are named,
    those that were determined otherwise, and the parts that are newly shown or newly hidden.

    \b
    Example:
      muniment export diff answer.zip corrected.zip
    """
    from exports.bundle import compare

    found = compare(before, after)
    if as_json:
        emit_facts(
            {
                "before": found.before.sha256,
                "after": found.after.sha256,
                "supersedes": found.supersedes,
                "changes": [_object(change) for change in found.changes],
            },
            as_json=True,
        )
        return
    say(_sentence(found, before, after))
    emit((_row(change) for change in found.changes), _COLUMNS)


def _sentence(found: "Comparison", before: Path, after: Path) -> str:
    kinds = [change.kind for change in found.changes]
    parts = [f"{kinds.count(kind)} {kind}" for kind in ("added", "removed", "changed")]
    said = ", ".join(parts) if kinds else "the same records, shown alike"
    corrected = f" It says that it supersedes {before}." if found.supersedes else ""
    return f"{after} against {before}, both verified: {said}.{corrected}"


def _row(change: "Change") -> dict[str, Any]:
    return {
        "change": change.kind,
        "record": change.record,
        "before": _told(change.before),
        "after": _told(change.after),
        "shown": ", ".join(change.shown),
        "hidden": ", ".join(change.hidden),
    }


def _told(standing: "Standing | None") -> str:
    if standing is None:
        return ""
    codes = f" {', '.join(standing.exemptions)}" if standing.exemptions else ""
    return f"no. {standing.number}, {standing.outcome}{codes}"


def _object(change: "Change") -> dict[str, Any]:
    return {
        "change": change.kind,
        "record": change.record,
        "index": change.index,
        "before": _standing(change.before),
        "after": _standing(change.after),
        "shown": list(change.shown),
        "hidden": list(change.hidden),
    }


def _standing(standing: "Standing | None") -> dict[str, Any] | None:
    if standing is None:
        return None
    return {
        "number": standing.number,
        "outcome": standing.outcome,
        "exemptions": list(standing.exemptions),
        "reason": standing.reason,
    }
