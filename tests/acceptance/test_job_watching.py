"""Waiting for jobs, and what the commands say when something does not come (JOB-18 to JOB-21)."""

from __future__ import annotations

import csv
import getpass
import io
import json
import re
import signal
import subprocess
import time

import pytest
from lab import until
from sites import Site, documents, part

pytestmark = pytest.mark.xdist_group("site")


@pytest.mark.behaviour("JOB-18")
def test_a_command_waits_for_a_job_that_runs_longer_than_its_timeout(site: Site) -> None:
    done = site.run("run", "web*", "-t", "0.5", "cmd.run", "sleep 1.5; echo done")
    assert done.returncode == 0
    assert done.stdout.count("done") == 2


@pytest.mark.behaviour("JOB-18", "JOB-19")
def test_a_minion_that_is_away_holds_nobody_up(site: Site) -> None:
    started = time.monotonic()
    done = site.run("run", "*", "test.ping")
    took = time.monotonic() - started

    assert "Minion did not return. [Not connected]" in done.stdout
    assert done.stdout.count("True") == 3
    assert done.returncode == 3
    assert "ERROR: 1 of 4 minions did not return" in done.stderr
    assert took < 30


@pytest.mark.behaviour("JOB-19", "TGT-05")
def test_rows_of_those_that_did_not_return_can_be_hidden(site: Site) -> None:
    shown = site.run("run", "-L", "web1,gone1,nobody", "test.ping", "--out", "json")
    hidden = site.run("run", "-L", "web1,gone1,nobody", "test.ping", "--hide-timeout", "--out", "json")

    rows = documents(shown.stdout)
    assert rows["web1"] is True
    assert rows["gone1"].startswith("Minion did not return. [Not connected]")
    assert rows["nobody"].startswith("Minion did not return. [No accepted key]")
    assert documents(hidden.stdout) == {"web1": True}
    assert (shown.returncode, hidden.returncode) == (3, 3)


@pytest.mark.behaviour("JOB-19")
def test_a_minion_that_does_not_answer_is_named_with_a_way_to_look_it_up(site: Site) -> None:
    pid = site.pid("db1")
    link = int(subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True).stdout.split()[0])
    subprocess.run(["kill", "-STOP", str(link)], check=True)
    try:
        done = site.run("run", "db1", "-t", "1", "--show-jid", "test.ping")
    finally:
        subprocess.run(["kill", "-CONT", str(link)], check=True)
    jid = re.search(r"jid: (\d{20})", done.stdout)[1]

    assert "Minion did not return. [No response]" in done.stdout
    assert f"saltern runner jobs.lookup_jid {jid}" in done.stdout
    assert done.returncode == 2
    # The late return is kept.
    until(lambda: site.state(jid, "db1") == "returned", 15, "the late return is lost")
    assert site.json("runner", "jobs.lookup_jid", jid) == {"db1": True}


@pytest.mark.behaviour("JOB-18")
def test_a_job_that_stays_due_is_done_when_the_minion_comes_back(site: Site) -> None:
    jid = site.jid_of("gone1", "--deliver-within", "10m", "test.ping")
    assert site.state(jid, "gone1") == "queued"
    site.start_minion("gone1")
    try:
        site.until_state(jid, "gone1", "returned")
    finally:
        site.stop("gone1")
        until(lambda: "gone1" not in site.connected(), 10, "gone1 is still there")
    assert site.json("runner", "jobs.lookup_jid", jid) == {"gone1": True}


@pytest.mark.behaviour("JOB-20")
def test_async_prints_the_jid_and_ends(site: Site) -> None:
    started = time.monotonic()
    done = site.run("run", "web1", "--async", "cmd.run", "sleep 30")
    jid = re.fullmatch(r"Executed command with job ID: (\d{20})\n", done.stdout)[1]

    assert done.returncode == 0
    assert time.monotonic() - started < 25
    assert site.run("jobs", "cancel", jid).stdout == f"Job {jid} is cancelled on web1.\n"
    site.until_state(jid, "web1", "cancelled")


@pytest.mark.behaviour("JOB-20")
def test_the_jid_is_shown_when_asked_for(site: Site) -> None:
    verbose = site.run("run", "web1", "-v", "test.ping").stdout.splitlines()
    jid = re.fullmatch(r"Executing job with jid (\d{20})", verbose[0])[1]

    assert verbose[1] == "-" * len(verbose[0])
    assert site.run("run", "web1", "--show-jid", "test.ping").stdout.startswith("jid: ")
    assert site.json("runner", "jobs.lookup_jid", jid) == {"web1": True}


