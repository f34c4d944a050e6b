"""Vertex AI's surface: publisher models with project and location, and express mode without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator import content
from simulator.access import vertex_account
from simulator.errors import GoogleError, invalid
from simulator.faults import OTHER, Fault
from simulator.fields import read_json, text
from simulator.generation import interactions_only
from simulator.models import (
    INTERACTIONS_ONLY,
    MODELS,
    RETIRED,
    RETIRED_ON_VERTEX,
    VERTEX,
    ImageModel,
    Model,
    TextModel,
    VideoModel,
    served_on,
)
from simulator.polls import poll_film
from simulator.service import served
from simulator.submits import submit_film

if TYPE_CHECKING:
    from starlette.requests import Request

VERSIONS = ("v1", "v1beta1")
_PUBLISHER = "publishers/google/models"
# Express mode has no project in its paths, but one in the names of its operations.
_EXPRESS = "projects/000000000000/locations/us-central1"


async def _list(request: Request) -> Response:
    vertex_account(request)

    async def work(_: Fault | None) -> Response:
        return JSONResponse({"publisherModels": [_resource(model) for model in served_on(VERTEX)]})

    return await served(request, OTHER, work)


async def _get(request: Request) -> Response:
    vertex_account(request)

    async def work(_: Fault | None) -> Response:
        return JSONResponse(_resource(_model(request.path_params["name"], _parent(request))))

    return await served(request, OTHER, work)


async def _call(request: Request) -> Response:
    account = vertex_account(request)
    name, _, method = request.path_params["name"].rpartition(":")
    parent = _parent(request)
    model = _model(name, parent)
    if isinstance(model, VideoModel):
        if method == "predictLongRunning":
            return await submit_film(request, model, VERTEX, account, f"{parent}/{_PUBLISHER}/{name}")
        if method == "fetchPredictOperation":
            return await _fetch(request, account, f"{parent}/{_PUBLISHER}/{name}")
    elif isinstance(model, (TextModel, ImageModel)):
        if method == "generateContent":
            return await content.generate(request, model, VERTEX, account)
        if method == "streamGenerateContent":
            return await content.stream(request, model, VERTEX, account)
        if method == "countTokens":
            return await content.count_tokens(request, model, VERTEX)
    raise invalid(f"{parent}/{_PUBLISHER}/{name} is not supported in the {method} API.")


async def _fetch(request: Request, account: str, model: str) -> Response:
    name = text(read_json(await request.body()), "operationName")
    if not name:
        raise invalid("operation_name is required.", "operation_name")
    if not name.startswith(f"{model}/operations/"):
        raise invalid(f"The operation {name} does not belong to the resource {model}.", "operation_name")
    return await poll_film(request, name, VERTEX, account, request.url.path.split("/")[1])


async def _tuned(request: Request) -> Response:
    vertex_account(request)
    return JSONResponse({})


def _parent(request: Request) -> str:
    place = request.path_params
    return f"projects/{place['project']}/locations/{place['location']}" if "project" in place else _EXPRESS


def _model(name: str, parent: str) -> Model:
    if name in INTERACTIONS_ONLY:
        raise interactions_only(name)
    model = MODELS.get(name)
    if name in RETIRED or name in RETIRED_ON_VERTEX:
        raise GoogleError(404, f"Publisher Model `{parent}/{_PUBLISHER}/{name}` is no longer available.")
    if model is None or VERTEX not in model.platforms:
        raise GoogleError(
            404,
            f"Publisher Model `{parent}/{_PUBLISHER}/{name}` was not found or your project does not have "
            "access to it. Please ensure you are using a valid model version. For more information, see: "
            "https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions",
        )
    return model


def _resource(model: Model) -> dict[str, Any]:
    legacy = isinstance(model, VideoModel) and model.legacy
    return {
        "name": f"{_PUBLISHER}/{model.id}",
        "versionId": "default",
        "launchStage": "EXPERIMENTAL" if legacy else "GA",
        "openSourceCategory": "PROPRIETARY",
    }


_PLACE = "/projects/{project}/locations/{location}"
ROUTES = [
    Route(f"/v1beta1/{_PUBLISHER}", _list, methods=["GET"]),
    *(
        route
        for version in VERSIONS
        for route in (
            Route(f"/{version}/{_PUBLISHER}/{{name}}", _get, methods=["GET"]),
            Route(f"/{version}/{_PUBLISHER}/{{name}}", _call, methods=["POST"]),
            Route(f"/{version}{_PLACE}/{_PUBLISHER}/{{name}}", _call, methods=["POST"]),
            Route(f"/{version}{_PLACE}/models", _tuned, methods=["GET"]),
        )
    ),
]
