"""Functions that raise, hang, fork, print binary, end their process: each is one outcome, and the minion goes on."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import record
from fault_lab import running_lab
from lab import Lab

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("functions")]

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Lab]:
    with running_lab("m", master={"heartbeat_interval": 2.0}) as lab:
        yield lab


@pytest.fixture
def lab(laboratory: Lab) -> Iterator[Lab]:
    """After each test the minion is the same process, answers, and nothing of the job is left on it."""
    supervisor, link = laboratory.pid("m"), laboratory.link_of("m")
    yield laboratory
    assert record.returned(laboratory, "m", "faulty.echo", "x") == {"args": ["x"], "kwargs": {}}
    record.wait_until_clean(laboratory, ["m"])
    assert laboratory.pid("m") == supervisor
    assert laboratory.link_of("m") == link, "the link was started again"


def run(lab: Lab, fun: str, *arg: Any, **options: Any) -> dict[str, Any]:
    """Run a function to its end: its outcome, with the `value`."""
    jid = record.publish(lab, "m", fun, *arg, **options)
    record.wait_until_over(lab, jid)
    return record.outcome(lab, jid, "m") | {"value": record.value(lab, jid, "m")}


def process_ids(path: Path) -> list[int]:
    record.soon(path.exists, "the function did not get so far")
    return [int(word) for word in path.read_text().split()]


def wait_until_dead(pids: list[int]) -> None:
    record.soon(lambda: not any(map(record.is_alive, pids)), f"still there: {pids}")


# --- how a call ends -------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("JOB-13")
@pytest.mark.parametrize(
    ("fun", "arg", "said"),
    [
        ("faulty.fail", ["it broke"], "it broke"),
        ("faulty.fail", ["\x00 ' \" ${IFS} ☃"], "☃"),
        ("faulty.recurse", [], "RecursionError"),
        ("faulty.system_exit", [3], "SystemExit"),
        ("faulty.not_there", [], "is not available"),
        ("faulty.fail", [], "missing 1 required positional argument"),
        ("nowhere.at_all", [], "is not available"),
    ],
)
def test_a_function_that_raises_is_a_failed_return_that_says_so(lab: Lab, fun: str, arg: list[Any], said: str) -> None:
    found = run(lab, fun, *arg)
    assert found["state"] == "failed"
    assert found["retcode"] == 1
    assert said in str(found["value"])


@pytest.mark.parametrize(
    ("fun", "arg", "said"),
    [
        ("faulty.end_process", [0], "exited with status 0"),
        ("faulty.end_process", [7], "exited with status 7"),
        ("faulty.base_exception", [], "exited with status 70"),
        ("faulty.kill_itself", [], "ended by signal 9"),
    ],
)
def test_a_function_that_ends_its_process_is_a_failed_outcome_with_the_reason(
    lab: Lab, fun: str, arg: list[Any], said: str
) -> None:
    found = run(lab, fun, *arg)
    assert found["state"] == "failed"
    assert said in found["reason"]
    assert said in found["value"]


@pytest.mark.parametrize(
    ("fun", "value"),
    [
        ("faulty.print_binary", "printed"),
        ("faulty.close_descriptors", "closed"),
        ("faulty.stubborn_threads", "left a thread"),
        ("faulty.change_directory", "/"),
    ],
)
def test_what_a_function_does_to_its_process_does_not_keep_its_return_back(lab: Lab, fun: str, value: str) -> None:
    found = run(lab, fun)
    assert (found["state"], found["value"]) == ("returned", value)


def test_a_value_that_has_no_form_comes_as_text(lab: Lab) -> None:
    value = run(lab, "faulty.strange_value")["value"]
    assert "no repr" not in value["object"]
    assert "Strange" in value["object"]
    assert value["('a', 1)"] == [1, 2, 3]
    assert value["big"] == str(1 << 200)
    assert value["bytes"] == b"\x00\xff"
    assert "strange_value" in value["function"]


def test_a_value_that_is_nested_too_deep_is_cut_off(lab: Lab) -> None:
    assert run(lab, "faulty.deep_value")["state"] in ("returned", "failed")


def test_a_forked_copy_of_a_job_does_not_return_a_second_time(lab: Lab, tmp_path: Path) -> None:
    found = run(lab, "faulty.fork_and_return", str(tmp_path / "pid"))
    assert (found["state"], found["value"]) == ("returned", "the original")
    wait_until_dead(process_ids(tmp_path / "pid"))
    time.sleep(0.2)
    assert record.value(lab, found["jid"], "m") == "the original"


def test_a_daemon_that_a_job_starts_lives_on_and_does_not_keep_the_job_open(lab: Lab, tmp_path: Path) -> None:
    found = run(lab, "faulty.daemonise", str(tmp_path / "pid"))
    (daemon,) = process_ids(tmp_path / "pid")
    try:
        assert (found["state"], found["value"]) == ("returned", "started")
        assert record.is_alive(daemon)
        lab.link_of("m")
    finally:
        os.kill(daemon, signal.SIGKILL)


# --- what does not end by itself -------------------------------------------------------------------------------------


def test_a_job_that_runs_too_long_ends_with_all_that_it_started(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "pids"
    jid = record.publish(lab, "m", "faulty.hang", str(path), timeout=1.5)
    pids = process_ids(path)
    assert len(pids) == 3
    found = record.wait_for_state(lab, jid, "m", "timed_out")
    assert "1.5 s" in found["reason"]
    wait_until_dead(pids)


def test_a_job_that_is_cancelled_ends_with_all_that_it_started(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "pids"
    jid = record.publish(lab, "m", "faulty.hang", str(path))
    pids = process_ids(path)
    before = time.time()
    assert lab.ask("cancel", jid=jid)["cancelled"] == [[jid, "m"]]
    found = record.wait_for_state(lab, jid, "m", "cancelled")
    assert found["by"]
    assert before - 1 < found["finished"] < time.time() + 1
    wait_until_dead(pids)


def test_a_job_that_is_cancelled_before_it_has_a_process_never_runs_on(lab: Lab, tmp_path: Path) -> None:
    for number in range(15):
        notes = tmp_path / str(number)
        jid = record.publish(lab, "m", "faulty.note", str(notes), 30)
        lab.ask("cancel", jid=jid)
        record.wait_for_state(lab, jid, "m", "cancelled")
    record.soon(lambda: not jobs_of(lab), f"jobs run on: {jobs_of(lab)}")


def jobs_of(lab: Lab) -> list[psutil.Process]:
    """The processes of jobs on the minion."""
    found = []
    for child in psutil.Process(lab.pid("m")).children():
        try:
            if child.name().startswith("job") and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def test_cancelling_again_and_what_is_over_changes_nothing(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "pids"
    jid = record.publish(lab, "m", "faulty.hang", str(path))
    pids = process_ids(path)
    for _ in range(5):
        lab.ask("cancel", jid=jid)
    found = record.wait_for_state(lab, jid, "m", "cancelled")
    assert lab.ask("cancel", jid=jid)["cancelled"] == []
    assert record.outcome(lab, jid, "m") == found
    wait_until_dead(pids)


def test_a_timeout_counts_on_when_the_minions_link_is_started_again(laboratory: Lab, tmp_path: Path) -> None:
    path = tmp_path / "pids"
    jid = record.publish(laboratory, "m", "faulty.hang", str(path), timeout=3)
    pids = process_ids(path)
    laboratory.link_of("m").kill()
    record.wait_for_state(laboratory, jid, "m", "timed_out")
    wait_until_dead(pids)
    laboratory.wait_for_minions(["m"])


def test_a_job_that_was_cancelled_while_its_minion_was_away_ends_when_it_comes_back(
    laboratory: Lab, tmp_path: Path
) -> None:
    lab, path = laboratory, tmp_path / "pids"
    jid = record.publish(lab, "m", "faulty.hang", str(path))
    pids = process_ids(path)
    record.wait_for_state(lab, jid, "m", "running")
    lab.kill_only("m")
    record.soon(lambda: "m" not in lab.connected(), "the minion is still there")
    lab.ask("cancel", jid=jid)
    assert record.state(lab, jid, "m") == "cancelled"
    lab.start_minion("m")
    wait_until_dead(pids)
    record.wait_until_clean(lab, ["m"])
    assert record.state(lab, jid, "m") == "cancelled"
    lab.wait_for_minions(["m"])


# --- size and number -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("megabytes", [1, 120])
def test_a_large_return_arrives_whole_and_the_master_stays_small(lab: Lab, megabytes: int) -> None:
    master = psutil.Process(lab.pid("master"))
    before = master.memory_info().rss
    jid = record.publish(lab, "m", "faulty.large", megabytes)
    most = 0
    end = time.monotonic() + 40
    while record.state(lab, jid, "m") != "returned":
        assert time.monotonic() < end, record.outcome(lab, jid, "m")
        most = max(most, master.memory_info().rss - before)
        time.sleep(0.02)
    size = 0
    with lab.socket.stream({"verb": "body", "jid": jid, "minion": "m"}) as pieces:
        for piece in pieces:
            size += len(piece["data"])
            most = max(most, master.memory_info().rss - before)
    assert size == (megabytes << 20) + 5
    assert most < 80 * MEGABYTE, f"the master grew by {most >> 20} MiB"


def test_hundreds_of_jobs_at_once_are_as_many_outcomes(lab: Lab, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    jids = [record.publish(lab, "m", "faulty.note", str(notes)) for _ in range(450)]
    record.wait_until_over(lab, seconds=60)
    assert record.executions(notes) == {(jid, "m"): 1 for jid in jids}


@pytest.mark.parametrize(("part", "free"), [("supervisor", 0), ("link", 1)])  # a link needs one to write returns down
def test_a_minion_without_file_descriptors_says_so_and_recovers(lab: Lab, part: str, free: int) -> None:
    process = psutil.Process(lab.pid("m")) if part == "supervisor" else lab.link_of("m")
    before = process.rlimit(psutil.RLIMIT_NOFILE)
    process.rlimit(psutil.RLIMIT_NOFILE, (limit_that_leaves(free, process.pid), before[1]))
    try:
        found = [run(lab, "faulty.echo", "x") for _ in range(3)]
    finally:
        process.rlimit(psutil.RLIMIT_NOFILE, before)
    assert "could not start a process" in found[-1]["reason"]
    assert {row["state"] for row in found} <= {"failed", "returned"}


def limit_that_leaves(free: int, pid: int) -> int:
    """The limit under which a process can have so many more files open."""
    taken = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
    numbers = (number for number in itertools.count() if number not in taken)
    return next(itertools.islice(numbers, free, None))


# --- what goes through is what was given -----------------------------------------------------------------------------

ODD_TEXTS = (
    "'; DROP TABLE job; --", '" OR 1=1', "$(touch escaped) `touch escaped` ; | & > escaped < \\ \n *",
    "../../etc/passwd", "\0", "\0\1\2", "%s%n{0}{{ grains }}", "☃ \u202e \U0001f4a9", "", " ", "-", "--help", "a=b",
    "x" * 100_000, "\r\n\r\n", "null", "~", "[1, 2", "NaN",
)  # fmt: skip


def test_odd_arguments_arrive_as_they_were_given(lab: Lab) -> None:
    nested = {text: [text, {text: None}] for text in ODD_TEXTS}
    found = run(lab, "faulty.echo", *ODD_TEXTS, nested, {"__kwarg__": True, "key word": ODD_TEXTS[0]})
    assert found["value"] == {"args": [*ODD_TEXTS, nested], "kwargs": {"key word": ODD_TEXTS[0]}}


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_texts_are_harmless_in_every_field_of_a_job(lab: Lab, text: str) -> None:
    fields = {"ret": text, "ret_config": text, "metadata": {text: text}, "kwargs": {text: text}, "user": ""}
    jid = record.publish(lab, "m", "test.echo", text, **fields)
    record.wait_until_over(lab, jid)
    assert record.value(lab, jid, "m") == text
    assert lab.ask("job", jid=jid)["job"]["metadata"] == {text: text}
    query = {"functions": [text], "targets": [text], "users": [text], "minion": text, "metadata": {text: text}}
    assert lab.ask("jobs", query=query)["jobs"] == []
    assert record.outcomes(lab, text) == [] or not text
    assert not list(lab.root.rglob("escaped"))


@pytest.mark.parametrize("text", [text for text in ODD_TEXTS if text.strip()])
def test_odd_targets_match_nobody_or_are_refused(lab: Lab, text: str) -> None:
    before = set(record.jobs(lab))
    for kind in ("glob", "pcre", "list", "grain", "compound"):
        done = lab.socket
        try:
            done.ask({"verb": "publish", "tgt": text, "tgt_type": kind, "fun": "test.ping"})
        except Exception as error:
            assert type(error).__module__ == "saltern.errors", error
            assert "a fault of Saltern" not in getattr(error, "hint", "")
    for jid in set(record.jobs(lab)) - before:
        assert record.outcomes(lab, jid) == [], jid


@pytest.mark.parametrize("argument", [b"caf\xe9", b"\xff\xfe", b"\xed\xa0\x80", b"ok \x80"])
def test_an_argument_that_is_no_utf8_is_refused_with_a_reason(lab: Lab, argument: bytes) -> None:
    done = lab.run("run", "m", "test.echo", os.fsdecode(argument))
    assert done.returncode == 64, done.stderr
    assert "UTF-8" in done.stderr
    assert "Traceback" not in done.stderr
