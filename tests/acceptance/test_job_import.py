"""`saltern jobs import`: the histories that Salt keeps, in the layouts of the specification."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lab import Lab
from sites import FAST, short_directory

from job_stores import run_sql, server, stop_servers
from saltern.assembly.job_import import Found, _job_of
from saltern.assembly.job_store import open_job_store
from saltern.cli.main import main
from saltern.config.master import load_master_config
from saltern.model.job import Job

STATE, PING, BROKEN = "20261122085142537545", "20261122090000000000", "20261122100000000000"
HIGHSTATE = {"file_|-motd_|-/etc/motd_|-managed": {"result": True, "changes": {}, "comment": "ok"}}


@pytest.fixture(scope="module", autouse=True)
def servers_end() -> Iterator[None]:
    yield
    stop_servers()


def local_cache(directory: Path) -> Path:
    """Two jobs as Salt's local_cache lays them, and one whose load is damaged."""
    for jid, fun, returns in (
        (STATE, "state.apply", {"m1": {"return": HIGHSTATE, "retcode": 0, "success": True}}),
        (PING, "test.ping", {"m1": {"return": True, "retcode": 0, "success": True},
                             "m2": {"return": "ERROR: no", "retcode": 1, "success": False}}),
        (BROKEN, "test.ping", {}),
    ):  # fmt: skip
        digest = hashlib.sha256(jid.encode()).hexdigest()
        place = directory / digest[:2] / digest[2:]
        place.mkdir(parents=True)
        (place / "jid").write_text(jid)
        load = {"fun": fun, "arg": ["web"], "tgt": "*", "tgt_type": "glob", "user": "alice", "jid": jid,
                "cmd": "publish", "ret": "", "kwargs": {"metadata": {"release": 7}}}  # fmt: skip
        data = msgspec.msgpack.encode(load)
        (place / ".load.p").write_bytes(data if jid != BROKEN else data[:20])
        (place / ".minions.p").write_bytes(msgspec.msgpack.encode(["m1", "m2"]))
        for minion, ret in returns.items():
            (place / minion).mkdir()
            (place / minion / "return.p").write_bytes(msgspec.msgpack.encode(ret))
        if jid == STATE:
            (place / "m1" / "out.p").write_bytes(msgspec.msgpack.encode("highstate"))
    return directory


@pytest.mark.behaviour("MJC-02")
def test_the_directory_of_local_cache_becomes_the_history(capsys: pytest.CaptureFixture[str]) -> None:
    with short_directory() as directory, Lab(directory, master={**FAST, "keep_jobs_seconds": 0}) as lab:
        source = local_cache(directory / "jobs")

        assert main(["jobs", "import", "-c", str(lab.config), str(source)]) == 1
        told = capsys.readouterr()
        assert told.out == "2 jobs with 3 returns were taken over.\n"
        assert told.err == "1 jobs could not be read.\n"
        assert main(["jobs", "import", "-c", str(lab.config), str(source)]) == 1
        assert "2 jobs were there already." in capsys.readouterr().out

        lab.start_master()
        _check_history(lab)
        job = lab.json("runner", "jobs.list_job", STATE)
        assert job["Result"]["m1"]["out"] == "highstate"
        assert job["Metadata"] == {"release": 7}
        assert lab.run("jobs", "import", str(source)).returncode != 0, "the master has the store"


def test_an_import_that_was_ended_halfway_is_brought_to_its_end_by_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    with short_directory() as directory, Lab(directory, master={**FAST, "keep_jobs_seconds": 0}) as lab:
        source = local_cache(directory / "jobs")
        begun = Job(jid=PING, fun="test.ping", tgt="*", user="alice")
        others = Job(jid=STATE, fun="state.apply", tgt="*", user="alice", master="north")
        asyncio.run(_jobs_without_returns(str(lab.config), begun, others))

        assert main(["jobs", "import", "-c", str(lab.config), str(source)]) == 1
        told = capsys.readouterr().out
        assert told == "0 jobs with 2 returns were taken over.\n2 jobs were there already.\n"

        lab.start_master()
        found = lab.json("runner", "jobs.list_job", PING)["Result"]
        assert {minion: ret["return"] for minion, ret in found.items()} == {"m1": True, "m2": "ERROR: no"}
        assert lab.json("runner", "jobs.list_job", STATE)["Result"] == {}, (
            "it is for its master to say what became of it"
        )


