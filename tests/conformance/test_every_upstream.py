"""What must hold of every upstream wire alike."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.translators.upstreams.vectors import (
    cases,
    facts_of,
    plain,
    reply_of,
    request_of,
    result_of,
    state_of,
    step_to_json,
)
from translators.canonical import Asset
from translators.errors import Billed, Fault
from translators.steps import Done, Fail, Reply, Send, State, Step, Wait
from translators.upstreams import UPSTREAMS

WIRES = sorted(UPSTREAMS)

REQUIRED = (
    "error_rate_limit_retry_info",
    "error_rate_limit_per_day",
    "error_rate_limit_vertex_without_details",
    "error_bad_key_400",
    "error_expired_token_401",
    "error_service_disabled_403",
    "error_model_404",
    "error_html_502",
    "error_empty_500",
    "error_array_wrapped_error",
    "error_string_code",
    "error_overloaded_503",
    "error_deadline_504",
    "error_submit_lost",
    "error_submit_html_200",
    "error_submit_garbage_200",
    "error_submit_empty_200",
)

FAULTS = {
    400: Fault.INVALID_REQUEST,
    401: Fault.CREDENTIAL_REFUSED,
    403: Fault.CREDENTIAL_REFUSED,
    404: Fault.UNKNOWN_MODEL,
    409: Fault.UPSTREAM_REFUSED,
    413: Fault.BODY_TOO_LARGE,
    429: Fault.RATE_LIMITED,
    499: Fault.UNCERTAIN,
    500: Fault.UPSTREAM_FAILED,
    502: Fault.UPSTREAM_FAILED,
    503: Fault.OVERLOADED,
    504: Fault.UNCERTAIN,
}

SECRET = "AIzaSyCanary-Canary-Canary-Canary-Cana"

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = (
    "name", "done", "error", "code", "message", "status", "details", "@type", "reason", "metadata",
    "fieldViolations", "violations", "quotaId", "errors", "retryDelay", "response", "generateVideoResponse",
    "generatedSamples", "videos", "predictions", "video", "uri", "gcsUri", "mimeType", "bytesBase64Encoded",
    "encodedVideo", "raiMediaFilteredCount", "raiMediaFilteredReasons", "candidates", "content", "parts",
    "text", "thought", "inlineData", "inline_data", "data", "finishReason", "finishMessage",
    "promptFeedback", "blockReason", "usageMetadata", "promptTokenCount", "candidatesTokensDetails",
    "tokenCount",
)  # fmt: skip
WORDS = (
    "models/m/operations/o", "gs://b/o", "gs://b", "https://[x", "https://h/files/a:download", "STOP",
    "SAFETY", "google.rpc.ErrorInfo", "google.rpc.RetryInfo", "12.3s", "\ud800", "<html>", "9" * 40,
)  # fmt: skip
likely = st.recursive(
    anything | st.sampled_from(WORDS) | st.just(True),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=25,
)
replies = st.builds(
    Reply,
    status=st.sampled_from([200, 200, 200, 204, 302, 400, 401, 403, 404, 413, 429, 499, 500, 503, 504]),
    headers=st.dictionaries(st.just("retry-after"), st.text(max_size=12), max_size=1),
    body=likely,
    text=st.text(max_size=60),
    asset=st.none() | st.builds(Asset, id=st.text(max_size=8), size=st.integers(0, 99)),
)


def starts(wire: str) -> list[dict[str, Any]]:
    return [case for case in cases(wire).values() if "request" in case and case["expect"]["step"] == "send"]


@cache
def states(wire: str) -> list[State]:
    """Every kind of state that the wire's vectors hold, each once."""
    return [json.loads(text) for text in dict.fromkeys(json.dumps(state) for state in _states(wire))]


def _states(wire: str) -> Iterator[State]:
    for case in cases(wire).values():
        found = (case.get("state"), case["expect"].get("state"))
        yield from (state for state in found if state)