@pytest.mark.behaviour("JOB-20")
def test_interrupting_the_command_leaves_the_job_alone(site: Site) -> None:
    watching = site.spawn("run", "web1", "cmd.run", "sleep 2; echo survived", stdout=-1, stderr=-1)
    until(lambda: bool(site.json("run", "web1", "saltutil.running")["web1"]), 15, "it does not run")
    watching.send_signal(signal.SIGINT)
    _, err = watching.communicate(timeout=20)
    jid = re.search(r"saltern runner jobs.lookup_jid (\d{20})", err)[1]

    assert watching.returncode == 130
    assert jid in err
    site.until_state(jid, "web1", "returned")
    assert site.json("runner", "jobs.lookup_jid", jid) == {"web1": "survived"}


@pytest.mark.behaviour("JOB-21")
def test_exit_codes_tell_who_failed(site: Site) -> None:
    assert site.run("run", "web*", "test.ping").returncode == 0
    failed = site.run("run", "web*", "cmd.run", "test $(hostname) = nowhere")
    assert failed.returncode == 1
    assert failed.stderr.count("ERROR: Minions returned with non-zero exit code") == 1
    assert site.run("run", "gone1", "test.ping").returncode == 2


@pytest.mark.behaviour("CLI-08")
def test_the_summary_counts(site: Site) -> None:
    lines = site.run("run", "*", "test.ping", "--summary").stdout.splitlines()
    assert "# of minions targeted: 4" in lines
    assert "# of minions returned: 3" in lines
    assert "# of minions that did not return: 1" in lines
    assert "# of minions with errors: 0" in lines


@pytest.mark.behaviour("CLI-02")
def test_static_output_is_one_document(site: Site) -> None:
    done = site.run("run", "web*", "test.ping", "--static", "--out", "json")
    assert json.loads(done.stdout) == {"web1": True, "web2": True}


@pytest.mark.behaviour("CLI-02")
def test_the_output_of_a_command_is_seen_while_it_runs(site: Site) -> None:
    command = "echo first; sleep 2; echo last"
    with site.spawn("run", "web1", "--follow", "cmd.run", command, stdout=subprocess.PIPE) as watching:
        assert watching.stdout
        line = watching.stdout.readline()
        assert "first" in line
        assert watching.poll() is None
        rest = watching.stdout.read()
    assert "last" in rest
    assert watching.returncode == 0


@pytest.mark.behaviour("TGT-03", "TGT-04")
@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("web*",), ["web1", "web2"]),
        (("-E", "(web|db)1"), ["db1", "web1"]),
        (("-L", "db1, web2"), ["db1", "web2"]),
        (("-G", "role:web"), ["web1", "web2"]),
        (("-P", "role:(web|db)$"), ["db1", "web1", "web2"]),
        (("-S", "127.0.0.1"), ["db1", "web1", "web2", "gone1"]),
        (("-N", "webs"), ["web1", "web2"]),
        (("-N", "all_db"), ["db1"]),
        (("-C", "G@role:web and not web2"), ["web1"]),
        (("-C", "L@web1,web2 and E@.*2 or db1"), ["db1", "web2"]),
        (("-C", "( web1 or db1 ) and not G@role:db"), ["web1"]),
        (("-C", "N@webs and web1"), ["web1"]),
    ],
)
def test_targets_mean_the_same_to_the_master_and_to_the_minions(
    site: Site, words: tuple[str, ...], meant: list[str]
) -> None:
    assert site.json("run", *words, "--preview-target") == sorted(meant)
    done = site.run("run", *words, "test.ping", "--out", "json")
    away = {"gone1"} & set(meant)
    assert {minion for minion, value in documents(done.stdout).items() if value is True} == set(meant) - away
    assert done.returncode == (3 if away else 0)


def test_a_job_is_cancelled_on_one_minion_alone(site: Site) -> None:
    jid = site.jid_of("web*", "cmd.run", "sleep 2; echo done")
    for minion in ("web1", "web2"):
        site.until_state(jid, minion, "running")
    assert site.json("jobs", "cancel", jid, "--minion", "web1") == [{"jid": jid, "minion": "web1"}]
    site.until_state(jid, "web1", "cancelled")
    site.until_state(jid, "web2", "returned")

    assert site.outcomes(jid)["web1"]["by"] == getpass.getuser()
    shown = site.json("jobs", "show", jid)
    assert {state: count for state, count in shown["counts"].items() if count} == {"cancelled": 1, "returned": 1}
    assert shown["returns"] == {"web2": "done"}


