"""The errors that arise while steps are carried out, in words for the person."""

from __future__ import annotations

from auth.credential import CredentialError
from proxy.jobs.store import StoreUnavailable
from translators.errors import Billed, Fault, MediaError

_READY_AGAIN = "Try again when Filmgate's /readyz answers 200."


def credential_fault(error: CredentialError, upstream: str) -> MediaError:
    """No call was made, because the account could not prove itself."""
    refused = error.reason != "unavailable"
    return MediaError(
        Fault.CREDENTIAL_REFUSED if refused else Fault.CREDENTIAL_UNAVAILABLE,
        f"Filmgate has no valid credential for the upstream {upstream}: {error}",
        advice=error.advice,
        billed=Billed.NO,
    )


def unreachable(upstream: str, error: Exception) -> MediaError:
    """Nothing of the paid call reached the upstream."""
    return MediaError(
        Fault.UNREACHABLE,
        f"The upstream {upstream} cannot be reached: {error}.",
        advice="Check the network and the upstream's base_url, then send the request again.",
        billed=Billed.NO,
    )


def lost_answer(message: str) -> MediaError:
    """The paid call went out and nobody knows what became of it."""
    return MediaError(
        Fault.UNCERTAIN,
        message,
        advice="Filmgate does not send it again by itself. Look at the provider's console before you do.",
        billed=Billed.UNKNOWN,
    )


def too_late(seconds: float) -> MediaError:
    """The job's deadline has passed while the upstream was still at work."""
    return MediaError(
        Fault.DEADLINE,
        f"The upstream had not finished after {seconds:.0f} seconds, and Filmgate stopped waiting.",
        advice="Raise engine.job_deadline_seconds if such jobs take longer.",
        billed=Billed.UNKNOWN,
    )


def storage_unavailable(error: StoreUnavailable) -> MediaError:
    """The job could not be recorded, so nothing was sent."""
    return MediaError(
        Fault.STORAGE_UNAVAILABLE,
        f"{error.reason} Nothing was sent to the provider.",
        advice=_READY_AGAIN,
        billed=Billed.NO,
    )


def stopping() -> MediaError:
    """No new work is taken."""
    return MediaError(
        Fault.DRAINING, "Filmgate is stopping and takes no new requests.", advice="Try again in a moment."
    )


def interrupted(job_id: str) -> MediaError:
    """Filmgate stops before the job has ended; the job goes on with the next start."""
    return MediaError(
        Fault.DRAINING,
        f"Filmgate is stopping before the job {job_id} has ended.",
        advice="Nothing is lost: the job goes on when Filmgate starts again; fetch it under its id.",
        billed=Billed.UNKNOWN,
    )


def never_sent() -> MediaError:
    """The process ended between acceptance and the call."""
    return MediaError(
        Fault.INTERNAL,
        "Filmgate was stopped before the request was sent.",
        advice="Send it again.",
        billed=Billed.NO,
    )


def defect(*, submitted: bool) -> MediaError:
    """A fault of our own."""
    return MediaError(
        Fault.INTERNAL,
        "Filmgate failed on this job by a defect of its own.",
        advice="The log has the details.",
        billed=Billed.UNKNOWN if submitted else Billed.NO,
    )


def key_reused() -> MediaError:
    """One Idempotency-Key, two different requests."""
    return MediaError(
        Fault.CONFLICT,
        "This Idempotency-Key was used for another request.",
        advice="Use a new key for a new request.",
        code="idempotency_key_reused",
    )


def waits_for_upstream(job_id: str, upstream: str) -> MediaError:
    """A recorded job whose upstream or account has left the configuration."""
    return MediaError(
        Fault.NOT_CONFIGURED,
        f"The job {job_id} waits for its upstream {upstream}, which the configuration no longer has.",
        advice="Put the upstream and its account back, and start Filmgate again.",
    )


def unreadable(error: MediaError) -> MediaError:
    """The provider gave media that are none."""
    return MediaError(
        Fault.BROKEN_ANSWER,
        error.message,
        advice="Ask again; the provider's answer was broken.",
        billed=Billed.YES,
    )
