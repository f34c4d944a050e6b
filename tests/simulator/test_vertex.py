import pytest

from tests.simulator.wire import BEARER, PLACE, TEXT_MODEL, VERTEX_FILM_MODEL, Wire, contents, message

EXPRESS = "/v1beta1/publishers/google/models"


def test_models_are_listed_on_v1beta1(wire: Wire) -> None:
    models = wire.get(EXPRESS, BEARER).json()["publisherModels"]
    names = {model["name"] for model in models}
    assert f"publishers/google/models/{VERTEX_FILM_MODEL}" in names
    assert wire.get(EXPRESS.replace("v1beta1", "v1"), BEARER).status_code == 404
    assert wire.get(f"{EXPRESS}/{TEXT_MODEL}", BEARER).json()["name"].endswith(TEXT_MODEL)
    assert wire.get("/v1beta1/projects/p/locations/l/models", BEARER).json() == {}


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_content_with_a_project(wire: Wire, version: str) -> None:
    path = f"{PLACE}/{TEXT_MODEL}:generateContent".replace("v1beta1", version)
    answer = wire.post(path, contents("hi"), BEARER).json()
    assert answer["createTime"]
    assert wire.vertex(TEXT_MODEL, "countTokens", contents("hi")).json()["totalTokens"]
    assert isinstance(wire.vertex(TEXT_MODEL, "streamGenerateContent", contents("hi")).json(), list)


def test_express_films(wire: Wire) -> None:
    body = {"instances": [{"prompt": "A cat"}], "parameters": {"durationSeconds": 4}}
    submit = wire.post(f"{EXPRESS}/{VERTEX_FILM_MODEL}:predictLongRunning", body)
    name = submit.json()["name"]
    assert name.startswith("projects/000000000000/locations/us-central1/")
    fetch = {"operationName": name}
    assert wire.post(f"{EXPRESS}/{VERTEX_FILM_MODEL}:fetchPredictOperation", fetch).status_code == 200


@pytest.mark.parametrize(
    ("model", "method", "code", "words"),
    [
        ("veo-3.0-generate-001", "predictLongRunning", 404, "no longer available"),
        ("veo-3.1-generate-preview", "predictLongRunning", 404, "no longer available"),
        ("never-heard-of", "generateContent", 404, "was not found"),
        (TEXT_MODEL, "predictLongRunning", 400, "not supported"),
        ("gemini-omni-1.1-flash", "generateContent", 400, "Interactions API"),
    ],
)
def test_refused_models(wire: Wire, model: str, method: str, code: int, words: str) -> None:
    answer = wire.vertex(model, method, contents("x"))
    assert answer.status_code == code
    assert words in message(answer)
