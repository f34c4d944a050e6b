"""The messages of a chat, read into the system text and the turns of the conversation."""

from __future__ import annotations

from collections.abc import Iterator

from translators.canonical import Part, Role, Turn
from translators.clients._fields import Fields, fields_of, missing, refuse, wrong_type, wrong_value
from translators.clients._media_values import media_value

_NO_MESSAGES = "'messages' is required: a list with at least one message of role \"user\"."
_SYSTEM = frozenset({"system", "developer"})
_ROLES = {
    "user": Role.CLIENT,
    "assistant": Role.MODEL,
    # What a tool answered is told to the model by the client's side.
    "tool": Role.CLIENT,
    "function": Role.CLIENT,
}
_TEXT_PARTS = {"text": "text", "refusal": "refusal"}
_NOT_YET = frozenset({"video_url", "input_audio", "file"})


def read_messages(body: Fields) -> tuple[str, tuple[Turn, ...]]:
    """The system text and the turns, the last one the client's, if need be empty. Raises MediaError.

    A conversation of nothing but system messages is taken as said by the client. Messages without any
    content, such as an assistant's tool calls, are left out.
    """
    found = body.given("messages")
    if found is None:
        missing("messages", _NO_MESSAGES)
    messages = found[1]
    if not isinstance(messages, list):
        wrong_type("messages", "a list of messages", messages)
    if not messages:
        missing("messages", _NO_MESSAGES)
    system: list[str] = []
    turns: list[Turn] = []
    for index, message in enumerate(messages):
        fields = fields_of(message, f"messages[{index}]")
        role = _role(fields, index)
        parts = tuple(_parts(fields))
        if role is None:
            system.extend(_words(parts))
        else:
            turns.append(Turn(role=role, parts=parts))
    if not turns and system:
        return "", (Turn(role=Role.CLIENT, parts=(Part(text="\n\n".join(system)),)),)
    if not turns or turns[-1].role is not Role.CLIENT:
        refuse(
            "invalid_value",
            f"messages[{len(messages) - 1}].role",
            "The last message must be the user's: it says what to make.",
        )
    return "\n\n".join(system), (*(turn for turn in turns[:-1] if turn.parts), turns[-1])


def _role(fields: Fields, index: int) -> Role | None:
    name = fields.text("role")
    param = f"messages[{index}].role"
    if name is None:
        missing(param, f"'{param}' is required: one of {', '.join(_ROLES)}, system or developer.")
    if name in _SYSTEM:
        return None
    if name not in _ROLES:
        wrong_value(param, f"one of {', '.join(_ROLES)}, system or developer", name)
    return _ROLES[name]


def _words(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        if part.media:
            refuse(
                "invalid_value",
                part.media.param,
                "A system message cannot have pictures.",
                "Put them into the user's message.",
            )
        yield part.text


def _parts(message: Fields) -> Iterator[Part]:
    found = message.given("content")
    if found is not None:
        param, content = found
        if isinstance(content, str):
            yield from _text(content)
        elif isinstance(content, list):
            for index, part in enumerate(content):
                yield from _part(fields_of(part, f"{param}[{index}]"))
        else:
            wrong_type(param, "text or a list of parts", content)
    yield from _own_pictures(message)


def _text(text: str) -> Iterator[Part]:
    if text.strip():
        yield Part(text=text)


def _part(fields: Fields) -> Iterator[Part]:
    param = fields.layers[0].path
    kind = fields.text("type")
    if kind is None:
        missing(f"{param}.type", f"'{param}.type' is required: text or image_url.")
    if kind in _TEXT_PARTS:
        found = fields.given(_TEXT_PARTS[kind])
        if found is not None and not isinstance(found[1], str):
            wrong_type(found[0], "text", found[1])
        yield from _text(found[1] if found else "")
    elif kind == "image_url":
        yield Part(media=media_value(fields.layers[0].values, param))
    elif kind in _NOT_YET:
        refuse(
            "unsupported_parameter",
            f"{param}.type",
            f'A part of type "{kind}" is not supported by this version.',
            "Give text and image_url parts.",
        )
    else:
        wrong_value(f"{param}.type", '"text" or "image_url"', kind)


def _own_pictures(message: Fields) -> Iterator[Part]:
    """The pictures of an earlier answer, posted again as they came: `images` of an assistant message."""
    found = message.given("images")
    if found is None:
        return
    param, images = found
    if not isinstance(images, list):
        wrong_type(param, "a list of pictures", images)
    for index, image in enumerate(images):
        yield Part(media=media_value(image, f"{param}[{index}]"))
