"""The job cache of a running master, in Salt's shapes (MJC, JOBS) and over a restart."""

from __future__ import annotations

import getpass
import json
import socket
import time
from collections.abc import Callable

import pytest
from lab import Lab, until
from sites import Site, part, read_events

MASTER = f"{socket.gethostname()}_master"
USER = getpass.getuser()
on_site = pytest.mark.xdist_group("site")


def human(jid: str) -> str:
    moment = time.strptime(jid[:14], "%Y%m%d%H%M%S")
    return time.strftime("%Y, %b %d %H:%M:%S.", moment) + jid[14:]


@on_site
@pytest.mark.behaviour("JOBS-03", "JOBS-04", "JOBS-07", "MJC-05b", "MJC-06", "MJC-07", "MJC-08")
def test_the_jobs_runner_shows_jobs_in_salts_shapes(site: Site) -> None:
    jid = site.jid_of("-L", "web1,web2", "test.ping")
    site.until_state(jid, "web1", "returned")
    site.until_state(jid, "web2", "returned")
    row = {"Function": "test.ping", "Arguments": [], "Target": ["web1", "web2"], "Target-type": "list", "User": USER,
           "StartTime": human(jid)}  # fmt: skip
    returned = {"return": True, "retcode": 0, "success": True}
    whole = {**row, "Minions": ["web1", "web2"], "Result": {"web1": returned, "web2": returned}}

    assert site.json("runner", "jobs.list_jobs")[jid] == row
    assert site.json("runner", "jobs.list_job", jid) == {"jid": jid, **whole}
    assert site.json("runner", "jobs.print_job", jid) == {jid: whole}
    assert site.json("runner", "jobs.lookup_jid", jid) == {"web1": True, "web2": True}
    assert site.json("runner", "jobs.exit_success", jid) == {"web1": True, "web2": True}
    assert site.json("runner", "jobs.last_run", "function=test.ping", "target=web1") == {jid: whole}
    assert site.json("runner", "jobs.last_run", "function=no.such") is False


@on_site
@pytest.mark.behaviour("MJC-05b")
def test_keyword_arguments_are_kept_as_they_were_published(site: Site) -> None:
    jid = site.jid_of("web1", "test.kwarg", "a=1", "b=x")
    assert site.json("runner", "jobs.list_job", jid)["Arguments"] == [{"a": 1, "b": "x", "__kwarg__": True}]


@on_site
def test_shows_and_exports_what_minions_gave_back_small_and_large(site: Site) -> None:
    small = site.jid_of("-L", "web1,web2,gone1", "test.echo", "small")
    large = site.jid_of("-L", "web1,web2", "cmd.run_stdout", "head -c 3000000 /dev/zero | tr '\\0' x")
    for jid in (small, large):
        site.until_state(jid, "web1", "returned")
        site.until_state(jid, "web2", "returned")
    values = {small: {"web1": "small", "web2": "small"}, large: dict.fromkeys(("web1", "web2"), "x" * 3_000_000)}

    for jid, expected in values.items():
        assert site.json("jobs", "show", jid)["returns"] == expected
    rows = [json.loads(line) for line in site.run("jobs", "export", small, large).stdout.splitlines()]
    given = {jid: {row["minion"]: row["return"] for row in rows if row["jid"] == jid} for jid in (small, large)}
    assert given == {small: {**values[small], "gone1": None}, large: values[large]}
    everything = site.run("jobs", "export", "--since", "1h", "--minion", "web2").stdout.splitlines()
    assert {(row["jid"], row["minion"]) for row in map(json.loads, everything)} >= {(small, "web2"), (large, "web2")}
    assert site.run("jobs", "export", "20000101000000000000").returncode == 66


