import pytest

from tests.simulator.wire import BEARER, PLACE, TEXT_MODEL, Wire, contents, message


@pytest.mark.parametrize(
    ("key", "code", "reason"),
    [
        ("bad-key", 400, "API_KEY_INVALID"),
        ("an-invalid-key", 400, "API_KEY_INVALID"),
        ("expired-key", 400, "API_KEY_EXPIRED"),
        ("revoked-key", 403, "CONSUMER_SUSPENDED"),
    ],
)
def test_bad_keys_are_refused_as_google_does(wire: Wire, key: str, code: int, reason: str) -> None:
    answer = wire.get("/v1beta/models", {"x-goog-api-key": key})
    assert answer.status_code == code
    assert answer.json()["error"]["details"][0]["reason"] == reason


def test_no_key_is_a_403(wire: Wire) -> None:
    answer = wire.get("/v1beta/models", {})
    assert answer.status_code == 403
    assert answer.json()["error"]["status"] == "PERMISSION_DENIED"


def test_key_in_the_query_is_taken(wire: Wire) -> None:
    assert wire.get("/v1beta/models?key=some", {}).status_code == 200


def test_key_and_bearer_together_are_a_400(wire: Wire) -> None:
    answer = wire.get("/v1beta/models", {**wire.key, **BEARER})
    assert answer.status_code == 400
    assert "ultiple authentication" in message(answer)


@pytest.mark.parametrize("token", ["expired", "ya29.revoked"])
def test_bad_tokens_are_a_401(wire: Wire, token: str) -> None:
    answer = wire.post(f"{PLACE}/{TEXT_MODEL}:generateContent", {}, {"authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_EXPIRED"


def test_no_token_is_a_401(wire: Wire) -> None:
    answer = wire.post(f"{PLACE}/{TEXT_MODEL}:generateContent", {}, {})
    assert answer.status_code == 401
    assert answer.json()["error"]["details"][0]["reason"] == "CREDENTIALS_MISSING"


def test_express_mode_takes_a_key(wire: Wire) -> None:
    path = f"/v1beta1/publishers/google/models/{TEXT_MODEL}:generateContent"
    assert wire.post(path, contents("hi")).status_code == 200
    assert wire.post(path, contents("hi"), {"x-goog-api-key": "bad"}).status_code == 400
