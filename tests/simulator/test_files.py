from datetime import UTC, datetime, timedelta

import pytest

from simulator.errors import GoogleError
from simulator.files import FileShelf, StoredFile, Upload, new_file_id
from simulator.studio import Studio

pytestmark = pytest.mark.anyio


def stored(file_id: str = "abc", account: str = "me", source: str = "UPLOADED") -> StoredFile:
    return StoredFile(file_id, account, "video/mp4", source, data=b"film")


def test_files_belong_to_their_account() -> None:
    shelf = FileShelf(10)
    file = shelf.add(stored())
    assert shelf.find("abc", "me") is file
    assert shelf.of("me") == [file]
    assert shelf.of("you") == []
    with pytest.raises(GoogleError) as caught:
        shelf.find("abc", "you")
    assert caught.value.code == 403


def test_files_go_after_two_days_or_when_there_are_too_many() -> None:
    shelf = FileShelf(1)
    old = shelf.add(stored("old"))
    old.created = datetime.now(UTC) - timedelta(days=2, seconds=1)
    for gone in ("old", "never"):
        with pytest.raises(GoogleError) as caught:
            shelf.find(gone, "me")
        assert caught.value.code == 404
    shelf.touch(old)
    assert shelf.find("old", "me") is old
    shelf.add(stored("new"))
    with pytest.raises(GoogleError):
        shelf.find("old", "me")
    shelf.remove(shelf.find("new", "me"))
    assert shelf.of("me") == []


def test_signed_links_work_once() -> None:
    shelf = FileShelf(10)
    file = shelf.add(stored())
    word = shelf.sign(file)
    assert shelf.redeem(word) is file
    assert shelf.redeem(word) is None


def test_uploads_have_ids() -> None:
    shelf = FileShelf(10)
    upload = Upload("me", "video/mp4", "x")
    assert shelf.uploads[shelf.begin_upload(upload)] is upload
    assert len({new_file_id() for _ in range(50)}) == 50


async def test_record() -> None:
    studio = Studio(1, 1000)
    record = await stored(source="GENERATED").record("http://h", "v1beta", studio)
    studio.close()
    assert record["name"] == "files/abc"
    assert record["sizeBytes"] == "4"
    assert record["uri"] == "http://h/v1beta/files/abc"
    assert record["downloadUri"] == "http://h/v1beta/files/abc:download?alt=media"
    assert record["state"] == "ACTIVE"