async def _jobs_without_returns(config: str, *jobs: Job) -> None:
    store = await open_job_store(load_master_config(config))
    for job in jobs:
        await store.create(job, ["m1", "m2"])
    await store.close()


def test_a_job_whose_id_names_no_moment_does_not_go_first() -> None:
    job = _job_of(Found("99999999999999999999", {}, [], {}))

    assert job.created == pytest.approx(time.time(), abs=60)


def _check_history(lab: Lab) -> None:
    listed = lab.json("runner", "jobs.list_jobs", "ext_source=local_cache")
    assert [(jid, row["Function"], row["User"]) for jid, row in listed.items() if jid in (STATE, PING)] == [
        (STATE, "state.apply", "alice"),
        (PING, "test.ping", "alice"),
    ]
    found = lab.json("runner", "jobs.list_job", PING, "ext_source=local_cache")["Result"]
    assert {minion: (ret["return"], ret["retcode"], ret["success"]) for minion, ret in found.items()} == {
        "m1": (True, 0, True),
        "m2": ("ERROR: no", 1, False),
    }


@pytest.mark.behaviour("RET-11", "RET-12")
@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_salts_tables_become_the_history(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    at = server(kind).server
    json_type, quote = ("jsonb", "") if kind == "postgresql" else ("mediumtext", "`")
    run_sql(
        kind, at,
        "DROP TABLE IF EXISTS jids", "DROP TABLE IF EXISTS salt_returns",
        f"CREATE TABLE jids (jid varchar(255) NOT NULL, {quote}load{quote} {json_type} NOT NULL)",
        f"CREATE TABLE salt_returns (fun varchar(50), jid varchar(255), {quote}return{quote} {json_type},"
        f" id varchar(255), success varchar(10), full_ret {json_type},"
        " alter_time timestamp DEFAULT CURRENT_TIMESTAMP)",
        *(f"INSERT INTO jids VALUES ('{jid}', '{_text(_load(fun))}')"
          for jid, fun in ((STATE, "state.apply"), (PING, "test.ping"))),
        *(f"INSERT INTO salt_returns (fun, jid, {quote}return{quote}, id, success, full_ret) VALUES"
          f" ('{ret['fun']}', '{ret['jid']}', '{_text(ret['return'])}', '{ret['id']}', '{int(ret['success'])}',"
          f" '{_text(ret)}')" for ret in _full_returns()),
    )  # fmt: skip
    name = "pgjsonb" if kind == "postgresql" else "mysql"
    prefix = "returner.pgjsonb" if kind == "postgresql" else "mysql"
    places = {"host": "127.0.0.1", "port": at.port, "user": at.user, "pass": at.password, "db": at.database}
    options = {f"{prefix}.{key}": value for key, value in places.items()}
    with short_directory() as directory, Lab(directory, master={**FAST, **options, "keep_jobs_seconds": 0}) as lab:
        assert main(["jobs", "import", "-c", str(lab.config), name]) == 0
        assert capsys.readouterr().out == "2 jobs with 3 returns were taken over.\n"

        lab.start_master()
        _check_history(lab)


def _text(value: Any) -> str:
    return json.dumps(value)


def _load(fun: str) -> dict[str, Any]:
    return {"fun": fun, "arg": ["web"], "tgt": "*", "tgt_type": "glob", "user": "alice"}


def _full_returns() -> list[dict[str, Any]]:
    rows = ((STATE, "state.apply", "m1", HIGHSTATE, 0), (PING, "test.ping", "m1", True, 0),
            (PING, "test.ping", "m2", "ERROR: no", 1))  # fmt: skip
    return [
        {"jid": jid, "fun": fun, "id": minion, "return": value, "retcode": code, "success": not code, "fun_args": []}
        for jid, fun, minion, value, code in rows
    ]


def test_what_is_no_history_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "master").write_text(json.dumps({"root_dir": str(tmp_path / "r")}))

    assert main(["jobs", "import", "-c", str(tmp_path), "nosuch"]) != 0

    assert "nosuch is no directory, and no returner that can be read" in capsys.readouterr().err
