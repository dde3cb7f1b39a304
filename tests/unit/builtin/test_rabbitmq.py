"""`rabbitmq` and its states over a RabbitMQ node of their own, against what Salt 3008.2 answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from shipped import Shipped
from thrice import Trial
from transcript import differences

from servers import Throwaway, erlang_port_mapper, rabbitmq_server

# Each call starts an Erlang machine.
pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("rabbitmq")]


@pytest.fixture(scope="module")
def mapper(tmp_path_factory) -> Iterator[int]:
    throwaway = erlang_port_mapper(tmp_path_factory.mktemp("epmd"))
    throwaway.start()
    yield throwaway.server.port
    throwaway.stop()


@pytest.fixture(scope="module")
def node(mapper: int, tmp_path_factory) -> Iterator[dict[str, str]]:
    yield from running(*rabbitmq_server(tmp_path_factory.mktemp("rabbitmq"), mapper))


def running(throwaway: Throwaway, env: dict[str, str]) -> Iterator[dict[str, str]]:
    throwaway.start()
    yield env
    throwaway.kill()


@pytest.fixture
def trial(node: dict[str, str], tmp_path: Path, monkeypatch) -> Trial:
    for name, value in node.items():
        monkeypatch.setenv(name, value)
    return Trial(tmp_path)


@pytest.mark.behaviour("LDR-14", "STM-02")
def test_functions_and_states_answer_as_salt_does(trial: Trial, node: dict[str, str], tmp_path: Path):
    assert differences("rabbitmq_of_salt", tmp_path, node) == []


def arguments_seen(while_running: Callable[[], None]) -> set[str]:
    """The argument vectors of all processes that could be seen while something ran."""
    seen: set[str] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.update(_arguments_of(process) for process in psutil.Process().children(recursive=True))
            time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        while_running()
    finally:
        done.set()
        watcher.join()
    return seen


def _arguments_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def test_no_password_is_an_argument_of_a_program(trial: Trial):
    call = trial.minion.call

    def work() -> None:
        call("rabbitmq.add_user", "amy", "s3cret-one")
        call("rabbitmq.check_password", "amy", "s3cret-one")
        trial.minion.state("rabbitmq_user.present", "amy", password="s3cret-two")
        call("rabbitmq.enable_plugin", "rabbitmq_federation")
        call("rabbitmq.set_upstream", "hidden", "amqp://amy:s3cret-three@localhost")

    seen = arguments_seen(work)
    assert any("add_user amy" in line for line in seen)
    assert [line for line in seen if "s3cret" in line] == []
    assert call("rabbitmq.check_password", "amy", "s3cret-two") is True
    changed = trial.told("rabbitmq_upstream.present", "hidden", uri="amqp://amy:s3cret-four@localhost")
    assert changed[0] is True
    assert "s3cret" not in str(changed)
    assert "s3cret-four" in call("rabbitmq.list_upstreams")["hidden"]


@pytest.mark.parametrize("password", ["two\nlines", " ahead", "behind ", "\n"])
def test_a_password_that_would_be_read_as_another_is_refused(password: str, trial: Trial):
    done = trial.minion.outcome("rabbitmq.add_user", "odd", password)
    assert done.faults
    assert "white space" in str(done.value)
    told = trial.told("rabbitmq_user.present", "odd", password=password)
    assert told[0] is False
    assert trial.minion.call("rabbitmq.user_exists", "odd") is False


def test_queues(trial: Trial, node: dict[str, str]):
    assert trial.minion.call("rabbitmq.list_queues") == {}
    assert trial.minion.call("rabbitmq.list_queues_vhost", "/", None, "name", "messages", "consumers") == {}


def test_states_that_fail_say_why(trial: Trial):
    told = trial.told("rabbitmq_policy.present", "p", pattern=".*", definition="{bad")
    assert (told[0], told[1].partition(":")[0]) == (False, "The definition is no JSON")
    told = trial.told("rabbitmq_policy.present", "p", pattern=".*", definition={"nosuch": 1})
    assert (told[0], told[2]) == (False, {})
    assert "nosuch" in told[1]
    for dry in (True, False):
        told = trial.told("rabbitmq_plugin.enabled", "nosuch", dry=dry)
        assert told == (False, "Error: RabbitMQ has no plugin 'nosuch'", {})
    told = trial.told("rabbitmq_user.present", "eve", perms=[{"/": ["a"]}])
    assert told == (False, "Error: the permissions of / have to be three expressions: configure, write, read", {})


def test_a_node_joins_a_cluster(trial: Trial, node: dict[str, str], mapper: int, tmp_path: Path, monkeypatch):
    folder = tmp_path / "second"
    folder.mkdir()
    second = running(*rabbitmq_server(folder, mapper))
    try:
        for name, value in next(second).items():
            monkeypatch.setenv(name, value)
        user, _, host = node["RABBITMQ_NODENAME"].partition("@")
        told = trial.thrice("rabbitmq_cluster.joined", "c", host=host, user=user, runas=None)
        assert told.changes == {"old": "", "new": node["RABBITMQ_NODENAME"]}
        refused = trial.told("rabbitmq_cluster.joined", "c", host=host, user="nosuch", runas=None)
        assert (refused[0], refused[2]) == (False, {})
        assert "nosuch@localhost" in refused[1]
        assert trial.minion.call("rabbitmq.user_exists", "guest") is True
    finally:
        next(second, None)


def test_without_a_server_the_reason_is_told(tmp_path: Path, node: dict[str, str], monkeypatch):
    for name, value in {**node, "RABBITMQ_NODENAME": "away@localhost"}.items():
        monkeypatch.setenv(name, value)
    minion = Shipped(tmp_path)
    for fun, arguments in {"list_users": (), "check_password": ("eve", "x")}.items():
        done = minion.outcome(f"rabbitmq.{fun}", *arguments)
        assert done.faults
        assert "away@localhost" in str(done.value)
