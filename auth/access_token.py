"""A static OAuth access token, for short trials: nothing renews it."""

from __future__ import annotations

from collections.abc import Mapping

from auth.secret_text import SecretText


class AccessToken:
    """A bearer token given by the operator.

    Raises CredentialError(unreadable) when it is empty or cannot stand in a header.
    """

    kind = "access_token"
    project: str | None = None

    def __init__(self, value: object) -> None:
        self._token = SecretText(value, "access token")
        self.account = f"token-{self._token.fingerprint}"

    async def headers(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self._token.reveal()}"}

    async def rejected(self, sent: Mapping[str, str] | None = None) -> bool:
        """Always False: nothing renews a static token."""
        return False

    def __repr__(self) -> str:
        return f"AccessToken({self.account})"
