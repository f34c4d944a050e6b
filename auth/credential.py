"""What proves us upstream: the shape of a credential and the table of its kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from auth.access_token import AccessToken
from auth.adc import Adc
from auth.api_key import ApiKey
from auth.credential_error import CredentialError
from auth.service_account import CLOUD_PLATFORM, ServiceAccount

__all__ = ["CLOUD_PLATFORM", "KINDS", "Credential", "CredentialError", "build"]


class Credential(Protocol):
    """Proves us to an upstream. One object serves all calls and may be shared by event loops."""

    @property
    def kind(self) -> str:
        """A key of KINDS."""

    @property
    def account(self) -> str:
        """Label for headers, logs and job rows; never secret (`key-1a2b`, a client e-mail, `adc`)."""

    @property
    def project(self) -> str | None:
        """The project that the credential itself names, else None."""

    async def headers(self) -> Mapping[str, str]:
        """The auth headers of one call, names in lower case, refreshed if needed. Raises CredentialError."""

    async def rejected(self, sent: Mapping[str, str] | None = None) -> bool:
        """The upstream answered 401: drop the cached token.

        sent: the headers of the rejected call. With them, a token that was renewed meanwhile is kept.
        True when a new token may be had: the caller may retry an unpaid call once. False for static ones.
        """


Build = Callable[[object, str | None, Sequence[str]], Credential]

KINDS: Mapping[str, Build] = {
    "api_key": lambda value, url, scopes: ApiKey(value),
    "access_token": lambda value, url, scopes: AccessToken(value),
    "service_account": lambda value, url, scopes: ServiceAccount(value, token_url=url, scopes=scopes),
    "adc": lambda value, url, scopes: Adc(value, token_url=url, scopes=scopes),
}


def build(
    kind: str, value: object, *, token_url: str | None = None, scopes: Sequence[str] = (CLOUD_PLATFORM,)
) -> Credential:
    """The credential for one line of the config's `credentials` list.

    token_url: another token endpoint, for tests and private endpoints; static kinds have none and ignore it.
    Raises ValueError for an unknown kind, CredentialError(unreadable) for a missing file or a bad value.
    """
    if kind not in KINDS:
        raise ValueError(f"no credential kind {kind!r}; known are {', '.join(KINDS)}")
    return KINDS[kind](value, token_url, scopes)
