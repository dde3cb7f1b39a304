"""The same histories in Salt's own stores, by Salt's own returners: `python -m bench.salt_history`.

    SALT_VENV=DIRECTORY python -m bench.salt_history --returner local_cache|pgjsonb [--returns N] [--jobs N]
                                                    [--through COMMAND]

Salt runs as it is, in an interpreter of its own: its functions are given the jobs and asked as its master and its
`jobs` runner do. `--through` names a command that it is run by, such as a sandbox. pgjsonb wants psycopg2 there, or in
a directory that PYTHONPATH names.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent.parent / name) for name in ("tests", "tools")]

import msgspec  # noqa: E402

import job_stores  # noqa: E402
from bench.histories import _disk, say  # noqa: E402
from bench.history import DAY, DAYS, START, Sums, Written, history, jid_of  # noqa: E402
from bench.salt_peer import ready  # noqa: E402

_SALT = """
import json, statistics, sys, time
import msgpack, salt.config, salt.loader, salt.runner

settings = json.loads(sys.argv[1])
opts = salt.config.master_config(None, defaults=salt.config.DEFAULT_MASTER_OPTS.copy())
opts.update(settings["options"])
functions = salt.loader.returners(opts, {})
name = settings["returner"]

def call(function, *args, **kwargs):
    return functions[name + "." + function](*args, **kwargs)

def tell(what, value):
    print("FIGURE" + json.dumps([what, value]), flush=True)

def timed(what, ask, runs):
    times = []
    for _ in range(runs):
        began = time.monotonic()
        found = ask()
        times.append((time.monotonic() - began) * 1000)
    tell(what, [statistics.median(times), min(times), max(times), len(found)])

began, count = time.monotonic(), 0
for jid, load, minions, returns in msgpack.Unpacker(sys.stdin.buffer, raw=False):
    call("prep_jid", passed_jid=jid)
    call("save_load", jid, load, minions=minions)
    for minion, value, retcode in returns:
        call("returner", {"id": minion, "jid": jid, "fun": load["fun"], "fun_args": load["arg"], "return": value,
                          "retcode": retcode, "success": not retcode})
        count += 1
tell("written", [count, time.monotonic() - began])
input_done = json.loads(open(settings["pipe"]).readline())
runner = salt.runner.RunnerClient(opts)

def run(function, *args):
    told = runner.cmd(function, list(args), print_event=False, full_return=True)
    assert told["success"], told
    return told["return"]

timed("the list of jobs (jobs.list_jobs)", lambda: run("jobs.list_jobs"), settings["runs"])
timed("one job of many returns (jobs.lookup_jid)", lambda: run("jobs.lookup_jid", settings["jid"]), settings["runs"])
timed("one job of many returns, its returner alone", lambda: call("get_jid", settings["jid"]), settings["runs"])
for what, statement in settings["statements"]:
    import psycopg2
    place = {key: opts["returner.pgjsonb." + key] for key in ("host", "port", "user")}
    with psycopg2.connect(password="", dbname=opts["returner.pgjsonb.db"], **place) as connection:
        def rows():
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchall()
        timed(what, rows, settings["runs"])
