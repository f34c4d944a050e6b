"""The films of a finished operation, and the calls that fetch them."""

from typing import Any

import pytest

from translators.steps import Service
from translators.upstreams._veo_films import Film, fetch_call, films_in, filtered_in, without_key

FILE = "https://generativelanguage.googleapis.com/v1beta/files/f-1:download?alt=media"


@pytest.mark.parametrize(
    ("response", "films"),
    [
        ({"videos": [{"uri": "u"}, {}, 3, {"gcsUri": "gs://b/o"}]}, [Film(uri="u"), Film(uri="gs://b/o")]),
        (
            {"videos": [{"bytesBase64Encoded": "QQ==", "mimeType": "video/webm"}]},
            [Film(data="QQ==", mime_type="video/webm")],
        ),
        ({"videos": [{"uri": "u", "mimeType": "text/html\r\n"}]}, [Film(uri="u")]),
        ({"videos": [{"uri": "u", "bytesBase64Encoded": "QQ=="}]}, [Film(uri="u", data="QQ==")]),
        ({"generatedSamples": [], "videos": [{"uri": "u"}]}, [Film(uri="u")]),
        ({"generateVideoResponse": None, "videos": "x"}, []),
        ({}, []),
    ],
)
def test_films_in(response: dict[str, Any], films: list[Film]) -> None:
    assert films_in(response) == films


def test_filtered_in_both_places() -> None:
    inner = {"raiMediaFilteredCount": 2, "raiMediaFilteredReasons": ["why", "why", 3]}
    assert filtered_in(inner) == filtered_in({"generateVideoResponse": inner})
    assert filtered_in(inner).reasons == "why"
    assert not filtered_in({"raiMediaFilteredCount": 0})


@pytest.mark.parametrize(
    ("uri", "platform", "path"),
    [
        (FILE, "gemini", "/v1beta/files/f-1:download?alt=media"),
        ("http://127.0.0.1:8/v1/files/f-1:download", "gemini", "/v1beta/files/f-1:download?alt=media"),
        ("files/f-1", "gemini", "/v1beta/files/f-1:download?alt=media"),
        (FILE, "vertex", FILE),
        ("https://other.example/files/f-1", "gemini", "https://other.example/files/f-1?alt=media"),
        ("https://h/x#part", "gemini", "https://h/x?alt=media"),
        ("https://h/x?", "gemini", "https://h/x?alt=media"),
        ("ftp://h/x", "gemini", None),
        ("//h/x", "gemini", None),
        ("", "gemini", None),
    ],
)
def test_fetch_call(uri: str, platform: str, path: str | None) -> None:
    call = fetch_call(uri, platform, "v1beta")
    assert (call.path if call else None) == path
    assert call is None or (call.keep and call.service is Service.API)


def test_an_object_is_read_through_the_storage_service() -> None:
    call = fetch_call("gs://b/o", "vertex", "v1")
    assert call
    assert call.service is Service.STORAGE


@pytest.mark.parametrize(
    ("uri", "clean"),
    [
        ("https://h/x?key=k&alt=media", "https://h/x?alt=media"),
        ("https://h/x?KEY=k", "https://h/x"),
        ("https://h/x?monkey=k", "https://h/x?monkey=k"),
        ("https://[bad?key=k", "https://[bad"),
        (FILE, FILE),
    ],
)
def test_without_key(uri: str, clean: str) -> None:
    assert without_key(uri) == clean
