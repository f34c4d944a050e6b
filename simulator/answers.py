"""What generateContent answers: parts of words, thoughts, pictures and calls, with their token counts."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from simulator.faults import Fault
from simulator.fields import child, children
from simulator.models import IMAGE_TOKENS, VERTEX, ImageModel, nearest_ratio
from simulator.posters import PictureSpec, opened
from simulator.samples import sample

if TYPE_CHECKING:
    from simulator.generation import ContentRequest
    from simulator.world import World

Part = dict[str, Any]
Answer = dict[str, Any]

_INPUT_TOKENS = 258
_FILTERED = (
    "Unable to show the generated content. It may violate Google's Generative AI Prohibited Use policy."
)
_REFUSAL = "I'm just a language model and can't help with that picture. Try describing something else."


@dataclass
class Reply:
    """The parts of an answer, how it ends, and the tokens it took."""

    parts: list[Part]
    finish: str = "STOP"
    message: str = ""
    image_tokens: int = 0
    thought_tokens: int = 0
    blocked: str = ""


async def reply_to(world: World, request: ContentRequest, account: str, fault: Fault | None) -> Reply:
    """What the model answers, or what the fault makes of it."""
    pictured = isinstance(request.model, ImageModel) and "IMAGE" in request.modalities
    name = fault.name if fault else ""
    if name == "safety":
        return Reply([], blocked="PROHIBITED_CONTENT")
    if name == "safety-output":
        return Reply([], "IMAGE_SAFETY" if pictured else "SAFETY", _FILTERED)
    if name == "no-image":
        return Reply([{"text": _REFUSAL}])
    return await _pictures(world, request, account) if pictured else _words(request)


async def _pictures(world: World, request: ContentRequest, account: str) -> Reply:
    model = request.model
    assert isinstance(model, ImageModel)
    inputs = tuple([await media.load(world, account) for media in request.inputs])
    size = request.image.size or "1K"
    ratio = request.image.ratio or _own_ratio(inputs, model)
    width, height = model.dimensions(ratio, size)
    spec = PictureSpec(
        prompt=request.prompt,
        model=model.id,
        width=width,
        height=height,
        facts=f"{ratio} · {size} · {width}×{height}",
        mime=request.image.mime or model.mime,
        quality=request.image.quality,
        index=world.variations.next(model.id, request.prompt),
        inputs=inputs[-model.inputs :],
    )
    parts: list[Part] = []
    if request.thoughts:
        draft_size = model.dimensions(ratio, "1K")
        draft = PictureSpec(
            request.prompt,
            model.id,
            *draft_size,
            spec.facts,
            spec.mime,
            index=spec.index,
            draft=True,
            inputs=spec.inputs,
        )
        parts.append({"text": f"**Composing**\n\nA {ratio} picture of: {request.prompt}\n", "thought": True})
        parts.append({"inlineData": await _inline(world, draft), "thought": True})
    if "TEXT" in request.modalities:
        parts.append(_signed({"text": f"Here is a simulated picture of: {request.prompt}"}, model))
    parts.append(_signed({"inlineData": await _inline(world, spec)}, model))
    thinking = 120 if model.thinks else 0
    return Reply(parts, image_tokens=IMAGE_TOKENS[size] if model.sizes else 1290, thought_tokens=thinking)


def _own_ratio(inputs: tuple[bytes, ...], model: ImageModel) -> str:
    # Without a ratio the models follow the picture to be edited, or make a square.
    if not inputs:
        return "1:1"
    width, height = opened(inputs[-1]).size
    return nearest_ratio(width, height, model.ratios)


async def _inline(world: World, spec: PictureSpec) -> dict[str, str]:
    data = await world.studio.media(spec)
    return {"mimeType": spec.mime, "data": base64.b64encode(data).decode()}


def _words(request: ContentRequest) -> Reply:
    model, prompt = request.model, request.prompt.strip()
    parts: list[Part] = []
    if request.thoughts:
        parts.append({"text": f"**Reading the request**\n\nThe user says: {prompt}\n", "thought": True})
    thinking = 24 if model.thinks else 0
    call = _function_call(request, prompt)
    if call is not None:
        parts.append(_signed({"functionCall": call}, model))
        return Reply(parts, thought_tokens=thinking)
    words, finish = _limited(_spoken(request, prompt), request.config)
    parts.append(_signed({"text": words}, model) if words else {"text": ""})
    return Reply(parts, finish, thought_tokens=thinking)


def _spoken(request: ContentRequest, prompt: str) -> str:
    if request.config.get("responseMimeType") == "application/json":
        schema = request.config.get("responseJsonSchema") or request.config.get("responseSchema")
        return json.dumps(sample(schema, prompt) if schema else {"simulated": True, "prompt": prompt})
    results = [
        child(part, "functionResponse")
        for part in children(request.contents[-1], "parts")
        if "functionResponse" in part
    ]
    if results:
        told = "; ".join(
            f"{result.get('name')} gave {json.dumps(result.get('response'))}" for result in results
        )
        return f"Simulated {request.model.id}: {told}"
    seen = f" I was given {len(request.inputs)} picture(s)." if request.inputs else ""
    return f"Simulated {request.model.id}, turn {request.turns}: you said “{prompt}”.{seen}"


def _limited(words: str, config: dict[str, Any]) -> tuple[str, str]:
    for stop in config.get("stopSequences") or []:
        words = words.split(str(stop), maxsplit=1)[0]
    limit = config.get("maxOutputTokens")
    pieces = words.split(" ")
    if isinstance(limit, int) and len(pieces) > limit:
        return " ".join(pieces[:limit]), "MAX_TOKENS"
    return words, "STOP"


def _function_call(request: ContentRequest, prompt: str) -> dict[str, Any] | None:
    """A call of the first allowed function, when one is forced or the prompt names it and no result is
    there yet."""
    if any("functionResponse" in part for part in children(request.contents[-1], "parts")):
        return None
    declared = [item for tool in request.tools for item in children(tool, "functionDeclarations")]
    calling = child(request.tool_config, "functionCallingConfig")
    mode = str(calling.get("mode", "AUTO")).upper()
    allowed = calling.get("allowedFunctionNames") or [item.get("name") for item in declared]
    for item in declared:
        name = str(item.get("name"))
        if mode == "NONE" or name not in allowed or (mode != "ANY" and name not in prompt):
            continue
        schema = item.get("parametersJsonSchema") or item.get("parameters") or {"type": "object"}
        call = {"name": name, "args": sample(schema, prompt)}
        if not request.model.id.startswith("gemini-2"):
            call["id"] = secrets.token_hex(4)
        return call
    return None


def _signed(part: Part, model: Any) -> Part:
    if model.id.startswith("gemini-2"):
        return part
    digest = hashlib.sha256(json.dumps(part, sort_keys=True).encode()).digest()
    return {**part, "thoughtSignature": base64.b64encode(b"simulated" + digest).decode()}


def envelope(
    request: ContentRequest, reply: Reply, parts: list[Part], response_id: str, *, last: bool
) -> Answer:
    """One GenerateContentResponse with these parts; the last (or only) one tells how the answer ends."""
    answer: Answer = {}
    if reply.blocked:
        answer["promptFeedback"] = {"blockReason": reply.blocked}
        if request.platform == VERTEX:
            answer["promptFeedback"]["blockReasonMessage"] = "The prompt was blocked by the safety filters."
    else:
        candidate: dict[str, Any] = {"index": 0}
        if parts:
            candidate["content"] = {"role": "model", "parts": parts}
        if last:
            candidate["finishReason"] = reply.finish
            if reply.message:
                candidate["finishMessage"] = reply.message
        answer["candidates"] = [candidate]
    answer["usageMetadata"] = usage(request, reply, complete=last)
    answer["modelVersion"] = request.model.id
    answer["responseId"] = response_id
    if request.platform == VERTEX:
        answer["createTime"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return answer


def usage(request: ContentRequest, reply: Reply, *, complete: bool) -> dict[str, Any]:
    """The usageMetadata; that of an unfinished stream counts the prompt only."""
    texts, images = prompt_tokens(request)
    counted: dict[str, Any] = {
        "promptTokenCount": texts + images,
        "promptTokensDetails": _details(texts, images),
    }
    words = sum(
        len(str(part.get("text", ""))) // 4 + 1
        for part in reply.parts
        if "text" in part and not part.get("thought")
    )
    said = words + reply.image_tokens
    if complete and not reply.blocked:
        counted["candidatesTokenCount"] = said
        if reply.image_tokens:
            counted["candidatesTokensDetails"] = [{"modality": "IMAGE", "tokenCount": reply.image_tokens}]
        if reply.thought_tokens:
            counted["thoughtsTokenCount"] = reply.thought_tokens
    counted["totalTokenCount"] = (
        texts + images + (said + reply.thought_tokens if complete and not reply.blocked else 0)
    )
    if request.platform == VERTEX:
        counted["trafficType"] = "ON_DEMAND"
    return counted


def prompt_tokens(request: ContentRequest) -> tuple[int, int]:
    """Tokens of the words and of the pictures in a request."""
    words = sum(
        len(str(part.get("text", ""))) // 4 + 1
        for content in request.contents
        for part in children(content, "parts")
    )
    return words, _INPUT_TOKENS * len(request.inputs)


def _details(texts: int, images: int) -> list[dict[str, Any]]:
    details = [{"modality": "TEXT", "tokenCount": texts}]
    if images:
        details.append({"modality": "IMAGE", "tokenCount": images})
    return details


def stream_parts(reply: Reply) -> list[list[Part]]:
    """The parts as a stream brings them: text in pieces, everything else whole; a text's signature comes
    last."""
    groups: list[list[Part]] = []
    for part in reply.parts:
        text = part.get("text")
        if not isinstance(text, str) or part.get("thought") or len(text) < 24:
            groups.append([part])
            continue
        words = text.split(" ")
        pieces = [" ".join(words[start : start + 4]) for start in range(0, len(words), 4)]
        groups += [
            [{"text": piece + (" " if number < len(pieces) - 1 else "")}]
            for number, piece in enumerate(pieces)
        ]
        if "thoughtSignature" in part:
            groups.append([{"text": "", "thoughtSignature": part["thoughtSignature"]}])
    return groups or [[]]
