from tests.simulator.wire import TEXT_MODEL, Wire, contents


def test_greeting(wire: Wire) -> None:
    answer = wire.client.get("/")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "simulator" in answer.text


def test_journal_is_read_and_reset(wire: Wire) -> None:
    wire.gemini(TEXT_MODEL, "generateContent", contents("hi"))
    assert [entry["status"] for entry in wire.journal()["requests"]] == [200]
    assert wire.client.delete("/_simulator/journal").status_code == 204
    assert wire.journal()["requests"] == []
    assert set(wire.counters().values()) == {0}


def test_faults_are_armed_shown_and_disarmed(wire: Wire) -> None:
    wire.arm("slow", seconds=1, times=None)
    shown = wire.client.get("/_simulator/faults").json()
    assert shown["armed"] == [{"fault": "slow", "match": {}, "times": None, "seconds": 1}]
    assert "accept-drop" in shown["known"]
    wire.client.delete("/_simulator/faults")
    assert wire.client.get("/_simulator/faults").json()["armed"] == []


def test_wrong_orders_are_refused(wire: Wire) -> None:
    orders: tuple[object, ...] = (
        {"fault": "nonsense"},
        {"fault": "slow", "speed": 1},
        {"fault": "slow", "times": 0},
        [],
    )
    for order in orders:
        assert wire.client.post("/_simulator/faults", json=order).status_code == 400
