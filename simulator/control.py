"""The simulator's own routes: its greeting, its journal, its faults."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulator.errors import invalid
from simulator.faults import FAULTS
from simulator.service import world_of

if TYPE_CHECKING:
    from starlette.requests import Request

PREFIX = "/_simulator"
_GREETING = (
    "This is the Filmgate simulator: a stand-in, on this machine, for the Gemini API and Vertex AI. "
    "It answers in their words, refuses what they refuse, and gives back real PNG, JPEG and MP4 files that "
    "it drew itself; no account is needed, nothing leaves this machine, and nothing costs anything. "
    "What was asked of it stands at /_simulator/journal; what is to go wrong can be arranged at "
    "/_simulator/faults, or inside a prompt, like [simulate: safety].\n"
)


async def _greet(_: Request) -> Response:
    return PlainTextResponse(_GREETING)


async def _journal(request: Request) -> Response:
    journal = world_of(request).journal
    if request.method == "DELETE":
        journal.reset()
        return Response(status_code=204)
    return JSONResponse(journal.report())


async def _faults(request: Request) -> Response:
    faults = world_of(request).faults
    if request.method == "DELETE":
        faults.disarm()
        return Response(status_code=204)
    if request.method == "GET":
        return JSONResponse({"armed": faults.shown(), "known": list(FAULTS)})
    try:
        order = json.loads(await request.body())
    except ValueError:
        order = None
    if not isinstance(order, dict):
        raise invalid("A fault is a JSON object with fault, match, times and its own parameters.")
    return JSONResponse(faults.arm(order).shown(), 201)


ROUTES = [
    Route("/", _greet, methods=["GET"]),
    Route(f"{PREFIX}/journal", _journal, methods=["GET", "DELETE"]),
    Route(f"{PREFIX}/faults", _faults, methods=["GET", "POST", "DELETE"]),
]
