import json

import pytest

from tests.simulator.wire import IMAGE_MODEL, TEXT_MODEL, Wire, contents


def events(text: str) -> list[dict[str, object]]:
    assert text.endswith("\r\n\r\n")
    blocks = text.removesuffix("\r\n\r\n").split("\r\n\r\n")
    assert all(block.startswith("data: ") for block in blocks)
    return [json.loads(block.removeprefix("data: ")) for block in blocks]


def test_server_sent_events(wire: Wire) -> None:
    answer = wire.gemini(TEXT_MODEL, "streamGenerateContent", contents("A long story"), "?alt=sse")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "[DONE]" not in answer.text
    chunks = events(answer.text)
    assert len(chunks) > 1
    finishes = ["finishReason" in chunk["candidates"][0] for chunk in chunks]  # type: ignore[index]
    assert finishes == [False] * (len(chunks) - 1) + [True]
    assert len({str(chunk["responseId"]) for chunk in chunks}) == 1


def test_array_without_alt(wire: Wire) -> None:
    chunks = wire.gemini(TEXT_MODEL, "streamGenerateContent", contents("A long story")).json()
    assert isinstance(chunks, list)
    assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"


def test_picture_arrives_whole_in_one_event(wire: Wire) -> None:
    answer = wire.gemini(IMAGE_MODEL, "streamGenerateContent", contents("cat"), "?alt=sse")
    assert sum("inlineData" in json.dumps(chunk) for chunk in events(answer.text)) == 1


def test_error_inside_a_stream(wire: Wire) -> None:
    body = contents("A long story [simulate: stream-error]")
    chunks = events(wire.gemini(TEXT_MODEL, "streamGenerateContent", body, "?alt=sse").text)
    assert chunks[-1]["error"]["code"] == 500  # type: ignore[index]
    assert "candidates" in chunks[0]


@pytest.mark.parametrize(("query", "kind"), [("", list), ("?alt=sse", dict)])
def test_refused_stream_is_an_array_unless_sse(wire: Wire, query: str, kind: type) -> None:
    answer = wire.gemini(TEXT_MODEL, "streamGenerateContent", {"contents": []}, query)
    assert answer.status_code == 400
    assert isinstance(answer.json(), kind)


def test_count_tokens(wire: Wire) -> None:
    answer = wire.gemini(TEXT_MODEL, "countTokens", contents("one two three"))
    assert answer.json()["totalTokens"] > 0
    wrapped = {"generateContentRequest": contents("one two three") | {"model": f"models/{TEXT_MODEL}"}}
    assert wire.gemini(TEXT_MODEL, "countTokens", wrapped).json() == answer.json()
    assert wire.counters()["counts"] == 2
