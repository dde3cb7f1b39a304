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
def test_a_function_that_is_missing_is_a_return_and_exit_code_1(call: Call) -> None:
    done = call("no.such", "--out", "json")

    assert done.returncode == exitcodes.FAILED
    assert "'no.such' is not available." in json.loads(done.stdout)["local"]


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
