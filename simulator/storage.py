"""Cloud Storage's JSON API over the buckets: objects read, listed, written and deleted."""

from __future__ import annotations

import base64
import hashlib
import json
from email import message_from_bytes
from email.policy import HTTP
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.access import vertex_account
from simulator.buckets import StoredObject
from simulator.errors import GoogleError, invalid
from simulator.faults import DOWNLOAD, OTHER, Fault
from simulator.ranges import media_response
from simulator.service import served, world_of

if TYPE_CHECKING:
    from starlette.requests import Request


async def _read(request: Request) -> Response:
    vertex_account(request)
    bucket, name = request.path_params["bucket"], request.path_params["name"]
    stored = world_of(request).buckets.read(bucket, name)
    media = request.query_params.get("alt") == "media"

    async def work(_: Fault | None) -> Response:
        if stored is None:
            raise GoogleError(404, f"No such object: {bucket}/{name}")
        if not media:
            return JSONResponse(_resource(bucket, name, stored))
        return media_response(request, stored.data, stored.mime)

    if media:
        world_of(request).journal.count("downloads")
    prompt = stored.prompt if stored else ""
    return await served(
        request, DOWNLOAD if media else OTHER, work, prompt=prompt, subject=f"{bucket}/{name}"
    )


async def _delete(request: Request) -> Response:
    vertex_account(request)
    bucket, name = request.path_params["bucket"], request.path_params["name"]
    if not world_of(request).buckets.delete(bucket, name):
        raise GoogleError(404, f"No such object: {bucket}/{name}")
    return Response(status_code=204)


async def _list(request: Request) -> Response:
    vertex_account(request)
    buckets, bucket = world_of(request).buckets, request.path_params["bucket"]
    items = []
    for name in buckets.names(bucket, request.query_params.get("prefix", "")):
        stored = buckets.read(bucket, name)
        if stored is not None:
            items.append(_resource(bucket, name, stored))
    return JSONResponse({"kind": "storage#objects", "items": items})


async def _write(request: Request) -> Response:
    vertex_account(request)
    world, bucket = world_of(request), request.path_params["bucket"]
    body, mime = await request.body(), request.headers.get("content-type", "application/octet-stream")
    name = request.query_params.get("name", "")
    kind = request.query_params.get("uploadType", "media")
    if kind == "multipart":
        name, mime, body = _two_parts(mime, body, name)
    elif kind != "media":
        raise invalid(f"uploadType {kind} is not supported by the simulator; use media or multipart.")
    if not name:
        raise invalid("Required parameter: name", "name")
    stored = StoredObject(body, mime)
    world.buckets.write(bucket, name, stored)
    world.journal.count("uploads")
    return JSONResponse(_resource(bucket, name, stored))


def _two_parts(mime: str, body: bytes, name: str) -> tuple[str, str, bytes]:
    message = message_from_bytes(b"Content-Type: " + mime.encode() + b"\r\n\r\n" + body, policy=HTTP)
    parts = list(message.iter_parts())
    if len(parts) != 2:
        raise invalid("Multipart uploads have two parts: metadata and media.")
    described, data = (part.get_payload(decode=True) for part in parts)
    metadata = json.loads(described) if isinstance(described, bytes) and described.strip() else {}
    return (
        str(metadata.get("name") or name),
        parts[1].get_content_type(),
        data if isinstance(data, bytes) else b"",
    )


def _resource(bucket: str, name: str, stored: StoredObject) -> dict[str, Any]:
    return {
        "kind": "storage#object",
        "bucket": bucket,
        "name": name,
        "contentType": stored.mime,
        "size": str(len(stored.data)),
        "md5Hash": base64.b64encode(hashlib.md5(stored.data, usedforsecurity=False).digest()).decode(),
    }


ROUTES = [
    Route("/storage/v1/b/{bucket}/o", _list, methods=["GET"]),
    Route("/storage/v1/b/{bucket}/o/{name:path}", _read, methods=["GET"]),
    Route("/storage/v1/b/{bucket}/o/{name:path}", _delete, methods=["DELETE"]),
    Route("/download/storage/v1/b/{bucket}/o/{name:path}", _read, methods=["GET"]),
    Route("/upload/storage/v1/b/{bucket}/o", _write, methods=["POST"]),
]
