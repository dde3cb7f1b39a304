"""Running a program: what it gets, what comes back, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from saltern.plugin_api import CommandExecutionError, process

SH = "/bin/sh"
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def sh(text: str, **options):
    return process.run([SH, "-c", text], **options)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_output_and_exit_code_come_back_apart() -> None:
    done = sh("echo out; echo err >&2; exit 3")
    assert (bytes(done.stdout), bytes(done.stderr), done.retcode, done.timed_out) == (b"out\n", b"err\n", 3, False)


def test_errors_can_go_into_the_output_in_order() -> None:
    done = sh("echo 1; echo 2 >&2; echo 3", merge_stderr=True)
    assert (bytes(done.stdout), bytes(done.stderr)) == (b"1\n2\n3\n", b"")


def test_a_signal_is_a_negative_exit_code() -> None:
    assert sh("kill -9 $$").retcode == -signal.SIGKILL


def test_a_program_that_is_not_there_is_an_os_error() -> None:
    with pytest.raises(FileNotFoundError):
        process.run(["no-such-program-here"])


def test_without_input_there_is_an_empty_one() -> None:
    assert process.run(["cat"]).stdout == b""


def test_a_large_input_comes_back_whole() -> None:
    data = os.urandom(1 << 20) * 3
    assert process.run(["cat"], stdin=data).stdout == data


def test_a_program_that_does_not_read_its_input_is_no_error() -> None:
    assert process.run(["true"], stdin=b"x" * (1 << 20)).retcode == 0


def test_a_large_output_on_both_streams_does_not_block() -> None:
    done = sh("head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2; head -c 1000000 /dev/zero")
    assert (len(done.stdout), len(done.stderr)) == (4_000_000, 2_000_000)


def test_output_is_told_while_the_command_runs(tmp_path: Path) -> None:
    pieces: list[tuple[str, bytes]] = []

    def answer(stream: str, piece: bytes) -> None:
        pieces.append((stream, piece))
        (tmp_path / "heard").touch()

    waits = f"echo first; while [ ! -e {tmp_path}/heard ]; do sleep 0.02; done; echo second >&2"
    assert sh(waits, on_output=answer, timeout=20).timed_out is False
    assert pieces == [("stdout", b"first\n"), ("stderr", b"second\n")]


def test_what_the_listener_raises_ends_the_command(tmp_path: Path) -> None:
    def refuse(stream: str, piece: bytes) -> None:
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        sh(f"echo $$ > {tmp_path}/pid; echo x; sleep 60", on_output=refuse)
    assert not is_alive(int((tmp_path / "pid").read_text()))


def test_a_timeout_ends_the_command_and_its_children(tmp_path: Path) -> None:
    done = sh(f"sleep 60 & echo $! > {tmp_path}/child; echo before; sleep 60", timeout=1)
    assert (done.timed_out, bytes(done.stdout)) == (True, b"before\n")
    assert not is_alive(int((tmp_path / "child").read_text()))


def test_a_timeout_ends_a_command_that_ignores_sigterm(tmp_path: Path) -> None:
    done = sh(f"trap '' TERM; echo $$ > {tmp_path}/pid; while :; do sleep 1; done", timeout=1)
    assert done.timed_out
    assert not is_alive(int((tmp_path / "pid").read_text()))


def test_a_timeout_in_a_job_ends_orphans_too(tmp_path: Path) -> None:
    """A job leads its process group, so what lost its parent there was started by the job."""
    program = (
        "import os, sys; os.setpgid(0, 0); from saltern.plugin_api import process; "
        f"print(process.run(['sh', '-c', '(sleep 60 & echo $! > {tmp_path}/orphan); sleep 60'], timeout=1).timed_out)"
    )
    done = process.run([sys.executable, "-c", program])
    assert bytes(done.stdout) == b"True\n", done.stderr
    assert not is_alive(int((tmp_path / "orphan").read_text()))


def test_a_timeout_leaves_a_stranger_alone(tmp_path: Path) -> None:
    """An older orphan in the same group, and a sibling of the command, are somebody else's."""
    sh(f"(sleep 20 >/dev/null 2>&1 & echo $! > {tmp_path}/stranger)")
    stranger = int((tmp_path / "stranger").read_text())
    try:
        assert sh("sleep 60", timeout=0.2).timed_out
        assert is_alive(stranger)
    finally:
        os.kill(stranger, signal.SIGKILL)


