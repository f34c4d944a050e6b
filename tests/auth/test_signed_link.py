"""Links that open one path for a while."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from auth.signed_link import SignedLinks

LINKS = SignedLinks(b"k" * 32)
PATH = "/files/asset-1"


def params(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, strict_parsing=True))


SIGNED = params(LINKS.sign(PATH, 1000))


def test_opens_its_path_until_its_moment() -> None:
    assert set(SIGNED) == {"expires", "signature"}
    assert LINKS.verify(PATH, SIGNED, 999)
    assert LINKS.verify(PATH, {**SIGNED, "download": "1"}, 0)
    assert not LINKS.verify(PATH, SIGNED, 1000)


@pytest.mark.parametrize(
    "path", ["/files/asset-2", "/files/asset-1/", "/files/asset-1\n", "", "/files/\udcff", "/файл"]
)
def test_opens_no_other_path(path: str) -> None:
    assert not LINKS.verify(path, SIGNED, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"expires": "9999"},
        {"expires": "01000"},
        {"expires": " 1000"},
        {"expires": "1000.0"},
        {"expires": "\u0661\u0660\u0660\u0660"},
        {"expires": ""},
        {"expires": "1000\n/files/asset-1"},
        {"expires": "9" * 5000},
        {"signature": ""},
        {"signature": SIGNED["signature"][:-1]},
        {"signature": SIGNED["signature"] + "="},
        {"signature": SIGNED["signature"].removeprefix("v1.")},
        {"signature": SIGNED["signature"].replace("v1.", "v2.")},
        {"signature": SIGNED["signature"].upper()},
        {"signature": "é\udcff"},
    ],
)
def test_any_change_closes_it(change: dict[str, str]) -> None:
    assert not LINKS.verify(PATH, {**SIGNED, **change}, 1)


def test_a_lacking_parameter_closes_it() -> None:
    assert not LINKS.verify(PATH, {}, 1)
    assert not LINKS.verify(PATH, {"expires": "1000"}, 1)
    assert not LINKS.verify(PATH, {"signature": SIGNED["signature"]}, 1)


def test_a_genuine_signature_over_nonsense_stays_closed() -> None:
    for expires in ("-5", "soon", "9" * 13):
        forged = {"expires": expires, "signature": LINKS._signature(PATH, expires)}
        assert not LINKS.verify(PATH, forged, -10)


def test_another_secret_makes_another_signature() -> None:
    assert not SignedLinks(b"q" * 32).verify(PATH, SIGNED, 1)


def test_the_secret_must_be_long_and_stays_hidden() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes") as caught:
        SignedLinks(b"canary")
    assert "canary" not in str(caught.value)
    assert "canary" not in repr(SignedLinks(b"canary-canary-canary"))
