"""What the Google wires share: the paths of models, files, operations and objects in Cloud Storage."""

from __future__ import annotations

import re
from urllib.parse import quote

from translators.errors import Fault, MediaError
from translators.facts import Facts

VERTEX = "vertex"
"""The platform whose models lie under a project; the others use the Gemini API's paths."""

_SEGMENT = r"[A-Za-z0-9][A-Za-z0-9._~-]*"
_GEMINI_OPERATION = re.compile(rf"(?:models/{_SEGMENT}/)?operations/{_SEGMENT}")
_VERTEX_OPERATION = re.compile(
    rf"((?:projects/[A-Za-z0-9][A-Za-z0-9.:_-]*/locations/{_SEGMENT}/)?publishers/google/models/{_SEGMENT})"
    rf"/operations/{_SEGMENT}"
)


def model_path(facts: Facts, verb: str) -> str:
    """The path of a model's method. Names are quoted, so that none can leave its place in the path.

    Vertex without a project is express mode, where the key stands for the project. Source: requests captured
    from google-genai 3.4.0.
    """
    model = quoted(facts.model.id)
    if facts.platform != VERTEX:
        return f"/{facts.api_version}/models/{model}:{verb}"
    project = quoted(facts.project).replace("%3A", ":")  # a domain's project: example.com:films
    place = f"projects/{project}/locations/{quoted(facts.location)}/" if project else ""
    return f"/{facts.api_version}/{place}publishers/google/models/{model}:{verb}"


def operation_model(platform: str, name: str) -> str | None:
    """The model's path from an operation's name, empty where none is needed; None when it is no such name."""
    if platform != VERTEX:
        return "" if _GEMINI_OPERATION.fullmatch(name) else None
    match = _VERTEX_OPERATION.fullmatch(name)
    return match[1] if match else None


def object_path(uri: str) -> str | None:
    """The path that reads an object of Cloud Storage, from its gs:// link; None when the link names none.

    Source: Cloud Storage JSON API, objects.get with alt=media.
    """
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    if not bucket or not name:
        return None
    return f"/storage/v1/b/{quoted(bucket)}/o/{quoted(name)}?alt=media"


def quoted(name: str) -> str:
    """A name as one segment of a path."""
    return quote(name, safe="", errors="replace")


def vertex_only(param: str, what: str) -> MediaError:
    """The refusal of what Vertex AI takes and the Gemini API does not."""
    return MediaError(
        fault=Fault.INVALID_REQUEST,
        message=f"The Gemini API does not take {what}; Vertex AI does.",
        advice="Leave it out, or ask for a model of a vertex upstream.",
        param=param or None,
        code="invalid_value",
    )
