import pytest

from tests.simulator.wire import FILM_MODEL, TEXT_MODEL, Wire, contents, message


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_models_by_pages(wire: Wire, version: str) -> None:
    names: list[str] = []
    token = ""
    while True:
        page = wire.get(f"/{version}/models?pageSize=7&pageToken={token or 0}").json()
        names += [model["name"] for model in page["models"]]
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert len(names) == len(set(names)) > 7
    assert f"models/{FILM_MODEL}" in names
    assert "models/veo-3.1-generate-001" not in names


def test_one_model(wire: Wire) -> None:
    model = wire.get(f"/v1beta/models/{FILM_MODEL}").json()
    assert model["supportedGenerationMethods"] == ["predictLongRunning"]
    assert "legacy" in model["displayName"]


@pytest.mark.parametrize(
    ("model", "method", "code", "words"),
    [
        ("gemini-3-pro-image-preview", "generateContent", 404, "no longer available"),
        ("veo-3.0-generate-001", "predictLongRunning", 404, "no longer available"),
        ("never-heard-of", "generateContent", 404, "is not found for API version v1beta"),
        ("veo-3.1-generate-001", "predictLongRunning", 404, "is not found"),
        (TEXT_MODEL, "predictLongRunning", 404, "not supported for predictLongRunning"),
        (FILM_MODEL, "generateContent", 404, "not supported for generateContent"),
        ("gemini-omni-1.2-flash", "generateContent", 400, "Interactions API"),
    ],
)
def test_refused_models(wire: Wire, model: str, method: str, code: int, words: str) -> None:
    answer = wire.gemini(model, method, contents("x"))
    assert answer.status_code == code
    assert words in message(answer)


def test_odd_pages_are_refused(wire: Wire) -> None:
    assert wire.get("/v1beta/models?pageToken=zzz").status_code == 400
    assert wire.get("/v1beta/models?pageSize=-1").status_code == 400


def test_no_tuned_models(wire: Wire) -> None:
    assert wire.get("/v1beta/tunedModels").json() == {}
