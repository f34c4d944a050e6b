"""What a store says of its files and of its troubles, and what becomes of media that cannot be read."""

from __future__ import annotations

import hashlib

import pybase64
import pytest

from proxy.assets.local import LocalAssets
from proxy.assets.store import AssetStorageError, StoredAsset, Trouble, UnreadableMediaError
from proxy.blobs import Blob
from tests.proxy.assets.conftest import Film, Picture
from translators.canonical import Asset
from translators.errors import Fault


@pytest.mark.parametrize("trouble", Trouble)
def test_each_trouble_says_what_to_do(trouble: Trouble) -> None:
    error = AssetStorageError(trouble)
    assert (error.trouble, error.fault) == (trouble, Fault.STORAGE_UNAVAILABLE)
    assert error.message.endswith(".")
    assert error.advice.endswith(".")


def test_each_trouble_has_its_own_words() -> None:
    assert len({AssetStorageError(trouble).message for trouble in Trouble}) == len(Trouble)


def test_an_asset_goes_out_without_owner_and_job() -> None:
    stored = StoredAsset(
        id="asset_1",
        owner="ann",
        job="video_1",
        mime_type="video/mp4",
        size=5,
        sha256="ab",
        created_at=1.0,
        expires_at=2.0,
        width=64,
        height=48,
        duration_seconds=4.0,
        fps=24.0,
        codec="h264",
        has_audio=True,
    )
    assert stored.asset == Asset(
        id="asset_1",
        mime_type="video/mp4",
        size=5,
        sha256="ab",
        width=64,
        height=48,
        duration_seconds=4.0,
        fps=24.0,
        codec="h264",
        has_audio=True,
        expires_at=2.0,
    )
    assert "ann" not in repr(stored.asset)


async def commit(store: LocalAssets, data: bytes, mime_type: str, **options: bool) -> Asset:
    writer = await store.create("ann", "video_1", mime_type)
    await writer.write(data)
    return await writer.commit(**options)


async def test_a_damaged_film_is_kept_as_it_is(store: LocalAssets, film: Film) -> None:
    data = film()[:-30]
    with pytest.raises(UnreadableMediaError) as raised:
        await commit(store, data, "video/quicktime")
    digest = hashlib.sha256(data).hexdigest()
    assert (raised.value.mime_type, raised.value.digest) == ("video/mp4", digest)

    asset = await commit(store, data, "video/quicktime", as_is=True)
    assert (asset.mime_type, asset.size, asset.sha256) == ("video/mp4", len(data), digest)
    assert (asset.width, asset.duration_seconds, asset.codec, asset.has_audio) == (0, 0.0, "", None)
    stored = await store.get(asset.id)
    assert stored is not None
    assert b"".join([piece async for piece in store.open_range(stored)]) == data


@pytest.mark.parametrize(("told", "kept"), [("video/mp4", "video/mp4"), ("", "application/octet-stream")])
async def test_an_unknown_kind_is_kept_as_what_it_was_told_to_be(
    store: LocalAssets, told: str, kept: str
) -> None:
    assert (await commit(store, b"a film of tomorrow", told, as_is=True)).mime_type == kept


async def test_the_other_kind_is_kept_as_what_it_is(store: LocalAssets, picture: Picture) -> None:
    asset = await commit(store, picture("PNG"), "video/mp4", as_is=True)
    assert asset.mime_type == "image/png"


async def test_what_can_be_read_is_kept_with_its_facts_even_so(store: LocalAssets, picture: Picture) -> None:
    asset = await commit(store, picture("PNG", 40, 30), "image/png", as_is=True)
    assert (asset.width, asset.height) == (40, 30)


@pytest.mark.parametrize("as_is", [True, False])
async def test_an_empty_file_is_refused_even_so(store: LocalAssets, as_is: bool) -> None:
    with pytest.raises(UnreadableMediaError, match="empty"):
        await commit(store, b"", "video/mp4", as_is=as_is)
    with pytest.raises(UnreadableMediaError, match="empty"):
        await store.store_blob(Blob([]), "ann", "video_1", "video/mp4", as_is=as_is)


async def test_a_blob_that_cannot_be_read_is_kept_as_it_is(store: LocalAssets, picture: Picture) -> None:
    data = picture("PNG")[:-5]
    blob = Blob([pybase64.b64encode(data)])
    asset = await store.store_blob(blob, "ann", "image_1", "image/png", as_is=True)
    assert (asset.mime_type, asset.size, asset.width) == ("image/png", len(data), 0)


async def test_the_digest_is_known_while_the_file_is_written(store: LocalAssets) -> None:
    writer = await store.create("ann", "video_1")
    sent = b""
    for piece in (b"abc", bytes(300 << 10), b"z"):
        await writer.write(piece)
        sent += piece
        assert writer.digest == hashlib.sha256(sent).hexdigest()
    await writer.abort()
