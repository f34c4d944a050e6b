"""The composition root: the only file that knows all parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.routing import Router as Routes
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.client_keys import ClientKeys
from auth.secret_file import load_or_create_secret
from auth.signed_link import SignedLinks
from proxy.assets.fetch import Fetcher
from proxy.assets.inputs import Inputs, JobAsset
from proxy.assets.local import LocalAssets
from proxy.assets.store import AssetStorageError
from proxy.clock import Clock
from proxy.config import Config
from proxy.engine.driver import Driver, Limits
from proxy.engine.engine import Engine
from proxy.engine.tasks import Tasks
from proxy.jobs.sql import SqlJobs
from proxy.jobs.store import StoreUnavailable
from proxy.observe.log import get
from proxy.routes.catalogue import ModelsEndpoint
from proxy.routes.dialects import DialectEndpoint, Habits, Parts
from proxy.routes.files import FileEndpoint, Files
from proxy.routes.health import HealthEndpoint, ReadyEndpoint
from proxy.routes.rim import Rim
from proxy.routes.views import Views
from proxy.routing.accounts import Accounts
from proxy.routing.catalogue import Catalogue, CatalogueError
from proxy.routing.router import Router as ModelRouter
from proxy.transports.http import HttpTransport
from translators.clients import DIALECTS, ENDPOINTS
from translators.upstreams import UPSTREAMS

log = get(__name__)

SECONDS_A_DAY = 86400.0
SWEEP_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Application:
    """The whole server as one ASGI application, and what the command that runs it needs beside that."""

    asgi: ASGIApp
    accounts: tuple[str, ...]
    drain: Callable[[], Coroutine[None, None, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The parts that have something open."""

    config: Config
    clock: Clock
    tasks: Tasks
    store: SqlJobs
    assets: LocalAssets
    transport: HttpTransport
    fetcher: Fetcher
    engine: Engine

    @asynccontextmanager
    async def lifespan(self, app: object) -> AsyncIterator[None]:
        """Take up what was left, and at the end stop in the order in which nothing is lost."""
        await self.assets.start()
        await self.engine.start()
        self.tasks.spawn(self._sweep(), "sweep")
        try:
            yield
        finally:
            await self.engine.stop()
            await self.transport.close()
            await self.fetcher.close()
            await self.store.close()

    async def drain(self) -> None:
        """Bring what is under way to a point where nothing is lost."""
        await self.engine.drain(self.config.engine.drain_seconds)

    async def _sweep(self) -> None:
        """Forget what is older than the retention allows, again and again."""
        while True:
            now = self.clock.now()
            try:
                await self.assets.sweep(now)
                for job in await self.store.expired(now - _retention(self.config), limit=1000):
                    await self.store.delete(job.id)
            except (StoreUnavailable, AssetStorageError) as error:
                log.warning("sweep failed", reason=str(error))
            await self.clock.sleep(SWEEP_SECONDS)


def create(config: Config, environ: Mapping[str, str]) -> Application:
    """Put the server together, and open its database.

    Raises ConfigError for what the configuration has wrong, StoreUnavailable for a database that cannot be
    used, SecretFileError for a signing key that cannot be read.
    """
    router = _router(config, environ)
    keys = ClientKeys({name: key.get_secret_value() for name, key in config.server.client_keys.items()})
    links = SignedLinks(load_or_create_secret(_folder(config) / "signing-key"))
    house = _house(config, router)
    parts = _parts(house, keys, links)
    app = Routes(
        _routes(parts, router, house), lifespan=house.lifespan, default=_no_endpoint, redirect_slashes=False
    )
    render_error = DIALECTS["openai-chat"].render_error
    return Application(
        asgi=Rim(app, house.clock, render_error), accounts=router.accounts(), drain=house.drain
    )


def _house(config: Config, router: ModelRouter) -> House:
    folder = config.assets_folder()
    if folder is None:
        raise config.error("this version keeps media in a folder only", "storage", "assets")
    clock, tasks = Clock(), Tasks()
    store = SqlJobs.open(config.database_url())
    assets = LocalAssets(folder, clock.now, retention_seconds=_retention(config))
    transport = HttpTransport()
    fetcher = Fetcher(config.server.fetch_allow)
    driver = Driver(
        store=store,
        assets=assets,
        transport=transport,
        upstreams=UPSTREAMS,
        limits=Limits(submit=config.engine.submit_timeout_seconds, job=config.engine.job_deadline_seconds),
        tasks=tasks,
        clock=clock,
    )
    engine = Engine(
        store=store,
        inputs=Inputs(assets=assets, fetcher=fetcher, job_asset=_job_asset(store)),
        routing=router,
        driver=driver,
        tasks=tasks,
        clock=clock,
    )
    return House(
        config=config,
        clock=clock,
        tasks=tasks,
        store=store,
        assets=assets,
        transport=transport,
        fetcher=fetcher,
        engine=engine,
    )


def _parts(house: House, keys: ClientKeys, links: SignedLinks) -> Parts:
    server = house.config.server
    views = Views(
        engine=house.engine,
        assets=house.assets,
        links=links,
        clock=house.clock,
        link_seconds=server.link_seconds,
        public_url=server.public_url,
    )
    habits = Habits(
        max_body_bytes=server.max_body_bytes,
        keepalive_after=server.keepalive_after_seconds,
        progress_every=server.progress_every_seconds,
    )
    return Parts(
        engine=house.engine,
        store=house.store,
        keys=keys,
        views=views,
        files=Files(assets=house.assets, keys=keys, links=links, clock=house.clock),
        habits=habits,
        tasks=house.tasks,
    )


def _routes(parts: Parts, router: ModelRouter, house: House) -> list[Route]:
    models = ModelsEndpoint(router, parts.keys)
    checks = {"database": house.store.check, "assets": house.assets.check}
    return [
        *(
            Route(endpoint.path, DialectEndpoint(endpoint, parts), methods=[endpoint.method])
            for endpoint in ENDPOINTS
        ),
        Route("/v1/models", models, methods=["GET"]),
        Route("/v1/models/{model:path}", models, methods=["GET"]),
        Route("/files/{asset}", FileEndpoint(parts.files), methods=["GET"]),
        Route("/healthz", HealthEndpoint(), methods=["GET"]),
        Route("/readyz", ReadyEndpoint(checks), methods=["GET"]),
    ]


async def _no_endpoint(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise HTTPException(404)


def _router(config: Config, environ: Mapping[str, str]) -> ModelRouter:
    try:
        catalogue = Catalogue.load(config.models.catalogue, config.models.aliases)
    except CatalogueError as error:
        raise config.error(str(error), "models") from error
    accounts = Accounts(config, environ, Path(environ.get("HOME") or Path.home()))
    for name, source in accounts.sources.items():
        log.info("credential found", upstream=name, source=source)
    return ModelRouter(catalogue, accounts.upstreams, accounts.credentials)


def _folder(config: Config) -> Path:
    """Where small files of our own lie: beside the database."""
    file = config.database_file()
    return file.parent if file else Path(config.expand("~/.filmgate"))


def _retention(config: Config) -> float:
    return config.storage.retention_days * SECONDS_A_DAY


def _job_asset(store: SqlJobs) -> JobAsset:
    async def first(owner: str, job_id: str) -> str | None:
        job = await store.get(job_id)
        result = job.result if job is not None and job.owner == owner else None
        return result.assets[0].id if result is not None and result.assets else None

    return first
