from pathlib import Path

import pytest

from simulator.buckets import Buckets, StoredObject, split_gs
from simulator.errors import GoogleError

FILM = StoredObject(b"film", "video/mp4", "A cat")


@pytest.fixture(params=["memory", "folder"])
def buckets(request: pytest.FixtureRequest, tmp_path: Path) -> Buckets:
    return Buckets(None if request.param == "memory" else str(tmp_path))


def test_objects_are_kept_listed_and_deleted(buckets: Buckets) -> None:
    buckets.write("b", "out/1/sample_0.mp4", FILM)
    assert buckets.read("b", "out/1/sample_0.mp4") == FILM
    assert buckets.read("b", "other") is None
    assert buckets.names("b", "out/") == ["out/1/sample_0.mp4"]
    assert buckets.delete("b", "out/1/sample_0.mp4")
    assert not buckets.delete("b", "out/1/sample_0.mp4")


@pytest.mark.parametrize(("bucket", "code"), [("missing", 404), ("denied", 403), ("No Bucket", 400)])
def test_buckets_that_refuse(bucket: str, code: int) -> None:
    with pytest.raises(GoogleError) as caught:
        Buckets(None).write(bucket, "x", FILM)
    assert caught.value.code == code


def test_a_folder_is_not_left(tmp_path: Path) -> None:
    with pytest.raises(GoogleError):
        Buckets(str(tmp_path)).write("b", "../../x", FILM)


def test_gs_links() -> None:
    assert split_gs("gs://b/a/c.png") == ("b", "a/c.png")
    with pytest.raises(GoogleError):
        split_gs("https://b/a")
