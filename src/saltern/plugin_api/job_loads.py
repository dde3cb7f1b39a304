"""Publish loads and returns as external job caches keep them: texts of JSON, and how lists of jobs show them."""

from __future__ import annotations

import json
from typing import Any

from saltern.model.jid import JidClock, jid_to_time

FIND_JOB = "saltutil.find_job"


def new_jid(passed: str | None) -> str:
    """The jid that was passed, or a new one."""
    return passed if passed is not None else JidClock().next()


def to_json(value: Any) -> str:
    """JSON of a value as Salt's returners write it; what JSON has no place for becomes text."""
    return json.dumps(value, default=_text)


def instance_of(jid: str, load: dict[str, Any]) -> dict[str, Any]:
    """How `jobs.list_jobs` shows the job of a load."""
    instance = {
        "Function": load.get("fun", "unknown-function"),
        "Arguments": list(load.get("arg", [])),
        "Target": load.get("tgt", "unknown-target"),
        "Target-type": load.get("tgt_type", "list"),
        "User": load.get("user", "root"),
        "StartTime": jid_to_time(jid),
    }
    metadata = load.get("metadata") or (load.get("kwargs") or {}).get("metadata")
    return {**instance, "Metadata": metadata} if metadata else instance


def newest(instances: dict[str, dict[str, Any]], count: int, *, filter_find_job: bool) -> list[dict[str, Any]]:
    """The newest `count` jobs of a listing, oldest first, each with its `JID`."""
    chosen = [
        {**instance, "JID": jid}
        for jid, instance in sorted(instances.items())
        if not (filter_find_job and instance["Function"] == FIND_JOB)
    ]
    return chosen[-count:] if count > 0 else []


def _text(value: Any) -> str:
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else str(value)


def started_at(jid: str) -> str:
    """When a job started, as Salt shows it."""
    return jid_to_time(jid)
