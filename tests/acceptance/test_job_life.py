"""The life of a job on a running system: what is said of it, by whom, in which shape."""

from __future__ import annotations

import getpass
import os
import re
import time

import pytest
from lab import until
from sites import Site, documents, part

from saltern.errors import NoMinionsMatched

pytestmark = pytest.mark.xdist_group("site")
USER = getpass.getuser()


@pytest.mark.behaviour("JOB-01", "JOB-02", "JOB-04")
def test_a_publish_answers_with_a_jid_that_says_when(site: Site) -> None:
    before = time.strftime("%Y%m%d%H%M%S", time.gmtime())
    answer = site.ask("publish", fun="test.ping", tgt=["web1", "web2", "nobody"], tgt_type="list")
    after = time.strftime("%Y%m%d%H%M%S", time.gmtime())

    assert re.fullmatch(r"\d{20}", answer["jid"])
    assert before <= answer["jid"][:14] <= after
    assert (answer["minions"], answer["missing"]) == (["web1", "web2"], ["nobody"])
    jid = answer["jid"]
    started = site.json("runner", "jobs.list_job", jid)["StartTime"]
    moment = time.strptime(jid[:14], "%Y%m%d%H%M%S")
    assert started == time.strftime("%Y, %b %d %H:%M:%S.", moment) + jid[14:]


@pytest.mark.behaviour("JOB-01")
def test_jids_grow_and_never_repeat(site: Site) -> None:
    jids = [site.ask("publish", fun="test.ping", tgt="web1")["jid"] for _ in range(50)]
    assert jids == sorted(set(jids))


@pytest.mark.behaviour("JOB-04")
def test_a_target_without_minions_starts_nothing(site: Site) -> None:
    jobs = len(site.ask("jobs", query={})["jobs"])
    with pytest.raises(NoMinionsMatched):
        site.ask("publish", fun="test.ping", tgt="nobody*")
    done = site.run("run", "nobody*", "test.ping")

    assert "No minions matched the target. No command was sent, no jid was assigned." in done.stdout + done.stderr
    assert "ERROR: No return received" in done.stderr
    assert done.returncode == 2
    assert len(site.ask("jobs", query={})["jobs"]) == jobs


@pytest.mark.behaviour("JOB-07", "EVT-02", "EVT-04")
def test_the_event_of_a_new_job_comes_before_those_of_its_returns(site: Site) -> None:
    jid = site.jid_of("-L", "web1,web2,nobody", "test.ping")
    (tag, new), *returns = site.events(f"salt/job/{jid}/*", 3)

    assert tag == f"salt/job/{jid}/new"
    golden = {"jid": jid, "tgt": ["web1", "web2", "nobody"], "tgt_type": "list", "fun": "test.ping", "arg": [],
              "user": USER, "minions": ["web1", "web2"], "missing": ["nobody"]}  # fmt: skip
    assert part(new, golden) == golden
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", new["_stamp"])
    assert sorted(tag for tag, _ in returns) == [f"salt/job/{jid}/ret/web1", f"salt/job/{jid}/ret/web2"]


@pytest.mark.behaviour("JOB-11", "JOB-17", "EVT-04")
def test_the_event_of_a_return_is_the_whole_return_load(site: Site) -> None:
    jid = site.jid_of("web1", "test.arg", "1", "two", "a=x")
    [(_, data)] = site.events(f"salt/job/{jid}/ret/*", 1)
    sent = [1, "two", {"a": "x", "__kwarg__": True}]

    golden = {"cmd": "_return", "id": "web1", "jid": jid, "fun": "test.arg", "fun_args": sent, "retcode": 0,
              "success": True, "user": USER}  # fmt: skip
    assert part(data, golden) == golden
    assert data["return"]["args"] == [1, "two"]
    assert data["return"]["kwargs"]["a"] == "x"
    assert "_stamp" in data
    # Who sees the event finds the return stored.
    assert site.json("runner", "jobs.lookup_jid", jid)["web1"]["args"] == [1, "two"]


@pytest.mark.behaviour("JOB-11")
def test_a_return_names_the_outputter_that_its_function_declares(site: Site) -> None:
    jid = site.jid_of("web1", "grains.item", "role")
    [(_, data)] = site.events(f"salt/job/{jid}/ret/*", 1)
    assert (data["out"], data["return"]) == ("nested", {"role": "web"})
    jid = site.jid_of("web1", "no.such")
    [(_, data)] = site.events(f"salt/job/{jid}/ret/*", 1)
    assert data["out"] == "nested"
    jid = site.jid_of("web1", "test.ping")
    [(_, data)] = site.events(f"salt/job/{jid}/ret/*", 1)
    assert "out" not in data


