"""A laboratory: a real master and real minions as processes, in one directory, on loopback, on a free port.

Used by the demonstration, the acceptance and fault tests and the benchmarks. Everything that it starts it stops, by
process id.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import psutil

from saltern.client.blocking import MasterSocket
from saltern.errors import Unreachable

# Commands that start in milliseconds need their compiled files kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
SALTERN = (str(Path(sys.executable).parent / "saltern"),)


class Lab:
    """One master with its minions. Use it as a context manager."""

    def __init__(self, root: Path, *, master: Mapping[str, Any] | None = None, port: int | None = None) -> None:
        self.root = root
        self.port = port or free_port()
        self.config = root / "m"
        self.socket = MasterSocket(str(root / "r" / "s" / "master.sock"))
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        options = {"root_dir": str(root / "r"), "sock_dir": "/s", "interface": "127.0.0.1",
                   "port": self.port, "auto_accept": True, **(master or {})}  # fmt: skip
        _write_config(self.config / "master", options)

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- master -------------------------------------------------------------------------------------------------

    def start_master(self, *, wait: bool = True) -> None:
        self._start("master", "master", self.config)
        if wait:
            self.wait_for_master()

    def wait_for_master(self, seconds: float = 20.0) -> None:
        until(self._master_answers, seconds, "the master does not answer")

    def ask(self, verb: str, **fields: Any) -> dict[str, Any]:
        """Put a request to the master's socket, as `client.contract` names it; its end."""
        return self.socket.ask({"verb": verb, **fields})

    def _master_answers(self) -> bool:
        if not self.alive("master"):
            raise AssertionError(f"the master has ended:\n{self.log('master')[-2000:]}")
        try:
            return bool(self.ask("ping")["ready"])
        except Unreachable:
            return False

    def stop_master(self, number: int = signal.SIGTERM) -> None:
        self.stop("master", number)

    # --- minions ------------------------------------------------------------------------------------------------

    def start_minion(self, name: str, **options: Any) -> None:
        config = self.root / "minions" / name
        if not (config / "minion").exists():
            settings = {"id": name, "master": "127.0.0.1", "master_port": self.port, "root_dir": str(config / "r"),
                        "recon_default": 100, "recon_max": 1000, **options}  # fmt: skip
            _write_config(config / "minion", settings)
        self._start(name, "minion", config)

    def start_minions(self, names: Iterable[str], **options: Any) -> None:
        names = list(names)
        for name in names:
            self.start_minion(name, **options)
        self.wait_for_minions(names)

    def wait_for_minions(self, names: Iterable[str], seconds: float = 30.0) -> None:
        wanted = set(names)
        until(lambda: wanted <= self.connected(), seconds, f"not connected: {wanted}")

    def connected(self) -> set[str]:
        return {name for name, row in self.ask("fleet")["minions"].items() if row["connected"]}

    def minion_directory(self, name: str) -> Path:
        return self.root / "minions" / name

    def start_swarm(self, name: str, count: int, *words: str, seconds: float = 60.0) -> None:
        """Simulated minions `<name>-0` and so on, all connected when this returns; their keys outlive a restart."""
        state = self.root / "swarms" / name
        state.mkdir(parents=True, exist_ok=True)
        where = ("--master", f"127.0.0.1:{self.port}", "--state", str(state))
        self._spawn(name, "swarm", "--name", name, "--count", str(count), *where, *words)
        self.wait_for_minions({f"{name}-{number}" for number in range(count)}, seconds)

    # --- processes ----------------------------------------------------------------------------------------------

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def running(self) -> set[str]:
        """The names of what was started and not stopped."""
        return set(self._processes)

    def alive(self, name: str) -> bool:
        return self._processes[name].poll() is None

    def stop(self, name: str, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit status. SIGKILL takes a minion's whole process tree."""
        process = self._processes.pop(name)
        if number == signal.SIGKILL:
            kill_tree(process.pid)
        else:
            process.send_signal(number)
        try:
            return process.wait(20)
        except subprocess.TimeoutExpired:
            kill_tree(process.pid)
            return process.wait(5)

    def kill_only(self, name: str) -> None:
        """SIGKILL the first process and leave those that it started to themselves."""
        process = self._processes.pop(name)
        process.kill()
        process.wait(5)

    def has_link(self, name: str) -> bool:
        """Whether a minion has the process that holds its connections."""
        return any(not child.name().startswith("job") for child in psutil.Process(self.pid(name)).children())

    def link_of(self, name: str) -> psutil.Process:
        """The process of a minion that holds its connections."""
        oldest = min(psutil.Process(self.pid(name)).children(), key=lambda child: child.create_time())
        assert not oldest.name().startswith("job"), "the link is gone"
        return oldest

    def run(self, *words: str, timeout: float = 90.0, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command of an operator to its end."""
        return subprocess.run(
            [*SALTERN, words[0], "-c", str(self.config), *words[1:]],
            capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, check=False, **options,
        )  # fmt: skip

    def json(self, *words: str, **options: Any) -> Any:
        """Run a command with `--out json` and read what it printed."""
        done = self.run(*words, "--out", "json", **options)
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}") from None

    def spawn(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """Start a command of an operator and leave it running."""
        return subprocess.Popen([*SALTERN, words[0], "-c", str(self.config), *words[1:]], text=True, **options)

    def log(self, name: str) -> str:
        path = self.root / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def close(self) -> None:
        """Stop everything; jobs that still run, which a minion leaves alone when it stops, are killed."""
        below = [child for name in self._processes for child in processes_below(self.pid(name))]
        for name in [*(name for name in self._processes if name != "master"), "master"]:
            if name in self._processes:
                self.stop(name)
        for child in below:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()

    def _start(self, name: str, command: str, config: Path) -> None:
        self._spawn(name, command, "-c", str(config), "-l", "info")

    def _spawn(self, name: str, *words: str) -> None:
        with (self.root / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [*SALTERN, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )


def until(holds: Callable[[], bool], seconds: float, otherwise: str | Callable[[], str]) -> None:
    """Wait until something holds; `AssertionError` that says `otherwise` when it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(otherwise if isinstance(otherwise, str) else otherwise())
        time.sleep(0.05)


def kill_tree(pid: int) -> None:
    """SIGKILL a process and everything below it, as a service manager does."""
    below = processes_below(pid)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    for child in below:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


def processes_below(pid: int) -> list[psutil.Process]:
    """The children of a process, their children, and so on."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_config(path: Path, options: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # JSON is YAML, and quoting is then nobody's business.
    path.write_text("".join(f"{name}: {json.dumps(value)}\n" for name, value in options.items()))
