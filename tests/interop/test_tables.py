"""Salt's own returners read the rows that Saltern writes, and Saltern reads theirs: `make interop`.

`pgjsonb` is that of the Salt beside us. `mysql` and `redis` have left Salt: theirs are those of Salt 3006 on Python
3.10, which is set up where that Python is found.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from job_stores import empty_database, run_sql, server, stop_servers
from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

RESULTS = Path(__file__).parents[2] / ".bench"
OLD = "3006.26"
LIBRARIES = {"pgjsonb": "psycopg2-binary", "mysql": "PyMySQL", "redis": "redis"}
OURS, THEIRS = "20261122085142537545", "20261122090000000000"

CALLS = """
import json, sys
import salt.config, salt.loader
options, calls = json.loads(sys.stdin.read())
opts = salt.config.DEFAULT_MINION_OPTS.copy()
opts.update(options)
opts["grains"] = {}
returners = salt.loader.returners(opts, salt.loader.minion_mods(opts))
answers = []
for name, arguments in calls:
    answers.append(returners[name](*arguments))
print("ANSWERS" + json.dumps(answers))
"""


class Salt:
    """An installed Salt; its returners are called by a program of ours in its interpreter."""

    def __init__(self, python: Path, libraries: Path) -> None:
        self._python = python
        self._libraries = libraries

    def call(self, options: Mapping[str, Any], folder: Path, *calls: tuple[str, list[Any]]) -> list[Any]:
        places = {name: str(folder / name) for name in ("root_dir", "cachedir", "extension_modules", "conf_file")}
        done = subprocess.run(
            [str(self._python), "-c", CALLS],
            input=json.dumps([{**places, **options}, calls]), capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(self._libraries)},
        )  # fmt: skip
        assert "ANSWERS" in done.stdout, done.stderr[-3000:]
        answers: list[Any] = json.loads(done.stdout.partition("ANSWERS")[2])
        return answers


@pytest.fixture(scope="module", autouse=True)
def servers_end() -> Iterator[None]:
    yield
    stop_servers()


def salt_with(returner: str) -> Salt:
    python = _newest() if returner == "pgjsonb" else _old()
    libraries = RESULTS / f"salt-libraries-{returner}"
    if not libraries.is_dir():
        pip = [str(python), "-m", "pip", "install", "--quiet", "--target", str(libraries), LIBRARIES[returner]]
        ours = [sys.executable, *pip[1:]] if returner == "pgjsonb" else pip
        subprocess.run(ours, check=True, capture_output=True)
    return Salt(python, libraries)


def _newest() -> Path:
    from bench.salt_peer import ready

    place = ready()
    assert place is not None, "there is no Salt: `make interop` sets one up"
    return place / "python"


def _old() -> Path:
    """Salt 3006 where SALT_3006_VENV says, else in a virtual environment of Python 3.10 that is made here."""
    place = Path(os.environ.get("SALT_3006_VENV") or RESULTS / "salt-3006")
    if not (place / "bin" / "salt-call").exists():
        try:
            # What is found by this name may be a stand-in that only says that it is not there.
            subprocess.run(["python3.10", "-m", "venv", str(place)], check=True, capture_output=True)
        except (FileNotFoundError, subprocess.CalledProcessError):
            pytest.skip(f"Salt {OLD} wants Python 3.10, which is not here (or name a Salt {OLD} with SALT_3006_VENV)")
        install = [str(place / "bin" / "pip"), "install", "--quiet", f"salt=={OLD}"]
        subprocess.run(install, check=True, capture_output=True)
    return place / "bin" / "python"


def options_of(returner: str) -> dict[str, Any]:
    if returner == "redis":
        at = server("redis").server
        empty_database("redis")
        return {"redis.host": "127.0.0.1", "redis.port": at.port, "redis.db": "0"}
    kind = "postgresql" if returner == "pgjsonb" else "mysql"
    at = server(kind).server
    address = empty_database(kind)
    prefix = "returner.pgjsonb" if returner == "pgjsonb" else "mysql"
    places = {"host": "127.0.0.1", "port": at.port, "user": at.user, "pass": at.password, "db": address.database}
    return {f"{prefix}.{name}": value for name, value in places.items()}


def a_return(jid: str, minion: str, value: Any, retcode: int = 0) -> dict[str, Any]:
    return {"jid": jid, "id": minion, "fun": "state.apply", "fun_args": ["web", {"test": True}], "return": value,
            "retcode": retcode, "success": not retcode}  # fmt: skip


LOAD = {"fun": "state.apply", "arg": ["web"], "tgt": "web*", "tgt_type": "glob", "user": "alice", "cmd": "publish"}
RETURNS = [
    ("web1", {"file_|-motd_|-/etc/motd_|-managed": {"result": True, "comment": "ünï 猫", "changes": {"a": [1, None]}}}),
    ("web2", 'ERROR: it\'s "quoted"\nand long ' + "x" * 5000),
    ("web3", False),
]


@pytest.mark.behaviour("RET-11", "RET-12", "RET-15")
@pytest.mark.parametrize("returner", ["pgjsonb", "mysql", "redis"])
def test_each_reads_what_the_other_wrote(returner: str, tmp_path: Path) -> None:
    salt, options = salt_with(returner), options_of(returner)
    with PluginSpace(PluginIndex(SearchPath(), ""), Scope({**options, "id": "master"})) as space:
        ours = space.table("returners")
        ours[f"{returner}.save_load"](OURS, {**LOAD, "jid": OURS})
        for minion, value in RETURNS:
            ours[f"{returner}.returner"](a_return(OURS, minion, value, int(value is False)))

        load, returns, jids, minions = salt.call(
            options, tmp_path, *((f"{returner}.{function}", arguments) for function, arguments in (
                ("get_load", [OURS]), ("get_jid", [OURS]), ("get_jids", []), ("get_minions", [])
            )),
        )  # fmt: skip
        assert {name: load[name] for name in LOAD} == LOAD
        assert {minion: ret["return"] for minion, ret in returns.items()} == dict(RETURNS)
        if returner != "pgjsonb":  # Salt's asks PostgreSQL in the words of MySQL, and fails
            (last,) = salt.call(options, tmp_path, (f"{returner}.get_fun", ["state.apply"]))
            assert set(last) == {minion for minion, _ in RETURNS}
        assert (jids[OURS]["Function"], jids[OURS]["User"]) == ("state.apply", "alice")
        assert sorted(minions) == ["web1", "web2", "web3"]

        salt.call(
            options, tmp_path, (f"{returner}.save_load", [THEIRS, {**LOAD, "jid": THEIRS}]),
            *((f"{returner}.returner", [a_return(THEIRS, minion, value, int(value is False))])
              for minion, value in RETURNS),
        )  # fmt: skip
        found = ours[f"{returner}.get_load"](THEIRS)
        assert {name: found[name] for name in LOAD} == LOAD
        read = ours[f"{returner}.get_jid"](THEIRS)
        assert {minion: ret["return"] for minion, ret in read.items()} == dict(RETURNS)
        assert {minion: bool(ret["success"]) for minion, ret in read.items()} == {
            "web1": True, "web2": True, "web3": False,
        }  # fmt: skip
        assert set(ours[f"{returner}.get_jids"]()) == {OURS, THEIRS}
        assert ours[f"{returner}.get_fun"]("state.apply").keys() == {"web1", "web2", "web3"}


def test_salt_makes_do_with_tables_that_saltern_made() -> None:
    """What Salt reads above are tables that our returner made: columns and types are those of its documentation."""
    options = options_of("pgjsonb")
    with PluginSpace(PluginIndex(SearchPath(), ""), Scope(options)) as space:
        space.table("returners")["pgjsonb.save_load"](OURS, LOAD)

    rows = run_sql(
        "postgresql", server("postgresql").server,
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name IN ('jids', 'salt_returns', 'salt_events')",
    )  # fmt: skip
    kinds = {(table, column): kind for table, column, kind in rows}
    assert kinds["jids", "load"] == kinds["salt_returns", "full_ret"] == kinds["salt_events", "data"] == "jsonb"
    assert kinds["salt_returns", "alter_time"] == "timestamp with time zone"
