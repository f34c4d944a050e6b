"""Veo over predictLongRunning, on the Gemini API and on Vertex AI: submit, poll, fetch each film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace

from translators.canonical import JSON, Asset, MediaRequest, MediaResult
from translators.errors import Billed, Fault, MediaError, error_from_json, error_to_json
from translators.facts import Facts
from translators.steps import Call, Done, Fail, Reply, Send, State, Step, Wait
from translators.upstreams._google import VERTEX, model_path, operation_model
from translators.upstreams._google_advice import AUDIO_ADVICE, FAULT_ADVICE, FETCH_ADVICE, safety_categories
from translators.upstreams._google_envelope import phrase, sentence
from translators.upstreams._google_faults import Asked, failed_operation, lost_answer, refusal, unusable
from translators.upstreams._json import as_count, as_list, as_object, as_text
from translators.upstreams._veo_films import Film, Filtered, fetch_call, films_in, filtered_in
from translators.upstreams._veo_request import body_of
from translators.upstreams.base import Upstream

POLL_SECONDS = 10.0
"""How long to wait between polls, as Google's samples do; the engine may know better."""

UNREADABLE_POLLS = 5
"""How many unreadable answers in a row end a job: a page of some proxy is no reason to lose a film."""

_ASSET_FIELDS = frozenset(item.name for item in fields(Asset))
_FILM_FIELDS = frozenset(item.name for item in fields(Film))


def start(request: MediaRequest, facts: Facts) -> Step:
    """The paid call. What the platform does not take is a Fail that names the one which does."""
    try:
        body = body_of(request, facts)
    except MediaError as error:
        return Fail(error=error)
    state = {
        "phase": "submit",
        "platform": facts.platform,
        "api_version": facts.api_version,
        "model": facts.model.id,
        "count": request.count,
    }
    call = Call(method="POST", path=model_path(facts, "predictLongRunning"), body=body)
    return Send(call=call, state=state, paid=True)


def advance(state: State, reply: Reply | None) -> Step:
    """The next step. Source of the replies' forms: Google's pages on Veo; google-genai's parsers."""
    phase = {"submit": _submit, "poll": _poll, "fetch": _fetch}.get(as_text(state.get("phase")))
    if phase is None:
        return _fail(Fault.INTERNAL, "The saved state of this Veo job cannot be read.", Billed.UNKNOWN)
    return phase(state, reply)


def _submit(state: State, reply: Reply | None) -> Step:
    model = as_text(state.get("model"))
    if reply is None:
        return Fail(error=lost_answer())
    if not 200 <= reply.status < 300:
        return Fail(error=refusal(reply, Asked.SUBMIT, model))
    operation = as_object(reply.body)
    name = as_text(operation.get("name"))
    if operation_model(as_text(state.get("platform")), name) is None:
        return Fail(error=unusable(reply, model, f"no operation is named {name}" if name else ""))
    waiting = {**state, "phase": "poll", "operation": name}
    return (
        _ended(waiting, operation)
        if operation.get("done") is True
        else Wait(state=waiting, seconds=POLL_SECONDS)
    )


def _poll(state: State, reply: Reply | None) -> Step:
    name = as_text(state.get("operation"))
    if reply is None:
        return Send(call=_poll_call(state, name), state=state)
    if not 200 <= reply.status < 300:
        return Fail(error=refusal(reply, Asked.POLL, name))
    if not isinstance(reply.body, dict):
        return _unreadable(state, reply, name)
    if reply.body.get("done") is True or isinstance(reply.body.get("error"), dict):
        return _ended(state, reply.body)
    readable = {key: value for key, value in state.items() if key != "unreadable"}
    return Wait(state=readable, seconds=POLL_SECONDS)


def _fetch(state: State, reply: Reply | None) -> Step:
    left = as_list(state.get("left"))
    if reply is None or not left:
        return _next(state)
    film = _film_from_json(left[0])
    rest = {**state, "left": left[1:]}
    if 200 <= reply.status < 300 and reply.asset:
        kept = replace(reply.asset, uri=film.uri, mime_type=reply.asset.mime_type or film.mime_type)
        return _next({**rest, "done": [*as_list(state.get("done")), _asset_to_json(kept)]})
    error = refusal(reply, Asked.FETCH, film.uri)
    return _next({**rest, "lost": [*as_list(state.get("lost")), error_to_json(error)]})


def _poll_call(state: State, name: str) -> Call:
    platform, version = as_text(state.get("platform")), as_text(state.get("api_version"))
    if platform != VERTEX:
        return Call(method="GET", path=f"/{version}/{name}")
    model = operation_model(platform, name) or ""
    return Call(method="POST", path=f"/{version}/{model}:fetchPredictOperation", body={"operationName": name})


