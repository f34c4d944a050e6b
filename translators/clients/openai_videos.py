"""OpenAI's videos API: POST and GET /v1/videos, answered at once with a Video object to come back for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from translators.canonical import JSON, MediaInput, MediaRequest, Modality, Part, Role, Status, Turn
from translators.clients import _openai
from translators.clients._fields import Fields, fields_of, missing, refuse
from translators.clients._media_fields import delivery, extra_values, film_values
from translators.clients._media_values import media_value
from translators.clients._openai import assets, error_facts, error_object, failure, in_own_words, job_facts
from translators.clients._sizes import film_pixels
from translators.clients.base import Answer, Ask, Dialect, Page, ServerEvent, View, Wants
from translators.errors import MediaError
from translators.progress import Event

DEFAULT_MODEL = "sora-2"

_STATUSES: Final = {
    Status.QUEUED: "queued",
    Status.RUNNING: "in_progress",
    Status.WAITING: "in_progress",
    Status.SUCCEEDED: "completed",
    Status.FAILED: "failed",
    Status.CANCELLED: "failed",
    Status.EXPIRED: "failed",
    Status.UNCERTAIN: "failed",
}
_POLL_MS = {"low": 1_000, "usual": 5_000, "high": 10_000}


def parse(body: JSON) -> Ask:
    """The request behind a body of `POST /v1/videos`. Raises MediaError."""
    fields = fields_of(body)
    prompt = fields.text("prompt")
    if prompt is None:
        missing("prompt", "'prompt' is required: say what the film should show.")
    config = fields.over(fields.section("video_config"))
    values = film_values(config)
    reference = _input_reference(fields)
    if reference is not None:
        if "first_frame" in values:
            refuse(
                "invalid_value",
                "input_reference",
                "'input_reference' and 'image' both give the first frame.",
                "Give one of them.",
            )
        values["first_frame"] = reference
    request = MediaRequest(
        modality=Modality.VIDEO,
        model=fields.text("model") or DEFAULT_MODEL,
        turns=(Turn(role=Role.CLIENT, parts=(Part(text=prompt),)),),
        modalities=("video",),
        extra=extra_values(fields),
        **values,
    )
    return Ask(request=request, wants=Wants.RECEIPT, delivery=delivery(config))


def _input_reference(fields: Fields) -> MediaInput | None:
    found = fields.given("input_reference")
    return media_value(found[1], found[0]) if found else None


def render(_ask: Ask, view: View) -> Answer:
    """The receipt: the job's Video object."""
    return render_view(view)


def render_view(view: View) -> Answer:
    """The job's Video object, and when to ask again if it is not done yet."""
    headers = {} if view.status.ended else {"openai-poll-after-ms": str(_poll_after_ms(view))}
    return Answer(status=200, body=video_object(view), headers=headers)


def render_page(page: Page) -> Answer:
    """A page of the list of jobs."""
    body = {
        "object": "list",
        "data": [video_object(view) for view in page.views],
        "first_id": page.views[0].id if page.views else None,
        "last_id": page.views[-1].id if page.views else None,
        "has_more": page.has_more,
    }
    return Answer(status=200, body=body)


def render_event(_ask: Ask, _view: View, _event: Event) -> Sequence[ServerEvent]:
    """None: this dialect has no stream."""
    return ()


def video_object(view: View) -> dict[str, JSON]:
    """OpenAI's Video object, all thirteen fields, and ours. reference: openai_wire.md 1.3."""
    error = failure(view)
    facts = job_facts(view, whole=True)
    told: dict[str, JSON] = {}
    if error is not None:
        facts |= error_facts(error)
        told = error_object(error)
    return {
        "id": view.id,
        "object": "video",
        "model": view.request.model,
        "status": _STATUSES[view.status],
        "progress": 100 if view.status is Status.SUCCEEDED else min(view.progress, 99),
        "created_at": int(view.created_at),
        "completed_at": _whole(view.completed_at),
        "expires_at": _whole(view.expires_at),
        "prompt": view.request.prompt or None,
        "size": _size(view),
        "seconds": _seconds(view),
        "remixed_from_video_id": None,
        "error": None if error is None else {name: told[name] for name in ("code", "message")},
        "filmgate": facts,
    }


def _size(view: View) -> str:
    made = assets(view)
    if made and made[0].width and made[0].height:
        return f"{made[0].width}x{made[0].height}"
    return film_pixels(view.request.aspect_ratio, view.request.resolution)


def _seconds(view: View) -> str:
    made = assets(view)
    length = made[0].duration_seconds if made else 0.0
    # Veo makes films of 8 seconds unless asked otherwise.
    return str(round(length) or view.request.duration_seconds or 8)


def _poll_after_ms(view: View) -> int:
    if view.eta_seconds is None:
        return _POLL_MS["usual"]
    return int(min(max(view.eta_seconds * 1000, _POLL_MS["low"]), _POLL_MS["high"]))


def _whole(moment: float | None) -> int | None:
    return None if moment is None else int(moment)


def render_error(error: MediaError) -> Answer:
    """The answer for a request that never became a job."""
    return _openai.render_error(in_own_words(error, _OWN_NAMES))


_OWN_NAMES = (("video_config.duration_seconds", "seconds"), ("video_config.", ""))

DIALECT = Dialect(
    name="openai-videos",
    parse=parse,
    render=render,
    render_event=render_event,
    render_error=render_error,
    render_view=render_view,
    render_page=render_page,
    lists=Modality.VIDEO,
)
