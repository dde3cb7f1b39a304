"""Salt itself, measured on this machine by the same means: `make bench-salt`.

It lives in a virtual environment of its own, .bench/salt, or in the one that SALT_VENV names. A real master and real
minions run on loopback, below a temporary directory, with ports of their own. What is compared is the default
configuration of both.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))

import psutil
from lab import free_port, processes_below, until

from bench import one
from bench.measure import Figure, calibration, command_times, cpu_seconds, pss_kib, tree
from bench.report import RESULTS, Report

VERSION = "3008.2"
_PYTHON = "python3.11"
_OWN = RESULTS / "salt"
_RUNS = 3
"""Salt's commands take seconds: more runs would tell no more."""

_STARTS = """
import sys
import salt.config, salt.utils.event
bus = salt.utils.event.get_event("master", opts=salt.config.master_config(sys.argv[1]), listen=True)
print("listening", flush=True)
for event in bus.iter_events(tag="salt/minion/", full=True):
    print(event["tag"], flush=True)
"""
"""Prints the tag of each minion that has started; a program for Salt's own interpreter."""


def main() -> int:
    """Set Salt up where it is missing, and print its figures beside ours."""
    salt = ready() or install()
    if salt is None:
        return 0
    report = Report()
    report.add(calibration())
    report.add(one.one_minion(_RUNS))
    report.compare(f"Salt {VERSION}", figures(salt, _RUNS))
    print(f"\nkept in {report.keep()}")
    return 0


def ready() -> Path | None:
    """The directory with Salt's commands, when there is one."""
    place = Path(os.environ.get("SALT_VENV") or _OWN) / "bin"
    return place if (place / "salt-master").exists() else None


