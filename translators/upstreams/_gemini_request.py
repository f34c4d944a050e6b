"""A MediaRequest as the body of Gemini's generateContent, for models that make pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping

from translators.canonical import JSON, MediaInput, MediaRequest, Part, Role, Turn
from translators.errors import Fault, MediaError
from translators.facts import Facts
from translators.upstreams._google import VERTEX, vertex_only
from translators.upstreams._json import as_object

_ROLES: Mapping[Role, str] = {Role.CLIENT: "user", Role.MODEL: "model"}
_MODALITIES = ("TEXT", "IMAGE")

_MIME_TYPES: Mapping[str, str] = {"png": "image/png", "jpeg": "image/jpeg", "jpg": "image/jpeg"}
_PERSONS: Mapping[str, str] = {
    "allow_all": "ALLOW_ALL",
    "allow_adult": "ALLOW_ADULT",
    "allow_none": "ALLOW_NONE",
    "dont_allow": "ALLOW_NONE",
    "disallow": "ALLOW_NONE",
}
"""Veo's words and Gemini's for the same choice. Source: Vertex AI's discovery document, ImageConfig."""

_TOP = frozenset(("cachedContent", "safetySettings", "serviceTier", "toolConfig", "tools"))
"""The members of `extra` that stand beside `generationConfig`; all others stand in it."""


def wanted_modalities(request: MediaRequest) -> list[str]:
    """The asked output kinds in Gemini's spelling and the client's order; by default text and picture."""
    asked = dict.fromkeys(kind.upper() for kind in request.modalities)
    return [kind for kind in asked if kind in _MODALITIES] or list(_MODALITIES)


def body_of(request: MediaRequest, facts: Facts) -> dict[str, JSON]:
    """The body of the call. Only what was asked for is sent.

    Gemini has no field for a negative prompt: it becomes a last part of the last client turn, «Avoid: …».
    Raises MediaError for what the platform does not take. Source: requests captured from google-genai 3.4.0.
    """
    vertex = facts.platform == VERTEX
    contents = _contents(request, vertex)
    body: dict[str, JSON] = {"contents": contents}
    if request.system and request.turns:
        body["systemInstruction"] = {"role": "user", "parts": [{"text": request.system}]}
    config: dict[str, JSON] = {"responseModalities": wanted_modalities(request)}
    image = _image_config(request, vertex)
    if image:
        config["imageConfig"] = image
    if request.seed is not None:
        config["seed"] = request.seed
    body["generationConfig"] = config
    if request.labels:
        body["labels"] = dict(request.labels)
    _add_extra(body, request.extra.get(facts.platform, {}))
    return body


def _contents(request: MediaRequest, vertex: bool) -> list[JSON]:
    # A conversation may not be empty: the system's words alone are the client's.
    turns = request.turns or (Turn(role=Role.CLIENT, parts=(Part(text=request.system),)),)
    contents: list[dict[str, JSON]] = []
    for turn in turns:
        parts = [_part(part, vertex) for part in turn.parts if part.media or part.text]
        if parts:
            contents.append({"role": _ROLES[turn.role], "parts": parts})
    if not contents:
        raise MediaError(
            fault=Fault.INVALID_REQUEST,
            message="The request has no prompt.",
            advice="Say what the picture should show.",
            param="prompt",
            code="missing_required_parameter",
        )
    if request.negative_prompt:
        _avoid(contents, request.negative_prompt)
    return list(contents)


def _avoid(contents: list[dict[str, JSON]], unwanted: str) -> None:
    said = {"text": f"Avoid: {unwanted.strip().rstrip('.')}."}
    last = next((turn for turn in reversed(contents) if turn["role"] == _ROLES[Role.CLIENT]), None)
    if last is None:
        contents.append({"role": _ROLES[Role.CLIENT], "parts": [said]})
    else:
        last["parts"].append(said)


def _part(part: Part, vertex: bool) -> dict[str, JSON]:
    if part.media is None:
        return {"text": part.text}
    return _media(part.media, vertex)


def _media(media: MediaInput, vertex: bool) -> dict[str, JSON]:
    kind = {"mimeType": media.mime_type} if media.mime_type else {}
    if media.data:
        return {"inlineData": {**kind, "data": media.data}}
    if media.uri.startswith("gs://") and not vertex:
        raise vertex_only(media.param, "gs:// links")
    if media.uri:
        return {"fileData": {**kind, "fileUri": media.uri}}
    raise MediaError(
        fault=Fault.INVALID_REQUEST,
        message="A picture of the request has neither data nor a link.",
        advice="Send the picture itself.",
        param=media.param or None,
        code="invalid_value",
    )


def _image_config(request: MediaRequest, vertex: bool) -> dict[str, JSON]:
    config: dict[str, JSON] = {}
    if request.aspect_ratio:
        config["aspectRatio"] = request.aspect_ratio
    if request.image_size:
        config["imageSize"] = request.image_size
    if request.person_generation:
        if not vertex:
            raise vertex_only("person_generation", "person_generation for pictures")
        person = request.person_generation.lower()
        config["personGeneration"] = _PERSONS.get(person, person.upper())
    if request.output_format:
        if not vertex:
            raise vertex_only("output_format", "output_format")
        config["imageOutputOptions"] = {"mimeType": _output_type(request.output_format)}
    return config


def _output_type(output_format: str) -> str:
    mime_type = _MIME_TYPES.get(output_format.lower())
    if mime_type is None:
        raise MediaError(
            fault=Fault.INVALID_REQUEST,
            message=f"The provider makes no {output_format[:20]} pictures.",
            advice="Ask for png or jpeg.",
            param="output_format",
            code="invalid_value",
        )
    return mime_type


def _add_extra(body: dict[str, JSON], extra: Mapping[str, JSON]) -> None:
    config = body["generationConfig"]
    for given, value in extra.items():
        name = re.sub(r"_([a-z])", lambda match: match[1].upper(), given)
        if name in _TOP:
            body[name] = value
        elif name == "generationConfig":
            _merge(config, as_object(value))
        else:
            _merge(config, {name: value})


def _merge(config: dict[str, JSON], more: Mapping[str, JSON]) -> None:
    for name, value in more.items():
        both_objects = isinstance(value, dict) and isinstance(config.get(name), dict)
        config[name] = {**config[name], **value} if both_objects else value
