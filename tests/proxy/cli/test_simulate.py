"""`filmgate simulate` serves the stand-ins alone."""

import signal
import socket
from pathlib import Path

import httpx2
from typer.testing import CliRunner

from proxy.cli import app
from tests.process import started


def test_serves_google_with_any_key(tmp_path: Path) -> None:
    with started("simulate", "--port", "0", home=tmp_path, ready="listening on ") as running:
        answer = httpx2.post(
            f"{running.url}/v1beta/models/gemini-3-pro-image:generateContent",
            json={"contents": [{"parts": [{"text": "a mill"}]}]},
            headers={"x-goog-api-key": "whatever"},
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        assert "inlineData" in answer.json()["candidates"][0]["content"]["parts"][-1]
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=10) in (0, -signal.SIGTERM)


def test_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        result = CliRunner().invoke(app, ["simulate", "--port", port])
    assert result.exit_code == 1
    assert f"port {port}: it is taken" in result.stderr