def test_what_a_command_left_behind_does_not_hold_it_beyond_the_timeout(tmp_path: Path) -> None:
    done = sh(f"sleep 20 & echo $! > {tmp_path}/left; echo done; exit 4", timeout=1)
    os.kill(int((tmp_path / "left").read_text()), signal.SIGKILL)
    assert (done.timed_out, done.retcode, bytes(done.stdout)) == (False, 4, b"done\n")


def test_a_daemon_that_keeps_the_output_open_is_not_waited_for() -> None:
    script = "echo started; sleep 60 & echo $!"
    done = process.run(["sh", "-c", script], starts_daemon=True)
    said, pid = process.text_of(done.stdout).split()
    try:
        assert (done.retcode, said) == (0, "started")
        assert os.getsid(int(pid)) == done.pid
    finally:
        os.kill(int(pid), signal.SIGKILL)


def test_the_output_before_an_exit_comes_whole() -> None:
    done = process.run(["sh", "-c", "head -c 3000000 /dev/zero; exit 3"], starts_daemon=True)
    assert (done.retcode, len(done.stdout)) == (3, 3_000_000)


def test_a_command_stays_in_the_group_of_its_job() -> None:
    program = "import os; print(os.getpgrp())"
    assert int(process.run([sys.executable, "-c", program]).stdout) == os.getpgrp()


def test_a_started_command_has_a_session_of_its_own_and_goes_on(tmp_path: Path) -> None:
    report = f"ps -o sid= -p $$ > {tmp_path}/part; mv {tmp_path}/part {tmp_path}/session"
    pid = process.start([SH, "-c", report])
    assert wait_until((tmp_path / "session").exists)
    assert int((tmp_path / "session").read_text()) == pid
    os.waitpid(pid, 0)


def test_directory_environment_and_umask(tmp_path: Path) -> None:
    around = process.Surroundings(cwd=str(tmp_path), env={"A": "b c"}, umask=0o027)
    assert bytes(sh('pwd; echo "$A"; umask', around=around).stdout) == f"{tmp_path}\nb c\n0027\n".encode()


@root_only
def test_another_identity_has_its_groups_and_no_others() -> None:
    identity = process.identity_of("nobody")
    done = process.run(["id", "-un"], process.Surroundings(cwd="/", identity=identity))
    assert bytes(done.stdout) == b"nobody\n"
    groups = process.run(["id", "-G"], process.Surroundings(cwd="/", identity=identity))
    assert {int(group) for group in groups.stdout.split()} == set(identity.groups)


@root_only
def test_another_group() -> None:
    identity = process.identity_of("nobody", "daemon")
    assert bytes(process.run(["id", "-gn"], process.Surroundings(cwd="/", identity=identity)).stdout) == b"daemon\n"


def test_unknown_names_are_said() -> None:
    with pytest.raises(CommandExecutionError, match="User 'no-such-user' is not available"):
        process.identity_of("no-such-user")
    with pytest.raises(CommandExecutionError, match="Group 'no-such-group' is not available"):
        process.identity_of(None, "no-such-group")


def test_arguments_and_output_need_not_be_utf8() -> None:
    assert process.run(["printf", "%s", os.fsdecode(b"caf\xe9")]).stdout == b"caf\xe9"
    assert process.run([b"printf", b"%s", b"caf\xe9"]).stdout == b"caf\xe9"


def test_text_of_output() -> None:
    assert process.text_of(bytearray(b"\xffa")) == "\ufffda"
    assert process.text_of(bytearray(b"\xffa"), "latin-1") == "ÿa"
    assert process.text_of(bytearray(b"a \n\n"), strip=True) == "a"
    assert process.text_of(bytearray(b" a\n")) == " a\n"
    assert process.text_of(bytearray(b"a" + b"\n" * (1 << 19)), strip=True) == "a"
    assert process.text_of(bytearray(b"  "), strip=True) == ""
    with pytest.raises(CommandExecutionError, match="Unknown output_encoding 'klingon'"):
        process.text_of(bytearray(b"a"), "klingon")


def test_find_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "own-program"
    program.write_text("#!/bin/sh\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert process.find_program("own-program") is None
    program.chmod(0o755)
    assert process.find_program("own-program") == str(program)
    assert process.find_program(str(program)) == str(program)
    assert process.find_program("sh") in ("/bin/sh", "/usr/bin/sh")
