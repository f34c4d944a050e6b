import time

import pytest

from tests.simulator.wire import TEXT_MODEL, Wire, contents


def test_slow_waits_and_then_works(wire: Wire) -> None:
    began = time.monotonic()
    answer = wire.gemini(TEXT_MODEL, "generateContent", contents("x [simulate: slow seconds=0.2]"))
    assert answer.status_code == 200
    assert time.monotonic() - began >= 0.2


def test_refused_work_spends_no_later_fault(wire: Wire) -> None:
    wire.arm("accept-500")
    assert wire.gemini(TEXT_MODEL, "generateContent", {"contents": []}).status_code == 400
    assert wire.gemini(TEXT_MODEL, "generateContent", contents("x")).status_code == 500


def test_any_request_can_be_aimed_at(wire: Wire) -> None:
    wire.arm("overloaded", match={"path": "/v1beta/models", "method": "GET"}, times=2)
    assert [wire.get("/v1beta/models").status_code for _ in range(3)] == [503, 503, 200]


@pytest.mark.parametrize("prompt", ["[simulate: nonsense]", "[simulate: slow speed=1]"])
def test_wrong_directives_are_told(wire: Wire, prompt: str) -> None:
    assert wire.gemini(TEXT_MODEL, "generateContent", contents(prompt)).status_code == 400
