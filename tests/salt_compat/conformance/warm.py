"""A process that has the command line imported and forks for each command: the real commands at a tenth of the time.

The parent writes one line of JSON for each command (`argv`, `env`, `cwd`, the files `out` and `err`) and reads its exit
status as a line. Each command has a session, a working directory, an environment and descriptors of its own, as when it
is started from a shell.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from conformance.sandbox import TIMEOUT


class WarmCommands:
    """Runs `saltern ARGV`; one process serves one caller."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": ""}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "conformance.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def __call__(self, argv: list[str], env: dict[str, str], cwd: Path) -> tuple[int, str, str]:
        """Exit status, standard output and standard error of one command."""
        with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
            order = {"argv": argv, "env": env, "cwd": str(cwd), "out": out.name, "err": err.name}
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            status = int(self._process.stdout.readline())
            return status, out.read().decode(errors="replace"), err.read().decode(errors="replace")

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(TIMEOUT)
        self._process.stdout.close()


def serve() -> None:
    import jinja2  # noqa: F401  (warm: what nearly every command needs)
    import yaml  # noqa: F401

    import saltern.assembly.local
    import saltern.cli.call  # noqa: F401
    from saltern.cli.main import main

    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(order, main)
        print(_status(pid), flush=True)


def _become(order, main) -> None:
    status = 70
    try:
        os.setsid()
        os.chdir(order["cwd"])
        os.umask(0o022)
        os.environ.clear()
        os.environ.update(order["env"])
        time.tzset()
        flags = os.O_WRONLY | os.O_TRUNC
        for number, target in ((0, os.open(os.devnull, os.O_RDONLY)), (1, os.open(order["out"], flags)),
                               (2, os.open(order["err"], flags))):  # fmt: skip
            os.dup2(target, number)
        sys.argv = ["saltern", *order["argv"]]
        status = main()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _status(pid: int) -> int:
    """Wait for a command and for nothing that it started; one that hangs is killed with all of its session."""
    ends = time.monotonic() + TIMEOUT
    while time.monotonic() < ends:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.killpg(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    serve()
