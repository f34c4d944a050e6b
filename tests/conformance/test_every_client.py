"""What every client dialect must do, whatever its shape."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from translators.canonical import (
    JSON,
    Asset,
    MediaRequest,
    MediaResult,
    Modality,
    Status,
    Usage,
    request_from_json,
    request_to_json,
    with_modality,
)
from translators.clients import DIALECTS, ENDPOINTS
from translators.clients.base import Ask, Dialect, Kind, ServerEvent, View
from translators.errors import Billed, Fault, MediaError
from translators.progress import Accepted, AssetReady, Event, Finished, Progress, TextDelta, UsageKnown

# A body that each dialect takes. A new dialect adds its own line.
BODIES: dict[str, dict[str, JSON]] = {
    "openai-chat": {"model": "m", "messages": [{"role": "user", "content": "A lake"}]},
    "openai-images": {"prompt": "A lake"},
    "openai-videos": {"prompt": "A lake"},
}
MODALITIES = {
    "openai-chat": list(Modality),
    "openai-images": [Modality.IMAGE],
    "openai-videos": [Modality.VIDEO],
}
ASSETS = {
    Modality.IMAGE: Asset(id="asset_1", mime_type="image/png", data="MARKER1", url="http://h/files/asset_1"),
    Modality.VIDEO: Asset(id="asset_2", mime_type="video/mp4", data="MARKER2", url="http://h/files/asset_2"),
}
WORDS = [
    "model", "messages", "role", "user", "assistant", "system", "content", "type", "text", "image_url", "url",
    "modalities", "image", "video", "video_config", "image_config", "duration_seconds", "size", "n", "seed",
    "prompt", "stream", "stream_options", "extra", "extra_body", "google", "labels", "last_frame", "images",
    "input_reference", "file_id", "response_format", "output_format", "delivery", "1280x720", "1:1", "auto",
    "data:image/png;base64,AAAA", "data:", "https://h/a.png", "gs://b/o", "asset_1", "8s", "true", "", " ",
]  # fmt: skip
ATOMS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(WORDS)
)
BODY = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=25,
)

every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
every_kind = pytest.mark.parametrize(
    ("dialect", "modality"),
    [
        pytest.param(DIALECTS[name], modality, id=f"{name}-{modality.value}")
        for name, modalities in MODALITIES.items()
        for modality in modalities
    ],
)


def job(dialect: Dialect, modality: Modality, status: Status, **values: Any) -> tuple[Ask, View]:
    ask = dialect.parse(BODIES[dialect.name])
    ask = replace(ask, request=with_modality(ask.request, modality), include_usage=True)
    given: dict[str, Any] = {
        "upstream": "vertex/a",
        "served_model": "served",
        "created_at": 1_795_000_000.5,
    } | values
    if status is Status.SUCCEEDED:
        given["result"] = MediaResult(assets=(ASSETS[modality],), text="Words.", usage=Usage(input_tokens=3))
    return ask, View(id=f"{modality.value}_1", status=status, request=ask.request, **given)


def parsed(dialect: Dialect, body: JSON) -> MediaRequest | MediaError:
    try:
        return dialect.parse(body).request
    except MediaError as error:
        return error


def documents(events: Iterator[ServerEvent]) -> list[JSON]:
    return [event.data for event in events if event.data is not None]


def all_events(modality: Modality) -> list[Event]:
    return [
        Accepted(),
        Progress(message="At work."),
        TextDelta(text="a"),
        TextDelta(text="b", thought=True),
        AssetReady(asset=ASSETS[modality], index=0),
        UsageKnown(usage=Usage(input_tokens=1)),
        Finished(),
    ]


def test_the_tables_name_the_same_dialects() -> None:
    assert all(name == dialect.name for name, dialect in DIALECTS.items())
    assert (
        {endpoint.dialect.name for endpoint in ENDPOINTS} == set(DIALECTS) == set(BODIES) == set(MODALITIES)
    )


def test_no_two_endpoints_answer_the_same_request() -> None:
    routes = [(endpoint.method, endpoint.path) for endpoint in ENDPOINTS]
    assert len(set(routes)) == len(routes)
    assert all(path.startswith("/") for _, path in routes)


def test_every_endpoint_has_what_its_kind_needs() -> None:
    for endpoint in ENDPOINTS:
        assert ("{id}" in endpoint.path) == (endpoint.kind in (Kind.RETRIEVE, Kind.CONTENT))
        assert endpoint.kind is not Kind.RETRIEVE or endpoint.dialect.render_view
        assert endpoint.kind is not Kind.LIST or (endpoint.dialect.render_page and endpoint.dialect.lists)


@every_dialect
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODY, more=st.dictionaries(st.sampled_from(WORDS), BODY, max_size=4))
def test_a_body_is_parsed_or_refused(dialect: Dialect, body: JSON, more: dict[str, JSON]) -> None:
    for candidate in (body, BODIES[dialect.name] | more):
        outcome = parsed(dialect, candidate)
        if isinstance(outcome, MediaError):
            assert outcome.fault is Fault.INVALID_REQUEST
            assert outcome.code
            assert dialect.render_error(outcome).status == 400
        else:
            assert request_from_json(json.loads(json.dumps(request_to_json(outcome)))) == outcome


@every_dialect
@pytest.mark.parametrize("fault", Fault)
def test_every_fault_is_told(dialect: Dialect, fault: Fault) -> None:
    for billed in (None, *Billed):
        error = MediaError(fault, "It failed.", "Do this.", billed=billed, retry_after=2.5)
        answer = dialect.render_error(error)
        assert 400 <= answer.status < 600
        assert set(answer.body["error"]) == {"message", "type", "param", "code"}
        assert answer.body["error"]["message"] == str(error)
        assert answer.headers["retry-after"] == "3"
        assert billed is None or answer.headers["x-should-retry"] == "false"


@every_kind
@pytest.mark.parametrize("status", Status)
def test_every_status_is_told_with_the_job(dialect: Dialect, modality: Modality, status: Status) -> None:
    ask, view = job(dialect, modality, status)
    answer = dialect.render(ask, view)
    json.dumps(answer.body, allow_nan=False)
    assert answer.body["filmgate"]["job"] == view.id
    assert answer.body["filmgate"]["status"] == status.value
    assert (status is Status.SUCCEEDED) <= (answer.status == 200)


@every_kind
def test_an_asked_model_is_told_beside_the_served_one(dialect: Dialect, modality: Modality) -> None:
    ask, view = job(dialect, modality, Status.SUCCEEDED)
    body = dialect.render(ask, view).body
    assert body["filmgate"]["model"] == "served"
    assert body.get("model", ask.request.model) == ask.request.model


@every_kind
@pytest.mark.parametrize("fault", Fault)
def test_a_failed_job_is_told_in_answer_and_stream(
    dialect: Dialect, modality: Modality, fault: Fault
) -> None:
    error = MediaError(fault, "It failed.", billed=Billed.UNKNOWN, reason="WHY")
    ask, view = job(dialect, modality, Status.FAILED, error=error)
    told = json.dumps(dialect.render(ask, view).body)
    assert "It may have been billed." in told
    assert "WHY" in told
    stream = list(dialect.render_event(ask, view, Finished()))
    assert not stream or "It may have been billed." in json.dumps(documents(iter(stream)))


@every_kind
@pytest.mark.parametrize("status", [Status.WAITING, Status.SUCCEEDED, Status.UNCERTAIN])
def test_every_event_is_sent_as_json_with_the_job(
    dialect: Dialect, modality: Modality, status: Status
) -> None:
    ask, view = job(dialect, modality, status, progress=50, eta_seconds=12.5)
    for event in all_events(modality):
        for sent in dialect.render_event(ask, view, event):
            # An event without data breaks SDKs (openai_wire.md 3.4).
            assert sent.data or sent.text
            assert "\n" not in sent.text + sent.name
            if sent.data:
                json.dumps(sent.data, allow_nan=False)
                assert sent.data["filmgate"]["job"] == view.id


@every_kind
def test_media_data_pass_untouched_and_once(dialect: Dialect, modality: Modality) -> None:
    ask, view = job(dialect, modality, Status.SUCCEEDED)
    assert json.dumps(dialect.render(ask, view).body).count(ASSETS[modality].data) <= 1
    stream = [sent for event in all_events(modality) for sent in dialect.render_event(ask, view, event)]
    assert json.dumps(documents(iter(stream))).count(ASSETS[modality].data) <= 1
