"""Filmgate as a process of its own, and a provider that remembers what it was asked."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
KEY = "ccs-internal-managed"
FILM = "veo-3.1-generate-preview"
PICTURE = "gemini-3-pro-image"

_CONFIG = """
server: {{port: 0}}
storage:
  database: "sqlite:///{folder}/jobs.db"
  assets: "{folder}/assets"
upstreams:
  gemini:
    platform: gemini
    base_url: "{upstream}"
    credentials: [{{api_key: test}}]
engine: {{drain_seconds: {drain}}}
models:
  catalogue:
    {film}: {{lifecycle: active}}
    {picture}: {{lifecycle: active}}
"""


class Provider:
    """The Gemini API as far as films and pictures need it; `submits` counts paid calls that arrived whole.

    `status` is what they are answered; with `hold` set they are not answered until it is set, and with `drop`
    the connection is cut instead. A film is done as soon as `done` is set.
    """

    def __init__(self, film: bytes, picture: str) -> None:
        self.submits = 0
        self.status = 200
        self.drop = False
        self.hold = asyncio.Event()
        self.hold.set()
        self.done = asyncio.Event()
        self.polls = 0
        self._film = film
        self._picture = picture
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_post("/v1beta/models/{call}", self._submit)
        app.router.add_get("/v1beta/models/{model}/operations/{name}", self._poll)
        app.router.add_get("/v1beta/files/{name}", self._download)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hold.set()
        assert self._runner is not None
        await self._runner.cleanup()

    async def _submit(self, request: web.Request) -> web.Response:
        await request.read()
        self.submits += 1
        await self.hold.wait()
        if self.drop:
            assert request.transport is not None
            request.transport.abort()
        if self.status != 200:
            error = {"code": self.status, "message": "It went wrong.", "status": "INTERNAL"}
            return web.json_response({"error": error}, status=self.status)
        if request.match_info["call"].endswith(":predictLongRunning"):
            return web.json_response({"name": f"models/{FILM}/operations/op{self.submits}"})
        part = {"inlineData": {"mimeType": "image/png", "data": self._picture}}
        candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}
        return web.json_response({"candidates": [candidate]})

    async def _poll(self, request: web.Request) -> web.Response:
        self.polls += 1
        name = f"models/{FILM}/operations/{request.match_info['name']}"
        if not self.done.is_set():
            return web.json_response({"name": name})
        video = {"video": {"uri": f"{self.url}/v1beta/files/film1:download?alt=media"}}
        response = {"generateVideoResponse": {"generatedSamples": [video]}}
        return web.json_response({"name": name, "done": True, "response": response})

    async def _download(self, request: web.Request) -> web.Response:
        return web.Response(body=self._film, content_type="video/mp4")


class Filmgate:
    """`filmgate serve` on a folder; it can be killed and started again."""

    def __init__(self, folder: Path, upstream: str, *, drain: float = 5.0) -> None:
        self._folder = folder
        self._config = folder / "config.yaml"
        self._config.write_text(
            _CONFIG.format(folder=folder, upstream=upstream, drain=drain, film=FILM, picture=PICTURE)
        )
        self._process: Process | None = None
        self.url = ""

    async def start(self) -> Self:
        """Come up and serve."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "filmgate", "serve", "--config", str(self._config), "--port", "0",
            stdout=PIPE, stderr=PIPE, cwd=ROOT, env={**os.environ, "HOME": str(self._folder)},
        )  # fmt: skip
        assert self._process.stdout is not None
        async with asyncio.timeout(20):
            while not (found := re.search(rb"(http://[\d.]+:\d+)", await self._line())):
                pass
        self.url = found[1].decode()
        return self

    async def _line(self) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            _, errors = await self._process.communicate()
            raise AssertionError(errors.decode())
        return line

    async def kill(self) -> None:
        """End as in a power cut."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> str:
        """End as an operator would, and give what was logged."""
        return await self._end(signal.SIGTERM)

    def terminate(self) -> None:
        """Ask it to end, without waiting until it has."""
        assert self._process is not None
        self._process.terminate()

    async def _end(self, number: signal.Signals) -> str:
        process, self._process = self._process, None
        if process is None:
            return ""
        if process.returncode is None:
            process.send_signal(number)
        async with asyncio.timeout(20):
            _, errors = await process.communicate()
        return errors.decode()

    async def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON of the answer."""
        return await self._ask("POST", path, body)

    async def get(self, path: str) -> tuple[int, dict[str, str], Any]:
        """The same for a GET."""
        return await self._ask("GET", path, None)

    async def download(self, path: str) -> bytes:
        """The body of a GET."""
        async with (
            aiohttp.ClientSession(headers=_HEADERS) as session,
            session.get(self.url + path) as response,
        ):
            assert response.status == 200, await response.text()
            return await response.read()

    async def ended(self, job_id: str) -> Any:
        """The video object, once the job has ended."""
        for _ in range(100):
            _, _, video = await self.get(f"/v1/videos/{job_id}")
            if video["status"] in ("completed", "failed"):
                return video
            await asyncio.sleep(0.1)
        raise AssertionError(f"{job_id} has not ended")

    async def _ask(self, method: str, path: str, body: Any) -> tuple[int, dict[str, str], Any]:
        async with (
            aiohttp.ClientSession(headers=_HEADERS) as session,
            session.request(method, self.url + path, json=body) as response,
        ):
            headers = {name.lower(): value for name, value in response.headers.items()}
            return response.status, headers, await response.json()


_HEADERS = {"authorization": f"Bearer {KEY}"}


async def until(condition: Any) -> None:
    """Wait, but not for ever."""
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")
