"""What OpenAI's dialects share: errors by the table, the `filmgate` object, links and data URIs."""

import pytest

from translators.canonical import Asset, MediaRequest, MediaResult, Modality, Status, Usage
from translators.clients._openai import (
    FAULTS,
    asset_facts,
    data_uri,
    error_headers,
    failure,
    in_own_words,
    job_facts,
    link,
    render_error,
    render_failure,
    unfinished,
    usage_of,
)
from translators.clients.base import View
from translators.errors import Billed, Fault, MediaError

# design.md 4 and openai_wire.md 5.2
STATUSES = {
    Fault.INVALID_REQUEST: (400, "invalid_value"),
    Fault.BODY_TOO_LARGE: (413, "request_too_large"),
    Fault.KEY_REFUSED: (401, "invalid_api_key"),
    Fault.NOT_FOUND: (404, "not_found"),
    Fault.METHOD_NOT_ALLOWED: (405, "method_not_allowed"),
    Fault.CONFLICT: (409, "conflict"),
    Fault.UNKNOWN_MODEL: (404, "model_not_found"),
    Fault.NOT_CONFIGURED: (503, "upstream_not_configured"),
    Fault.CREDENTIAL_REFUSED: (502, "upstream_credential_refused"),
    Fault.CREDENTIAL_UNAVAILABLE: (503, "upstream_credential_unavailable"),
    Fault.CONTENT_REFUSED: (400, "content_policy_violation"),
    Fault.RATE_LIMITED: (429, "rate_limit_exceeded"),
    Fault.OVERLOADED: (503, "server_is_overloaded"),
    Fault.UNREACHABLE: (502, "upstream_unreachable"),
    Fault.BROKEN_ANSWER: (502, "upstream_broken_answer"),
    Fault.UPSTREAM_REFUSED: (400, "upstream_refused"),
    Fault.UPSTREAM_FAILED: (502, "upstream_failed"),
    Fault.UNCERTAIN: (502, "submission_uncertain"),
    Fault.DEADLINE: (504, "deadline_exceeded"),
    Fault.CANCELLED: (409, "cancelled"),
    Fault.STORAGE_UNAVAILABLE: (503, "storage_unavailable"),
    Fault.DRAINING: (503, "draining"),
    Fault.INTERNAL: (500, "internal_error"),
}
REPEATED = {
    Fault.CREDENTIAL_UNAVAILABLE, Fault.RATE_LIMITED, Fault.OVERLOADED, Fault.UNREACHABLE,
    Fault.BROKEN_ANSWER, Fault.UPSTREAM_FAILED, Fault.DEADLINE, Fault.STORAGE_UNAVAILABLE,
    Fault.DRAINING, Fault.INTERNAL,
}  # fmt: skip


def view(status: Status, **values: object) -> View:
    request = MediaRequest(modality=Modality.VIDEO, model="veo", turns=())
    given = {"served_model": "veo-2", "upstream": "vertex/a", "created_at": 1.5} | values
    return View(id="video_1", status=status, request=request, **given)  # type: ignore[arg-type]


def test_every_fault_has_a_row() -> None:
    assert set(FAULTS) == set(Fault) == set(STATUSES)


@pytest.mark.parametrize("fault", Fault)
def test_status_and_code_of_a_fault(fault: Fault) -> None:
    answer = render_error(MediaError(fault, "No.", param="x"))
    status, code = STATUSES[fault]
    assert (answer.status, answer.body["error"]["code"]) == (status, code)
    assert answer.body["error"]["param"] == "x"
    assert answer.headers == ({} if fault in REPEATED else {"x-should-retry": "false"})


@pytest.mark.parametrize("billed", Billed)
def test_no_error_after_a_paid_call_is_repeated(billed: Billed) -> None:
    for fault in Fault:
        error = MediaError(fault, "No.", "Try later.", billed=billed, reason="WHY")
        answer = render_error(error)
        assert answer.headers["x-should-retry"] == "false"
        assert answer.body["error"]["message"] == str(error)
        assert answer.body["filmgate"] == {"fault": fault.value, "billed": billed.value, "reason": "WHY"}


@pytest.mark.parametrize(("seconds", "header"), [(0.0, "1"), (0.4, "1"), (12.3, "13"), (60, "60")])
def test_retry_after_is_whole_and_positive(seconds: float, header: str) -> None:
    assert error_headers(MediaError(Fault.RATE_LIMITED, "No.", retry_after=seconds)) == {
        "retry-after": header
    }


