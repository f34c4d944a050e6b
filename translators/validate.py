"""Whether a model can do what a request asks, checked before money is spent."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, NoReturn

from translators.canonical import JSON, MediaRequest, Modality
from translators.errors import Fault, MediaError
from translators.facts import ModelFacts

MOST = 10
"""How many results one request may ask for; the proxy splits it into calls of `max_count`."""

_SECTIONS = {Modality.IMAGE: "image_config", Modality.VIDEO: "video_config"}
_CLIENT_WORDS = {
    (Modality.IMAGE, "count"): "n",
    (Modality.VIDEO, "count"): "sample_count",
    (Modality.VIDEO, "first_frame"): "image",
}
_ONLY_OF = {
    Modality.IMAGE: frozenset({"image_size", "output_format"}),
    Modality.VIDEO: frozenset(
        {"duration_seconds", "resolution", "fps", "generate_audio", "enhance_prompt", "compression_quality",
         "resize_mode", "storage_uri", "pubsub_topic", "first_frame", "last_frame"}
    ),
}  # fmt: skip
_FOR = {Modality.IMAGE: "pictures", Modality.VIDEO: "films"}
_PLATFORM_NAMES = {"gemini": "the Gemini API", "vertex": "Vertex AI"}

# google_wire.md 4.3 and 2.1: what only Vertex AI takes, for the advice; the facts of the model decide
_ON_VERTEX = {
    "veo": frozenset({"storage_uri", "fps", "generate_audio", "compression_quality", "resize_mode",
                      "pubsub_topic", "labels"}),
    "gemini-image": frozenset({"person_generation", "output_format", "labels"}),
}  # fmt: skip
_PARAMETERS = (
    "negative_prompt", "seed", "person_generation", "labels", "output_format", "generate_audio",
    "enhance_prompt", "fps", "compression_quality", "resize_mode", "storage_uri", "pubsub_topic",
)  # fmt: skip

_UINT32, _INT32 = (0, 2**32 - 1), (-(2**31), 2**31 - 1)
_SEEDS = {"veo": _UINT32, "gemini-image": _INT32}

_VEO_PEOPLE = {"allow_all": "allow_all", "allow_adult": "allow_adult", "allow": "allow_adult"}
# google_wire.md 9: whether Vertex AI wants dont_allow or disallow is not settled, so both pass as they are
_WORDS: Mapping[str, Mapping[tuple[str, str], Mapping[str, str]]] = {
    "person_generation": {
        ("veo", "gemini"): _VEO_PEOPLE,
        ("veo", "vertex"): {
            **_VEO_PEOPLE, "dont_allow": "dont_allow", "disallow": "disallow", "block": "dont_allow",
            "allow_none": "dont_allow",
        },
        ("gemini-image", "vertex"): {
            "allow_all": "allow_all", "allow_adult": "allow_adult", "allow_none": "allow_none",
            "allow": "allow_adult", "block": "allow_none", "dont_allow": "allow_none",
            "disallow": "allow_none",
        },
    },
    "compression_quality": {("veo", "vertex"): {"optimized": "OPTIMIZED", "lossless": "LOSSLESS"}},
    "resize_mode": {("veo", "vertex"): {"crop": "crop", "pad": "pad"}},
    "output_format": {("gemini-image", "vertex"): {"png": "png", "jpeg": "jpeg", "jpg": "jpeg"}},
}  # fmt: skip
_FORMS = {
    "storage_uri": (
        r"gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](/\S*)?",
        "a bucket such as gs://my-bucket/films/",
    ),
    "pubsub_topic": (r"projects/[^/\s]+/topics/[^/\s]+", "a topic such as projects/my-project/topics/films"),
}
_LABEL_NAME = re.compile(r"[^\W\d_][\w-]{0,62}")
_LABEL_VALUE = re.compile(r"[\w-]{0,63}")
_MOST_LABELS = 64

# what a sender says without knowing, and what the proxy turns into a PNG
_TYPES_NOT_JUDGED = frozenset({"", "application/octet-stream", "image/gif"})
_SAME_TYPE = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg"}

Changes = dict[str, Any]


def validate(request: MediaRequest, facts: ModelFacts) -> MediaRequest:
    """The request with its values as the model spells them.

    May be called again when the types of the inputs are known. Raises MediaError(INVALID_REQUEST) that names
    the value, the model, and the legal ones with the nearest.
    """
    about = _About(request=request, facts=facts)
    for check in _CHECKS:
        about = replace(about, request=replace(about.request, **check(about)))
    return about.request


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """A request and the model it is for."""

    request: MediaRequest
    facts: ModelFacts

    @property
    def model(self) -> str:
        return f"{self.facts.id} on {_platform(self.facts.platform)}"

    def param(self, field: str) -> str:
        owner = next((kind for kind, names in _ONLY_OF.items() if field in names), None)
        modality = owner or self.request.modality
        return f"{_SECTIONS[modality]}.{_CLIENT_WORDS.get((modality, field), field)}"

    def given(self, field: str) -> Any:
        return getattr(self.request, field)

    def cannot_be(
        self, field: str, value: object, legal: Iterable[object], near: Iterable[object]
    ) -> NoReturn:
        nearest = [_shown(item) for item in near]
        advice = (
            f"The nearest {'is' if len(nearest) == 1 else 'are'} {_listed(nearest, 'and')}."
            if nearest
            else ""
        )
        allowed = _listed(map(_shown, legal), "or")
        self.refuse(field, f"cannot be {_shown(value)} with {self.model}; it can be {allowed}.", advice)

    def refuse(self, field: str, what: str, advice: str = "", *, param: str = "") -> NoReturn:
        param = param or self.param(field)
        raise MediaError(
            Fault.INVALID_REQUEST, f"'{param}' {what}", advice, param=param, code="invalid_value"
        )


def _of_this_modality(about: _About) -> Changes:
    for modality, names in _ONLY_OF.items():
        for field in names if modality is not about.facts.modality else ():
            if about.given(field) is not None:
                about.refuse(
                    field, f"is for {_FOR[modality]}; {about.model} makes {_FOR[about.facts.modality]}."
                )
    return {}


def _count(about: _About) -> Changes:
    count = about.request.count
    if not 1 <= count <= MOST:
        about.refuse(
            "count", f"must be from 1 to {MOST}, not {count}.", f"The nearest is {min(max(count, 1), MOST)}."
        )
    return {}


def _switches(about: _About) -> Changes:
    changes: Changes = {}
    for field in about.facts.always_on:
        if about.given(field) is False:
            about.refuse(field, f"cannot be false with {about.model}: it is always on.", "Leave it out.")
        if field not in about.facts.parameters:
            changes[field] = None
    if about.facts.audio == "none" and about.request.generate_audio is False:
        changes["generate_audio"] = None
    return changes


def _parameters(about: _About) -> Changes:
    for field in _PARAMETERS:
        if about.given(field) is None or field in about.facts.parameters:
            continue
        elsewhere = about.facts.platform != "vertex" and field in _ON_VERTEX.get(about.facts.wire, ())
        advice = "Vertex AI takes it; leave it out here." if elsewhere else "Leave it out."
        about.refuse(field, f"is not taken by {about.model}.", advice)
    return {}


def _listed_values(about: _About) -> Changes:
    changes: Changes = {}
    for field, (limit, nearest) in _LISTED.items():
        value, legal = about.given(field), getattr(about.facts, limit)
        if value is None or not legal:
            continue
        spelt = {str(item).lower(): item for item in legal}
        if str(value).lower() not in spelt:
            about.cannot_be(field, value, legal, nearest(str(value), legal))
        changes[field] = spelt[str(value).lower()]
    if len(about.facts.image_sizes) == 1:
        changes["image_size"] = None  # google_wire.md 3.1: such a model refuses the field itself
    return changes


def _resolution_and_duration(about: _About) -> Changes:
    resolution, duration = about.request.resolution, about.request.duration_seconds
    legal = about.facts.resolution_durations.get(resolution or "", ())
    if duration is not None and legal and duration not in legal:
        rest, limits = about.facts.resolutions, about.facts.resolution_durations
        others = [name for name in rest if duration in limits.get(name, about.facts.durations)]
        lengths = _listed(map(str, legal), "or")
        advice = f"Ask for {lengths} seconds" + (f", or for {_listed(others, 'or')}." if others else ".")
        what = f"cannot be {duration} at {resolution} with {about.model}; it can be {lengths}."
        about.refuse("duration_seconds", what, advice)
    return {}


def _words(about: _About) -> Changes:
    changes: Changes = {}
    way = (about.facts.wire, about.facts.platform)
    for field, by_way in _WORDS.items():
        value, words = about.given(field), by_way.get(way)
        if value is None or words is None:
            continue
        if value.lower() not in words:
            legal = list(dict.fromkeys(words.values()))
            about.cannot_be(
                field, value, legal, [words[near] for near in get_close_matches(value.lower(), words, 1)]
            )
        changes[field] = words[value.lower()]
    return changes


def _people_in_pictures(about: _About) -> Changes:
    """google_wire.md 4.2: Veo on the Gemini API animates pictures with `allow_adult` only."""
    asked, way = about.request.person_generation, (about.facts.wire, about.facts.platform)
    if way == ("veo", "gemini") and about.request.inputs and asked not in (None, "allow_adult"):
        about.refuse("person_generation", f'can only be "allow_adult" with a picture and {about.model}.')
    return {}


def _seed(about: _About) -> Changes:
    seed, (low, high) = about.request.seed, _SEEDS.get(about.facts.wire, _UINT32)
    if seed is not None and not low <= seed <= high:
        what = f"cannot be {seed} with {about.model}; it can be from {low} to {high}."
        about.refuse("seed", what, f"The nearest is {min(max(seed, low), high)}.")
    return {}


def _forms(about: _About) -> Changes:
    for field, (form, wanted) in _FORMS.items():
        value = about.given(field)
        if value is not None and not re.fullmatch(form, value):
            about.refuse(field, f"must be {wanted}, not {_shown(value)}.")
    return {}


def _labels(about: _About) -> Changes:
    labels = about.request.labels or {}
    if len(labels) > _MOST_LABELS:
        about.refuse("labels", f"has {len(labels)} labels; {about.model} takes at most {_MOST_LABELS}.")
    rule = "up to 63 lower-case letters, digits, _ and -"
    for name, value in labels.items():
        if name != name.lower() or not _LABEL_NAME.fullmatch(name):
            about.refuse("labels", f"has a label {_shown(name)}; a name is a letter and then {rule}.")
        if value != value.lower() or not _LABEL_VALUE.fullmatch(value):
            about.refuse("labels", f"has {_shown(value)} as the value of {_shown(name)}; a value is {rule}.")
    return {}


def _frames(about: _About) -> Changes:
    request, facts = about.request, about.facts
    if request.last_frame is None:
        return {}
    if not facts.last_frame:
        about.refuse("last_frame", f"is not taken by {about.model}.", "Leave it out, or use another model.")
    if facts.last_frame_needs_first and len(request.inputs) < 2:
        about.refuse(
            "last_frame", f"needs a first frame with {about.model}.", f"Give '{about.param('first_frame')}'."
        )
    return {}


def _inputs(about: _About) -> Changes:
    inputs, most, legal = about.request.inputs, about.facts.max_inputs, about.facts.input_types
    if len(inputs) > most:
        takes = f"at most {most} picture{'s' if most > 1 else ''}" if most else "no pictures"
        what = f"is one picture too many: {about.model} takes {takes}, not {len(inputs)}."
        about.refuse("", what, param=inputs[most].param or "messages")
    for item in inputs:
        said = item.mime_type.partition(";")[0].strip().lower()
        if legal and said not in _TYPES_NOT_JUDGED and _SAME_TYPE.get(said, said) not in legal:
            what = f"is {_shown(said)}, which {about.model} does not take; it takes {_listed(legal, 'and')}."
            about.refuse("", what, param=item.param or "messages")
    return {}


def _extra(about: _About) -> Changes:
    # a name that is given for Google as a whole stands under both of its platforms
    own = {about.facts.platform} | ({"google"} if about.facts.platform in _PLATFORM_NAMES else set())
    taken = {name for platform in own for name in about.request.extra.get(platform, {})}
    for platform, values in about.request.extra.items():
        left = [name for name in _names(values) if name not in taken]
        if platform not in own and left:
            what = (
                f"has {_listed(map(_shown, left), 'and')} for {_platform(platform)}; this is {about.model}."
            )
            about.refuse("", what, "Leave it out.", param=f"extra.{platform}")
    return {}


def _names(values: Mapping[str, JSON]) -> list[str]:
    return [str(name) for name in values]


def _platform(name: str) -> str:
    return _PLATFORM_NAMES.get(name, name)


def _shown(value: object) -> str:
    text = str(value)
    if not isinstance(value, str):
        return text
    return f'"{text if len(text) <= 40 else text[:40] + "…"}"'


def _listed(names: Iterable[str], last: str) -> str:
    *first, end = [*names] or [""]
    return f"{', '.join(first)} {last} {end}" if first else end


def _closest(asked: float | None, legal: Iterable[Any], measure: Callable[[str], float | None]) -> list[Any]:
    """The values nearest to `asked`; two when they are equally near."""
    if asked is None:
        return []
    distances = [(abs(size - asked), item) for item in legal if (size := measure(str(item))) is not None]
    least = min((distance for distance, _ in distances), default=0.0)
    return [item for distance, item in distances if distance - least < 1e-9]


def _nearest_by(measure: Callable[[str], float | None]) -> Callable[[str, Iterable[Any]], list[Any]]:
    return lambda asked, legal: _closest(measure(asked), legal, measure)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d{1,9}", text) else None


def _ratio(text: str) -> float | None:
    sides = re.fullmatch(r"0*([1-9]\d{0,4})\s*[:x/]\s*0*([1-9]\d{0,4})", text)
    return math.log(int(sides[1]) / int(sides[2])) if sides else None


def _size(text: str) -> float | None:
    """The size of `720p`, `1K`, `512` … on a scale where twice the size is one step."""
    size = re.fullmatch(r"0*([1-9]\d{0,4}|\d+\.\d{1,3})\s*(k?)(?:p|px|pixels)?", text.lower())
    number = float(size[1]) * (1000 if size[2] else 1) if size else 0.0
    return math.log2(number) if number else None


_LISTED: Mapping[str, tuple[str, Callable[[str, Iterable[Any]], list[Any]]]] = {
    "duration_seconds": ("durations", _nearest_by(_number)),
    "resolution": ("resolutions", _nearest_by(_size)),
    "aspect_ratio": ("aspect_ratios", _nearest_by(_ratio)),
    "image_size": ("image_sizes", _nearest_by(_size)),
    "fps": ("frame_rates", _nearest_by(_number)),
}

_CHECKS: tuple[Callable[[_About], Changes], ...] = (
    _of_this_modality,
    _count,
    _switches,
    _parameters,
    _listed_values,
    _resolution_and_duration,
    _words,
    _people_in_pictures,
    _seed,
    _forms,
    _labels,
    _frames,
    _inputs,
    _extra,
)
