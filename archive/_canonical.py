"""Canonical JSON (RFC 8785) for the value types that headers allow.

For strings, integers below 2^53, booleans, null, arrays and objects with ASCII keys, sorted keys
without white space are already the canonical form; floats, large integers and non-ASCII keys,
where the two differ, are refused.
"""

from collections.abc import Collection
from typing import Any, TypeAlias, cast

import orjson

JSON: TypeAlias = "str | int | bool | list[JSON] | dict[str, JSON] | None"

_LIMIT = 2**53
_PLAIN = frozenset({str, bool, type(None)})
_SCALARS = _PLAIN | {int}


def dumps(value: dict[str, Any]) -> bytes:
    """The canonical bytes of `value`; ValueError for what headers do not allow."""
    try:
        _check(value)
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONEncodeError, RecursionError) as error:
        raise ValueError(f"cannot stand in a header: {error}") from error


def loads(data: bytes) -> dict[str, Any]:
    """Parse canonical bytes; ValueError when they are not the canonical form of an object."""
    value = orjson.loads(data)
    if not isinstance(value, dict):
        raise ValueError("not canonical JSON")
    if (_quickly(value) if data.isascii() else dumps(value)) != data:
        raise ValueError("not canonical JSON")
    return cast(dict[str, Any], value)


def _quickly(value: dict[str, Any]) -> bytes:
    """As `dumps`, for what was parsed from ASCII: whose names cannot be anything else."""
    try:
        if _allowed(value.values()):
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    except (orjson.JSONEncodeError, RecursionError) as error:
        raise ValueError(f"cannot stand in a header: {error}") from error
    raise ValueError("a number in a header is no integer")


def _allowed(members: Collection[object]) -> bool:
    """Whether parsed JSON holds no number but integers."""
    kinds = set(map(type, members))
    if kinds <= _SCALARS:
        return True
    if float in kinds:
        return False
    nested = [cast(Any, one) for one in members if type(one) not in _SCALARS]
    return all(_allowed(one.values() if isinstance(one, dict) else one) for one in nested)


def _check(value: object) -> None:
    kind = type(value)
    if kind in _PLAIN:
        return
    if kind is dict:
        for name, member in cast(dict[Any, object], value).items():
            if type(name) is not str or not name.isascii():
                raise ValueError(f"{name!r} cannot be a member name in a header")
            if type(member) in _PLAIN or (type(member) is int and -_LIMIT < member < _LIMIT):
                continue
            _check(member)
    elif kind is int:
        if not -_LIMIT < cast(int, value) < _LIMIT:
            raise ValueError("integers of 2^53 and more stand in headers as strings")
    elif kind is list or kind is tuple:
        for item in cast(list[object], value):
            _check(item)
    else:
        raise ValueError(f"a {kind.__name__} cannot stand in a header")
