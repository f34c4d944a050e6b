"""The steps: a closed set of values that nobody changes after they were saved."""

from dataclasses import FrozenInstanceError, fields
from typing import get_args

import pytest

from translators.canonical import MediaResult
from translators.errors import Fault, MediaError
from translators.steps import Call, Done, Fail, Send, Service, Step, Wait

CALL = Call(method="POST", path="/v1/models/veo:predictLongRunning")
STEPS: list[Step] = [
    Send(call=CALL, state={"phase": "start"}),
    Wait(state={"phase": "poll"}, seconds=5.0),
    Done(result=MediaResult()),
    Fail(error=MediaError(Fault.INTERNAL, "It broke.")),
]


def test_there_are_four_steps() -> None:
    assert {type(step) for step in STEPS} == set(get_args(Step))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_a_step_is_not_changed(step: Step) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(step, fields(step)[0].name, None)


def test_a_call_is_free_and_whole_unless_said() -> None:
    send = Send(call=CALL, state={})
    assert (send.paid, send.stream) == (False, False)
    assert (CALL.service, CALL.keep, CALL.body) == (Service.API, False, None)
