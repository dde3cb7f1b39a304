"""What every store of jobs and outcomes does, whatever it keeps them in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from job_stores import KINDS, make_store, stop_servers
from saltern.errors import JobExists, StoreError
from saltern.jobs.contract import JobStore
from saltern.jobs.transition import OUTCOME_BYTES
from saltern.model.job import (
    Body,
    Change,
    Job,
    JobQuery,
    OutcomeQuery,
    Retention,
    State,
    Verdict,
    may_follow,
)

NOW = 1_790_000_000.0
JID = "20260921143320000000"
OPEN = (State.QUEUED, State.SENT, State.RUNNING)
NASTY = (
    "ünïcode-猫-🧂",
    "nul\0inside",
    "'; DROP TABLE job; --",
    'quo"te`s[and]%_*?',
    "comma,comma",
    "line\nbreak\\u0000\x01\x7f",
    " ",
)


EACH_KIND = [pytest.param(kind, marks=pytest.mark.xdist_group(f"job store {kind}")) for kind in KINDS]


@pytest.fixture(scope="module", autouse=True)
def servers_end() -> Iterator[None]:
    yield
    stop_servers()


@pytest.fixture(params=EACH_KIND)
async def store(request: Any, tmp_path: Path) -> AsyncIterator[JobStore]:
    made = await make_store(request.param, tmp_path)
    yield made
    await made.close()


def job(jid: str = JID, **fields: Any) -> Job:
    return Job(**{"jid": jid, "fun": "test.ping", "user": "root", "created": NOW, **fields})


def jid_number(number: int) -> str:
    return str(int(JID) + number)


def change(minion: str, state: State, jid: str = JID, at: float = NOW + 1, **fields: Any) -> Change:
    return Change(jid=jid, minion=minion, state=state, at=at, **fields)


def returned(minion: str, data: bytes = b"\xc3", jid: str = JID, **fields: Any) -> Change:
    given = {"retcode": 0, "success": True, "body": Body(data=data, size=len(data)), **fields}
    return change(minion, State.RETURNED, jid, **given)


async def counts(store: JobStore, jid: str = JID) -> dict[str, int]:
    found = await store.job(jid)
    assert found is not None
    return found.counts


# --- creating -----------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("MJC-05", "MJC-05b", "MJC-06")
async def test_a_job_is_there_with_a_queued_outcome_for_each_minion(store: JobStore) -> None:
    asked = job(
        arg=[1, "a", {"b": 2, "__kwarg__": True}],
        tgt=["m1", "m2"],
        tgt_type="list",
        metadata={"why": "test"},
        kwargs={"show_jid": False},
        missing=["m9"],
        deliver_until=NOW + 60,
        timeout=5.0,
        master="master1",
    )

    await store.create(asked, ["m1", "m2", "m1"])

    found = await store.job(JID)
    assert found is not None
    assert found.job == asked
    assert found.counts == {"queued": 2}
    outcomes = await store.outcomes(OutcomeQuery(jid=JID))
    assert {outcome.minion for outcome in outcomes} == {"m1", "m2"}
    assert all(outcome.state is State.QUEUED and outcome.changed == NOW for outcome in outcomes)
    assert len({outcome.seq for outcome in outcomes}) == 2
    assert all(outcome.seq > 0 for outcome in outcomes)


async def test_a_job_without_minions_is_kept_too(store: JobStore) -> None:
    await store.create(job(), [])

    assert await counts(store) == {}
    assert await store.outcomes(OutcomeQuery(jid=JID)) == []


@pytest.mark.behaviour("MJC-03", "JOB-06")
async def test_a_jid_is_taken_once_and_the_first_job_stays_as_it_was(store: JobStore) -> None:
    await store.create(job(), ["m1"])

    with pytest.raises(JobExists, match=JID):
        await store.create(job(fun="cmd.run"), ["m1", "m2"])

    found = await store.job(JID)
    assert found is not None
    assert found.job.fun == "test.ping"
    assert found.counts == {"queued": 1}


async def test_of_many_who_want_one_jid_at_the_same_time_one_gets_it(store: JobStore) -> None:
    answers = await asyncio.gather(
        *(store.create(job(user=f"user{n}"), ["m1", "m2"]) for n in range(20)), return_exceptions=True
    )

    assert sum(answer is None for answer in answers) == 1
    assert sum(isinstance(answer, JobExists) for answer in answers) == 19
    assert await counts(store) == {"queued": 2}


async def test_a_job_that_cannot_be_encoded_leaves_nothing_behind(store: JobStore) -> None:
    with pytest.raises(Exception):  # noqa: B017  (each store's encoder says it in its own words)
        await store.create(job(arg=[object()]), ["m1"])

    assert await store.job(JID) is None
    assert await store.outcomes(OutcomeQuery(minion="m1")) == []
    await store.create(job(), ["m1"])


async def test_what_is_not_there_is_none_and_not_an_error(store: JobStore) -> None:
    await store.create(job(), ["m1"])

    assert await store.job("20990101000000000000") is None
    assert await store.job("") is None
    assert await store.body(JID, "m1") is None
    assert await store.body(JID, "stranger") is None
    assert await store.body("20990101000000000000", "m1") is None
    assert await store.bodies("20990101000000000000", ["m1"]) == {}
    assert await store.outcomes(OutcomeQuery(jid="20990101000000000000")) == []


async def test_the_latest_jid_is_the_highest_and_not_the_last_one_written(store: JobStore) -> None:
    assert await store.latest() == ""
    for jid in (jid_number(5), jid_number(9), jid_number(7)):
        await store.create(job(jid), ["m1"])

    assert await store.latest() == jid_number(9)


# --- recording ----------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("JOB-12", "MJC-07")
async def test_an_outcome_goes_its_way_and_keeps_when_it_started(store: JobStore) -> None:
    await store.create(job(), ["m1"])

    verdicts = await store.record(
        [
            change("m1", State.SENT, at=NOW + 1),
            change("m1", State.RUNNING, at=NOW + 2),
            change("m1", State.FAILED, at=NOW + 3, retcode=7, success=False, out="highstate", body=Body(data=b"\xc2")),
        ]
    )

    assert verdicts == [Verdict.STORED] * 3
    (outcome,) = await store.outcomes(OutcomeQuery(jid=JID))
    assert (outcome.state, outcome.retcode, outcome.success, outcome.out) == (State.FAILED, 7, False, "highstate")
    assert (outcome.started, outcome.finished, outcome.changed) == (NOW + 2, NOW + 3, NOW + 3)
    assert outcome.size == 1
    assert await counts(store) == {"failed": 1}


@pytest.mark.parametrize("separately", [True, False], ids=["one by one", "in one call"])
async def test_who_ends_an_outcome_and_why_is_kept(store: JobStore, separately: bool) -> None:
    await store.create(job(), ["m1", "m2", "m3"])
    changes = [
        change("m1", State.CANCELLED, by="root", reason="too slow"),
        change("m2", State.REFUSED, reason="blackout"),
        change("m3", State.EXPIRED, reason="blackout"),
    ]

    for batch in [[each] for each in changes] if separately else [changes]:
        await store.record(batch)

    found = {outcome.minion: outcome for outcome in await store.outcomes(OutcomeQuery(jid=JID))}
    assert (found["m1"].by, found["m1"].reason, found["m1"].retcode, found["m1"].success) == (
        "root",
        "too slow",
        None,
        None,
    )
    assert (found["m2"].state, found["m2"].reason, found["m2"].by) == (State.REFUSED, "blackout", "")
    assert (found["m3"].state, found["m3"].reason) == (State.EXPIRED, "blackout")
    assert await counts(store) == {"cancelled": 1, "refused": 1, "expired": 1}


@pytest.mark.behaviour("MJC-04", "JOB-18")
async def test_a_second_return_is_a_repeat_and_the_first_body_stays(store: JobStore) -> None:
    await store.create(job(), ["m1"])
    await store.record([returned("m1", b"first")])
    before = await store.outcomes(OutcomeQuery(jid=JID))

    assert await store.record([returned("m1", b"second, and longer")]) == [Verdict.REPEAT]

    assert await store.outcomes(OutcomeQuery(jid=JID)) == before
    assert await store.body(JID, "m1") == Body(data=b"first", size=5)


async def test_repeats_within_one_call_are_seen(store: JobStore) -> None:
    await store.create(job(), ["m1"])

    verdicts = await store.record([returned("m1", b"1"), returned("m1", b"2"), change("m1", State.RUNNING)])

    assert verdicts == [Verdict.STORED, Verdict.REPEAT, Verdict.STALE]
    assert await store.body(JID, "m1") == Body(data=b"1", size=1)
    assert await counts(store) == {"returned": 1}


@pytest.mark.parametrize("old", list(State))
@pytest.mark.parametrize("new", list(State))
async def test_an_outcome_moves_only_as_the_rules_allow(store: JobStore, old: State, new: State) -> None:
    await store.create(job(), ["m1"])
    if old is not State.QUEUED:
        assert await store.record([change("m1", old)]) == [Verdict.STORED]

    (verdict,) = await store.record([change("m1", new, at=NOW + 2)])

    expected = Verdict.REPEAT if new is old else Verdict.STORED if may_follow(old, new) else Verdict.STALE
    assert verdict is expected
    (outcome,) = await store.outcomes(OutcomeQuery(jid=JID))
    assert outcome.state is (new if expected is Verdict.STORED else old)
    assert await counts(store) == {str(outcome.state): 1}


@pytest.mark.parametrize("end", [State.EXPIRED, State.LOST, State.TIMED_OUT])
async def test_a_late_return_replaces_an_end_that_was_only_supposed(store: JobStore, end: State) -> None:
    await store.create(job(), ["m1"])
    await store.record([change("m1", end, reason="not seen", by="master", body=Body(data=b"so far"))])

    assert await store.record([returned("m1", b"late")]) == [Verdict.STORED]

    (outcome,) = await store.outcomes(OutcomeQuery(jid=JID))
    assert (outcome.state, outcome.reason, outcome.by, outcome.size) == (State.RETURNED, "", "", 4)
    assert await store.body(JID, "m1") == Body(data=b"late", size=4)
    assert await counts(store) == {"returned": 1}


async def test_an_end_and_its_late_return_may_come_in_one_call(store: JobStore, tmp_path: Path) -> None:
    await store.create(job(), ["m1"])
    partial = tmp_path / "partial"
    partial.write_bytes(b"so far")

    verdicts = await store.record([change("m1", State.TIMED_OUT, body=Body(path=partial)), returned("m1", b"late")])

    assert verdicts == [Verdict.STORED, Verdict.STORED]
    assert await store.body(JID, "m1") == Body(data=b"late", size=4)
    assert not partial.exists()


async def test_a_body_with_an_open_state_is_not_kept(store: JobStore) -> None:
    await store.create(job(), ["m1"])

    await store.record([change("m1", State.RUNNING, body=Body(data=b"early"))])

    assert await store.body(JID, "m1") is None
    (outcome,) = await store.outcomes(OutcomeQuery(jid=JID))
    assert outcome.size == 0


@pytest.mark.behaviour("MJC-04")
async def test_each_change_gets_its_own_verdict(store: JobStore) -> None:
    await store.create(job(), ["m1", "m2"])
    await store.create(job(jid_number(1)), ["m3"])

    verdicts = await store.record(
        [
            returned("m1"),
            returned("m3"),
            returned("m1", jid="20990101000000000000"),
            returned("m3", jid=jid_number(1)),
            change("m2", State.QUEUED),
            returned("../../etc/passwd"),
            returned("m1", jid="'; DROP TABLE job; --"),
        ]
    )

    assert verdicts == [
        Verdict.STORED,
        Verdict.NOT_TARGETED,
        Verdict.UNKNOWN_JOB,
        Verdict.STORED,
        Verdict.REPEAT,
        Verdict.NOT_TARGETED,
        Verdict.UNKNOWN_JOB,
    ]
    assert await counts(store) == {"returned": 1, "queued": 1}
    assert await store.record([]) == []


async def test_numbers_that_a_hostile_minion_sends_do_no_harm(store: JobStore) -> None:
    await store.create(job(), ["m1", "m2", "m3"])

    verdicts = await store.record(
        [
            returned("m1", retcode=2**70, started=float("inf")),
            returned("m2", retcode=-(2**70), started=float("nan")),
            returned("m3", retcode=-1, started=-1e300),
        ]
    )

    assert verdicts == [Verdict.STORED] * 3
    found = {outcome.minion: outcome for outcome in await store.outcomes(OutcomeQuery(jid=JID))}
    assert [found[m].retcode for m in ("m1", "m2", "m3")] == [2**63 - 1, -(2**63), -1]
    assert all(found[m].started == 0 for m in ("m1", "m2", "m3"))


@pytest.mark.behaviour("JOB-17")
async def test_many_publishes_and_returns_at_the_same_time_are_all_counted(store: JobStore) -> None:
    minions = [f"m{number:04d}" for number in range(1000)]

    async def publish_and_return(number: int) -> None:
        jid = jid_number(number)
        await store.create(job(jid), minions)
        answers = await asyncio.gather(
            *(store.record([returned(m, jid=jid) for m in minions[at : at + 100]]) for at in range(0, 1000, 100))
        )
        assert all(verdict is Verdict.STORED for answer in answers for verdict in answer)

    await asyncio.gather(*(publish_and_return(number) for number in range(5)))

    for number in range(5):
        assert await counts(store, jid_number(number)) == {"returned": 1000}
    everything = await store.outcomes(OutcomeQuery(limit=10_000))
    assert len({outcome.seq for outcome in everything}) == 5000


# --- bodies -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 300_000, 1 << 20, (1 << 20) + 1, 20 << 20])
async def test_a_body_of_any_size_comes_back_as_it_went(store: JobStore, size: int) -> None:
    data = (b"\x00\xff\xfe'\"" * (size // 5 + 1))[:size]
    await store.create(job(), ["m1"])

    await store.record([returned("m1", data)])

    body = await store.body(JID, "m1")
    assert body is not None
    assert body.size == size
    assert content(body) == data
    (outcome,) = await store.outcomes(OutcomeQuery(jid=JID))
    assert outcome.size == size


@pytest.mark.parametrize("size", [0, 10, 3 << 20])
async def test_a_body_that_is_a_file_is_taken_over(store: JobStore, tmp_path: Path, size: int) -> None:
    await store.create(job(), ["m1"])
    given = tmp_path / "transfer"
    given.write_bytes(b"x" * size)

    assert await store.record([change("m1", State.RETURNED, body=Body(path=given, size=size))]) == [Verdict.STORED]

    body = await store.body(JID, "m1")
    assert body is not None
    assert body.size == size
    assert content(body) == b"x" * size
    assert not given.exists()


async def test_a_file_that_is_not_wanted_is_taken_over_all_the_same(store: JobStore, tmp_path: Path) -> None:
    await store.create(job(), ["m1"])
    await store.record([returned("m1", b"first")])
    files = []
    for jid, minion in ((JID, "m1"), (JID, "stranger"), ("20990101000000000000", "m1")):
        given = tmp_path / f"transfer{len(files)}"
        given.write_bytes(b"x" * 100)
        files.append(given)
        await store.record([change(minion, State.RETURNED, jid, body=Body(path=given, size=100))])

    assert not any(given.exists() for given in files)
    assert await store.body(JID, "m1") == Body(data=b"first", size=5)


async def test_bodies_of_many_minions_come_together(store: JobStore) -> None:
    minions = [*(f"m{number}" for number in range(50)), *NASTY]
    sent = {minion: bytes([number % 256]) * (number * 200) for number, minion in enumerate(minions)}
    await store.create(job(), [*minions, "silent"])
    await store.record([returned(minion, data) for minion, data in sent.items()])

    found = await store.bodies(JID, [*minions, "silent", "stranger", "nul\0other"])

    assert {minion: content(body) for minion, body in found.items()} == sent
    assert {minion: content(body) for minion, body in (await store.bodies(JID, minions[:50])).items()} == {
        minion: sent[minion] for minion in minions[:50]
    }
    assert await store.bodies(JID, []) == {}


async def test_bodies_of_outcomes_of_many_jobs_come_together(store: JobStore) -> None:
    minions = ["m1", "m2", *NASTY, "silent"]
    sent = {}
    for number in range(30):
        await store.create(job(jid_number(number)), minions)
        values = {minion: f"{number} {minion}".encode() * (number * 40) for minion in minions[:-1]}
        await store.record([returned(minion, data, jid=jid_number(number)) for minion, data in values.items()])
        sent.update({(jid_number(number), minion): data for minion, data in values.items()})
    outcomes = (await store.outcomes(OutcomeQuery(limit=1000)))[::-1]

    found = await store.bodies_of(outcomes)

    assert len(found) == 300
    assert {(outcome.jid, outcome.minion): content(body) for outcome, body in zip(outcomes, found, strict=True)
            if body is not None and body.size} == {key: data for key, data in sent.items() if data}  # fmt: skip
    assert [
        outcome.minion for outcome, body in zip(outcomes, found, strict=True) if body is None and outcome.size
    ] == []
    assert await store.bodies_of([]) == []


async def test_the_body_of_an_outcome_that_changed_since_is_none(store: JobStore, tmp_path: Path) -> None:
    large = b"L" * (3 << 20)
    (tmp_path / "large").write_bytes(large)
    await store.create(job(), ["m1", "m2"])
    await store.record([change("m1", State.LOST, body=Body(data=b"supposed", size=8))])
    await store.record([change("m2", State.RETURNED, body=Body(path=tmp_path / "large", size=len(large)))])
    lost, whole = await store.outcomes(OutcomeQuery(jid=JID))
    before = await store.bodies_of([lost, whole])
    assert [content(body) for body in before if body is not None] == [b"supposed", large]

    await store.record([returned("m1", b"late")])
    after = await store.bodies_of([lost, *await store.outcomes(OutcomeQuery(jid=JID, minion="m1"))])

    assert after[0] is None
    assert after[1] == Body(data=b"late", size=4)


def content(body: Body) -> bytes:
    assert (body.data is None) != (body.path is None)
    if body.path is not None:
        return body.path.read_bytes()
    assert body.data is not None
    return body.data


# --- texts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", NASTY)
async def test_any_text_may_be_anywhere(store: JobStore, text: str) -> None:
    asked = job(fun=text, arg=[text], tgt=text, user=text, metadata={text: text}, kwargs={text: text})
    await store.create(asked, [text, "plain"])

    verdicts = await store.record(
        [change(text, State.FAILED, out=text, reason=text, by=text, body=Body(data=text.encode()))]
    )

    assert verdicts == [Verdict.STORED]
    found = await store.job(JID)
    assert found is not None
    assert found.job == asked
    (outcome,) = await store.outcomes(OutcomeQuery(jid=JID, minion=text))
    assert (outcome.minion, outcome.out, outcome.reason, outcome.by) == (text, text, text, text)
    assert await store.body(JID, text) == Body(data=text.encode(), size=len(text.encode()))
    assert len(await store.jobs(JobQuery(minion=text, metadata={text: text}))) == 1
    assert await store.outcomes(OutcomeQuery(minion="nul")) == []


async def test_a_job_may_have_any_text_for_a_jid(store: JobStore) -> None:
    for jid in NASTY:
        await store.create(job(jid), ["m1"])
        assert await store.record([returned("m1", jid.encode(), jid=jid)]) == [Verdict.STORED]

    for jid in NASTY:
        assert await store.body(jid, "m1") == Body(data=jid.encode(), size=len(jid.encode()))
    assert [each.job.jid for each in await store.jobs(JobQuery())] == sorted(NASTY, reverse=True)


# --- following ----------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("JOB-18")
async def test_a_follower_with_a_cursor_sees_each_change_once(store: JobStore) -> None:
    await store.create(job(), [f"m{n}" for n in range(10)])
    first = await store.outcomes(OutcomeQuery(jid=JID, limit=4))
    rest = await store.outcomes(OutcomeQuery(jid=JID, after=first[-1].seq))
    assert len({outcome.minion for outcome in [*first, *rest]}) == 10

    await store.record([returned("m7"), change("m3", State.SENT)])
    news = await store.outcomes(OutcomeQuery(jid=JID, after=rest[-1].seq))

    assert [(outcome.minion, outcome.state) for outcome in news] == [("m7", State.RETURNED), ("m3", State.SENT)]
    assert await store.outcomes(OutcomeQuery(jid=JID, after=news[-1].seq)) == []


async def test_one_who_follows_everything_misses_nothing_while_it_is_written(store: JobStore) -> None:
    minions = [f"m{n}" for n in range(40)]
    seen: dict[tuple[str, str], State] = {}
    cursor = 0

    async def write(number: int) -> None:
        await store.create(job(jid_number(number)), minions)
        for minion in minions:
            await store.record([returned(minion, jid=jid_number(number))])

    writers = asyncio.gather(*(write(number) for number in range(12)))
    while True:
        finished = writers.done()
        news = await store.outcomes(OutcomeQuery(after=cursor, limit=100_000))
        assert [outcome.seq for outcome in news] == sorted({outcome.seq for outcome in news})
        assert all(outcome.seq > cursor for outcome in news)
        cursor = max([cursor, *(outcome.seq for outcome in news)])
        seen.update({(outcome.jid, outcome.minion): outcome.state for outcome in news})
        if finished:
            break
        await asyncio.sleep(0)
    await writers

    assert len(seen) == 12 * 40
    assert set(seen.values()) == {State.RETURNED}


_changes = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["m1", "m2", "m3", "stranger"]), st.sampled_from(list(State))),
    max_size=40,
)


@pytest.mark.parametrize("kind", EACH_KIND)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(_changes, min_size=1, max_size=4))
def test_whatever_happens_counts_sum_to_the_target_and_followers_know_it_all(
    kind: str, rounds: list[list[tuple[int, str, State]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    asyncio.run(_live_through(kind, rounds, tmp_path_factory.mktemp("jobs")))


async def _live_through(kind: str, rounds: list[list[tuple[int, str, State]]], directory: Path) -> None:
    store = await make_store(kind, directory)
    expected = {(n, m): State.QUEUED for n in range(3) for m in ("m1", "m2", "m3")}
    followed: dict[tuple[str, str], State] = {}
    cursor = 0
    try:
        for number in range(3):
            await store.create(job(jid_number(number)), ["m1", "m2", "m3"])
        for changes in rounds:
            verdicts = await store.record([change(m, state, jid_number(n)) for n, m, state in changes])
            for (n, m, state), verdict in zip(changes, verdicts, strict=True):
                assert verdict is _expected_verdict(expected, n, m, state)
                if verdict is Verdict.STORED:
                    expected[n, m] = state
            news = await store.outcomes(OutcomeQuery(after=cursor))
            cursor = news[-1].seq if news else cursor
            followed |= {(outcome.jid, outcome.minion): outcome.state for outcome in news}
            assert followed == {(jid_number(n), m): state for (n, m), state in expected.items()}
            for number in range(3):
                assert sum((await counts(store, jid_number(number))).values()) == 3
    finally:
        await store.close()


def _expected_verdict(expected: dict[tuple[int, str], State], number: int, minion: str, state: State) -> Verdict:
    if number == 3:
        return Verdict.UNKNOWN_JOB
    if (number, minion) not in expected:
        return Verdict.NOT_TARGETED
    old = expected[number, minion]
    return Verdict.REPEAT if state is old else Verdict.STORED if may_follow(old, state) else Verdict.STALE


# --- asking -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def history(store: JobStore) -> JobStore:
    """Ten jobs, a minute apart, of different kinds."""
    kinds: list[dict[str, Any]] = [
        {"fun": "test.ping", "tgt": "*"},
        {"fun": "state.apply", "tgt": "web*", "user": "alice"},
        {"fun": ["test.ping", "cmd.run"], "arg": [[], ["ls"]], "tgt": ["m1", "m2"], "tgt_type": "list"},
        {"fun": "cmd.run", "tgt": "G@os:Debian", "tgt_type": "compound", "user": "sudo_bob"},
        {"fun": "state.highstate", "tgt": "*", "metadata": {"release": 7, "by": "ci"}},
    ]
    for number in range(10):
        jid = jid_number(number)
        minions = ["m1", "m2", "web1"] if number % 2 else ["m1"]
        await store.create(job(jid, created=NOW + 60 * number, **kinds[number % 5]), minions)
        state = State.FAILED if number == 3 else State.RETURNED
        await store.record([change("m1", state, jid, at=NOW + 60 * number + 5, body=Body(data=b"x" * 4000))])
    return store


def numbers_of(summaries: list[Any]) -> list[int]:
    return [int(each.job.jid) - int(JID) for each in summaries]


@pytest.mark.behaviour("JOBS-05")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (JobQuery(), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        (JobQuery(limit=3), [9, 8, 7]),
        (JobQuery(limit=0), []),
        (JobQuery(before=jid_number(3), limit=2), [2, 1]),
        (JobQuery(functions=("test.ping",)), [7, 5, 2, 0]),
        (JobQuery(functions=("test.ping,cmd.run",)), [7, 2]),
        (JobQuery(functions=("cmd.*", "state.apply")), [8, 7, 6, 3, 2, 1]),
        (JobQuery(functions=("state.[!a]*",)), [9, 4]),
        (JobQuery(functions=("STATE.*",)), []),
        (JobQuery(not_functions=("test.*", "state.apply")), [9, 8, 4, 3]),
        (JobQuery(targets=("web*",)), [6, 1]),
        (JobQuery(targets=("m2",)), [7, 2]),
        (JobQuery(targets=("[*]",)), [9, 5, 4, 0]),
        (JobQuery(users=("alice", "sudo_*")), [8, 6, 3, 1]),
        (JobQuery(minion="web1"), [9, 7, 5, 3, 1]),
        (JobQuery(minion="nobody"), []),
        (JobQuery(states=(State.FAILED,)), [3]),
        (JobQuery(states=(State.RETURNED,)), [9, 8, 7, 6, 5, 4, 2, 1, 0]),
        (JobQuery(states=(State.QUEUED,)), [9, 7, 5, 3, 1]),
        (JobQuery(states=(State.QUEUED, State.FAILED)), [9, 7, 5, 3, 1]),
        (JobQuery(states=(State.FAILED, State.LOST, State.RETURNED), minion="m1"), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        (JobQuery(states=(State.RETURNED,), minion="web1"), []),
        (JobQuery(metadata={"release": 7}), [9, 4]),
        (JobQuery(metadata={"release": 8, "by": "ci"}), [9, 4]),
        (JobQuery(metadata={"release": "7"}), []),
        (JobQuery(metadata={"by": "ci"}, limit=1), [9]),
        (JobQuery(since=NOW + 120, until=NOW + 300), [5, 4, 3, 2]),
        (JobQuery(since=NOW + 10_000), []),
        (JobQuery(until=NOW - 1), []),
        (JobQuery(functions=("test.ping",), minion="web1", since=NOW + 360), [7]),
    ],
    ids=str,
)
async def test_a_query_gives_what_fits_newest_first(history: JobStore, query: JobQuery, expected: list[int]) -> None:
    assert numbers_of(await history.jobs(query)) == expected


@pytest.mark.behaviour("MJC-08")
async def test_pages_follow_each_other_without_gap_or_overlap(history: JobStore) -> None:
    seen: list[int] = []
    before = ""
    while page := await history.jobs(JobQuery(before=before, limit=3)):
        seen += numbers_of(page)
        before = page[-1].job.jid

    assert seen == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]


async def test_jids_that_do_not_follow_the_time_are_found_by_the_time(store: JobStore) -> None:
    made = {3: NOW, 5: NOW + 10, 1: NOW + 20, 7: NOW + 30, 2: NOW + 40, 9: NOW - 10}
    for number, created in made.items():
        await store.create(job(jid_number(number), created=created), ["m1"])

    for since, limit in ((NOW, 10), (NOW + 5, 10), (NOW + 15, 10), (NOW + 35, 10), (NOW + 50, 10), (NOW, 2), (NOW, 4)):
        expected = sorted((number for number, created in made.items() if created >= since), reverse=True)
        found = await store.jobs(JobQuery(since=since, limit=limit))
        assert numbers_of(found) == expected[:limit], since
        rest = await store.jobs(JobQuery(since=since, before=jid_number(3)))
        assert numbers_of(rest) == [number for number in expected if number < 3]


async def test_a_listed_job_has_its_counts(history: JobStore) -> None:
    (newest,) = await history.jobs(JobQuery(limit=1))

    assert newest.counts == {"returned": 1, "queued": 2}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (OutcomeQuery(states=(State.FAILED,)), {(3, "m1")}),
        (OutcomeQuery(states=(State.FAILED, State.LOST), since=NOW + 180), {(3, "m1")}),
        (OutcomeQuery(states=(State.FAILED,), since=NOW + 200), set()),
        (OutcomeQuery(minion="web1", states=OPEN), {(n, "web1") for n in range(1, 10, 2)}),
        (OutcomeQuery(minion="m1", states=(State.QUEUED,)), set()),
        (OutcomeQuery(minion="m1", states=(State.FAILED, State.QUEUED)), {(3, "m1")}),
        (OutcomeQuery(minion="m1"), {(n, "m1") for n in range(10)}),
        (OutcomeQuery(minion="m1", since=NOW + 400), {(n, "m1") for n in range(7, 10)}),
        (OutcomeQuery(jid=jid_number(3), states=(State.QUEUED,)), {(3, "m2"), (3, "web1")}),
        (OutcomeQuery(jid=jid_number(3), minion="m2"), {(3, "m2")}),
        (OutcomeQuery(states=(State.QUEUED,), minion=""), {(n, m) for n in range(1, 10, 2) for m in ("m2", "web1")}),
        (OutcomeQuery(limit=0), set()),
        (OutcomeQuery(minion="m1", since=NOW + 120, until=NOW + 300), {(n, "m1") for n in range(2, 5)}),
        (OutcomeQuery(states=(State.FAILED,), until=NOW + 100), set()),
        (OutcomeQuery(states=(State.FAILED,), until=NOW + 10_000), {(3, "m1")}),
        (OutcomeQuery(jids=(jid_number(3), jid_number(2), jid_number(99), jid_number(3))),
         {(2, "m1"), (3, "m1"), (3, "m2"), (3, "web1")}),
        (OutcomeQuery(jids=(jid_number(8), jid_number(3)), states=(State.FAILED,)), {(3, "m1")}),
        (OutcomeQuery(jids=(jid_number(0), jid_number(9)), minion="m1"), {(0, "m1"), (9, "m1")}),
        (OutcomeQuery(jid=jid_number(3), jids=(jid_number(2),), states=(State.FAILED,)), {(3, "m1")}),
        (OutcomeQuery(jids=(jid_number(99), "nul\0inside")), set()),
    ],
    ids=lambda value: "" if isinstance(value, set) else str(value),
)  # fmt: skip
async def test_outcomes_are_found_by_state_minion_and_time(
    history: JobStore, query: OutcomeQuery, expected: set[tuple[int, str]]
) -> None:
    found = await history.outcomes(query)

    assert {(int(outcome.jid) - int(JID), outcome.minion) for outcome in found} == expected
    assert [outcome.seq for outcome in found] == sorted(outcome.seq for outcome in found)


@pytest.mark.parametrize("kind", EACH_KIND)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text("ab[]!^-,\0", max_size=6), min_size=1, max_size=8),
    patterns=st.lists(st.text("ab[]!^-*?,", max_size=8), min_size=1, max_size=4),
)
def test_globs_are_read_as_fnmatch_does(
    kind: str, texts: list[str], patterns: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    asyncio.run(_ask_for_globs(kind, texts, patterns, tmp_path_factory.mktemp("jobs")))


async def _ask_for_globs(kind: str, texts: list[str], patterns: list[str], directory: Path) -> None:
    store = await make_store(kind, directory)
    try:
        for number, text in enumerate(texts):
            await store.create(job(jid_number(number), fun=text), [])
        for pattern in patterns:
            fit = {
                number
                for number, text in enumerate(texts)
                if any(fnmatchcase(part, pattern) for part in [text, *text.split(",")])
            }
            assert set(numbers_of(await store.jobs(JobQuery(functions=(pattern,))))) == fit
            assert set(numbers_of(await store.jobs(JobQuery(not_functions=(pattern,))))) == set(range(len(texts))) - fit
    finally:
        await store.close()


# --- expiring -----------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("MJC-09", "MJC-01")
async def test_jobs_past_their_age_go_and_take_everything_along(history: JobStore) -> None:
    dropped = await history.expire(Retention(seconds=300), now=NOW + 60 * 9)

    assert dropped == 4
    assert numbers_of(await history.jobs(JobQuery())) == [9, 8, 7, 6, 5, 4]
    assert await history.body(jid_number(3), "m1") is None
    assert await history.outcomes(OutcomeQuery(jid=jid_number(3))) == []
    assert await history.outcomes(OutcomeQuery(states=(State.FAILED,))) == []
    assert await history.record([returned("m2", jid=jid_number(3))]) == [Verdict.UNKNOWN_JOB]
    assert await history.expire(Retention(seconds=300), now=NOW + 60 * 9) == 0


async def test_no_bounds_keep_everything(history: JobStore) -> None:
    assert await history.expire(Retention(seconds=0), now=NOW + 1e9) == 0
    assert len(await history.jobs(JobQuery())) == 10


async def test_only_so_many_jobs_are_kept(history: JobStore) -> None:
    assert await history.expire(Retention(seconds=0, jobs=3), now=NOW) == 7

    assert numbers_of(await history.jobs(JobQuery())) == [9, 8, 7]


async def test_only_so_many_bytes_are_kept(history: JobStore) -> None:
    dropped = await history.expire(Retention(seconds=0, bytes=13_500), now=NOW)

    # Each of these jobs has a body of 4,000 bytes, a load, and one or three outcomes.
    assert dropped == 7
    assert await history.expire(Retention(seconds=0, bytes=4000 + OUTCOME_BYTES), now=NOW) == 3
    assert await history.jobs(JobQuery()) == []


async def test_age_goes_by_when_a_job_was_made_and_not_by_its_jid(store: JobStore) -> None:
    await store.create(job("19990101000000000000", created=NOW), ["m1"])
    await store.create(job("20990101000000000000", created=NOW - 100), ["m1"])
    await store.create(job(JID, created=NOW + 100), ["m1"])

    assert await store.expire(Retention(seconds=50), now=NOW) == 1

    assert [each.job.jid for each in await store.jobs(JobQuery())] == [JID, "19990101000000000000"]
    assert await store.latest() == JID


async def test_oldest_first_also_when_the_clock_jumped_back(store: JobStore) -> None:
    made = [NOW + 50, NOW + 60, NOW + 10, NOW + 20, NOW + 70, NOW]
    for number, created in enumerate(made):
        await store.create(job(jid_number(number), created=created), ["m1"])
        await store.record([returned("m1", b"x" * 15_000, jid=jid_number(number))])

    assert await store.expire(Retention(seconds=0, jobs=4), now=NOW) == 2
    assert sorted(each.job.created for each in await store.jobs(JobQuery())) == [NOW + 20, NOW + 50, NOW + 60, NOW + 70]
    assert await store.expire(Retention(seconds=0, jobs=1), now=NOW) == 3
    assert [each.job.created for each in await store.jobs(JobQuery())] == [NOW + 70]


async def test_cursors_go_on_growing_when_all_is_dropped(history: JobStore) -> None:
    last = max(outcome.seq for outcome in await history.outcomes(OutcomeQuery()))

    assert await history.expire(Retention(seconds=1), now=NOW + 1e6) == 10

    assert await history.latest() == ""
    await history.create(job(), ["m1"])
    (outcome,) = await history.outcomes(OutcomeQuery(after=last))
    assert outcome.jid == JID


async def test_jobs_may_be_dropped_while_others_are_written_and_read(store: JobStore) -> None:
    minions = [f"m{n}" for n in range(30)]

    async def publish(number: int) -> None:
        await store.create(job(jid_number(number), created=NOW + number), minions)
        for minion in minions:
            await store.record([returned(minion, b"x" * 100, jid=jid_number(number))])

    async def watch() -> None:
        while not writers.done():
            await store.jobs(JobQuery(limit=50))
            await store.outcomes(OutcomeQuery(limit=500))
            await store.expire(Retention(seconds=0, jobs=5), now=NOW)
            await asyncio.sleep(0)

    for number in range(0, 40, 4):
        writers = asyncio.gather(*(publish(number + n) for n in range(4)))
        await asyncio.gather(watch(), writers)

    await store.expire(Retention(seconds=0, jobs=5), now=NOW)
    left = await store.jobs(JobQuery())
    assert numbers_of(left) == [39, 38, 37, 36, 35]
    assert all(each.counts == {"returned": 30} for each in left)


# --- closing ------------------------------------------------------------------------------------------------------


async def test_a_closed_store_says_so(store: JobStore) -> None:
    await store.close()
    await store.close()

    with pytest.raises(StoreError, match="closed"):
        await store.create(job(), ["m1"])
    with pytest.raises(StoreError, match="closed"):
        await store.record([returned("m1")])


async def test_what_was_asked_before_closing_is_still_done(store: JobStore) -> None:
    await store.create(job(), ["m1", "m2"])
    waiting = [asyncio.ensure_future(store.record([returned(minion)])) for minion in ("m1", "m2")]
    await asyncio.sleep(0)

    await store.close()

    assert await asyncio.gather(*waiting) == [[Verdict.STORED], [Verdict.STORED]]


async def test_the_size_of_a_value_that_is_stored_elsewhere_is_kept(store: JobStore):
    await store.create(job(), ["m1"])
    await store.record([change("m1", State.RETURNED, retcode=0, success=True, elsewhere=12345)])

    (outcome,) = await store.outcomes(OutcomeQuery(jid=JID))
    assert (outcome.elsewhere, outcome.size, await store.body(JID, "m1")) == (12345, 0, None)
