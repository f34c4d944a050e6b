"""Google's application default credentials: a gcloud login, a credential file, or the machine's own."""

from __future__ import annotations

import os
import re
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auth.key_file import KeyFile, changed_account, expanded, text_field, unreadable
from auth.service_account import CLOUD_PLATFORM, load_service_account, unwrapped
from auth.token_refresh import Outcome, TokenRefresh

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

    from auth.google_transport import HttpxRequest

FILE_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
FILE_NAME = "application_default_credentials.json"
LOGIN_ADVICE = "Log in again with `gcloud auth application-default login`."
NO_FILE_ADVICE = (
    "Log in with `gcloud auth application-default login` or name a file in GOOGLE_APPLICATION_CREDENTIALS;"
    " on a machine of Google Cloud, install google-auth[requests]."
)
IMPERSONATED = re.compile(r"/serviceAccounts/([^/:@]+@[^/:@]+):")


class Adc:
    """value: a path, or True for the places google-auth looks: variable, gcloud's file, metadata server.

    account is the e-mail that the file names, else "adc"; project is its service account's or quota project.
    The file is read again at every refresh, so that a new login needs no restart.
    Raises CredentialError(unreadable) when a named file is missing or broken. Without any file the metadata
    server is asked, at the first headers().
    """

    kind = "adc"

    def __init__(
        self,
        value: object = True,
        *,
        token_url: str | None = None,
        scopes: Sequence[str] = (CLOUD_PLATFORM,),
        clock: Callable[[], float] = time.time,
        environ: Mapping[str, str] = os.environ,
        home: Path | None = None,
    ) -> None:
        self._file = KeyFile(value) if value is not True else usual_file(environ, home or expanded("~"))
        self._token_url = token_url
        self._scopes = tuple(scopes)
        self._clock = clock
        info = self._file.read() if self._file else {}
        self.account = named_account(info) or "adc"
        self.project = text_field(info, "project_id") or text_field(info, "quota_project_id")
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
            self._load,
            account=self.account,
            advice=LOGIN_ADVICE,
            token_url=self._token_url,
            clock=self._clock,
        )

    def _load(self, request: HttpxRequest) -> Credentials:
        if self._file is None:
            return _machine_account(self._scopes, request)
        # google-auth's own replacement of the URL comes too late for workload identity (2.62).
        info = self._file.read() | ({"token_url": self._token_url} if self._token_url else {})
        if (named_account(info) or "adc") != self.account:
            raise changed_account(self._file.name, self.account)
        return LOADERS.get(str(info.get("type")), _load_other)(info, self._scopes, request)

    def __repr__(self) -> str:
        return f"Adc({self.account})"


def usual_file(environ: Mapping[str, str], home: Path) -> KeyFile | None:
    """The file google-auth would take: the variable's, else gcloud's when it exists."""
    named = environ.get(FILE_VARIABLE, "").strip()
    if named:
        return KeyFile(Path(named))
    path = gcloud_file(environ, home)
    return KeyFile(path) if path.is_file() else None


def gcloud_file(environ: Mapping[str, str], home: Path) -> Path:
    """Where `gcloud auth application-default login` writes, there or not (CLOUDSDK_CONFIG moves it)."""
    folder = environ.get("CLOUDSDK_CONFIG")
    if folder:
        return Path(folder) / FILE_NAME
    if os.name == "nt" and environ.get("APPDATA"):
        return Path(environ["APPDATA"]) / "gcloud" / FILE_NAME
    return home / ".config" / "gcloud" / FILE_NAME


def named_account(info: Mapping[str, Any]) -> str | None:
    """The e-mail that a credential file names: a service account's, an impersonated one's, or a person's."""
    impersonated = IMPERSONATED.search(text_field(info, "service_account_impersonation_url") or "")
    return (
        text_field(info, "client_email")
        or (impersonated.group(1) if impersonated else None)
        or text_field(info, "account")
    )


def _load_user(info: dict[str, Any]) -> Credentials:
    """A person's login. Its scopes were settled when they logged in, so none are asked for here."""
    from google.oauth2.credentials import Credentials as UserCredentials

    login = {**info, "expiry": None, "token": None}
    credentials = UserCredentials.from_authorized_user_info(login)  # type: ignore[no-untyped-call]
    found: Credentials = credentials.with_quota_project_from_environment()
    return found


def _load_other(info: dict[str, Any], scopes: Sequence[str], request: HttpxRequest) -> Credentials:
    """Workload identity and impersonation: google-auth picks the class."""
    import google.auth
    from google.auth.credentials import with_scopes_if_required

    with warnings.catch_warnings():
        # It warns of files from strangers; this one is the operator's own.
        warnings.simplefilter("ignore", DeprecationWarning)
        # Scoped only afterwards: with scopes it would at once ask yet another service for the project's name.
        loaded = google.auth.load_credentials_from_dict(info, request=request)  # type: ignore[no-untyped-call]
    found: Credentials = with_scopes_if_required(loaded[0], list(scopes))  # type: ignore[no-untyped-call]
    return found


def _machine_account(scopes: Sequence[str], request: HttpxRequest) -> Credentials:
    """The account of the machine we run on, told by Google Cloud's metadata server."""
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    with suppress(DefaultCredentialsError):
        credentials, _ = google.auth.default(scopes=list(scopes), request=request)
        return credentials
    raise unreadable("No application default credentials were found", "adc", NO_FILE_ADVICE)


LOADERS: Mapping[str, Callable[[dict[str, Any], Sequence[str], HttpxRequest], Credentials]] = {
    "service_account": lambda info, scopes, request: load_service_account(unwrapped(info), scopes),
    "vertex": lambda info, scopes, request: load_service_account(unwrapped(info), scopes),
    "authorized_user": lambda info, scopes, request: _load_user(info),
}
