"""Reading JSON that an upstream sent and that may be anything."""

from __future__ import annotations

import math

from translators.canonical import JSON


def as_object(value: JSON) -> dict[str, JSON]:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: JSON) -> list[JSON]:
    """The value when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: JSON) -> str:
    """The value when it is a string, else an empty one. Half a sign, which no file can hold, becomes «?»."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def as_count(value: JSON) -> int:
    """The value as a whole number of 0 or more. Google writes 64-bit numbers as strings; these count too."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return max(int(value), 0)
