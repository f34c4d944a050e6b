"""`filmgate serve` as a process: it starts, says what is wrong when it cannot, and stops when told to."""

import signal
import socket
import time
from pathlib import Path

import httpx2
import pytest
import yaml
from typer.testing import CliRunner

from proxy.cli import app
from tests.demo import KEY, asking
from tests.process import ran, started


def config(folder: Path, text: str) -> str:
    file = folder / "config.yaml"
    file.write_text(text)
    return str(file)


def test_demo_works_at_once_and_stops_promptly(tmp_path: Path) -> None:
    with started("serve", "--demo", "--port", "0", home=tmp_path, ready="ready at ") as running:
        answer = httpx2.post(
            f"{running.url}/v1/chat/completions",
            json=asking("a stile", "gemini-3-pro-image-preview"),
            headers={"authorization": f"Bearer {KEY}"},
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["x-filmgate-upstream"].startswith("simulator/")
        begun = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(timeout=10)
        assert time.monotonic() - begun < 3
    assert running.process.returncode in (0, -signal.SIGTERM)
    assert (tmp_path / ".filmgate" / "demo" / "filmgate.db").stat().st_mode & 0o077 == 0
    assert KEY not in (tmp_path / "stderr").read_text()


def test_demo_with_a_config_is_alone_with_its_database(tmp_path: Path) -> None:
    document = {
        "server": {"client_keys": {"laptop": "key-of-the-laptop"}},
        "storage": {"database": f"sqlite:///{tmp_path}/own.db", "assets": f"{tmp_path}/own"},
        "models": {"aliases": {"my-painter": "gemini-3-pro-image"}},
    }
    file = config(tmp_path, yaml.safe_dump(document))
    arguments = ("serve", "--demo", "--config", file, "--port", "0")
    with started(*arguments, home=tmp_path, ready="ready at ") as running:
        answer = httpx2.post(
            f"{running.url}/v1/chat/completions",
            json=asking("a stile", "my-painter"),
            headers={"authorization": "Bearer key-of-the-laptop"},
            trust_env=False,
        )
        second = ran(*arguments, home=tmp_path)
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=10) == 0
    assert answer.status_code == 200, answer.text
    assert (tmp_path / "own.db").exists()
    assert second.returncode == 1
    assert "own.db" in second.stderr
    assert "Traceback" not in second.stderr + (tmp_path / "stderr").read_text()


def test_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        result = CliRunner().invoke(app, ["serve", "--demo", "--port", port])
    assert result.exit_code == 1
    assert f"port {port}: it is taken" in result.stderr
    assert not (tmp_path / ".filmgate").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("server:\n  prot: 80\n", ("config.yaml:2", "server.prot")),
        ("server: {port: 99999}\n", ("config.yaml:1", "server.port")),
        ("server:\n  host: 0.0.0.0\n", ("config.yaml:2", "client_keys")),
        ("upstreams:\n  a:\n    platform: nowhere\n", ("config.yaml:3", "platform")),
        ("server: [\n", ("config.yaml:",)),
        ("models:\n  aliases:\n    a: b\n    b: a\n", ("config.yaml:3", "aliases")),
    ],
)
def test_wrong_config(tmp_path: Path, text: str, told: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, ["serve", "--config", config(tmp_path, text), "--port", "0"])
    assert result.exit_code == 1
    assert all(word in result.stderr for word in told), result.stderr
    assert result.stdout == ""


def test_missing_config(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["serve", "--config", str(tmp_path / "none.yaml")])
    assert result.exit_code == 1
    assert "none.yaml" in result.stderr
