"""A token given by hand."""

from __future__ import annotations

import pytest

from auth.access_token import AccessToken
from auth.credential_error import CredentialError

pytestmark = pytest.mark.anyio


async def test_is_sent_as_a_bearer_and_never_renewed() -> None:
    token = AccessToken("ya29.token")
    assert await token.headers() == {"authorization": "Bearer ya29.token"}
    assert await token.rejected() is False
    assert token.account.startswith("token-")
    assert (token.kind, token.project) == ("access_token", None)


def test_an_empty_token_is_unreadable() -> None:
    with pytest.raises(CredentialError, match="access token is empty"):
        AccessToken(" ")
