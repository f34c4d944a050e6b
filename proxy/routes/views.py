"""What a client may see of a job, with links that open for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from auth.signed_link import SignedLinks
from proxy.assets.store import Assets
from proxy.blobs import Source
from proxy.clock import Clock
from proxy.engine.engine import Engine
from proxy.engine.estimate import eta_seconds, percent
from proxy.engine.live import LiveJob
from proxy.jobs.job import Job
from translators.canonical import Asset, Status, request_from_json
from translators.clients.base import View


class Views:
    """Makes Views of jobs. `public_url` is the base of links, when it is not the request's own."""

    def __init__(
        self,
        *,
        engine: Engine,
        assets: Assets,
        links: SignedLinks,
        clock: Clock,
        link_seconds: float,
        public_url: str | None,
    ) -> None:
        self._engine = engine
        self._assets = assets
        self._links = links
        self._clock = clock
        self._link_seconds = link_seconds
        self._public_url = public_url

    def of(self, found: LiveJob | Job, base_url: str) -> View:
        """The job as it stands now; `base_url` is where the client reached us."""
        live = found if isinstance(found, LiveJob) else None
        job = live.job if live else found
        assert isinstance(job, Job)
        age = self._clock.now() - (job.submitted_at or job.created_at)
        law = self._engine.law(job.model, live.typical_seconds if live else 0.0)
        result = job.result
        if result is not None:
            assets = tuple(self.asset(asset, live, base_url) for asset in result.assets)
            result = replace(result, assets=assets)
        return View(
            id=job.id,
            status=job.status,
            request=live.request if live else request_from_json(job.request),
            served_model=job.model,
            upstream=f"{job.upstream}/{job.account}",
            created_at=job.created_at,
            progress=self._progress(live, job, percent(age, law)),
            eta_seconds=None if job.status.ended else _rounded(eta_seconds(age, law)),
            completed_at=job.completed_at,
            expires_at=job.expires_at,
            result=result,
            error=job.error,
            notes=job.notes,
        )

    def asset(self, asset: Asset, live: LiveJob | None, base_url: str) -> Asset:
        """The asset with a signed link, and with a marker for its data: in memory or stored."""
        if not asset.id:
            return asset
        path = f"/files/{asset.id}"
        query = self._links.sign(path, int(self._clock.now() + self._link_seconds))
        in_memory = live is not None and live.blobs.is_marker(asset.data)
        return replace(
            asset,
            url=f"{self._public_url or base_url}{path}?{query}",
            data=asset.data if in_memory else self._assets.marker(asset.id),
        )

    def sources(self, live: LiveJob | None) -> tuple[Source, ...]:
        """What the markers in a view stand for."""
        return (live.blobs, self._assets) if live else (self._assets,)

    @staticmethod
    def _progress(live: LiveJob | None, job: Job, estimate: int) -> int:
        if job.status is Status.SUCCEEDED:
            return 100
        if job.status.ended or job.submitted_at is None:
            return 0
        if live is None:
            return estimate
        live.percent = max(live.percent, estimate)
        return live.percent


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def job_headers(job: Job) -> Mapping[str, str]:
    """The headers that name the job and who served it."""
    return {"x-filmgate-job": job.id, "x-filmgate-upstream": f"{job.upstream}/{job.account}"}
