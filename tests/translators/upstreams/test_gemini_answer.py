"""Gathering Gemini's answers."""

import pytest

from translators.progress import AssetReady, TextDelta, UsageKnown
from translators.upstreams._gemini_answer import gathered, usage_numbers


@pytest.mark.parametrize(
    ("prompt", "tools", "made", "thoughts", "total", "output"),
    [
        (9, 0, 20, 0, 29, 20),
        (9, 0, 20, 5, 34, 25),
        (9, 0, 20, 5, 29, 20),
        (9, 3, 20, 5, 32, 20),
        (9, 3, 20, 5, 37, 25),
        (9, 0, 20, 5, 0, 25),
        (9, 0, 20, 5, 99, 25),
    ],
)
def test_thoughts_count_once(
    prompt: int, tools: int, made: int, thoughts: int, total: int, output: int
) -> None:
    numbers = usage_numbers(
        {
            "promptTokenCount": prompt,
            "toolUsePromptTokenCount": tools,
            "candidatesTokenCount": made,
            "thoughtsTokenCount": thoughts,
            "totalTokenCount": total,
        }
    )
    assert (numbers["input_tokens"], numbers["output_tokens"]) == (prompt + tools, output)
    assert numbers["total_tokens"] == (total or prompt + tools + output)


def test_a_chunk_can_hold_several_parts() -> None:
    parts = [
        {"text": "hm", "thought": True},
        {"text": "Here"},
        {"inlineData": {"data": "QQ==", "mimeType": "x/y"}},
    ]
    seen, events = gathered(
        {}, {"candidates": [{"content": {"parts": parts}}], "usageMetadata": {"x": 1}}, "m"
    )
    assert [type(event) for event in events] == [TextDelta, TextDelta, AssetReady, UsageKnown]
    assert seen["text"] == "Here"
    assert seen["assets"] == [{"mime_type": "image/png", "data": "QQ=="}]


def test_an_error_is_kept_without_secrets() -> None:
    seen, events = gathered(
        {}, {"error": {"code": 403, "message": "key=canary", "details": [{"x": "canary"}]}}, "m"
    )
    assert not events
    assert "canary" not in str(seen)
