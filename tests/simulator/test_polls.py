import base64

import httpx2
import pytest

from simulator.films import probe
from tests.simulator.wire import PLACE, VERTEX_FILM_MODEL, Wire, message


def test_gemini_gives_a_link(wire: Wire) -> None:
    operation = wire.finished(wire.film())
    response = operation["response"]
    assert response["@type"].endswith("PredictLongRunningResponse")
    uri = response["generateVideoResponse"]["generatedSamples"][0]["video"]["uri"]
    assert uri.startswith(f"{wire.base_url}/v1beta/files/")
    facts = probe(wire.download(uri))
    assert facts is not None
    assert (facts.width, facts.height) == (1280, 720)
    assert abs(facts.seconds - 4) < 0.1
    assert wire.finished(wire.film())["response"] != response


def test_vertex_gives_bytes(wire: Wire) -> None:
    operation = wire.finished(wire.vertex_film())
    response = operation["response"]
    assert response["@type"].endswith("GenerateVideoResponse")
    assert response["raiMediaFilteredCount"] == 0
    (video,) = response["videos"]
    assert video["mimeType"] == "video/mp4"
    assert probe(base64.b64decode(video["bytesBase64Encoded"])) is not None


def test_vertex_writes_to_the_bucket(wire: Wire) -> None:
    submit = wire.vertex_film(storageUri="gs://bucket/prefix/", sampleCount=2)
    operation = wire.finished(submit)
    identity = operation["name"].rpartition("/")[2]
    links = [video["gcsUri"] for video in operation["response"]["videos"]]
    assert links == [f"gs://bucket/prefix/{identity}/sample_{number}.mp4" for number in range(2)]


def test_polls_are_told_while_running(wire: Wire) -> None:
    name = wire.film("A slow cat [simulate: empty-done]").json()["name"]
    assert wire.poll(name).json() == {"name": name}
    assert wire.counters()["polls"] == 1


@pytest.mark.parametrize(
    ("fault", "code"), [("operation-error", 13), ("operation-error code=3", 3), ("operation-error code=8", 8)]
)
def test_failed_operations(wire: Wire, fault: str, code: int) -> None:
    operation = wire.finished(wire.film(f"x [simulate: {fault}]"))
    assert operation["error"]["code"] == code
    assert operation["error"]["message"]
    assert "response" not in operation


def test_done_with_nothing(wire: Wire) -> None:
    operation = wire.finished(wire.vertex_film("x [simulate: empty-done]"))
    assert set(operation) == {"name", "done"}


def test_filtered_on_gemini(wire: Wire) -> None:
    operation = wire.finished(wire.film("x [simulate: safety-output code=17301594]"))
    response = operation["response"]["generateVideoResponse"]
    assert response["raiMediaFilteredCount"] == 1
    assert "Support codes: 17301594" in response["raiMediaFilteredReasons"][0]
    assert "generatedSamples" not in response


def test_filtered_in_part_on_vertex(wire: Wire) -> None:
    wire.arm("safety-partial", filtered=3)
    submit = wire.vertex_film(sampleCount=4)
    response = wire.finished(submit)["response"]
    assert response["raiMediaFilteredCount"] == 3
    assert len(response["videos"]) == 1


def test_bucket_that_denies(wire: Wire) -> None:
    submit = wire.vertex_film(storageUri="gs://denied-bucket/x")
    assert submit.status_code == 403


def test_polls_can_fail(wire: Wire) -> None:
    name = wire.film("A cat [simulate: empty-done] [simulate: poll-429 times=2]").json()["name"]
    assert [wire.poll(name).status_code for _ in range(3)] == [429, 429, 200]
    wire.arm("poll-500", match={"prompt": "A cat"})
    assert [wire.poll(name).status_code for _ in range(2)] == [500, 200]
    wire.arm("poll-drop")
    with pytest.raises(httpx2.RemoteProtocolError):
        wire.poll(name)
    wire.arm("poll-404")
    assert [wire.poll(name).status_code for _ in range(2)] == [404, 200]


def test_unknown_and_foreign_operations(wire: Wire) -> None:
    assert wire.poll("models/veo-3.1-generate-preview/operations/nothing").status_code == 404
    name = wire.film().json()["name"]
    assert wire.get(f"/v1beta/{name}", {"x-goog-api-key": "another"}).status_code == 403


def test_vertex_is_polled_by_post_only(wire: Wire) -> None:
    name = wire.vertex_film().json()["name"]
    assert wire.get(f"/v1beta1/{name}", {"authorization": "Bearer t"}).status_code == 404
    fetch = f"{PLACE}/veo-3.1-fast-generate-001:fetchPredictOperation"
    answer = wire.post(fetch, {"operationName": name}, {"authorization": "Bearer t"})
    assert answer.status_code == 400
    assert "does not belong" in message(answer)
    unknown = f"{name.rpartition('/')[0]}/nothing"
    fetch = f"{PLACE}/{VERTEX_FILM_MODEL}:fetchPredictOperation"
    assert wire.post(fetch, {"operationName": unknown}, {"authorization": "Bearer t"}).status_code == 404
    assert wire.post(fetch, {}, {"authorization": "Bearer t"}).status_code == 400
