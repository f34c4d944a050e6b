"""Media answers, whole or the one byte range that was asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def media_response(request: Request, data: bytes, mime: str) -> Response:
    """200 with everything, 206 with one range, or 416 for a range beyond the end."""
    headers = {"accept-ranges": "bytes"}
    match = _RANGE.fullmatch(request.headers.get("range", ""))
    if match is None or not any(match.groups()):
        return Response(data, media_type=mime, headers=headers)
    first, last = match.groups()
    start = int(first) if first else max(0, len(data) - int(last))
    end = min(int(last), len(data) - 1) if first and last else len(data) - 1
    if start > end:
        return Response(status_code=416, headers={"content-range": f"bytes */{len(data)}"})
    headers["content-range"] = f"bytes {start}-{end}/{len(data)}"
    return Response(data[start : end + 1], 206, media_type=mime, headers=headers)
