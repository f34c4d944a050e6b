"""What a finished Veo operation holds, in every form it has had, and the calls that fetch the films."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from translators.canonical import JSON
from translators.steps import Call, Service
from translators.upstreams._google import VERTEX, object_path
from translators.upstreams._google_envelope import phrase
from translators.upstreams._json import as_count, as_list, as_object, as_text

MP4 = "video/mp4"

_LISTS: tuple[tuple[str, ...], ...] = (
    ("generateVideoResponse", "generatedSamples"),
    ("generateVideoResponse", "videos"),
    ("generatedSamples",),
    ("predictions",),
    ("videos",),
)
"""Where films have been seen. Source: Google's pages on Veo, and google-genai's parsers."""

_LINKS = ("uri", "gcsUri")
_DATA = ("bytesBase64Encoded", "encodedVideo")
_MIME_TYPES = ("mimeType", "encoding")

_VIDEO = re.compile(r"video/[\w.+-]{1,40}", re.ASCII)
_GEMINI_HOST = "generativelanguage.googleapis.com"
_FILE = re.compile(r"(?:^|/)files/([A-Za-z0-9][A-Za-z0-9._~-]*)(:download)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """One film of the provider's: base64 text or its marker in `data`, or a link to it in `uri`, or both."""

    mime_type: str = MP4
    data: str = ""
    uri: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtered:
    """What the safety filter held back: how many films, and its reasons, safe to show."""

    count: int = 0
    reasons: str = ""

    def __bool__(self) -> bool:
        return bool(self.count or self.reasons)


def films_in(response: Mapping[str, JSON]) -> list[Film]:
    """The films of an operation's response, in order: those of the first list that has any."""
    found = (list(_films(_at(response, path))) for path in _LISTS)
    return next(filter(None, found), [])


def filtered_in(response: Mapping[str, JSON]) -> Filtered:
    """What was filtered, which stands in the response on Vertex and one level deeper on the Gemini API."""
    places = (response, as_object(response.get("generateVideoResponse")))
    counts = [as_count(place.get("raiMediaFilteredCount")) for place in places]
    reasons = [as_text(item) for place in places for item in as_list(place.get("raiMediaFilteredReasons"))]
    return Filtered(count=max(counts), reasons=phrase(" ".join(dict.fromkeys(filter(None, reasons)))))


def fetch_call(uri: str, platform: str, api_version: str) -> Call | None:
    """The call that fetches a film from the link its provider gave, or None when it cannot be fetched.

    A file of the Gemini API becomes a path of our own, so that the configured base URL counts; gs:// is read
    through Cloud Storage; another http(s) link is used as it is, with alt=media where it is missing.
    """
    if uri.startswith("gs://"):
        path = object_path(uri)
        return (
            Call(method="GET", path=path, service=Service.STORAGE, keep=True, mime_type=MP4) if path else None
        )
    try:
        link = urlsplit(uri)
    except ValueError:
        return None
    file = _FILE.search(link.path) if platform != VERTEX else None
    if file and (file[2] or link.hostname in (_GEMINI_HOST, None)):
        path = f"/{api_version}/files/{file[1]}:download?alt=media"
        return Call(method="GET", path=path, keep=True, mime_type=MP4)
    if link.scheme not in ("http", "https") or not link.hostname:
        return None
    return Call(method="GET", path=_with_media(uri), keep=True, mime_type=MP4)


def without_key(uri: str) -> str:
    """The link without a key in its query, fit for a job's row and for the client."""
    if "key=" not in uri.lower():
        return uri
    try:
        link = urlsplit(uri)
    except ValueError:
        return uri.partition("?")[0]
    kept = [(name, value) for name, value in parse_qsl(link.query, True) if name.lower() != "key"]
    return urlunsplit(link._replace(query=urlencode(kept, errors="replace")))


def _with_media(uri: str) -> str:
    head, question, query = uri.partition("#")[0].partition("?")
    # A signed link is good only as it stands.
    if "alt=media" in query.split("&") or "signature=" in query.lower():
        return uri
    return f"{head}?{query}&alt=media" if question and query else f"{head}?alt=media"


def _at(response: Mapping[str, JSON], path: tuple[str, ...]) -> list[JSON]:
    *holders, last = path
    for name in holders:
        response = as_object(response.get(name))
    return as_list(response.get(last))


def _films(items: list[JSON]) -> Iterator[Film]:
    for item in map(as_object, items):
        video = item.get("video")
        holder = video if isinstance(video, dict) else item
        data, uri = _first(holder, _DATA), without_key(_first(holder, _LINKS))
        if data or uri:
            said = _first(holder, _MIME_TYPES)
            yield Film(mime_type=said if _VIDEO.fullmatch(said) else MP4, data=data, uri=uri)


def _first(holder: Mapping[str, JSON], names: tuple[str, ...]) -> str:
    return next(filter(None, (as_text(holder.get(name)) for name in names)), "")
