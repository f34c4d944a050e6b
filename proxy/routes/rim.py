"""What every request passes through: its id, its line in the log, and the last catch for errors."""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proxy.clock import Clock
from proxy.observe.log import get
from proxy.routes.answering import Client
from translators.clients.base import Answer
from translators.errors import Fault, MediaError

log = get(__name__)


class Rim:
    """Pure ASGI middleware around all routes. Errors that no dialect has rendered get OpenAI's shape."""

    def __init__(self, app: ASGIApp, clock: Clock, render_error: Callable[[MediaError], Answer]) -> None:
        self._app = app
        self._clock = clock
        self._render_error = render_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._clock.new_id("req_")
        started = self._clock.monotonic()
        status = 0
        job = b""

        async def send_with_id(message: Message) -> None:
            nonlocal status, job
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
                job = next((value for name, value in headers if name == b"x-filmgate-job"), b"")
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self._app({**scope, "app": self}, receive, send_with_id)
        except Exception as error:
            if status:
                # Too late for another status: the connection is broken off, so that nobody takes half for
                # all.
                log.exception("answer broken off", id=request_id)
                raise
            await Client(scope, receive, send_with_id).answer(
                self._render_error(_as_fault(error, request_id))
            )
        finally:
            log.info(
                "request",
                id=request_id,
                method=scope["method"],
                path=scope["path"],
                status=status,
                milliseconds=round(1000 * (self._clock.monotonic() - started), 1),
                job=job.decode() or None,
            )


def _as_fault(error: Exception, request_id: str) -> MediaError:
    if isinstance(error, MediaError):
        return error
    if isinstance(error, HTTPException):
        return _HTTP.get(error.status_code, _HTTP[404])
    log.error("defect", id=request_id, exc_info=error)
    return MediaError(
        Fault.INTERNAL,
        "Filmgate failed on this request by a defect of its own.",
        advice=f"The log has the details under {request_id}.",
    )


_HTTP = {
    404: MediaError(
        Fault.NOT_FOUND,
        "There is no such endpoint.",
        advice="The README lists those that there are; most begin with /v1/.",
        code="unknown_url",
    ),
    405: MediaError(
        Fault.METHOD_NOT_ALLOWED, "This endpoint does not take this method.", code="method_not_allowed"
    ),
}
