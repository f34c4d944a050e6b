"""Serving the simulator over a real socket: beside another server, in a thread for tests, or alone for the
CLI."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator.app import create_app
from simulator.breakage import TRANSPORT
from simulator.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

_DEFAULTS = Settings()
_KEEP_ALIVE_SECONDS = 75


class DroppingProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with its transport in the scope, so that a fault can drop the connection."""

    def on_message_begin(self) -> None:
        """Begin a request whose scope knows the transport."""
        super().on_message_begin()
        extensions: dict[str, Any] = {TRANSPORT: self.transport}
        self.scope["extensions"] = extensions


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class SimulatorServer:
    """The simulator on a socket of its own; port 0 takes any free one, and `base_url` tells which.

    Use `async with` (or `start` and `stop`) in the running event loop, or plain `with` to serve from a
    thread.
    """

    def __init__(self, settings: Settings = _DEFAULTS, host: str = "127.0.0.1", port: int = 0) -> None:
        self.app = create_app(settings)
        self.host = host
        self.port = port
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._left = asyncio.Event()

    @property
    def base_url(self) -> str:
        """`http://host:port` without a trailing slash; known once started."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def start(self) -> str:
        """Listen and serve in the running loop; returns the base URL. OSError when the port is taken."""
        listener = self._listen()
        server = self._server = _Server(_config(self.app))
        self._task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            if self._task.done():
                await self._task
                raise RuntimeError("the simulator stopped while starting")
            await asyncio.sleep(0.005)
        return self.base_url

    async def stop(self) -> None:
        """Let hanging requests go, close the connections and stop serving."""
        if self._server is None or self._task is None:
            return
        self.app.state.world.close()
        self._server.should_exit = True
        await self._task
        self._server = self._task = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def __enter__(self) -> Self:
        ready = threading.Event()
        problems: list[BaseException] = []
        self._thread = threading.Thread(
            target=self._run, args=(ready, problems), name="simulator", daemon=True
        )
        self._thread.start()
        ready.wait()
        if problems:
            raise problems[0]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._thread is not None:
            asyncio.run_coroutine_threadsafe(self._leave_thread(), self._loop).result(timeout=10)
            self._thread.join(timeout=10)

    async def _leave_thread(self) -> None:
        await self.stop()
        self._left.set()

    def _run(self, ready: threading.Event, problems: list[BaseException]) -> None:
        async def live() -> None:
            self._loop = asyncio.get_running_loop()
            try:
                await self.start()
            except BaseException as problem:  # noqa: BLE001 - handed to the thread that waits
                problems.append(problem)
                return
            finally:
                ready.set()
            await self._left.wait()

        asyncio.run(live())

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # Unless the listener says TCP, asyncio leaves Nagle's algorithm on: 40 ms an answer.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            if os.name == "posix":  # elsewhere it would let two servers share the port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self.host, self.port))
            listener.listen(2048)
        except OSError:
            listener.close()
            raise
        self.port = int(listener.getsockname()[1])
        return listener


def run(settings: Settings = _DEFAULTS, host: str = "127.0.0.1", port: int = 0) -> None:
    """Serve until SIGINT or SIGTERM, for the command line; prints the base URL once listening."""
    simulator = SimulatorServer(settings, host, port)
    listener = simulator._listen()  # noqa: SLF001 - the same module
    print(f"simulator listening on {simulator.base_url}", flush=True)  # noqa: T201 - for the person who started it
    uvicorn.Server(_config(simulator.app)).run(sockets=[listener])


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=DroppingProtocol,
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=3,
    )
