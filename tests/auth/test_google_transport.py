"""google-auth's transport over httpx2, against a real socket."""

from __future__ import annotations

from typing import Any

import pytest
from google.auth import exceptions

from auth.google_transport import HttpxRequest, open_client


def test_answers_in_google_auths_shape(token_server: Any) -> None:
    with open_client() as client:
        request = HttpxRequest(client)
        answer = request(
            token_server.url, "POST", body=b"a=1", headers={"x-test": "1"}, timeout=3, extra=True
        )
    assert answer.status == request.status == 200
    assert answer.headers.get("metadata-flavor") == "Google"
    assert b"token-1" in answer.data


def test_an_unreachable_service_is_a_transport_error_without_the_request(token_server: Any) -> None:
    with open_client() as client:
        request = HttpxRequest(client)
        request(token_server.url)
        with pytest.raises(exceptions.TransportError, match="ConnectError") as caught:
            request("http://127.0.0.1:1/", "POST", body=b"canary")
    assert request.status is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("url", ["http://", "no-scheme", "http://[::"])
def test_a_malformed_url_is_a_transport_error(url: str) -> None:
    with open_client() as client, pytest.raises(exceptions.TransportError):
        HttpxRequest(client)(url)


def test_follows_no_redirect(token_server: Any) -> None:
    token_server.answer = (307, "")
    with open_client() as client:
        assert HttpxRequest(client)(token_server.url, "POST", body=b"grant").status == 307
    assert len(token_server.requests) == 1
