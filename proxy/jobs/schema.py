"""The tables."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, MetaData, String, Table, Text

VERSION = 1
"""Raised by one with every change of the tables."""

metadata = MetaData()

about = Table(
    "filmgate",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("owner", String(128), nullable=False),
    Column("dialect", String(64), nullable=False),
    Column("modality", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("asked_model", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("wire", String(64), nullable=False),
    Column("upstream", String(128), nullable=False),
    Column("platform", String(64), nullable=False),
    Column("account", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("location", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("idempotency_key", Text),
    Column("request", Text, nullable=False),
    Column("takes", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("submitted_at", Float),
    Column("completed_at", Float),
    Column("expires_at", Float),
)

Index("jobs_by_owner", jobs.c.owner, jobs.c.modality, jobs.c.created_at)
Index("jobs_by_status", jobs.c.status, jobs.c.created_at)
Index("jobs_by_key", jobs.c.owner, jobs.c.idempotency_key)
