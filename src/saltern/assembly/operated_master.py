"""A master as operators' programs on its host have it: what is asked goes through its socket."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from saltern.client.blocking import MasterSocket, unpack
from saltern.client.subset import subset_of
from saltern.config.paths import config_dir, master_socket, master_values
from saltern.errors import NoMinionsMatched, Unreachable
from saltern.plugin_api.minion_job import CallAnswer, JobAnswers, MinionJob, Outcome
from saltern.salt_compat.arguments import publication_arguments

_TIMEOUT = 5.0
"""Seconds, where the master's configuration does not say."""


class OperatedMaster:
    """A `plugin_api.master_control.LocalMaster`. `timeout` is how long minions may say nothing, in seconds."""

    def __init__(self, socket: MasterSocket, timeout: float) -> None:
        self._socket = socket
        self._timeout = timeout

    def run(
        self,
        tgt: str | Sequence[str],
        fun: str,
        arg: Sequence[Any] = (),
        kwarg: Mapping[str, Any] | None = None,
        *,
        tgt_type: str = "glob",
        timeout: float | None = None,
        ret: str = "",
        jid: str = "",
    ) -> dict[str, Any]:
        job = MinionJob(tgt, fun, arg, kwarg or {}, tgt_type, timeout, ret, jid=jid)
        outcomes = self.publish(job).outcomes
        return {minion: outcome.value for minion, outcome in outcomes.items() if outcome.has_returned}

    def publish(self, job: MinionJob) -> JobAnswers:
        wait = self._timeout if job.timeout is None else float(job.timeout)
        try:
            request = _publication(job)
            if job.subset:
                request = subset_of(self._socket, request, job.subset, wait=wait)
            published = self._socket.ask(request)
        except NoMinionsMatched:
            return JobAnswers()
        jid, missing = published["jid"], published.get("missing") or ()
        found = {minion: Outcome("missing") for minion in missing}
        return JobAnswers(jid, found | self._outcomes(jid, wait))

    def call(
        self, client: str, fun: str, arg: Sequence[Any] = (), kwarg: Mapping[str, Any] | None = None
    ) -> CallAnswer:
        request = {"verb": "call", "client": client, "fun": fun, "arg": list(arg), "kwarg": dict(kwarg or {})}
        end = self._socket.ask(request)
        return CallAnswer(str(end["jid"]), end.get("return"), bool(end.get("success")))

    def events(self, match: str, seconds: float) -> Iterator[tuple[str, dict[str, Any]]]:
        ends, after = time.monotonic() + seconds, -1
        while seconds < 0 or (left := ends - time.monotonic()) > 0:
            request = {"verb": "events", "match": match, "after": after, "count": 1}
            try:
                with self._socket.stream(request, timeout=None if seconds < 0 else left) as events:
                    for event in events:
                        after = event["seq"]
                        yield event["tag"], unpack(event["data"])
            except Unreachable:
                return

    def _outcomes(self, jid: str, wait: float) -> dict[str, Outcome]:
        """The last word of the record on each minion of a job, when nothing more can come."""
        found: dict[str, Outcome] = {}
        with self._socket.stream({"verb": "follow", "jid": jid, "wait": wait}) as answers:
            for answer in answers:
                said, body = answer["outcome"], answer.get("body")
                outcome = Outcome(said["state"])
                if outcome.has_returned:
                    value = self._body(jid, said["minion"]) if body is None else unpack(body)
                    retcode, success = said.get("retcode") or 0, bool(said.get("success"))
                    outcome = outcome._replace(value=value, retcode=retcode, success=success)
                    found.pop(said["minion"], None)
                found[said["minion"]] = outcome
        return found

    def _body(self, jid: str, minion: str) -> Any:
        """A value that was too large to come with its outcome."""
        with self._socket.stream({"verb": "body", "jid": jid, "minion": minion}) as answers:
            return unpack(b"".join(answer["data"] for answer in answers))


def _publication(job: MinionJob) -> dict[str, Any]:
    """A job as a `client.contract.Publish`."""
    request: dict[str, Any] = {
        "verb": "publish",
        "fun": job.fun,
        "arg": publication_arguments(list(job.arg), dict(job.kwarg)),
        "tgt": target(job.tgt, job.tgt_type),
        "tgt_type": job.tgt_type,
        "batch": {"size": job.batch} if job.batch else None,
        "ret": job.ret,
        "ret_config": job.ret_config,
        "ret_kwargs": dict(job.ret_kwargs),
        "jid": job.jid,
        "metadata": dict(job.metadata),
    }
    return {name: value for name, value in request.items() if value not in ("", None, {})}


def target(tgt: str | Sequence[str], tgt_type: str) -> str | list[str]:
    if isinstance(tgt, str):
        return tgt.split(",") if tgt_type == "list" else tgt
    return list(tgt)


def local_master(opts: Mapping[str, Any]) -> OperatedMaster:
    """The master whose configuration lies where that of these options does."""
    main = str(opts.get("conf_file") or "")
    directory = str(Path(main).parent) if main else config_dir()
    values = master_values(directory)
    hint = f"This has to run on the host of a master, whose configuration is in {directory}."
    socket = MasterSocket(master_socket(directory, values), hint=hint)
    return OperatedMaster(socket, float(values.get("timeout") or _TIMEOUT))
