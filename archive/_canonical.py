"""Canonical JSON (RFC 8785) for the value types that headers allow.

For strings, integers below 2^53, booleans, null, arrays and objects with ASCII keys, sorted keys
without white space are already the canonical form; floats, large integers and non-ASCII keys,
where the two differ, are refused.
"""

from typing import Any, TypeAlias, cast

import orjson

JSON: TypeAlias = "str | int | bool | None | list[JSON] | dict[str, JSON]"

_LIMIT = 2**53


def dumps(value: dict[str, Any]) -> bytes:
    """The canonical bytes of `value`; ValueError for what headers do not allow."""
    _check(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def loads(data: bytes) -> dict[str, Any]:
    """Parse canonical bytes; ValueError when they are not the canonical form of an object."""
    value = orjson.loads(data)
    if not isinstance(value, dict) or dumps(value) != data:
        raise ValueError("not canonical JSON")
    return cast(dict[str, Any], value)


def _check(value: object) -> None:
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return
    if kind is int:
        if not -_LIMIT < cast(int, value) < _LIMIT:
            raise ValueError("integers of 2^53 and more stand in headers as strings")
    elif kind is dict:
        for key, member in cast(dict[str, Any], value).items():
            if type(key) is not str or not key.isascii():
                raise ValueError(f"{key!r} cannot be a member name in a header")
            _check(member)
    elif kind is list or kind is tuple:
        for item in cast(list[Any], value):
            _check(item)
    else:
        raise ValueError(f"a {kind.__name__} cannot stand in a header")
