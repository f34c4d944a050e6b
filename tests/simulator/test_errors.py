from simulator import errors


def test_envelope() -> None:
    body = errors.invalid("No.", "parameters.fps").body()["error"]
    assert (body["code"], body["status"], body["message"]) == (400, "INVALID_ARGUMENT", "No.")
    assert body["details"][0]["fieldViolations"][0]["field"] == "parameters.fps"
    assert "details" not in errors.internal().body()["error"]


def test_words_that_programs_look_for() -> None:
    assert 'Unknown name "x"' in errors.unknown_name("x", "parameters").message
    assert "Support codes: 17301594" in errors.blocked_input(17301594).message
    assert errors.unsupported("fps").message.startswith("`fps` isn't supported by this model.")


def test_reasons() -> None:
    assert errors.key_error("API_KEY_INVALID").details[0]["reason"] == "API_KEY_INVALID"
    assert errors.token_error().code == 401
    assert errors.rate_limited(3).details[-1]["retryDelay"] == "3s"
    assert "PerDay" in errors.day_quota().details[0]["violations"][0]["quotaId"]
    assert errors.overloaded().status == "UNAVAILABLE"
