import httpx2
import pytest

from tests.simulator.wire import Wire, message


def upload(wire: Wire, data: bytes = b"0123456789") -> dict[str, str]:
    start = wire.client.post(
        "/upload/v1/files",
        json={"file": {"display_name": "x", "mime_type": "video/mp4", "size_bytes": len(data)}},
        headers={
            **wire.key,
            "x-goog-upload-protocol": "resumable",
            "x-goog-upload-command": "start",
            "x-goog-upload-header-content-type": "video/mp4",
        },
    )
    link = start.headers["x-goog-upload-url"]
    half = len(data) // 2
    first = {"x-goog-upload-command": "upload", "x-goog-upload-offset": "0"}
    assert (
        wire.client.post(link, content=data[:half], headers=first).headers["x-goog-upload-status"] == "active"
    )
    asked = wire.client.post(link, headers={"x-goog-upload-command": "query"})
    assert asked.headers["x-goog-upload-size-received"] == str(half)
    wrong = {"x-goog-upload-command": "upload", "x-goog-upload-offset": "1"}
    assert wire.client.post(link, content=b"z", headers=wrong).status_code == 400
    rest = {"x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": str(half)}
    final = wire.client.post(link, content=data[half:], headers=rest)
    assert final.headers["x-goog-upload-status"] == "final"
    assert wire.client.post(link, content=b"", headers=rest).status_code == 404
    file: dict[str, str] = final.json()["file"]
    return file


def test_upload_read_list_delete(wire: Wire) -> None:
    file = upload(wire)
    assert (file["mimeType"], file["sizeBytes"], file["displayName"]) == ("video/mp4", "10", "x")
    assert wire.get(f"/v1beta/{file['name']}").json()["state"] == "ACTIVE"
    assert file["name"] in {item["name"] for item in wire.get("/v1beta/files").json()["files"]}
    assert wire.get(f"/v1beta/{file['name']}", {"x-goog-api-key": "another"}).status_code == 403
    assert wire.client.delete(f"/v1beta/{file['name']}", headers=wire.key).json() == {}
    assert wire.get(f"/v1beta/{file['name']}").status_code == 404


def test_download_by_redirect(wire: Wire) -> None:
    uri = wire.uri(wire.film())
    assert wire.get(uri.split("?")[0]).status_code == 400
    redirect = wire.get(uri)
    assert redirect.status_code == 302
    assert "/download/v1beta/files/" in redirect.headers["location"]
    assert wire.get(redirect.headers["location"], {}).status_code == 403
    assert wire.get(redirect.headers["location"]).content[4:8] == b"ftyp"
    assert wire.counters()["downloads"] == 1
    assert wire.counters()["key_leaks"] == 0


def test_download_from_another_host_carries_no_key(wire: Wire) -> None:
    uri = wire.uri(wire.film())
    wire.arm("download-other-host", times=2)
    location = wire.get(uri).headers["location"]
    assert httpx2.URL(location).host == "localhost"
    leak = wire.get(location)
    assert leak.status_code == 400
    assert "another host" in message(leak)
    assert wire.counters()["key_leaks"] == 1
    clean = wire.get(wire.get(uri).headers["location"], {})
    assert clean.content[4:8] == b"ftyp"
    assert wire.get(str(clean.url), {}).status_code == 403


def test_downloads_can_fail_once(wire: Wire) -> None:
    uri = wire.uri(wire.film())
    wire.arm("download-cut", match={"prompt": "A cat"})
    with pytest.raises(httpx2.RemoteProtocolError):
        wire.download(uri)
    assert wire.download(uri)[4:8] == b"ftyp"
    wire.arm("download-404")
    assert [wire.get(uri).status_code for _ in range(2)] == [404, 302]


@pytest.mark.parametrize("headers", [{}, {"x-goog-upload-protocol": "resumable"}])
def test_odd_uploads_are_refused(wire: Wire, headers: dict[str, str]) -> None:
    assert wire.post("/upload/v1beta/files", {}, {**wire.key, **headers}).status_code == 400