def install() -> Path | None:
    if shutil.which(_PYTHON) is None:
        print(f"no comparison with Salt: it needs {_PYTHON}, which is not here (or name a Salt with SALT_VENV)")
        return None
    print(f"setting up Salt {VERSION} in {_OWN}", flush=True)
    steps = ([_PYTHON, "-m", "venv", str(_OWN)],
             [str(_OWN / "bin/python"), "-m", "pip", "install", "--quiet", f"salt=={VERSION}"])  # fmt: skip
    for step in steps:
        done = subprocess.run(step, check=False, capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(_OWN, ignore_errors=True)
            print(f"no comparison with Salt: {' '.join(step)} failed:\n{done.stderr.strip()[-500:]}")
            return None
    return ready()


def figures(salt: Path, runs: int) -> list[Figure]:
    """Start-up times, memory at rest, and the way of one job, under the keys that ours have."""
    runs = min(runs, _RUNS)
    with tempfile.TemporaryDirectory(prefix="salt-bench-") as directory, SaltLab(salt, Path(directory)) as lab:
        lab.start_master()
        lab.start_minions(["m1"])  # enrols
        lab.stop("m1")
        started = [_ready(lab) for _ in range(runs)]
        time.sleep(2)
        minion, master = tree(lab.pid("m1")), tree(lab.pid("master"))
        return [
            Figure("minion_ready", "salt-minion: process start to start event", [wall for wall, _ in started], "ms",
                   cpu=[cpu for _, cpu in started]),
            Figure("minion_pss", "salt-minion at rest", [pss_kib(*minion) / 1024], "MiB PSS",
                   note=f"{len(minion)} processes"),
            Figure("master_pss", "salt-master at rest", [pss_kib(*master) / 1024], "MiB PSS",
                   note=f"{len(master)} processes"),
            _command("run_cold", lab.command("salt", "m1", "test.ping"), runs),
            _command("call_local", lab.local_call("m1", "test.ping"), runs),
            _few(lab, runs),
        ]  # fmt: skip


def _ready(lab: SaltLab) -> tuple[float, float]:
    if "m1" in lab.running():
        lab.stop("m1")
    start = time.perf_counter()
    lab.start_minions(["m1"])
    wall = time.perf_counter() - start
    return wall * 1000, sum(cpu_seconds(pid) for pid in tree(lab.pid("m1"))) * 1e6


def _command(key: str, command: Sequence[str], runs: int) -> Figure:
    wall, cpu = command_times(command, runs)
    return Figure(key, f"{Path(command[0]).name} {' '.join(command[3:])}, cold process", wall, "ms", cpu=cpu)


def _few(lab: SaltLab, runs: int) -> Figure:
    lab.start_minions([f"m{number}" for number in range(2, one.FEW + 1)])
    figure = _command("ping_few", lab.command("salt", "*", "test.ping"), runs)
    figure.note = f"{lab.stored_returns()} of {one.FEW} returns stored"
    return figure


class SaltLab:
    """One salt-master with its minions, as processes; what it starts it stops, by process id."""

    def __init__(self, salt: Path, root: Path) -> None:
        self._salt = salt
        self._root = root
        self._processes: dict[str, subprocess.Popen[Any]] = {}
        self._ports = {"publish_port": free_port(), "ret_port": free_port()}

    def __enter__(self) -> SaltLab:
        return self

    def __exit__(self, *_: object) -> None:
        for name in reversed([*self._processes]):
            self.stop(name)

    def start_master(self, **more: Any) -> None:
        options = {"interface": "127.0.0.1", "auto_accept": True, **self._ports, **more}
        self._configure("master", "master", options)
        self._start("master", [str(self._salt / "salt-master"), "-c", str(self.config("master"))])
        until(self._listens, 60, lambda: f"salt-master does not start:\n{self._log('master')}")
        listener = [str(self._salt / "python"), "-c", _STARTS, str(self.config("master") / "master")]
        self._start("listener", listener, stdout=subprocess.PIPE, text=True)
        self._await("listening")

    def start_minions(self, names: Sequence[str], **more: Any) -> None:
        """Returns when all have sent their start event."""
        for name in names:
            options = {"id": name, "master": "127.0.0.1", "master_port": self._ports["ret_port"],
                       "publish_port": self._ports["publish_port"], **more}  # fmt: skip
            self._configure(name, "minion", options)
            self._start(name, [str(self._salt / "salt-minion"), "-c", str(self.config(name))])
        waiting = {f"salt/minion/{name}/start" for name in names}
        while waiting:
            waiting.discard(self._line())

    def command(self, *words: str) -> list[str]:
        return [str(self._salt / words[0]), "-c", str(self.config("master")), *words[1:]]

    def local_call(self, minion: str, fun: str) -> list[str]:
        return [str(self._salt / "salt-call"), "-c", str(self.config(minion)), "--local", fun]

    def stored_returns(self) -> int:
        """Returns that the job cache holds of the last job."""
        jobs = self._root / "master" / "r" / "var" / "cache" / "salt" / "master" / "jobs"
        newest = max(jobs.rglob("jid"), key=lambda path: path.stat().st_mtime)
        return sum(1 for _ in newest.parent.glob("*/return.p"))

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def running(self) -> set[str]:
        return set(self._processes)

    def stop(self, name: str) -> None:
        process = self._processes.pop(name)
        below = processes_below(process.pid)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
        if process.stdout is not None:
            process.stdout.close()
        _, alive = psutil.wait_procs(below, timeout=5)
        for child in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()

    def config(self, name: str) -> Path:
        return self._root / name

    def _configure(self, name: str, kind: str, options: Mapping[str, Any]) -> None:
        directory = self.config(name)
        directory.mkdir(exist_ok=True)
        settings = {"root_dir": str(directory / "r"), "user": getpass.getuser(), **options}
        # JSON is YAML.
        text = "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())
        (directory / kind).write_text(text)

    def _start(self, name: str, command: Sequence[str], **options: Any) -> None:
        with (self._root / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stderr=log, start_new_session=True, **{"stdout": log, **options}
            )

    def _listens(self) -> bool:
        if self._processes["master"].poll() is not None:
            raise AssertionError(f"salt-master has ended:\n{self._log('master')}")
        return all(_takes_connections(port) for port in self._ports.values())

    def _await(self, line: str) -> None:
        while self._line() != line:
            pass

    def _line(self) -> str:
        listener = self._processes["listener"]
        assert listener.stdout is not None
        line = listener.stdout.readline()
        if not line:
            raise AssertionError(f"the listener for start events has ended:\n{self._log('listener')}")
        return line.strip()

    def _log(self, name: str) -> str:
        return (self._root / f"{name}.log").read_text(errors="replace")[-2000:]


def _takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
