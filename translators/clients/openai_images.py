"""OpenAI's images API: POST /v1/images/generations, answered whole or as one event a picture."""

from __future__ import annotations

from collections.abc import Sequence

from translators.canonical import JSON, Asset, MediaRequest, Modality, Part, Role, Turn
from translators.clients import _openai
from translators.clients._fields import fields_of, missing
from translators.clients._media_fields import extra_values, picture_values
from translators.clients._openai import (
    assets,
    error_facts,
    error_object,
    in_own_words,
    job_facts,
    link,
    render_failure,
    unfinished,
    usage_of,
)
from translators.clients.base import Answer, Ask, Dialect, ServerEvent, View, Wants
from translators.errors import MediaError
from translators.progress import Event, Finished

DEFAULT_MODEL = "gpt-image-2"

_FORMS = {"b64_json": "data", "url": "url"}
_INPUTS = ("image", "images", "mask", "reference_images", "input_references")


def parse(body: JSON) -> Ask:
    """The request behind a body of `/v1/images/generations`. Raises MediaError."""
    fields = fields_of(body)
    prompt = fields.text("prompt")
    if prompt is None:
        missing("prompt", "'prompt' is required: say what the picture should show.")
    fields.refuse_any(
        _INPUTS,
        "is not taken here.",
        "To work from pictures, post them to /v1/chat/completions as image_url parts of the message.",
    )
    values = picture_values(fields.over(fields.section("image_config")))
    # OpenAI's clients name a format as a matter of course, and few models let it be chosen: the answer says
    # which one it is.
    values.pop("output_format", None)
    request = MediaRequest(
        modality=Modality.IMAGE,
        model=fields.text("model") or DEFAULT_MODEL,
        turns=(Turn(role=Role.CLIENT, parts=(Part(text=prompt),)),),
        modalities=("image",),
        extra=extra_values(fields),
        **values,
    )
    return Ask(
        request=request,
        wants=Wants.STREAM if fields.flag("stream") else Wants.RESULT,
        delivery=fields.choice(_FORMS, "response_format") or "data",
    )


def render(ask: Ask, view: View) -> Answer:
    """The pictures, or the error, once the job has ended."""
    error = unfinished(view)
    if error is not None:
        return render_failure(view, error)
    made = assets(view)
    body: dict[str, JSON] = {
        "created": int(view.completed_at or view.created_at),
        "data": [_entry(asset, ask.delivery) for asset in made],
        "usage": _usage(view),
        "filmgate": job_facts(view, whole=True),
    }
    if made:
        body["output_format"] = _format(made[0])
        if made[0].width and made[0].height:
            body["size"] = _size(made[0])
    return Answer(status=200, body=body)


def render_event(_ask: Ask, view: View, event: Event) -> Sequence[ServerEvent]:
    """One `completed` event a picture at the end: Google's models give no partial pictures."""
    if not isinstance(event, Finished):
        return ()
    error = unfinished(view)
    if error is not None:
        failed = {
            "type": "error",
            "error": error_object(error),
            "filmgate": job_facts(view) | error_facts(error),
        }
        return (ServerEvent(name="error", data=failed),)
    return [_completed(view, asset) for asset in assets(view)]


def _completed(view: View, asset: Asset) -> ServerEvent:
    # Strict clients require each of these fields (openai_wire.md 2.3).
    data = {
        "type": "image_generation.completed",
        "b64_json": asset.data,
        "created_at": int(view.completed_at or view.created_at),
        "size": _size(asset),
        "quality": "auto",
        "background": "auto",
        "output_format": _format(asset),
        "usage": _usage(view),
        "filmgate": job_facts(view, whole=True),
    }
    return ServerEvent(name="image_generation.completed", data=data)


def _entry(asset: Asset, delivery: str) -> dict[str, JSON]:
    media_type = asset.mime_type or "image/png"
    if asset.data and not (delivery == "url" and link(asset)):
        return {"b64_json": asset.data, "media_type": media_type}
    return {"url": link(asset), "media_type": media_type}


def _format(asset: Asset) -> str:
    return asset.mime_type.removeprefix("image/") or "png"


def _size(asset: Asset) -> str:
    return f"{asset.width}x{asset.height}" if asset.width and asset.height else "auto"


def _usage(view: View) -> dict[str, JSON]:
    # Both names for each number: OpenRouter's clients read the last two (openai_wire.md 2.2).
    usage = usage_of(view)
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"image_tokens": 0, "text_tokens": usage.input_tokens},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {
            "image_tokens": usage.image_tokens,
            "text_tokens": max(0, usage.output_tokens - usage.image_tokens),
        },
        "total_tokens": usage.total_tokens,
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
    }


def render_error(error: MediaError) -> Answer:
    """The answer for a request that never became a job."""
    return _openai.render_error(in_own_words(error, _OWN_NAMES))


_OWN_NAMES = (("image_config.image_size", "size"), ("image_config.", ""))

DIALECT = Dialect(
    name="openai-images",
    parse=parse,
    render=render,
    render_event=render_event,
    render_error=render_error,
)
