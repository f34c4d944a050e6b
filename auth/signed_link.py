"""Links that open one path until a moment, without a key."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

VERSION = "v1"
MIN_SECRET_BYTES = 16
MAX_DIGITS = 12  # of a moment in seconds: enough until the year 33658


class SignedLinks:
    """Signs and verifies with HMAC-SHA256. secret: at least 16 random bytes, else ValueError."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < MIN_SECRET_BYTES:
            raise ValueError(f"the signing secret needs at least {MIN_SECRET_BYTES} bytes")
        self._secret = secret

    def sign(self, path: str, expires_at: int) -> str:
        """The query string that opens this path until expires_at (seconds since 1970).

        path: as verify() will be given it, without a query.
        """
        expires = str(int(expires_at))
        return f"expires={expires}&signature={self._signature(path, expires)}"

    def verify(self, path: str, query_params: Mapping[str, str], now: float) -> bool:
        """Whether these parameters open this path now. Never raises; other parameters do not matter."""
        expires = query_params.get("expires", "")
        signature = query_params.get("signature", "")
        wanted = self._signature(path, expires)
        genuine = hmac.compare_digest(_bytes(signature), wanted.encode())
        return genuine and _is_moment(expires) and now < int(expires)

    def _signature(self, path: str, expires: str) -> str:
        # The version comes first so that a later scheme can never read an old message as its own.
        message = _bytes(f"filmgate-link {VERSION}\n{expires}\n{path}")
        digest = hmac.new(self._secret, message, hashlib.sha256).digest()
        return f"{VERSION}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"

    def __repr__(self) -> str:
        return "SignedLinks(…)"


def _is_moment(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
