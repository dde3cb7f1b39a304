"""`saltern run --batch` and `--subset` against a scripted master."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from saltern.cli import exitcodes
from saltern.client import contract
from saltern.errors import NotFound
from scripted_master import ScriptedMaster, outcome

JID = "20261122085142537545"
Command = Callable[..., int]
Output = pytest.CaptureFixture[str]


def page(*items: dict) -> dict:
    """Items that come together."""
    return {"kind": "items", "items": [{key: item[key] for key in ("outcome", "body")} for item in items]}


def queued(*minions: str) -> dict:
    return page(*(outcome(minion, "queued") for minion in minions))


def script(master: ScriptedMaster, *pages: dict, minions: tuple[str, ...] = ("m1", "m2", "m3")) -> None:
    master.script[contract.Publish] = [
        {"kind": "end", "jid": JID, "minions": list(minions), "missing": [], "away": ["m3"], "batch": 2}
    ]
    master.script[contract.Follow] = [*pages, {"kind": "end", "counts": {}, "pending": {}, "cursor": 9}]


@pytest.mark.behaviour("TGT-07")
def test_a_batch_says_whose_turn_it_is_before_the_returns(
    saltern: Command, master: ScriptedMaster, capsys: Output
) -> None:
    script(
        master,
        queued("m1", "m2", "m3"),
        page(outcome("m1", "sent"), outcome("m2", "sent")),
        page(outcome("m2", value=True)),
        page(outcome("m1", value=True), outcome("m3", value=True)),
    )

    assert saltern("run", "-b", "2", "*", "test.ping") == exitcodes.OK

    assert capsys.readouterr().out == (
        "\nExecuting run on ['m1', 'm2']\n\nm2:\n    True\nm1:\n    True\n\nExecuting run on ['m3']\n\nm3:\n    True\n"
    )


@pytest.mark.behaviour("TGT-07")
def test_what_is_said_of_turns_does_not_spoil_documents(
    saltern: Command, master: ScriptedMaster, capsys: Output
) -> None:
    script(master, page(outcome("m1", value=1)), minions=("m1",))

    assert saltern("run", "-b", "2", "*", "test.ping", "--out", "json") == exitcodes.OK

    said = capsys.readouterr()
    assert json.loads(said.out) == {"m1": 1}
    assert said.err == "\nExecuting run on ['m1']\n\n"


@pytest.mark.behaviour("TGT-07")
def test_static_says_nothing_of_turns(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    script(master, page(outcome("m1", value=1), outcome("m2", value=2)), minions=("m1", "m2"))

    saltern("run", "-b", "1", "*", "test.ping", "--static", "--out", "json")

    said = capsys.readouterr()
    assert (json.loads(said.out), said.err) == ({"m1": 1, "m2": 2}, "")


@pytest.mark.behaviour("TGT-07")
def test_a_minion_that_is_not_there_for_its_turn_gets_a_line_and_no_row(
    saltern: Command, master: ScriptedMaster, capsys: Output
) -> None:
    script(master, page(outcome("m1", value=1), outcome("m3", "expired", reason="not connected")), minions=("m1", "m3"))

    assert saltern("run", "-b", "1", "*", "test.ping") == exitcodes.SOME_MISSING

    out = capsys.readouterr().out
    assert "Minion m3 did not respond. No job will be sent.\n" in out
    assert "did not return" not in out


@pytest.mark.behaviour("TGT-07")
def test_a_halted_batch_says_why_and_exits_with_the_highest_retcode(
    saltern: Command, master: ScriptedMaster, capsys: Output
) -> None:
    script(
        master,
        page(outcome("m1", "failed", "no", retcode=42), outcome("m2", "failed", "no", retcode=3)),
        page(outcome("m3", "cancelled", reason="batch halted: failhard")),
    )

    assert saltern("run", "-b", "2", "--failhard", "*", "test.retcode", "42") == 42

    said = capsys.readouterr()
    assert "m3" not in said.out
    assert said.err.startswith(
        "[ERROR   ] Batch run stopped due to failhard\n1 minions were not given the job: m3\n"
        "ERROR: Minions returned with non-zero exit code\n"
    )


@pytest.mark.behaviour("TGT-07")
def test_a_retcode_that_is_no_exit_status_still_is_a_failure(saltern: Command, master: ScriptedMaster) -> None:
    script(master, page(outcome("m1", "failed", "no", retcode=512)), minions=("m1",))

    assert saltern("run", "-b", "2", "*", "test.retcode", "512") == 255


WISHES = [
    (("-b", "10"), contract.BatchWish(size="10")),
    (("--batch-size", "25%", "--batch-wait", "5", "--failhard"), contract.BatchWish(size="25%", wait=5, failhard=True)),
    (("--batch=1", "--max-fail", "3"), contract.BatchWish(size="1", max_fail="3")),
    (("--batch-safe-limit", "100"), contract.BatchWish(safe_limit=100)),
    (("--batch-safe-limit", "9", "--batch-safe-size", "5%"), contract.BatchWish(safe_limit=9, safe_size="5%")),
    ((), None),
]


@pytest.mark.behaviour("TGT-07", "CLI-02")
@pytest.mark.parametrize(("flags", "wish"), WISHES)
def test_flags_say_what_batch_is_wanted(
    saltern: Command, master: ScriptedMaster, flags: tuple[str, ...], wish: contract.BatchWish | None
) -> None:
    script(master)

    saltern("run", *flags, "--async", "*", "test.ping")

    assert master.asked(contract.Publish)[0].batch == wish


@pytest.mark.behaviour("TGT-07")
def test_the_configuration_may_ask_for_batches_of_large_targets(
    saltern: Command, master: ScriptedMaster, conf: Path, capsys: Output
) -> None:
    with (conf / "master").open("a") as file:
        file.write("batch_safe_limit: 50\nbatch_safe_size: 5\n")
    script(master, page(outcome("m1", value=1)), minions=("m1",))

    saltern("run", "*", "test.ping")

    assert master.asked(contract.Publish)[0].batch == contract.BatchWish(safe_limit=50, safe_size="5")
    assert capsys.readouterr().out.startswith("\nNOTICE: Too many minions targeted, switching to batch execution.\n")


@pytest.mark.behaviour("TGT-07", "JOB-20")
def test_async_names_the_batch(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    script(master)

    assert saltern("run", "--async", "-b", "2", "*", "test.ping") == exitcodes.OK

    assert capsys.readouterr().out == f"Executed batch command with job ID: {JID}\n"


STATUS = {
    "jid": JID, "total": 9, "completed": 3, "active": 2, "pending": 4, "failed": 0, "cancelled": 0, "paused": True,
    "halted": False,
}  # fmt: skip


def test_pausing_says_where_the_batch_stands(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.ControlBatch] = [{"kind": "end", "batch": STATUS}]

    assert saltern("jobs", "pause", JID) == exitcodes.OK

    assert master.asked(contract.ControlBatch) == [contract.ControlBatch(jid=JID, action="pause")]
    assert capsys.readouterr().out == f"Batch {JID} is paused: 3 completed, 2 active, 4 pending of 9.\n"


@pytest.mark.parametrize(("words", "kill"), [((), False), (("--kill",), True)])
def test_stopping_may_end_what_runs(saltern: Command, master: ScriptedMaster, words: tuple, kill: bool) -> None:
    master.script[contract.ControlBatch] = [{"kind": "end", "batch": STATUS}]

    saltern("jobs", "stop", JID, *words)

    assert master.asked(contract.ControlBatch) == [contract.ControlBatch(jid=JID, action="stop", kill=kill)]


def test_what_is_no_batch_is_an_error(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.ControlBatch] = NotFound(f"job {JID} is no batch")

    assert saltern("jobs", "resume", JID) == 66

    assert capsys.readouterr().err == f"saltern: job {JID} is no batch\n"


# --- subset ---------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("TGT-08")
def test_a_subset_is_taken_from_connected_minions_that_have_the_function(
    saltern: Command, master: ScriptedMaster, capsys: Output
) -> None:
    minions = [f"m{number}" for number in range(6)]
    master.script[contract.Resolve] = [{"kind": "end", "minions": minions, "missing": [], "away": ["m0", "m1"]}]
    jobs: dict[str, contract.Publish] = {}

    def publish(request: contract.Publish) -> list[dict]:
        jid = f"2026112208514253754{len(jobs)}"
        jobs[jid] = request
        return [{"kind": "end", "jid": jid, "minions": request.tgt, "missing": [], "away": []}]

    def follow(request: contract.Follow) -> list[dict]:
        asked = jobs[request.jid]
        known = {"m2": ["web.restart"], "m3": ["web.stop"], "m4": ["web.restart"], "m5": ["web.restart"]}
        value = known.__getitem__ if asked.fun == "sys.list_functions" else str.upper
        return [*(outcome(minion, value=value(minion)) for minion in asked.tgt), {"kind": "end", "pending": {}}]

    master.script |= {contract.Publish: publish, contract.Follow: follow}

    assert saltern("run", "--subset", "2", "*", "web.restart", "--static", "--out", "json") == exitcodes.OK

    chosen = set(json.loads(capsys.readouterr().out))
    assert len(chosen) == 2
    assert chosen <= {"m2", "m4", "m5"}
    *questions, last = jobs.values()
    assert (last.fun, set(last.tgt), last.tgt_type) == ("web.restart", chosen, "list")
    assert all(len(question.tgt) <= 2 for question in questions)


@pytest.mark.behaviour("TGT-08")
def test_a_subset_of_nobody_is_no_target(saltern: Command, master: ScriptedMaster) -> None:
    master.script[contract.Resolve] = [{"kind": "end", "minions": ["m1"], "missing": [], "away": ["m1"]}]

    assert saltern("run", "--subset", "1", "*", "test.ping") == exitcodes.NO_RETURN
