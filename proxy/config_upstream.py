"""The part of the configuration about upstreams: platforms, their defaults, and how each is signed in to."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from proxy.config_file import Where, all_wrong, wrong
from proxy.config_values import Location, Project, Secret, Section, Url, Version, Word, expand

GOOGLE_STORAGE = "https://storage.googleapis.com"
VERSION_SEGMENT = re.compile(r"v[0-9][a-z0-9]*")
PlatformName = Literal["gemini", "vertex", "code-assist", "openai", "gemini-web", "sora-web", "simulator"]
CredentialKind = Literal["api_key", "access_token", "service_account", "adc", "oauth_file"]
ALL_KINDS: tuple[CredentialKind, ...] = ("api_key", "access_token", "service_account", "adc", "oauth_file")


@dataclass(frozen=True)
class Platform:
    """What an upstream of this platform has when the config does not say."""

    base_url: str
    api_version: str
    credentials: tuple[CredentialKind, ...]
    has_location: bool = False


PLATFORMS: dict[str, Platform] = {
    "gemini": Platform("https://generativelanguage.googleapis.com", "v1beta", ALL_KINDS),
    "vertex": Platform(
        "https://{location}-aiplatform.googleapis.com", "v1beta1", ALL_KINDS, has_location=True
    ),
    "code-assist": Platform(
        "https://cloudcode-pa.googleapis.com", "v1internal", ("access_token", "adc", "oauth_file")
    ),
    "openai": Platform("https://api.openai.com", "v1", ("api_key", "access_token")),
    "gemini-web": Platform("https://gemini.google.com", "", ()),
    "sora-web": Platform("https://sora.chatgpt.com", "", ()),
    "simulator": Platform("http://127.0.0.1:8318", "v1beta", ALL_KINDS, has_location=True),
}
VERTEX_HOSTS = {
    "global": "https://aiplatform.googleapis.com",
    "us": "https://aiplatform.us.rep.googleapis.com",
    "eu": "https://aiplatform.eu.rep.googleapis.com",
}


class Credential(Section):
    """One way to prove ourselves to an upstream: exactly one of its keys is set.

    `service_account` and `oauth_file` are paths as written; `Config.expand` fills in a `~`.
    """

    api_key: Secret | None = None
    access_token: Secret | None = None
    service_account: Word | None = None
    adc: bool | None = None
    oauth_file: Word | None = None

    @property
    def kind(self) -> CredentialKind:
        """The name of the key that is set."""
        return next(kind for kind in ALL_KINDS if getattr(self, kind) is not None)

    @property
    def value(self) -> str:
        """The secret itself, the path as written, or nothing for `adc`."""
        secret = self.api_key or self.access_token
        return secret.get_secret_value() if secret else self.service_account or self.oauth_file or ""

    @field_validator("service_account", "oauth_file", mode="after")
    @classmethod
    def _is_there(cls, path: str | None, info: ValidationInfo) -> str | None:
        # os.path, since Path.is_file raises for a pasted key file or a forbidden folder
        if path and info.context and not os.path.isfile(expand(path, info.context["home"])):  # noqa: PTH113
            raise wrong("no such file")
        return path

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(getattr(self, kind) is not None for kind in ALL_KINDS) != 1:
            raise wrong(f"needs exactly one of {', '.join(ALL_KINDS)}, with a value")
        if self.adc is False:
            raise wrong("can only be true; to go without it, take this entry out", "adc")
        return self


def _is_express(data: Mapping[str, Any]) -> bool:
    keys: tuple[Credential, ...] = data.get("credentials", ())
    only_keys = bool(keys) and all(key.kind == "api_key" for key in keys)
    return data.get("platform") == "vertex" and not data.get("project") and only_keys


def _default_location(data: dict[str, Any]) -> str | None:
    if not PLATFORMS[data["platform"]].has_location:
        return None
    return "global" if _is_express(data) else "us-central1"


def _default_base_url(data: dict[str, Any]) -> str:
    location = data.get("location")
    regional = PLATFORMS[data["platform"]].base_url.format(location=location)
    return VERTEX_HOSTS.get(str(location), regional) if data["platform"] == "vertex" else regional


def _default_api_version(data: dict[str, Any]) -> str:
    return PLATFORMS[data["platform"]].api_version


class Upstream(Section):
    """One service that Filmgate sends requests to; what is not given has its platform's default.

    A call goes to `base_url` / `api_version` / path, without the middle when `api_version` is empty.
    """

    platform: PlatformName
    credentials: tuple[Credential, ...] = ()
    project: Project | None = None
    location: Location | None = Field(default_factory=_default_location)
    base_url: Url = Field(default_factory=_default_base_url)
    api_version: Version = Field(default_factory=_default_api_version)
    models: tuple[Word, ...] | None = None
    storage_url: Url = GOOGLE_STORAGE
    token_url: Url | None = None

    @property
    def express(self) -> bool:
        """Whether this is Vertex in express mode: API keys only, and no project in the paths."""
        return _is_express(dict(self))

    @model_validator(mode="before")
    @classmethod
    def _version_out_of_base_url(cls, data: Any) -> Any:
        """Accepts a base URL as other programs write it, with the version in its path."""
        base_url = data.get("base_url") if isinstance(data, dict) else None
        if not isinstance(base_url, str):
            return data
        stem, _, last = base_url.rstrip("/").rpartition("/")
        inside = any(VERSION_SEGMENT.fullmatch(part) for part in stem.split("/")[3:])
        if "://" in stem and VERSION_SEGMENT.fullmatch(last) and data.get("api_version") in (None, last):
            return {**data, "base_url": stem, "api_version": last}
        return {**data, "api_version": ""} if inside and data.get("api_version") is None else data

    @model_validator(mode="after")
    def _fits_platform(self) -> Self:
        platform = PLATFORMS[self.platform]
        takes = ", ".join(platform.credentials) or "none; sign in with `filmgate login` instead"
        found: list[tuple[Where, str]] = [
            (("credentials", n), f"platform {self.platform} does not take {entry.kind}; it takes: {takes}")
            for n, entry in enumerate(self.credentials)
            if entry.kind not in platform.credentials
        ]
        if self.platform == "vertex" and not self.project and not self.express:
            found.append((("project",), "required by platform vertex, unless api_key is its only credential"))
        if self.location and not platform.has_location:
            found.append((("location",), "only platform vertex has a location"))
        if found:
            raise all_wrong(found)
        return self


def completed(value: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """`value` with what the environment says where an upstream does not."""
    upstreams = value.get("upstreams")
    if not isinstance(upstreams, dict):
        return value
    return {
        **value,
        "upstreams": {name: _with_environment(entry, environ) for name, entry in upstreams.items()},
    }


def _with_environment(upstream: Any, environ: Mapping[str, str]) -> Any:
    if not isinstance(upstream, dict):
        return upstream
    found: dict[str, str | None] = {}
    if emulator := environ.get("STORAGE_EMULATOR_HOST"):
        found["storage_url"] = emulator if "://" in emulator else f"http://{emulator}"
    credentials = upstream.get("credentials")
    entries = credentials if isinstance(credentials, list) else []
    only_keys = bool(entries) and all(isinstance(entry, dict) and "api_key" in entry for entry in entries)
    if upstream.get("platform") == "vertex" and not only_keys:
        found["project"] = environ.get("GOOGLE_CLOUD_PROJECT")
        found["location"] = environ.get("GOOGLE_CLOUD_LOCATION")
    given = {key: item for key, item in upstream.items() if item is not None}
    return {**upstream, **{key: item for key, item in found.items() if item and key not in given}}
