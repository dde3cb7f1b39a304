"""`saltern call --local`, as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from repositories import Repository
from saltern.cli import exitcodes
from servers import program

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
        (("test.ping", "1"), "Passed invalid arguments: ping() takes 0 positional arguments but 1 was given.\n"),
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
    assert call().returncode == exitcodes.USAGE


@pytest.mark.behaviour("CFG-06")
def test_secrets_of_the_configuration_are_looked_up(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEP_SECRET", "s3cret")
    with (tmp_path / "minion").open("a") as file:
        file.write("environment_store: {driver: env}\nmysql.pass: sdb://environment_store/DEEP_SECRET\n")
        file.write("deep: {list: [one, 'sdb://environment_store/DEEP_SECRET']}\n")

    assert call("config.get", "mysql.pass", "--out", "txt").stdout == "local: s3cret\n"
    assert call("config.get", "deep:list:1", "--out", "txt").stdout == "local: s3cret\n"

    with (tmp_path / "minion").open("a") as file:
        file.write("other: sdb://nowhere/KEY\n")
    assert call("config.get", "other", "--out", "txt").stdout == "local: sdb://nowhere/KEY\n"

    with (tmp_path / "minion").open("a") as file:
        file.write("grains: {role: 'sdb://nowhere/KEY'}\n")
    done = call("test.ping")
    assert done.returncode == 78
    assert 'grains:role: sdb://nowhere/KEY: SDB profile "nowhere" wasnt found' in done.stderr


@pytest.mark.behaviour("LDR-10")
def test_splay_waits_and_lets_the_function_run(call: Call) -> None:
    words = ("test.ping", "--module-executors=[splay, direct_call]", "--out=json")

    assert call(*words, "--executor-opts={splaytime: 1}").stdout == '{\n    "local": true\n}\n'
    assert "splaytime must be a positive integer" in call(*words, "--executor-opts={splaytime: 0}").stderr


@pytest.mark.behaviour("LDR-10", "CFG-10")
def test_functions_run_as_the_user_of_the_executor_sudo(call: Call, tmp_path: Path) -> None:
    program("sudo")
    with (tmp_path / "minion").open("a") as config:
        config.write("sudo_user: root\nmodule_executors: [sudo]\n")

    said = json.loads(call("environ.get", "SUDO_COMMAND", "--out", "json").stdout)["local"]
    assert said.endswith("environ.get")  # what is told a function is no part of what sudo logs
    told = json.loads(call("test.arg", "[1, {a: b}]", "a 'b' \"c\"", "k=null", "--out", "json").stdout)["local"]
    assert (told["args"], told["kwargs"]["k"]) == ([[1, {"a": "b"}], "a 'b' \"c\""], None)
    assert call("cmd.run", "exit 3", "python_shell=True", "--retcode-passthrough").returncode == 3


@pytest.mark.behaviour("LDR-10")
@pytest.mark.parametrize(
    ("user", "told"),
    [("''", "Executor 'sudo' is not available"), ("nosuchuser", "test.ping as nosuchuser: sudo: unknown user")],
)
def test_the_executor_sudo_tells_why_it_cannot(call: Call, tmp_path: Path, user: str, told: str) -> None:
    program("sudo")
    with (tmp_path / "minion").open("a") as config:
        config.write(f"sudo_user: {user}\n")
    done = call("test.ping", "--module-executors=sudo")
    assert told in done.stderr
    assert done.returncode != 0


@pytest.mark.behaviour("RND-01")
def test_secrets_are_decrypted_with_the_keys_beside_the_configuration(call: Call, tmp_path: Path) -> None:
    keys = tmp_path / "gpgkeys"
    keys.mkdir(mode=0o700)
    gpg = [program("gpg"), "--homedir", str(keys), "--batch", "--passphrase", "", "--trust-model", "always"]
    subprocess.run([*gpg, "--quick-gen-key", "ann@x.y", "rsa2048", "encr"], check=True, capture_output=True)
    locked = [*gpg, "--armor", "--recipient", "ann@x.y", "--encrypt"]
    message = subprocess.run(locked, input="of Ann's", check=True, capture_output=True, text=True).stdout
    (tmp_path / "x.sls").write_text("#!json|gpg\n" + json.dumps({"secret": message}))

    done = call("slsutil.renderer", str(tmp_path / "x.sls"), "--out=json")
    assert json.loads(done.stdout) == {"local": {"secret": "of Ann's"}}


@pytest.mark.behaviour("LOC-03")
def test_files_and_pillar_come_from_repositories_and_commands_without_a_master(call: Call, tmp_path: Path) -> None:
    files, pillar = Repository(tmp_path / "files"), Repository(tmp_path / "pillar")
    files.commit(
        "master", {"top.sls": "base:\n  '*': [main]\n", "main.sls": "{{ pillar['colour'] }}:\n  test.nop: []\n"}
    )
    pillar.commit("master", {"top.sls": "base:\n  '*': [data]\n", "data.sls": "colour: green\n"})
    options = {
        "fileserver_backend": ["git"], "gitfs_remotes": [files.url],
        "ext_pillar": [{"git": [f"master {pillar.url}"]}, {"cmd_yaml": "echo 'size: big'"}],
    }  # fmt: skip
    with (tmp_path / "minion").open("a") as config:
        config.writelines(f"{name}: {json.dumps(value)}\n" for name, value in options.items())
    assert json.loads(call("cp.list_master", "--out", "json").stdout) == {"local": ["main.sls", "top.sls"]}
    assert json.loads(call("pillar.ls", "--out", "json").stdout)["local"] == ["colour", "size"]
    done = json.loads(call("state.highstate", "cache=True", "--out", "json").stdout)["local"]
    assert [(one["__id__"], one["result"]) for one in done.values()] == [("green", True)]
