"""The Gemini API's Files over HTTP: resumable uploads, records, and downloads that go through a redirect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from simulator.access import gemini_account
from simulator.errors import GoogleError, invalid
from simulator.faults import DOWNLOAD, OTHER, Fault
from simulator.fields import child, read_json, text
from simulator.files import StoredFile, Upload, new_file_id
from simulator.gemini import VERSIONS
from simulator.ranges import media_response
from simulator.service import served, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

# The same machine under another name: what a redirect to another host is tried with.
_OTHER_NAMES = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


async def _file(request: Request) -> Response:
    account = gemini_account(request)
    version, name = request.url.path.split("/")[1], request.path_params["name"]
    world = world_of(request)
    if name.endswith(":download"):
        return await _download(request, name.removesuffix(":download"), account)

    async def work(_: Fault | None) -> Response:
        file = world.files.find(name, account)
        return JSONResponse(await file.record(_base(request), version, world.studio))

    return await served(request, OTHER, work)


async def _delete(request: Request) -> Response:
    files = world_of(request).files
    files.remove(files.find(request.path_params["name"], gemini_account(request)))
    return JSONResponse({})


async def _list(request: Request) -> Response:
    account, world = gemini_account(request), world_of(request)
    version = request.url.path.split("/")[1]
    records = [await file.record(_base(request), version, world.studio) for file in world.files.of(account)]
    return JSONResponse({"files": records} if records else {})


async def _download(request: Request, name: str, account: str) -> Response:
    world = world_of(request)
    file = world.files.find(name, account)

    async def work(fault: Fault | None) -> Response:
        elsewhere = world.settings.download_host == "other" or (fault and fault.name == "download-other-host")
        if request.query_params.get("alt") != "media":
            raise invalid("Downloads need alt=media.", "alt")
        if not elsewhere:
            return RedirectResponse(f"{_base(request)}/download{request.url.path}?{request.url.query}", 302)
        host = request.url.hostname or ""
        port = f":{request.url.port}" if request.url.port else ""
        signed = f"//{_OTHER_NAMES.get(host, 'localhost')}{port}/download/signed/{world.files.sign(file)}"
        return RedirectResponse(f"{request.url.scheme}:{signed}", 302)

    return await served(request, DOWNLOAD, work, prompt=file.prompt, subject=file.id)


async def _content(request: Request) -> Response:
    account = gemini_account(request)
    name = request.path_params["name"].removesuffix(":download")
    return await _delivered(request, world_of(request).files.find(name, account))


async def _signed(request: Request) -> Response:
    world = world_of(request)
    if (
        "x-goog-api-key" in request.headers
        or "authorization" in request.headers
        or "key" in request.query_params
    ):
        world.journal.count("key_leaks")
        raise invalid("A signed link carries no credentials: the key was sent to another host.")
    file = world.files.redeem(request.path_params["word"])
    if file is None:
        raise GoogleError(403, "The signed link has been used or has expired.")
    return await _delivered(request, file)


async def _delivered(request: Request, file: StoredFile) -> Response:
    world = world_of(request)

    async def work(_: Fault | None) -> Response:
        world.journal.count("downloads")
        return media_response(request, await file.bytes(world.studio), file.mime)

    return await served(request, DOWNLOAD, work, prompt=file.prompt, subject=file.id)


async def _start_upload(request: Request) -> Response:
    world = world_of(request)
    if "upload_id" in request.query_params:
        return await _continue_upload(request)
    account = gemini_account(request)
    if request.headers.get("x-goog-upload-protocol") != "resumable":
        raise invalid("Only the resumable upload protocol is simulated.")
    if request.headers.get("x-goog-upload-command") != "start":
        raise invalid("The first command of a resumable upload is start.")
    file = child(read_json(await request.body()), "file")
    mime = request.headers.get("x-goog-upload-header-content-type") or text(file, "mimeType", "file")
    if not mime:
        raise invalid("A MIME type is required.", "file.mime_type")
    upload = Upload(account, mime, text(file, "displayName", "file") or "")
    query = f"upload_id={world.files.begin_upload(upload)}&upload_protocol=resumable"
    link = f"{_base(request)}{request.url.path}?{query}"
    headers = {"x-goog-upload-url": link, "x-goog-upload-status": "active"}
    return Response(status_code=200, headers={**headers, "x-goog-upload-chunk-granularity": "262144"})


async def _continue_upload(request: Request) -> Response:
    world, upload_id = world_of(request), request.query_params["upload_id"]
    upload = world.files.uploads.get(upload_id)
    if upload is None:
        raise GoogleError(404, "Upload not found or already finalized.")
    commands = {word.strip() for word in request.headers.get("x-goog-upload-command", "").split(",")}
    if "query" in commands:
        headers = {"x-goog-upload-status": "active", "x-goog-upload-size-received": str(len(upload.data))}
        return Response(status_code=200, headers=headers)
    if "upload" in commands:
        offset = request.headers.get("x-goog-upload-offset", "0")
        if offset != str(len(upload.data)):
            raise invalid(f"Upload offset {offset} does not follow the {len(upload.data)} bytes received.")
        upload.data += await request.body()
    if "finalize" not in commands:
        return Response(status_code=200, headers={"x-goog-upload-status": "active"})
    del world.files.uploads[upload_id]
    file = StoredFile(
        new_file_id(), upload.account, upload.mime, "UPLOADED", "", upload.display_name, bytes(upload.data)
    )
    world.files.add(file)
    world.journal.count("uploads")
    record = await file.record(_base(request), request.url.path.split("/")[2], world.studio)
    return JSONResponse({"file": record}, headers={"x-goog-upload-status": "final"})


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


ROUTES = [
    Route("/download/signed/{word}", _signed, methods=["GET"]),
    *(
        route
        for version in VERSIONS
        for route in (
            Route(f"/{version}/files", _list, methods=["GET"]),
            Route(f"/{version}/files/{{name}}", _file, methods=["GET"]),
            Route(f"/{version}/files/{{name}}", _delete, methods=["DELETE"]),
            Route(f"/download/{version}/files/{{name}}", _content, methods=["GET"]),
            Route(f"/upload/{version}/files", _start_upload, methods=["POST"]),
        )
    ),
]