def _unreadable(state: State, reply: Reply, name: str) -> Step:
    times = as_count(state.get("unreadable")) + 1
    if times < UNREADABLE_POLLS:
        return Wait(state={**state, "unreadable": times}, seconds=POLL_SECONDS)
    words = phrase(as_text(reply.body) or reply.text) or "nothing readable"
    message = f"Asked {times} times how the operation {name} stands, the provider said: {sentence(words)}"
    return _fail(Fault.BROKEN_ANSWER, message, Billed.UNKNOWN)


def _ended(state: State, operation: Mapping[str, JSON]) -> Step:
    if operation.get("error"):
        return Fail(error=failed_operation(operation["error"], as_text(state.get("model"))))
    response = as_object(operation.get("response"))
    films, filtered = films_in(response), filtered_in(response)
    if films:
        left = [asdict(film) for film in films]
        return _next({**state, "phase": "fetch", "left": left, "notes": _notes(state, len(films), filtered)})
    if filtered:
        return Fail(error=_filtered(filtered))
    inner = as_object(response.get("generateVideoResponse"))
    keys = phrase(", ".join(dict.fromkeys((*response, *inner)))) or "none"
    message = (
        f"The operation has ended without a film and without an error; the keys of its response are: {keys}."
    )
    return _fail(Fault.UPSTREAM_FAILED, message, Billed.UNKNOWN)


def _next(state: State) -> Step:
    """Fetch the first film that is left; films given as data need no fetching. With none left, the end."""
    left, done, lost = (as_list(state.get(name)) for name in ("left", "done", "lost"))
    while left:
        film = _film_from_json(left[0])
        if film.data:
            done = [*done, _asset_to_json(Asset(mime_type=film.mime_type, data=film.data, uri=film.uri))]
        else:
            call = fetch_call(film.uri, as_text(state.get("platform")), as_text(state.get("api_version")))
            if call:
                going = {**state, "left": left, "done": done, "lost": lost}
                return Send(call=replace(call, mime_type=film.mime_type), state=going)
            lost = [*lost, error_to_json(_unfetchable(film.uri))]
        left = left[1:]
    return _finished(state, done, [error_from_json(error) for error in lost])


def _finished(state: State, done: list[JSON], lost: list[MediaError]) -> Step:
    if lost and not done:
        return Fail(error=lost[0])
    notes = (
        *map(as_text, as_list(state.get("notes"))),
        *(f"{error.message} {error.advice}" for error in lost),
    )
    return Done(result=MediaResult(assets=tuple(_asset_from_json(item) for item in done), notes=notes))


def _notes(state: State, count: int, filtered: Filtered) -> list[str]:
    asked = as_count(state.get("count"))
    if filtered:
        held = max(filtered.count, asked - count, 1)
        reasons = filtered.reasons or "no reason given"
        return [f"The provider's safety filter held back {held} of {asked} films: {sentence(reasons)}"]
    return [f"The provider made {count} of the {asked} films asked for."] if count < asked else []


def _filtered(filtered: Filtered) -> MediaError:
    reasons = filtered.reasons or "no reason given"
    return MediaError(
        fault=Fault.CONTENT_REFUSED,
        message=f"The provider's safety filter held back the film: {sentence(reasons)}",
        advice=AUDIO_ADVICE if "audio" in reasons.lower() else FAULT_ADVICE[Fault.CONTENT_REFUSED],
        reason=safety_categories(reasons) or "SAFETY",
        billed=Billed.NO,
    )


def _unfetchable(uri: str) -> MediaError:
    return MediaError(
        fault=Fault.BROKEN_ANSWER,
        message=f"The film was made, but its link cannot be fetched: {sentence(phrase(uri))}",
        advice=FETCH_ADVICE,
        billed=Billed.YES,
    )


def _fail(fault: Fault, message: str, billed: Billed) -> Step:
    return Fail(
        error=MediaError(fault=fault, message=message, advice=FAULT_ADVICE.get(fault, ""), billed=billed)
    )


def _asset_to_json(asset: Asset) -> dict[str, JSON]:
    return {
        name: value for name, value in asdict(asset).items() if value is False or value not in (None, "", 0)
    }


def _asset_from_json(document: JSON) -> Asset:
    return Asset(**{name: value for name, value in as_object(document).items() if name in _ASSET_FIELDS})


def _film_from_json(document: JSON) -> Film:
    return Film(**{name: text for name, text in as_object(document).items() if name in _FILM_FIELDS})


VEO = Upstream(name="veo", start=start, advance=advance)
