"""`saltern call --local`, as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from saltern.cli import exitcodes

Call = Callable[..., subprocess.CompletedProcess[str]]
CODE = "import sys; from saltern.cli.main import main; sys.exit(main())"


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """Runs `saltern call --local` for a minion m1 whose files lie below a directory of the test."""
    (tmp_path / "minion").write_text(f"id: m1\nroot_dir: {tmp_path}\nfile_client: local\n")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", CODE, "call", "--local", "--config-dir", str(tmp_path), *words],
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run


@pytest.mark.behaviour("CLI-03", "LDR-11")
def test_prints_the_value_under_local(call: Call) -> None:
    done = call("test.echo", "[1, {a: b}]", "--out", "json")

    assert done.returncode == exitcodes.OK
    assert json.loads(done.stdout) == {"local": [1, {"a": "b"}]}


@pytest.mark.behaviour("CLI-03")
@pytest.mark.parametrize(("flags", "code"), [((), exitcodes.FAILED), (("--retcode-passthrough",), 3)])
def test_exit_code_follows_the_function(call: Call, flags: tuple[str, ...], code: int) -> None:
    assert call("cmd.run", "sh -c 'exit 3'", *flags).returncode == code


@pytest.mark.behaviour("CLI-03", "JOB-13")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("no.such",), "'no.such' is not available.\n"),
        (("cmd.run", "pwd", "cwd=/no/dir"), "Error running 'cmd.run': Specified cwd '/no/dir' either not absolute"),
        (("test.ping", "1"), "Passed invalid arguments: ping() takes 0 positional arguments but 1 was given\n"),
    ],
)
def test_a_call_that_fails_says_so_and_prints_no_value(call: Call, words: tuple[str, ...], told: str) -> None:
    done = call(*words, "--out", "json")

    assert (done.returncode, done.stdout) == (exitcodes.FAILED, "")
    assert done.stderr.startswith(told)


@pytest.mark.behaviour("CLI-03")
def test_the_command_line_has_the_last_word_on_the_id(call: Call) -> None:
    done = call("grains.get", "id", "--id", "other", "--out", "json")

    assert json.loads(done.stdout) == {"local": "other"}


@pytest.mark.behaviour("CLI-03", "LDR-12")
def test_shows_documentation(call: Call) -> None:
    done = call("-d", "test.ping")

    assert done.stdout.startswith("test.ping:\n")


def test_without_a_function_there_is_nothing_to_call(call: Call) -> None:
    assert call().returncode == exitcodes.INCOMPLETE
