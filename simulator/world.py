"""Everything the simulator remembers while it runs, in one place that the routes share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from simulator.buckets import Buckets
from simulator.faults import FaultBox
from simulator.files import FileShelf
from simulator.journal import Journal
from simulator.operations import Operations
from simulator.studio import Studio
from simulator.tokens import Tokens
from simulator.variations import Variations

if TYPE_CHECKING:
    from simulator.settings import Settings


class World:
    """Journal, faults, operations, files, buckets, tokens and the studio; `closing` is set when the
    server stops."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.journal = Journal(settings.journal_kept)
        self.faults = FaultBox()
        self.operations = Operations(settings)
        self.files = FileShelf(settings.files_kept)
        self.buckets = Buckets(settings.gcs_folder)
        self.tokens = Tokens(settings.token_seconds)
        self.variations = Variations()
        self.studio = Studio(settings.encoders, settings.cache_bytes)
        self.closing = asyncio.Event()

    def close(self) -> None:
        """Let hanging requests go and stop the studio."""
        self.closing.set()
        self.studio.close()