opts["keep_jobs_seconds"] = 1
opts["keep_jobs"] = 1
began = time.monotonic()
functions = salt.loader.returners(opts, {})
call("clean_old_jobs")
tell("cleaned", [time.monotonic() - began, len(call("get_jids"))])
"""


_STATEMENTS = [
    ("all failures of a day", "SELECT id, full_ret FROM salt_returns WHERE success = 'false'"
     f" AND jid >= '{jid_of(START + (DAYS - 1) * DAY)}'"),
    ("one minion's history", "SELECT jid, full_ret FROM salt_returns WHERE id = 'web01234.example.net'"),
]  # fmt: skip
"""What a dashboard asks the tables: Salt itself has no such question."""


def measure(python: str, through: list[str], returner: str, returns: int, jobs: int, folder: Path) -> None:
    server = None
    options: dict[str, Any] = {
        "root_dir": str(folder), "cachedir": str(folder / "cache"), "sock_dir": str(folder / "run"),
        "pki_dir": str(folder / "pki"), "log_file": str(folder / "log"), "extension_modules": str(folder / "ext"),
        "master_job_cache": returner, "keep_jobs_seconds": 86400,
    }  # fmt: skip
    files = folder / "cache" / "jobs"
    if returner == "pgjsonb":
        (folder / "pg").mkdir()
        server = job_stores.new_server("postgresql", folder / "pg")
        files = folder / "pg" / "data" / "base"
        options |= _tables(server)
    for name in ("jobs", "proc"):
        (folder / "cache" / name).mkdir(parents=True)
    try:
        _feed([*through, python, "-W", "ignore", "-c", _SALT], returner, returns, jobs, options, folder, files)
    finally:
        if server is not None:
            server.kill()


def _tables(server: Any) -> dict[str, Any]:
    """The tables that Salt's documentation of pgjsonb says to make."""
    from saltern.plugin_api.postgresql_tables import _schema

    server.start()
    at = server.server
    job_stores.run_sql("postgresql", at, *_schema("jsonb"))
    places = {"host": "127.0.0.1", "port": at.port, "user": at.user, "pass": at.password, "db": at.database}
    return {f"returner.pgjsonb.{name}": value for name, value in places.items()}


def _feed(
    argv: list[str], returner: str, returns: int, jobs: int, options: dict[str, Any], folder: Path, files: Path
) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    settings = {
        "returner": returner, "options": options, "pipe": str(pipe), "runs": 3,
        "statements": _STATEMENTS if returner == "pgjsonb" else [],
        "jid": jid_of(START + jobs // 2 * DAYS * DAY / jobs),
    }  # fmt: skip
    before, _ = _disk(files)
    salt = subprocess.Popen([*argv, json.dumps(settings)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert salt.stdin is not None
    assert salt.stdout is not None
    sums = Sums()
    for one in history(returns, jobs):
        sums.add(one)
        salt.stdin.write(_packed(one))
    salt.stdin.close()
    for what, value in _figures(salt.stdout):
        if what == "written":
            count, seconds = value
            say(f"{returner}: written, {count} returns of {sums.jobs} jobs", f"{count / seconds:,.0f} /s")
            size, number = _disk(files)
            say("bytes a return on the disk, files", f"{(size - before) / count:,.0f}, {number}")
            pipe.write_text("true\n")
        elif what == "cleaned":
            say(f"all jobs go, {value[1]} are left", f"{value[0]:.1f} s")
        else:
            say(f"{what}: {value[3]}", f"{value[0]:,.0f} ms ({value[1]:,.0f} to {value[2]:,.0f})")
    assert salt.wait() == 0


def _figures(lines: Any) -> Iterator[tuple[str, Any]]:
    for line in lines:
        if line.startswith(b"FIGURE"):
            what, value = json.loads(line[6:])
            yield what, value


def _packed(one: Written) -> bytes:
    load = {"fun": one.job.fun, "arg": [], "tgt": one.job.tgt, "tgt_type": "glob", "user": one.job.user,
            "jid": one.job.jid, "ret": "", "cmd": "publish"}  # fmt: skip
    returns = [
        [change.minion, msgspec.Raw(change.body.data or b""), change.retcode]
        for change in one.changes
        if change.body is not None
    ]
    return msgspec.msgpack.encode([one.job.jid, load, one.minions, returns])


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.salt_history", description=__doc__.partition("\n")[0])
    parser.add_argument("--returner", choices=["local_cache", "pgjsonb"], default="local_cache")
    parser.add_argument("--returns", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=0, help="a tenth of the returns without it")
    parser.add_argument("--through", default="", help="a command that Salt is run by")
    options = parser.parse_args()
    salt, jobs = ready(), options.jobs or max(options.returns // 10, 1)
    if salt is None:
        print("there is no Salt here: SALT_VENV names one, or `make bench-salt` sets one up")
        return 0
    with tempfile.TemporaryDirectory(prefix="saltern-bench-", ignore_cleanup_errors=True) as name:
        measure(str(salt / "python"), options.through.split(), options.returner, options.returns, jobs, Path(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