def check(step: Step) -> None:
    assert isinstance(step, Send | Wait | Done | Fail)
    step_to_json(step)
    if isinstance(step, Send):
        assert step.call.path.startswith(("/", "http://", "https://"))
    if isinstance(step, Fail):
        assert step.error.message
        assert len(step.error.message) < 1600
        assert step.error.message.isprintable()


@pytest.mark.parametrize("wire", WIRES)
def test_its_name_is_its_place_in_the_table(wire: str) -> None:
    assert UPSTREAMS[wire].name == wire


@pytest.mark.parametrize("wire", WIRES)
def test_it_has_the_required_vectors(wire: str) -> None:
    missing = [name for name in REQUIRED if name not in cases(wire)]
    assert not missing
    assert all(case["from"] for case in cases(wire).values())


@pytest.mark.parametrize("wire", WIRES)
def test_its_first_call_is_the_paid_one(wire: str) -> None:
    for case in starts(wire):
        step = UPSTREAMS[wire].start(request_of(case), facts_of(case, wire))
        assert isinstance(step, Send)
        assert step.paid
        plain(dict(step.state))


@pytest.mark.parametrize("wire", WIRES)
def test_a_paid_call_is_never_sent_again(wire: str) -> None:
    for case in starts(wire):
        step = UPSTREAMS[wire].start(request_of(case), facts_of(case, wire))
        assert isinstance(step, Send)
        again = UPSTREAMS[wire].advance(step.state, None)
        assert isinstance(again, Fail)
        assert again.error.fault is Fault.UNCERTAIN


@pytest.mark.parametrize("wire", WIRES)
def test_the_state_alone_is_enough(wire: str) -> None:
    for state in states(wire):
        step = UPSTREAMS[wire].advance(json.loads(json.dumps(state)), None)
        check(step)
        assert not (isinstance(step, Send) and step.paid)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("status", FAULTS)
def test_refused_submits_have_the_same_fault_everywhere(wire: str, status: int) -> None:
    for case in starts(wire):
        for body in ({"error": {"code": status, "message": "m"}}, None):
            step = UPSTREAMS[wire].advance(case["expect"]["state"], Reply(status=status, body=body))
            assert isinstance(step, Fail)
            assert step.error.fault is FAULTS[status]
            refused = 400 <= status < 499
            assert step.error.billed is (Billed.NO if refused else Billed.UNKNOWN)
            assert step.error.advice


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    "text", [f"see /x?key={SECRET}&a=b", f"'api_key:{SECRET}' is bad", f"{SECRET} is bad"]
)
def test_no_key_reaches_a_message(wire: str, text: str) -> None:
    for state in states(wire):
        for status in (200, 400, 403, 404, 500):
            for body in (
                {"error": {"code": status, "message": text}},
                {"done": True, "error": {"message": text}},
                None,
            ):
                step = UPSTREAMS[wire].advance(state, Reply(status=status, body=body, text=f"<p>{text}"))
                assert "Canary" not in json.dumps(step_to_json(step))


@pytest.mark.parametrize("wire", WIRES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_answer_makes_it_raise(wire: str, data: st.DataObject) -> None:
    upstream = UPSTREAMS[wire]
    state: State | None = data.draw(st.sampled_from(states(wire)))
    for _ in range(4):
        if state is None:
            return
        if upstream.decode and data.draw(st.booleans()):
            state, _told = upstream.decode(state, data.draw(likely))
            plain(dict(state))
        step = upstream.advance(state, data.draw(st.none() | replies))
        check(step)
        state = state_of(step)


@pytest.mark.parametrize("wire", WIRES)
def test_a_vector_says_the_same_twice(wire: str) -> None:
    for case in cases(wire).values():
        before = json.dumps(case)
        assert result_of(wire, case) == result_of(wire, case)
        assert json.dumps(case) == before
        reply_of(case.get("reply"))
