"""`job_store` on a server: the record of several masters, from the first command to the last look."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import Lab, free_port, until
from sites import FAST, short_directory

from job_stores import ON_SERVERS, OPEN, empty_database, run_sql, server, stop_servers
from saltern.cli.main import main
from saltern.errors import JobExists
from saltern.jobs.server.address import ServerAddress
from saltern.model.job import Job


@pytest.fixture(scope="module", autouse=True)
def servers_end() -> Iterator[None]:
    yield
    stop_servers()


def options_of(address: ServerAddress) -> dict[str, Any]:
    given = {
        "job_store": address.kind,
        "job_store_port": address.port,
        "job_store_user": address.user,
        "job_store_password": address.password,
        "job_store_database": address.database,
    }
    return {name: value for name, value in given.items() if value}


@pytest.mark.parametrize("kind", ON_SERVERS)
def test_two_masters_share_one_history(kind: str) -> None:
    options = options_of(empty_database(kind))
    with short_directory() as one, short_directory() as other:
        here, there = (
            Lab(directory, master={**FAST, **options, "id": name})
            for name, directory in (("north", one), ("south", other))
        )
        with here, there:
            for lab, minion in ((here, "n1"), (there, "s1")):
                lab.start_master()
                lab.start_minions([minion])
            assert here.run("run", "*", "test.echo", "from north").returncode == 0
            assert there.run("run", "*", "test.echo", "from south").returncode == 0

            for lab in (here, there):
                listed = lab.json("runner", "jobs.list_jobs", "search_function=test.echo")
                assert {row["Arguments"][0] for row in listed.values()} == {"from north", "from south"}
                returns = [lab.json("runner", "jobs.lookup_jid", jid) for jid in sorted(listed)]
                assert sorted(returns, key=str) == [{"n1": "from north"}, {"s1": "from south"}]

            # Whoever watches a job of the other master sees it to its end.
            jid = here.ask("publish", tgt="*", fun="test.sleep", arg=[2])["jid"]
            until(lambda: there.json("jobs", "show", jid)["counts"] == {"running": 1}, 15, "it does not run")
            assert there.run("jobs", "watch", jid, "--out", "json").stdout.split() == ["{", '"n1":', "true", "}"]

            # A master that comes back looks after its own jobs, and lets those of the other be.
            there.stop_master()
            there.start_master()
            there.wait_for_minions(["s1"])
            assert there.run("run", "*", "test.ping").returncode == 0
            assert all(set(job["counts"]) <= {"returned"} for job in here.json("jobs", "list", "--function", "test.*"))


@pytest.mark.parametrize("words", [(), ("--batch", "1")])
def test_a_jid_that_another_master_took_is_not_taken_again(words: tuple[str, ...]) -> None:
    address = empty_database("postgresql")
    # Jids go on from the highest, so that it is known which comes next.
    asyncio.run(_take(address, "20990101000000000000"))
    with short_directory() as directory, Lab(directory, master={**FAST, **options_of(address)}) as lab:
        lab.start_master()
        lab.start_minions(["m1"])
        asyncio.run(_take(address, "20990101000000000001"))

        done = lab.run("run", "*", "test.ping", *words)

        assert done.returncode == 0, done.stderr
        assert lab.json("jobs", "list", "--function", "test.ping")[0]["jid"] == "20990101000000000002"
        with pytest.raises(JobExists):
            lab.ask("publish", tgt="*", fun="test.ping", jid="20990101000000000001")


async def _take(address: ServerAddress, jid: str) -> None:
    store = await OPEN[address.kind](address)
    await store.create(Job(jid=jid, fun="test.echo", user="root", created=time.time(), master="other"), ["s1"])
    await store.close()


@pytest.mark.parametrize("kind", ["sqlite", *ON_SERVERS])
def test_jobs_check_tries_the_store_and_leaves_no_trace(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"job_store": "sqlite"} if kind == "sqlite" else options_of(empty_database(kind))
    (tmp_path / "master").write_text(json.dumps({"root_dir": str(tmp_path / "r"), **options}))

    for _ in range(2):
        assert main(["jobs", "check", "-c", str(tmp_path), "--out", "json"]) == 0
        steps = json.loads(capsys.readouterr().out)["steps"]
        assert [step["step"] for step in steps] == [
            "connect, tables and permissions", "write a job of 1000 minions", "write a return",
            "write 980 returns at once", "read a return", "list jobs", "delete",
        ]  # fmt: skip
        assert all(step["ok"] and step["milliseconds"] >= 0 for step in steps)


def test_jobs_check_tells_what_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = empty_database("postgresql")
    options = {**options_of(address), "job_store_database": "nowhere", "job_store_password": "s3cret"}
    (tmp_path / "master").write_text(json.dumps({"root_dir": str(tmp_path / "r"), **options}))

    assert main(["jobs", "check", "-c", str(tmp_path)]) == 1

    told = capsys.readouterr().out
    assert "FAILED: connect, tables and permissions: the job store postgresql://" in told
    assert 'database "nowhere" does not exist' in told
    assert "s3cret" not in told


def test_jobs_check_looks_beside_a_running_master() -> None:
    with short_directory() as directory, Lab(directory, master=FAST) as lab:
        lab.start_master()

        found = lab.json("jobs", "check")

        assert "written by the running master" in found["steps"][0]["detail"]
        assert all(step["ok"] for step in found["steps"])


def test_reports_and_parquet_tell_of_what_ran(tmp_path: Path) -> None:
    import pyarrow.parquet

    with short_directory() as directory, Lab(directory, master=FAST) as lab:
        lab.start_master()
        lab.start_minions(["m1", "m2"])
        assert lab.run("run", "*", "test.echo", "hello").returncode == 0
        assert lab.run("run", "m2", "test.exception", "no luck").returncode != 0

        last = lab.json("jobs", "report", "last")
        assert [(row["minion"], row["state"]) for row in last] == [("m1", "returned"), ("m2", "failed")]
        (cause,) = lab.json("jobs", "report", "causes")
        assert (cause["count"], cause["minions"]) == (1, ["m2"])
        assert "no luck" in cause["cause"]
        one, other = (row["jid"] for row in lab.json("jobs", "report", "audit", "--function", "test.*"))
        assert [row["minion"] for row in lab.json("jobs", "report", "diff", other, one)] == ["m1", "m2"]
        assert lab.run("jobs", "report", "failed").stdout.splitlines()[1].startswith("m2")
        assert lab.run("jobs", "report", "diff", one).returncode != 0

        file = tmp_path / "jobs.parquet"
        assert lab.run("jobs", "export", "--file", str(file)).returncode == 0
        rows = pyarrow.parquet.read_table(file).to_pylist()
        assert {(row["minion"], row["state"], row["function"]) for row in rows} >= {
            ("m1", "returned", "test.echo"),
            ("m2", "failed", "test.exception"),
        }
        assert [row["return"] for row in rows if row["minion"] == "m1"] == ['"hello"']


GUIDE = Path(__file__).parent.parent.parent / "docs" / "job-cache.md"


def test_who_types_what_the_guide_says_gets_two_masters_with_one_history(tmp_path: Path) -> None:
    """All but the installation of packages; the server and the ports are the test's own."""
    address = empty_database("postgresql")
    run_sql(
        "postgresql", server("postgresql").server,
        "DROP ROLE IF EXISTS saltern", "CREATE ROLE saltern LOGIN PASSWORD 'choose-a-password'",
        "GRANT ALL ON SCHEMA public TO saltern",
    )  # fmt: skip
    text = GUIDE.read_text(encoding="utf-8").partition("### Two masters on one machine")[2]
    script = text.partition("```sh\n")[2].partition("```")[0]
    lines = [line for line in script.splitlines() if not line.startswith(("sudo ", "pip "))]
    own = "\n".join(lines).replace("4510", str(free_port())).replace("4520", str(free_port()))
    place = f"job_store: postgresql\njob_store_port: {address.port}\njob_store_database: postgres"
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with short_directory() as directory:
        try:
            done = subprocess.run(
                ["bash", "-e", "-c", own.replace("job_store: postgresql", place)],
                cwd=directory, env=environment, capture_output=True, text=True, timeout=100, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            assert "from north" in done.stdout
            listed = [line for line in done.stdout.splitlines() if "test.echo" in line and "returned" in line]
            assert len(listed) == 4, done.stdout
        finally:
            for file in directory.glob("*/root/run/*.pid"):
                with contextlib.suppress(ProcessLookupError, ValueError):
                    os.kill(int(file.read_text()), signal.SIGTERM)
