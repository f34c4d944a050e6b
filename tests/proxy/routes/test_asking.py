"""What a request brings is read and checked while it arrives."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from auth.client_keys import ClientKeys
from proxy.blobs import Blobs
from proxy.routes.asking import ClientGone, identify, read_json
from tests.demo import KEY
from translators.errors import Fault, MediaError


def scope(headers: dict[str, str], query: str = "", peer: str = "127.0.0.1") -> dict[str, Any]:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "headers": pairs, "query_string": query.encode(), "client": (peer, 5)}


async def read(
    pieces: Iterable[bytes | None], headers: dict[str, str] | None = None, limit: int = 1000
) -> Any:
    """The JSON of a body that comes in these pieces; None is a client that hangs up."""
    coming = list(pieces)

    async def receive() -> dict[str, Any]:
        piece = coming.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(coming)}

    return await read_json(scope(headers or {}), receive, Blobs(), limit)


def test_owner_of_a_key() -> None:
    keys = ClientKeys({"laptop": "a-key"})
    assert identify(scope({"authorization": "Bearer a-key"}), keys) == "laptop"
    assert identify(scope({"x-api-key": "a-key"}), keys) == "laptop"
    assert identify(scope({"authorization": f"Bearer {KEY}"}), keys) == "local"


@pytest.mark.parametrize(
    "request_scope",
    [
        scope({}),
        scope({"authorization": "Bearer other"}),
        scope({"authorization": f"Bearer {KEY}"}, peer="192.0.2.1"),
        scope({"authorization": "Bearer a-key"}, query="key=a-key"),
        scope({"authorization": "Bearer a-key"}, query="a=b&access_token=x"),
    ],
)
def test_refused_keys(request_scope: dict[str, Any]) -> None:
    with pytest.raises(MediaError) as refused:
        identify(request_scope, ClientKeys({"laptop": "a-key"}))
    assert refused.value.fault is Fault.KEY_REFUSED
    assert refused.value.advice
    assert "a-key" not in str(refused.value)


async def test_body_in_pieces() -> None:
    assert await read([b'{"a":', b" [1, ", b"2]}"]) == {"a": [1, 2]}


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "text/plain", ""])
async def test_json_whatever_it_is_called(kind: str) -> None:
    assert await read([b"{}"], {"content-type": kind}) == {}


async def test_announced_length_over_the_limit_is_not_read() -> None:
    with pytest.raises(MediaError) as refused:
        await asyncio.wait_for(read([], {"content-length": "1001"}), 5)
    assert refused.value.fault is Fault.BODY_TOO_LARGE
    assert "1000 bytes" in refused.value.message


async def test_more_than_the_limit() -> None:
    with pytest.raises(MediaError) as refused:
        await read([b'"', b"a" * 600, b"a" * 600, b'"'])
    assert refused.value.fault is Fault.BODY_TOO_LARGE


async def test_limit_is_told_in_a_unit_for_people() -> None:
    with pytest.raises(MediaError, match=r"larger than 100 MiB\."):
        await read([], {"content-length": str(2**40)}, limit=100 * 2**20)


async def test_broken_json_is_told_with_its_place() -> None:
    with pytest.raises(MediaError, match="line 2, column") as refused:
        await read([b'{"a": 1,\n"b" 2}'])
    assert refused.value.code == "invalid_json"


async def test_form_is_refused() -> None:
    with pytest.raises(MediaError) as refused:
        await read([b""], {"content-type": "multipart/form-data; boundary=x"})
    assert refused.value.code == "unsupported_content_type"


async def test_client_that_hangs_up() -> None:
    with pytest.raises(ClientGone):
        await read([b'{"a":', None])
