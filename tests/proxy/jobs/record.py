"""Jobs to write down."""

from __future__ import annotations

from typing import Any

from proxy.jobs.job import Job, Take
from translators.canonical import Modality


def job(job_id: str = "video_1", **values: Any) -> Job:
    """A film's job, just accepted."""
    given: dict[str, Any] = {
        "owner": "ann",
        "dialect": "openai-videos",
        "modality": Modality.VIDEO,
        "asked_model": "sora-2",
        "model": "veo",
        "wire": "veo",
        "upstream": "gemini",
        "platform": "gemini",
        "account": "key-1a2b",
        "request": {"modality": "video", "model": "sora-2", "turns": []},
        "takes": [Take()],
        "created_at": 100.0,
    }
    return Job(id=job_id, **{**given, **values})
