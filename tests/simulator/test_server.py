import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from simulator.server import SimulatorServer
from simulator.settings import Settings

pytestmark = pytest.mark.anyio


async def test_served_beside_others_in_the_loop() -> None:
    async with SimulatorServer() as one, SimulatorServer() as two:
        assert one.base_url != two.base_url
        async with httpx2.AsyncClient() as client:
            assert (await client.get(one.base_url)).status_code == 200
    with pytest.raises(OSError, match=r"."), socket.create_connection(("127.0.0.1", one.port), timeout=1):
        pass


async def test_signals_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    async with SimulatorServer():
        assert signal.getsignal(signal.SIGINT) is before


async def test_a_taken_port_is_an_error() -> None:
    async with SimulatorServer() as server:
        with pytest.raises(OSError, match=r"."):
            await SimulatorServer(port=server.port).start()


async def test_stopping_lets_hanging_requests_go() -> None:
    server = SimulatorServer(Settings(picture_seconds=0))
    base_url = await server.start()
    async with httpx2.AsyncClient(base_url=base_url) as client:
        await client.post("/_simulator/faults", json={"fault": "hang"})
        body = {"contents": [{"parts": [{"text": "x"}]}]}
        path = "/v1beta/models/gemini-3-pro-image:generateContent"
        waiting = asyncio.create_task(client.post(path, json=body, headers={"x-goog-api-key": "k"}))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        await server.stop()
        with pytest.raises(httpx2.RemoteProtocolError):
            await waiting
    assert time.monotonic() - began < 2


def test_served_from_a_thread() -> None:
    with SimulatorServer() as server:
        assert httpx2.get(server.base_url).status_code == 200


@contextlib.contextmanager
def process() -> Iterator["subprocess.Popen[str]"]:
    code = "from simulator.server import run; run()"
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def test_run_serves_until_the_signal() -> None:
    with process() as running:
        assert running.stdout is not None
        line = running.stdout.readline()
        assert httpx2.get(line.split()[-1]).status_code == 200
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=5) in {0, -signal.SIGTERM}
