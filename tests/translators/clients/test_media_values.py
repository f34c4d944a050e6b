"""Pictures as clients write them."""

import pytest

from translators.canonical import JSON, MediaInput
from translators.clients._media_values import media_value
from translators.errors import Fault, MediaError

MARKER = "fg0123b1Z"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (f"data:image/png;base64,{MARKER}", {"mime_type": "image/png", "data": MARKER}),
        (f"DATA:Image/PNG;name=a.png;BASE64,{MARKER}", {"mime_type": "image/png", "data": MARKER}),
        (f"data:;base64,{MARKER}", {"data": MARKER}),
        ("data:image/png;base64,§ unread §", {"mime_type": "image/png", "data": "§ unread §"}),
        ("https://example.com/a.png", {"uri": "https://example.com/a.png"}),
        ("http://h:8317/files/asset_1?s=2", {"uri": "http://h:8317/files/asset_1?s=2"}),
        ("gs://bucket/a b.png", {"uri": "gs://bucket/a b.png"}),
        ("asset_01", {"reference": "asset_01"}),
        ("image_01", {"reference": "image_01"}),
        ({"url": "asset_01"}, {"reference": "asset_01", "param": "p.url"}),
        ({"image_url": "asset_01"}, {"reference": "asset_01", "param": "p.image_url"}),
        ({"image_url": {"url": "asset_01"}}, {"reference": "asset_01", "param": "p.image_url.url"}),
        ({"file_id": "video_01"}, {"reference": "video_01", "param": "p.file_id"}),
    ],
)
def test_a_picture_is_read(value: JSON, wanted: dict[str, str]) -> None:
    assert media_value(value, "p") == MediaInput(**{"param": "p", **wanted})


@pytest.mark.parametrize(
    "value",
    [
        "data:", "data:,", "data:image/png", "data:image/png;base64", "data:image/png;base64,",
        "data:image/png;base64, \n", "data:image/png,AAAA", "data:image;base64,AAAA",
        "data:im age/png;base64,AAAA", "file:///etc/passwd", "ftp://example.com/a.png", "//example.com/a.png",
        "http://", "https:///a.png", "https://a b/c.png", " https://example.com/a.png", "gs://bucket", "gs://",
        "javascript:alert(1)", "picture.png", "asset_", "asset_A", "asset_1\n", "file-abc", " ", "",
        5, True, [], {}, {"url": None}, {"url": 5}, {"image_url": {}}, {"image_url": {"url": []}},
        {"image_url": "asset_1", "file_id": "asset_2"},
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_name(value: JSON) -> None:
    with pytest.raises(MediaError) as caught:
        media_value(value, "p")
    error = caught.value
    assert error.fault is Fault.INVALID_REQUEST
    assert (error.param or "").startswith("p")
    assert f"'{error.param}'" in str(error)


def test_a_wrong_data_uri_shows_a_right_one() -> None:
    with pytest.raises(MediaError, match="data:image/png;base64,iVBOR"):
        media_value("data:image/png,AAAA", "p")