@on_site
@pytest.mark.behaviour("JOBS-03")
def test_what_did_not_return_can_be_shown(site: Site) -> None:
    jid = site.jid_of("-L", "web1,gone1", "grains.item", "role")
    site.until_state(jid, "web1", "returned")

    data = {"web1": {"role": "web"}, "gone1": "Minion did not return"}
    assert site.json("runner", "jobs.lookup_jid", jid, "missing=True") == data
    assert site.json("runner", "jobs.exit_success", jid) == {"web1": True, "gone1": False}
    # The outputter that the function declared is used for its stored return.
    assert "role:\n" in site.run("runner", "jobs.lookup_jid", jid).stdout


@on_site
@pytest.mark.behaviour("JOBS-04", "MJC-06")
def test_an_unknown_jid_says_so(site: Site) -> None:
    jid = "20200101000000000000"
    found = site.json("runner", "jobs.list_job", jid)
    assert found["Error"] == "Cannot contact returner or no job with this jid"
    assert found["Result"] == {}
    assert site.json("runner", "jobs.lookup_jid", jid) == {}
    assert site.run("jobs", "show", jid).returncode == 66


@on_site
@pytest.mark.behaviour("JOBS-05")
def test_lists_are_filtered_by_all_conditions(site: Site) -> None:
    first = site.jid_of("web1", "test.echo", "filter")
    second = site.jid_of("db1", "test.arg", "filter")

    def listed(*words: str) -> set[str]:
        return {first, second} & set(site.json("runner", "jobs.list_jobs", *words))

    assert listed() == {first, second}
    assert listed("search_function=test.e*") == {first}
    assert listed("search_function=test.echo,test.arg") == {first, second}
    assert listed("search_target=db1") == {second}
    assert listed("search_function=test.e*", "search_target=db1") == set()
    assert listed(f"start_time={human(second)}") == {second}
    assert listed(f"end_time={human(first)}") == {first}
    assert listed("start_time=2020-01-01", "end_time=2020/12/31") == set()


@on_site
@pytest.mark.behaviour("JOBS-06", "MJC-08")
def test_the_newest_jobs_come_oldest_first(site: Site) -> None:
    jids = [site.jid_of("web1", "test.echo", str(number)) for number in range(3)]
    found = site.json("runner", "jobs.list_jobs_filter", "3")
    # The call before this one is a job as well.
    assert [row["JID"] for row in found] == jids
    assert found[0]["Function"] == "test.echo"
    site.run("run", "web1", "saltutil.find_job", jids[0])
    assert "saltutil.find_job" not in {row["Function"] for row in site.json("runner", "jobs.list_jobs_filter", "3")}


@on_site
@pytest.mark.behaviour("MJC-05b", "EVT-04")
def test_a_runner_is_a_job_of_the_master(site: Site) -> None:
    jid = f"{time.strftime('%Y%m%d%H%M%S', time.gmtime())}000777"
    site.run("runner", "--jid", jid, "jobs.lookup_jid", "20200101000000000000")
    (_, new), (_, ret) = site.events(f"salt/run/{jid}/*", 2)
    start = {"fun": "runner.jobs.lookup_jid", "fun_args": ["20200101000000000000"], "jid": jid, "user": USER}

    assert part(new, start) == start
    end = {**start, "return": {}, "success": True}
    assert part(ret, end) == end
    stored = site.json("runner", "jobs.list_job", jid)
    assert (stored["Function"], stored["Target"]) == ("runner.jobs.lookup_jid", MASTER)
    result = stored["Result"][MASTER]
    assert end == {name: value for name, value in result["return"].items() if name != "_stamp"}
    assert "_stamp" in result["return"]
    assert result["success"] is True


@on_site
@pytest.mark.behaviour("JOBS-07")
def test_runners_that_run_are_listed(site: Site) -> None:
    [row] = site.json("runner", "jobs.master")
    assert (row["fun"], row["user"]) == ("runner.jobs.master", USER)


