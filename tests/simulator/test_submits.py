import pytest

from simulator.films import probe
from tests.simulator.wire import (
    FILM_MODEL,
    VERTEX_FILM_MODEL,
    Wire,
    base64_of,
    message,
    picture,
    still,
)


def test_names_have_the_form_of_the_platform(wire: Wire) -> None:
    assert wire.film().json()["name"].startswith(f"models/{FILM_MODEL}/operations/")
    place = f"projects/p/locations/us-central1/publishers/google/models/{VERTEX_FILM_MODEL}/operations/"
    assert wire.vertex_film().json()["name"].startswith(place)
    assert wire.counters()["submits_accepted"] == 2


def test_the_captured_gemini_request(wire: Wire) -> None:
    body = {"instances": [{"prompt": "A cat surfing"}]}
    wire.arm("empty-done")
    assert wire.gemini(FILM_MODEL, "predictLongRunning", body).status_code == 200


def test_blocked_prompt(wire: Wire) -> None:
    answer = wire.film("x [simulate: safety code=17301594]")
    assert answer.status_code == 400
    assert "Support codes: 17301594" in message(answer)
    assert wire.counters()["submits_accepted"] == 0


def test_refused_submits_are_not_counted(wire: Wire) -> None:
    assert wire.film(durationSeconds=5).status_code == 400
    assert wire.counters()["submits_accepted"] == 0


def test_extension_by_link(wire: Wire) -> None:
    uri = wire.uri(wire.film())
    submit = wire.film("It goes on", {"video": {"uri": uri, "encoding": "video/mp4"}}, durationSeconds=8)
    facts = probe(wire.download(wire.uri(submit)))
    assert facts is not None
    assert abs(facts.seconds - 11) < 0.1


@pytest.mark.parametrize(
    ("video", "words"),
    [
        ({"uri": "https://generativelanguage.googleapis.com/v1beta/files/gone:download?alt=media"}, "gone"),
        (
            {"encodedVideo": base64_of(b"\0\0\0\x18ftypmp42"), "encoding": "video/mp4"},
            "Unable to process input video",
        ),
    ],
)
def test_extension_of_what_is_not_there(wire: Wire, video: dict[str, str], words: str) -> None:
    answer = wire.film("It goes on", {"video": video}, durationSeconds=8)
    assert answer.status_code in {400, 404}
    assert words in message(answer)


def test_pictures_reach_the_film(wire: Wire) -> None:
    wire.arm("empty-done", times=None)  # they are drawn in test_films.py
    ends = {"image": still(picture("red")), "lastFrame": still(picture("blue"))}
    assert wire.film("", ends).status_code == 200
    references = [{"image": still(picture(colour)), "referenceType": "asset"} for colour in ("red", "blue")]
    assert wire.film("They walk", {"referenceImages": references}, durationSeconds=8).status_code == 200
    gcs = {"gcsUri": "gs://b/first.png", "mimeType": "image/png"}
    assert wire.vertex_film("", {"image": gcs}).status_code == 200


def test_masks_where_they_are_served(wire: Wire) -> None:
    video = {"gcsUri": "gs://b/in.mp4", "mimeType": "video/mp4"}
    mask = {"gcsUri": "gs://b/mask.png", "mimeType": "image/png", "maskMode": "OUTPAINT"}
    body = {
        "instances": [{"prompt": "a sheep [simulate: empty-done]", "video": video, "mask": mask}],
        "parameters": {"aspectRatio": "16:9"},
    }
    assert wire.vertex("veo-2.0-generate-exp", "predictLongRunning", body).status_code == 200
    assert wire.vertex(VERTEX_FILM_MODEL, "predictLongRunning", body).status_code == 400
