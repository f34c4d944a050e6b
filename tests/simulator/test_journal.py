import base64
import hashlib

from simulator.journal import COUNTERS, REDACTED, Journal, credential_digest, shortened


def test_secrets_stay_out() -> None:
    journal = Journal(10)
    headers = {"x-goog-api-key": "sesame", "authorization": "Bearer sesame", "accept": "*/*"}
    journal.record("GET", "/x", "key=sesame&alt=sse", headers, b"")
    form = {"content-type": "application/x-www-form-urlencoded"}
    journal.record("POST", "/token", "", form, b"grant_type=refresh_token&refresh_token=sesame&client_id=me")
    report = journal.report()
    assert "sesame" not in str(report)
    assert report["requests"][0]["query"] == f"key={REDACTED}&alt=sse"
    assert report["requests"][1]["body"] == {
        "grant_type": "refresh_token",
        "refresh_token": REDACTED,
        "client_id": "me",
    }


def test_long_media_are_measured() -> None:
    raw = bytes(range(256)) * 4
    text = base64.b64encode(raw).decode()
    measure = f"<1024 bytes sha256:{hashlib.sha256(raw).hexdigest()}>"
    assert shortened({"a": [text], "b": f"data:image/png;base64,{text}"}) == {
        "a": [measure],
        "b": f"data:image/png;base64,{measure}",
    }
    prose = "word " * 100
    assert shortened(prose) == prose


def test_other_bodies_are_measured() -> None:
    assert Journal(1).record("POST", "/x", "", {}, b"\x00\x01")["body"].startswith("<2 bytes sha256:")


def test_the_length_is_bounded_and_counters_reset() -> None:
    journal = Journal(2)
    for number in range(3):
        journal.record("GET", f"/{number}", "", {}, b"")
    journal.count("polls")
    report = journal.report()
    assert [entry["path"] for entry in report["requests"]] == ["/1", "/2"]
    assert report["counters"] == {name: int(name == "polls") for name in COUNTERS}
    journal.reset()
    assert journal.report()["counters"]["polls"] == 0


def test_accounts_are_told_apart() -> None:
    one, two = ({"x-goog-api-key": key} for key in ("one", "two"))
    assert credential_digest(one, "") != credential_digest(two, "")
    assert credential_digest({}, "key=one") == credential_digest(one, "")
    assert credential_digest({}, "") is None
