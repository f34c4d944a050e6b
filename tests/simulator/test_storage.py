from tests.simulator.wire import BEARER, Wire, message

BUCKET = "/storage/v1/b/bucket/o"


def test_objects_are_written_read_listed_and_deleted(wire: Wire) -> None:
    upload = "/upload/storage/v1/b/bucket/o?uploadType=media&name=in/a.png"
    headers = {**BEARER, "content-type": "image/png"}
    written = wire.client.post(upload, content=b"0123456789", headers=headers).json()
    assert (written["name"], written["size"], written["contentType"]) == ("in/a.png", "10", "image/png")
    answer = wire.get(f"{BUCKET}/in%2Fa.png?alt=media", BEARER)
    assert (answer.content, answer.headers["content-type"]) == (b"0123456789", "image/png")
    part = wire.get(f"{BUCKET}/in%2Fa.png?alt=media", {**BEARER, "range": "bytes=3-4"})
    assert (part.status_code, part.content) == (206, b"34")
    assert wire.get(f"{BUCKET}/in%2Fa.png", BEARER).json()["md5Hash"] == written["md5Hash"]
    assert [item["name"] for item in wire.get(f"{BUCKET}?prefix=in/", BEARER).json()["items"]] == ["in/a.png"]
    assert wire.client.delete(f"{BUCKET}/in%2Fa.png", headers=BEARER).status_code == 204
    assert wire.client.delete(f"{BUCKET}/in%2Fa.png", headers=BEARER).status_code == 404


def test_multipart_upload(wire: Wire) -> None:
    body = (
        b'--x\r\nContent-Type: application/json\r\n\r\n{"name": "two.mp4"}\r\n'
        b"--x\r\nContent-Type: video/mp4\r\n\r\n\x00\x01film\r\n--x--\r\n"
    )
    headers = {**BEARER, "content-type": "multipart/related; boundary=x"}
    upload = "/upload/storage/v1/b/bucket/o?uploadType=multipart"
    assert wire.client.post(upload, content=body, headers=headers).json()["contentType"] == "video/mp4"
    assert wire.get(f"{BUCKET}/two.mp4?alt=media", BEARER).content == b"\x00\x01film"


def test_refusals(wire: Wire) -> None:
    assert wire.get(f"{BUCKET}/none?alt=media", BEARER).status_code == 404
    assert wire.get(f"{BUCKET}/none?alt=media", {}).status_code == 401
    denied = wire.get("/storage/v1/b/denied/o/x?alt=media", BEARER)
    assert denied.status_code == 403
    assert "Permission denied" in message(denied)
    assert (
        wire.client.post("/upload/storage/v1/b/bucket/o?uploadType=media", headers=BEARER).status_code == 400
    )
    odd = "/upload/storage/v1/b/bucket/o?uploadType=resumable&name=x"
    assert wire.client.post(odd, headers=BEARER).status_code == 400


def test_film_results_lie_there_and_faults_find_them(wire: Wire) -> None:
    operation = wire.finished(wire.vertex_film("A cat", storageUri="gs://bucket/out"))
    name = operation["response"]["videos"][0]["gcsUri"].removeprefix("gs://bucket/")
    wire.arm("download-404", match={"prompt": "A cat"})
    path = f"/storage/v1/b/bucket/o/{name.replace('/', '%2F')}?alt=media"
    assert wire.get(path, BEARER).status_code == 404
    assert wire.get(path, BEARER).content[4:8] == b"ftyp"
