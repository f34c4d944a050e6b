"""Views show a job with links that open for its client."""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from tests.demo import Demo, demo


@pytest.mark.parametrize("host", ["filmgate.example:1234", "LOCALHOST"])
def test_links_lead_where_the_client_came_from(filmgate: Demo, host: str) -> None:
    key = {"authorization": "Bearer another-key-of-another-person", "host": host}
    body = {"model": "gemini-3-pro-image", "prompt": f"A sign on {host}", "response_format": "url"}
    answer = filmgate.http.post("/v1/images/generations", json=body, headers=key)
    assert answer.json()["data"][0]["url"].startswith(f"http://{host}/files/asset_")


def test_public_url_is_the_base_when_it_is_given(tmp_path: Path) -> None:
    server = {"public_url": "https://films.example/gate", "link_seconds": 60}
    with demo(tmp_path, server=server) as filmgate:
        (entry,) = filmgate.chat("a sign", image_config={"delivery": "url"}).json()["choices"][0]["message"][
            "images"
        ]
        link = urlsplit(entry["image_url"]["url"])
        assert f"{link.scheme}://{link.netloc}" == "https://films.example"
        path = link.path.removeprefix("/gate")
        answer = httpx2.get(f"{filmgate.url}{path}?{link.query}", trust_env=False)
        assert answer.status_code == 200
        assert int(dict(parse_qsl(link.query))["expires"]) - entry["expires_at"] < 0


def test_numbers_are_fit_to_be_read(filmgate: Demo) -> None:
    body = {"model": "veo-3.1-fast-generate-001", "prompt": "A sign in the wind", "seconds": 4}
    receipt = filmgate.http.post("/v1/videos", json=body).json()
    eta = receipt["filmgate"]["eta_seconds"]
    assert eta == round(eta, 1)
    assert receipt["filmgate"]["estimated"] is True
    done = filmgate.finished(receipt["id"])["filmgate"]
    assert (done["eta_seconds"], done["progress"]) == (None, 100)
    assert "estimated" not in done
