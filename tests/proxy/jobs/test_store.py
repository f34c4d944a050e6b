from proxy.jobs.store import StoreUnavailable


def test_the_reason_is_what_is_shown() -> None:
    error = StoreUnavailable("The disk is full.")
    assert error.reason == str(error) == "The disk is full."
