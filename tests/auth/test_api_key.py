"""API keys in Google's header or as a bearer."""

from __future__ import annotations

import hashlib

import pytest

from auth.api_key import ApiKey
from auth.credential_error import CredentialError

pytestmark = pytest.mark.anyio


async def test_sends_the_key_in_googles_header() -> None:
    assert await ApiKey("AIza-1").headers() == {"x-goog-api-key": "AIza-1"}


async def test_sends_a_bearer_when_the_header_is_authorization() -> None:
    assert await ApiKey("sk-1", header="Authorization").headers() == {"authorization": "Bearer sk-1"}


async def test_a_rejected_key_stays_rejected() -> None:
    key = ApiKey("AIza-1")
    assert await key.rejected() is False
    assert await key.rejected(await key.headers()) is False


def test_is_labelled_by_its_digest() -> None:
    key = ApiKey("AIza-1")
    assert key.account == "key-" + hashlib.sha256(b"AIza-1").hexdigest()[:4]
    assert (key.kind, key.project) == ("api_key", None)


def test_an_empty_key_is_unreadable() -> None:
    with pytest.raises(CredentialError, match="API key is empty"):
        ApiKey("")
