"""A database that fails under load: what the master has on record arrives there, once, and in order for each job.

The load is 500 returns a second. Each case takes some seconds; `SALTERN_OUTAGE_SECONDS` makes the outage longer, and
`python -m bench --only outage` makes it minutes and takes the time of commands meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time

import pytest
from fault_lab import short_directory
from lab import Lab, until
from outage_lab import FAULTS, KINDS, Database, Load, by_job, database_of, recorded, settled, status

MINIONS, JOBS_A_SECOND = 25, 20
OUTAGE = float(os.environ.get("SALTERN_OUTAGE_SECONDS", "5"))
_TELLING = {"frozen": 15.0, "disk full": 15.0}
"""Seconds within which a fault that does no harm at once has to be noticed: `export_timeout`, what fits on a disk."""


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.behaviour("RET-06", "MJC-12")
def test_everything_arrives_once_and_in_order(kind: str, fault: str, tmp_path_factory: pytest.TempPathFactory):
    if fault == "disk full" and os.geteuid() != 0:
        pytest.skip("needs root")
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(database_of(kind, tmp_path_factory.mktemp("db"), fault))
        directory = stack.enter_context(short_directory())
        options = {"master_job_cache": kind, "export_timeout": 3, **database.options()}
        lab = stack.enter_context(Lab(directory, master=options))
        lab.start_master()
        lab.start_swarm("s", MINIONS)
        with Load(lab, JOBS_A_SECOND) as load:
            time.sleep(1.5)
            with database.fault(fault):
                time.sleep(OUTAGE)
                if fault not in ("cut", "restarted"):
                    until(lambda: bool(status(lab)["error"]), _TELLING.get(fault, 5), "the fault does no harm")
                if fault == "killed":
                    # The master too, with a batch of which nobody knows the end.
                    lab.stop_master(signal.SIGKILL)
                    lab.start_master()
            time.sleep(1)
        until(lambda: settled(lab), 60, lambda: f"something waits: {lab.ask('exports')}")

        sent = recorded(lab)
        rows = database.rows()
        letters = lab.ask("exports", action="letters")["letters"]
        if fault != "killed":
            assert load.refused == []
        assert len(sent) > MINIONS * 20
        assert letters == []
        assert len(rows) == len(set(rows))
        assert set(rows) == set(sent)
        assert by_job(rows) == by_job(sent)


@pytest.mark.parametrize("fault", ["killed", "frozen", "cut", "disk full"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.behaviour("RET-01", "RET-03")
def test_what_minions_send_themselves_arrives_once_and_in_order(
    kind: str, fault: str, tmp_path_factory: pytest.TempPathFactory
):
    if fault == "disk full" and os.geteuid() != 0:
        pytest.skip("needs root")
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(database_of(kind, tmp_path_factory.mktemp("db"), fault))
        directory = stack.enter_context(short_directory())
        lab = stack.enter_context(Lab(directory, master={"ext_job_cache": kind}))
        lab.start_master()
        lab.start_minions(["m1", "m2"], **database.options())
        given: dict[str, list[str]] = {"m1": [], "m2": []}

        def jobs(count: int) -> None:
            for _ in range(count):
                jid = lab.ask("publish", tgt="*", fun="test.echo", arg=["x"])["jid"]
                list(lab.socket.stream({"verb": "follow", "jid": jid}))
                for minion in given:
                    given[minion].append(jid)

        jobs(3)
        with database.fault(fault):
            jobs(10 if fault == "cut" else 3)
            if fault == "killed":
                lab.stop("m2", signal.SIGKILL)
                until(lambda: "m2" not in lab.connected(), 15, "still connected")
                lab.start_minion("m2")
        lab.wait_for_minions(["m2"])
        jobs(3)
        wanted = {(jid, minion) for minion in given for jid in given[minion]}
        until(lambda: wanted <= _rows_so_far(database), 60, lambda: f"missing: {wanted - _rows_so_far(database)}")
        rows = database.rows()

    assert len(rows) == len(wanted)
    assert {minion: [jid for jid, name in rows if name == minion] for minion in given} == given


def _rows_so_far(database: Database) -> set[tuple[str, str]]:
    """None as long as the first return has not made the tables."""
    try:
        return set(database.rows())
    except Exception as error:
        if "exist" not in str(error):
            raise
        return set()
