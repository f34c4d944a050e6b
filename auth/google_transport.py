"""google-auth's blocking transport over httpx2, so that neither requests nor urllib3 is needed.

Imports google-auth and httpx2 at once: only for import inside functions.
"""

from __future__ import annotations

from collections.abc import Mapping

import httpx2
from google.auth import exceptions, transport

TIMEOUT = httpx2.Timeout(10.0, connect=5.0)


def open_client() -> httpx2.Client:
    """A client without redirects, proxy variables or netrc: a grant goes to the token service or nowhere.

    SSL_CERT_FILE is honoured: a company's own certificate authority is no surprise.
    """
    return httpx2.Client(
        verify=httpx2.create_ssl_context(), timeout=TIMEOUT, trust_env=False, follow_redirects=False
    )


class HttpxResponse(transport.Response):
    """One answer, in the shape google-auth reads."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers

    @property
    def data(self) -> bytes:
        return self._response.content


class HttpxRequest(transport.Request):
    """One exchange a call; `status` is the last answer's, None while or when there was none."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        self.status: int | None = None

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> HttpxResponse:
        self.status = None
        response: httpx2.Response | None = None
        fault = ""
        try:
            response = self._client.request(
                method, url, content=body, headers=headers, timeout=TIMEOUT if timeout is None else timeout
            )
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
            fault = type(error).__name__
        # Raised outside the handler: the library's error holds the request, and the request holds the grant.
        if response is None:
            raise exceptions.TransportError(fault)  # type: ignore[no-untyped-call]
        self.status = response.status_code
        return HttpxResponse(response)
