"""The runner `jobs` on a real job cache, loaded as the master loads it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from saltern.errors import UserError
from saltern.jobs.backends.memory import MemoryJobStore
from saltern.model.job import Body, Change, Job, State
from saltern.plugin_api import CommandExecutionError, SaltInvocationError
from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace
from saltern.salt_compat import history as history_module
from saltern.salt_compat.history import StoreHistory

PING = "20261122085142537545"
STATE = "20261122090000000000"
FIND = "20261122093000000000"
UNKNOWN = "20990101000000000000"
START = datetime(2026, 11, 22, 8, 51, 42, tzinfo=UTC).timestamp()
HIGHSTATE = {"file_|-motd_|-/etc/motd_|-managed": {"result": False, "changes": {}, "comment": "no"}}

Runner = Callable[..., Any]


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread of its own, as the master's is for a runner."""
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.close()


@pytest.fixture
def running() -> dict[str, dict[str, int]]:
    return {}


@pytest.fixture
def store() -> MemoryJobStore:
    return MemoryJobStore()


@pytest.fixture
def jobs(loop: asyncio.AbstractEventLoop, store: MemoryJobStore, running: dict[str, dict[str, int]]) -> StoreHistory:
    """Three jobs: a ping with one minion missing, a failed state run with metadata, and a find_job."""

    def run(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    run(_fill(store))
    calls = [{"fun": "runner.jobs.active", "jid": "20261122100000000000", "pid": 1, "user": "root"}]
    return StoreHistory(store, run, lambda: running, lambda: calls)


async def _fill(store: MemoryJobStore) -> None:
    show = {"show_timeout": True, "show_jid": False}
    await store.create(Job(jid=PING, fun="test.ping", user="root", created=START, kwargs=show), ["m2", "m1"])
    await store.create(
        Job(jid=STATE, fun="state.apply", arg=["web"], tgt="web*", user="alice", created=START + 500,
            metadata={"release": 7}),
        ["web1"],
    )  # fmt: skip
    await store.create(Job(jid=FIND, fun="saltutil.find_job", arg=[PING], tgt="m2", created=START + 1000), ["m2"])
    await store.record(
        [
            _returned(PING, "m1", True),
            _returned(STATE, "web1", HIGHSTATE, state=State.FAILED, retcode=2, success=False, out="highstate"),
            _returned(FIND, "m2", {}),
        ]
    )


def _returned(jid: str, minion: str, value: Any, **fields: Any) -> Change:
    given = {"state": State.RETURNED, "retcode": 0, "success": True, "at": START + 2.5, **fields}
    return Change(jid=jid, minion=minion, body=Body(data=msgspec.msgpack.encode(value)), **given)


@pytest.fixture
def opts() -> dict[str, Any]:
    return {"master_job_cache": "local_cache", "ext_job_cache": ""}


@pytest.fixture
def runner(jobs: StoreHistory, opts: dict[str, Any], tmp_path: Path) -> Iterator[Runner]:
    """Calls a runner function by its name."""
    index = PluginIndex(SearchPath.of_opts(opts), str(tmp_path))
    with PluginSpace(index, Scope(opts, names={"__jobs__": jobs})) as space:
        table = space.table("runners")
        yield lambda name, *args, **kwargs: table[name](*args, **kwargs)


PING_ROW = {
    "Function": "test.ping",
    "Arguments": [],
    "Target": "*",
    "Target-type": "glob",
    "User": "root",
    "StartTime": "2026, Nov 22 08:51:42.537545",
}


# --- one job ------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("JOBS-04")
def test_list_job_shows_a_job_with_its_minions_and_returns(runner: Runner) -> None:
    assert runner("jobs.list_job", PING) == {
        **PING_ROW,
        "jid": PING,
        "Minions": ["m1", "m2"],
        "Result": {"m1": {"return": True, "retcode": 0, "success": True}},
    }


@pytest.mark.behaviour("JOBS-04")
def test_list_job_takes_a_jid_that_the_command_line_read_as_a_number(runner: Runner) -> None:
    assert runner("jobs.list_job", int(PING))["jid"] == PING


@pytest.mark.behaviour("JOBS-04")
def test_list_job_of_an_unknown_jid_says_so(runner: Runner) -> None:
    found = runner("jobs.list_job", UNKNOWN)

    assert found["Error"] == "Cannot contact returner or no job with this jid"
    assert found["Result"] == {}
    assert found["jid"] == UNKNOWN


@pytest.mark.behaviour("JOBS-04", "MJC-10")
def test_list_job_shows_the_end_only_where_that_is_configured(runner: Runner) -> None:
    assert "EndTime" not in runner("jobs.list_job", PING)


@pytest.mark.behaviour("MJC-10")
def test_the_end_of_a_job_is_when_its_last_return_came(jobs: StoreHistory) -> None:
    assert jobs.end_time(PING) == "2026, Nov 22 08:51:44.500000"
    assert jobs.end_time(UNKNOWN) == ""


@pytest.mark.behaviour("JOBS-03")
def test_lookup_jid_gives_what_came_back(runner: Runner) -> None:
    assert runner("jobs.lookup_jid", PING) == {"m1": True}
    assert runner("jobs.lookup_jid", PING, missing=True) == {"m1": True, "m2": "Minion did not return"}
    assert runner("jobs.lookup_jid", PING, returned=False, missing=True) == {"m2": "Minion did not return"}
    assert runner("jobs.lookup_jid", PING, returned=False) == {}
    assert runner("jobs.lookup_jid", UNKNOWN) == {}


@pytest.mark.behaviour("JOBS-03")
def test_lookup_jid_names_the_outputter_that_the_return_asks_for(runner: Runner) -> None:
    assert runner("jobs.lookup_jid", STATE) == {"outputter": "highstate", "data": {"web1": HIGHSTATE}}


@pytest.mark.behaviour("JOBS-07")
def test_print_job_has_the_job_under_its_jid(runner: Runner) -> None:
    found = runner("jobs.print_job", STATE)

    assert list(found) == [STATE]
    assert found[STATE]["Function"] == "state.apply"
    assert found[STATE]["Metadata"] == {"release": 7}
    assert found[STATE]["Result"]["web1"]["retcode"] == 2


@pytest.mark.behaviour("JOBS-07")
def test_exit_success_tells_for_each_minion_whether_it_gave_something_true(runner: Runner) -> None:
    assert runner("jobs.exit_success", PING) == {"m1": True, "m2": False}
    assert runner("jobs.exit_success", FIND) == {"m2": False}
    assert runner("jobs.exit_success", UNKNOWN) == {}


# --- lists --------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("JOBS-05", "MJC-08")
def test_list_jobs_shows_all_jobs_oldest_first(runner: Runner) -> None:
    found = runner("jobs.list_jobs")

    assert list(found) == [PING, STATE, FIND]
    assert found[PING] == PING_ROW
    assert found[STATE]["Metadata"] == {"release": 7}


@pytest.mark.behaviour("JOBS-05")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"search_function": "test.*"}, [PING]),
        ({"search_function": "test.ping, state.*"}, [PING, STATE]),
        ({"search_function": ["state.apply"]}, [STATE]),
        ({"search_target": "web*"}, [STATE]),
        ({"search_target": ["web[*]", "m2"]}, [STATE, FIND]),
        ({"search_metadata": {"release": 7, "other": 1}}, [STATE]),
        ({"search_metadata": {"release": 8}}, []),
        ({"start_time": START + 500}, [STATE, FIND]),
        ({"end_time": START + 500}, [PING, STATE]),
        ({"start_time": "2026-11-22 08:52", "end_time": "2026, Nov 22 09:00:02.000000"}, [STATE]),
        ({"start_time": "Nov 23, 2026"}, []),
        ({"search_function": "*", "search_target": "m2", "start_time": "2026-11-22"}, [FIND]),
    ],
    ids=str,
)
def test_list_jobs_filters(runner: Runner, filters: dict[str, Any], expected: list[str]) -> None:
    assert list(runner("jobs.list_jobs", **filters)) == expected


