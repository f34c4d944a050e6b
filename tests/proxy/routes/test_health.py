"""Health and readiness, to whoever asks."""

import httpx2

from proxy.assets.store import AssetStorageError, Trouble
from proxy.jobs.store import StoreUnavailable
from proxy.routes.health import ReadyEndpoint
from tests.demo import Demo


async def well() -> None:
    """Nothing is wrong."""


async def database_away() -> None:
    raise StoreUnavailable("The database is locked.")


async def disk_full() -> None:
    raise AssetStorageError(Trouble.FULL)


def client_of(endpoint: ReadyEndpoint) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=endpoint), base_url="http://filmgate")


def test_open_to_all(filmgate: Demo) -> None:
    for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
        answer = httpx2.get(filmgate.url + path, trust_env=False)
        assert (answer.status_code, answer.json()["status"]) == (200, status)
        assert answer.headers["x-request-id"]


async def test_ready() -> None:
    async with client_of(ReadyEndpoint({"database": well})) as client:
        answer = await client.get("/readyz")
    assert answer.json() == {"status": "ready", "checks": {"database": "ok"}}


async def test_not_ready_says_why() -> None:
    async with client_of(ReadyEndpoint({"database": database_away, "assets": disk_full})) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert checks["database"] == "The database is locked."
    assert checks["assets"] not in ("", "ok")
