"""The command line as a process: signals, pipes, bytes, and what it imports."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from saltern.cli import exitcodes
from saltern.client import contract
from scripted_master import ScriptedMaster, outcome

JID = "20261122085142537545"
PATIENCE = 20.0
RUN = "import sys; from saltern.cli.main import main; sys.exit(main())"
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(conf: Path) -> Iterator[Start]:
    """Starts `saltern` as a process of its own."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*words: str | bytes, code: str = RUN, **options: object) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "SALTERN_CONFIG_DIR": str(conf), **options.pop("env", {})}
        settings = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        process = subprocess.Popen([sys.executable, "-c", code, *words], env=environment, **settings)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


@pytest.mark.behaviour("JOB-20")
def test_ctrl_c_leaves_the_job_running_and_says_where_it_is(start: Start, master: ScriptedMaster) -> None:
    master.returns(outcome("m1", value=True), outcome("m2", value=True))
    first, *_ = master.script[contract.Follow]
    master.script[contract.Follow] = [first, {"kind": "hold"}]
    process = start("run", "*", "test.ping")
    assert process.stdout.readline() == b"m1:\n"

    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)

    assert process.returncode == exitcodes.INTERRUPTED
    assert f"saltern jobs watch {JID}".encode() in said
    assert f"saltern runner jobs.lookup_jid {JID}".encode() in said
    assert b"Traceback" not in said
    assert master.asked(contract.CancelJobs) == []


def test_a_reader_that_ends_is_no_reason_to_complain(start: Start, master: ScriptedMaster) -> None:
    master.returns(
        outcome("m1", value=True), {"kind": "hold"}, *(outcome(f"n{n}", value="x" * 999) for n in range(200))
    )
    process = start("run", "*", "test.ping")
    assert process.stdout.readline() == b"m1:\n"

    process.stdout.close()
    master.hold.set()
    process.wait(PATIENCE)

    assert process.returncode == exitcodes.BROKEN_PIPE
    assert process.stderr.read() == b""


@pytest.mark.parametrize("word", [b"\xff\xfe", b"name=\xff"])
def test_arguments_that_are_no_utf8_are_refused_by_name(start: Start, master: ScriptedMaster, word: bytes) -> None:
    process = start("run", "m1", "test.echo", word)
    _, said = process.communicate(timeout=PATIENCE)

    assert process.returncode == exitcodes.USAGE
    assert b"not valid UTF-8" in said
    assert b"udcff" in said
    assert master.requests == []


def test_what_the_terminal_cannot_show_is_escaped(start: Start, master: ScriptedMaster) -> None:
    master.returns(outcome("m1", value="gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n \N{SNOWMAN}"))
    process = start("run", "m1", "test.echo", env={"PYTHONIOENCODING": "ascii"})
    shown, said = process.communicate(timeout=PATIENCE)

    assert (process.returncode, said) == (0, b"")
    assert b"gr\\xfcn \\u2603" in shown


def test_a_progress_line_is_drawn_on_a_terminal_and_gone_before_output(start: Start, master: ScriptedMaster) -> None:
    master.returns(outcome("m1", value=True), {"kind": "hold"}, outcome("m2", "failed", value="no"), away=["m3"])
    publish = master.script[contract.Publish]
    publish[0]["minions"].append("m3")
    terminal, side = pty.openpty()
    process = start("run", "*", "test.ping", stderr=side)
    os.close(side)
    try:
        assert process.stdout.readline() == b"m1:\n"
        drawn = b""
        while b"1 returned" not in drawn:
            drawn += os.read(terminal, 4096)
        master.hold.set()
        process.wait(PATIENCE)
        while b"ERROR" not in drawn:
            drawn += os.read(terminal, 4096)
    finally:
        os.close(terminal)

    assert b"2 waiting, 1 not connected of 3" in drawn
    assert b"1 returned, 1 waiting, 1 not connected of 3" in drawn
    assert drawn.partition(b"ERROR")[0].endswith(b"\r\x1b[2K")


HEAVY = {
    "asyncio", "cryptography", "dataclasses", "email", "importlib.metadata", "inspect", "jinja2", "json", "logging",
    "msgspec", "multiprocessing", "pathlib", "rich", "sqlite3", "ssl", "subprocess", "tempfile", "traceback", "typing",
    "urllib", "uvloop", "yaml",
}  # fmt: skip
LISTED = """
import sys
before = set(sys.modules)
from saltern.cli.main import main
code = main()
print(*sorted(set(sys.modules) - before), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    "words",
    [
        ("run", "m1", "test.ping"),
        ("run", "-L", "m1", "cmd.run", "uptime", "timeout=5", "--static"),
        ("run", "m1", "test.ping", "--async"),
    ],
)
def test_a_run_imports_nothing_that_takes_long(start: Start, master: ScriptedMaster, words: tuple[str, ...]) -> None:
    master.returns(outcome("m1", value=True))
    process = start(*words, code=LISTED)
    _, said = process.communicate(timeout=PATIENCE)

    imported = set(said.decode().split())
    assert process.returncode == 0
    assert "saltern.client.blocking" in imported
    assert imported & HEAVY == set()
    assert len(imported) < 80


def test_the_program_ends_with_its_code_and_all_that_was_printed(conf: Path) -> None:
    (conf / "minion").write_text(f"root_dir: {conf}\nid: m1\nfile_client: local\n")
    words = ["call", "-c", str(conf), "--local", "cmd.run", "printf %s {1..20000}; exit 3", "--retcode-passthrough"]
    program = "from saltern.cli.main import run; run()"

    done = subprocess.run(
        [sys.executable, "-c", program, *words, "shell=/bin/bash", "--out", "txt"],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )

    assert done.returncode == 3
    assert done.stdout.endswith("20000\n")


def test_a_call_does_not_import_what_msgspec_can_do_without(conf: Path) -> None:
    (conf / "minion").write_text(f"root_dir: {conf}\nid: m1\nfile_client: local\n")
    program = "import sys; from saltern.cli.main import main; main(); print('inspect' in sys.modules)"

    words = [sys.executable, "-c", program, "call", "-c", str(conf), "--local", "test.ping"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=PATIENCE)

    assert done.stdout.splitlines()[-1] == "False"
