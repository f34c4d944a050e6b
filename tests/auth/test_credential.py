"""The table of kinds, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auth.credential import KINDS, Credential, CredentialError, build

pytestmark = pytest.mark.anyio


def test_every_kind_builds_what_its_name_says(
    service_account_info: dict[str, Any], write_json: Callable[..., Path]
) -> None:
    path = str(write_json(service_account_info))
    values = {"api_key": "key", "access_token": "token", "service_account": path, "adc": path}
    assert set(values) == set(KINDS)
    for kind, value in values.items():
        credential: Credential = build(kind, value)
        assert credential.kind == kind


async def test_a_token_url_is_passed_on(token_server: Any, service_account_info: dict[str, Any]) -> None:
    credential = build("service_account", service_account_info, token_url=token_server.url)
    assert await credential.headers() == {"authorization": "Bearer token-1"}


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'password'.*api_key.*adc"):
        build("password", "canary")


def test_a_missing_file_is_told_at_once(tmp_path: Path) -> None:
    for kind in ("service_account", "adc"):
        with pytest.raises(CredentialError, match=r"gone\.json cannot be read: No such file") as caught:
            build(kind, str(tmp_path / "gone.json"))
        assert caught.value.reason == "unreadable"


def test_importing_loads_neither_google_auth_nor_an_http_client() -> None:
    code = (
        "import sys, auth.credential, auth.discovery, auth.client_keys, auth.signed_link, auth.secret_file;"
        "loaded = {name.split('.')[0] for name in sys.modules};"
        "print(sorted(loaded & {'google', 'httpx2', 'cryptography', 'requests'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
