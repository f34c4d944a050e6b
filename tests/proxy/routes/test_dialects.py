"""The endpoints of the dialects: what is accepted, found again, listed and fetched, and by whom."""

import pytest

from tests.demo import FILM_MODEL, IMAGE_MODEL, OTHER_KEY, Demo, asking, error_of

OTHER = {"authorization": f"Bearer {OTHER_KEY}"}


@pytest.fixture(scope="module")
def film(running: Demo) -> str:
    """The id of a finished film."""
    body = {"model": FILM_MODEL, "prompt": "A gate", "seconds": 4}
    receipt = running.http.post("/v1/videos", json=body)
    assert receipt.status_code == 200, receipt.text
    assert receipt.headers["x-filmgate-job"] == receipt.json()["id"]
    return str(running.finished(receipt.json()["id"])["id"])


@pytest.mark.parametrize("path", ["/v1/videos/{}", "/v1/videos/{}/content"])
def test_foreign_and_unknown_films_answer_alike(filmgate: Demo, film: str, path: str) -> None:
    foreign = filmgate.http.get(path.format(film), headers=OTHER)
    unknown = filmgate.http.get(path.format("video_unknown"), headers=OTHER)
    assert error_of(foreign, 404, "not_found") == error_of(unknown, 404, "not_found")
    assert filmgate.http.get("/v1/videos", headers=OTHER).json()["data"] == []


def test_picture_is_no_film(filmgate: Demo) -> None:
    job = filmgate.chat("a gate as a picture").headers["x-filmgate-job"]
    error_of(filmgate.http.get(f"/v1/videos/{job}"), 404, "not_found")


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=%C2%B2", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("order=up", "order"),
    ],
)
def test_wrong_queries_of_the_list(filmgate: Demo, query: str, param: str) -> None:
    error_of(filmgate.http.get(f"/v1/videos?{query}"), 400, "invalid_value", param)


def test_pages_of_the_list(filmgate: Demo, film: str) -> None:
    for number in range(2):
        body = {"model": FILM_MODEL, "prompt": f"gate {number} [simulate: rate-limit]"}
        assert filmgate.http.post("/v1/videos", json=body).status_code == 200
    every = [video["id"] for video in filmgate.http.get("/v1/videos?limit=100").json()["data"]]
    assert film in every
    first = filmgate.http.get("/v1/videos?limit=2").json()
    assert first["has_more"] is True
    assert (first["first_id"], first["last_id"]) == (every[0], every[1])
    second = filmgate.http.get(f"/v1/videos?limit=2&after={every[1]}").json()
    assert [video["id"] for video in second["data"]] == every[2:4]
    assert filmgate.http.get("/v1/videos?limit=0").json()["data"] == []


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("index=1", "index"),
        ("index=x", "index"),
        ("index=%C2%B2", "index"),
        ("variant=thumbnail", "variant"),
    ],
)
def test_wrong_queries_of_the_content(filmgate: Demo, film: str, query: str, param: str) -> None:
    error_of(filmgate.http.get(f"/v1/videos/{film}/content?{query}"), 400, "invalid_value", param)


class TestIdempotency:
    def test_key_stands_for_its_job(self, filmgate: Demo) -> None:
        body = asking("a gate under a key", IMAGE_MODEL)
        jobs = [
            filmgate.http.post("/v1/chat/completions", json=body, headers={"idempotency-key": key}).headers[
                "x-filmgate-job"
            ]
            for key in ("one", "one", "two")
        ]
        assert jobs[0] == jobs[1] != jobs[2]
        assert len(filmgate.asked("a gate under a key")) == 2

    def test_key_for_another_request_is_refused(self, filmgate: Demo) -> None:
        headers = {"idempotency-key": "three"}
        first = asking("a gate under a third key", IMAGE_MODEL)
        assert filmgate.http.post("/v1/chat/completions", json=first, headers=headers).status_code == 200
        other = asking("another gate", IMAGE_MODEL)
        answer = filmgate.http.post("/v1/chat/completions", json=other, headers=headers)
        error_of(answer, 409, "idempotency_key_reused")
        assert answer.headers["x-should-retry"] == "false"
        assert filmgate.asked("another gate") == []

    def test_retry_of_an_sdk_gets_the_same_job(self, filmgate: Demo) -> None:
        body = asking("a gate that is asked for again", IMAGE_MODEL)
        first = filmgate.http.post("/v1/chat/completions", json=body)
        headers = {"x-stainless-retry-count": "1"}
        again = filmgate.http.post("/v1/chat/completions", json=body, headers=headers)
        assert again.headers["x-filmgate-job"] == first.headers["x-filmgate-job"]
        assert again.json()["choices"] == first.json()["choices"]
        assert len(filmgate.asked("a gate that is asked for again")) == 1

    def test_the_same_again_is_a_new_job(self, filmgate: Demo) -> None:
        body = asking("a gate once more", IMAGE_MODEL)
        jobs = {
            filmgate.http.post("/v1/chat/completions", json=body).headers["x-filmgate-job"] for _ in range(2)
        }
        assert len(jobs) == 2
