"""What every test gets: the server's event loop, and an environment that holds no one's keys."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# A busy machine is no reason for a property to fail. In CI hypothesis has a profile of its own.
settings.register_profile("here", deadline=None)
if "CI" not in os.environ:
    settings.load_profile("here")

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
def clean_environment(tmp_path: Path) -> Iterator[None]:
    """No key, login or proxy of this machine reaches a test, and no test writes into a person's home."""
    # A MonkeyPatch of its own: a test that calls `monkeypatch.undo()` must not bring the keys back.
    with pytest.MonkeyPatch.context() as environment:
        for name in list(os.environ):
            if name.startswith(FOREIGN) or name.upper() in PROXIES:
                environment.delenv(name)
        environment.setenv("HOME", str(tmp_path))
        environment.setenv("USERPROFILE", str(tmp_path))
        yield
