"""A MediaRequest as the body of Veo's predictLongRunning."""

from __future__ import annotations

from collections.abc import Mapping

from translators.canonical import JSON, MediaInput, MediaRequest
from translators.errors import Fault, MediaError
from translators.facts import Facts
from translators.upstreams._google import VERTEX, vertex_only

_PARAMETERS: Mapping[str, str] = {
    "storage_uri": "storageUri",
    "fps": "fps",
    "duration_seconds": "durationSeconds",
    "seed": "seed",
    "aspect_ratio": "aspectRatio",
    "resolution": "resolution",
    "person_generation": "personGeneration",
    "pubsub_topic": "pubsubTopic",
    "negative_prompt": "negativePrompt",
    "enhance_prompt": "enhancePrompt",
    "generate_audio": "generateAudio",
    "compression_quality": "compressionQuality",
    "resize_mode": "resizeMode",
}
"""The wire's names of the parameters. Source: requests captured from google-genai 3.4.0 and 2.34.0."""

_UPPER = frozenset(("compression_quality", "resize_mode"))
_LOWER = frozenset(("person_generation",))

_VERTEX_ONLY = (
    "storage_uri",
    "fps",
    "compression_quality",
    "resize_mode",
    "pubsub_topic",
    "labels",
)
"""What google-genai refuses to send to the Gemini API; `seed` it refuses too, but REST takes it."""

_FRAMES: Mapping[str, str] = {"first_frame": "image", "last_frame": "lastFrame"}


def body_of(request: MediaRequest, facts: Facts) -> dict[str, JSON]:
    """The body of the call. Only what was asked for is sent.

    Raises MediaError for what the platform does not take.
    """
    vertex = facts.platform == VERTEX
    if not vertex:
        _check_gemini(request)
    instance: dict[str, JSON] = {"prompt": request.prompt} if request.prompt else {}
    for field, name in _FRAMES.items():
        frame: MediaInput | None = getattr(request, field)
        if frame:
            instance[name] = _media(frame, vertex)
    if not instance:
        raise MediaError(
            fault=Fault.INVALID_REQUEST,
            message="The request has neither a prompt nor a first frame.",
            advice="Say what the film should show.",
            param="prompt",
            code="missing_required_parameter",
        )
    body: dict[str, JSON] = {"instances": [instance]}
    parameters = _parameters(request, vertex) | dict(request.extra.get(facts.platform, {}))
    if parameters:
        body["parameters"] = parameters
    if request.labels:
        body["labels"] = dict(request.labels)
    return body


def _parameters(request: MediaRequest, vertex: bool) -> dict[str, JSON]:
    parameters: dict[str, JSON] = {"sampleCount": request.count} if request.count != 1 else {}
    for field, name in _PARAMETERS.items():
        value = getattr(request, field)
        if value is None or (field == "generate_audio" and not vertex):
            continue  # the Gemini API always makes the sound and has no word for it
        if field in _UPPER:
            value = value.upper()
        parameters[name] = value.lower() if field in _LOWER else value
    return parameters


def _media(media: MediaInput, vertex: bool) -> dict[str, JSON]:
    kind = {"mimeType": media.mime_type} if media.mime_type else {}
    if media.data:
        return {"bytesBase64Encoded": media.data, **kind}
    if media.uri.startswith("gs://"):
        if not vertex:
            raise vertex_only(media.param, "gs:// links")
        return {"gcsUri": media.uri, **kind}
    raise MediaError(
        fault=Fault.INVALID_REQUEST,
        message="Veo takes a picture as data or as a gs:// link only.",
        advice="Send the picture itself.",
        param=media.param or None,
        code="invalid_value",
    )


def _check_gemini(request: MediaRequest) -> None:
    for field in _VERTEX_ONLY:
        if getattr(request, field):
            raise vertex_only(field, field)
    if request.generate_audio is False:
        raise vertex_only("generate_audio", "a film without sound")
