"""A Google service account: its key file signs an assertion, Google answers with a token for an hour."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from auth.key_file import KeyFile, changed_account, text_field, unreadable
from auth.token_refresh import Outcome, TokenRefresh

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

    from auth.google_transport import HttpxRequest

CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"  # google_wire.md 1.1
GRANT_URL = "https://oauth2.googleapis.com/token"  # google_wire.md 6.3
TYPE = "service_account"
REQUIRED = ("client_email", "private_key")
ADVICE = "Create a new key for this service account in Google Cloud and put its file in the config."


class ServiceAccount:
    """value: path of the key file (`~` expanded), its JSON text, or a mapping.

    A wrapper `{type: "vertex", service_account: {…}, project_id, location}` is understood (google_wire.md
    6.4); `location` is the wrapper's, else None. The file is read at once for the account and project, and
    again at every refresh, so that a rotated key needs no restart.
    Raises CredentialError(unreadable) when the file is missing, broken or of another type.
    """

    kind = "service_account"

    def __init__(
        self,
        value: object,
        *,
        token_url: str | None = None,
        scopes: Sequence[str] = (CLOUD_PLATFORM,),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._file = KeyFile(value)
        self._token_url = token_url
        self._scopes = tuple(scopes)
        self._clock = clock
        wrapper = self._file.read()
        info = unwrapped(wrapper, self._file.name)
        self.account: str = info["client_email"]
        self.project = text_field(wrapper, "project_id") or text_field(info, "project_id")
        self.location = text_field(wrapper, "location")
        self._tokens = TokenRefresh(self._fetch, clock=clock)

    async def headers(self) -> Mapping[str, str]:
        return (await self._tokens.token()).headers()

    async def rejected(self, sent: Mapping[str, str] | None = None) -> bool:
        """Always True: the next headers() fetches a new token, unless `sent` carried an older token."""
        self._tokens.drop(sent)
        return True

    def _fetch(self) -> Outcome:
        from auth.google_token import fetch_token

        return fetch_token(
            self._load, account=self.account, advice=ADVICE, token_url=self._token_url, clock=self._clock
        )

    def _load(self, request: HttpxRequest) -> Credentials:
        info = unwrapped(self._file.read(), self._file.name)
        if info["client_email"] != self.account:
            raise changed_account(self._file.name, self.account)
        return load_service_account(info, self._scopes)

    def __repr__(self) -> str:
        return f"ServiceAccount({self.account})"


def unwrapped(info: dict[str, Any], name: str = "The credential file") -> dict[str, Any]:
    """The service account object itself, complete with a token URL.

    Raises CredentialError(unreadable) when it is none; `name` says in the message where it stands.
    """
    inner = info.get("service_account") if info.get("type") == "vertex" else info
    if not isinstance(inner, dict) or inner.get("type", TYPE) != TYPE:
        raise unreadable(
            f"{name} is not a service account's key file",
            name,
            "Name any other Google credential file in GOOGLE_APPLICATION_CREDENTIALS, and use `adc: true`.",
        )
    missing = [field for field in REQUIRED if text_field(inner, field) is None]
    if missing:
        raise unreadable(f"{name} lacks {' and '.join(missing)}", name)
    return {**inner, "token_uri": text_field(inner, "token_uri") or GRANT_URL}


def load_service_account(info: dict[str, Any], scopes: Sequence[str]) -> Credentials:
    """google-auth's credentials for a key file's object. Raises ValueError for a broken private key."""
    from google.oauth2 import service_account

    credentials: Credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
        info, scopes=list(scopes)
    )
    return credentials
