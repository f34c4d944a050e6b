"""Every answer has its id, and no error leaves without a shape."""

import httpx2
import pytest
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from proxy.clock import Clock
from proxy.routes.rim import Rim
from tests.demo import Demo, error_of
from translators.clients import DIALECTS
from translators.errors import Fault, MediaError


def client_of(error: Exception, *, late: bool = False) -> httpx2.AsyncClient:
    """A client of an application that fails with this error, before or after its answer has begun."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if late:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    rim = Rim(app, Clock(), DIALECTS["openai-chat"].render_error)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=rim), base_url="http://filmgate")


async def test_error_of_ours() -> None:
    async with client_of(
        MediaError(Fault.NOT_FOUND, "There is nothing.", advice="Look elsewhere.")
    ) as client:
        answer = await client.get("/")
    assert error_of(answer, 404, "not_found") == "There is nothing. Look elsewhere."


@pytest.mark.parametrize(("status", "code"), [(404, "unknown_url"), (405, "method_not_allowed")])
async def test_error_of_the_framework(status: int, code: str) -> None:
    async with client_of(HTTPException(status)) as client:
        error_of(await client.get("/"), status, code)


async def test_defect_tells_nothing_of_itself() -> None:
    async with client_of(RuntimeError("secret-detail")) as client:
        answer = await client.get("/")
    message = error_of(answer, 500, "internal_error")
    assert "secret-detail" not in answer.text
    assert answer.headers["x-request-id"] in message


async def test_answer_that_has_begun_is_broken_off() -> None:
    async with client_of(RuntimeError("late"), late=True) as client:
        with pytest.raises(RuntimeError, match="late"):
            await client.get("/")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "unknown_url"),
        ("GET", "/nothing/at/all", 404, "unknown_url"),
        ("GET", "/v1/chat/completions", 405, "method_not_allowed"),
        ("DELETE", "/v1/models", 405, "method_not_allowed"),
    ],
)
def test_unknown_places(filmgate: Demo, method: str, path: str, status: int, code: str) -> None:
    error_of(filmgate.http.request(method, path), status, code)


def test_ids_are_all_different(filmgate: Demo) -> None:
    ids = {filmgate.http.get("/healthz").headers["x-request-id"] for _ in range(5)}
    assert len(ids) == 5
