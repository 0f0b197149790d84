"""Why each exemption of a determination was cited, where they were not cited for one reason."""

from collections.abc import Iterable, Mapping, Sequence

import orjson

from archive import Sealed

FIELD = "reasons"
"""The part of a determination with the reasons by exemption; absent where they are the same."""

_BETWEEN = "; "

Reasons = Mapping[str, Sequence[str]]
"""The reasons by the code of the exemption, in the order in which they were given."""


def reasons_of(determination: Sealed | None, codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The reasons of each of a determination's exemptions; none where they were erased."""
    if determination is None:
        return {}
    if stored := determination.get(FIELD):
        return {code: tuple(said) for code, said in orjson.loads(stored).items()}
    said = tuple(filter(None, determination.text("reason").split(_BETWEEN)))
    return dict.fromkeys(codes, said)


def with_reason(before: Reasons, codes: Iterable[str], reason: str) -> dict[str, tuple[str, ...]]:
    """The reasons, with one more for some exemptions."""
    more = {code: tuple(dict.fromkeys((*before.get(code, ()), reason))) for code in codes}
    return {code: tuple(said) for code, said in before.items()} | more


def parts_of_reasons(reasons: Reasons) -> list[tuple[str, str]]:
    """What a determination keeps of its reasons: all, and by exemption where they differ."""
    every = dict.fromkeys(one for said in reasons.values() for one in said)
    parts = [("reason", _BETWEEN.join(every))]
    if len({tuple(said) for said in reasons.values()}) > 1:
        parts.append((FIELD, orjson.dumps(reasons).decode()))
    return parts