def test_whatever_runs_on_a_minion_is_cancelled_with_all_that_it_started(site: Site) -> None:
    marker = f"31{time.time_ns() % 10**6}"
    jids = [site.jid_of("web1", "cmd.run", f"sleep {marker} & sleep {marker}") for _ in range(2)]
    for jid in jids:
        site.until_state(jid, "web1", "running")
    until(lambda: processes(marker) >= 4, 10, "the commands do not run")
    cancelled = site.json("jobs", "cancel", "--minion", "web1")
    for jid in jids:
        site.until_state(jid, "web1", "cancelled")

    assert sorted(row["jid"] for row in cancelled) == jids
    until(lambda: processes(marker) == 0, 10, "something goes on")


def processes(word: str) -> int:
    return len(subprocess.run(["pgrep", "-f", f"sleep {word}"], capture_output=True, text=True).stdout.split())


def test_a_job_is_run_again(site: Site) -> None:
    first = site.jid_of("web*", "cmd.run", "test -e /nonexistent || exit 5")
    for minion in ("web1", "web2"):
        site.until_state(first, minion, "failed")
    again = site.run("jobs", "rerun", first)
    [second] = re.findall(r"\d{20}", again.stderr.splitlines()[0])

    assert again.returncode == 1
    assert second > first
    shown = site.json("jobs", "show", second)
    assert (shown["job"]["fun"], shown["job"]["tgt"]) == ("cmd.run", "web*")
    assert site.run("jobs", "rerun", "--failed-only", site.jid_of("web1", "test.ping")).returncode == 0


def test_jobs_are_exported_as_lines(site: Site) -> None:
    jid = site.jid_of("web*", "test.echo", 'a,b\n"c"')
    for minion in ("web1", "web2"):
        site.until_state(jid, minion, "returned")
    lines = [json.loads(line) for line in site.run("jobs", "export", jid).stdout.splitlines()]
    rows = list(csv.DictReader(io.StringIO(site.run("jobs", "export", jid, "--out", "csv").stdout)))

    assert {(line["minion"], line["return"], line["state"]) for line in lines} == {
        ("web1", 'a,b\n"c"', "returned"), ("web2", 'a,b\n"c"', "returned"),
    }  # fmt: skip
    assert [json.loads(row["return"]) for row in rows] == ['a,b\n"c"'] * 2
    assert {row["jid"] for row in rows} == {jid}


def test_a_job_that_takes_too_long_is_ended(site: Site) -> None:
    done = site.run("run", "web1", "--job-timeout", "1s", "cmd.run", "sleep 60")
    assert "Timed out" in done.stdout
    assert done.returncode == 2


@pytest.mark.behaviour("EVT-05", "EVT-06")
def test_events_are_sent_and_watched(site: Site) -> None:
    watching = site.spawn("events", "tail", "-m", "myco/*", "--from-start", "--count", "2", stdout=-1)
    site.run("events", "send", "myco/deploy", "version=1.2", "ready=true")
    site.run("run", "web1", "event.send", "myco/told", '{"load": 3}')
    out, _ = watching.communicate(timeout=20)
    (first, deploy), (second, told) = (line.split("\t") for line in out.splitlines())

    assert (first, second) == ("myco/deploy", "myco/told")
    assert part(json.loads(deploy), {"version": 1.2, "ready": True}) == {"version": 1.2, "ready": True}
    told = json.loads(told)
    golden = {"cmd": "_minion_event", "id": "web1", "tag": "myco/told", "data": {"load": 3}}
    assert part(told, golden) == golden
    assert "_stamp" in told


@pytest.mark.behaviour("EVT-02", "EVT-04")
def test_the_start_of_a_minion_is_an_event(site: Site) -> None:
    [(tag, data)] = site.events("salt/minion/web1/start", 1)
    assert tag == "salt/minion/web1/start"
    golden = {"cmd": "_minion_event", "id": "web1", "pretag": None, "tag": "salt/minion/web1/start"}
    assert part(data, golden) == golden
    assert re.fullmatch(r"Minion web1 started at \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}", data["data"])
