"""The golden files of the upstreams, and steps as the JSON that stands in them."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from translators.canonical import Asset, MediaRequest, Modality, request_from_json
from translators.errors import error_to_json
from translators.facts import Facts, ModelFacts
from translators.progress import AssetReady, Event
from translators.steps import Done, Fail, Reply, Send, State, Step, Wait
from translators.upstreams import UPSTREAMS

_NOTHING: tuple[Any, ...] = (None, "", (), {}, 0)

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "upstreams"


@cache
def cases(wire: str) -> dict[str, dict[str, Any]]:
    """Every case of a wire, by its name."""
    return {path.stem: json.loads(path.read_text()) for path in sorted((FOLDER / wire).glob("*.json"))}


def result_of(wire: str, case: dict[str, Any]) -> Any:
    """What the wire makes of the case: a step, or what is decoded from its events."""
    upstream = UPSTREAMS[wire]
    if "request" in case:
        begin = upstream.stream_start if case.get("stream") else upstream.start
        assert begin
        return step_to_json(begin(request_of(case), facts_of(case, wire)))
    if "events" in case:
        assert upstream.decode
        state, told = dict(case["state"]), list[Event]()
        for event in case["events"]:
            changed, more = upstream.decode(state, event)
            state, told = dict(changed), told + more
        return {"state": state, "told": [event_to_json(event) for event in told]}
    return step_to_json(upstream.advance(case["state"], reply_of(case["reply"])))


def request_of(case: dict[str, Any]) -> MediaRequest:
    return request_from_json(case["request"])


def facts_of(case: dict[str, Any], wire: str) -> Facts:
    facts = dict(case["facts"])
    model = ModelFacts(
        id=facts.pop("model"),
        wire=wire,
        modality=Modality(case["request"]["modality"]),
        platform=facts.pop("platform"),
    )
    return Facts(model=model, **facts)


def reply_of(document: dict[str, Any] | None) -> Reply | None:
    if document is None:
        return None
    asset = document.get("asset")
    return Reply(**{**document, "asset": Asset(**asset) if asset else None})


def step_to_json(step: Step) -> dict[str, Any]:
    match step:
        case Send(call=call, state=state, paid=paid, stream=stream):
            known = {name: value for name, value in asdict(call).items() if value not in (None, "", False)}
            marks = {name: True for name, set_ in (("paid", paid), ("stream", stream)) if set_}
            return plain({"step": "send", "call": known, "state": state, **marks})
        case Wait(state=state, seconds=seconds):
            return plain({"step": "wait", "seconds": seconds, "state": state})
        case Done(result=result):
            return plain({"step": "done", "result": _short(asdict(result))})
        case Fail(error=error):
            return plain({"step": "fail", "error": error_to_json(error)})


def event_to_json(event: Event) -> dict[str, Any]:
    place = {"index": event.index} if isinstance(event, AssetReady) else {}
    return plain({"event": type(event).__name__, **_short(asdict(event)), **place})


def state_of(step: Step) -> State | None:
    return step.state if isinstance(step, Send | Wait) else None


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _short(item) for name, item in value.items() if item is False or item not in _NOTHING}
    return [_short(item) for item in value] if isinstance(value, list | tuple) else value


def plain(value: dict[str, Any]) -> dict[str, Any]:
    """As it comes back from a file, which also shows that it can be written into one."""
    read: dict[str, Any] = json.loads(json.dumps(value, allow_nan=False, ensure_ascii=False).encode())
    return read
