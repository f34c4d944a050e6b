import pytest

from simulator.errors import GoogleError
from simulator.faults import (
    AFTER,
    BEFORE,
    FAULTS,
    GENERATE,
    OTHER,
    OUTCOME,
    POLL,
    SUBMIT,
    FaultBox,
    Target,
    directives,
)

SUBMITTED = Target(SUBMIT, "POST", "/v1beta/models/veo:predictLongRunning", "A cat")
POLLED = Target(POLL, "GET", "/v1beta/models/veo/operations/1", "A cat", "operations/1")


def names(box: FaultBox, stage: str, target: Target) -> list[str]:
    return [fault.name for fault in box.take(stage, target)]


def test_a_fault_strikes_as_often_as_armed() -> None:
    box = FaultBox()
    box.arm({"fault": "rate-limit", "times": 2})
    assert [names(box, BEFORE, SUBMITTED) for _ in range(3)] == [["rate-limit"], ["rate-limit"], []]


def test_a_fault_without_end() -> None:
    box = FaultBox()
    box.arm({"fault": "rate-limit", "times": None})
    assert all(names(box, BEFORE, SUBMITTED) for _ in range(5))
    box.disarm()
    assert not names(box, BEFORE, SUBMITTED)


def test_a_fault_strikes_its_own_stage_and_kind() -> None:
    box = FaultBox()
    box.arm({"fault": "poll-500"})
    box.arm({"fault": "accept-drop"})
    assert not names(box, BEFORE, SUBMITTED)
    assert names(box, BEFORE, POLLED) == ["poll-500"]
    assert not names(box, AFTER, POLLED)
    assert names(box, AFTER, SUBMITTED) == ["accept-drop"]


@pytest.mark.parametrize(
    ("match", "strikes"),
    [
        ({"prompt": "cat"}, True),
        ({"prompt": "dog"}, False),
        ({"path": "predict"}, True),
        ({"path": "files"}, False),
        ({"method": "post"}, True),
        ({"method": "GET"}, False),
    ],
)
def test_a_match_narrows(match: dict[str, str], strikes: bool) -> None:
    box = FaultBox()
    box.arm({"fault": "internal", "match": match})
    assert bool(names(box, BEFORE, SUBMITTED)) is strikes


def test_a_path_widens_to_any_request() -> None:
    models = Target(OTHER, "GET", "/v1beta/models")
    box = FaultBox()
    box.arm({"fault": "internal"})
    assert not names(box, BEFORE, models)
    box.arm({"fault": "overloaded", "match": {"path": "/models"}})
    assert names(box, BEFORE, models) == ["overloaded"]


def test_slow_goes_before_another() -> None:
    box = FaultBox()
    box.arm({"fault": "slow"})
    box.arm({"fault": "internal"})
    box.arm({"fault": "overloaded"})
    assert names(box, BEFORE, SUBMITTED) == ["slow", "internal"]
    assert names(box, BEFORE, SUBMITTED) == ["overloaded"]


def test_directives_in_prompts() -> None:
    found = directives("A [simulate: Slow seconds=2] cat [simulate: safety-partial times=3]")
    assert [(fault.name, fault.times, fault.params) for fault in found] == [
        ("slow", None, {"seconds": "2"}),
        ("safety-partial", 3, {}),
    ]
    with pytest.raises(GoogleError, match="unknown simulated fault"):
        directives("[simulate: nonsense]")


def test_directives_count_by_operation_for_polls_and_by_prompt_otherwise() -> None:
    box = FaultBox()
    prompt = "[simulate: poll-429 times=2] [simulate: rate-limit times=1]"
    for operation in ("operations/1", "operations/2"):
        polled = Target(POLL, "GET", "/x", prompt, operation)
        assert [names(box, BEFORE, polled) for _ in range(3)] == [["poll-429"], ["poll-429"], []]
    submitted = Target(SUBMIT, "POST", "/x", prompt)
    assert [names(box, BEFORE, submitted) for _ in range(2)] == [["rate-limit"], []]


def test_outcomes_by_directive_always_strike() -> None:
    box = FaultBox()
    target = Target(GENERATE, "POST", "/x", "[simulate: no-image]")
    assert all(names(box, OUTCOME, target) for _ in range(3))


def test_numbers() -> None:
    fault = FaultBox().arm({"fault": "slow", "seconds": "x"})
    with pytest.raises(GoogleError):
        fault.number("seconds", 1)


def test_the_table_is_whole() -> None:
    wanted = (
        "safety safety-run safety-output safety-partial no-image operation-error empty-done "
        "rate-limit daily-quota "
        "overloaded internal html garbage drop-before accept-drop accept-500 accept-503 accept-429 slow hang "
        "cut poll-429 poll-500 download-cut download-404"
    )
    assert set(wanted.split()) <= set(FAULTS)
