"""`master_job_cache`: what the master records goes to a store elsewhere as well, whatever becomes of it."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import Lab, until
from sites import FAST, short_directory

TEXT_CACHE = '''
"""A user's own returner: each call a line in a file."""

import json
import os


def _write(word, **fields):
    path = __opts__["textcache.file"]
    if os.path.exists(path + ".down"):
        raise OSError("the disk of the text cache is away")
    for bad in __opts__.get("textcache.refuses", []):
        if bad in fields.get("id", ""):
            raise ValueError("I do not take " + bad)
    with open(path, "a") as file:
        file.write(json.dumps([word, fields]) + "\\n")


def prep_jid(nocache=False, passed_jid=None):
    return passed_jid


def save_load(jid, load, minions=None):
    _write("load", jid=jid, fun=load["fun"], user=load["user"], minions=minions)


def returner(ret):
    _write("return", **ret)


def get_load(jid):
    return {}


def get_jid(jid):
    return {}


def clean_old_jobs():
    _write("clean", keep=__opts__["keep_jobs_seconds"])


def event_return(events):
    _write("events", tags=[event["tag"] for event in events])
'''


@pytest.fixture
def directory() -> Iterator[Path]:
    with short_directory() as directory:
        (directory / "salt" / "_returners").mkdir(parents=True)
        (directory / "salt" / "_returners" / "textcache.py").write_text(TEXT_CACHE)
        yield directory


def lab_of(directory: Path, **options: Any) -> Lab:
    places = {"file_roots": {"base": [str(directory / "salt")]}, "textcache.file": str(directory / "cache")}
    return Lab(directory, master={**FAST, **places, **options})


def lines(directory: Path, word: str) -> list[dict[str, Any]]:
    path = directory / "cache"
    # The last line may be in the writing.
    whole = path.read_text().rpartition("\n")[0] if path.exists() else ""
    found = [json.loads(line) for line in whole.splitlines()]
    return [fields for kind, fields in found if kind == word]


@pytest.mark.behaviour("RET-01", "RET-06", "MJC-09", "MJC-12")
def test_a_users_own_returner_is_fed_with_loads_and_returns(directory: Path):
    with lab_of(directory, master_job_cache="textcache", loop_interval=1, keep_jobs_seconds=4321) as lab:
        lab.start_master()
        lab.start_minions(["m1", "m2"])
        assert lab.run("run", "*", "test.echo", "hello").returncode == 0
        until(lambda: len(lines(directory, "return")) == 2, 15, "not exported")

        (load,) = lines(directory, "load")
        assert (load["fun"], load["minions"]) == ("test.echo", ["m1", "m2"])
        for ret in lines(directory, "return"):
            assert ret["jid"] == load["jid"]
            assert (ret["fun"], ret["fun_args"], ret["return"]) == ("test.echo", ["hello"], "hello")
            assert (ret["retcode"], ret["success"]) == (0, True)
        until(lambda: lines(directory, "clean"), 10, "not told to drop what is old")
        assert lines(directory, "clean")[0] == {"keep": 4321}
        # The order in which they are given is that of the record: the load first.
        words = [json.loads(line)[0] for line in (directory / "cache").read_text().splitlines()]
        assert next(word for word in words if word != "clean") == "load"


@pytest.mark.behaviour("MJC-12")
def test_an_outage_and_a_killed_master_lose_nothing(directory: Path):
    with lab_of(directory, master_job_cache="textcache") as lab:
        lab.start_master()
        lab.start_minions(["m1", "m2"])
        (directory / "cache.down").touch()
        for number in range(3):
            assert lab.run("run", "*", "test.echo", f"n{number}").returncode == 0
        failing = lab.run("jobs", "exports")
        assert failing.returncode == 1
        assert "the disk of the text cache is away" in failing.stdout
        (row,) = lab.ask("exports")["exports"]
        assert (row["waiting"], row["state"]) == (6, "failing")
        assert row["lag"] > 0

        lab.stop_master(signal.SIGKILL)
        (directory / "cache.down").unlink()
        lab.start_master()
        until(lambda: len(lines(directory, "return")) >= 6, 20, "not exported")
        lab.wait_for_minions(["m1", "m2"])
        assert lab.run("run", "m1", "test.echo", "n3").returncode == 0
        until(lambda: lab.ask("exports")["exports"][0]["waiting"] == 0, 15, "something waits")

        returns = [(ret["id"], ret["return"]) for ret in lines(directory, "return") if ret["return"] != "n3"]
        assert sorted(returns) == [(minion, f"n{number}") for minion in ("m1", "m2") for number in range(3)]
        for minion in ("m1", "m2"):
            assert [value for name, value in returns if name == minion] == ["n0", "n1", "n2"]


def test_what_is_refused_is_a_dead_letter_that_can_be_dropped(directory: Path):
    with lab_of(directory, **{"master_job_cache": "textcache", "textcache.refuses": ["m2"]}) as lab:
        lab.start_master()
        lab.start_minions(["m1", "m2"])
        lab.run("run", "m2", "test.ping")
        for _ in range(2):
            lab.run("run", "m1", "test.ping")
        until(lambda: lab.ask("exports", action="letters")["letters"], 30, "no dead letter")

        shown = lab.run("jobs", "dead-letters").stdout
        assert "I do not take m2" in shown
        refused = lab.run("jobs", "dead-letters", "--retry")
        assert refused.returncode == 1
        assert "I do not take m2" in refused.stdout
        assert lab.run("jobs", "dead-letters", "--drop").stdout == "1 dead letters were dropped.\n"
        assert lab.run("jobs", "dead-letters").stdout == "There are no dead letters.\n"
        until(lambda: len(lines(directory, "return")) == 2, 15, "the others do not go on")


@pytest.mark.behaviour("RET-06")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nosuch", "'nosuch'"),
        ("syslog", "the returner 'syslog' has no function save_load, get_load"),
        ("deadly", "the process of the returner died"),
    ],
)
def test_a_returner_that_cannot_be_a_job_cache_is_told_at_the_start(directory: Path, name: str, words: str):
    (directory / "salt" / "_returners" / "deadly.py").write_text("import os\n\nos._exit(3)\n")
    with lab_of(directory, master_job_cache=name) as lab:
        done = subprocess.run(
            [*lab_words(), "master", "-c", str(lab.config)], capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 78
    assert f"master_job_cache: {name} cannot be used: " in done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def minion_options(directory: Path) -> dict[str, Any]:
    return {"module_dirs": [str(directory / "salt")], "textcache.file": str(directory / "cache")}


@pytest.mark.behaviour("RET-01", "RET-03", "RET-04")
def test_minions_bring_returns_to_their_returners_when_these_are_back(directory: Path):
    (directory / "cache.down").touch()
    with lab_of(directory, ext_job_cache="textcache") as lab:
        lab.start_master()
        lab.start_minions(["m1"], **minion_options(directory), **{"return": ["nosuch"]})
        for number in range(3):
            assert lab.run("run", "m1", "test.echo", f"n{number}").returncode == 0
        until(lambda: "returner textcache: the disk of the text cache is away" in lab.log("m1"), 15, "not tried")
        assert "Returner nosuch.returner could not be loaded" in lab.log("m1")
        lab.stop("m1", signal.SIGKILL)
        until(lambda: "m1" not in lab.connected(), 15, "still connected")
        lab.start_minion("m1")
        lab.wait_for_minions(["m1"])
        assert lab.run("run", "m1", "test.echo", "n3").returncode == 0
        (directory / "cache.down").unlink()
        until(lambda: len(lines(directory, "return")) == 4, 20, "not brought")
        assert lab.run("run", "m1", "test.ping").returncode == 0
        until(lambda: len(lines(directory, "return")) == 5, 20, "not brought")

        given = [(ret["id"], ret["fun"], ret["return"]) for ret in lines(directory, "return")]
        assert given == [*[("m1", "test.echo", f"n{number}") for number in range(4)], ("m1", "test.ping", True)]


@pytest.mark.behaviour("RET-02", "RET-05")
def test_a_returner_of_a_command_finds_its_options_in_grains_and_pillar(directory: Path):
    (directory / "pillar").mkdir()
    (directory / "pillar" / "top.sls").write_text("base: {'*': [db]}")
    (directory / "pillar" / "db.sls").write_text(f"alt.sqlite3.database: {directory}/alt.db")
    with lab_of(directory, pillar_roots={"base": [str(directory / "pillar")]}) as lab:
        lab.start_master()
        lab.start_minions(["m1"], grains={"sqlite3.database": str(directory / "grain.db")})
        kwargs = f"{{database: {directory}/given.db}}"
        lab.run("run", "--return", "sqlite3", "m1", "test.ping")
        lab.run("run", "--return", "sqlite3,sqlite3", "--return_config", "alt", "m1", "test.ping")
        lab.run("run", "--return", "sqlite3", "--return_kwargs", kwargs, "m1", "test.ping")

        for name in ("grain", "alt", "given"):
            until(lambda name=name: len(in_sqlite(directory / f"{name}.db")) == 1, 15, f"{name}: {lab.log('m1')}")


@pytest.mark.behaviour("RET-02")
def test_credentials_of_a_command_stay_out_of_logs_events_and_job_cache(directory: Path):
    with lab_of(directory, log_level_logfile="debug") as lab:
        lab.start_master()
        lab.start_minions(["m1"], log_level_logfile="debug")
        kwargs = f"{{database: {directory}/given.db, password: hunter2}}"
        jid = lab.run("run", "--async", "--return", "sqlite3", "--return_kwargs", kwargs, "m1", "test.ping").stdout
        until(lambda: len(in_sqlite(directory / "given.db")) == 1, 15, lambda: lab.log("m1"))
        jid = jid.split()[-1]
        shown = [
            lab.run("runner", "jobs.list_job", jid).stdout,
            lab.run("jobs", "show", jid, "--out", "json").stdout,
            repr(lab.ask("job", jid=jid)),
            repr([event["data"] for event in lab.socket.stream({"verb": "events", "after": 0, "count": 4})]),
            repr(in_sqlite(directory / "given.db")),
            lab.log("master"),
            lab.log("m1"),
        ]
    assert [text for text in shown if "hunter2" in text] == []
    assert "database" in shown[2]


@pytest.mark.behaviour("RET-02", "JOB-10")
def test_running_jobs_show_no_password(directory: Path):
    with lab_of(directory) as lab:
        lab.start_master()
        lab.start_minions(["m1"])
        words = ("--return", "sqlite3", "--return_kwargs", f"{{database: {directory}/x.db, password: hunter2}}")
        lab.run("run", "--async", *words, "m1", "test.sleep", "20")
        until(lambda: "test.sleep" in lab.run("run", "m1", "saltutil.running").stdout, 10, "it does not run")
        shown = lab.run("run", "m1", "saltutil.running").stdout
    assert "hunter2" not in shown
    assert "**********" in shown


def test_a_large_return_is_exported_and_one_that_is_refused_can_be_sent_again(directory: Path):
    options = {"master_job_cache": "textcache", "textcache.refuses": ["m2"]}
    with lab_of(directory, **options) as lab:
        lab.start_master()
        lab.start_minions(["m1", "m2"])
        command = "head -c 3000000 /dev/zero | tr '\\0' x"
        lab.run("run", "m2", "cmd.run", command, "python_shell=True")
        lab.run("run", "m1", "cmd.run", command, "python_shell=True")
        lab.run("run", "m1", "test.ping")
        until(lambda: lab.ask("exports", action="letters")["letters"], 40, "no dead letter")
        (letter,) = lab.ask("exports", action="letters")["letters"]
        assert letter["size"] > 3_000_000
        until(lambda: len(lines(directory, "return")) == 2, 15, "the others do not go on")
        # The operator mends it, the value having long expired.
        lab.stop_master()
        config = lab.config / "master"
        config.write_text(config.read_text().replace("m2", "nobody"))
        lab.start_master()
        assert lab.run("jobs", "dead-letters", "--retry").stdout == "1 dead letters were sent.\n"

    found = {ret["id"]: ret["return"] for ret in lines(directory, "return") if ret["fun"] == "cmd.run"}
    assert found == {"m1": "x" * 3_000_000, "m2": "x" * 3_000_000}


@pytest.mark.behaviour("MJC-11")
def test_without_a_job_cache_loads_are_exported_and_no_returns(directory: Path):
    with lab_of(directory, master_job_cache="textcache", job_cache=False) as lab:
        lab.start_master()
        lab.start_minions(["m1"])
        assert lab.run("run", "m1", "test.echo", "n1").returncode == 0
        until(lambda: lines(directory, "load"), 15, "no load")
        until(lambda: not lab.ask("exports")["exports"][0]["error"], 15, "it fails")
        assert lines(directory, "return") == []


@pytest.mark.behaviour("RET-07")
def test_events_that_waited_when_the_master_was_killed_are_sent_once(directory: Path):
    with lab_of(directory, event_return="textcache", event_return_whitelist=["my/*"]) as lab:
        lab.start_master()
        (directory / "cache.down").touch()
        for number in range(5):
            lab.ask("send_event", tag=f"my/{number}")
        until(lambda: lab.ask("exports")["exports"][0]["error"], 15, "it does not fail")
        time.sleep(0.2)  # longer than events may take to the disk
        lab.stop_master(signal.SIGKILL)
        (directory / "cache.down").unlink()
        lab.start_master()
        lab.ask("send_event", tag="my/5")
        until(lambda: sum(len(each["tags"]) for each in lines(directory, "events")) >= 6, 15, "not sent")

    assert [tag for each in lines(directory, "events") for tag in each["tags"]] == [f"my/{n}" for n in range(6)]


def in_sqlite(path: Path) -> list[tuple[Any, ...]]:
    try:
        with sqlite3.connect(path) as connection:
            return connection.execute("SELECT jid, id, fun, full_ret FROM salt_returns").fetchall()
    except sqlite3.OperationalError:
        return []


def lab_words() -> tuple[str, ...]:
    from lab import SALTERN

    return SALTERN


@pytest.mark.behaviour("RET-07")
def test_events_go_to_event_returners(directory: Path):
    options = {
        "event_return": ["textcache"],
        "event_return_whitelist": ["my/*"],
        "event_return_blacklist": ["my/secret*"],
        "event_return_queue": 3,
        "event_return_queue_max_seconds": 2,
    }
    with lab_of(directory, **options) as lab:
        lab.start_master()
        for number in range(4):
            lab.ask("send_event", tag=f"my/{number}")
            lab.ask("send_event", tag="my/secret")
            lab.ask("send_event", tag="other")
        until(lambda: sum(len(each["tags"]) for each in lines(directory, "events")) == 4, 15, "events do not come")

    found = [each["tags"] for each in lines(directory, "events")]
    assert [tag for tags in found for tag in tags] == ["my/0", "my/1", "my/2", "my/3"]
    assert len(found) <= 2


@pytest.mark.behaviour("MJC-11")
def test_minions_write_to_the_external_cache_and_the_master_keeps_outcomes(directory: Path):
    options = {"ext_job_cache": "sqlite3"}
    with lab_of(directory, **options) as lab:
        lab.start_master()
        lab.start_minions(["m1"], **{"sqlite3.database": str(directory / "ext.db")})
        done = lab.run("run", "m1", "test.echo", "hello", "--out", "json")
        assert json.loads(done.stdout) == {"m1": "hello"}

        until(lambda: in_sqlite(directory / "ext.db"), 15, lambda: f"the minion wrote nothing: {lab.log('m1')[-3000:]}")
        ((jid, minion, fun, full),) = in_sqlite(directory / "ext.db")
        assert (minion, fun, json.loads(full)["return"]) == ("m1", "test.echo", "hello")
        (outcome,) = lab.ask("outcomes", query={"jid": jid})["outcomes"]
        assert (outcome["state"], outcome["retcode"], outcome["size"]) == ("returned", 0, 0)
        assert outcome["elsewhere"] == len(b"\xa5hello")
