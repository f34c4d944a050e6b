from __future__ import annotations

import orjson
import pytest

from proxy.jobs.job import Take, overall, take_from_json, take_to_json
from tests.proxy.jobs.record import job
from translators.canonical import Asset, MediaResult, Status, Usage
from translators.errors import Billed, Fault, MediaError

ERROR = MediaError(
    Fault.RATE_LIMITED, "Too many.", "Wait.", reason="QUOTA", billed=Billed.NO, retry_after=7.5
)
LOST = MediaError(Fault.UNCERTAIN, "Nobody knows.", billed=Billed.UNKNOWN)
FILM = Asset(
    id="asset_1",
    mime_type="video/mp4",
    uri="gs://bucket/film",
    size=5,
    sha256="ab",
    width=64,
    height=48,
    duration_seconds=8.0,
    fps=24.0,
    codec="h264",
    has_audio=False,
    expires_at=7.0,
)
RESULT = MediaResult(
    assets=(FILM,), text="words", notes=("note",), usage=Usage(input_tokens=3, image_tokens=9)
)

QUEUED, RUNNING, WAITING = Status.QUEUED, Status.RUNNING, Status.WAITING
SUCCEEDED, FAILED, UNCERTAIN = Status.SUCCEEDED, Status.FAILED, Status.UNCERTAIN


@pytest.mark.parametrize(
    ("takes", "status"),
    [
        ([], QUEUED),
        ([QUEUED, WAITING], WAITING),
        ([SUCCEEDED, QUEUED], QUEUED),
        ([WAITING, RUNNING, FAILED], RUNNING),
        ([SUCCEEDED, FAILED], SUCCEEDED),
        ([FAILED, UNCERTAIN], UNCERTAIN),
        ([Status.EXPIRED, FAILED], FAILED),
        ([Status.CANCELLED], Status.CANCELLED),
    ],
)
def test_a_job_is_at_work_while_one_take_is(takes: list[Status], status: Status) -> None:
    assert overall(takes) is status


@pytest.mark.parametrize(
    "take",
    [
        Take(),
        Take(count=3, status=RUNNING, paying=True, state={"phase": "submit", "list": [1, None]}),
        Take(status=WAITING, state={"operation": "op"}),
        Take(status=SUCCEEDED, result=RESULT),
        Take(status=FAILED, error=ERROR),
        Take(status=UNCERTAIN, error=LOST),
    ],
)
def test_a_take_comes_back_as_it_was(take: Take) -> None:
    back = take_from_json(orjson.loads(orjson.dumps(take_to_json(take))))
    assert (back.count, back.status, back.paying) == (take.count, take.status, take.paying)
    assert (back.state, back.result) == (take.state, take.result)
    assert repr(back.error) == repr(take.error)


def test_media_data_are_not_written() -> None:
    take = Take(status=SUCCEEDED, result=MediaResult(assets=(Asset(id="asset_1", data="QUJD"),)))
    assert "QUJD" not in str(take_to_json(take))


def test_the_state_of_an_ended_take_is_not_written() -> None:
    assert "state" not in take_to_json(Take(status=FAILED, state={"a": 1}))


def test_results_of_takes_are_one_result() -> None:
    other = MediaResult(assets=(Asset(id="asset_2"),), text="more", usage=Usage(input_tokens=4))
    takes = [Take(status=SUCCEEDED, result=RESULT), Take(status=SUCCEEDED, result=other)]
    result = job(takes=takes).result
    assert result is not None
    assert [asset.id for asset in result.assets] == ["asset_1", "asset_2"]
    assert (result.text, result.notes) == ("words\nmore", ("note",))
    assert result.usage == Usage(input_tokens=7, image_tokens=9)


def test_a_job_of_which_some_came_has_a_note_and_no_error() -> None:
    made = job(takes=[Take(count=2, status=SUCCEEDED, result=RESULT), Take(status=FAILED, error=ERROR)])
    assert made.error is None
    assert made.result is not None
    assert made.result.notes[0] == "note"
    assert "1 of the 3" in made.result.notes[1]


def test_a_job_at_work_has_no_error_yet() -> None:
    assert job(takes=[Take(status=FAILED, error=ERROR), Take(status=WAITING)]).error is None


def test_the_error_is_that_of_the_jobs_own_status() -> None:
    takes = [Take(status=FAILED, error=ERROR), Take(status=UNCERTAIN, error=LOST)]
    assert job(takes=takes).error is LOST
    assert job(takes=takes).result is None
