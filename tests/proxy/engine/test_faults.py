from __future__ import annotations

import pytest

from auth.credential_error import CredentialError
from proxy.engine import faults
from proxy.jobs.store import StoreUnavailable
from translators.errors import Billed, Fault, MediaError

REFUSED = CredentialError("Revoked.", reason="refused", account="key-1", advice="Sign in.")
AWAY = CredentialError("Away.", reason="unavailable", account="key-1")


@pytest.mark.parametrize(
    ("error", "fault", "billed"),
    [
        (faults.credential_fault(REFUSED, "gemini"), Fault.CREDENTIAL_REFUSED, Billed.NO),
        (faults.credential_fault(AWAY, "gemini"), Fault.CREDENTIAL_UNAVAILABLE, Billed.NO),
        (faults.unreachable("gemini", OSError("refused")), Fault.UNREACHABLE, Billed.NO),
        (faults.lost_answer("It did not arrive."), Fault.UNCERTAIN, Billed.UNKNOWN),
        (faults.too_late(60.0), Fault.DEADLINE, Billed.UNKNOWN),
        (faults.storage_unavailable(StoreUnavailable("Full.")), Fault.STORAGE_UNAVAILABLE, Billed.NO),
        (faults.stopping(), Fault.DRAINING, None),
        (faults.interrupted("video_1"), Fault.DRAINING, Billed.UNKNOWN),
        (faults.never_sent(), Fault.INTERNAL, Billed.NO),
        (faults.defect(submitted=True), Fault.INTERNAL, Billed.UNKNOWN),
        (faults.defect(submitted=False), Fault.INTERNAL, Billed.NO),
        (faults.key_reused(), Fault.CONFLICT, None),
        (faults.waits_for_upstream("video_1", "gemini"), Fault.NOT_CONFIGURED, None),
        (faults.unreadable(MediaError(Fault.BROKEN_ANSWER, "Broken.")), Fault.BROKEN_ANSWER, Billed.YES),
    ],
)
def test_each_says_whether_it_was_billed_and_what_to_do(
    error: MediaError, fault: Fault, billed: Billed | None
) -> None:
    assert (error.fault, error.billed) == (fault, billed)
    assert error.message.endswith(".")
    assert error.advice.endswith(".") or not error.advice


def test_the_job_is_named_where_a_client_has_to_come_back() -> None:
    assert "video_1" in faults.interrupted("video_1").message
    assert "video_1" in faults.waits_for_upstream("video_1", "gemini").message
