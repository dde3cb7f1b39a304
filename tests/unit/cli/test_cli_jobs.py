"""`saltern jobs` and `saltern events`."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from saltern.cli import exitcodes
from saltern.cli.job_query import STATES, moment
from saltern.cli.output import as_json
from saltern.cli.table import table
from saltern.client import contract
from saltern.errors import JobNotFound, NotFound
from saltern.model.job import Job, JobQuery, Outcome, OutcomeQuery, State
from scripted_master import ScriptedMaster, outcome

Command = Callable[..., int]
Output = pytest.CaptureFixture[str]
JID = "20261122085142537545"


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def job(jid: str = JID, counts: dict[str, int] | None = None, **fields: object) -> dict:
    known = Job(jid=jid, **{"fun": "cmd.run", "arg": ["uptime"], "user": "alice", "created": 1795337502.0, **fields})
    return {"job": msgspec.to_builtins(known), "counts": counts or {"returned": 2, "failed": 1}}


def outcomes(*found: tuple[str, str], **fields: object) -> list[dict]:
    return [
        msgspec.to_builtins(Outcome(jid=JID, minion=minion, state=State(state), seq=number, **fields))
        for number, (minion, state) in enumerate(found, 1)
    ]


def test_lists_jobs_as_a_table(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.ListJobs] = [
        {"kind": "end", "jobs": [job(), job(jid="20261122085142000000", fun=["a.b", "c.d"], tgt=["m1", "m2"])]}
    ]

    assert saltern("jobs", "list") == exitcodes.OK

    assert capsys.readouterr().out == (
        "JID                   STARTED              USER   FUNCTION  TARGET  OUTCOMES\n"
        "20261122085142537545  2026-11-22 08:51:42  alice  cmd.run   *       2 returned, 1 failed\n"
        "20261122085142000000  2026-11-22 08:51:42  alice  a.b,c.d   m1,m2   2 returned, 1 failed\n"
    )


def test_filters_reach_the_job_cache(saltern: Command, master: ScriptedMaster) -> None:
    master.script[contract.ListJobs] = [{"kind": "end", "jobs": []}]

    saltern(
        "jobs", "list", "--since", "2026-11-22T08:00", "--until", "2026-11-23", "--function", "cmd.*,state.*",
        "--target", "web*", "--user", "alice", "--minion", "m1", "--state", "lost", "--metadata", "{build: 17}",
        "--limit", "7", "--before", JID,
    )  # fmt: skip

    query = msgspec.convert(master.asked(contract.ListJobs)[0].query, JobQuery)
    assert query == JobQuery(
        functions=("cmd.*", "state.*"),
        targets=("web*",),
        users=("alice",),
        minion="m1",
        states=(State.LOST,),
        metadata={"build": 17},
        since=1795334400.0,
        until=1795392000.0,
        before=JID,
        limit=7,
    )


def test_failed_means_every_outcome_that_is_not_as_it_should_be(saltern: Command, master: ScriptedMaster) -> None:
    master.script[contract.ListJobs] = [{"kind": "end", "jobs": []}]

    saltern("jobs", "list", "--failed")

    query = msgspec.convert(master.asked(contract.ListJobs)[0].query, JobQuery)
    assert set(query.states) == {state for state in State if state.final} - {State.RETURNED}


def test_the_states_of_the_command_line_are_those_of_the_model() -> None:
    assert list(STATES) == [state.value for state in State]


def test_times_may_be_ago_or_iso() -> None:
    assert moment("2026-11-22T08:51:42+00:00") == 1795337502.0
    assert time.time() - moment("2h") == pytest.approx(7200, abs=60)


def test_lists_jobs_as_json_and_csv(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.ListJobs] = [{"kind": "end", "jobs": [job(tgt='web*,"x"')]}]

    saltern("jobs", "list", "--out", "json")
    (record,) = json.loads(capsys.readouterr().out)
    saltern("jobs", "list", "--out", "csv")
    heading, row = csv.reader(capsys.readouterr().out.splitlines())

    assert (record["jid"], record["fun"], record["counts"]) == (JID, "cmd.run", {"returned": 2, "failed": 1})
    assert heading[:5] == ["jid", "created", "user", "function", "target"]
    assert row[4] == 'web*,"x"'


def test_a_full_page_says_how_to_go_on(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.ListJobs] = [{"kind": "end", "jobs": [job()]}]

    saltern("jobs", "list", "--limit", "1")

    assert capsys.readouterr().out.endswith(f"older ones: saltern jobs list --before {JID}\n")


def returns_of(values: dict[str, object]) -> Callable[[contract.ReadBody], list[dict] | NotFound]:
    def answer(request: contract.ReadBody) -> list[dict] | NotFound:
        if request.minion not in values:
            return NotFound("no body")
        body = msgspec.msgpack.encode(values[request.minion])
        return [{"kind": "item", "data": body[:1]}, {"kind": "item", "data": body[1:]}, {"kind": "end", "size": 1}]

    return answer


def bodies_of(values: dict[str, object]) -> Callable[[contract.ReadBodies], list[dict]]:
    def answer(request: contract.ReadBodies) -> list[dict]:
        found = [minion for minion in request.minions if minion in values]
        items = [{"minion": minion, "body": msgspec.msgpack.encode(values[minion])} for minion in found]
        return [{"kind": "items", "items": items[:2]}, {"kind": "items", "items": items[2:]}, {"kind": "end"}]

    return answer


def test_shows_a_job_its_outcomes_and_its_returns(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.ShowJob] = [{"kind": "end", **job(metadata={"build": 17})}]
    found = outcomes(("m2", "failed"), started=10.0, finished=12.5, retcode=3)
    found += outcomes(("m1", "cancelled"), by="bob")
    master.script[contract.ListOutcomes] = [{"kind": "end", "outcomes": found}]
    master.script[contract.ReadBodies] = bodies_of({"m2": "went wrong"})

    assert saltern("jobs", "show", JID) == exitcodes.OK

    assert capsys.readouterr().out == (
        f"job:         {JID}\n"
        "function:    cmd.run\n"
        'arguments:   ["uptime"]\n'
        "target:      * (glob)\n"
        "user:        alice\n"
        "started:     2026-11-22 08:51:42\n"
        'metadata:    {"build": 17}\n'
        "outcomes:    2 returned, 1 failed\n"
        "\n"
        "MINION  STATE      RETCODE  SECONDS  NOTE\n"
        "m1      cancelled                    by bob\n"
        "m2      failed     3        2.50\n"
        "\n"
        "m2:\n"
        "    went wrong\n"
    )


def test_shows_a_job_as_data(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.ShowJob] = [{"kind": "end", **job()}]
    master.script[contract.ListOutcomes] = [
        {"kind": "end", "outcomes": outcomes(("m1", "returned"), ("m2", "returned"))}
    ]
    master.script[contract.ReadBodies] = bodies_of({"m1": {"a": b"\xff"}})

    saltern("jobs", "show", JID, "--out", "json")

    text = capsys.readouterr().out
    shown = json.loads(text)
    assert text == as_json(shown) + "\n"
    assert shown["returns"] == {"m1": {"a": "\\xff"}}
    assert [entry["minion"] for entry in shown["outcomes"]] == ["m1", "m2"]


@pytest.mark.parametrize("values", [{}, {"m1": []}, {"m1": {"a": [1, {"b": "x\u2028y\nz"}]}, "m2": {}, "m3": "x"}])
def test_a_job_as_json_is_laid_out_as_any_json(
    saltern: Command, master: ScriptedMaster, capsys: Output, values: dict[str, object]
) -> None:
    master.script[contract.ShowJob] = [{"kind": "end", **job()}]
    found = outcomes(("m1", "returned"), ("m2", "returned"), ("m3", "failed"))
    master.script[contract.ListOutcomes] = [{"kind": "end", "outcomes": found}]
    master.script[contract.ReadBodies] = bodies_of(values)

    saltern("jobs", "show", JID, "--out", "json")

    text = capsys.readouterr().out
    assert text == as_json(json.loads(text)) + "\n"
    assert json.loads(text)["returns"] == values


def test_returns_of_many_minions_come_in_pages_and_large_ones_alone(
    saltern: Command, master: ScriptedMaster, capsys: Output
) -> None:
    found = outcomes(*((f"m{number:04d}", "returned") for number in range(1000)))
    for number, entry in enumerate(found):
        entry["size"] = 30_000 if number else 5 << 20
    master.script[contract.ShowJob] = [{"kind": "end", **job()}]
    master.script[contract.ListOutcomes] = lambda request: [
        {"kind": "end", "outcomes": [] if request.query["after"] else found}
    ]
    master.script[contract.ReadBodies] = bodies_of({f"m{number:04d}": number for number in range(1, 1000)})
    master.script[contract.ReadBody] = returns_of({"m0000": "large"})

    saltern("jobs", "show", JID, "--out", "json")

    shown = json.loads(capsys.readouterr().out)["returns"]
    assert list(shown.items())[:3] == [("m0000", "large"), ("m0001", 1), ("m0002", 2)]
    assert len(shown) == 1000
    asked = master.asked(contract.ReadBodies)
    assert max(len(request.minions) for request in asked) == (4 << 20) // 30_000
    assert len(master.asked(contract.ReadBody)) == 1


def test_all_pages_of_outcomes_are_read(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    every = outcomes(*((f"m{number}", "lost") for number in range(1500)))

    def page(request: contract.ListOutcomes) -> list[dict]:
        query = msgspec.convert(request.query, OutcomeQuery)
        found = [entry for entry in every if entry["seq"] > query.after][: query.limit]
        return [{"kind": "end", "outcomes": found}]

    master.script[contract.ShowJob] = [{"kind": "end", **job()}]
    master.script[contract.ListOutcomes] = page

    saltern("jobs", "show", JID, "--out", "json", "--no-returns")

    assert len(json.loads(capsys.readouterr().out)["outcomes"]) == 1500


@pytest.mark.parametrize("verb", ["show", "watch", "rerun"])
def test_an_unknown_job_is_an_error(saltern: Command, master: ScriptedMaster, capsys: Output, verb: str) -> None:
    master.script[contract.ShowJob] = JobNotFound(f"no job {JID} in the job cache")

    assert saltern("jobs", verb, JID) == 66

    assert JID in capsys.readouterr().err


def test_watch_goes_on_like_run(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.ShowJob] = [{"kind": "end", **job(missing=["ghost"])}]
    master.returns(outcome("m1", value=1), outcome("m2", "running"), outcome("m2", "failed", value=2))

    assert saltern("jobs", "watch", JID, "--out", "json", "--static", "-t", "9") == exitcodes.FAILED

    shown = json.loads(capsys.readouterr().out)
    assert (shown["m1"], shown["m2"], shown["ghost"]) == (1, 2, "Minion did not return. [No accepted key]")
    assert master.asked(contract.Follow)[0].wait == 9.0


@pytest.mark.parametrize(
    ("words", "jid", "minions"),
    [((JID,), JID, []), ((JID, "--minion", "m1,m2"), JID, ["m1", "m2"]), (("--minion", "m1"), "", ["m1"])],
)
def test_cancel_says_what_was_stopped_where(
    saltern: Command, master: ScriptedMaster, capsys: Output, words: tuple[str, ...], jid: str, minions: list[str]
) -> None:
    master.script[contract.CancelJobs] = [{"kind": "end", "cancelled": [[JID, "m1"]]}]

    assert saltern("jobs", "cancel", *words) == exitcodes.OK

    assert capsys.readouterr().out == f"Job {JID} is cancelled on m1.\n"
    request = master.asked(contract.CancelJobs)[0]
    assert (request.jid, request.minions) == (jid, minions)


def test_cancel_of_nothing_named_is_incomplete(saltern: Command) -> None:
    assert saltern("jobs", "cancel") == exitcodes.INCOMPLETE


def test_rerun_publishes_the_same_again(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    known = job(arg=[1, {"a": 2, "__kwarg__": True}], tgt="G@os:x", tgt_type="compound", ret="redis")
    master.script[contract.ShowJob] = [{"kind": "end", **known}]
    master.returns(outcome("m1", value=True))

    assert saltern("jobs", "rerun", JID) == exitcodes.OK

    publish = master.asked(contract.Publish)[0]
    assert (publish.fun, publish.arg) == ("cmd.run", [1, {"a": 2, "__kwarg__": True}])
    assert (publish.tgt, publish.tgt_type, publish.ret, publish.jid) == ("G@os:x", "compound", "redis", "")


def test_rerun_only_where_it_failed(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    every = outcomes(("m3", "lost"), ("m1", "returned"), ("m2", "failed"))

    def chosen(request: contract.ListOutcomes) -> list[dict]:
        query = msgspec.convert(request.query, OutcomeQuery)
        return [{"kind": "end", "outcomes": [entry for entry in every if entry["state"] in query.states]}]

    master.script[contract.ShowJob] = [{"kind": "end", **job()}]
    master.script[contract.ListOutcomes] = chosen
    master.returns(outcome("m2", value=True), outcome("m3", value=True))

    saltern("jobs", "rerun", JID, "--failed-only")

    publish = master.asked(contract.Publish)[0]
    assert (publish.tgt, publish.tgt_type) == (["m2", "m3"], "list")


def test_rerun_where_nothing_failed_does_nothing(saltern: Command, master: ScriptedMaster) -> None:
    master.script[contract.ShowJob] = [{"kind": "end", **job()}]
    master.script[contract.ListOutcomes] = [{"kind": "end", "outcomes": []}]

    assert saltern("jobs", "rerun", JID, "--failed-only") == exitcodes.OK

    assert master.asked(contract.Publish) == []


@pytest.fixture
def exportable(master: ScriptedMaster) -> ScriptedMaster:
    """1200 jobs in the job cache, each with one outcome."""

    def history(request: contract.ReadHistory) -> list[dict]:
        jids = request.jids or [f"{20261122085142000000 + number}" for number in range(1200, 0, -1)]
        items = [item for jid in jids for item in (job(jid=jid), {"outcome": one(jid), "body": None})]
        return [*({"kind": "items", "items": items[at : at + 99]} for at in range(0, len(items), 99)), {"kind": "end"}]

    def one(jid: str) -> dict:
        (entry,) = outcomes(("m1", "lost"))
        return {**entry, "jid": jid}

    master.script[contract.ReadHistory] = history
    return master


def test_exports_every_page_as_json_lines(saltern: Command, exportable: ScriptedMaster, tmp_path: Path) -> None:
    file = tmp_path / "jobs.jsonl"

    assert saltern("jobs", "export", "--file", str(file)) == exitcodes.OK

    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert len({line["jid"] for line in lines}) == 1200
    assert lines[0] == {
        "jid": "20261122085142001200", "function": "cmd.run", "arguments": ["uptime"], "target": "*",
        "target_type": "glob", "user": "alice", "created": 1795337502.0, "minion": "m1", "state": "lost",
        "retcode": None, "success": None, "started": None, "finished": None, "reason": "", "by": "", "return": None,
    }  # fmt: skip
    assert file.stat().st_mode & 0o077 == 0


def test_exports_one_job_as_csv(saltern: Command, exportable: ScriptedMaster, tmp_path: Path) -> None:
    small, large, gone = outcomes(("m1", "returned"), ("m2", "returned"), ("m3", "returned"))
    body = msgspec.msgpack.encode({"text": 'line\n"two",'})
    items = [job(), {"outcome": small, "body": body}, {"outcome": {**large, "size": 5 << 20}, "body": None}]
    exportable.script[contract.ReadHistory] = [
        {"kind": "items", "items": [*items, {"outcome": gone, "body": None}]}, {"kind": "end"},
    ]  # fmt: skip
    exportable.script[contract.ReadBody] = returns_of({"m2": "large"})
    file = tmp_path / "jobs.csv"

    assert saltern("jobs", "export", JID, "--file", str(file)) == exitcodes.OK

    with file.open(newline="") as stream:
        row, large, gone = csv.DictReader(stream)
    assert (row["jid"], row["state"]) == (JID, "returned")
    assert json.loads(row["return"]) == {"text": 'line\n"two",'}
    assert (large["return"], gone["return"]) == ('"large"', "")
    assert exportable.asked(contract.ReadHistory)[0].jids == [JID]


def test_an_export_that_fails_leaves_no_half_file(saltern: Command, exportable: ScriptedMaster, tmp_path: Path) -> None:
    exportable.script[contract.ReadHistory] = [{"kind": "hang up"}]

    assert saltern("jobs", "export", JID, "--file", str(tmp_path / "jobs.csv")) == 69

    assert list(tmp_path.iterdir()) == []


def test_a_table_cuts_what_is_too_long() -> None:
    text = table(("A", "B"), [["x" * 60, "y" * 60]], width=60)

    assert text.splitlines()[1] == "x" * 39 + "…  " + "y" * 17 + "…"


def test_a_table_that_goes_into_a_pipe_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saltern.cli.table.terminal_columns", lambda: 0)

    text = table(("A", "B"), [["x" * 60, "y" * 60]])

    assert text.splitlines()[1] == "x" * 60 + "  " + "y" * 60


# --- events


def event(seq: int, tag: str, data: object) -> dict:
    return {"kind": "item", "seq": seq, "tag": tag, "stamp": 1795337502.25, "data": msgspec.msgpack.encode(data)}


@pytest.mark.behaviour("EVT-06", "EVT-01")
def test_events_are_tag_tab_json(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.FollowEvents] = [
        event(3, "salt/auth", {"id": "m1", "_stamp": "2026-11-22T08:00:00"}),
        event(4, "myco/x", {"n": 1}),
        {"kind": "end"},
    ]

    assert saltern("events", "tail", "-m", "*", "--count", "2", "--after", "2") == exitcodes.OK

    assert capsys.readouterr().out == (
        'salt/auth\t{"id": "m1", "_stamp": "2026-11-22T08:00:00"}\n'
        'myco/x\t{"n": 1, "_stamp": "2026-11-22T08:51:42.250000+00:00"}\n'
    )
    request = master.asked(contract.FollowEvents)[0]
    assert (request.match, request.count, request.after) == ("*", 2, 2)


@pytest.mark.parametrize(("words", "after"), [((), -1), (("--from-start",), 0)])
def test_events_from_now_on_or_from_the_start(
    saltern: Command, master: ScriptedMaster, words: tuple[str, ...], after: int
) -> None:
    master.script[contract.FollowEvents] = [{"kind": "end"}]

    saltern("events", "tail", *words)

    assert master.asked(contract.FollowEvents)[0].after == after


def test_pretty_events(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.FollowEvents] = [event(3, "x", {"_stamp": "now"}), {"kind": "end"}]

    saltern("events", "tail", "--pretty", "--seq")

    assert capsys.readouterr().out == '3\tx\t{\n    "_stamp": "now"\n}\n'


@pytest.mark.behaviour("EVT-05")
@pytest.mark.parametrize(
    ("words", "data"),
    [(("a=1", "b=[x]"), {"a": 1, "b": ["x"]}), (('{"a": {"b": 2}}', "c=3"), {"a": {"b": 2}, "c": 3}), ((), {})],
)
def test_sends_an_event(saltern: Command, master: ScriptedMaster, words: tuple[str, ...], data: dict) -> None:
    master.script[contract.SendEvent] = [{"kind": "end", "seq": 5}]

    assert saltern("events", "send", "myco/deploy", *words) == exitcodes.OK

    assert (master.asked(contract.SendEvent)[0].tag, master.asked(contract.SendEvent)[0].data) == ("myco/deploy", data)


def test_event_data_that_are_no_pairs_are_refused(saltern: Command, capsys: Output) -> None:
    assert saltern("events", "send", "myco/deploy", "loose") == exitcodes.USAGE
