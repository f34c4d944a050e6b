"""What Veo accepts: a predictLongRunning body read and checked against Google's published matrix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from simulator import fields
from simulator.buckets import split_gs
from simulator.errors import invalid, unsupported
from simulator.media import Media, film_input, still_image
from simulator.models import FRAMES, GEMINI, VERTEX, VideoModel

_TOP = {GEMINI: {"instances", "parameters", "webhookConfig"}, VERTEX: {"instances", "parameters", "labels"}}
_INSTANCE = {"prompt", "image", "lastFrame", "referenceImages", "video", "mask", "cameraControl"}
_PARAMETERS = {
    "sampleCount", "durationSeconds", "aspectRatio", "resolution", "personGeneration", "negativePrompt",
    "enhancePrompt", "seed", "storageUri", "fps", "generateAudio", "compressionQuality", "resizeMode",
    "pubsubTopic",
}  # fmt: skip
_NOT_ON_GEMINI = (
    "storageUri", "fps", "generateAudio", "compressionQuality", "resizeMode", "pubsubTopic", "mask",
    "cameraControl",
)  # fmt: skip
_PERSONS = {
    GEMINI: {"allow_all", "allow_adult"},
    VERTEX: {"allow_all", "allow_adult", "dont_allow", "disallow"},
}
_CHOICES = {"compressionQuality": {"OPTIMIZED", "LOSSLESS"}, "resizeMode": {"CROP", "PAD"}}
_MASK_MODES = {"INSERT", "REMOVE", "REMOVE_STATIC", "OUTPAINT"}
_TOPIC = re.compile(r"projects/[^/]+/topics/[^/]+")
_UINT32 = 2**32 - 1
EXTENSION_SECONDS = 7


@dataclass(frozen=True)
class FilmRequest:
    """A checked film request; `seconds` is the length of what is made anew."""

    prompt: str
    model: VideoModel
    platform: str
    seconds: int
    aspect: str
    resolution: str
    count: int
    audio: bool
    storage: str | None
    first: Media | None = None
    last: Media | None = None
    video: Media | None = None
    mask_mode: str | None = None
    references: tuple[Media, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the film in pixels."""
        return FRAMES[self.resolution, self.aspect]

    @property
    def extension(self) -> bool:
        """Whether the film continues another one."""
        return self.video is not None and self.mask_mode is None


def read_film_request(
    payload: dict[str, Any], model: VideoModel, platform: str, *, allow_all: bool
) -> FilmRequest:
    """The request in a predictLongRunning body (names in camelCase); GoogleError 400 for whatever Veo
    refuses."""
    fields.only(payload, _TOP[platform], "")
    instances = fields.children(payload, "instances")
    if len(instances) != 1:
        raise invalid("`instances` must hold exactly one instance.", "instances")
    instance, parameters = instances[0], fields.child(payload, "parameters")
    _check_names(instance, parameters, platform)
    inputs = _inputs(instance, platform)
    prompt = fields.text(instance, "prompt", "instances[0]") or ""
    if not prompt.strip() and inputs["first"] is None and inputs["video"] is None:
        raise invalid("A text prompt or an input image is required.", "instances[0].prompt")
    request = FilmRequest(
        prompt=prompt,
        model=model,
        platform=platform,
        audio=_audio(parameters, model),
        count=_whole(parameters, "sampleCount", 1, range(1, 2 if platform == GEMINI else 5)),
        seconds=_duration(parameters, model),
        aspect=_choice(parameters, "aspectRatio", "16:9", ("16:9", "9:16")),
        resolution=_choice(parameters, "resolution", "720p", model.resolutions),
        storage=_storage(parameters),
        **inputs,
    )
    _check_combination(request, instance)
    _check_length(request, fields.integer(parameters, "durationSeconds", "parameters"))
    _check_person(request, parameters, allow_all=allow_all)
    _check_rest(parameters, model, platform)
    return request


def _check_names(instance: dict[str, Any], parameters: dict[str, Any], platform: str) -> None:
    for holder in (instance, parameters):
        for name in ("inlineData", *(_NOT_ON_GEMINI if platform == GEMINI else ())):
            if name in holder:
                raise unsupported(name)
    fields.only(instance, _INSTANCE, "instances[0]")
    fields.only(parameters, _PARAMETERS, "parameters")


def _inputs(instance: dict[str, Any], platform: str) -> dict[str, Any]:
    found: dict[str, Any] = {"first": None, "last": None, "video": None, "mask_mode": None}
    for name, place in (("first", "image"), ("last", "lastFrame")):
        if instance.get(place) is not None:
            where = f"instances[0].{place}"
            found[name] = still_image(fields.child(instance, place, "instances[0]"), platform, where)
    if instance.get("video") is not None:
        found["video"] = film_input(
            fields.child(instance, "video", "instances[0]"), platform, "instances[0].video"
        )
    if instance.get("mask") is not None:
        mask = dict(fields.child(instance, "mask", "instances[0]"))
        mode = str(mask.pop("maskMode", "INSERT"))
        if mode not in _MASK_MODES:
            raise invalid(f"Invalid maskMode: {mode}", "instances[0].mask.maskMode")
        still_image(mask, platform, "instances[0].mask")
        found["mask_mode"] = mode
    references = []
    for number, item in enumerate(fields.children(instance, "referenceImages", "instances[0]")):
        where = f"instances[0].referenceImages[{number}]"
        fields.only(item, {"image", "referenceType"}, where)
        references.append(still_image(fields.child(item, "image", where), platform, f"{where}.image"))
    return {**found, "references": tuple(references)}


