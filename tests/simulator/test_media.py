from typing import Any

import pytest

from simulator.errors import GoogleError
from simulator.media import film_input, still_image
from simulator.models import GEMINI, VERTEX
from tests.simulator.wire import IMAGE_MODEL, Wire, base64_of, contents, message, picture, still

LINK = "https://generativelanguage.googleapis.com/v1beta/files/abc:download?alt=media"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_stills(form: str) -> None:
    data = picture(form=form)
    media = still_image(still(data, f"image/{form.lower()}"), GEMINI, "image")
    assert media.data == data


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"inlineData": {}}, "`inlineData` isn't supported"),
        ({"gcsUri": "gs://b/a.png", "mimeType": "image/png"}, "`gcsUri` isn't supported"),
        ({"bytesBase64Encoded": base64_of(picture())}, "`mimeType` is required"),
        ({"bytesBase64Encoded": "AAAA", "mimeType": "image/gif"}, "Unsupported MIME type"),
        ({"bytesBase64Encoded": "AAAA", "mimeType": "image/png"}, "Unable to process"),
        ({"bytesBase64Encoded": "?", "mimeType": "image/png"}, "Base64"),
        ({"mimeType": "image/png"}, "Exactly one"),
        ({"foo": 1}, "Unknown name"),
    ],
)
def test_refused_stills(value: dict[str, Any], words: str) -> None:
    with pytest.raises(GoogleError, match=words):
        still_image(value, GEMINI, "image")


def test_films_in_the_form_of_the_platform() -> None:
    assert film_input({"uri": LINK}, GEMINI, "video").uri == LINK
    assert film_input({"encodedVideo": "AAAA", "encoding": "video/mp4"}, GEMINI, "video").data == b"\0\0\0"
    gcs = {"gcsUri": "gs://b/in.mp4", "mimeType": "video/mp4"}
    assert film_input(gcs, VERTEX, "video").uri == "gs://b/in.mp4"
    for value, platform in ((gcs, GEMINI), ({"uri": LINK}, VERTEX), ({"uri": "https://x/y"}, GEMINI)):
        with pytest.raises(GoogleError):
            film_input(value, platform, "video")


def test_links_are_followed_within_the_simulator(wire: Wire) -> None:
    unknown = {"fileData": {"mimeType": "image/png", "fileUri": f"{wire.base_url}/v1beta/files/nothere"}}
    answer = wire.gemini(IMAGE_MODEL, "generateContent", contents("Edit", unknown))
    assert answer.status_code == 404
    assert "nothere" in message(answer)
    elsewhere = {"fileData": {"mimeType": "image/png", "fileUri": "gs://b/no/such.png"}}
    assert wire.vertex(IMAGE_MODEL, "generateContent", contents("Edit", elsewhere)).status_code == 200
