import httpx2
import pytest

from tests.simulator.wire import IMAGE_MODEL, Wire, contents, message


def ask(wire: Wire, prompt: str = "cat") -> httpx2.Response:
    return wire.gemini(IMAGE_MODEL, "generateContent", contents(prompt))


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        ("rate-limit", 429, "RESOURCE_EXHAUSTED"),
        ("daily-quota", 429, "RESOURCE_EXHAUSTED"),
        ("overloaded", 503, "UNAVAILABLE"),
        ("internal", 500, "INTERNAL"),
        ("unauthenticated", 401, "UNAUTHENTICATED"),
        ("permission-denied", 403, "PERMISSION_DENIED"),
        ("model-gone", 404, "NOT_FOUND"),
    ],
)
def test_errors_before_the_work_cost_nothing(wire: Wire, fault: str, code: int, status: str) -> None:
    answer = ask(wire, f"x [simulate: {fault}]")
    assert (answer.status_code, answer.json()["error"]["status"]) == (code, status)
    assert wire.counters()["generates"] == 0


def test_quotas_tell_what_they_are(wire: Wire) -> None:
    minute = ask(wire, "x [simulate: rate-limit]").json()["error"]["details"]
    assert minute[-1]["retryDelay"] == "12.3s"
    day = ask(wire, "x [simulate: daily-quota]").json()["error"]["details"]
    assert "PerDay" in day[0]["violations"][0]["quotaId"]
    assert "30s" in message(ask(wire, "x [simulate: rate-limit seconds=30]"))


def test_html_and_garbage(wire: Wire) -> None:
    page = ask(wire, "x [simulate: html]")
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html; charset=utf-8")
    garbage = ask(wire, "x [simulate: garbage]")
    assert garbage.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        garbage.json()


@pytest.mark.parametrize(("fault", "accepted"), [("drop-before", 0), ("accept-drop", 1)])
def test_dropped_connections(wire: Wire, fault: str, accepted: int) -> None:
    wire.arm(fault)
    with pytest.raises(httpx2.RemoteProtocolError):
        wire.film()
    assert wire.counters()["submits_accepted"] == accepted
    assert wire.counters()["drops"] == 1
    assert wire.film().status_code == 200


@pytest.mark.parametrize("code", [500, 503, 429])
def test_accepted_but_answered_with_an_error(wire: Wire, code: int) -> None:
    wire.arm(f"accept-{code}")
    assert wire.film().status_code == code
    assert wire.counters()["submits_accepted"] == 1


@pytest.mark.parametrize(("fault", "accepted"), [("hang", 0), ("accept-hang", 1)])
def test_hanging_lasts_until_the_client_goes(wire: Wire, fault: str, accepted: int) -> None:
    wire.arm(fault)
    with pytest.raises(httpx2.ReadTimeout):
        wire.client.post(
            "/v1beta/models/veo-3.1-generate-preview:predictLongRunning",
            json={"instances": [{"prompt": "A cat"}], "parameters": {"durationSeconds": 4}},
            headers=wire.key,
            timeout=0.2,
        )
    assert wire.counters()["submits_accepted"] == accepted


def test_cut_breaks_the_body_off_half_way(wire: Wire) -> None:
    wire.arm("cut")
    with pytest.raises(httpx2.RemoteProtocolError, match=r"incomplete|without sending complete"):
        ask(wire)
    assert wire.counters()["generates"] == 1


def test_cut_breaks_a_stream_off(wire: Wire) -> None:
    wire.arm("cut")
    with pytest.raises(httpx2.RemoteProtocolError):
        wire.gemini(IMAGE_MODEL, "streamGenerateContent", contents("cat"), "?alt=sse")
