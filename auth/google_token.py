"""One access token from Google's credential library, and what its failures mean.

Imports google-auth at once: only for import inside functions.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from google.auth import exceptions
from google.auth.credentials import Credentials

from auth.credential_error import CredentialError, Reason
from auth.google_transport import HttpxRequest, open_client
from auth.token_refresh import Outcome, Token

LIFETIME_SECONDS = 3600.0  # of a token whose answer names none
BUSY_STATUSES = frozenset({408, 429})

# RFC 6749 5.2 and Google's own codes. Only these are repeated: an unknown text may hold anything.
CODES = {
    "invalid_grant": "the login or key is expired or revoked",
    "invalid_client": "the OAuth client of this login is not accepted",
    "unauthorized_client": "this client may not ask for tokens",
    "invalid_scope": "the wanted scope is not allowed",
    "access_denied": "access was denied",
    "disabled_client": "the OAuth client is disabled",
    "deleted_client": "the OAuth client was deleted",
    "invalid_rapt": "the organisation wants a new login",
    "rapt_required": "the organisation wants a new login",
    "admin_policy_enforced": "the organisation's policy forbids it",
}
# Words of Google's error_description that change the advice: (part of it, meaning, advice).
PHRASES = (
    (
        "reasonable timeframe",
        "the clock of this machine differs from Google's",
        "Set the clock of this machine, then try again.",
    ),
    ("invalid jwt signature", "the key was deleted or belongs to another account", ""),
    ("account not found", "the account does not exist any more", ""),
    ("account has been deleted", "the account was deleted", ""),
    ("reauthentication is needed", "the organisation wants a new login", ""),
)
MESSAGES: dict[Reason, str] = {
    "refused": "Google refused the credential of {account}: {cause}.",
    "unavailable": "The token service gave no token for {account}: {cause}.",
    "unreadable": "The credential of {account} cannot be used: {cause}.",
}
WAIT_ADVICE = "Check the network and try again; nothing has to be changed when this passes by itself."

Load = Callable[[HttpxRequest], Credentials]


def fetch_token(
    load: Load,
    *,
    account: str,
    advice: str,
    token_url: str | None = None,
    clock: Callable[[], float] = time.time,
) -> Outcome:
    """Load a credential and get one token for it; blocking, a few seconds at most.

    advice: what to do when Google refuses it. token_url: another token endpoint than the credential's own.
    Returns the token or a CredentialError; raises nothing: every fault of file or answer is one of those.
    """
    try:
        client = open_client()
    except OSError:
        cause = "the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be loaded"
        return CredentialError(
            MESSAGES["unavailable"].format(account=account, cause=cause),
            reason="unavailable",
            account=account,
        )
    with client:
        request = HttpxRequest(client)
        try:
            credentials = _redirected(load(request), token_url)
            credentials.refresh(request)  # type: ignore[no-untyped-call]
            return _token(credentials, clock())
        except CredentialError as error:
            return error.again()
        except Exception as error:  # noqa: BLE001 - google-auth meets odd answers with any error
            return _explained(error, request.status, account, advice)


def _redirected(credentials: Credentials, token_url: str | None) -> Credentials:
    if token_url is None:
        return credentials
    with_token_uri: Callable[[str], Credentials] | None = getattr(credentials, "with_token_uri", None)
    if with_token_uri is None:
        raise exceptions.InvalidOperation  # no such endpoint to replace
    return with_token_uri(token_url)


def _token(credentials: Credentials, now: float) -> Token:
    if not isinstance(credentials.token, str) or not credentials.token:
        raise exceptions.ResponseError  # an answer without a token
    return Token(credentials.token, now + _seconds_left(credentials.expiry), credentials.quota_project_id)


def _seconds_left(expiry: datetime | None) -> float:
    """google-auth gives a naive UTC moment of the machine's clock; ours may be another one."""
    if expiry is None:
        return LIFETIME_SECONDS
    aware = expiry if expiry.tzinfo else expiry.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()


def _explained(error: Exception, status: int | None, account: str, advice: str) -> CredentialError:
    reason = _reason(error, status)
    cause, better = _cause(error, status, reason)
    defaults: dict[Reason, str] = {"refused": advice, "unavailable": WAIT_ADVICE, "unreadable": advice}
    return CredentialError(
        MESSAGES[reason].format(account=account, cause=cause),
        reason=reason,
        account=account,
        advice=better or defaults[reason],
    )


def _reason(error: Exception, status: int | None) -> Reason:
    if _is_network(error):
        return "unavailable"
    if status is None or isinstance(error, exceptions.DefaultCredentialsError):
        return "unreadable"
    if 400 <= status < 500 and status not in BUSY_STATUSES and not getattr(error, "retryable", False):
        return "refused"
    return "unavailable"


def _is_network(error: Exception) -> bool:
    # The metadata server's client wraps the transport's error in a RefreshError.
    return any(isinstance(one, exceptions.TransportError) for one in (error, *error.args))


def _cause(error: Exception, status: int | None, reason: Reason) -> tuple[str, str]:
    """What happened, in words that hold nothing of request or answer, and advice when it is special."""
    if reason == "unreadable":
        return _unreadable_cause(error), ""
    if _is_network(error):
        return "it cannot be reached", ""
    if reason == "unavailable":
        return f"it answered {status} without a token", ""
    text = " ".join(str(argument) for argument in error.args).lower()
    for phrase, cause, advice in PHRASES:
        if phrase in text:
            return cause, advice
    code = _code(error)
    return (f"{CODES[code]} ({code})", "") if code in CODES else (f"it answered {status}", "")


def _code(error: Exception) -> str:
    answer: Any = error.args[1] if len(error.args) > 1 else None
    if not isinstance(answer, dict):
        return ""
    for name in ("error_subtype", "error"):
        code = answer.get(name)
        if isinstance(code, str) and code in CODES:
            return code
    return ""


def _unreadable_cause(error: Exception) -> str:
    if isinstance(error, exceptions.InvalidOperation):
        return "token_url does not go with this type of credential"
    return "its type, its fields or its private key are not those of a Google credential file"