@pytest.mark.behaviour("JOBS-05")
def test_list_jobs_for_an_outputter(runner: Runner) -> None:
    found = runner("jobs.list_jobs", outputter="yaml", display_progress=True)

    assert found["outputter"] == "yaml"
    assert list(found["data"]) == [PING, STATE, FIND]


@pytest.mark.behaviour("JOBS-06", "MJC-08")
def test_list_jobs_filter_gives_the_newest_oldest_first_without_find_job(runner: Runner) -> None:
    assert [row["JID"] for row in runner("jobs.list_jobs_filter", 2)] == [PING, STATE]
    assert [row["JID"] for row in runner("jobs.list_jobs_filter", 2, filter_find_job=False)] == [STATE, FIND]
    assert runner("jobs.list_jobs_filter", 1) == [{"JID": STATE, **runner("jobs.list_jobs")[STATE]}]
    with pytest.raises(SaltInvocationError, match="count"):
        runner("jobs.list_jobs_filter", 0)


@pytest.mark.behaviour("JOBS-07")
def test_last_run_gives_the_newest_job_that_fits(runner: Runner) -> None:
    assert list(runner("jobs.last_run")) == [FIND]
    assert list(runner("jobs.last_run", function="test.*,state.*")) == [STATE]
    assert list(runner("jobs.last_run", target="*")) == [FIND]
    assert list(runner("jobs.last_run", metadata={"release": 7})) == [STATE]
    assert runner("jobs.last_run", function="none.such") is False


