"""Values of decoded JSON taken by the type they should have; what has another type is absent."""

from collections.abc import Mapping
from typing import Any


def text(of: Mapping[str, Any], key: str) -> str:
    """The text under `key`; "" when there is none."""
    value = of.get(key)
    return value if isinstance(value, str) else ""


def name_or_number(of: Mapping[str, Any], key: str) -> str:
    """The text or whole number under `key` as text; "" when there is none."""
    value = of.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def number(of: Mapping[str, Any], key: str) -> int | None:
    """The whole number under `key`, also where it is written as text; None when there is none."""
    value = of.get(key)
    if type(value) is int:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    return None


def table(of: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under `key`; an empty one when there is none."""
    value = of.get(key)
    return value if isinstance(value, dict) else {}


def tables(of: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The objects in the list under `key`, or the one object that stands there by itself."""
    value = of.get(key)
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(of: Mapping[str, Any], key: str) -> list[str]:
    """The texts in the list under `key`, or the one text that stands there by itself."""
    value = of.get(key)
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
