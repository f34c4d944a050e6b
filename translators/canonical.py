"""The canonical terms: what is asked for, what comes back, and what a client may see of a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, TypeAlias

from translators.errors import Fault, MediaError

JSON: TypeAlias = Any
"""A value as JSON has it: None, bool, int, float, str, list or dict of the same."""


class Modality(StrEnum):
    """What kind of thing a model makes."""

    IMAGE = "image"
    VIDEO = "video"


class Role(StrEnum):
    """Who speaks a turn of the conversation."""

    CLIENT = "client"
    MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInput:
    """A picture or film that the client gave, as one of `data`, `uri` or `reference`.

    `data` is base64 text, or the short marker that stands for it while the text itself stays outside the
    translators; `uri` is an http(s) or gs:// link; `reference` is the id of an asset or a job of ours.
    `mime_type` is what the client said until the proxy has looked at the bytes, then what they are.
    `param` names the place in the client's request, for error messages.
    """

    mime_type: str = ""
    data: str = ""
    uri: str = ""
    reference: str = ""
    param: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One piece of a turn: text, or a picture."""

    text: str = ""
    media: MediaInput | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one side said, its parts in order."""

    role: Role
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRequest:
    """One request for media, in no dialect's terms. What the client did not say is None or empty.

    `model` is the id the client named; `turns` hold the conversation with its pictures in order, the last one
    the client's; `modalities` are the asked output kinds in lower case and in the client's order; `count` is
    how many results are wanted; `extra` holds, by platform name, what only that platform knows.
    """

    modality: Modality
    model: str
    turns: tuple[Turn, ...]
    system: str = ""
    modalities: tuple[str, ...] = ()
    count: int = 1
    aspect_ratio: str | None = None
    negative_prompt: str | None = None
    seed: int | None = None
    person_generation: str | None = None
    labels: Mapping[str, str] | None = None
    image_size: str | None = None
    output_format: str | None = None
    duration_seconds: int | None = None
    resolution: str | None = None
    generate_audio: bool | None = None
    enhance_prompt: bool | None = None
    fps: int | None = None
    compression_quality: str | None = None
    resize_mode: str | None = None
    storage_uri: str | None = None
    pubsub_topic: str | None = None
    first_frame: MediaInput | None = None
    last_frame: MediaInput | None = None
    extra: Mapping[str, Mapping[str, JSON]] = field(default_factory=dict)

    @property
    def prompt(self) -> str:
        """The text of the last client turn."""
        for turn in reversed(self.turns):
            if turn.role is Role.CLIENT:
                return "\n".join(part.text for part in turn.parts if part.text)
        return ""

    @property
    def inputs(self) -> tuple[MediaInput, ...]:
        """Every picture of the request, in order: those of the turns, then the frames."""
        said = [part.media for turn in self.turns for part in turn.parts if part.media]
        return (*said, *(frame for frame in (self.first_frame, self.last_frame) if frame))


def with_inputs(request: MediaRequest, changed: Mapping[MediaInput, MediaInput]) -> MediaRequest:
    """The request with some of its inputs replaced."""

    def new(item: MediaInput | None) -> MediaInput | None:
        return changed.get(item, item) if item else None

    turns = (
        replace(turn, parts=tuple(replace(part, media=new(part.media)) for part in turn.parts))
        for turn in request.turns
    )
    return replace(
        request,
        turns=tuple(turns),
        first_frame=new(request.first_frame),
        last_frame=new(request.last_frame),
    )


def with_modality(request: MediaRequest, modality: Modality) -> MediaRequest:
    """The request as one for this modality, as the model's own when the client named no output kind.

    A film begins with the picture of the last client turn, so that one becomes the first frame; of earlier
    turns a film takes the words only. Raises MediaError where it is not clear which picture is meant.
    """
    pictured = any(part.media for turn in request.turns for part in turn.parts)
    if modality is not Modality.VIDEO or not pictured:
        return request if request.modality is modality else replace(request, modality=modality)
    last = max((index for index, turn in enumerate(request.turns) if turn.role is Role.CLIENT), default=-1)
    pictures = [part.media for part in request.turns[last].parts if part.media] if last >= 0 else []
    first = request.first_frame
    if len(pictures) > (0 if first else 1):
        _refuse_pictures(pictures[-1], given=bool(first))
    turns = (
        replace(turn, parts=tuple(part for part in turn.parts if not part.media)) for turn in request.turns
    )
    return replace(
        request,
        modality=modality,
        turns=tuple(turn for index, turn in enumerate(turns) if turn.parts or index == last),
        first_frame=first or next(iter(pictures), None),
    )


def _refuse_pictures(picture: MediaInput, *, given: bool) -> None:
    message = (
        "The first frame is given twice: as a picture in the message and as 'video_config.image'."
        if given
        else "The message has more than one picture, and a film begins with one."
    )
    advice = "Leave one picture in the message; give the last frame as 'video_config.last_frame'."
    param = picture.param or None
    raise MediaError(Fault.INVALID_REQUEST, message, advice, param=param, code="invalid_value")


def request_to_json(request: MediaRequest) -> dict[str, JSON]:
    """The request as plain JSON, fit for a job's row. Empty values are left out."""
    return {name: value for name, value in asdict(request).items() if value not in (None, "", (), {})}


def request_from_json(document: Mapping[str, JSON]) -> MediaRequest:
    """The request that `request_to_json` made the document from.

    Unknown keys are left out, so that a row written by a newer version can still be read.
    """
    known = {item.name for item in fields(MediaRequest)}
    values = {name: value for name, value in document.items() if name in known}
    values["modality"] = Modality(values["modality"])
    values["turns"] = tuple(_turn_from_json(turn) for turn in values.get("turns", ()))
    values["modalities"] = tuple(values.get("modalities", ()))
    for name in ("first_frame", "last_frame"):
        if values.get(name):
            values[name] = MediaInput(**values[name])
    return MediaRequest(**values)


def _turn_from_json(document: Mapping[str, JSON]) -> Turn:
    parts = (
        Part(text=part.get("text", ""), media=MediaInput(**part["media"]) if part.get("media") else None)
        for part in document["parts"]
    )
    return Turn(role=Role(document["role"]), parts=tuple(parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One produced file. What is not known is empty, 0 or None.

    An upstream fills `mime_type` and either `data` (base64 text or its marker), or `id` when the transport
    has stored the bytes already, or only `uri` when the film stays in the person's own bucket. The proxy
    fills the rest: `url` is our own signed link, `size` is in bytes, `expires_at` in epoch seconds.
    """

    id: str = ""
    mime_type: str = ""
    data: str = ""
    uri: str = ""
    url: str = ""
    size: int = 0
    sha256: str = ""
    width: int = 0
    height: int = 0
    duration_seconds: float = 0.0
    fps: float = 0.0
    codec: str = ""
    has_audio: bool | None = None
    expires_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the provider counted them."""

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    reasoning_tokens: int = 0
    image_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaResult:
    """What an upstream made: the assets in order, the model's own words, and notes for the person."""

    assets: tuple[Asset, ...] = ()
    text: str = ""
    notes: tuple[str, ...] = ()
    usage: Usage | None = None


class Status(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNCERTAIN = "uncertain"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in (Status.QUEUED, Status.RUNNING, Status.WAITING)
