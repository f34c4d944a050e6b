"""The parts put together: what the whole server opens, keeps and refuses to start with."""

from pathlib import Path

import httpx2
import pytest

from proxy.app import create
from proxy.config import ConfigError, load
from simulator.server import SimulatorServer
from tests.demo import FILM_MODEL, KEY, QUICK, Demo, serving, upstream_of


def written(folder: Path, text: str) -> Path:
    file = folder / "config.yaml"
    file.write_text(
        f"storage: {{database: 'sqlite:///{folder}/filmgate.db', assets: {folder}/assets}}\n{text}"
    )
    return file


def test_wrong_model_facts_are_named_by_their_place(tmp_path: Path) -> None:
    file = written(tmp_path, "models:\n  catalogue:\n    veo-3.1-generate-001: {durations: long}\n")
    with pytest.raises(ConfigError, match=r"config\.yaml:\d+"):
        create(load(file, {}), {"HOME": str(tmp_path)})


def test_credential_of_a_kind_that_is_not_served(tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.write_text("{}")
    text = f"upstreams:\n  a:\n    platform: gemini\n    credentials:\n      - oauth_file: {key}\n"
    with pytest.raises(ConfigError, match="oauth_file"):
        create(load(written(tmp_path, text), {}), {"HOME": str(tmp_path)})


def test_films_and_links_outlive_a_restart(tmp_path: Path) -> None:
    with SimulatorServer(QUICK) as simulator:
        document = {"upstreams": {"simulator": upstream_of(simulator.base_url)}}
        with serving(tmp_path, document) as url:
            first = Demo(url, simulator.base_url)
            with first.http, first.simulator:
                answer = first.film("a weir", delivery="url")
                assert answer.status_code == 200, answer.text
                job = answer.headers["x-filmgate-job"]
                (entry,) = answer.json()["choices"][0]["message"]["videos"]
                film = httpx2.get(entry["video_url"]["url"], trust_env=False).content
        with serving(tmp_path, document) as url:
            second = Demo(url, simulator.base_url)
            with second.http, second.simulator:
                video = second.http.get(f"/v1/videos/{job}").json()
                assert (video["status"], video["prompt"]) == ("completed", "a weir")
                assert second.http.get(f"/v1/videos/{job}/content").content == film
                link = entry["video_url"]["url"].replace(first.url, second.url)
                assert httpx2.get(link, trust_env=False).content == film
                assert len(second.asked("a weir")) == 1


def test_film_that_was_being_made_arrives_after_a_restart(tmp_path: Path) -> None:
    with SimulatorServer(QUICK) as simulator:
        document = {"upstreams": {"simulator": upstream_of(simulator.base_url)}}
        with serving(tmp_path, document) as url:
            headers = {"authorization": f"Bearer {KEY}"}
            body = {"model": FILM_MODEL, "prompt": "a sluice", "seconds": 4}
            receipt = httpx2.post(f"{url}/v1/videos", json=body, headers=headers, trust_env=False).json()
        with serving(tmp_path, document) as url:
            demo = Demo(url, simulator.base_url)
            with demo.http, demo.simulator:
                assert demo.finished(receipt["id"])["status"] == "completed"
                assert len(demo.asked("a sluice")) == 1


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    create(load(written(tmp_path, ""), {}), {"HOME": str(tmp_path)})
    for name in ("filmgate.db", "signing-key"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0, name
