"""Telling how an operation stands, in the result form of its platform."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from simulator.buckets import StoredObject, check_bucket, split_gs
from simulator.errors import GoogleError
from simulator.faults import POLL, Fault
from simulator.files import StoredFile, new_file_id
from simulator.models import GEMINI
from simulator.operations import EMPTY, FAILED, FILTERED, Operation
from simulator.service import served, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from simulator.world import World

_GEMINI_TYPE = "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse"
_VERTEX_TYPE = "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse"


async def poll_film(request: Request, name: str, platform: str, account: str, version: str) -> Response:
    """The operation of that full name: running, or done with its result; 404 when unknown, 403 when
    another's."""
    world = world_of(request)
    world.journal.count("polls")
    operation = world.operations.find(name)

    async def work(_: Fault | None) -> Response:
        if operation is None:
            raise GoogleError(404, f"Operation not found: {name}")
        if operation.account != account:
            raise GoogleError(403, f"You do not have permission to access the operation {name}.")
        if not operation.done():
            return JSONResponse({"name": name})
        if operation.result is None:
            operation.result = await _result(world, operation, platform)
        return await _told(
            world, operation, platform, f"{request.url.scheme}://{request.url.netloc}/{version}"
        )

    prompt = operation.prompt if operation else ""
    return await served(request, POLL, work, prompt=prompt, subject=name)


async def _result(world: World, operation: Operation, platform: str) -> dict[str, Any]:
    """The part of the answer that is the same at every poll; the films' files and objects are made here,
    once."""
    if operation.ending == FAILED or not all(operation.made):
        return {"error": {"code": operation.code, "message": operation.message or "Internal error."}}
    if operation.ending == EMPTY:
        return {}
    response: dict[str, Any] = {}
    if platform != GEMINI or operation.filtered:
        response["raiMediaFilteredCount"] = operation.filtered
    if operation.filtered:
        response["raiMediaFilteredReasons"] = operation.reasons()
    if operation.ending == FILTERED:
        return {"response": response}
    if platform == GEMINI:
        files = [
            StoredFile(
                new_file_id(), operation.account, "video/mp4", "GENERATED", operation.prompt, spec=spec
            )
            for spec in operation.specs
        ]
        response["files"] = [world.files.add(file).id for file in files]
    elif operation.storage:
        try:
            response["videos"] = await _stored(world, operation, operation.storage)
        except GoogleError as problem:
            return {"error": {"code": 7 if problem.code == 403 else 5, "message": problem.message}}
    return {"response": response}


async def _stored(world: World, operation: Operation, storage: str) -> list[dict[str, str]]:
    bucket, prefix = split_gs(storage)
    check_bucket(bucket)
    folder = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    videos = []
    for number, spec in enumerate(operation.specs):
        name = f"{folder}{operation.id}/sample_{number}.mp4"
        film = await world.studio.media(spec)
        world.buckets.write(bucket, name, StoredObject(film, "video/mp4", operation.prompt))
        videos.append({"gcsUri": f"gs://{bucket}/{name}", "mimeType": "video/mp4"})
    return videos


async def _told(world: World, operation: Operation, platform: str, base: str) -> Response:
    result = operation.result or {}
    told: dict[str, Any] = {"name": operation.name, "done": True}
    if "response" not in result:
        return JSONResponse({**told, **result})
    response = dict(result["response"])
    if platform == GEMINI:
        files = response.pop("files", None)
        if files is not None:
            links = [f"{base}/files/{file_id}:download?alt=media" for file_id in files]
            response["generatedSamples"] = [{"video": {"uri": link}} for link in links]
        told["response"] = {"@type": _GEMINI_TYPE, "generateVideoResponse": response}
        return JSONResponse(told)
    if operation.ending != FILTERED and "videos" not in response:
        films = [await world.studio.media(spec) for spec in operation.specs]
        response["videos"] = [
            {"bytesBase64Encoded": base64.b64encode(film).decode(), "mimeType": "video/mp4"} for film in films
        ]
    told["response"] = {"@type": _VERTEX_TYPE, **response}
    return JSONResponse(told)