@pytest.mark.behaviour("JOB-06")
def test_a_passed_jid_is_kept_and_taken_once(site: Site) -> None:
    jid = f"{time.strftime('%Y%m%d%H%M%S', time.gmtime())}000123"
    done = site.run("run", "web1", "--jid", jid, "--show-jid", "test.ping")
    again = site.run("run", "web1", "--jid", jid, "test.ping")
    wrong = site.run("run", "web1", "--jid", "yesterday", "test.ping")

    assert done.stdout.startswith(f"jid: {jid}\n")
    assert done.returncode == 0
    assert again.returncode == 73
    assert jid in again.stderr
    assert wrong.returncode == 64


@pytest.mark.behaviour("JOB-12", "JOB-21")
@pytest.mark.parametrize(
    ("words", "retcode", "success", "exit_code"),
    [
        (("test.ping",), 0, True, 0),
        (("test.retcode", "42"), 42, False, 1),
        (("cmd.run", "exit 3"), 3, False, 1),
        (("cmd.run", "exit 3", "ignore_retcode=True"), 0, True, 0),
        (("test.kwarg", "result=False"), 1, False, 1),
        (("test.kwarg", "success=False"), 1, False, 1),
        (("test.kwarg", "result=True"), 0, True, 0),
        (("test.false",), 0, True, 0),
    ],
)
def test_retcode_and_success(site: Site, words: tuple[str, ...], retcode: int, success: bool, exit_code: int) -> None:
    done = site.run("run", "web1", "--show-jid", *words)
    jid = done.stdout.split()[1]
    stored = site.json("runner", "jobs.list_job", jid)["Result"]["web1"]

    assert (stored["retcode"], stored["success"]) == (retcode, success)
    assert done.returncode == exit_code
    complaint = "ERROR: Minions returned with non-zero exit code"
    assert (complaint in done.stderr) == (exit_code == 1)


@pytest.mark.behaviour("JOB-12")
def test_the_retcode_of_one_job_says_nothing_of_the_next(site: Site) -> None:
    assert site.run("run", "web1", "test.retcode", "42").returncode == 1
    assert site.run("run", "web1", "cmd.run", "exit 0").returncode == 0


@pytest.mark.behaviour("JOB-13")
@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("nosuch.thing",), r"'nosuch.thing' is not available\."),
        (("cmd.run", "true", "cwd=/no/such/dir"), r"ERROR: .*/no/such/dir"),
        (("test.ping", "extra=1"), r"ERROR executing 'test.ping': .*extra"),
        (("test.ping", "1", "2"), r"Passed invalid arguments to test\.ping: .*"),
        (("test.exception", "boom"), r"The minion function caused an exception: Traceback.*boom"),
    ],
)
def test_the_texts_of_failures(site: Site, words: tuple[str, ...], text: str) -> None:
    done = site.run("run", "web1", *words, "--out", "json")
    value = documents(done.stdout)["web1"]

    assert re.match(text, value, re.DOTALL), value
    assert done.returncode == 1


@pytest.mark.behaviour("JOB-13")
def test_a_misspelt_function_shows_those_that_begin_like_it(site: Site) -> None:
    value = documents(site.run("run", "web1", "test.pin", "--out", "json").stdout)["web1"]
    assert value["test.pin"] == "'test.pin' is not available."
    assert "test.ping" in value


@pytest.mark.behaviour("JOB-15")
def test_several_functions_answer_by_their_names(site: Site) -> None:
    done = site.run("run", "web1", "--show-jid", "test.ping,test.retcode,test.echo", ",", "7", ",", "hello")
    jid = done.stdout.split()[1]
    [(_, data)] = site.events(f"salt/job/{jid}/ret/*", 1)

    assert data["fun"] == ["test.ping", "test.retcode", "test.echo"]
    assert data["return"] == {"test.ping": True, "test.retcode": True, "test.echo": "hello"}
    assert data["retcode"] == {"test.ping": 0, "test.retcode": 7, "test.echo": 0}
    assert data["success"] == {"test.ping": True, "test.retcode": False, "test.echo": True}
    assert done.returncode == 1


