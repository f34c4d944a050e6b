"""The simulator as an ASGI app: every stand-in's routes under one journal."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from simulator import control, gemini, storage, transfers, vertex
from simulator.breakage import google_answer
from simulator.errors import GoogleError
from simulator.gateway import Gateway
from simulator.oauth import token
from simulator.settings import Settings
from simulator.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

_DEFAULTS = Settings()
_ERROR_PAGE = (
    "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Error {code}!!1</title>\n"
    "<p><b>{code}.</b> <ins>That’s an error.</ins>\n<p>The requested URL was not found on this server. "
    "<ins>That’s all we know.</ins>\n"
)


def create_app(settings: Settings = _DEFAULTS) -> Starlette:
    """A new simulator with a world of its own; `app.state.world` is that world."""
    world = World(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        world.close()

    app = Starlette(
        routes=[
            *control.ROUTES,
            *storage.ROUTES,
            *transfers.ROUTES,
            *gemini.ROUTES,
            *vertex.ROUTES,
            Route("/token", token, methods=["POST"]),
        ],
        middleware=[Middleware(Gateway, world=world)],
        exception_handlers={GoogleError: _refused, HTTPException: _not_found},
        lifespan=lifespan,
    )
    app.state.world = world
    return app


def _refused(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, GoogleError)
    return google_answer(problem)


def _not_found(_: Request, problem: Exception) -> Response:
    # Google's front end answers paths and methods it does not know with a page, not with JSON.
    code = problem.status_code if isinstance(problem, HTTPException) else 404
    return HTMLResponse(_ERROR_PAGE.format(code=code), code)
