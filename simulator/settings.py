"""What can be set about the simulator: how long it takes, what it keeps, how it hands out films."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The simulator's knobs; times are seconds, sizes are bytes.

    `film_seconds` is how long a film operation takes before it is done (never shorter than the encoding
    itself), give or take `film_jitter` of it. `picture_seconds` and `text_seconds` are how long one
    generateContent takes. `download_host` is `same` or `other`: whether the redirect of a file download stays
    on the host name that was asked or leaves it (`127.0.0.1` becomes `localhost` and back), where the key
    must not follow. `gcs_folder` keeps the Cloud Storage stand-in's objects on disk; without it they live in
    memory. `allow_all` says whether the simulated project is allow-listed for `personGeneration: allow_all`
    on Vertex.
    """

    film_seconds: float = 6.0
    film_jitter: float = 0.0
    picture_seconds: float = 0.4
    text_seconds: float = 0.05
    chunk_seconds: float = 0.02
    token_seconds: int = 3599
    download_host: str = "same"
    gcs_folder: str | None = None
    allow_all: bool = True
    body_bytes: int = 100_000_000
    cache_bytes: int = 192_000_000
    operations_kept: int = 20_000
    files_kept: int = 20_000
    journal_kept: int = 5_000
    encoders: int = 2
