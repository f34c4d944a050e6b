"""What goes over the wire to Google is what Google's own SDK sends: the captured requests are the judge."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest

from tests.demo import KEY, Json, serving
from tests.recorder import Recorder, recording
from tests.translators.upstreams.vectors import cases

API_KEY, TOKEN = "AIza-recorded-key", "ya29.recorded-token"
SETTINGS = {"count": "sample_count", "first_frame": "image"}

CAPTURED = [
    pytest.param(wire, name, id=name)
    for wire in ("veo", "gemini-image")
    for name, case in cases(wire).items()
    if name.startswith("start_")
    and str(case.get("from", "")).startswith("captured")
    and not case["request"].get("extra")
    and "audio" not in case["request"].get("modalities", ())
]


def standard(value: Any, name: str = "") -> Any:
    """The same JSON with its pictures in the standard alphabet of base64: Google's SDK has the other one."""
    if isinstance(value, dict):
        return {key: standard(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [standard(item) for item in value]
    return value.translate(str.maketrans("-_", "+/")) if name == "data" else value


def media(item: Json) -> str:
    return str(item.get("uri") or f"data:{item['mime_type']};base64,{standard(item)['data']}")


def message(turn: Json) -> Json:
    parts = [
        {"type": "image_url", "image_url": {"url": media(part["media"])}}
        if part.get("media")
        else {"type": "text", "text": part["text"]}
        for part in turn["parts"]
    ]
    return {"role": "user" if turn["role"] == "client" else "assistant", "content": parts}


def chat_of(case: Json) -> Json:
    """The chat completion that says what the case's request says."""
    request = dict(case["request"])
    modality = request.pop("modality")
    body: Json = {"messages": [message(turn) for turn in request.pop("turns")]}
    if system := request.pop("system", ""):
        body["messages"].insert(0, {"role": "system", "content": system})
    body["modalities"] = list(request.pop("modalities", ()) or [modality])
    body["model"] = case["facts"]["model"]
    body["stream"] = bool(case.get("stream"))
    del request["model"]
    settings = {SETTINGS.get(name, name): value for name, value in request.items()}
    for name in ("image", "last_frame"):
        if name in settings:
            settings[name] = media(settings[name])
    return body | {f"{modality}_config": settings}


def upstream_for(facts: Json, base_url: str) -> Json:
    """The configuration of the upstream at which the case's request was captured."""
    express = facts["platform"] == "vertex" and not facts.get("project")
    keyed = express or facts["platform"] == "gemini"
    place = {name: facts[name] for name in ("project", "location") if facts.get(name)}
    return {
        "platform": facts["platform"],
        "base_url": base_url,
        "api_version": facts["api_version"],
        "models": [facts["model"]],
        "credentials": [{"api_key": API_KEY} if keyed else {"access_token": TOKEN}],
        **place,
    }


class Places:
    """One Filmgate for each kind of upstream in the cases."""

    def __init__(self, stack: ExitStack, factory: pytest.TempPathFactory, recorder: Recorder) -> None:
        self._stack = stack
        self._factory = factory
        self._urls: dict[str, str] = {}
        self.recorder = recorder

    def send(self, case: Json) -> None:
        upstream = upstream_for(case["facts"], self.recorder.base_url)
        if str(upstream) not in self._urls:
            document = {"upstreams": {"google": upstream}}
            url = self._stack.enter_context(serving(self._factory.mktemp("place"), document))
            self._urls[str(upstream)] = url
        answer = httpx2.post(
            self._urls[str(upstream)] + "/v1/chat/completions",
            json=chat_of(case),
            headers={"authorization": f"Bearer {KEY}"},
            trust_env=False,
        )
        assert answer.status_code == (200 if case.get("stream") else 400), answer.text
        assert "Recorded." in answer.text


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    with ExitStack() as stack:
        recorder = stack.enter_context(recording())
        yield Places(stack, tmp_path_factory, recorder)


@pytest.mark.parametrize(("wire", "name"), CAPTURED)
def test_call_is_as_captured(places: Places, wire: str, name: str) -> None:
    case = cases(wire)[name]
    expected: dict[str, Any] = case["expect"]["call"]
    places.send(case)
    got = places.recorder.last()
    assert (got.method, got.target) == (expected["method"], expected["path"])
    assert got.document == standard(expected["body"])
    assert got.headers["content-type"] == "application/json"
    keyed = case["facts"]["platform"] == "gemini" or not case["facts"].get("project")
    credential = {"x-goog-api-key": API_KEY} if keyed else {"authorization": f"Bearer {TOKEN}"}
    assert {
        header: value
        for header, value in got.headers.items()
        if header in ("x-goog-api-key", "authorization", "x-api-key", "cookie")
    } == credential
    assert API_KEY not in got.target
    assert TOKEN not in got.target
    assert KEY not in str(got)


def test_every_kind_of_place_is_among_the_cases() -> None:
    names = {str(case.values[1]) for case in CAPTURED}
    assert {name.rpartition("__")[2] for name in names} >= {"mldev", "vertex", "vertex_global", "express"}
    assert {"start_all_vertex_options__vertex", "start_first_last_frame__vertex"} <= names