@pytest.mark.behaviour("JOBS-05", "JOBS-07")
@pytest.mark.parametrize(("name", "keyword"), [("list_jobs", "search_metadata"), ("last_run", "metadata")])
def test_metadata_that_is_no_dictionary_is_refused(runner: Runner, name: str, keyword: str) -> None:
    with pytest.raises(SaltInvocationError, match="must be specified as a dictionary"):
        runner(f"jobs.{name}", **{keyword: "release"})


def test_more_jobs_than_one_answer_can_hold_are_refused_with_the_way_out(
    runner: Runner, jobs: StoreHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "_MOST_JOBS", 2)
    monkeypatch.setattr(history_module, "_PAGE", 2)

    with pytest.raises(UserError, match="More than 2 jobs") as caught:
        runner("jobs.list_jobs")

    assert "start_time" in caught.value.hint
    assert len(runner("jobs.list_jobs_filter", 2)) == 2


# --- what runs now ------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("JOBS-02")
def test_active_shows_who_runs_a_job_and_who_has_returned(runner: Runner, running: dict[str, dict[str, int]]) -> None:
    # m1 has returned meanwhile, and only its next heartbeat will say so.
    running.update({PING: {"m1": 10, "m2": 4711}, STATE: {}, UNKNOWN: {"m9": 1}})

    assert runner("jobs.active") == {PING: {**PING_ROW, "Running": [{"m2": 4711}], "Returned": ["m1"]}}


@pytest.mark.behaviour("JOBS-02")
def test_nothing_active_is_an_empty_answer(runner: Runner) -> None:
    assert runner("jobs.active") == {}


@pytest.mark.behaviour("JOBS-07")
def test_master_shows_the_runners_of_the_master(runner: Runner) -> None:
    assert [call["fun"] for call in runner("jobs.master")] == ["runner.jobs.active"]


# --- which cache --------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("JOBS-01")
def test_a_cache_that_is_not_there_is_named(runner: Runner) -> None:
    assert runner("jobs.lookup_jid", PING, ext_source="local_cache") == {"m1": True}
    with pytest.raises(CommandExecutionError, match="'nowhere'"):
        runner("jobs.lookup_jid", PING, ext_source="nowhere")


@pytest.mark.behaviour("JOBS-01")
@pytest.mark.parametrize("opts", [{"ext_job_cache": "syslog", "job_cache_store_endtime": True}])
def test_a_configured_cache_that_only_writes_leaves_the_record_to_be_read(runner: Runner) -> None:
    assert runner("jobs.lookup_jid", PING, ext_source="mongodb_of_old") == {"m1": True}
    assert runner("jobs.list_job", PING)["EndTime"] == "2026, Nov 22 08:51:44.500000"


ELSEWHERE = "20261121070000000000"


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, Any]:
    """Options of a sqlite3 returner, in whose database there is one job that the record does not know."""
    opts = {"sqlite3.database": str(tmp_path / "elsewhere.db"), "sqlite3.timeout": 5.0}
    with PluginSpace(PluginIndex(SearchPath(), ""), Scope(opts)) as space:
        table = space.table("returners")
        load = {"fun": "pkg.install", "arg": ["vim"], "tgt": "web*", "tgt_type": "glob", "user": "bob",
                "metadata": {"release": 9}}  # fmt: skip
        table["sqlite3.save_load"](ELSEWHERE, load)
        for minion, value in (("web1", {"vim": "9"}), ("web2", False)):
            ret = {"id": minion, "jid": ELSEWHERE, "fun": "pkg.install", "fun_args": ["vim"], "return": value,
                   "retcode": int(not value), "success": bool(value)}  # fmt: skip
            table["sqlite3.returner"](ret)
    return opts


