"""Typed reading of a JSON body: what the client gave for a field, or an error that names the field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from translators.canonical import JSON
from translators.errors import Fault, MediaError

_WHOLE = re.compile(r"[+-]?[0-9]{1,15}(\.0*)?")
_FLAGS = {"true": True, "false": False}
_SHOWN = 40
"""Characters of the client's own text that a message repeats: enough to find it, too few for a picture."""


def refuse(code: str, param: str, message: str, advice: str = "") -> NoReturn:
    """Raises the MediaError for a field at fault; `code` is OpenAI's word for the kind of mistake."""
    raise MediaError(Fault.INVALID_REQUEST, message, advice, param=param or None, code=code)


def wrong_type(param: str, wanted: str, value: JSON) -> NoReturn:
    """Raises the MediaError for a value of the wrong JSON type."""
    refuse("invalid_type", param, f"'{param}' must be {wanted}, not {shown(value)}.")


def wrong_value(param: str, wanted: str, value: JSON) -> NoReturn:
    """Raises the MediaError for a value of the right type that is not allowed."""
    refuse("invalid_value", param, f"'{param}' must be {wanted}, not {shown(value)}.")


def missing(param: str, message: str) -> NoReturn:
    """Raises the MediaError for a required field that is not there."""
    refuse("missing_required_parameter", param, message)


def shown(value: JSON) -> str:
    """The value in a few words, for an error message."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() if abs(value) >= 10**15:
            return "so large a number"
        case int() | float():
            return str(value)
        case str():
            return f'"{_cut(value)}"'
        case list():
            return "a list" if value else "an empty list"
        case _:
            return "an object"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


@dataclass(frozen=True, slots=True)
class Layer:
    """One JSON object that fields are read from; `path` is its place in the body, empty for the body."""

    values: Mapping[str, JSON]
    path: str = ""

    def param(self, name: str) -> str:
        """The full name of a field, as error messages give it."""
        return f"{self.path}.{name}" if self.path else name


@dataclass(frozen=True, slots=True)
class Fields:
    """One or more objects of a body, read as one: what an earlier layer holds hides the later ones.

    Every reader takes the names of a field, the preferred one first, and gives None when none is there. Null
    and empty text count as not given, since forms cannot leave a field out.
    """

    layers: tuple[Layer, ...]

    def given(self, *names: str) -> tuple[str, JSON] | None:
        """The full name and the value of the first of these that was given."""
        for layer in self.layers:
            for name in names:
                value = layer.values.get(name)
                if value is not None and value != "":
                    return layer.param(name), value
        return None

    def over(self, other: Fields) -> Fields:
        """These fields, and the other ones where these are silent."""
        return Fields((*self.layers, *other.layers))

    def section(self, name: str) -> Fields:
        """The fields of an object inside, none when it is not there."""
        found = self.given(name)
        if found is None:
            return Fields(())
        return fields_of(found[1], found[0])

    def text(self, *names: str) -> str | None:
        """A text without white space around it."""
        found = self.given(*names)
        if found is None:
            return None
        param, value = found
        if not isinstance(value, str):
            wrong_type(param, "text", value)
        return value.strip() or None

    def choice(self, allowed: Mapping[str, str], *names: str) -> str | None:
        """One of the allowed words, whatever its case; `allowed` maps it to the canonical one."""
        found = self.given(*names)
        value = self.text(*names)
        if found is None or value is None:
            return None
        if value.lower() not in allowed:
            wrong_value(found[0], _listed(allowed), value)
        return allowed[value.lower()]

    def whole(self, *names: str, low: int, high: int, unit: str = "") -> int | None:
        """A whole number from `low` to `high`, also as text: 8, 8.0, "8", and "8s" where `unit` is "s"."""
        found = self.given(*names)
        if found is None:
            return None
        param, value = found
        wanted = f"a whole number from {low} to {high}"
        number = _number(value, unit)
        if number is None:
            wrong_type(param, wanted, value)
        if not number.is_integer() or not low <= number <= high:
            wrong_value(param, wanted, value)
        return int(number)

    def flag(self, *names: str) -> bool | None:
        """True or false, also as text."""
        found = self.given(*names)
        if found is None:
            return None
        param, value = found
        if isinstance(value, bool):
            return value
        if not isinstance(value, str) or value.strip().lower() not in _FLAGS:
            wrong_type(param, "true or false", value)
        return _FLAGS[value.strip().lower()]

    def texts(self, *names: str) -> tuple[str, ...]:
        """A list of texts, empty when not given."""
        found = self.given(*names)
        if found is None:
            return ()
        param, value = found
        if not isinstance(value, list):
            wrong_type(param, "a list of texts", value)
        for index, item in enumerate(value):
            if not isinstance(item, str):
                wrong_type(f"{param}[{index}]", "text", item)
        return tuple(value)

    def words(self, *names: str) -> dict[str, str] | None:
        """An object whose values are texts."""
        found = self.given(*names)
        if found is None:
            return None
        param, value = found
        if not isinstance(value, dict):
            wrong_type(param, "an object of texts", value)
        for key, item in value.items():
            if not isinstance(item, str):
                wrong_type(f"{param}.{_cut(str(key))}", "text", item)
        return dict(value)

    def refuse_any(self, names: Sequence[str], because: str, advice: str = "") -> None:
        """Refuses the request if one of these was given, rather than leave out what was asked for."""
        for name in names:
            found = self.given(name)
            if found is not None and found[1] not in ([], {}, False):
                refuse("unsupported_parameter", found[0], f"'{found[0]}' {because}", advice)


def fields_of(value: JSON, path: str = "") -> Fields:
    """The fields of a JSON object. Raises MediaError when it is something else."""
    if not isinstance(value, dict):
        if path:
            wrong_type(path, "an object", value)
        refuse("invalid_type", "", f"The request's body must be a JSON object, not {shown(value)}.")
    return Fields((Layer(value, path),))


def _number(value: JSON, unit: str) -> float | None:
    if isinstance(value, str):
        text = value.strip()
        text = text.removesuffix(unit).rstrip() if unit else text
        return float(text) if _WHOLE.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _listed(allowed: Mapping[str, str]) -> str:
    *others, last = (f'"{word}"' for word in allowed)
    return f"{', '.join(others)} or {last}" if others else last
