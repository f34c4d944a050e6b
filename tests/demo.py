"""A running Filmgate with a simulator behind it, in threads of the test's own process."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
import yaml

from proxy.app import create
from proxy.config import load
from proxy.engine import estimate
from simulator.server import SimulatorServer
from simulator.settings import Settings

KEY = "ccs-internal-managed"
OTHER_KEY = "another-key-of-another-person"
IMAGE_MODEL = "gemini-3-pro-image"
FILM_MODEL = "veo-3.1-fast-generate-001"
QUICK = Settings(film_seconds=0.05, picture_seconds=0.0, text_seconds=0.0, chunk_seconds=0.0)

Json = dict[str, Any]


class Demo:
    """A Filmgate at `url`, and the journal and faults of the simulator that it asks."""

    def __init__(self, url: str, simulator_url: str) -> None:
        self.url = url
        self.simulator_url = simulator_url
        self.http = httpx2.Client(
            base_url=url, headers={"authorization": f"Bearer {KEY}"}, timeout=30, trust_env=False
        )
        self.simulator = httpx2.Client(base_url=simulator_url, timeout=30, trust_env=False)

    def chat(self, prompt: str | list[Json], model: str = IMAGE_MODEL, **fields: Any) -> httpx2.Response:
        """One chat completion, not streamed unless `stream` says so."""
        return self.http.post("/v1/chat/completions", json=asking(prompt, model, **fields))

    def film(self, prompt: str | list[Json], model: str = FILM_MODEL, **config: Any) -> httpx2.Response:
        """A film by chat, four seconds long unless told otherwise."""
        settings = {"duration_seconds": 4, **config}
        return self.chat(prompt, model, modalities=["video", "text"], video_config=settings)

    def finished(self, job: str) -> Json:
        """The Video object of a job, once it has ended."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            answer = self.http.get(f"/v1/videos/{job}")
            assert answer.status_code == 200, answer.text
            video: Json = answer.json()
            if video["status"] in ("completed", "failed"):
                return video
            time.sleep(0.05)
        raise TimeoutError(job)

    def arm(self, fault: str, **order: Any) -> None:
        """Let something go wrong with the upstream's next answers."""
        answer = self.simulator.post("/_simulator/faults", json={"fault": fault, **order})
        assert answer.status_code == 201, answer.text

    def disarm(self) -> None:
        """Let all go well again."""
        self.simulator.delete("/_simulator/faults")

    def asked(self, prompt: str = "") -> list[Json]:
        """What the upstream was asked in paid calls whose body holds this text, oldest first."""
        report = self.simulator.get("/_simulator/journal").json()
        paid = ("generatecontent", "predictlongrunning")
        return [
            entry
            for entry in report["requests"]
            if any(name in entry["path"].lower() for name in paid) and prompt in str(entry["body"])
        ]

    def journal(self) -> str:
        """Everything that the upstream was asked, as text."""
        return self.simulator.get("/_simulator/journal").text

    def counters(self) -> dict[str, int]:
        """How often the upstream accepted, was polled and so on, since the start."""
        counted: dict[str, int] = self.simulator.get("/_simulator/journal").json()["counters"]
        return counted


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def asking(prompt: str | list[Json], model: str, **fields: Any) -> Json:
    """The body of a chat completion."""
    return {"model": model, "messages": [{"role": "user", "content": prompt}], **fields}


@contextmanager
def serving(folder: Path, document: Json, environ: Mapping[str, str] | None = None) -> Iterator[str]:
    """Filmgate with this configuration, its storage below `folder`; gives its base URL."""
    storage = {"database": f"sqlite:///{folder}/filmgate.db", "assets": f"{folder}/assets"}
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump({"storage": storage, **document}))
    environment = {"HOME": str(folder), **(environ or {})}
    application = create(load(file, environment), environment)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = _Server(
            uvicorn.Config(
                application.asgi,
                lifespan="on",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=2,
            )
        )
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server stopped while starting"
            time.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def upstream_of(simulator_url: str, **more: Any) -> Json:
    """The configuration of a simulator as an upstream."""
    return {"platform": "simulator", "base_url": simulator_url, "storage_url": simulator_url, **more}


@contextmanager
def demo(folder: Path, settings: Settings = QUICK, **document: Any) -> Iterator[Demo]:
    """Filmgate in front of a simulator of its own; `document` are further sections of its configuration."""
    with pytest.MonkeyPatch.context() as patch, SimulatorServer(settings) as simulator:
        # No real provider makes a film in less than the second after which it is first asked.
        patch.setattr(estimate, "_SHORTEST", 0.05)
        upstreams = {"upstreams": {"simulator": upstream_of(simulator.base_url)}}
        with serving(folder, {**upstreams, **document}) as url:
            demo = Demo(url, simulator.base_url)
            with demo.http, demo.simulator:
                yield demo


def error_of(answer: httpx2.Response, status: int, code: str, param: str | None = None) -> str:
    """The message of an error, after a look at all else that an error must have."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"].startswith("req_")
    error: Json = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["code"], error["param"]) == (code, param), error
    assert isinstance(error["type"], str)
    message: str = error["message"]
    assert message.endswith((".", ")", "…")), message
    return message


def events_of(answer: httpx2.Response) -> list[Json]:
    """The chunks of a stream, after a look at its form."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = answer.text.split("\n\n")
    assert blocks.pop() == ""
    assert all(block.startswith("data: ") and "\n" not in block and block != "data: " for block in blocks)
    assert blocks.pop() == "data: [DONE]"
    return [json.loads(block.removeprefix("data: ")) for block in blocks]
