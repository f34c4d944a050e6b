"""What becomes of the pictures and films of a request."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pybase64
import pytest
from PIL import Image

from proxy.assets.fetch import Fetcher
from proxy.assets.inputs import MOST_LINKS, Inputs
from proxy.assets.local import LocalAssets
from proxy.blobs import Blob, Blobs, new_marker
from tests.proxy.assets.conftest import Film, Picture
from translators.canonical import MediaInput, MediaRequest, Modality, Part, Role, Turn
from translators.errors import Fault, MediaError

pytestmark = pytest.mark.anyio


class Web(Fetcher):
    """Gives prepared bytes instead of fetching."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.fetched: list[str] = []

    async def fetch(self, link: str, param: str = "") -> Blob:
        self.fetched.append(link)
        return Blob([pybase64.b64encode(self.files[link])])


Resolve = Callable[..., Any]


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def inputs(store: LocalAssets, web: Web) -> Inputs:
    async def job_asset(owner: str, job_id: str) -> str | None:
        return job_id.removeprefix("video_of_") if owner == "ann" and job_id.startswith("video_of_") else None

    return Inputs(assets=store, fetcher=web, job_asset=job_asset)


async def resolved(inputs: Inputs, item: MediaInput, blobs: Blobs, platform: str = "gemini") -> MediaInput:
    request = MediaRequest(modality=Modality.VIDEO, model="veo", turns=(), first_frame=item)
    answer = await inputs.resolve(request, owner="ann", platform=platform, blobs=blobs)
    assert answer.first_frame is not None
    return answer.first_frame


async def refused(inputs: Inputs, item: MediaInput, platform: str = "gemini") -> MediaError:
    with pytest.raises(MediaError) as raised:
        await resolved(inputs, item, Blobs(), platform)
    assert (raised.value.fault, raised.value.param) == (Fault.INVALID_REQUEST, item.param or None)
    return raised.value


def base64(data: bytes) -> str:
    return pybase64.b64encode(data).decode()


async def test_a_cut_picture_keeps_its_marker_and_gets_its_true_type(
    inputs: Inputs, picture: Picture
) -> None:
    blobs = Blobs()
    marker = blobs.add([base64(picture("JPEG")).encode()])
    given = MediaInput(data=marker, mime_type="image/png", param="image")
    assert await resolved(inputs, given, blobs) == MediaInput(
        data=marker, mime_type="image/jpeg", param="image"
    )


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text,
        lambda text: text.rstrip("="),
        lambda text: text.replace("+", "-").replace("/", "_"),
        lambda text: "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76)),
    ],
)
async def test_a_picture_in_the_text_becomes_a_blob(
    inputs: Inputs, picture: Picture, written: Callable[[str], str]
) -> None:
    data, blobs = picture("PNG", 41, 31) + b"x", Blobs()
    found = await resolved(inputs, MediaInput(data=written(base64(data))), blobs)
    assert found.mime_type == "image/png"
    assert blobs.get(found.data).text() == base64(data)


async def test_a_header_longer_than_the_head_is_read(inputs: Inputs, picture: Picture) -> None:
    blobs = Blobs()
    marker = blobs.add([base64(picture("JPEG", icc_profile=bytes(200_000))).encode()])
    assert (await resolved(inputs, MediaInput(data=marker), blobs)).mime_type == "image/jpeg"
    cut = blobs.add([base64(picture("JPEG", icc_profile=bytes(200_000))[:180_000]).encode()])
    with pytest.raises(MediaError, match="cut off"):
        await resolved(inputs, MediaInput(data=cut), blobs)


async def test_a_gif_becomes_a_png(inputs: Inputs, picture: Picture) -> None:
    blobs = Blobs()
    marker = blobs.add([base64(picture("GIF", 20, 10)).encode()])
    found = await resolved(inputs, MediaInput(data=marker, mime_type="image/gif"), blobs)
    assert found.mime_type == "image/png"
    with Image.open(io.BytesIO(b"".join(blobs.get(found.data).decoded()))) as image:
        assert (image.format, image.size) == ("PNG", (20, 10))


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (MediaInput(data="!!!!", param="image"), "invalid_base64_image"),
        (MediaInput(data="é", param="image"), "invalid_base64_image"),
        (MediaInput(data="A", param="image"), "invalid_base64_image"),
        (MediaInput(data=new_marker("b999999"), param="image"), "unsupported_image_media_type"),
        (
            MediaInput(data=base64(b"just text"), mime_type="image/png", param="image"),
            "unsupported_image_media_type",
        ),
        (MediaInput(param="image"), "empty_image_file"),
        (MediaInput(reference="video_unknown", param="video"), "image_file_not_found"),
        (MediaInput(reference=f"asset_{'a' * 26}", param="video"), "image_file_not_found"),
        (MediaInput(reference="../../etc/passwd", param="video"), "image_file_not_found"),
    ],
)
async def test_refusals(inputs: Inputs, item: MediaInput, code: str) -> None:
    assert (await refused(inputs, item)).code == code


