"""Media files open to their owner and to those who have a link, and to nobody else."""

from urllib.parse import urlsplit

import httpx2
import pytest

from tests.demo import OTHER_KEY, Demo, error_of

OTHER = {"authorization": f"Bearer {OTHER_KEY}"}
NOBODY = {"authorization": ""}


@pytest.fixture(scope="module")
def link(running: Demo) -> str:
    """The signed link of a picture."""
    answer = running.chat("a door", image_config={"delivery": "url"})
    (entry,) = answer.json()["choices"][0]["message"]["images"]
    return str(entry["image_url"]["url"])


def path_of(link: str) -> str:
    return urlsplit(link).path


def test_link_opens_without_a_key(link: str) -> None:
    answer = httpx2.get(link, trust_env=False)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["content-disposition"].startswith('inline; filename="asset_')
    assert answer.headers["x-request-id"]


def test_owner_needs_no_signature(filmgate: Demo, link: str) -> None:
    assert filmgate.http.get(path_of(link)).content == httpx2.get(link, trust_env=False).content


@pytest.mark.parametrize("change", ["expires=1", "signature=v1.AAAA", "signature="])
def test_changed_link(filmgate: Demo, link: str, change: str) -> None:
    name = change.partition("=")[0]
    query = "&".join(change if pair.startswith(name) else pair for pair in urlsplit(link).query.split("&"))
    answer = filmgate.http.get(f"{path_of(link)}?{query}", headers=NOBODY)
    message = error_of(answer, 401, "link_refused")
    assert "new link" in message


def test_signature_of_another_file(filmgate: Demo, link: str) -> None:
    query = urlsplit(link).query
    answer = filmgate.http.get(f"/files/asset_aaaaaaaaaaaaaaaaaaaaaaaaaa?{query}", headers=NOBODY)
    error_of(answer, 401, "link_refused")


def test_foreign_and_unknown_files_answer_alike(filmgate: Demo, link: str) -> None:
    foreign = filmgate.http.get(path_of(link), headers=OTHER)
    unknown = filmgate.http.get("/files/asset_aaaaaaaaaaaaaaaaaaaaaaaaaa", headers=OTHER)
    assert error_of(foreign, 404, "not_found") == error_of(unknown, 404, "not_found")
    error_of(filmgate.http.get(path_of(link), headers=NOBODY), 401, "invalid_api_key")


@pytest.mark.parametrize("name", ["..%2f..%2ffilmgate.db", "asset_", "signing-key", "asset_A"])
def test_names_that_are_no_files(filmgate: Demo, name: str) -> None:
    error_of(
        filmgate.http.get(f"/files/{name}"), 404, filmgate.http.get(f"/files/{name}").json()["error"]["code"]
    )


@pytest.mark.parametrize(
    ("wanted", "status", "start", "end"),
    [
        ("bytes=0-0", 206, 0, 1),
        ("bytes=5-", 206, 5, None),
        ("bytes=-7", 206, -7, None),
        ("bytes=2-9999999", 206, 2, None),
        ("bytes=0-1,4-5", 200, 0, None),
        ("bytes=-", 200, 0, None),
        ("lines=1-2", 200, 0, None),
        ("bytes=9-3", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=99999999-", 416, 0, 0),
    ],
)
def test_ranges(link: str, wanted: str, status: int, start: int, end: int | None) -> None:
    whole = httpx2.get(link, trust_env=False).content
    answer = httpx2.get(link, headers={"range": wanted}, trust_env=False)
    assert answer.status_code == status
    assert answer.content == whole[start:end]
    assert ("content-range" in answer.headers) == (status != 200)


def test_range_of_a_file_that_has_changed(link: str) -> None:
    tag = httpx2.head(link, trust_env=False).headers["etag"]
    same = httpx2.get(link, headers={"range": "bytes=0-9", "if-range": tag}, trust_env=False)
    other = httpx2.get(link, headers={"range": "bytes=0-9", "if-range": '"other"'}, trust_env=False)
    assert (same.status_code, other.status_code) == (206, 200)
