"""The generateContent, streamGenerateContent and countTokens methods of either platform."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from simulator.answers import envelope, prompt_tokens, reply_to, stream_parts
from simulator.errors import GoogleError, internal
from simulator.faults import GENERATE, OTHER, Fault
from simulator.fields import children, read_json
from simulator.generation import last_prompt, read_content_request
from simulator.models import ImageModel, TextModel
from simulator.service import served, world_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from simulator.answers import Reply
    from simulator.generation import ContentRequest
    from simulator.settings import Settings


async def generate(request: Request, model: TextModel | ImageModel, platform: str, account: str) -> Response:
    """`:generateContent`: the whole answer at once."""
    payload = read_json(await request.body())

    async def work(fault: Fault | None) -> Response:
        content = read_content_request(payload, model, platform)
        reply = await _reply(request, content, account, fault)
        return JSONResponse(envelope(content, reply, reply.parts, _response_id(), last=True))

    return await served(request, GENERATE, work, prompt=_prompt(payload))


async def stream(request: Request, model: TextModel | ImageModel, platform: str, account: str) -> Response:
    """`:streamGenerateContent`: server-sent events with `alt=sse`, else one JSON array piece by piece; no
    `[DONE]`."""
    events = request.query_params.get("alt") == "sse"
    payload = read_json(await request.body())

    async def work(fault: Fault | None) -> Response:
        content = read_content_request(payload, model, platform)
        reply = await _reply(request, content, account, fault)
        broken = fault is not None and fault.name == "stream-error"
        chunks = _chunks(content, reply, broken=broken)
        body = _framed(chunks, world_of(request).settings, events=events)
        media = "text/event-stream" if events else "application/json; charset=UTF-8"
        return StreamingResponse(body, media_type=media)

    try:
        return await served(request, GENERATE, work, prompt=_prompt(payload))
    except GoogleError as refusal:
        if events:
            raise
        return JSONResponse([refusal.body()], refusal.code)


async def count_tokens(request: Request, model: TextModel | ImageModel, platform: str) -> Response:
    """`:countTokens`: `{"totalTokens", "promptTokensDetails"}`."""
    payload = read_json(await request.body())
    payload = payload.get("generateContentRequest", payload)
    world_of(request).journal.count("counts")

    async def work(_: Fault | None) -> Response:
        content = read_content_request(payload, model, platform)
        texts, images = prompt_tokens(content)
        details = [{"modality": "TEXT", "tokenCount": texts}, {"modality": "IMAGE", "tokenCount": images}]
        return JSONResponse(
            {
                "totalTokens": texts + images,
                "promptTokensDetails": [item for item in details if item["tokenCount"]],
            }
        )

    return await served(request, OTHER, work, prompt=_prompt(payload))


async def _reply(request: Request, content: ContentRequest, account: str, fault: Fault | None) -> Reply:
    world = world_of(request)
    settings = world.settings
    pictured = isinstance(content.model, ImageModel) and "IMAGE" in content.modalities
    reply, _ = await asyncio.gather(
        reply_to(world, content, account, fault),
        asyncio.sleep(settings.picture_seconds if pictured else settings.text_seconds),
    )
    world.journal.count("generates")
    return reply


def _chunks(content: ContentRequest, reply: Reply, *, broken: bool) -> list[dict[str, Any]]:
    groups = stream_parts(reply)
    identity = _response_id()
    chunks = [
        envelope(content, reply, parts, identity, last=number == len(groups) - 1)
        for number, parts in enumerate(groups)
    ]
    return [*chunks[: len(chunks) // 2], internal().body()] if broken else chunks


async def _framed(chunks: list[dict[str, Any]], settings: Settings, *, events: bool) -> AsyncIterator[bytes]:
    for number, chunk in enumerate(chunks):
        if number:
            await asyncio.sleep(settings.chunk_seconds)
        data = json.dumps(chunk, ensure_ascii=False).encode()
        yield b"data: " + data + b"\r\n\r\n" if events else (b"[" if number == 0 else b",\r\n") + data
    if not events:
        yield b"]"


def _prompt(payload: dict[str, Any]) -> str:
    return last_prompt(children(payload, "contents"))


def _response_id() -> str:
    return secrets.token_urlsafe(16)
