"""Brings what upstreams made into the store, and tells those who wait that it is there."""

from __future__ import annotations

from dataclasses import replace

from proxy.assets.store import Assets, AssetStorageError, AssetWriter, UnreadableMediaError
from proxy.blobs import Blob
from proxy.clock import Clock
from proxy.engine.live import LiveJob
from proxy.observe.log import get
from proxy.transports.transport import Lost
from translators.canonical import Asset, MediaInput, MediaResult
from translators.progress import AssetReady, Event

log = get(__name__)

UNTOLD = "application/octet-stream"
"""The media type of what nobody has told the type of."""

_STORAGE_SECONDS = 5.0
"""How long to wait before storing is tried again where there was no room."""


class Collector:
    """Keeps the media of live jobs. What was paid for is kept even when it cannot be read."""

    def __init__(self, assets: Assets, clock: Clock) -> None:
        self._assets = assets
        self._clock = clock

    async def writer(self, live: LiveJob, mime_type: str) -> AssetWriter:
        """Begin a file that is about to be fetched. Raises AssetStorageError."""
        return await self._assets.create(live.job.owner, live.job.id, mime_type)

    async def verified(self, live: LiveJob, writer: AssetWriter, told: str) -> Asset:
        """Keep what was fetched. What cannot be read is fetched again: the wire may have broken it.

        If the very same bytes come twice, they were sent so: a film of a kind we cannot read is a film all
        the same, and was paid for. A page that says something else in its place, by the type that the
        upstream has told, is none.
        """
        as_is = writer.digest in live.unreadable
        try:
            asset = await writer.commit(as_is=as_is)
        except UnreadableMediaError as error:
            if error.mime_type or told.startswith(("video/", UNTOLD)):
                live.unreadable.add(error.digest)
            raise Lost(error.message) from error
        if as_is:
            live.unreadable.add(asset.id)
        return asset

    async def pass_on(self, live: LiveJob, event: Event) -> None:
        """Publish an event of a stream; media in it are stored first."""
        if not isinstance(event, AssetReady):
            live.publish(event)
            return
        try:
            self._tell(live, await self._stored(live, event.asset))
        except UnreadableMediaError as error:
            # The end of the take decides what becomes of the job without it.
            log.warning("media of a stream cannot be read", job=live.job.id, reason=error.message)

    async def collected(self, live: LiveJob, result: MediaResult) -> MediaResult:
        """The result with its media stored, and told where they have not been yet.

        Raises UnreadableMediaError for media that are none at all.
        """
        assets = [await self._stored(live, asset) for asset in result.assets]
        for asset in assets:
            if _name(asset) not in live.told:
                self._tell(live, asset)
        unread = sum(asset.id in live.unreadable for asset in assets)
        note = (f"{unread} of the files cannot be read here, and are given as they came.",) if unread else ()
        return replace(result, assets=tuple(assets), notes=(*result.notes, *note))

    async def input(self, live: LiveJob, item: MediaInput) -> str:
        """Store one of the request's own media; gives the asset's id. Raises AssetStorageError."""
        stored = await self._store_data(live, Asset(data=item.data, mime_type=item.mime_type))
        return stored.id

    async def _stored(self, live: LiveJob, asset: Asset) -> Asset:
        """The asset with its data in the store, once; a film waits for room, a picture goes out without."""
        if not asset.data:
            return asset
        known = live.stored.get(asset.data)
        while known is None:
            try:
                known = await self._store_data(live, asset)
            except AssetStorageError as error:
                log.warning("media cannot be stored", job=live.job.id, trouble=error.trouble)
                if not live.durable:
                    return asset
                live.say(f"waiting, because the film cannot be stored: {error.message}")
                await self._clock.sleep(_STORAGE_SECONDS)
        live.stored[asset.data] = known
        return known

    async def _store_data(self, live: LiveJob, asset: Asset) -> Asset:
        blobs = live.blobs
        blob = blobs.get(asset.data) if blobs.is_marker(asset.data) else Blob([asset.data.encode()])
        owner, job = live.job.owner, live.job.id
        try:
            stored = await self._assets.store_blob(blob, owner, job, asset.mime_type)
        except UnreadableMediaError as error:
            log.warning("media cannot be read, and are kept as they came", job=job, reason=error.message)
            stored = await self._assets.store_blob(blob, owner, job, asset.mime_type, as_is=True)
            live.unreadable.add(stored.id)
        return replace(stored, data=asset.data, uri=asset.uri)

    def _tell(self, live: LiveJob, asset: Asset) -> None:
        live.told.add(_name(asset))
        live.publish(AssetReady(asset=asset, index=len(live.told) - 1))


def _name(asset: Asset) -> str:
    """What tells an asset of a job from the others; one that could not be stored has no id."""
    return asset.id or asset.data or asset.uri