@pytest.mark.behaviour("JOBS-01", "RET-06")
@pytest.mark.parametrize("option", ["ext_job_cache", "master_job_cache", "ext_source"])
def test_a_cache_elsewhere_is_read_as_the_own_one_is(
    option: str, elsewhere: dict[str, Any], jobs: StoreHistory
) -> None:
    asked = {"ext_source": "sqlite3"} if option == "ext_source" else {}
    opts = {**elsewhere, **({} if asked else {option: "sqlite3"})}
    with PluginSpace(PluginIndex(SearchPath(), ""), Scope(opts, names={"__jobs__": jobs})) as space:
        call = space.table("runners")

        listed = call["jobs.list_jobs"](**asked)
        assert {jid: (row["Function"], row["Target"], row["User"]) for jid, row in listed.items()} == {
            ELSEWHERE: ("pkg.install", "web*", "bob")
        }
        assert call["jobs.lookup_jid"](ELSEWHERE, **asked) == {"web1": {"vim": "9"}, "web2": False}
        assert call["jobs.exit_success"](ELSEWHERE, **asked) == {"web1": True, "web2": False}
        assert list(call["jobs.print_job"](ELSEWHERE, **asked)[ELSEWHERE]["Result"]) == ["web1", "web2"]
        assert list(call["jobs.last_run"](function="pkg.*", **asked)) == [ELSEWHERE]
        assert call["jobs.last_run"](function="state.*", **asked) is False
        assert call["jobs.list_jobs_filter"](1, **asked)[0]["JID"] == ELSEWHERE
        assert list(call["jobs.list_jobs"](search_metadata={"release": 9}, **asked)) == [ELSEWHERE]
        assert call["jobs.list_jobs"](start_time="2026-11-22", **asked) == {}
        assert call["jobs.list_jobs"](search_target="db*", **asked) == {}
        assert "Error" in call["jobs.list_job"](PING, **asked)
        if option == "master_job_cache":
            assert call["jobs.lookup_jid"](PING, ext_source="local_cache") == {"m1": True}


# --- times --------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("JOBS-05")
@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22 08:51:42",
        "2026-11-22T08:51:42Z",
        "2026-11-22T09:51:42+01:00",
        "20261122T085142",
        "2026/11/22 08:51:42",
        "2026, Nov 22 08:51:42.000000",
        "22 Nov 2026 08:51:42",
        "22 November 2026 08:51:42",
        "Nov 22 2026 08:51:42",
        "11/22/2026 08:51:42",
        "22.11.2026 08:51:42",
        "Sun Nov 22 08:51:42 2026",
        "20261122085142000000",
        "20261122085142000000_4711",
        20261122085142000000,
        int(START),
        START,
        str(START),
        datetime(2026, 11, 22, 8, 51, 42),  # noqa: DTZ001  (as YAML reads it)
    ],
)
def test_a_moment_may_be_written_in_any_usual_form(runner: Runner, text: Any) -> None:
    assert PING in runner("jobs.list_jobs", start_time=text)
    assert list(runner("jobs.list_jobs", end_time=text)) == [PING]


@pytest.mark.behaviour("JOBS-05")
@pytest.mark.parametrize("text", ["2026-11-22", "20261122", "Nov 22, 2026", "22.11.2026", date(2026, 11, 22)])
def test_a_date_alone_is_its_midnight(runner: Runner, text: Any) -> None:
    assert len(runner("jobs.list_jobs", start_time=text)) == 3
    assert runner("jobs.list_jobs", end_time=text) == {}


@pytest.mark.parametrize("text", ["yesterday-ish", "2026-13-40", "20261399000000000000", "-1"])
def test_what_is_no_time_is_refused_and_named(runner: Runner, text: str) -> None:
    with pytest.raises(SaltInvocationError, match=rf"start_time: '{text}'"):
        runner("jobs.list_jobs", start_time=text)