async def test_assets_and_jobs_of_the_owner(inputs: Inputs, store: LocalAssets, film: Film) -> None:
    data, blobs = film(), Blobs()
    asset = await store.store_blob(Blob([pybase64.b64encode(data)]), "ann", "video_1")
    for reference in (asset.id, f"video_of_{asset.id}"):
        found = await resolved(inputs, MediaInput(reference=reference, param="video"), blobs)
        assert (found.mime_type, found.reference) == ("video/mp4", "")
        assert b"".join(blobs.get(found.data).decoded()) == data


async def test_foreign_and_unknown_assets_answer_alike(
    inputs: Inputs, store: LocalAssets, picture: Picture
) -> None:
    asset = await store.store_blob(Blob([pybase64.b64encode(picture())]), "bob", "image_1")
    foreign = await refused(inputs, MediaInput(reference=asset.id))
    unknown = await refused(inputs, MediaInput(reference=f"asset_{'a' * 26}"))
    assert foreign.message.replace(asset.id, "") == unknown.message.replace(f"asset_{'a' * 26}", "")
    assert (foreign.fault, foreign.code, foreign.advice) == (unknown.fault, unknown.code, unknown.advice)


FILE = "https://generativelanguage.googleapis.com/v1beta/files/abc-123"


@pytest.mark.parametrize(
    ("platform", "uri", "mime_type"),
    [
        ("vertex", "gs://bucket/a/film.mp4", "video/mp4"),
        ("vertex", "gs://bucket/picture", ""),
        ("gemini", FILE, ""),
        ("gemini", FILE + ":download?alt=media".replace(":download", ""), ""),
        ("simulator", "gs://bucket/a.png", "image/png"),
    ],
)
async def test_links_that_the_platform_opens_are_kept(
    inputs: Inputs, web: Web, platform: str, uri: str, mime_type: str
) -> None:
    found = await resolved(inputs, MediaInput(uri=uri, param="video"), Blobs(), platform)
    assert found == MediaInput(uri=uri, mime_type=mime_type, param="video")
    assert web.fetched == []


async def test_bucket_links_elsewhere_name_vertex(inputs: Inputs) -> None:
    error = await refused(inputs, MediaInput(uri="gs://bucket/a.png", param="image"), "gemini")
    assert "Vertex" in error.message


async def test_several_links_are_fetched_and_stay_in_place(
    inputs: Inputs, web: Web, picture: Picture
) -> None:
    blobs = Blobs()
    web.files = {f"https://example.com/{number}": picture("PNG", number + 1, 1) for number in range(10)}
    items = [MediaInput(uri=uri, param=f"image[{at}]") for at, uri in enumerate(web.files)]
    parts = (Part(text="these"), *(Part(media=item) for item in items), Part(media=items[0]))
    request = MediaRequest(
        modality=Modality.IMAGE, model="x", turns=(Turn(role=Role.CLIENT, parts=parts),), last_frame=items[3]
    )
    answer = await inputs.resolve(request, owner="ann", platform="gemini", blobs=blobs)
    found = [b"".join(blobs.get(item.data).decoded()) for item in answer.inputs]
    files = list(web.files.values())
    assert found == [*files, files[0], files[3]]
    assert len(web.fetched) == 10


async def test_one_bad_link_fails_the_request(inputs: Inputs, web: Web, picture: Picture) -> None:
    web.files = {"https://example.com/1": picture(), "https://example.com/2": b"text"}
    parts = tuple(Part(media=MediaInput(uri=uri, param=uri)) for uri in web.files)
    request = MediaRequest(modality=Modality.IMAGE, model="x", turns=(Turn(role=Role.CLIENT, parts=parts),))
    with pytest.raises(MediaError) as raised:
        await inputs.resolve(request, owner="ann", platform="gemini", blobs=Blobs())
    assert raised.value.param == "https://example.com/2"


async def test_too_many_links_are_refused(inputs: Inputs, web: Web) -> None:
    parts = tuple(Part(media=MediaInput(uri=f"https://e.com/{at}")) for at in range(MOST_LINKS + 1))
    request = MediaRequest(modality=Modality.IMAGE, model="x", turns=(Turn(role=Role.CLIENT, parts=parts),))
    with pytest.raises(MediaError, match="links"):
        await inputs.resolve(request, owner="ann", platform="gemini", blobs=Blobs())
    assert web.fetched == []


async def test_a_request_without_media_is_itself(inputs: Inputs) -> None:
    request = MediaRequest(modality=Modality.IMAGE, model="x", turns=())
    assert await inputs.resolve(request, owner="ann", platform="gemini", blobs=Blobs()) is request