@on_site
@pytest.mark.behaviour("JOB-22", "CLI-03")
def test_a_call_on_a_minion_leaves_a_job_at_the_master(site: Site) -> None:
    before = set(site.json("runner", "jobs.list_jobs", "search_function=test.kwarg"))
    done = site.call("web1", "test.kwarg", "x=1", "--set-metadata", '{"by": "call"}')
    assert done.stdout.startswith("local:\n")

    def calls() -> list[str]:
        return sorted(set(site.json("runner", "jobs.list_jobs", "search_function=test.kwarg")) - before)

    until(lambda: bool(calls()), 15, "no job was made of the call")
    [jid] = calls()
    job = site.json("runner", "jobs.list_job", jid)
    golden = {"Function": "test.kwarg", "Arguments": [{"x": 1, "__kwarg__": True}], "Target": "web1",
              "Target-type": "glob", "User": USER, "Minions": ["web1"], "Metadata": {"by": "call"}}  # fmt: skip
    assert part(job, golden) == golden
    assert job["Result"]["web1"]["return"]["x"] == 1
    [(_, data)] = site.events(f"salt/job/{jid}/ret/web1", 1)
    assert (data["fun"], data["id"]) == ("test.kwarg", "web1")


@on_site
@pytest.mark.behaviour("CLI-03")
def test_a_local_call_tells_the_master_nothing(site: Site) -> None:
    before = set(site.json("runner", "jobs.list_jobs", "search_function=test.arg_repr"))
    site.call("web1", "--local", "test.arg_repr", "1")
    site.call("web1", "--no-return-event", "test.arg_repr", "2")
    site.call("web1", "test.arg_repr", "3")
    until(
        lambda: len(set(site.json("runner", "jobs.list_jobs", "search_function=test.arg_repr")) - before) == 1,
        15,
        "not exactly one call was told",
    )


@pytest.mark.behaviour("MJC-01", "MJC-05", "MJC-10")
def test_jobs_outlive_the_master(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(job_cache_store_endtime=True)
    lab.start_master()
    lab.start_minions(("m1",))
    jid = lab.run("run", "m1", "--show-jid", "test.echo", "kept").stdout.split()[1]
    lab.stop_master()
    lab.start_master()

    found = lab.json("runner", "jobs.list_job", jid, "ext_source=local_cache")
    assert found["Result"] == {"m1": {"return": "kept", "retcode": 0, "success": True}}
    assert found["StartTime"] <= found["EndTime"] <= human(time.strftime("%Y%m%d%H%M%S999999", time.gmtime()))
    assert lab.run("runner", "jobs.list_job", jid, "ext_source=nosuch").returncode == 1


@pytest.mark.behaviour("MJC-11")
def test_without_a_job_cache_there_are_loads_and_events_and_no_returns(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(job_cache=False)
    lab.start_master()
    lab.start_minions(("m1",))
    done = lab.run("run", "m1", "--show-jid", "test.echo", "secret")
    jid = done.stdout.split()[1]

    assert "secret" in done.stdout
    [(_, data)] = read_events(lab, f"salt/job/{jid}/ret/m1", 1)
    assert data["return"] == "secret"
    job = lab.json("runner", "jobs.list_job", jid)
    assert (job["Function"], job["Minions"]) == ("test.echo", ["m1"])
    assert job["Result"] == {}
    assert lab.ask("job", jid=jid)["counts"]["returned"] == 1


@pytest.mark.behaviour("MJC-09")
def test_old_jobs_are_dropped(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(keep_jobs_seconds=2, loop_interval=0.5)
    lab.start_master()
    lab.start_minions(("m1",))
    jid = lab.run("run", "m1", "--show-jid", "test.ping").stdout.split()[1]
    assert jid in {row["job"]["jid"] for row in lab.ask("jobs", query={})["jobs"]}
    until(lambda: not lab.ask("jobs", query={"functions": ["test.ping"]})["jobs"], 20, "the job is kept")
    assert lab.run("jobs", "show", jid).returncode == 66
    assert lab.run("run", "m1", "test.ping").returncode == 0
