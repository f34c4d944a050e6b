"""OpenAI's chat completions with pictures and films in the answer: POST /v1/chat/completions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from translators.canonical import JSON, Asset, MediaRequest, Modality, with_modality
from translators.clients._chat_messages import read_messages
from translators.clients._fields import Fields, fields_of, missing, wrong_value
from translators.clients._media_fields import (
    delivery,
    extra_values,
    film_values,
    picture_values,
    shared_values,
)
from translators.clients._openai import (
    asset_facts,
    assets,
    data_uri,
    error_facts,
    error_object,
    job_facts,
    link,
    render_error,
    render_failure,
    unfinished,
    usage_of,
)
from translators.clients.base import Answer, Ask, Dialect, ServerEvent, View, Wants
from translators.errors import Fault, MediaError
from translators.progress import Accepted, AssetReady, Event, Finished, Progress, TextDelta

_MODALITIES: Final = ("text", "image", "video")
_DONE: Final = ServerEvent(text="[DONE]")

# How each modality is shown: the field of the message, the type of its entries, the MIME type when unknown,
# the markdown of the text fallback, and the habit of delivery when not streamed and when streamed. A film's
# data URI in one event is more than common clients can read (openai_wire.md 3.4).
_SHOWN: Final[Mapping[Modality, dict[str, str]]] = {
    Modality.IMAGE: {
        "field": "images", "type": "image_url", "mime_type": "image/png", "markdown": "![image]({})",
        "whole": "data", "streamed": "data",
    },
    Modality.VIDEO: {
        "field": "videos", "type": "video_url", "mime_type": "video/mp4", "markdown": "[video]({})",
        "whole": "data", "streamed": "url",
    },
}  # fmt: skip


def parse(body: JSON) -> Ask:
    """The request behind a body of `/v1/chat/completions`. Raises MediaError.

    Where the client does not name an output kind, `modalities` is empty and the modality a guess: the model's
    own decides, and whoever knows the model puts it in place by `with_modality`.
    """
    fields = fields_of(body)
    model = fields.text("model")
    if model is None:
        missing("model", "'model' is required: the id of a model or alias.")
    system, turns = read_messages(fields)
    modalities = _modalities(fields)
    film, picture = fields.section("video_config"), fields.section("image_config")
    modality = _modality(modalities, has_film=bool(film.layers))
    request = MediaRequest(
        modality=modality,
        model=model,
        turns=turns,
        system=system,
        modalities=modalities,
        extra=extra_values(fields),
        **_settings(fields, film, picture, modality),
    )
    if not turns[-1].parts and request.first_frame is None:
        missing("messages", "The last message is empty: give it a text that says what to make, or a picture.")
    if modality is Modality.VIDEO and modalities:
        request = with_modality(request, modality)
    config = film.over(picture) if modality is Modality.VIDEO else picture.over(film)
    return Ask(
        request=request,
        wants=Wants.STREAM if fields.flag("stream") else Wants.RESULT,
        delivery=delivery(config),
        include_usage=bool(fields.section("stream_options").flag("include_usage")),
    )


def _modalities(fields: Fields) -> tuple[str, ...]:
    asked = tuple(word.lower() for word in fields.texts("modalities"))
    for index, word in enumerate(asked):
        if word not in _MODALITIES:
            wrong_value(f"modalities[{index}]", 'one of "text", "image" and "video"', word)
    return asked if "image" in asked or "video" in asked else ()


def _modality(modalities: tuple[str, ...], *, has_film: bool) -> Modality:
    film = "video" in modalities or (not modalities and has_film)
    return Modality.VIDEO if film else Modality.IMAGE


def _settings(fields: Fields, film: Fields, picture: Fields, modality: Modality) -> dict[str, Any]:
    # Both are read whatever is wanted, so that a mistake in either is told; the wanted kind's win.
    settings = [picture_values(picture), film_values(film)]
    if modality is Modality.IMAGE:
        settings.reverse()
    return shared_values(fields) | settings[0] | settings[1]


def render(ask: Ask, view: View) -> Answer:
    """The completion with its media, a refusal told as one, or the error, once the job has ended."""
    error = unfinished(view)
    if error is not None and error.fault is not Fault.CONTENT_REFUSED:
        return render_failure(view, error)
    shown = _SHOWN[view.modality]
    message: dict[str, JSON] = {"role": "assistant", "content": _content(view), "refusal": None}
    facts = job_facts(view, whole=True)
    if error is not None:
        message["content"] = message["refusal"] = refusal_text(error)
        facts["error"] = error_object(error) | error_facts(error)
    else:
        how = ask.delivery or shown["whole"]
        message[shown["field"]] = [
            _entry(view.modality, asset, index, how) for index, asset in enumerate(assets(view))
        ]
    choice = {
        "index": 0,
        "message": message,
        "finish_reason": "content_filter" if error else "stop",
        "logprobs": None,
    }
    body = {
        **_head(view, "chat.completion"),
        "choices": [choice],
        "usage": _usage(view),
        "filmgate": facts,
    }
    return Answer(status=200, body=body)


def refusal_text(error: MediaError) -> str:
    """What a person reads when the provider refused: what happened, and the provider's own word for it."""
    text = str(error)
    return text if not error.reason or error.reason in text else f"{text} Reason: {error.reason}"


