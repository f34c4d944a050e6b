"""Pictures by Gemini's generateContent and streamGenerateContent, on the Gemini API and on Vertex AI."""

from __future__ import annotations

from dataclasses import replace

from translators.canonical import JSON, Asset, MediaRequest, MediaResult, Usage
from translators.errors import Billed, Fault, MediaError, error_from_json
from translators.facts import Facts
from translators.progress import Event
from translators.steps import Call, Done, Fail, Reply, Send, State, Step
from translators.upstreams._gemini_answer import gathered
from translators.upstreams._gemini_request import body_of, wanted_modalities
from translators.upstreams._google import model_path
from translators.upstreams._google_advice import FAULT_ADVICE
from translators.upstreams._google_envelope import phrase, sentence
from translators.upstreams._google_faults import Asked, lost_answer, refusal, unusable
from translators.upstreams._json import as_count, as_list, as_object, as_text
from translators.upstreams.base import Upstream

_REFUSING = frozenset((
    "SAFETY", "RECITATION", "LANGUAGE", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT", "IMAGE_OTHER", "IMAGE_RECITATION", "NO_IMAGE", "ESCALATION", "MODEL_ARMOR",
    "PUP_LIMITED_DISABLED",
))  # fmt: skip
"""The finish reasons that mean a refusal. Source: google-genai 3.4.0 and Vertex AI's discovery document."""

_IN_WORDS = frozenset(("", "STOP", "NO_IMAGE"))
"""The finish reasons after which the model's words say why there is no picture; words are charged."""

_MAX_TOKENS_ADVICE = "Ask for a simpler or smaller picture: the model's thoughts used up its tokens."


def start(request: MediaRequest, facts: Facts) -> Step:
    """The paid call for a whole answer."""
    return _start(request, facts, "generateContent", "generate")


def stream_start(request: MediaRequest, facts: Facts) -> Step:
    """The paid call for an answer as server-sent events; the picture comes whole, in one of them."""
    return _start(request, facts, "streamGenerateContent?alt=sse", "stream")


def _start(request: MediaRequest, facts: Facts, verb: str, phase: str) -> Step:
    try:
        body = body_of(request, facts)
    except MediaError as error:
        return Fail(error=error)
    state = {"phase": phase, "model": facts.model.id, "wanted": wanted_modalities(request)}
    call = Call(method="POST", path=model_path(facts, verb), body=body)
    return Send(call=call, state=state, paid=True, stream=phase == "stream")


def decode(state: State, event: JSON) -> tuple[State, list[Event]]:
    """One event of the stream: what it adds to the answer, and what a waiting client may be told."""
    seen, events = _gather(state, event)
    return {**state, "seen": seen}, events


def advance(state: State, reply: Reply | None) -> Step:
    """The end. Source of the answer's form: the Gemini API's reference on GenerateContentResponse."""
    model = as_text(state.get("model"))
    seen = as_object(state.get("seen"))
    if reply is None:
        return _concluded(state, seen, Reply(status=0)) if seen.get("assets") else Fail(error=lost_answer())
    if not 200 <= reply.status < 300 and not seen.get("assets"):
        return Fail(error=refusal(reply, Asked.SUBMIT, model))
    seen, _ = _gather(state, reply.body)
    return _concluded(state, seen, reply)


def _gather(state: State, body: JSON) -> tuple[dict[str, JSON], list[Event]]:
    """With one more body: a chunk, or the list of them that comes where server-sent events were refused."""
    seen, events = as_object(state.get("seen")), list[Event]()
    for chunk in as_list(body) or [body]:
        seen, more = gathered(seen, chunk, as_text(state.get("model")))
        events += more
    return seen, events


def _concluded(state: State, seen: dict[str, JSON], reply: Reply) -> Step:
    """A picture that has come is given, whatever happened after it: it is paid for."""
    assets = tuple(Asset(**asset) for asset in as_list(seen.get("assets")))
    words, finish = as_text(seen.get("text")), as_text(seen.get("finish"))
    only_words = "IMAGE" not in as_list(state.get("wanted")) and words and finish in ("", "STOP")
    if assets or (only_words and not seen.get("error")):
        notes = _notes(seen, streamed=state.get("phase") == "stream")
        usage = Usage(**seen["usage"]) if seen.get("usage") else None
        return Done(result=MediaResult(assets=assets, text=words, notes=notes, usage=usage))
    if seen.get("error"):
        error = error_from_json(seen["error"])
        partly = as_count(seen.get("chunks")) and error.fault is not Fault.CONTENT_REFUSED
        return Fail(error=replace(error, billed=Billed.UNKNOWN) if partly else error)
    cut = state.get("phase") == "stream" and not finish and not seen.get("blocked")
    if not as_count(seen.get("chunks")):
        return Fail(error=unusable(reply, as_text(state.get("model"))))
    if cut:
        return Fail(error=lost_answer())
    return Fail(error=_without_picture(seen))


def _notes(seen: dict[str, JSON], streamed: bool) -> tuple[str, ...]:
    finish = as_text(seen.get("finish"))
    if seen.get("error"):
        return (f"The provider broke off after this: {error_from_json(seen['error']).message}",)
    if finish not in ("", "STOP"):
        return (f"The provider stopped early, with the reason {finish}.",)
    return ("The provider's stream was cut off before its end.",) if streamed and not finish else ()


def _without_picture(seen: dict[str, JSON]) -> MediaError:
    blocked, finish = as_text(seen.get("blocked")), as_text(seen.get("finish"))
    words = phrase(as_text(seen.get("text")))
    if blocked:
        said = as_text(seen.get("blocked_message")) or blocked
        return _refused(f"The provider's safety filter refused the prompt: {said}", blocked, Billed.NO)
    if words and finish in _IN_WORDS:
        return _refused(
            f"The model answered in words instead of a picture: {words}", "NO_IMAGE", Billed.UNKNOWN
        )
    said = as_text(seen.get("finish_message")) or words or "no reason given"
    if finish in _REFUSING:
        billed = Billed.UNKNOWN if finish == "NO_IMAGE" else Billed.NO
        return _refused(f"The provider made no picture ({finish}): {said}", finish, billed)
    return MediaError(
        fault=Fault.UPSTREAM_FAILED,
        message=sentence(f"The answer ended without a picture ({finish or 'no finish reason'}): {said}"),
        advice=_MAX_TOKENS_ADVICE if finish == "MAX_TOKENS" else FAULT_ADVICE[Fault.UPSTREAM_FAILED],
        reason=finish,
        billed=Billed.UNKNOWN,
    )


def _refused(message: str, reason: str, billed: Billed) -> MediaError:
    return MediaError(
        fault=Fault.CONTENT_REFUSED,
        message=sentence(message),
        advice=FAULT_ADVICE[Fault.CONTENT_REFUSED],
        reason=reason,
        billed=billed,
    )


GEMINI_IMAGE = Upstream(
    name="gemini-image", start=start, advance=advance, stream_start=stream_start, decode=decode
)
