"""`/healthz`: the process answers. `/readyz`: it can take work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.types import Receive, Scope, Send

from proxy.assets.store import AssetStorageError
from proxy.jobs.store import StoreUnavailable
from proxy.routes.answering import Client
from translators.clients.base import Answer

Check = Callable[[], Awaitable[None]]


class HealthEndpoint:
    """Always 200 while the process answers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Client(scope, receive, send).answer(Answer(status=200, body={"status": "ok"}))


class ReadyEndpoint:
    """200 when every check passes, else 503 with what is wrong."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = {name: await _problem(check) for name, check in self._checks.items()}
        ready = not any(found.values())
        shown = {name: problem or "ok" for name, problem in found.items()}
        body = {"status": "ready" if ready else "not ready", "checks": shown}
        await Client(scope, receive, send).answer(Answer(status=200 if ready else 503, body=body))


async def _problem(check: Check) -> str:
    try:
        await check()
    except StoreUnavailable as error:
        return error.reason
    except AssetStorageError as error:
        return str(error)
    return ""