def render_event(ask: Ask, view: View, event: Event) -> Sequence[ServerEvent]:
    """The chunks for one event of a stream; all of one stream have the same id, time and model."""
    match event:
        case Accepted():
            return (_chunk(view, {"role": "assistant", "content": ""}),)
        case Progress():
            return (_progress(view, event.message),)
        case TextDelta():
            return (_chunk(view, {"reasoning_content" if event.thought else "content": event.text}),)
        case AssetReady():
            return (_asset_ready(ask, view, event),)
        case Finished():
            return _finished(ask, view)
        case _:
            return ()


def _progress(view: View, message: str) -> ServerEvent:
    pieces = [message]
    if view.progress:
        pieces.append(f"{view.progress} % (estimate)")
    if view.eta_seconds is not None:
        pieces.append(f"about {max(1, round(view.eta_seconds))} s left (estimate)")
    if len(pieces) > 1:
        pieces[0] = pieces[0].rstrip(". ")
    return _chunk(view, {"reasoning_content": f"{', '.join(pieces)}\n"})


def _asset_ready(ask: Ask, view: View, event: AssetReady) -> ServerEvent:
    shown = _SHOWN[view.modality]
    entry = _entry(view.modality, event.asset, event.index, ask.delivery or shown["streamed"])
    delta: dict[str, JSON] = {shown["field"]: [entry]}
    if link(event.asset):
        delta["content"] = f"\n{shown['markdown'].format(link(event.asset))}\n"
    return _chunk(view, delta)


def _finished(ask: Ask, view: View) -> Sequence[ServerEvent]:
    error = unfinished(view)
    if error is not None and error.fault is not Fault.CONTENT_REFUSED:
        failed = {"error": error_object(error), "filmgate": job_facts(view) | error_facts(error)}
        return (ServerEvent(data=failed), _DONE)
    facts = job_facts(view, whole=True)
    chunks = []
    if error is not None:
        text = refusal_text(error)
        facts["error"] = error_object(error) | error_facts(error)
        chunks.append(_chunk(view, {"content": text, "refusal": text}))
    chunks.append(_chunk(view, {}, finish_reason="content_filter" if error else "stop", facts=facts))
    if ask.include_usage:
        count = {**_head(view, "chat.completion.chunk"), "choices": [], "usage": _usage(view)}
        chunks.append(ServerEvent(data={**count, "filmgate": job_facts(view)}))
    return (*chunks, _DONE)


def _head(view: View, kind: str) -> dict[str, JSON]:
    return {
        "id": f"chatcmpl-{view.id}",
        "object": kind,
        "created": int(view.created_at),
        "model": view.request.model,
    }


def _chunk(
    view: View,
    delta: dict[str, JSON],
    finish_reason: str | None = None,
    facts: dict[str, JSON] | None = None,
) -> ServerEvent:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
    chunk = {**_head(view, "chat.completion.chunk"), "choices": [choice]}
    return ServerEvent(data={**chunk, "filmgate": facts or job_facts(view)})


def _entry(modality: Modality, asset: Asset, index: int, how: str) -> dict[str, JSON]:
    shown = _SHOWN[modality]
    uri = data_uri(asset, shown["mime_type"])
    url = link(asset) or uri if how == "url" else uri
    facts = asset_facts(asset)
    facts.pop("url", None)
    if "id" in facts:
        facts["asset"] = facts.pop("id")
    # The index keeps SDKs from gluing entries together (openai_wire.md 3.3).
    return {"type": shown["type"], "index": index, shown["type"]: {"url": url}, **facts}


def _content(view: View) -> str:
    markdown = _SHOWN[view.modality]["markdown"]
    lines = [markdown.format(link(asset)) for asset in assets(view) if link(asset)]
    words = view.result.text.strip() if view.result else ""
    return "\n\n".join(piece for piece in (words, "\n".join(lines)) if piece)


def _usage(view: View) -> dict[str, JSON]:
    usage = usage_of(view)
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "image_tokens": usage.image_tokens,
        },
    }


DIALECT = Dialect(
    name="openai-chat",
    parse=parse,
    render=render,
    render_event=render_event,
    render_error=render_error,
)