@pytest.mark.behaviour("JOB-23", "JOBS-05")
def test_metadata_travels_with_the_job_and_finds_it(site: Site) -> None:
    done = site.run("run", "web1", "--show-jid", "--metadata", '{"ticket": "T-7"}', "test.ping")
    jid = done.stdout.split()[1]
    [(_, data)] = site.events(f"salt/job/{jid}/ret/*", 1)
    found = site.json("runner", "jobs.list_jobs", 'search_metadata={"ticket": "T-7", "other": 1}')

    assert data["metadata"] == {"ticket": "T-7"}
    assert list(found) == [jid]
    assert found[jid]["Metadata"] == {"ticket": "T-7"}
    assert site.json("runner", "jobs.list_jobs", 'search_metadata={"ticket": "T-8"}') == {}
    assert site.run("run", "web1", "--metadata", "7", "test.ping").returncode == 64


@pytest.mark.behaviour("JOB-14")
def test_a_generator_tells_each_item_and_returns_them_merged(site: Site) -> None:
    (site.root / "srv" / "_modules").mkdir(exist_ok=True)
    (site.root / "srv" / "_modules" / "countdown.py").write_text(
        "def parts():\n    yield {'a': 1}\n    yield {'b': 2}\n\n\ndef items():\n    yield 'x'\n    yield 'y'\n"
    )
    site.run("run", "web1", "saltutil.sync_modules")
    jid = site.jid_of("web1", "countdown.parts")
    progress = site.events(f"salt/job/{jid}/prog/*", 2)
    site.until_state(jid, "web1", "returned")

    assert [tag for tag, _ in progress] == [f"salt/job/{jid}/prog/web1/0", f"salt/job/{jid}/prog/web1/1"]
    assert [data["data"]["return"] for _, data in progress] == [{"a": 1}, {"b": 2}]
    assert site.json("runner", "jobs.lookup_jid", jid) == {"web1": {"a": 1, "b": 2}}
    assert documents(site.run("run", "web1", "countdown.items", "--out", "json").stdout) == {"web1": ["x", "y"]}


@pytest.mark.behaviour("JOB-10", "JOBS-02")
def test_a_running_job_is_found_and_ended_by_its_jid(site: Site) -> None:
    jid = site.jid_of("web1", "cmd.run", "sleep 60")
    site.until_state(jid, "web1", "running")
    [record] = site.json("run", "web1", "saltutil.running")["web1"]

    golden = {"fun": "cmd.run", "jid": jid, "tgt": "web1", "tgt_type": "glob", "ret": "", "arg": ["sleep 60"],
              "user": USER}  # fmt: skip
    assert part(record, golden) == golden
    os.kill(record["pid"], 0)
    assert (site.root / "minions/web1/r/var/cache/saltern/minion/proc" / jid).exists()
    assert site.json("run", "web1", "saltutil.find_job", jid)["web1"] == record
    assert site.json("run", "web1", "saltutil.find_job", "20200101000000000000")["web1"] == {}
    assert site.json("run", "web1", "saltutil.is_running", "cmd.*")["web1"] == [record]

    active = site.json("runner", "jobs.active")
    assert active[jid]["Running"] == [{"web1": record["pid"]}]
    assert (active[jid]["Returned"], active[jid]["Function"]) == ([], "cmd.run")

    said = site.json("run", "web1", "saltutil.term_job", jid)["web1"]
    assert said == f"Signal 15 sent to job {jid} at pid {record['pid']}"
    until(lambda: site.state(jid, "web1") not in ("running", "sent"), 15, "the job goes on")
    assert not (site.root / "minions/web1/r/var/cache/saltern/minion/proc" / jid).exists()
    assert site.json("run", "web1", "saltutil.running")["web1"] == []


@pytest.mark.behaviour("JOB-10")
def test_a_job_that_ignores_being_asked_is_killed(site: Site) -> None:
    jid = site.jid_of("web1", "cmd.run", "trap '' TERM; sleep 60 & wait; wait")
    site.until_state(jid, "web1", "running")
    said = site.json("run", "web1", "saltutil.kill_job", jid)["web1"]
    until(lambda: site.state(jid, "web1") == "failed", 15, "the job goes on")

    assert said.startswith(f"Signal 9 sent to job {jid} at pid ")
    assert site.outcomes(jid)["web1"]["retcode"] != 0
