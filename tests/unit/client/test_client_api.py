"""The Python API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import msgspec
import pytest

from saltern.client import contract
from saltern.client.connection import Client
from saltern.client.records import Finished, Progress, Update
from saltern.errors import JobNotFound, LinkClosed, MasterNotRunning, NoMinionsMatched
from saltern.model.job import Job, JobQuery, Outcome, OutcomeQuery, State
from scripted_master import ScriptedMaster, outcome

JID = "20261122085142537545"


@pytest.fixture
async def client(scripted: ScriptedMaster) -> AsyncIterator[Client]:
    async with Client(scripted.path) as client:
        yield client


@pytest.mark.behaviour("CLI-09")
async def test_run_gives_back_what_each_minion_did(client: Client, scripted: ScriptedMaster) -> None:
    scripted.returns(outcome("m1", "running"), outcome("m1", value={"a": 1}), outcome("m2", "failed", "no"))

    result = await client.run("m*", "test.arg", [1], {"b": 2}, tgt_type="compound", wait=3)

    assert result.values == {"m1": {"a": 1}, "m2": "no"}
    assert not result.ok
    publish = scripted.asked(contract.Publish)[0]
    assert (publish.tgt, publish.tgt_type, publish.arg) == ("m*", "compound", [1, {"b": 2, "__kwarg__": True}])
    assert scripted.asked(contract.Follow)[0].wait == 3


@pytest.mark.behaviour("CLI-09")
async def test_a_run_is_ok_when_all_returned_well(client: Client, scripted: ScriptedMaster) -> None:
    scripted.returns(outcome("m1", value=True), outcome("m2", value=None))

    result = await client.run("*", "test.ping")

    assert (result.ok, result.values) == (True, {"m1": True, "m2": None})


async def test_a_run_with_a_silent_minion_is_not_ok(client: Client, scripted: ScriptedMaster) -> None:
    scripted.returns(outcome("m1", value=True), pending={"m2": "not_connected"})

    result = await client.run("*", "test.ping")

    assert (result.ok, result.finished.pending) == (False, {"m2": "not_connected"})


async def test_large_values_are_fetched(client: Client, scripted: ScriptedMaster) -> None:
    scripted.returns({**outcome("m1", value="x"), "body": None})
    whole = msgspec.msgpack.encode("x" * 100_000)
    scripted.script[contract.ReadBody] = [
        {"kind": "item", "data": whole[:50_000]},
        {"kind": "item", "data": whole[50_000:]},
        {"kind": "end", "size": len(whole)},
    ]

    result = await client.run("m1", "cmd.run", ["x"])

    assert result.values == {"m1": "x" * 100_000}


async def test_follow_gives_typed_records(client: Client, scripted: ScriptedMaster) -> None:
    scripted.script[contract.Follow] = [
        {"kind": "item", "progress": {"minion": "m1", "stream": "stdout", "number": 1, "data": b"line\n"}},
        outcome("m1", value=1),
        {"kind": "end", "counts": {"returned": 1}, "pending": {}, "cursor": 4},
    ]

    async with aclosing(client.follow(JID, progress=True)) as answers:
        found = [answer async for answer in answers]

    assert found[0] == Progress(minion="m1", stream="stdout", number=1, data=b"line\n")
    assert isinstance(found[1], Update)
    assert (found[1].outcome.state, found[1].value) == (State.RETURNED, 1)
    assert found[2] == Finished(counts={"returned": 1}, pending={}, cursor=4)


async def test_jobs_and_outcomes(client: Client, scripted: ScriptedMaster) -> None:
    job, one = Job(jid=JID, fun="test.ping"), Outcome(jid=JID, minion="m1", state=State.LOST, seq=3)
    listed = {"job": msgspec.to_builtins(job), "counts": {"lost": 1}}
    scripted.script[contract.ListJobs] = [{"kind": "end", "jobs": [listed]}]
    scripted.script[contract.ShowJob] = [{"kind": "end", **listed}]
    scripted.script[contract.ListOutcomes] = [{"kind": "end", "outcomes": [msgspec.to_builtins(one)]}]
    query = JobQuery(functions=("test.*",), states=(State.LOST,), limit=3)

    assert [entry.job for entry in await client.jobs(query)] == [job]
    assert (await client.job(JID)).counts == {"lost": 1}
    assert await client.outcomes(OutcomeQuery(jid=JID)) == [one]
    assert msgspec.convert(scripted.asked(contract.ListJobs)[0].query, JobQuery) == query


async def test_minions_keys_tokens_events_and_calls(client: Client, scripted: ScriptedMaster) -> None:
    scripted.script[contract.Ping] = [{"kind": "end", "master": "vm", "version": "1", "pid": 7, "ready": True}]
    scripted.script[contract.Fleet] = [{"kind": "end", "minions": {"m1": {"connected": True, "running": {"7": 1}}}}]
    scripted.script[contract.Keys] = [{"kind": "end", "keys": {"minions": ["m1"]}}]
    scripted.script[contract.MakeToken] = [{"kind": "end", "token": "t", "expires": 5.0}]
    scripted.script[contract.CancelJobs] = [{"kind": "end", "cancelled": [[JID, "m1"]]}]
    scripted.script[contract.SendEvent] = [{"kind": "end", "seq": 9}]
    scripted.script[contract.Call] = [{"kind": "end", "jid": "1", "return": [1], "success": True, "out": ""}]
    scripted.script[contract.FollowEvents] = [
        {"kind": "item", "seq": 1, "tag": "a", "stamp": 1.0, "data": msgspec.msgpack.encode({"x": 1})},
        {"kind": "end"},
    ]

    assert (await client.ping()).ready
    assert (await client.fleet(["m*"]))["m1"].running == {"7": 1}
    assert await client.keys("accept", ["m1"]) == {"minions": ["m1"]}
    assert (await client.make_token("m*", uses=2)).token == "t"
    assert await client.cancel(JID) == [(JID, "m1")]
    assert await client.send_event("a", {"x": 1}) == 9
    called = await client.call("runner", "jobs.active", [1], {"a": 2})
    assert (called.value, called.success) == ([1], True)
    assert await client.call_in_background("runner", "jobs.active") == "1"
    assert [event.value async for event in client.events("a*", count=1)] == [{"x": 1}]


async def test_many_requests_run_at_once(client: Client, scripted: ScriptedMaster) -> None:
    scripted.script[contract.ShowJob] = lambda request: [
        {"kind": "end", "job": msgspec.to_builtins(Job(jid=request.jid, fun="a.b")), "counts": {}}
    ]

    found = await asyncio.gather(*(client.job(str(number)) for number in range(30)))

    assert [entry.job.jid for entry in found] == [str(number) for number in range(30)]


async def test_a_stream_left_early_does_not_spoil_the_next_request(client: Client, scripted: ScriptedMaster) -> None:
    scripted.script[contract.FollowEvents] = [
        {"kind": "item", "seq": number, "tag": "a", "stamp": 1.0, "data": b"\x80"} for number in range(9)
    ]
    scripted.script[contract.Ping] = [{"kind": "end", "pid": 7}]

    async with aclosing(client.events()) as events:
        assert (await anext(events)).seq == 0

    assert (await client.ping()).pid == 7


async def test_errors_are_those_of_the_master_and_the_client_goes_on(client: Client, scripted: ScriptedMaster) -> None:
    scripted.script[contract.ShowJob] = JobNotFound("no job 7")
    scripted.script[contract.Publish] = NoMinionsMatched()

    with pytest.raises(JobNotFound, match="no job 7"):
        await client.job("7")
    with pytest.raises(NoMinionsMatched):
        await client.run("nobody", "test.ping")


async def test_a_master_that_hangs_up_in_the_middle(client: Client, scripted: ScriptedMaster) -> None:
    scripted.returns(outcome("m1", value=1))
    scripted.script[contract.Follow] = [outcome("m1", value=1), {"kind": "hang up"}]

    with pytest.raises(LinkClosed):
        await client.run("*", "test.ping")


async def test_nobody_there(scripted: ScriptedMaster) -> None:
    with pytest.raises(MasterNotRunning):
        await Client(str(scripted.path) + ".no").ping()
