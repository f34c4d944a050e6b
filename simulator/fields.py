"""Reading Google's JSON: both spellings of names, base64 members, unknown members refused."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection
from typing import Any

from simulator.errors import GoogleError, invalid, unknown_name

# Maps whose keys are the caller's own words, never field names.
_OPAQUE = frozenset({
    "labels", "args", "response", "properties", "parametersJsonSchema", "responseJsonSchema", "userMetadata",
    "metadata", "$defs",
})  # fmt: skip
_SNAKE = re.compile(r"_([a-z0-9])")
_URL_SAFE = str.maketrans("-_", "+/")


def camel(name: str) -> str:
    """`inline_data` → `inlineData`; a camelCase name stays as it is."""
    return _SNAKE.sub(lambda match: match.group(1).upper(), name)


def normalise(value: Any) -> Any:
    """The same JSON with every field name in camelCase, as Google's parser reads both spellings."""
    if isinstance(value, dict):
        return {
            camel(key): (item if camel(key) in _OPAQUE else normalise(item)) for key, item in value.items()
        }
    if isinstance(value, list):
        return [normalise(item) for item in value]
    return value


def read_json(body: bytes) -> dict[str, Any]:
    """The body as a JSON object with camelCase names; 400 when it is not one."""
    if not body:
        return {}
    try:
        payload = json.loads(body)
    except ValueError as problem:
        raise invalid(f"Invalid JSON payload received. {problem}") from None
    if not isinstance(payload, dict):
        raise invalid('Invalid JSON payload received. Unknown name "": Root element must be a message.')
    return dict(normalise(payload))


def only(message: dict[str, Any], known: Collection[str], where: str) -> None:
    """Refuse the first member that the message `where` does not have."""
    for name in message:
        if name not in known:
            raise unknown_name(name, where)


def child(message: dict[str, Any], name: str, where: str = "") -> dict[str, Any]:
    """The object member `name`, empty when absent; 400 when it is something else."""
    value = message.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong_type(where, name, "an object")
    return value


def children(message: dict[str, Any], name: str, where: str = "") -> list[dict[str, Any]]:
    """The list of objects `name`, empty when absent; a lone object counts as a list of one, as Google
    reads it."""
    value = message.get(name)
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in items):
        raise _wrong_type(where, name, "a list of objects")
    return items


def text(message: dict[str, Any], name: str, where: str = "") -> str | None:
    """The string member `name`, or None; 400 when it is something else."""
    value = message.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong_type(where, name, "a string")
    return value


def integer(message: dict[str, Any], name: str, where: str = "") -> int | None:
    """The whole number `name`, given as number or numeric string, or None; 400 when it is something else."""
    value = message.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _wrong_type(where, name, "a whole number")
    try:
        number = float(value)
        if number != int(number):
            raise ValueError(value)
    except (ValueError, OverflowError):
        raise _wrong_type(where, name, "a whole number") from None
    return int(number)


def boolean(message: dict[str, Any], name: str, where: str = "") -> bool | None:
    """The boolean `name`, or None; 400 when it is something else."""
    value = message.get(name)
    if value is not None and not isinstance(value, bool):
        raise _wrong_type(where, name, "a boolean")
    return value


def decode(value: Any, where: str) -> bytes:
    """The bytes of a base64 member, standard or URL-safe, padded or not; 400 when it is not base64 or
    empty."""
    shown = str(value)[:32]
    if not isinstance(value, str) or not value:
        raise invalid(f"Invalid value at '{where}' (TYPE_BYTES), \"{shown}\"", where)
    plain = value.translate(_URL_SAFE)
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        message = f"Invalid value at '{where}' (TYPE_BYTES), Base64 decoding failed for \"{shown}\""
        raise invalid(message, where) from None


def _wrong_type(where: str, name: str, wanted: str) -> GoogleError:
    place = f"{where}.{name}" if where else name
    return invalid(f"Invalid value at '{place}': {wanted} was expected.", place)
