import pytest
from starlette.requests import Request

from simulator.ranges import media_response


def ask(header: str) -> tuple[int, bytes, str | None]:
    headers = [(b"range", header.encode())] if header else []
    request = Request({"type": "http", "method": "GET", "headers": headers})
    answer = media_response(request, b"0123456789", "video/mp4")
    return answer.status_code, bytes(answer.body), answer.headers.get("content-range")


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", (200, b"0123456789", None)),
        ("bytes=2-4", (206, b"234", "bytes 2-4/10")),
        ("bytes=7-", (206, b"789", "bytes 7-9/10")),
        ("bytes=-3", (206, b"789", "bytes 7-9/10")),
        ("bytes=7-99", (206, b"789", "bytes 7-9/10")),
        ("bytes=10-", (416, b"", "bytes */10")),
        ("lines=1-2", (200, b"0123456789", None)),
        ("bytes=-", (200, b"0123456789", None)),
    ],
)
def test_ranges(header: str, wanted: tuple[int, bytes, str | None]) -> None:
    assert ask(header) == wanted
