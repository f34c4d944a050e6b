"""The settings of films and pictures as OpenAI-style clients give them, read into a request's fields."""

from __future__ import annotations

from typing import Any, Final

from translators.canonical import JSON, MediaInput
from translators.clients._fields import Fields, wrong_type, wrong_value
from translators.clients._media_values import media_value
from translators.clients._sizes import film_size, picture_size

MOST = 10
"""How many results one request may ask for, as at OpenAI."""

_LENGTHS = ("duration_seconds", "duration", "seconds")
_TEXTS = ("negative_prompt", "person_generation", "aspect_ratio")
_FILM_TEXTS = ("compression_quality", "resize_mode", "storage_uri", "pubsub_topic")
_NOT_YET: Final = (
    "reference_images", "extend_video", "mask", "remix", "video",
    "frame_images", "input_references", "previous_job_id",
)  # fmt: skip
_FORMATS = {"png": "png", "jpeg": "jpeg", "jpg": "jpeg", "webp": "webp", "image/png": "png",
            "image/jpeg": "jpeg", "image/webp": "webp"}  # fmt: skip
_DELIVERIES = {"data": "data", "url": "url"}
_GOOGLE = ("gemini", "vertex")


def film_values(fields: Fields) -> dict[str, Any]:
    """The fields of MediaRequest that these settings of a film give, without those they leave open."""
    if not fields.layers:
        return {}
    fields.refuse_any(_NOT_YET, "is not done by this version.", "Leave it out.")
    values: dict[str, Any] = {name: fields.text(name) for name in (*_TEXTS, *_FILM_TEXTS)}
    size = fields.text("size")
    ratio, resolution = film_size(size, _param(fields, "size")) if size else (None, None)
    values["aspect_ratio"] = values["aspect_ratio"] or ratio
    values["resolution"] = (fields.text("resolution") or "").lower() or resolution
    values |= {
        "duration_seconds": fields.whole(*_LENGTHS, low=1, high=600, unit="s"),
        "count": fields.whole("sample_count", "n", low=1, high=MOST),
        "seed": _seed(fields),
        "fps": fields.whole("fps", low=1, high=240),
        "generate_audio": fields.flag("generate_audio"),
        "enhance_prompt": fields.flag("enhance_prompt"),
        "labels": fields.words("labels"),
        "first_frame": _picture(fields, "image"),
        "last_frame": _picture(fields, "last_frame"),
    }
    return _given(values)


def picture_values(fields: Fields) -> dict[str, Any]:
    """The fields of MediaRequest that these settings of a picture give, without those they leave open."""
    if not fields.layers:
        return {}
    values: dict[str, Any] = {name: fields.text(name) for name in _TEXTS}
    size = fields.text("size")
    ratio, tier = picture_size(size, _param(fields, "size")) if size else (None, None)
    values["aspect_ratio"] = values["aspect_ratio"] or ratio
    values |= {
        "image_size": _tier(fields) or tier,
        "output_format": fields.choice(_FORMATS, "output_format"),
    }
    return _given(values) | shared_values(fields)


def shared_values(body: Fields) -> dict[str, Any]:
    """What OpenAI's clients give on top of a body: the number of results and the seed, where given."""
    return _given({"count": body.whole("n", low=1, high=MOST), "seed": _seed(body)})


def delivery(fields: Fields) -> str:
    """How the media are to be given: `data`, `url`, or empty for the dialect's own habit."""
    return fields.choice(_DELIVERIES, "delivery") or ""


def extra_values(body: Fields) -> dict[str, dict[str, JSON]]:
    """What only one platform knows, by platform: `extra`, `extra_body.google`, or `google` as SDKs send that.

    What is given for a platform by its own name beats what is given for Google as a whole.
    """
    extra = body.section("extra")
    google = (
        _object(body, "google") | _object(body.section("extra_body"), "google") | _object(extra, "google")
    )
    own = {name: _object(extra, name) for layer in extra.layers for name in layer.values if name != "google"}
    if google:
        own |= {platform: google | own.get(platform, {}) for platform in _GOOGLE}
    return {platform: values for platform, values in own.items() if values}


def _object(fields: Fields, name: str) -> dict[str, JSON]:
    return {key: value for layer in fields.section(name).layers for key, value in layer.values.items()}


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", {})}


def _seed(fields: Fields) -> int | None:
    # Gemini takes signed, Veo unsigned 32 bits.
    return fields.whole("seed", low=-(2**31), high=2**32 - 1)


def _param(fields: Fields, name: str) -> str:
    found = fields.given(name)
    return found[0] if found else name


def _picture(fields: Fields, name: str) -> MediaInput | None:
    found = fields.given(name)
    return media_value(found[1], found[0]) if found else None


def _tier(fields: Fields) -> str | None:
    found = fields.given("image_size", "resolution")
    if found is None:
        return None
    param, value = found
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        wrong_type(param, 'text such as "1K"', value)
    if len(value) > 20:
        wrong_value(param, 'a size such as "1K", "2K" or "4K"', value)
    return value.strip().upper() or None
