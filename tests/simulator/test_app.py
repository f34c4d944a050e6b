import httpx2
import pytest

from simulator.app import create_app
from tests.simulator.wire import Wire

pytestmark = pytest.mark.anyio


async def test_the_app_serves_without_a_socket() -> None:
    app = create_app()
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://simulator") as client:
        answer = await client.get("/v1beta/models", headers={"x-goog-api-key": "k"})
    app.state.world.close()
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/nowhere", "/v1beta/nowhere", "/v1/publishers/google/models"])
def test_unknown_paths_answer_googles_page(wire: Wire, path: str) -> None:
    answer = wire.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
