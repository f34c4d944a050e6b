"""Credentials that lie about: in the environment and in gcloud's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from auth.adc import FILE_VARIABLE, gcloud_file
from auth.credential_error import CredentialError
from auth.key_file import KeyFile, text_field

KEY_VARIABLES = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
PROJECT_VARIABLE = "GOOGLE_CLOUD_PROJECT"
LOCATION_VARIABLE = "GOOGLE_CLOUD_LOCATION"
GCLOUD_SOURCE = "gcloud's application default credentials"


@dataclass(frozen=True)
class Found:
    """One credential found. kind and value go to credential.build; source tells the operator where it was.

    project and location: the environment's, else what the file names, else None.
    """

    platform: Literal["gemini", "vertex"]
    kind: str
    value: str = field(repr=False)
    project: str | None
    location: str | None
    source: str


def discover(environ: Mapping[str, str], home: Path) -> list[Found]:
    """What the environment offers, in the order of preference; reads files, never the network.

    A file that the environment names is listed even when missing or broken: building it says what is wrong.
    """
    found = _keys(environ)
    named = environ.get(FILE_VARIABLE, "").strip()
    if named:
        found.append(_file(Path(named), f"environment {FILE_VARIABLE}", environ))
    gcloud = gcloud_file(environ, home)
    if gcloud.is_file() and str(gcloud) != named:
        found.append(_file(gcloud, GCLOUD_SOURCE, environ))
    return found


def _keys(environ: Mapping[str, str]) -> list[Found]:
    found: list[Found] = []
    for name in KEY_VARIABLES:
        key = environ.get(name, "").strip()
        # People often set both variables to the same key.
        if key and all(key != other.value for other in found):
            found.append(Found("gemini", "api_key", key, None, None, f"environment {name}"))
    return found


def _file(path: Path, source: str, environ: Mapping[str, str]) -> Found:
    info = _info(path)
    own = text_field(info, "project_id") or text_field(info, "quota_project_id")
    return Found(
        platform="vertex",
        kind="service_account" if info.get("type") in ("service_account", "vertex") else "adc",
        value=str(path),
        project=environ.get(PROJECT_VARIABLE, "").strip() or own,
        location=environ.get(LOCATION_VARIABLE, "").strip() or text_field(info, "location"),
        source=source,
    )


def _info(path: Path) -> dict[str, Any]:
    try:
        return KeyFile(path).read()
    except CredentialError:
        return {}
