"""A token service on loopback, key files made on the spot, and a clock that stands until it is moved."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CANARY = "s3cr3t-canary-value"
EMAIL = "media@my-project.iam.gserviceaccount.com"


@pytest.fixture(autouse=True)
def misleading_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxy variables that nobody may obey."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")


@pytest.fixture(scope="session")
def certificates() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


@pytest.fixture(autouse=True)
def loaded_once(monkeypatch: pytest.MonkeyPatch, certificates: ssl.SSLContext) -> None:
    """Loading the machine's certificates takes longer than all the rest of a refresh."""
    monkeypatch.setattr(httpx2, "create_ssl_context", lambda: certificates)


class Clock:
    """Wall time that only moves when told."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


class TokenServer:
    """Answers `token-1`, `token-2`, … for an hour each, or `answer`: (status, body as text or JSON)."""

    def __init__(self) -> None:
        self.requests: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.answer: tuple[int, Any] | None = None
        self.pause = 0.0
        self.lifetime = 3600
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.take(self)

            def do_GET(self) -> None:
                outer.take(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}/token"
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.01), daemon=True)
        self._thread.start()

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0)).decode()
        self.requests.append({name: values[0] for name, values in parse_qs(body).items()})
        self.paths.append(handler.path)
        number = len(self.requests)
        time.sleep(self.pause)
        token = {"access_token": f"token-{number}", "expires_in": self.lifetime, "token_type": "Bearer"}
        status, answer = self.answer or (200, token)
        payload = answer if isinstance(answer, str) else json.dumps(answer)
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("metadata-flavor", "Google")
        handler.send_header("content-length", str(len(payload.encode())))
        handler.end_headers()
        handler.wfile.write(payload.encode())

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def token_server() -> Iterator[TokenServer]:
    server = TokenServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def private_key() -> str:
    key = rsa.generate_private_key(
        public_exponent=65537, key_size=1024
    )  # quick to load; proves nothing to anyone
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.fixture
def service_account_info(private_key: str) -> dict[str, Any]:
    return {
        "type": "service_account",
        "project_id": "my-project",
        "private_key_id": "0123",
        "private_key": private_key,
        "client_email": EMAIL,
        "token_uri": "http://127.0.0.1:1/never",
    }


@pytest.fixture
def user_info() -> dict[str, Any]:
    return {
        "type": "authorized_user",
        "client_id": "client.apps.googleusercontent.com",
        "client_secret": f"{CANARY}-client",
        "refresh_token": f"{CANARY}-refresh",
        "quota_project_id": "quota-project",
    }


@pytest.fixture
def write_json(tmp_path: Path) -> Callable[..., Path]:
    def write(info: object, name: str = "key.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(info), "utf-8")
        return path

    return write
