import httpx2
import pytest

from simulator.app import create_app
from simulator.settings import Settings
from tests.simulator.wire import TEXT_MODEL, Wire, contents

pytestmark = pytest.mark.anyio


def test_requests_are_journalled_with_their_answer(wire: Wire) -> None:
    wire.gemini(TEXT_MODEL, "generateContent", contents("hi"))
    wire.get("/v1beta/models?key=secret", {})
    first, second = wire.journal()["requests"]
    assert first["body"] == contents("hi")
    assert (first["method"], first["path"], first["status"]) == (
        "POST",
        f"/v1beta/models/{TEXT_MODEL}:generateContent",
        200,
    )
    assert second["query"] == "key=«redacted»"
    assert "good-key" not in str((first, second))


async def test_too_long_bodies_are_a_413_page() -> None:
    app = create_app(Settings(body_bytes=100))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://simulator") as client:
        answer = await client.post("/v1beta/models/x:generateContent", content=b"x" * 101)
    app.state.world.close()
    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith("text/html")
