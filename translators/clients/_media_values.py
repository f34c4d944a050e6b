"""A picture as clients write it: a data URI, a link, or the id of an asset or job of ours."""

from __future__ import annotations

import re

from translators.canonical import JSON, MediaInput
from translators.clients._fields import missing, refuse, shown, wrong_type

_REFERENCE = re.compile(r"(asset|image|video)_[a-z0-9]+")
_LINK = re.compile(r"https?://[^/?#\s]+[^\s]*", re.IGNORECASE)
_BUCKET = re.compile(r"gs://[^/\s]+/.+")
_MIME_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*")

ACCEPTED = (
    "Give a data URI (data:image/png;base64,…), an http(s) link, a gs:// link, "
    "or the id of an asset or job of this server."
)
_RIGHT_DATA = "A right one looks like data:image/png;base64,iVBORw0…"


def media_value(value: JSON, param: str) -> MediaInput:
    """The picture behind a text, `{"url": …}`, `{"image_url": …}` or `{"file_id": …}`; raises MediaError."""
    if isinstance(value, str):
        return _from_text(value, param)
    if not isinstance(value, dict):
        wrong_type(param, "a picture", value)
    given = [name for name in ("image_url", "url", "file_id") if value.get(name) is not None]
    if not given:
        missing(param, f"'{param}' names no picture. {ACCEPTED}")
    if len(given) > 1:
        refuse("invalid_value", param, f"'{param}' must have either '{given[0]}' or '{given[1]}', not both.")
    name = given[0]
    inner = value[name]
    if name == "image_url" and isinstance(inner, dict):
        name, inner = "image_url.url", inner.get("url")
    if not isinstance(inner, str):
        wrong_type(f"{param}.{name}", "text", inner)
    return _from_text(inner, f"{param}.{name}")


def _from_text(text: str, param: str) -> MediaInput:
    if text[:5].lower() == "data:":
        return _from_data_uri(text, param)
    if _REFERENCE.fullmatch(text):
        return MediaInput(reference=text, param=param)
    if not text.strip():
        missing(param, f"'{param}' is empty. {ACCEPTED}")
    if not _LINK.fullmatch(text) and not _BUCKET.fullmatch(text):
        refuse("invalid_value", param, f"'{param}' is no picture that can be read: {shown(text)}.", ACCEPTED)
    return MediaInput(uri=text, param=param)


def _from_data_uri(text: str, param: str) -> MediaInput:
    # What follows the comma may be a marker that stands for the data: it is passed on as it is, unread.
    head, comma, data = text[5:].partition(",")
    if not comma:
        refuse("invalid_value", param, f"The data URI in '{param}' has no comma.", _RIGHT_DATA)
    mime_type, *settings = head.split(";")
    if "base64" not in (setting.strip().lower() for setting in settings):
        refuse("invalid_value", param, f"The data URI in '{param}' is not base64.", _RIGHT_DATA)
    if mime_type and not _MIME_TYPE.fullmatch(mime_type):
        refuse("invalid_value", param, f"The data URI in '{param}' has no right MIME type.", _RIGHT_DATA)
    if not data.strip():
        refuse("invalid_value", param, f"The data URI in '{param}' is empty.", _RIGHT_DATA)
    return MediaInput(mime_type=mime_type.lower(), data=data, param=param)
