"""The list of models tells what can be asked for."""

import pytest

from tests.demo import FILM_MODEL, IMAGE_MODEL, Demo, error_of


def test_each_model_has_openais_fields_and_our_limits(filmgate: Demo) -> None:
    body = filmgate.http.get("/v1/models").json()
    assert body["object"] == "list"
    assert len({model["id"] for model in body["data"]}) == len(body["data"])
    for model in body["data"]:
        assert {"id", "object", "created", "owned_by", "modality", "limits"} <= set(model)
    film = next(model for model in body["data"] if model["id"] == FILM_MODEL)
    assert film["limits"]["resolutions"] == ["720p", "1080p", "4k"]
    assert film["limits"]["aspect_ratios"] == ["16:9", "9:16"]


@pytest.mark.parametrize("model", [IMAGE_MODEL, "sora-2", "models%2Fgemini-3-pro-image"])
def test_one_model(filmgate: Demo, model: str) -> None:
    answer = filmgate.http.get(f"/v1/models/{model}")
    assert answer.status_code == (404 if "%2F" in model else 200)
    if answer.status_code == 200:
        assert answer.json()["id"] == model


def test_unknown_model(filmgate: Demo) -> None:
    message = error_of(filmgate.http.get("/v1/models/none-such"), 404, "model_not_found", "model")
    assert "/v1/models" in message


def test_key_is_needed(filmgate: Demo) -> None:
    error_of(filmgate.http.get("/v1/models", headers={"authorization": ""}), 401, "invalid_api_key")
