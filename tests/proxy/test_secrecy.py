"""Secrets stay where they belong: not in logs, answers, rows or files, whatever goes wrong."""

import sqlite3
from pathlib import Path

import httpx2
import pytest

from tests.demo import FILM_MODEL, IMAGE_MODEL, asking
from tests.process import Running, process
from tests.recorder import recording

CLIENT_KEY = "canary-client-key-5d41402abc4b2a76"
API_KEY = "canary-api-key-7d793037a0760186"
TOKEN = "canary-token-574db6ee84e3cbfe"
SECRETS = (CLIENT_KEY, API_KEY, TOKEN)

# What an upstream says that repeats what it was sent.
TELLTALE = {
    "error": {
        "code": 500,
        "message": f"Failed: https://upstream.example/v1beta/models?key={API_KEY} (Bearer {TOKEN})",
        "status": "INTERNAL",
    }
}


def _document(base_url: str) -> dict[str, object]:
    return {
        "server": {"client_keys": {"laptop": CLIENT_KEY}},
        "log": {"level": "debug"},
        "upstreams": {
            "gemini": {"platform": "gemini", "base_url": base_url, "credentials": [{"api_key": API_KEY}]},
            "vertex": {
                "platform": "vertex",
                "project": "test-project",
                "base_url": base_url,
                "credentials": [{"access_token": TOKEN}],
            },
        },
    }


def _ask(running: Running) -> list[httpx2.Response]:
    keys = {"authorization": f"Bearer {CLIENT_KEY}"}
    with httpx2.Client(base_url=running.url, timeout=30, trust_env=False) as client:
        return [
            client.post("/v1/chat/completions", json=asking("A fox", IMAGE_MODEL), headers=keys),
            client.post("/v1/chat/completions", json=asking("A hare", FILM_MODEL), headers=keys),
            client.post(
                "/v1/chat/completions", json=asking("A hare", IMAGE_MODEL, stream=True), headers=keys
            ),
            client.post(f"/v1/chat/completions?key={CLIENT_KEY}", json=asking("A fox", IMAGE_MODEL)),
            client.get("/v1/models", headers=keys),
            client.get("/v1/videos", headers=keys),
            client.get("/files/asset_aaaaaaaaaaaaaaaaaaaaaaaaaa", headers=keys),
        ]


@pytest.mark.parametrize(("answer", "status"), [(TELLTALE, 500), (TELLTALE, 401), (b"<html>no</html>", 502)])
def test_no_secret_leaves_its_place(tmp_path: Path, answer: object, status: int) -> None:
    with recording(answer, status) as recorder:
        with process(tmp_path, _document(recorder.base_url)) as running:
            answers = _ask(running)
            told = "".join(f"{item.text}{item.headers}" for item in answers) + running.printed
        sent = "".join(str(request.headers) for request in recorder.requests)
    rows = "\n".join(sqlite3.connect(tmp_path / "filmgate.db").iterdump())
    kept = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    del kept[tmp_path / "config.yaml"]

    assert API_KEY in sent
    assert TOKEN in sent
    assert CLIENT_KEY not in sent
    for secret in SECRETS:
        assert secret not in told
        assert secret not in rows
        assert [path for path, data in kept.items() if secret.encode() in data] == []