def test_a_daily_quota_is_not_asked_again_at_once() -> None:
    answer = render_error(MediaError(Fault.RATE_LIMITED, "No.", retry_after=9000.0, daily=True))
    assert answer.status == 429
    assert answer.body["error"]["code"] == answer.body["error"]["type"] == "insufficient_quota"
    assert answer.headers == {"retry-after": "9000", "x-should-retry": "false"}


def test_an_errors_own_code_wins() -> None:
    answer = render_error(MediaError(Fault.INVALID_REQUEST, "No.", code="invalid_type"))
    assert answer.body["error"]["code"] == "invalid_type"


def test_a_failed_job_is_named() -> None:
    answer = render_failure(view(Status.FAILED), MediaError(Fault.OVERLOADED, "No."))
    assert answer.body["filmgate"]["job"] == "video_1"
    assert answer.body["filmgate"]["fault"] == "overloaded"


@pytest.mark.parametrize(
    "error", [None, MediaError(Fault.UNREACHABLE, "x"), MediaError(Fault.UNCERTAIN, "x")]
)
def test_an_uncertain_job_says_that_it_may_be_billed(error: MediaError | None) -> None:
    found = failure(view(Status.UNCERTAIN, error=error))
    assert found is not None
    assert found.fault is Fault.UNCERTAIN
    assert "It may have been billed." in str(found)


def test_a_job_without_an_error_fails_by_its_status() -> None:
    faults = {status: failure(view(status)) for status in Status}
    assert {status for status, error in faults.items() if error is None} == {
        Status.QUEUED, Status.RUNNING, Status.WAITING, Status.SUCCEEDED,
    }  # fmt: skip


def test_a_job_that_goes_on_has_no_answer_yet() -> None:
    error = unfinished(view(Status.WAITING))
    assert error is not None
    assert error.fault is Fault.DEADLINE
    assert unfinished(view(Status.SUCCEEDED)) is None


def test_what_filmgate_says_of_a_job() -> None:
    result = MediaResult(assets=(Asset(id="asset_1"),), notes=("From the upstream.",))
    made = view(Status.SUCCEEDED, result=result, notes=("Ours.",), about={"attempts": 2, "job": "no"})
    facts = job_facts(made, whole=True)
    assert facts["job"] == "video_1"
    assert facts["attempts"] == 2
    assert facts["notes"] == ["Ours.", "From the upstream."]
    assert facts["assets"] == [{"id": "asset_1"}]
    assert "estimated" not in facts
    assert job_facts(view(Status.QUEUED))["estimated"] is True


def test_links_and_data() -> None:
    own = Asset(url="http://h/files/a", uri="gs://b/o", data="DATA", has_audio=False)
    assert link(own) == "http://h/files/a"
    assert data_uri(own, "video/mp4") == "data:video/mp4;base64,DATA"
    assert asset_facts(own) == {"url": "http://h/files/a", "gcs_uri": "gs://b/o", "has_audio": False}
    assert data_uri(Asset(uri="gs://b/o"), "video/mp4") == "gs://b/o"


def test_usage_has_a_total() -> None:
    counted = MediaResult(usage=Usage(input_tokens=3, output_tokens=4))
    assert usage_of(view(Status.SUCCEEDED, result=counted)).total_tokens == 7
    assert usage_of(view(Status.SUCCEEDED)) == Usage()


def test_an_error_is_told_in_the_fields_of_its_dialect() -> None:
    error = MediaError(
        Fault.INVALID_REQUEST,
        "'video_config.duration_seconds' cannot be 5.",
        advice="Give 'video_config.duration_seconds' as 4.",
        param="video_config.duration_seconds",
    )
    names = (("video_config.duration_seconds", "seconds"), ("video_config.", ""))
    told = in_own_words(error, names)
    assert (told.param, told.message, told.advice) == (
        "seconds",
        "'seconds' cannot be 5.",
        "Give 'seconds' as 4.",
    )
    resolution = MediaError(Fault.INVALID_REQUEST, "No.", param="video_config.resolution")
    assert in_own_words(resolution, names).param == "resolution"
    assert in_own_words(MediaError(Fault.INVALID_REQUEST, "No."), names).param is None
