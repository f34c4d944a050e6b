"""What Google says when it refuses: the error envelope in all its spellings, its words made safe to show."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from translators.canonical import JSON
from translators.steps import Reply
from translators.upstreams._json import as_count, as_list, as_object, as_text

LONGEST_PHRASE = 500
"""Characters of a provider's message that are passed on."""

_LONGEST_READ = 4000
_LONGEST_DELAY = 7 * 24 * 3600.0
_MARKUP = re.compile(r"<[a-z!?/][^<>]*>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(style|script)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title[^<>]*>([^<]+)", re.IGNORECASE)
_SECRET = re.compile(
    r"api[-_]key['\"]?:\s*[^\s'\"]+|\bAIza[\w-]{8,}|\bAQ\.[\w.-]{8,}|\bya29\.[\w.-]+|\bbearer\s+\S{20,}",
    re.IGNORECASE,
)
_SECRET_QUERY = ("key=", "token=", "signature=")
_DELAY = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m(?!s))?(?:(\d{1,9}(?:\.\d{1,12})?)(ms|s))?")
_DELAY_IN_WORDS = re.compile(
    r"\b(?:after|in)\s+(\d[\dhms.]*[hms])(?!\w)|\b(?:after|in)\s+(\d{1,9})\s+seconds?\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An error as Google tells it. What it did not say is empty, 0 or None.

    `code` is the HTTP status, or the rpc code inside an operation; `status` its name, or the string code that
    some surfaces send. `reasons` are those of google.rpc.ErrorInfo; `quotas` the ids of the quotas used up,
    and `no_quota` says that one of them is 0, as without billing; `delay` is in seconds, and not from the
    message's words.
    """

    code: int = 0
    status: str = ""
    message: str = ""
    reasons: tuple[str, ...] = ()
    quotas: tuple[str, ...] = ()
    no_quota: bool = False
    delay: float | None = None


def phrase(text: str) -> str:
    """A provider's words on one line, at most 500 characters, without markup, keys or links with a key."""
    text = text[:_LONGEST_READ]
    if text.lstrip().startswith("<"):
        title = _TITLE.search(text)
        text = title[1] if title else _MARKUP.sub(" ", _UNSEEN.sub(" ", text))
    text = "".join(sign if sign.isprintable() else " " for sign in html.unescape(text))
    words = (
        "(removed)" if any(query in word.lower() for query in _SECRET_QUERY) else word
        for word in text.split()
    )
    line = _SECRET.sub("(removed)", " ".join(words))
    return line if len(line) <= LONGEST_PHRASE else line[: LONGEST_PHRASE - 1].rstrip() + "…"


def sentence(words: str) -> str:
    """The words with a full stop where they have no end of their own."""
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."


def seconds_of(text: str) -> float | None:
    """A duration as Google writes it (`12.3s`, `1h2m3s`, `250ms`) in seconds, or None."""
    match = _DELAY.fullmatch(text.strip())
    if not match or not any(match.groups()):
        return None
    hours, minutes, rest, unit = match.groups()
    seconds = float(rest or 0) / (1000 if unit == "ms" else 1)
    return min(int(hours or 0) * 3600 + int(minutes or 0) * 60 + seconds, _LONGEST_DELAY)


def envelope_of(reply: Reply) -> Envelope:
    """The error that a reply carries; of a page or an empty body only what can be known.

    The delay of the details comes before that of the Retry-After header, which is read when it is in seconds:
    a date would need a clock.
    """
    found = envelope_in(reply.body)
    if found is None:
        spoken = as_text(reply.body) or reply.text
        found = Envelope(message=phrase(spoken))
    if found.delay is not None:
        return found
    return replace(found, delay=seconds_of(f"{reply.headers.get('retry-after', '')}s"))


def envelope_in(document: JSON) -> Envelope | None:
    """The error inside a body: an object, an object in a list, or a plain `error` with words; else None."""
    holders = as_list(document) or [document]
    for holder in holders:
        error = as_object(holder).get("error")
        if isinstance(error, dict):
            return envelope_from(error)
        if isinstance(error, str):
            words = as_text(as_object(holder).get("error_description")) or error
            return Envelope(status=phrase(error), message=phrase(words))
    return None


def envelope_from(error: Mapping[str, JSON]) -> Envelope:
    """The error from its own object: `code`, `message`, `status`, `details`.

    Source: google.rpc.Status and google/rpc/error_details.proto; string codes are those of the Interactions
    API, `errors` with reasons those of Code Assist and Cloud Storage.
    """
    code = error.get("code")
    details = [as_object(detail) for detail in as_list(error.get("details"))]
    older = (as_text(as_object(item).get("reason")) for item in as_list(error.get("errors")))
    fields = list(_texts(details, _fields))
    message = as_text(error.get("message"))
    missing = [field for field in fields if field not in message]
    return Envelope(
        code=as_count(code),
        status=phrase(as_text(error.get("status")) or ("" if as_count(code) else as_text(code))),
        message=phrase(f"{message} ({'; '.join(missing)})" if missing else message),
        reasons=tuple(phrase(reason) for reason in (*_texts(details, _reasons), *older) if reason),
        quotas=tuple(_texts(details, _quotas)),
        no_quota="limit: 0" in message or any(_without_quota(detail) for detail in details),
        delay=next((delay for delay in map(seconds_of, _texts(details, _delays)) if delay is not None), None),
    )


def delay_in_words(message: str) -> float | None:
    """The delay that a message names (`… retry in 12.3s`, `after 30 seconds`) in seconds, or None."""
    for match in _DELAY_IN_WORDS.finditer(message):
        seconds = seconds_of(match[1] or f"{match[2]}s")
        if seconds is not None:
            return seconds
    return None


def _texts(
    details: list[dict[str, JSON]], read: Callable[[str, dict[str, JSON]], Iterator[JSON]]
) -> Iterator[str]:
    """What `read` finds in the details, those of RetryInfo first, as they are the best word on a delay."""
    ordered = sorted(details, key=lambda detail: _kind(detail) != "RetryInfo")
    return (text for detail in ordered for text in map(as_text, read(_kind(detail), detail)) if text)


def _kind(detail: dict[str, JSON]) -> str:
    return as_text(detail.get("@type")).rpartition(".")[2]


def _reasons(kind: str, detail: dict[str, JSON]) -> Iterator[JSON]:
    if kind == "ErrorInfo":
        yield detail.get("reason")


def _quotas(kind: str, detail: dict[str, JSON]) -> Iterator[JSON]:
    if kind == "QuotaFailure":
        yield from (as_object(item).get("quotaId") for item in as_list(detail.get("violations")))
    if kind == "ErrorInfo":
        yield as_object(detail.get("metadata")).get("quota_limit")


def _delays(kind: str, detail: dict[str, JSON]) -> Iterator[JSON]:
    if kind == "RetryInfo":
        yield detail.get("retryDelay")
    if kind == "ErrorInfo":
        yield as_object(detail.get("metadata")).get("quotaResetDelay")


def _fields(kind: str, detail: dict[str, JSON]) -> Iterator[JSON]:
    if kind == "BadRequest":
        for item in map(as_object, as_list(detail.get("fieldViolations"))):
            yield ": ".join(filter(None, (as_text(item.get("field")), as_text(item.get("description")))))


def _without_quota(detail: dict[str, JSON]) -> bool:
    violations = map(as_object, as_list(detail.get("violations")))
    return any(str(item.get("quotaValue")) == "0" for item in violations)
