"""The saltutil module tells of running jobs, signals them, and brings plugins from the file tree."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from shipped import Shipped

from saltern.plugin_api.files import TreeFiles
from saltern.plugin_api.sync import sync_kind

JID = "20261122085142537545"


@pytest.fixture
def minion(tmp_path):
    shipped = Shipped(tmp_path)
    (tmp_path / "cache" / "proc").mkdir(parents=True)
    yield shipped
    shipped.space.close()


@pytest.fixture
def sleeper():
    """A process that leads a group with a child in it, as a job does."""
    script = "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout
    process.child = int(process.stdout.readline())  # type: ignore[attr-defined]
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def record(minion: Shipped, jid: str, pid: int, fun: str | list[str] = "cmd.run") -> dict:
    job = {"jid": jid, "fun": fun, "arg": [], "pid": pid, "tgt": "*", "tgt_type": "glob", "ret": "", "user": "root"}
    (minion.work / "cache" / "proc" / jid).write_bytes(msgspec.msgpack.encode(job))
    return job


@pytest.mark.behaviour("JOB-10")
def test_running_jobs_are_told_from_their_records(minion, sleeper):
    one = record(minion, JID, sleeper.pid)
    record(minion, "20261122085142537546", os.getpid())
    (minion.work / "cache" / "proc" / "20261122085142537547").write_bytes(b"\x81\xa3pid")
    (minion.work / "cache" / "proc" / "20261122085142537548").write_bytes(msgspec.msgpack.encode({"pid": "x"}))
    gone = subprocess.Popen(["true"])
    gone.wait()
    record(minion, "20261122085142537549", gone.pid)
    assert minion.call("saltutil.running") == [one]
    assert minion.call("saltutil.is_running", "cmd.*") == [one]
    assert minion.call("saltutil.is_running", "test.*") == []
    assert minion.call("saltutil.find_job", JID) == one
    assert minion.call("saltutil.find_job", "20200101000000000000") == {}


@pytest.mark.behaviour("JOB-10")
def test_without_any_record_nothing_runs(tmp_path):
    shipped = Shipped(tmp_path)
    assert shipped.call("saltutil.running") == []
    assert shipped.call("saltutil.term_all_jobs") == []
    assert shipped.call("saltutil.term_job", JID) == ""
    shipped.space.close()


@pytest.mark.behaviour("JOB-10")
@pytest.mark.parametrize(
    ("fun", "args"), [("term_job", [JID]), ("kill_job", [JID]), ("signal_job", [JID, "SIGTERM"]), ("kill_all_jobs", [])]
)
def test_a_signal_reaches_the_job_and_all_that_it_started(minion, sleeper, fun, args):
    record(minion, JID, sleeper.pid, ["cmd.run", "test.ping"])
    number = 9 if "kill" in fun else 15
    text = f"Signal {number} sent to job {JID} at pid {sleeper.pid}"
    answer = minion.call(f"saltutil.{fun}", *args)
    assert answer == ([text] if "all" in fun else text)
    assert sleeper.wait(10) == -number
    deadline = time.monotonic() + 10
    while _runs(sleeper.child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _runs(sleeper.child)


def test_what_is_no_signal_is_refused(minion, sleeper):
    record(minion, JID, sleeper.pid)
    assert minion.outcome("saltutil.signal_job", JID, "NOSUCH").value == "ERROR: 'NOSUCH' is no signal"
    assert minion.outcome("saltutil.signal_job", JID, 4711).retcode == 1
    assert sleeper.poll() is None


@pytest.mark.behaviour("LDR-08")
def test_plugins_come_from_the_file_tree_and_go_with_it(minion):
    minion.write("base/_modules/own.py", "def f(): return 1\n")
    minion.write("base/_modules/pack/sub.py", "")
    minion.write("base/_states/s.py", "def f(name): return {}\n")
    minion.write("base/_output/o.py", "def output(data): return ''\n")
    found = minion.call("saltutil.sync_all")
    assert found["modules"] == ["modules.own", "modules.pack.sub"]
    assert (found["states"], found["output"], found["sdb"]) == (["states.s"], ["output.o"], [])
    assert minion.call("own.f") == 1
    assert ("module_refresh", {}, True) in minion.events
    assert minion.call("saltutil.list_extmods")["modules"] == ["own", "sub"]
    minion.write("base/_modules/own.py", "def f(): return 2\n")
    assert minion.call("saltutil.sync_modules") == ["modules.own"]
    assert minion.call("own.f") == 2
    (minion.work / "base" / "_modules" / "own.py").unlink()
    assert minion.call("saltutil.sync_modules") == []
    assert minion.outcome("own.f").value == "'own.f' is not available."
    files = sorted(path.name for path in (minion.work / "cache" / "extmods" / "modules").rglob("*.py*"))
    assert files == ["sub.py"]


@pytest.mark.behaviour("LDR-08")
def test_environments_and_lists_choose_what_comes(minion):
    minion.write("base/_modules/one.py", "WHERE = 'base'\n")
    minion.write("dev/_modules/one.py", "WHERE = 'dev'\n")
    minion.write("dev/_modules/two.py", "")
    assert minion.call("saltutil.sync_modules", saltenv="dev,base", extmod_blacklist="t*") == ["modules.one"]
    assert "dev" in (minion.work / "cache" / "extmods" / "modules" / "one.py").read_text()
    found = minion.call("saltutil.sync_all", saltenv=["dev"], extmod_whitelist={"modules": ["two"]})
    assert found["modules"] == ["modules.two"]
    assert minion.call("saltutil.list_extmods")["modules"] == ["two"]


@pytest.mark.behaviour("LDR-08")
@pytest.mark.parametrize(
    ("fun", "folder"),
    [
        (kind, kind)
        for kind in ("beacons", "engines", "executors", "grains", "matchers", "pillar", "renderers", "returners")
    ]
    + [(kind, kind) for kind in ("sdb", "serializers", "states", "thorium", "tops", "utils", "wrapper", "clouds")]
    + [("output", "output"), ("outputters", "output"), ("proxymodules", "proxy"), ("log_handlers", "log_handlers")],
)
def test_each_kind_comes_alone(minion, fun, folder):
    minion.write(f"base/_{folder}/x.py", "")
    assert minion.call(f"saltutil.sync_{fun}") == [f"{folder}.x"]
    assert minion.call(f"saltutil.sync_{fun}") == []
    assert (minion.work / "cache" / "extmods" / folder / "x.py").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("saltenv", [None, "", []])
def test_without_an_environment_it_is_base(minion, saltenv):
    minion.write("base/_modules/one.py", "")
    assert minion.call("saltutil.sync_modules", saltenv, extmod_blacklist="") == ["modules.one"]


@pytest.mark.parametrize(
    "path", ["_modules/../../evil.py", "/etc/evil.py", "_modules/./x.py", "_modulesX/x.py", "_modules/a\0.py"]
)
def test_a_path_that_leads_out_is_left_alone(tmp_path, path):
    answers = {"file_list": [path], "file_hash": {}, "file_read": b""}

    def request(verb, args):
        return dict.fromkeys(args["paths"], "0" * 64) if verb == "file_hash" else answers[verb]

    assert sync_kind(TreeFiles(request), "modules", tmp_path / "a" / "b", ["base"]) == ([], False)
    assert list(tmp_path.rglob("*")) == []


def test_a_file_that_changes_while_it_is_read_is_not_taken(tmp_path):
    def request(verb, args):
        if verb == "file_read":
            return b"other" if args["offset"] == 0 else None
        return ["_modules/x.py"] if verb == "file_list" else {"_modules/x.py": "0" * 64}

    with pytest.raises(Exception, match="changed while it was read"):
        sync_kind(TreeFiles(request), "modules", tmp_path, ["base"])
    assert list(tmp_path.iterdir()) == []


def test_without_a_file_tree_nothing_can_be_brought(tmp_path):
    alone = Shipped(tmp_path, connected=False)
    assert alone.outcome("saltutil.sync_modules").value == "ERROR: there is no file tree to synchronise with"
    assert [alone.call("saltutil.refresh_grains"), alone.call("saltutil.revoke_auth")] == [True, False]
    alone.space.close()


@pytest.mark.behaviour("LDR-09")
@pytest.mark.parametrize(
    ("fun", "tag"),
    [
        ("refresh_modules", "module_refresh"),
        ("refresh_grains", "grains_refresh"),
        ("refresh_matchers", "matchers_refresh"),
        ("refresh_beacons", "beacons_refresh"),
    ],
)
def test_the_minion_is_told_to_look_again(minion, fun, tag):
    assert minion.call(f"saltutil.{fun}") is True
    assert [(event[0], event[2]) for event in minion.events] == [(tag, True)]


def test_caches_are_cleared_and_results_are_not(minion):
    kept = minion.write("cache/proc/x", "")
    gone = minion.write("cache/files/base/x", "")
    assert minion.call("saltutil.clear_cache") is True
    assert (kept.exists(), gone.exists()) == (True, False)


def test_kept_returns_are_found_and_cleared_by_age(minion):
    assert "Local jobs cache directory not found" in minion.call("saltutil.find_cached_job", JID)
    path = minion.write(f"cache/minion_jobs/{JID}/return.p", "")
    path.write_bytes(msgspec.msgpack.encode({"return": True}))
    assert minion.call("saltutil.find_cached_job", JID) == {"return": True}
    minion.write("cache/return.p", "1")
    for elsewhere in ("../minion_jobs/" + JID, "..", ""):
        assert minion.call("saltutil.find_cached_job", elsewhere) is None
    assert minion.call("saltutil.clear_job_cache", 1) is True
    assert path.exists()
    os.utime(path.parent, (1, 1))
    assert minion.call("saltutil.clear_job_cache") is True
    assert not path.exists()


def test_the_master_is_asked_to_forget_the_key(minion):
    assert minion.call("saltutil.revoke_auth") is True
    assert minion.asked == [("revoke_auth", {"preserve_minion_cache": False})]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
