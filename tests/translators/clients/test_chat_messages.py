"""Messages become system text and turns."""

import pytest

from translators.canonical import JSON, MediaInput, Part, Role, Turn
from translators.clients._chat_messages import read_messages
from translators.clients._fields import fields_of
from translators.errors import MediaError

USER: dict[str, JSON] = {"role": "user", "content": "x"}


def read(*messages: JSON) -> tuple[str, tuple[Turn, ...]]:
    return read_messages(fields_of({"messages": list(messages)}))


def said(text: str, role: Role = Role.CLIENT) -> Turn:
    return Turn(role=role, parts=(Part(text=text),))


def test_texts_and_pictures_keep_their_order() -> None:
    content = [
        {"type": "text", "text": "a"},
        {"type": "image_url", "image_url": {"url": "asset_1", "detail": "high"}},
        {"type": "text", "text": "b"},
    ]
    _, (turn,) = read({"role": "user", "content": content})
    media = MediaInput(reference="asset_1", param="messages[0].content[1].image_url.url")
    assert turn.parts == (Part(text="a"), Part(media=media), Part(text="b"))


def test_system_and_developer_messages_are_joined() -> None:
    system, turns = read({"role": "system", "content": "a"}, USER, {"role": "developer", "content": "b"})
    assert (system, turns) == ("a\n\nb", (said("x"),))


def test_empty_messages_are_left_out_but_for_the_last() -> None:
    called: JSON = {"role": "assistant", "content": None, "tool_calls": []}
    assert read(called, {"role": "tool", "content": "4"}, USER) == ("", (said("4"), said("x")))
    assert read(USER, {"role": "user", "content": ""})[1][-1].parts == ()


def test_a_refusal_is_kept_as_words() -> None:
    refused = {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    assert read(refused, USER)[1][0] == said("No.", Role.MODEL)


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        (None, "messages"),
        ("x", "messages"),
        ([], "messages"),
        ({}, "messages"),
        (["x"], "messages[0]"),
        ([{}], "messages[0].role"),
        ([{"role": "narrator", "content": "x"}], "messages[0].role"),
        ([{"role": 5}], "messages[0].role"),
        ([{"role": "user", "content": 5}], "messages[0].content"),
        ([{"role": "user", "content": ["x"]}], "messages[0].content[0]"),
        ([{"role": "user", "content": [{}]}], "messages[0].content[0].type"),
        ([{"role": "user", "content": [{"type": "poem"}]}], "messages[0].content[0].type"),
        ([{"role": "user", "content": [{"type": "input_audio"}]}], "messages[0].content[0].type"),
        ([{"role": "user", "content": [{"type": "text", "text": 5}]}], "messages[0].content[0].text"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], "messages[0].content[0]"),
        ([USER, {"role": "assistant", "content": "y"}], "messages[1].role"),
        ([{"role": "assistant", "images": 5}, USER], "messages[0].images"),
        (
            [{"role": "system", "content": [{"type": "image_url", "image_url": "asset_1"}]}, USER],
            "messages[0].content[0].image_url",
        ),
    ],
)
def test_what_is_wrong_is_named(messages: JSON, param: str) -> None:
    with pytest.raises(MediaError) as caught:
        read_messages(fields_of({"messages": messages}))
    assert caught.value.param == param
