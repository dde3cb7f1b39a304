"""Publish loads and returns as external job caches keep them: texts of JSON, and how lists of jobs show them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from saltern.model.jid import JidClock, jid_to_time, moment_of
from saltern.model.secrets import masked

FIND_JOB = "saltutil.find_job"


def new_jid(passed: str | None) -> str:
    """The jid that was passed, or a new one."""
    return passed if passed is not None else JidClock().next()


def function_text(ret: Mapping[str, Any]) -> str:
    """The function of a return; several names joined by commas."""
    return ret["fun"] if isinstance(ret["fun"], str) else ",".join(ret["fun"])


def without_secrets(ret: Mapping[str, Any]) -> dict[str, Any]:
    """A return as it is stored: without the credentials that were given to its returner."""
    kwargs = ret.get("ret_kwargs")
    return {**ret, "ret_kwargs": masked(kwargs)} if isinstance(kwargs, dict) else dict(ret)


def to_json(value: Any) -> str:
    """JSON of a value as Salt's returners write it; what JSON has no place for becomes text."""
    return _ENCODER.encode(value)


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


_ENCODER = json.JSONEncoder(default=_text)
"""Made once: with arguments `json.dumps` makes one for each value."""


def started_at(jid: str) -> str:
    """When a job started, as Salt shows it."""
    return jid_to_time(jid)


def jid_nanoseconds(jid: str) -> int:
    """The moment that a jid names, in nanoseconds since 1970; 0 for what is no jid."""
    moment = moment_of(jid)
    return 0 if moment is None else round(moment.timestamp() * 1e6) * 1000
