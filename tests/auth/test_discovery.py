"""What lies about on a machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from auth.adc import gcloud_file
from auth.credential import build
from auth.discovery import Found, discover


def test_nothing_is_found_in_nothing(tmp_path: Path) -> None:
    assert discover({}, tmp_path) == []
    assert discover({"GEMINI_API_KEY": " ", "GOOGLE_APPLICATION_CREDENTIALS": ""}, tmp_path) == []
    assert discover({"GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "l"}, tmp_path) == []


def test_keys_come_first_and_once(tmp_path: Path) -> None:
    found = discover({"GOOGLE_API_KEY": "two", "GEMINI_API_KEY": "one\n"}, tmp_path)
    assert found == [
        Found("gemini", "api_key", "one", None, None, "environment GEMINI_API_KEY"),
        Found("gemini", "api_key", "two", None, None, "environment GOOGLE_API_KEY"),
    ]
    same = discover({"GOOGLE_API_KEY": "one", "GEMINI_API_KEY": "one"}, tmp_path)
    assert [one.source for one in same] == ["environment GEMINI_API_KEY"]


def test_a_named_service_account_brings_its_project(
    service_account_info: dict[str, Any], write_json: Callable[..., Path], tmp_path: Path
) -> None:
    path = str(write_json(service_account_info))
    environ = {"GOOGLE_APPLICATION_CREDENTIALS": path, "GOOGLE_CLOUD_LOCATION": "europe-west4"}
    source = "environment GOOGLE_APPLICATION_CREDENTIALS"
    assert discover(environ, tmp_path) == [
        Found("vertex", "service_account", path, "my-project", "europe-west4", source)
    ]
    (found,) = discover({**environ, "GOOGLE_CLOUD_PROJECT": "chosen"}, tmp_path)
    assert found.project == "chosen"
    assert build(found.kind, found.value).account == service_account_info["client_email"]


def test_the_wrapper_brings_its_location(
    service_account_info: dict[str, Any], write_json: Callable[..., Path], tmp_path: Path
) -> None:
    wrapper = {"type": "vertex", "service_account": service_account_info, "project_id": "w", "location": "us"}
    (found,) = discover({"GOOGLE_APPLICATION_CREDENTIALS": str(write_json(wrapper))}, tmp_path)
    assert (found.kind, found.project, found.location) == ("service_account", "w", "us")


def test_gclouds_login_comes_last(
    user_info: dict[str, Any], write_json: Callable[..., Path], tmp_path: Path
) -> None:
    path = gcloud_file({}, tmp_path)
    path.parent.mkdir(parents=True)
    write_json(user_info, str(path.relative_to(tmp_path)))
    found = discover({"GEMINI_API_KEY": "one"}, tmp_path)
    assert [one.kind for one in found] == ["api_key", "adc"]
    assert found[1] == Found(
        "vertex", "adc", str(path), "quota-project", None, "gcloud's application default credentials"
    )
    twice = discover({"GOOGLE_APPLICATION_CREDENTIALS": str(path)}, tmp_path)
    assert len(twice) == 1


def test_a_missing_named_file_is_listed_so_that_building_it_explains(tmp_path: Path) -> None:
    path = str(tmp_path / "gone.json")
    (found,) = discover({"GOOGLE_APPLICATION_CREDENTIALS": path}, tmp_path)
    assert (found.kind, found.value, found.project) == ("adc", path, None)


def test_a_key_is_not_shown(tmp_path: Path) -> None:
    assert "canary" not in repr(discover({"GEMINI_API_KEY": "canary"}, tmp_path))
