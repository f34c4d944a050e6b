"""What Gemini has answered so far, gathered from one answer or from the events of a stream."""

from __future__ import annotations

import re
from collections.abc import Mapping

from translators.canonical import JSON, Asset, Usage
from translators.errors import error_to_json
from translators.progress import AssetReady, Event, TextDelta, UsageKnown
from translators.steps import Reply
from translators.upstreams._google_envelope import phrase
from translators.upstreams._google_faults import unusable
from translators.upstreams._json import as_count, as_list, as_object, as_text

PNG = "image/png"
_IMAGE = re.compile(r"image/[\w.+-]{1,40}", re.ASCII)


def gathered(seen: Mapping[str, JSON], chunk: JSON, model: str) -> tuple[dict[str, JSON], list[Event]]:
    """What was seen with one more GenerateContentResponse, and what a waiting client may be told of it.

    Keys: `assets`, `text`, `usage`, `finish` and `finish_message`, `blocked` and `blocked_message`, `error`
    as error_to_json has it, and `chunks`, how many were readable. Thought pictures are interim ones and are
    left out.
    """
    now: dict[str, JSON] = dict(seen)
    body = as_object(chunk)
    if body.get("error"):
        now["error"] = error_to_json(unusable(Reply(status=200, body=body), model))
        return now, []
    candidates = [as_object(candidate) for candidate in as_list(body.get("candidates"))]
    feedback, counted = as_object(body.get("promptFeedback")), as_object(body.get("usageMetadata"))
    if candidates or feedback or counted:
        now["chunks"] = as_count(now.get("chunks")) + 1
    _note(now, "blocked", feedback.get("blockReason"), feedback.get("blockReasonMessage"))
    events: list[Event] = []
    for candidate in candidates:
        for part in as_list(as_object(candidate.get("content")).get("parts")):
            events += _part(now, as_object(part))
        _note(now, "finish", candidate.get("finishReason"), candidate.get("finishMessage"))
    if counted:
        now["usage"] = dict(usage_numbers(counted))
        events.append(UsageKnown(usage=Usage(**now["usage"])))
    return now, events


def usage_numbers(counted: Mapping[str, JSON]) -> dict[str, int]:
    """The members of Usage from a usageMetadata object, in tokens.

    Thoughts may or may not be counted inside the candidates' tokens; the total tells. Tokens of tool use
    belong to the input. Source: the Gemini API's reference on usageMetadata, and totals in recorded answers.
    """
    names = ("promptTokenCount", "toolUsePromptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
    prompt, tools, made, thoughts = (as_count(counted.get(name)) for name in names)
    total = as_count(counted.get("totalTokenCount"))
    thoughts_inside = bool(thoughts) and total in (prompt + made, prompt + tools + made)
    output = made if thoughts_inside else made + thoughts
    details = [as_object(item) for item in as_list(counted.get("candidatesTokensDetails"))]
    pictures = (as_count(item.get("tokenCount")) for item in details if item.get("modality") == "IMAGE")
    return {
        "input_tokens": prompt + tools,
        "output_tokens": output,
        "total_tokens": total or prompt + tools + output,
        "reasoning_tokens": thoughts,
        "image_tokens": sum(pictures),
    }


def _note(now: dict[str, JSON], name: str, reason: JSON, message: JSON) -> None:
    if as_text(reason):
        now[name] = phrase(as_text(reason))
    if as_text(message):
        now[f"{name}_message"] = phrase(as_text(message))


def _part(now: dict[str, JSON], part: dict[str, JSON]) -> list[Event]:
    thought = part.get("thought") is True
    events: list[Event] = []
    text = as_text(part.get("text"))
    if text:
        events.append(TextDelta(text=text, thought=thought))
        if not thought:
            now["text"] = as_text(now.get("text")) + text
    picture = as_object(part.get("inlineData")) or as_object(part.get("inline_data"))
    data = as_text(picture.get("data"))
    if data and not thought:
        said = as_text(picture.get("mimeType")) or as_text(picture.get("mime_type"))
        mime_type = said if _IMAGE.fullmatch(said) else PNG
        assets = as_list(now.get("assets"))
        now["assets"] = [*assets, {"mime_type": mime_type, "data": data}]
        events.append(AssetReady(asset=Asset(mime_type=mime_type, data=data), index=len(assets)))
    return events
