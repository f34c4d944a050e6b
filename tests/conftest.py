"""What every test gets: the server's event loop, and an environment that holds no one's keys."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

FOREIGN = (
    "CLOUDSDK_",
    "FILMGATE_",
    "GCE_METADATA_",
    "GEMINI_",
    "GOOGLE_",
    "OPENAI_",
    "STORAGE_EMULATOR_",
    "XDG_",
)
PROXIES = ("ALL_PROXY", "FTP_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Async tests run on the loop that the server runs on."""
    return "asyncio", {"use_uvloop": sys.platform != "win32"}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No key, login or proxy of this machine reaches a test, and no test writes into a person's home."""
    for name in list(os.environ):
        if name.startswith(FOREIGN) or name.upper() in PROXIES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
