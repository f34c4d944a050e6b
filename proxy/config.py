"""The configuration: every key with its type, default and rules, and how a file becomes one."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import ByteSize, Field, PrivateAttr, ValidationError, model_validator

from proxy.config_file import ConfigError, Document, Where, all_wrong, problems_of, read
from proxy.config_upstream import PLATFORMS, Credential, Platform, Upstream, completed
from proxy.config_values import (
    Assets,
    Database,
    Host,
    Name,
    Networks,
    Seconds,
    Secret,
    Section,
    Url,
    Word,
    expand,
    is_loopback,
    within,
)

__all__ = ["PLATFORMS", "Config", "ConfigError", "Credential", "Platform", "Upstream", "load"]

PUBLIC_KEY = "ccs-internal-managed"
"""A client key that everyone knows, and that therefore counts on loopback only."""


class Server(Section):
    """Where Filmgate listens and what it asks of its clients."""

    host: Host = "127.0.0.1"
    port: Annotated[int, within(0, 65535)] = 8317
    client_keys: dict[Name, Secret] = Field(default_factory=dict)
    public_url: Url | None = None
    max_body_bytes: Annotated[ByteSize, Field(gt=0)] = ByteSize(100 * 1024 * 1024)
    keepalive_after_seconds: Seconds = 30.0
    progress_every_seconds: Seconds = 10.0
    link_seconds: Seconds = 86400.0
    fetch_allow: Networks = ()

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach `host`."""
        return is_loopback(self.host)

    @model_validator(mode="after")
    def _keys_guard_the_host(self) -> Self:
        found: list[tuple[Where, str]] = []
        owners: dict[str, str] = {}
        for name, secret in self.client_keys.items():
            first = owners.setdefault(secret.get_secret_value(), name)
            if first != name:
                found.append((("client_keys", name), f"the same key as {first}; each name needs its own"))
        if not self.loopback and not owners:
            found.append((("host",), "not loopback, so set a key in server.client_keys, or use 127.0.0.1"))
        if not self.loopback and PUBLIC_KEY in owners:
            place = ("client_keys", owners[PUBLIC_KEY])
            found.append((place, "this key is public and counts on loopback only; set one of your own"))
        if found:
            raise all_wrong(found)
        return self


class Storage(Section):
    """Where jobs and assets are kept, and for how many days."""

    database: Annotated[Database, Field(repr=False)] = "sqlite:///~/.filmgate/filmgate.db"
    assets: Assets = "~/.filmgate/assets"
    retention_days: Annotated[int, within(1, 36500)] = 30


class Engine(Section):
    """How long work may take, in seconds."""

    submit_timeout_seconds: Seconds = 120.0
    job_deadline_seconds: Seconds = 3600.0
    lease_seconds: Seconds = 10.0
    drain_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 30.0


class Models(Section):
    """The names models go by, and facts that replace the shipped ones."""

    aliases: dict[Word, Word] = Field(default_factory=dict)
    catalogue: dict[Word, dict[str, Any]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _aliases_end(self) -> Self:
        found: list[tuple[Where, str]] = []
        for alias in self.aliases:
            seen, name = {alias}, self.aliases[alias]
            while name in self.aliases and name not in seen:
                seen.add(name)
                name = self.aliases[name]
            if name in seen:
                found.append((("aliases", alias), "leads back to itself; an alias must end at a model"))
        if found:
            raise all_wrong(found)
        return self


class Log(Section):
    """What is logged to standard error, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class Config(Section):
    """The whole configuration."""

    server: Server = Server()
    storage: Storage = Storage()
    upstreams: dict[Name, Upstream] = Field(default_factory=dict)
    engine: Engine = Engine()
    models: Models = Models()
    log: Log = Log()
    _document: Document = PrivateAttr(default_factory=lambda: Document("config"))
    _home: str = PrivateAttr(default_factory=lambda: str(Path.home()))

    def model_post_init(self, context: Any) -> None:
        """Keeps the lines, not the values, of the file that this comes from."""
        if context:
            self._document = Document(context["document"].file, lines=context["document"].lines)
            self._home = context["home"]

    def expand(self, text: str) -> str:
        """`text`, a path or a sqlite URL, with a leading `~` replaced by the home folder."""
        return expand(text, self._home)

    def database_url(self) -> str:
        """`storage.database` with `~` expanded; a secret when it holds a password."""
        return self.expand(self.storage.database)

    def database_file(self) -> Path | None:
        """The SQLite file, None for PostgreSQL."""
        url = self.database_url()
        return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:") else None

    def assets_folder(self) -> Path | None:
        """The folder of the asset store, None when it is object storage."""
        return None if "://" in self.storage.assets else Path(self.expand(self.storage.assets))

    def secrets(self) -> Iterator[str]:
        """Every secret of the config, for redaction: client keys, credentials, the database password."""
        for key in self.server.client_keys.values():
            yield key.get_secret_value()
        for upstream in self.upstreams.values():
            for entry in upstream.credentials:
                for secret in (entry.api_key, entry.access_token):
                    if secret:
                        yield secret.get_secret_value()
        if password := urlsplit(self.storage.database).password:
            yield password
            yield unquote(password)

    def listening(self, host: str | None = None, port: int | None = None) -> "Config":
        """This config with another host or port, under the same rules; raises ConfigError."""
        given = {"host": host, "port": port}
        changed = {**dict(self.server), **{key: value for key, value in given.items() if value is not None}}
        try:
            server = Server.model_validate(changed)
        except ValidationError as error:
            problems = problems_of(error, Server, Document("command line"))
            raise ConfigError("command line", problems) from None
        return self.model_copy(update={"server": server})

    def error(self, text: str, *where: str | int) -> ConfigError:
        """A ConfigError at a key of the file, for what only another part can check, such as model facts."""
        return ConfigError(self._document.file, [self._document.problem(where, text)])


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration in the file at `path`, the defaults for None.

    `environ` fills in `${VAR}`, and gives a project, location or storage URL that an upstream leaves out.
    Raises ConfigError with every problem of the file.
    """
    document = read(path, environ)
    context = {"document": document, "home": environ.get("HOME") or str(Path.home())}
    try:
        config = Config.model_validate(completed(document.value, environ), context=context)
    except ValidationError as error:
        raise ConfigError(document.file, document.problems + problems_of(error, Config, document)) from None
    if document.problems:
        raise ConfigError(document.file, document.problems)
    return config
