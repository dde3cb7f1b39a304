"""The record itself on a server that fails: commands are refused in one line, and what was taken up ends."""

from __future__ import annotations

import contextlib
import os
import time

import pytest
from fault_lab import short_directory
from lab import Lab, until
from outage_lab import FAULTS, KINDS, Load, database_of, recorded

MINIONS, JOBS_A_SECOND = 25, 20
OUTAGE = float(os.environ.get("SALTERN_OUTAGE_SECONDS", "5"))
TIMEOUT = 2
_SIZE = {"disk full": 4000}
"""Bytes of the arguments of a job: what is to fill a disk must be more than fits into half empty pages."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.behaviour("MJC-12")
def test_commands_are_refused_and_what_was_taken_up_ends(
    kind: str, fault: str, tmp_path_factory: pytest.TempPathFactory
):
    if fault == "disk full" and os.geteuid() != 0:
        pytest.skip("needs root")
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(database_of(kind, tmp_path_factory.mktemp("db"), fault))
        directory = stack.enter_context(short_directory())
        options = {"job_store_timeout": TIMEOUT, "heartbeat_interval": 1.0, **database.record_options()}
        lab = stack.enter_context(Lab(directory, master=options))
        lab.start_master()
        lab.start_swarm("s", MINIONS)
        with Load(lab, JOBS_A_SECOND, _SIZE.get(fault, 0)) as load:
            until(lambda: len(load.jids) > 10, 30, "no jobs")
            with database.fault(fault):
                time.sleep(OUTAGE)
                if fault not in ("cut", "restarted"):
                    until(lambda: bool(load.refused), 30, "the fault does no harm")
                    done = lab.run("run", "*", "test.ping")
                    if fault == "disk full" and done.returncode in (0, 2):
                        # There is room for a small row yet; the return is stored, or waits on the minion.
                        assert done.returncode == 0 or "Look it up later" in done.stdout, done
                    else:
                        assert (done.returncode, len(done.stderr.splitlines())) == (74, 1), done
                        assert "the job store" in done.stderr
            time.sleep(1)
        until(lambda: lab.run("run", "*", "test.ping").returncode == 0, 30, lambda: lab.log("master")[-3000:])
        wanted = {(jid, f"s-{number}") for jid in load.jids for number in range(MINIONS)}
        until(lambda: wanted <= set(recorded(lab)), 60, lambda: _told_of(lab, wanted - set(recorded(lab))))

        rows = recorded(lab)
        assert len(rows) == len(set(rows))
        assert [told for told in load.refused if "the job store" not in told] == []
        assert [told for told in load.refused if "\n" in told] == []
        assert "Traceback" not in lab.log("master")
        # A job that was refused and is there after all (the answer was lost, not the job) has all its outcomes too.
        assert {len(minions) for minions in _minions(rows).values()} == {MINIONS}


def _told_of(lab: Lab, missing: set[tuple[str, str]]) -> str:
    jids = sorted({jid for jid, _ in missing})
    counts = {jid: lab.ask("outcomes", query={"jid": jid})["outcomes"][:1] for jid in jids[:5]}
    log = lab.log("master")[-6000:]
    return f"{len(missing)} returns of {len(jids)} jobs are missing, of each job the first outcome: {counts}\n{log}"


def _minions(rows: list[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for jid, minion in rows:
        found.setdefault(jid, set()).add(minion)
    return found
