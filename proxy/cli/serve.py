"""`filmgate serve`: the server, with the simulator in the same process for `--demo`."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import AsyncExitStack
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
import uvicorn

from auth.secret_file import SecretFileError
from proxy.cli.banner import banner
from proxy.cli.listener import CannotListen, address, listen
from proxy.config import Config, Storage, load
from proxy.config_file import ConfigError
from proxy.config_upstream import Upstream
from proxy.jobs.store import StoreUnavailable
from proxy.observe import log, redact

if TYPE_CHECKING:
    from proxy.app import Application

DEMO_STORAGE = Storage(database="sqlite:///~/.filmgate/demo/filmgate.db", assets="~/.filmgate/demo/assets")

_SPARE_SECONDS = 5
"""How much longer than the drain the server waits for answers to go out."""


def serve(
    config: Annotated[
        Path | None, typer.Option("--config", help="Configuration file; without it the defaults hold.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Serve every model by the built-in simulator: no account, no cost.")
    ] = False,
) -> None:
    """Serve the one base URL."""
    if demo and find_spec("av") is None:
        _give_up("the demo makes real films, and needs PyAV for that: pip install 'filmgate[demo]'")
    try:
        settings = load(config, os.environ).listening(host, port)
        if demo and config is None:
            settings = settings.model_copy(update={"storage": DEMO_STORAGE})
        listener = listen(settings.server.host, settings.server.port)
    except (ConfigError, CannotListen) as error:
        _give_up(str(error))
    log.setup(settings.log.level, settings.log.format)
    for secret in settings.secrets():
        redact.register(secret)
    try:
        with asyncio.Runner(loop_factory=_new_loop()) as runner:
            runner.run(_run(settings, listener, demo=demo))
    except (ConfigError, StoreUnavailable, SecretFileError) as error:
        _give_up(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


async def _run(settings: Config, listener: socket.socket, *, demo: bool) -> None:
    # Imported here, since it takes a second that the help and a refused start can do without.
    from proxy.app import create

    async with AsyncExitStack() as stack:
        if demo:
            # Imported here, since a server with real upstreams has no use for it.
            from simulator.server import SimulatorServer

            simulator = SimulatorServer()
            base_url = await simulator.start()
            stack.push_async_callback(simulator.stop)
            settings = _demo(settings, base_url)
        app = create(settings, os.environ)
        server = Server(app, settings, banner(address(listener), app.accounts, demo=demo))
        await server.serve([listener])
    if not server.started:
        raise typer.Exit(1)


class Server(uvicorn.Server):
    """uvicorn, with what is under way brought to a safe point before it stops."""

    def __init__(self, app: Application, settings: Config, greeting: str) -> None:
        self._drain = app.drain
        self._greeting = greeting
        super().__init__(
            uvicorn.Config(
                app.asgi,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=int(settings.engine.drain_seconds) + _SPARE_SECONDS,
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, at a second Ctrl+C without waiting.

        Unlike uvicorn's own, this does not raise the signal again: the simulator is still to be closed.
        """
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so once requests are answered."""
        await super().startup(sockets)
        if self.started:
            typer.echo(self._greeting)
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, letting those who wait go with a word on their jobs."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._drain())
            await super().shutdown(sockets)


def _demo(settings: Config, base_url: str) -> Config:
    """The same configuration with the simulator as its one upstream."""
    simulator = Upstream.model_validate(
        {"platform": "simulator", "base_url": base_url, "storage_url": base_url}
    )
    return settings.model_copy(update={"upstreams": {"simulator": simulator}})


def _new_loop() -> type[asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.Loop


def _give_up(message: str) -> NoReturn:
    typer.echo(f"filmgate: {message}", err=True)
    raise typer.Exit(1)
