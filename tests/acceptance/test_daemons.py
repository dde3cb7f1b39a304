"""Master and minion as processes: their start, their end, their users (CLI-05, CFG-10)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lab import SALTERN, Lab, free_port, kill_tree, until
from sites import FAST, plain, short_directory

from saltern.assembly.daemon import _Foreground

pytestmark = pytest.mark.xdist_group("keys")
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def as_nobody(*words: str) -> list[str]:
    """A command line that runs as an ordinary user, who may read this interpreter wherever it is installed."""
    reading = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--bounding-set=-all,+dac_read_search")
    who = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *reading)
    return [*who, sys.executable, *SALTERN, *words]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.behaviour("CLI-05")
def test_a_detached_master_has_a_pid_file_and_ends_on_sigterm(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    pid_file = lab.root / "m.pid"
    assert lab.run("status").returncode == 69
    started = lab.run("master", "-d", "--pid-file", str(pid_file))
    ready = lab.run("status", "--out", "json")  # at once: the start is waited for
    pid = int(lab.ask("ping")["pid"])
    try:
        assert started.returncode == 0
        assert ready.returncode == 0
        assert int(pid_file.read_text()) == pid
        assert f'"pid": {pid}' in ready.stdout
        again = lab.run("master", "-l", "quiet")
        assert again.returncode == 73
        assert str(pid) in again.stderr
        assert os.getsid(pid) != os.getsid(0)
    finally:
        os.kill(pid, signal.SIGTERM)
    until(lambda: gone(pid), 5, "the master goes on")
    assert not pid_file.exists()
    assert not (lab.root / "r/s/master.sock").exists()


def test_a_detached_master_that_cannot_start_says_why(new_lab: Callable[..., Lab]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        lab = new_lab(interface="127.0.0.1", port=other.getsockname()[1])
        done = lab.run("master", "-d")
    assert done.returncode == 69
    assert "Address already in use" in done.stderr


@as_root
@pytest.mark.parametrize("flags", [("-d",), ()])
@pytest.mark.parametrize("filled", [False, True])
def test_a_master_on_a_full_disk_says_so(new_lab: Callable[..., Lab], flags: tuple[str, ...], filled: bool) -> None:
    lab = new_lab()
    disk = lab.root / "r"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], check=True)
    try:
        if filled:
            with pytest.raises(OSError, match="No space left"), (disk / "fill").open("wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
        done = lab.run("master", *flags)
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert done.returncode == 70
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_daemon_goes_on_when_who_called_it_does_not_wait_any_longer() -> None:
    waiting, telling = os.pipe()
    os.close(waiting)
    _Foreground(telling).started()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(telling)


@pytest.mark.behaviour("CLI-05")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_daemons_end_in_order(new_lab: Callable[..., Lab], number: int) -> None:
    lab = new_lab()
    lab.start_master()
    lab.start_minions(("m1",))
    pid_file = lab.root / "r/run/saltern-master.pid"
    assert int(pid_file.read_text()) == lab.pid("master")
    watching = lab.spawn("run", "m1", "cmd.run", "sleep 30", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until(lambda: bool(lab.ask("jobs", query={"states": ["running"]})["jobs"]), 15, "it does not run")

    started = time.monotonic()
    assert lab.stop("master", number) == 0
    assert lab.stop("m1", number) == 0
    assert time.monotonic() - started < 10
    assert not pid_file.exists()
    _, err = watching.communicate(timeout=15)
    assert watching.returncode == 69, err
    [job] = [int(pid) for pid in subprocess.run(["pgrep", "-f", "^sleep 30$"], capture_output=True).stdout.split()][:1]
    os.kill(job, signal.SIGKILL)


@pytest.mark.behaviour("CLI-05")
def test_a_job_goes_on_while_its_minion_is_restarted(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    lab.start_master()
    lab.start_minions(("m1",))
    jid = lab.run("run", "m1", "--async", "cmd.run", "sleep 2; echo survived").stdout.split()[-1]
    until(lambda: lab.ask("job", jid=jid)["counts"].get("running") == 1, 15, "it does not run")
    assert lab.stop("m1") == 0
    lab.start_minions(("m1",))
    until(lambda: lab.ask("job", jid=jid)["counts"].get("returned") == 1, 15, "the return is lost")
    assert lab.json("runner", "jobs.lookup_jid", jid) == {"m1": "survived"}


@contextmanager
def running(words: list[str], log: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as file:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=file, stderr=file, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            kill_tree(process.pid)
            process.wait(5)


@as_root
@pytest.mark.behaviour("CFG-10", "CFG-04")
def test_an_ordinary_user_needs_nothing_but_a_home(tmp_path: Path) -> None:
    with short_directory() as home:
        os.chown(home, NOBODY, NOBODY)
        config = home / ".config/saltern"
        config.mkdir(parents=True)
        port = free_port()
        (config / "master").write_text(f"port: {port}\ninterface: 127.0.0.1\nauto_accept: True\n")
        (config / "minion").write_text(f"id: mine\nmaster: 127.0.0.1\nmaster_port: {port}\n")
        environ = {"PATH": os.environ["PATH"], "HOME": str(home)}

        def say(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                as_nobody(*words), env=environ, capture_output=True, text=True, timeout=60, check=False
            )

        with running(as_nobody("master"), tmp_path / "master", env=environ) as master:
            assert say("status", "--wait", "20s").returncode == 0, (tmp_path / "master").read_text()
            with running(as_nobody("minion"), tmp_path / "minion", env=environ) as minion:
                until(
                    lambda: '"connected": 1' in say("status", "--out", "json").stdout,
                    20,
                    (tmp_path / "minion").read_text,
                )
                done = say("run", "mine", "cmd.run", "id -u")
                minion.terminate()
                assert minion.wait(10) == 0
            master.terminate()
            assert master.wait(10) == 0
        assert str(NOBODY) in done.stdout
        assert (home / ".local/share/saltern/pki/master/ca.key").exists()
        assert (home / ".local/state/saltern/cache/master").is_dir()
        assert (home / ".local/state/saltern/log/master").exists()


@as_root
@pytest.mark.behaviour("JOB-05")
def test_a_user_may_do_what_the_acl_names_and_nothing_else(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(publisher_acl={"nobody": ["test.ping", {"m1": ["test.echo"]}]})
    lab.root.chmod(0o755)
    lab.start_master()
    (lab.root / "r").chmod(0o755)
    lab.start_minions(("m1", "m2"))

    def say(*words: str) -> subprocess.CompletedProcess[str]:
        command = as_nobody(words[0], "-c", str(lab.config), *words[1:])
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert say("run", "*", "test.ping").returncode == 0
    assert say("run", "m1", "test.echo", "x").returncode == 0
    jobs = len(lab.ask("jobs", query={})["jobs"])
    for refused in (
        say("run", "m2", "test.echo", "x"),
        say("run", "m1", "cmd.run", "id"),
        say("run", "m1", "test.ping,cmd.run", ",", "id"),
        say("key", "-L"),
        say("runner", "jobs.list_jobs"),
        say("events", "tail", "--count", "1"),
    ):
        assert refused.returncode == 77, refused
    assert len(lab.ask("jobs", query={})["jobs"]) == jobs
    assert {row["job"]["user"] for row in lab.ask("jobs", query={})["jobs"]} == {"nobody"}


@as_root
@pytest.mark.behaviour("JOB-05")
def test_without_an_acl_nobody_else_reaches_the_master(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    lab.start_master()
    command = as_nobody("run", "-c", str(lab.config), "*", "test.ping")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 77
    assert "may not use" in done.stderr


@pytest.mark.behaviour("CFG-02")
def test_a_misspelt_option_is_named_with_its_line() -> None:
    with short_directory() as place:
        (place / "master").write_text("interface: 127.0.0.1\nauto_acept: True\n")
        done = plain("master", "-c", str(place))
    assert done.returncode == 78
    assert "auto_acept" in done.stderr
    assert "auto_accept" in done.stderr
    assert "line 2" in done.stderr or "master:2" in done.stderr


def test_the_master_finds_a_free_port_taken() -> None:
    with short_directory() as first, short_directory() as second, Lab(first, master=FAST) as lab:
        lab.start_master()
        with Lab(second, master=FAST, port=lab.port) as other:
            other.start_master(wait=False)
            until(lambda: not other.alive("master"), 15, "it runs on")
            assert str(lab.port) in other.log("master")
            assert "Traceback" not in other.log("master")
