import base64
import json
import time

import pytest

from simulator.oauth import JWT_BEARER
from tests.simulator.wire import PLACE, TEXT_MODEL, Wire, contents

REFRESH = {"grant_type": "refresh_token", "client_id": "me", "client_secret": "s", "refresh_token": "1//good"}


def assertion(issuer: str = "me@p.iam.gserviceaccount.com", lifetime: float = 3600) -> dict[str, str]:
    claims = {"iss": issuer, "exp": time.time() + lifetime, "aud": "x"}
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return {"grant_type": JWT_BEARER, "assertion": f"e30.{middle}.sig"}


@pytest.mark.parametrize("form", [REFRESH, assertion()], ids=["refresh", "assertion"])
def test_grants_give_a_token_that_works(wire: Wire, form: dict[str, str]) -> None:
    answer = wire.client.post("/token", data=form).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3599)
    bearer = {"authorization": f"Bearer {answer['access_token']}"}
    assert wire.post(f"{PLACE}/{TEXT_MODEL}:generateContent", contents("x"), bearer).status_code == 200
    assert wire.counters()["tokens"] == 1


def test_codes_give_a_refresh_token(wire: Wire) -> None:
    form = {"grant_type": "authorization_code", "code": "4/x", "client_id": "me"}
    assert wire.client.post("/token", data=form).json()["refresh_token"]


@pytest.mark.parametrize(
    ("form", "code", "error"),
    [
        ({**REFRESH, "refresh_token": "1//revoked"}, 400, "invalid_grant"),
        ({**REFRESH, "refresh_token": ""}, 400, "invalid_request"),
        ({**REFRESH, "client_id": ""}, 401, "invalid_client"),
        (assertion("revoked@p.iam.gserviceaccount.com"), 400, "invalid_grant"),
        (assertion(lifetime=-10), 400, "invalid_grant"),
        ({"grant_type": JWT_BEARER, "assertion": "nonsense"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_refused_grants(wire: Wire, form: dict[str, str], code: int, error: str) -> None:
    answer = wire.client.post("/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (code, error)


def test_the_endpoint_can_fail(wire: Wire) -> None:
    wire.arm("token-error")
    assert wire.client.post("/token", data=REFRESH).status_code == 500
