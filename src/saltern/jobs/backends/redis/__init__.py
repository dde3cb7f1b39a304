"""The job cache in Redis or Valkey; `open_redis` is the way in."""

from __future__ import annotations

from saltern.jobs.backends.redis.store import open_redis

__all__ = ["open_redis"]
