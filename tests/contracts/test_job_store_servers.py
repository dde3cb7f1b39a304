"""What stores of jobs on a server do when the server, the way to it or its tables are not as they should be."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import servers
from job_stores import MEMORY, ON_SERVERS, OPEN, empty_database, new_server, run_sql, server, stop_servers
from saltern.errors import StoreError
from saltern.jobs.contract import JobStore
from saltern.jobs.server.address import ServerAddress
from saltern.model.job import Body, Change, Job, JobQuery, OutcomeQuery, Retention, State, Verdict

NOW = 1_790_000_000.0
JID = "20260921143320000000"
SCHEMAS = Path(__file__).parent / "job_store_schemas"
EACH_SERVER = [pytest.param(kind, marks=pytest.mark.xdist_group(f"job store {kind}")) for kind in ON_SERVERS]
each_server = pytest.mark.parametrize("kind", EACH_SERVER)
each_sql = pytest.mark.parametrize("kind", EACH_SERVER[:2])


@pytest.fixture(scope="module", autouse=True)
def servers_end() -> Iterator[None]:
    yield
    stop_servers()


@pytest.fixture
async def closing() -> AsyncIterator[list[JobStore]]:
    stores: list[JobStore] = []
    yield stores
    for store in stores:
        await store.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """For a server of its own, whose user may reach it whatever pytest does to its directories."""
    with tempfile.TemporaryDirectory(prefix="saltern-server-", dir=MEMORY, ignore_cleanup_errors=True) as made:
        yield Path(made)


def job(number: int = 0, **fields: Any) -> Job:
    return Job(jid=str(int(JID) + number), fun="test.ping", user="root", created=NOW, **fields)


def returned(minion: str, data: bytes = b"\xc3", number: int = 0) -> Change:
    body = Body(data=data, size=len(data))
    return Change(
        jid=str(int(JID) + number), minion=minion, state=State.RETURNED, at=NOW + 1, retcode=0, success=True, body=body
    )


def with_fields(address: ServerAddress, **fields: Any) -> ServerAddress:
    return msgspec.structs.replace(address, **fields)


# --- what lacks at the start --------------------------------------------------------------------------------------


async def refusal(address: ServerAddress) -> str:
    with pytest.raises(StoreError) as told:
        await OPEN[address.kind](address)
    line = str(told.value)
    assert "\n" not in line
    assert "s3cret" not in line
    assert line.startswith(f"the job store {address}: ")
    return line.removeprefix(f"the job store {address}: ")


@each_server
async def test_a_wrong_password_is_told_and_not_shown(kind: str) -> None:
    address = empty_database(kind)
    at = server(kind).server
    if kind == "postgresql":
        run_sql(kind, at, "DROP ROLE IF EXISTS guarded", "CREATE ROLE guarded LOGIN PASSWORD 'right'")
        _ask_passwords(at)
    elif kind == "mysql":
        run_sql(kind, at, "CREATE OR REPLACE USER guarded@localhost IDENTIFIED BY 'right'")
    else:
        _redis_user(at, "guarded", ">right", "+@all", "~*")

    line = await refusal(with_fields(address, user="guarded", password="s3cret"))

    expected = {
        "postgresql": "password authentication failed",
        "mysql": "Access denied",
        "redis": "invalid username-pass",
    }
    assert expected[kind] in line


@each_server
async def test_a_server_that_is_not_there_is_told(kind: str) -> None:
    line = await refusal(ServerAddress(kind=kind, port=servers.free_port(), user="salt", timeout=2.0))

    assert any(words in line for words in ("refused", "Can't connect", "Connect call failed"))


@each_sql
async def test_a_database_that_is_missing_is_told(kind: str) -> None:
    line = await refusal(with_fields(empty_database(kind), database="nowhere"))

    assert "nowhere" in line


async def test_the_database_of_redis_is_a_number() -> None:
    with pytest.raises(StoreError, match="a number"):
        await OPEN["redis"](ServerAddress(kind="redis", database="saltern"))


@each_server
async def test_a_user_who_may_only_read_is_told_at_the_start(kind: str, closing: list[JobStore]) -> None:
    address = empty_database(kind)
    closing.append(await OPEN[kind](address))
    at = server(kind).server
    if kind == "postgresql":
        run_sql(
            kind, at, "DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN",
            "GRANT USAGE ON SCHEMA public TO reader", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
        )  # fmt: skip
    elif kind == "mysql":
        run_sql(
            kind,
            at,
            "CREATE OR REPLACE USER reader@localhost",
            f"GRANT SELECT ON {address.database}.* TO reader@localhost",
        )
    else:
        _redis_user(at, "reader", "nopass", "+@read", "+@connection", "+info", "~*")

    line = await refusal(with_fields(address, user="reader", password=""))

    assert {"postgresql": "permission denied", "mysql": "denied", "redis": "permission"}[kind] in line
    if kind == "postgresql":
        run_sql(
            kind, at, "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM reader", "REVOKE ALL ON SCHEMA public FROM reader"
        )


@each_server
def test_a_library_that_lacks_is_named_with_what_to_install(kind: str) -> None:
    module = {"postgresql": "psycopg", "mysql": "asyncmy", "redis": "redis"}[kind]
    opener = f"saltern.jobs.backends.{kind}"
    program = (
        f"import asyncio, sys; sys.modules[{module!r}] = None\n"
        f"from {opener} import open_{kind}\n"
        "from saltern.jobs.server.address import ServerAddress\n"
        "from saltern.errors import StoreError\n"
        f"try: asyncio.run(open_{kind}(ServerAddress(kind={kind!r})))\n"
        "except StoreError as error: print(error, '|', error.hint)\n"
    )

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert f"job_store: {kind} needs the library {module}" in told
    assert f"pip install 'saltern[{kind}]'" in told


async def test_a_redis_that_throws_keys_away_is_refused() -> None:
    import redis

    address = empty_database("redis")
    with redis.Redis(port=address.port) as client:
        client.config_set("maxmemory", "100mb")
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            line = await refusal(address)
        finally:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", "0")

    assert "maxmemory-policy allkeys-lru" in line


def _redis_user(at: servers.Server, *rule: str) -> None:
    import redis

    with redis.Redis(port=at.port) as client:
        client.execute_command("ACL", "SETUSER", rule[0], "reset", "on", *rule[1:])


def _ask_passwords(at: servers.Server) -> None:
    """Let PostgreSQL ask one role for its password; the others go on as they are trusted."""
    ((path,),) = run_sql("postgresql", at, "SHOW hba_file")
    rules = Path(path)
    text = rules.read_text()
    if "guarded" not in text:
        rules.write_text(f"host all guarded 127.0.0.1/32 scram-sha-256\n{text}")
    run_sql("postgresql", at, "SELECT pg_reload_conf()")
    time.sleep(0.3)


# --- versions of the tables ---------------------------------------------------------------------------------------


@each_server
async def test_tables_of_a_newer_version_are_left_alone(kind: str, closing: list[JobStore]) -> None:
    address = empty_database(kind)
    closing.append(await OPEN[kind](address))
    if kind == "redis":
        import redis

        with redis.Redis(port=address.port) as client:
            client.hset("{saltern}:meta", "version", 99)
    else:
        run_sql(kind, server(kind).server, "UPDATE saltern_meta SET version = 99", database=address.database)

    line = await refusal(address)

    assert "of version 99, this Saltern knows up to" in line


@pytest.mark.parametrize(("kind", "version"), [
    pytest.param(*path.stem.split("-"), marks=pytest.mark.xdist_group(f"job store {path.stem.split('-')[0]}"))
    for path in sorted(SCHEMAS.glob("*.sql"))
])  # fmt: skip
async def test_tables_of_each_earlier_version_go_on_as_new_ones(
    kind: str, version: str, closing: list[JobStore]
) -> None:
    """The files were written by the versions of the program that made those tables, with a job in each."""
    address = empty_database(kind)
    script = (SCHEMAS / f"{kind}-{version}.sql").read_text()
    run_sql(
        kind, server(kind).server, *(part for part in script.split(";\n") if part.strip()), database=address.database
    )

    store = await OPEN[kind](address)
    closing.append(store)

    assert [(each.job.fun, each.counts) for each in await store.jobs(JobQuery())] == [
        ("test.ping", {"queued": 1, "returned": 1})
    ]
    assert await store.body(JID, "m1") == Body(data=b"\xa3old", size=4)
    assert await store.record([returned("m2")]) == [Verdict.STORED]
    await store.create(job(1), ["m1", "m3"])
    seqs = [outcome.seq for outcome in await store.outcomes(OutcomeQuery())]
    assert len(set(seqs)) == 4
    assert await OPEN[kind](address) is not None


@each_sql
async def test_of_many_who_open_at_the_same_time_one_makes_the_tables(kind: str, closing: list[JobStore]) -> None:
    address = empty_database(kind)

    closing += await asyncio.gather(*(OPEN[kind](address) for _ in range(6)))

    await closing[0].create(job(), ["m1"])
    assert [len(await store.jobs(JobQuery())) for store in closing] == [1] * 6


# --- several masters ----------------------------------------------------------------------------------------------


@each_server
async def test_masters_that_share_a_store_see_one_history(kind: str, closing: list[JobStore]) -> None:
    address = empty_database(kind)
    one, other = await OPEN[kind](address), await OPEN[kind](address)
    closing += [one, other]
    minions = [f"m{n}" for n in range(20)]
    seen: dict[tuple[str, str], int] = {}
    cursor = 0

    async def publish(store: JobStore, number: int) -> None:
        await store.create(job(number, master=f"master{number % 2}"), minions)
        await asyncio.gather(*(store.record([returned(minion, number=number)]) for minion in minions))

    writers = asyncio.gather(*(publish((one, other)[n % 2], n) for n in range(10)))
    while True:
        finished = writers.done()
        news = await one.outcomes(OutcomeQuery(after=cursor, limit=10_000))
        cursor = max([cursor, *(outcome.seq for outcome in news)])
        seen.update({(outcome.jid, outcome.minion): outcome.seq for outcome in news})
        if finished:
            break
        await asyncio.sleep(0.01)
    await writers

    assert len(seen) == 200
    assert [each.counts for each in await other.jobs(JobQuery())] == [{"returned": 20}] * 10
    assert await one.record([returned("m1"), returned("m2")]) == [Verdict.REPEAT] * 2
    assert await other.expire(Retention(seconds=0, jobs=4), now=NOW) == 6
    assert len(await one.jobs(JobQuery())) == 4


# --- the server goes and comes ------------------------------------------------------------------------------------


@each_server
async def test_writers_wait_for_a_server_that_restarts_and_nothing_is_written_twice(
    kind: str, folder: Path, closing: list[JobStore]
) -> None:
    own = new_server(kind, folder)
    own.start()
    try:
        address = with_fields(empty_database(kind, own), timeout=60.0)
        store = await OPEN[kind](address)
        closing.append(store)
        minions = [f"m{n}" for n in range(400)]
        await store.create(job(), minions)

        async def give(minion: str, pause: float) -> Verdict:
            await asyncio.sleep(pause)
            return (await store.record([returned(minion)]))[0]

        giving = [asyncio.ensure_future(give(minion, n * 0.004)) for n, minion in enumerate(minions)]
        await asyncio.sleep(0.4)
        await asyncio.to_thread(own.kill)
        await asyncio.to_thread(own.start)
        verdicts = await asyncio.gather(*giving)

        assert set(verdicts) == {Verdict.STORED}
        found = await store.job(JID)
        assert found is not None
        assert found.counts == {"returned": 400}
        assert len(await store.outcomes(OutcomeQuery(jid=JID))) == 400
        await store.close()
    finally:
        own.kill()


@each_sql
async def test_connections_that_the_server_cuts_are_made_anew(kind: str, closing: list[JobStore]) -> None:
    address = empty_database(kind)
    store = await OPEN[kind](address)
    closing.append(store)
    minions = [f"m{n}" for n in range(50)]
    await store.create(job(), minions)
    verdicts = []
    for minion in minions:
        await _cut_connections(kind)
        verdicts += await store.record([returned(minion)])
        assert await store.body(JID, minion) is not None

    assert verdicts == [Verdict.STORED] * 50


async def _cut_connections(kind: str) -> None:
    at = server(kind).server
    if kind == "postgresql":
        run_sql(kind, at, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'saltern'")
        return
    for (number,) in run_sql(kind, at, "SELECT id FROM information_schema.processlist WHERE db LIKE 'jobs%'"):
        run_sql(kind, at, f"KILL {number}")


async def test_a_commit_of_which_nobody_knew_is_not_done_twice(closing: list[JobStore]) -> None:
    """The connection ends after the server has committed and before it has said so."""
    store: Any = await OPEN["postgresql"](empty_database("postgresql"))
    closing.append(store)
    await store.create(job(), ["m1", "m2"])
    session = await store._writing()
    commit = session.commit

    async def commit_and_lose_the_answer() -> None:
        from saltern.jobs.server.faults import ConnectionBroken

        await commit()
        raise ConnectionBroken("the answer is lost")

    session.commit = commit_and_lose_the_answer

    assert await store.record([returned("m1")]) == [Verdict.STORED]
    assert (await store.job(JID)).counts == {"queued": 1, "returned": 1}


async def test_what_a_library_raises_unforeseen_is_an_error_of_the_store(closing: list[JobStore]) -> None:
    store: Any = await OPEN["postgresql"](empty_database("postgresql"))
    closing.append(store)
    await store.create(job(), ["m1"])
    session = await store._writing()

    async def fail(*_: Any) -> None:
        raise RuntimeError("no socket")

    session.begin = fail
    with pytest.raises(StoreError, match="the job store failed: RuntimeError: no socket"):
        await store.record([returned("m1")])

    assert await store.record([returned("m1")]) == [Verdict.STORED]


@each_server
async def test_a_server_that_stays_away_is_told_and_the_store_goes_on_when_it_is_back(
    kind: str, folder: Path, closing: list[JobStore]
) -> None:
    own = new_server(kind, folder)
    own.start()
    try:
        store = await OPEN[kind](with_fields(empty_database(kind, own), timeout=0.5))
        closing.append(store)
        await store.create(job(), ["m1"])
        own.kill()
        with pytest.raises(StoreError, match=f"the job store {kind}://"):
            await store.record([returned("m1")])
        with pytest.raises(StoreError):
            await store.job(JID)
        await asyncio.to_thread(own.start)

        assert await store.record([returned("m1")]) == [Verdict.STORED]
        assert (await store.outcomes(OutcomeQuery(jid=JID)))[0].state is State.RETURNED
        await store.close()
    finally:
        own.kill()


@each_server
async def test_a_server_that_does_not_answer_is_given_up_and_asked_again_when_it_does(
    kind: str, folder: Path, closing: list[JobStore]
) -> None:
    own = new_server(kind, folder)
    own.start()
    try:
        store = await OPEN[kind](with_fields(empty_database(kind, own), timeout=0.5))
        closing.append(store)
        await store.create(job(), ["m1", "m2"])
        await store.record([returned("m1")])
        assert await store.job(JID) is not None
        own.signal(signal.SIGSTOP)
        for question in (store.record([returned("m2")]), store.job(JID)):
            with pytest.raises(StoreError, match=f"the job store {kind}://.*: .*") as caught:
                await asyncio.wait_for(question, 60)
            assert any(words in str(caught.value) for words in ("did not answer", "timeout expired"))
        own.signal(signal.SIGCONT)

        assert await store.record([returned("m2")]) in ([Verdict.STORED], [Verdict.REPEAT])
        assert (await store.job(JID)).counts == {"returned": 2}  # type: ignore[union-attr]
        await store.close()
    finally:
        own.kill()


# --- large bodies -------------------------------------------------------------------------------------------------


@each_server
async def test_a_body_of_100_mb_comes_back_as_it_went(kind: str, tmp_path: Path, closing: list[JobStore]) -> None:
    store = await OPEN[kind](with_fields(empty_database(kind), timeout=60.0))
    closing.append(store)
    await store.create(job(), ["m1"])
    given, block = tmp_path / "transfer", bytes(range(256)) * 4096
    with given.open("wb") as file:
        for number in range(100):
            file.write(bytes([number]) + block[1:])
    size = given.stat().st_size
    change = Change(jid=JID, minion="m1", state=State.RETURNED, at=NOW, body=Body(path=given, size=size))

    assert await store.record([change]) == [Verdict.STORED]
    body = await store.body(JID, "m1")

    assert body is not None
    assert (body.size, body.data) == (100 << 20, None)
    assert body.path is not None
    with body.path.open("rb") as file:
        assert all(file.read(len(block)) == bytes([number]) + block[1:] for number in range(100))
    assert not given.exists()
    assert await store.expire(Retention(seconds=1), now=NOW + 1e6) == 1
    assert await _bodies_left(kind, store) == 0


async def _bodies_left(kind: str, store: Any) -> int:
    if kind == "redis":
        return len(await store._client.keys("{saltern}:body:*"))
    ((count,),) = await store._pool.fetch("SELECT count(*) FROM saltern_body")
    return int(count)


@each_sql
async def test_large_bodies_that_nobody_took_are_dropped(kind: str, closing: list[JobStore]) -> None:
    store: Any = await OPEN[kind](empty_database(kind))
    closing.append(store)
    await store.create(job(), ["m1"])
    large = b"x" * (3 << 20)

    assert await store.record([returned("m1", large), returned("stranger", large)]) == [
        Verdict.STORED, Verdict.NOT_TARGETED,
    ]  # fmt: skip

    assert await _bodies_left(kind, store) == 1
    await store._pool.run(lambda session: session.insert("saltern_upload", ("id", "begun"), [(-5, NOW - 1e6)]))
    await store._pool.run(lambda session: session.insert("saltern_body", ("id", "part", "data"), [(-5, 0, b"x")]))
    assert await _bodies_left(kind, store) == 2
    await store.expire(Retention(seconds=0), now=NOW)
    assert await _bodies_left(kind, store) == 1


async def test_changes_that_are_written_are_told_though_an_unwanted_body_cannot_be_dropped(
    tmp_path: Path, closing: list[JobStore]
) -> None:
    store: Any = await OPEN["postgresql"](empty_database("postgresql"))
    closing.append(store)
    await store.create(job(), ["m1"])
    for statement in (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'not now'; END$$",
        "CREATE TRIGGER refuse BEFORE DELETE ON saltern_body FOR EACH ROW EXECUTE FUNCTION refuse()",
    ):
        await store._pool.run(lambda session, text=statement: session.execute(text))
    given = tmp_path / "transfer"
    given.write_bytes(b"x" * (3 << 20))
    unwanted = Change(jid=JID, minion="stranger", state=State.RETURNED, at=NOW, body=Body(path=given, size=3 << 20))

    assert await store.record([returned("m1"), unwanted]) == [Verdict.STORED, Verdict.NOT_TARGETED]

    assert not given.exists()


# --- TLS ----------------------------------------------------------------------------------------------------------


@each_server
async def test_the_server_is_spoken_to_by_tls_and_must_be_the_right_one(
    kind: str, folder: Path, closing: list[JobStore]
) -> None:
    files = _certificates(folder)
    own, port = _tls_server(kind, folder, files)
    own.start()
    try:
        plain = empty_database(kind, own)
        store = await OPEN[kind](with_fields(plain, host="localhost", port=port, tls_ca=files / "ca.pem"))
        closing.append(store)
        await store.create(job(), ["m1"])
        assert await store.record([returned("m1", b"x" * (5 << 20))]) == [Verdict.STORED]
        body = await store.body(JID, "m1")
        assert body is not None
        assert body.size == 5 << 20
        await store.close()
        wrong_name = with_fields(plain, host="127.0.0.1", port=port, tls_ca=files / "ca.pem", timeout=3.0)
        assert "certificate" in (await refusal(wrong_name)).lower()
        wrong_authority = with_fields(plain, host="localhost", port=port, tls_ca=files / "other.pem", timeout=3.0)
        assert "certificate" in (await refusal(wrong_authority)).lower()
    finally:
        own.kill()


def _certificates(folder: Path) -> Path:
    files = folder / "files"
    files.mkdir()
    for name in ("ca", "other"):
        _openssl(files, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem",
                 "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip
    _openssl(files, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
             "-keyout", "server.key", "-out", "server.csr", "-addext", "subjectAltName=DNS:localhost")  # fmt: skip
    _openssl(files, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
             "-days", "2", "-copy_extensions", "copy", "-out", "server.pem")  # fmt: skip
    return files


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def _tls_server(kind: str, folder: Path, files: Path) -> tuple[servers.Throwaway, int]:
    key, pem = files / "server.key", files / "server.pem"
    if kind == "postgresql":
        key.chmod(0o600)
        made = servers.postgresql_server(
            folder, "-c", "ssl=on", "-c", f"ssl_cert_file={pem}", "-c", f"ssl_key_file={key}", "-c", "fsync=off"
        )
        rules = folder / "data" / "pg_hba.conf"
        rules.write_text(rules.read_text().replace("host  ", "hostssl  "))
        rules.write_text(f"hostnossl all all 127.0.0.1/32 trust\n{rules.read_text()}")
        return made, made.server.port
    if kind == "mysql":
        made = servers.mariadb_server(folder, "--ssl", f"--ssl-cert={pem}", f"--ssl-key={key}")
        return made, made.server.port
    port = servers.free_port()
    made = servers.redis_server(
        folder, "--tls-cert-file", str(pem), "--tls-key-file", str(key), "--tls-ca-cert-file", str(files / "ca.pem"),
        "--tls-auth-clients", "no", "--tls-port", str(port),
    )  # fmt: skip
    return made, port
