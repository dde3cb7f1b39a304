"""Jobs and returns look as Salt 3008.2 stores and shows them."""

from __future__ import annotations

import pytest

from saltern.model.job import Job, Outcome, State
from saltern.salt_compat.job_shapes import job_instance, publish_load, return_load, stored_return, unknown_instance

JID = "20261122085142537545"
PING = Job(jid=JID, fun="test.ping", user="root", kwargs={"show_timeout": True, "show_jid": False}, created=1.0)
TRUE = Outcome(jid=JID, minion="m1", state=State.RETURNED, retcode=0, success=True)


@pytest.mark.behaviour("MJC-05b")
def test_the_load_of_a_publish_request() -> None:
    assert publish_load(PING) == {
        "cmd": "publish",
        "tgt": "*",
        "tgt_type": "glob",
        "fun": "test.ping",
        "arg": [],
        "ret": "",
        "jid": "20261122085142537545",
        "user": "root",
        "kwargs": {"show_timeout": True, "show_jid": False, "delimiter": ":"},
    }


@pytest.mark.behaviour("MJC-05b", "JOB-23")
def test_metadata_and_returner_options_are_in_the_load() -> None:
    job = Job(
        jid=JID,
        fun=["test.ping", "cmd.run"],
        arg=[[], ["ls", {"cwd": "/", "__kwarg__": True}]],
        tgt=["m1", "m2"],
        tgt_type="list",
        delimiter="|",
        ret="redis,mysql",
        ret_config="alternative",
        ret_kwargs={"db": "1"},
        metadata={"release": 7},
    )

    load = publish_load(job)

    assert (load["fun"], load["tgt"], load["ret"]) == (["test.ping", "cmd.run"], ["m1", "m2"], "redis,mysql")
    assert load["arg"] == [[], ["ls", {"cwd": "/", "__kwarg__": True}]]
    assert load["kwargs"] == {
        "delimiter": "|",
        "metadata": {"release": 7},
        "ret_config": "alternative",
        "ret_kwargs": {"db": "1"},
    }


@pytest.mark.behaviour("MJC-08", "JOBS-05", "JOB-02")
def test_a_row_of_list_jobs() -> None:
    assert job_instance(PING) == {
        "Function": "test.ping",
        "Arguments": [],
        "Target": "*",
        "Target-type": "glob",
        "User": "root",
        "StartTime": "2026, Nov 22 08:51:42.537545",
    }


@pytest.mark.behaviour("JOB-23")
def test_a_row_shows_metadata() -> None:
    assert job_instance(Job(jid=JID, fun="test.ping", metadata={"a": 1}))["Metadata"] == {"a": 1}


@pytest.mark.behaviour("JOBS-04")
def test_a_job_that_is_not_known() -> None:
    assert unknown_instance(JID) == {
        "Error": "Cannot contact returner or no job with this jid",
        "StartTime": "2026, Nov 22 08:51:42.537545",
    }
    assert unknown_instance("nonsense")["StartTime"] == ""


@pytest.mark.behaviour("MJC-07")
@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (TRUE, {"return": "value", "retcode": 0, "success": True}),
        (
            Outcome(jid=JID, minion="m1", state=State.FAILED, retcode=2, success=False, out="highstate"),
            {"return": "value", "retcode": 2, "success": False, "out": "highstate"},
        ),
        (Outcome(jid=JID, minion="m1", state=State.REFUSED), {"return": "value", "retcode": 1, "success": False}),
    ],
)
def test_one_entry_of_get_jid(outcome: Outcome, expected: dict[str, object]) -> None:
    assert stored_return(outcome, "value") == expected


@pytest.mark.behaviour("JOB-11", "EVT-04")
def test_the_load_of_a_return() -> None:
    assert return_load(PING, TRUE, True) == {
        "cmd": "_return",
        "id": "m1",
        "jid": "20261122085142537545",
        "fun": "test.ping",
        "fun_args": [],
        "return": True,
        "retcode": 0,
        "success": True,
        "user": "root",
    }


@pytest.mark.behaviour("JOB-11")
def test_the_load_of_a_return_with_all_that_it_may_have() -> None:
    job = Job(jid=JID, fun="state.apply", arg=["web"], user="alice", metadata={"a": 1}, master="master1")
    outcome = Outcome(jid=JID, minion="m1", state=State.FAILED, retcode=2, success=False, out="highstate")

    load = return_load(job, outcome, {"x": 1})

    assert load["fun_args"] == ["web"]
    assert (load["out"], load["metadata"], load["master_id"]) == ("highstate", {"a": 1}, "master1")
