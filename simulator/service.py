"""The frame every request of the stand-ins goes through: faults before it, the work, faults in place of its
answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from simulator.breakage import broken
from simulator.faults import AFTER, BEFORE, OUTCOME, Fault, Target

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from simulator.world import World

Work = Callable[[Fault | None], Awaitable["Response"]]


def world_of(request: Request) -> World:
    """The world of the app that serves this request."""
    world: World = request.app.state.world
    return world


async def served(request: Request, kind: str, work: Work, *, prompt: str = "", subject: str = "") -> Response:
    """Carry out `work`, unless a fault strikes first; the work gets the fault that decides its outcome, if
    any.

    `prompt` is the text whose directives apply; `subject` (an operation id) is what their counts belong to.
    """
    faults = world_of(request).faults
    target = Target(kind, request.method, request.url.path, prompt, subject)
    for fault in faults.take(BEFORE, target):
        if fault.name != "slow":
            return broken(fault, request)
        await asyncio.sleep(fault.number("seconds", 5.0))
    outcome = faults.take(OUTCOME, target)
    answer = await work(outcome[0] if outcome else None)
    # A redirect is not yet the answer that a fault spoils.
    if answer.status_code < 300:
        for fault in faults.take(AFTER, target):
            return broken(fault, request, answer)
    return answer
