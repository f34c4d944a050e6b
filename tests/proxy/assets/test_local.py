"""The local store: what is kept, what is refused, and what a full or missing disk does."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pybase64
import pytest

from proxy.assets import local
from proxy.assets.local import ASSET_ID, LocalAssets
from proxy.assets.store import Assets, AssetStorageError, StoredAsset, Trouble, UnreadableMediaError
from proxy.blobs import Blob, Blobs, dump, new_marker
from proxy.clock import FakeClock
from tests.proxy.assets.conftest import Film, Picture

pytestmark = pytest.mark.anyio


async def kept(store: Assets, data: bytes, mime_type: str = "", **options: Any) -> StoredAsset:
    writer = await store.create("ann", "video_1", mime_type, **options)
    for start in range(0, len(data), 1000):
        await writer.write(data[start : start + 1000])
    asset = await writer.commit()
    stored = await store.get(asset.id)
    assert stored is not None
    assert stored.asset == asset
    return stored


async def read(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


def files(store: LocalAssets) -> list[Path]:
    return [path for path in store._folder.rglob("*") if path.is_file()]


async def test_a_picture_is_kept_with_its_facts(
    store: LocalAssets, picture: Picture, clock: FakeClock
) -> None:
    data = picture("JPEG", 300, 200)
    stored = await kept(store, data, "image/png", expected=len(data))
    assert ASSET_ID.match(stored.id)
    assert stored == StoredAsset(
        id=stored.id,
        owner="ann",
        job="video_1",
        mime_type="image/jpeg",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        created_at=clock.now(),
        expires_at=clock.now() + 3600,
        width=300,
        height=200,
    )
    assert await read(store.open_range(stored)) == data


async def test_ranges(store: LocalAssets, picture: Picture) -> None:
    data = picture("PNG", 500, 400)
    stored = await kept(store, data)
    assert await read(store.open_range(stored, 10)) == data[10:]
    assert await read(store.open_range(stored, 10, 11)) == data[10:11]
    assert await read(store.open_range(stored, 10, 1 << 40)) == data[10:]
    assert await read(store.open_range(stored, 10, 10)) == b""
    pieces = [piece async for piece in store.open_range(stored)]
    assert max(map(len, pieces)) <= 256 << 10


@pytest.mark.parametrize(
    ("suffix", "codec", "flags", "found"),
    [
        ("mp4", "mpeg4", "", ("video/mp4", "mpeg4")),
        ("mp4", "libx264", "faststart", ("video/mp4", "h264")),
        ("mov", "mpeg4", "", ("video/quicktime", "mpeg4")),
        ("webm", "libvpx", "", ("video/webm", "vp8")),
    ],
)
async def test_a_film_is_kept_with_its_facts(
    store: LocalAssets, film: Film, suffix: str, codec: str, flags: str, found: tuple[str, str]
) -> None:
    stored = await kept(store, film(suffix, codec, flags=flags), "video/mp4")
    assert (stored.mime_type, stored.codec) == found
    assert (stored.width, stored.height, stored.fps) == (64, 48, 24.0)
    assert stored.duration_seconds == pytest.approx(1.0, abs=0.1)
    assert stored.has_audio is False


async def test_sound_is_heard(store: LocalAssets, film: Film) -> None:
    assert (await kept(store, film(sound=True))).has_audio is True


async def test_without_pyav_the_boxes_tell(
    store: LocalAssets, film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, webm = film("mp4", "libx264", sound=True), film("webm", "libvpx")
    monkeypatch.setitem(sys.modules, "av", None)
    stored = await kept(store, data)
    assert (stored.width, stored.height, stored.codec, stored.has_audio) == (64, 48, "h264", True)
    assert stored.duration_seconds == pytest.approx(1.0, abs=0.1)
    assert stored.fps == pytest.approx(24, abs=1)
    assert (await kept(store, webm)).duration_seconds == 0
    with pytest.raises(UnreadableMediaError):
        await kept(store, data[:-30])


@pytest.mark.parametrize(
    ("suffix", "codec", "flags"),
    [("mp4", "libx264", "faststart"), ("mp4", "mpeg4", ""), ("webm", "libvpx", "")],
)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.98])
async def test_a_film_cut_off_is_refused(
    store: LocalAssets, film: Film, suffix: str, codec: str, flags: str, share: float
) -> None:
    data = film(suffix, codec, flags=flags)
    with pytest.raises(UnreadableMediaError, match=r"not a readable film|damaged"):
        await kept(store, data[: int(len(data) * share)], "video/mp4")
    assert files(store) == []


async def test_a_film_of_zeros_is_refused(store: LocalAssets, film: Film) -> None:
    data = bytearray(film("mp4", "libx264"))
    start = data.find(b"mdat") + 4
    end = data.find(b"moov") - 4
    data[start:end] = bytes(end - start)
    with pytest.raises(UnreadableMediaError):
        await kept(store, bytes(data))


@pytest.mark.parametrize(
    ("data", "mime_type", "message"),
    [
        (b"", "video/mp4", "empty"),
        (b"<html>try again later</html>", "video/mp4", "not a readable film"),
        (b"<html>try again later</html>", "", "not a readable picture or film"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "video/mp4", "picture came where a film"),
    ],
)
async def test_what_is_no_media_is_refused(
    store: LocalAssets, data: bytes, mime_type: str, message: str
) -> None:
    with pytest.raises(UnreadableMediaError, match=message):
        await kept(store, data, mime_type)
    assert files(store) == []


async def test_an_incomplete_file_is_refused(store: LocalAssets, picture: Picture) -> None:
    data = picture()
    with pytest.raises(UnreadableMediaError, match="incomplete"):
        await kept(store, data, expected=len(data) + 1)
    assert files(store) == []


async def test_blobs_are_decoded_into_files(store: LocalAssets, picture: Picture) -> None:
    data = picture("PNG", 400, 400)
    text = pybase64.b64encode(data)
    asset = await store.store_blob(Blob([text[:1001], text[1001:]]), "ann", "image_1", "image/png")
    assert asset.sha256 == hashlib.sha256(data).hexdigest()
    with pytest.raises(UnreadableMediaError, match="base64"):
        await store.store_blob(Blob([text[:1001], b"?", text[1001:]]), "ann", "image_1")
    assert len(files(store)) == 2


async def test_modes(store: LocalAssets, picture: Picture) -> None:
    stored = await kept(store, picture())
    path = store._path(stored.id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.with_name(path.name + ".json").stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    fresh = LocalAssets(store._folder / "deep" / "er", lambda: 0.0)
    await fresh.start()
    assert stat.S_IMODE((store._folder / "deep" / "er").stat().st_mode) == 0o700


async def test_an_aborted_file_leaves_nothing(store: LocalAssets, picture: Picture) -> None:
    writer = await store.create("ann", "video_1")
    await writer.write(picture())
    assert len(files(store)) == 1
    await writer.abort()
    await writer.abort()
    assert files(store) == []
    with pytest.raises(AssetStorageError):
        await writer.commit()


async def test_abort_after_commit_keeps_the_file(store: LocalAssets, picture: Picture) -> None:
    writer = await store.create("ann", "video_1")
    await writer.write(picture())
    asset = await writer.commit()
    await writer.abort()
    assert await store.get(asset.id) is not None


@pytest.mark.parametrize(
    "asset_id",
    [
        "",
        "asset_",
        "asset_../../../../etc/passwd",
        "asset_" + "a" * 19,
        "asset_" + "A" * 26,
        "asset_" + "a" * 41,
        "asset_" + "a" * 26 + "\n",
        "asset_" + "a" * 20 + "/../x",
        "/etc/passwd",
        "video_" + "a" * 26,
        "asset_" + "\0" * 26,
    ],
)
async def test_only_ids_are_looked_up(store: LocalAssets, asset_id: str) -> None:
    assert await store.get(asset_id) is None
    await store.delete(asset_id)
    with pytest.raises(ValueError, match="id"):
        store.marker(asset_id)


async def test_delete(store: LocalAssets, picture: Picture) -> None:
    stored = await kept(store, picture())
    await store.delete(stored.id)
    await store.delete(stored.id)
    assert await store.get(stored.id) is None
    assert files(store) == []
    with pytest.raises(AssetStorageError):
        await read(store.open_range(stored))


async def test_the_sweep_removes_what_has_expired(
    store: LocalAssets, picture: Picture, clock: FakeClock
) -> None:
    old = await kept(store, picture())
    clock.set_wall(clock.now() + 1800)
    young = await kept(store, picture())
    assert await store.sweep(clock.now()) == 0
    assert await store.sweep(clock.now() + 1801) == 1
    assert await store.get(old.id) is None
    assert await store.get(young.id) is not None


async def test_the_sweep_removes_many(store: LocalAssets, picture: Picture, clock: FakeClock) -> None:
    for _ in range(20):
        await kept(store, picture())
    assert await store.sweep(clock.now() + 3600) == 20
    assert files(store) == []


async def test_the_sweep_removes_files_without_facts_in_time(store: LocalAssets, picture: Picture) -> None:
    stored = await kept(store, picture())
    path = store._path(stored.id)
    path.with_name(path.name + ".json").unlink()
    now = path.stat().st_mtime
    await store.sweep(now + 60)
    assert path.exists()
    await store.sweep(now + 7200)
    assert not path.exists()


async def test_leftovers_go_at_the_start_but_not_those_being_written(
    store: LocalAssets, picture: Picture
) -> None:
    writer = await store.create("ann", "video_1")
    await writer.write(picture())
    left = store._folder / "ab" / f"asset_{'a' * 26}.part"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"half")
    await LocalAssets(store._folder, lambda: 0.0).start()
    assert not left.exists()
    assert (await writer.commit()).size > 0


async def test_a_killed_process_leaves_only_what_the_next_start_removes(tmp_path: Path) -> None:
    script = (
        "import asyncio, os, sys, pathlib\n"
        "from proxy.assets.local import LocalAssets\n"
        "async def main():\n"
        "    store = LocalAssets(pathlib.Path(sys.argv[1]), lambda: 0.0)\n"
        "    await store.start()\n"
        "    writer = await store.create('ann', 'video_1')\n"
        "    await writer.write(bytes(1 << 20))\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    folder = tmp_path / "assets"
    command = [sys.executable, "-c", script, str(folder)]
    await asyncio.to_thread(subprocess.run, command, check=False, cwd=Path(local.__file__).parents[2])
    assert len(list(folder.rglob("*.part"))) == 1
    store = LocalAssets(folder, lambda: 0.0)
    await store.start()
    assert files(store) == []


@pytest.mark.parametrize(
    ("number", "trouble"),
    [
        (errno.ENOSPC, Trouble.FULL),
        (errno.EDQUOT, Trouble.FULL),
        (errno.EROFS, Trouble.READ_ONLY),
        (errno.EIO, Trouble.FAILING),
    ],
)
@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
async def test_a_failing_disk_is_named_and_leaves_nothing(
    store: LocalAssets,
    picture: Picture,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    trouble: Trouble,
    call: str,
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    writer = await store.create("ann", "video_1")
    if call == "write":
        monkeypatch.setattr(writer, "_file", Broken(writer._file, fail))
    else:
        monkeypatch.setattr(*((os, "fsync", fail) if call == "fsync" else (Path, "rename", fail)))
    await writer.write(picture("PNG", 200, 200))
    with pytest.raises(AssetStorageError) as raised:
        await writer.commit()
    assert raised.value.trouble is trouble
    assert str(store._folder) not in str(raised.value)
    await writer.abort()
    monkeypatch.undo()
    assert files(store) == []


class Broken:
    """A file that cannot be written."""

    def __init__(self, file: Any, fail: Any) -> None:
        self._file, self.write = file, fail

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


async def test_a_missing_folder_is_not_made_again(tmp_path: Path) -> None:
    store = LocalAssets(tmp_path / "gone", lambda: 0.0)
    for act in (store.create("ann", "video_1"), store.get(f"asset_{'a' * 26}"), store.check()):
        with pytest.raises(AssetStorageError) as raised:
            await act
        assert raised.value.trouble is Trouble.GONE
    assert not (tmp_path / "gone").exists()


async def test_readiness(store: LocalAssets, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.check()
    assert files(store) == []
    with pytest.raises(AssetStorageError) as raised:
        await LocalAssets(store._folder, lambda: 0.0, min_free_bytes=1 << 60).check()
    assert raised.value.trouble is Trouble.FULL


async def test_broken_facts_are_an_error_of_the_store(store: LocalAssets, picture: Picture) -> None:
    stored = await kept(store, picture())
    path = store._path(stored.id)
    path.with_name(path.name + ".json").write_bytes(b"{")
    with pytest.raises(AssetStorageError):
        await store.get(stored.id)
    await store.sweep(1e12)


async def test_facts_of_a_newer_version_can_be_read(store: LocalAssets, picture: Picture) -> None:
    stored = await kept(store, picture())
    path = store._path(stored.id)
    beside = path.with_name(path.name + ".json")
    beside.write_bytes(orjson.dumps({**orjson.loads(beside.read_bytes()), "mood": "good"}))
    assert await store.get(stored.id) == stored


async def test_a_cancelled_write_can_be_aborted(store: LocalAssets) -> None:
    writer = await store.create("ann", "video_1")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(writer.write(bytes(64 << 20)))
        await asyncio.sleep(0.005)
        task.cancel()
    await writer.abort()
    assert files(store) == []


@pytest.mark.parametrize("size", [(1, 1), (33, 9), (34, 9), (700, 700)])
async def test_a_marker_stands_for_the_file_in_base64(
    store: LocalAssets, picture: Picture, size: tuple[int, int]
) -> None:
    data = picture("PNG", *size)
    stored = await kept(store, data)
    uri = f"data:image/png;base64,{store.marker(stored.id)}"
    body = dump({"url": uri}, [Blobs(), store])
    sent = await body.read()
    assert body.length == len(sent)
    assert orjson.loads(sent)["url"] == f"data:image/png;base64,{pybase64.b64encode(data).decode()}"


async def test_only_given_markers_open_a_file(store: LocalAssets, picture: Picture, clock: FakeClock) -> None:
    stored = await kept(store, picture())
    marker = store.marker(stored.id)
    name = stored.id.removeprefix("asset_")
    other = LocalAssets(store._folder, clock.now)
    assert other.find(marker) is None
    for forged in (
        new_marker(f"a{name}{'0' * 32}"),
        new_marker("b1"),
        new_marker("a"),
        marker[:-1] + "Y",
        "",
    ):
        assert store.find(forged) is None or forged[:-1] == marker[:-1]
    await store.delete(stored.id)
    with pytest.raises(AssetStorageError):
        store.find(marker)


async def test_a_file_that_shrinks_breaks_the_reading_off(store: LocalAssets, picture: Picture) -> None:
    stored = await kept(store, picture())
    store._path(stored.id).write_bytes(b"x")
    with pytest.raises(AssetStorageError):
        await read(store.open_range(stored))