def _check_combination(request: FilmRequest, instance: dict[str, Any]) -> None:
    if request.references:
        _check_references(request, instance)
    if request.last and not request.first and request.platform == GEMINI:
        raise invalid("`lastFrame` requires `image`.", "instances[0].lastFrame")
    if request.mask_mode and not request.video:
        raise invalid("`mask` requires `video`.", "instances[0].mask")
    if request.mask_mode and not request.model.masks:
        raise unsupported("mask")
    if request.extension and not request.model.extends:
        raise unsupported("video")
    if request.extension and (request.first or request.last):
        raise invalid("`video` cannot be combined with `image` or `lastFrame`.", "instances[0].video")


def _check_references(request: FilmRequest, instance: dict[str, Any]) -> None:
    model = request.model
    if not model.references:
        raise unsupported("referenceImages")
    if len(request.references) > model.references:
        message = f"At most {model.references} reference images are supported."
        raise invalid(message, "instances[0].referenceImages")
    if request.first or request.last or request.video:
        raise invalid("`referenceImages` cannot be combined with `image`, `lastFrame` or `video`.")
    for item in fields.children(instance, "referenceImages"):
        kind = str(item.get("referenceType", "ASSET")).upper()
        if kind not in {"ASSET", "STYLE"} or (kind == "STYLE" and not model.styles):
            raise invalid(f"referenceType {kind} isn't supported by this model.")


def _check_length(request: FilmRequest, given: int | None) -> None:
    reasons = {
        "reference images": bool(request.references) and request.model.audio,
        "video extension": request.extension,
        "resolution 4k": request.resolution == "4k",
        "resolution 1080p": request.resolution == "1080p" and request.platform == GEMINI,
    }
    for reason, holds in reasons.items():
        if holds and given not in {None, 8}:
            raise invalid(
                f"durationSeconds must be 8 with {reason}; got {given}.", "parameters.durationSeconds"
            )
    if request.extension and request.platform == GEMINI and request.resolution != "720p":
        raise invalid("Video extension supports 720p only.", "parameters.resolution")


def _check_person(request: FilmRequest, parameters: dict[str, Any], *, allow_all: bool) -> None:
    value = fields.text(parameters, "personGeneration", "parameters")
    if value is None:
        return
    allowed = _PERSONS[request.platform]
    if request.platform == GEMINI:
        pictured = request.first or request.last or request.references
        allowed = {"allow_adult"} if pictured else {"allow_all"}
    elif not allow_all:
        allowed = allowed - {"allow_all"}
    if value not in allowed:
        shown = ", ".join(sorted(allowed))
        message = f"personGeneration {value} is not allowed for this request. Supported: {shown}."
        raise invalid(message, "parameters.personGeneration")


def _check_rest(parameters: dict[str, Any], model: VideoModel, platform: str) -> None:
    fields.text(parameters, "negativePrompt", "parameters")
    _whole(parameters, "seed", 0, range(_UINT32 + 1))
    _whole(parameters, "fps", 24, range(24, 25))
    if (
        fields.boolean(parameters, "enhancePrompt", "parameters") is False
        and platform == VERTEX
        and model.audio
    ):
        raise invalid("enhancePrompt cannot be disabled for this model.", "parameters.enhancePrompt")
    for name, values in _CHOICES.items():
        given = fields.text(parameters, name, "parameters")
        if given is not None and given.upper() not in values:
            raise invalid(
                f"Invalid {name}: {given}. Supported: {', '.join(sorted(values))}.", f"parameters.{name}"
            )
    topic = fields.text(parameters, "pubsubTopic", "parameters")
    if topic is not None and not _TOPIC.fullmatch(topic):
        raise invalid(f"Invalid pubsubTopic: {topic}", "parameters.pubsubTopic")


def _duration(parameters: dict[str, Any], model: VideoModel) -> int:
    seconds = fields.integer(parameters, "durationSeconds", "parameters")
    if seconds is None:
        return 8
    if seconds not in model.durations:
        shown = ", ".join(str(value) for value in model.durations)
        message = f"Unsupported output video duration {seconds} seconds, supported durations are [{shown}]."
        raise invalid(message, "parameters.durationSeconds")
    return seconds


def _audio(parameters: dict[str, Any], model: VideoModel) -> bool:
    wanted = fields.boolean(parameters, "generateAudio", "parameters")
    if wanted and not model.audio:
        raise unsupported("generateAudio")
    return model.audio and wanted is not False


def _storage(parameters: dict[str, Any]) -> str | None:
    uri = fields.text(parameters, "storageUri", "parameters")
    if uri is not None:
        split_gs(uri)
    return uri


def _whole(parameters: dict[str, Any], name: str, default: int, allowed: range) -> int:
    value = fields.integer(parameters, name, "parameters")
    if value is None:
        return default
    if value not in allowed:
        message = f"Invalid {name}: {value}. Supported: {allowed[0]} to {allowed[-1]}."
        raise invalid(message, f"parameters.{name}")
    return value


def _choice(parameters: dict[str, Any], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = fields.text(parameters, name, "parameters")
    if value is None:
        return default
    if value not in allowed:
        message = f"Unsupported {name} {value!r} for this model. Supported: {', '.join(allowed)}."
        raise invalid(message, f"parameters.{name}")
    return value
