"""How a catalogue entry, as a file has it, becomes the facts of a model: every field with its rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any, TypeAlias

from translators.canonical import MediaRequest, Modality
from translators.facts import Lifecycle, ModelFacts, Price

Entry: TypeAlias = Mapping[str, Any]
Where: TypeAlias = tuple[str, ...]

_OWN_FIELDS = frozenset({"modality", "model", "turns", "system", "modalities", "count", "extra"})
_OPTIONAL = frozenset(item.name for item in fields(MediaRequest)) - _OWN_FIELDS
_AUDIO = ("always", "optional", "none")


class CatalogueError(ValueError):
    """A catalogue that cannot be used: `where` leads to the place in the config; the text names it too."""

    def __init__(self, where: Where, problem: str) -> None:
        super().__init__(f"{'.'.join(where)}: {problem}")
        self.where = where
        self.problem = problem


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text")
    return value.strip()


def _day(value: object) -> str:
    text = value.isoformat() if isinstance(value, date) else _text(value)
    if text and not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError("must be a day such as 2026-10-22")
    return text


def _yes(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("must be a whole number, 0 or more")
    return value


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < float("inf"):
        raise ValueError("must be a number, 0 or more")
    return float(value)


def _list_of(read: Callable[[object], Any]) -> Callable[[object], tuple[Any, ...]]:
    def reader(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError("must be a list")
        return tuple(read(item) for item in value)

    return reader


def _mapping_of(read: Callable[[object], Any]) -> Callable[[object], dict[str, Any]]:
    def reader(value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError("must be a mapping")
        return {str(name): read(item) for name, item in value.items()}

    return reader


def _one_of(words: Iterable[str]) -> Callable[[object], str]:
    allowed = tuple(words)

    def reader(value: object) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return str(value)

    return reader


def _ratio(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", text):
        raise ValueError('must be ratios such as "16:9"')
    return text


def _value_name(value: object) -> str:
    # 512 and 720 may be written without quotes
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)


def _names(allowed: frozenset[str]) -> Callable[[object], frozenset[str]]:
    texts = _list_of(_text)

    def reader(value: object) -> frozenset[str]:
        names = frozenset(texts(value))
        if not names <= allowed:
            wrong = ", ".join(sorted(names - allowed))
            raise ValueError(f"has no meaning for {wrong}; allowed: {', '.join(sorted(allowed))}")
        return names

    return reader


def _price(value: object) -> Price:
    if not isinstance(value, Mapping):
        raise ValueError("must be a mapping with per, usd, silent_usd and source")
    unknown = set(value) - {item.name for item in fields(Price)}
    if unknown:
        raise ValueError(
            f"has no {', '.join(sorted(map(str, unknown)))}; it has per, usd, silent_usd and source"
        )
    amounts = _mapping_of(_number)
    return Price(
        per=_one_of(("second", "image"))(value.get("per")),
        usd=amounts(value.get("usd")),
        silent_usd=amounts(value.get("silent_usd", {})),
        source=_text(value.get("source", "")),
    )


READERS: Mapping[str, Callable[[Any], Any]] = {
    "wire": _text,
    "modality": lambda value: Modality(_one_of(Modality)(value)),
    "lifecycle": lambda value: Lifecycle(_one_of(Lifecycle)(value)),
    "lifecycle_date": _day,
    "replacement": _text,
    "source": _text,
    "limits_source": _text,
    "aspect_ratios": _list_of(_ratio),
    "image_sizes": _list_of(_value_name),
    "durations": _list_of(_whole),
    "resolutions": _list_of(_value_name),
    "resolution_durations": _mapping_of(_list_of(_whole)),
    "input_types": _list_of(_text),
    "max_inputs": _whole,
    "max_count": _whole,
    "last_frame": _yes,
    "last_frame_needs_first": _yes,
    "audio": _one_of(_AUDIO),
    "frame_rates": _list_of(_whole),
    "parameters": _names(_OPTIONAL),
    "always_on": _names(frozenset({"generate_audio", "enhance_prompt"})),
    "locations": _list_of(_text),
    "price": _price,
    "typical_seconds": _number,
}


def read_entry(model: str, platform: str, layers: Iterable[tuple[Where, Entry]]) -> ModelFacts:
    """The facts of `model` on `platform`; a later layer's field replaces an earlier one's.

    Each layer comes with the place it stands at. Raises CatalogueError for an unknown field, a bad value, or
    a model that is served but has no wire or no modality.
    """
    values: dict[str, Any] = {}
    last: Where = ("models", "catalogue", model)
    for where, layer in layers:
        last = where
        for field, value in layer.items():
            values[field] = _read_field((*where, str(field)), str(field), value)
    if "modality" not in values:
        raise CatalogueError((*last, "modality"), "required: image or video")
    if not values.get("wire") and values.get("lifecycle") is not Lifecycle.RETIRED:
        raise CatalogueError(
            (*last, "wire"), f"required, since {model} is not retired; Filmgate has none for it"
        )
    return ModelFacts(id=model, platform=platform, **{"wire": "", **values})


def _read_field(where: Where, field: str, value: object) -> Any:
    if field not in READERS:
        raise CatalogueError(where, f"no such field; a model has {', '.join(READERS)} and platforms")
    try:
        return READERS[field](value)
    except ValueError as error:
        raise CatalogueError(where, str(error)) from None
