"""The module cmd: results, errors and exit codes as Salt 3008.2 gives them."""

from __future__ import annotations

import logging
import os
import pty
import time
from pathlib import Path
from typing import Any

import pytest

from saltern.builtin.modules import cmd
from saltern.plugin_api import CommandExecutionError, SaltInvocationError

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
TYPED = {"__pub_jid": "20260101000000000000"}
"""What marks a call of an operator."""


@pytest.fixture(autouse=True)
def space(monkeypatch: pytest.MonkeyPatch):
    """The injected names; the test gets the context."""
    context: dict = {}
    monkeypatch.setattr(cmd, "__opts__", {}, raising=False)
    monkeypatch.setattr(cmd, "__salt__", {}, raising=False)
    monkeypatch.setattr(cmd, "__context__", context, raising=False)
    monkeypatch.setenv("SHELL", "/bin/sh")
    return context


def without_pid(result: dict) -> dict:
    assert isinstance(result["pid"], int)
    return {key: value for key, value in result.items() if key != "pid"}


@pytest.mark.parametrize(
    ("function", "expected"),
    [(cmd.run, "out\nerr"), (cmd.run_stdout, "out"), (cmd.run_stderr, "err"), (cmd.shell, "out\nerr")],
)
def test_each_function_returns_its_stream(function, expected) -> None:
    assert function("echo out; echo err >&2", python_shell=True) == expected


def test_run_all_returns_everything(space) -> None:
    result = cmd.run_all("echo out; echo err >&2; exit 5", python_shell=True)
    assert list(result) == ["pid", "retcode", "stdout", "stderr"]
    assert without_pid(result) == {"retcode": 5, "stdout": "out", "stderr": "err"}
    assert space["retcode"] == 5


def test_run_all_can_put_errors_into_the_output() -> None:
    result = cmd.run_all("echo out; echo err >&2", python_shell=True, redirect_stderr=True)
    assert without_pid(result) == {"retcode": 0, "stdout": "out\nerr", "stderr": ""}


def test_retcode(space) -> None:
    assert cmd.retcode("exit 9", python_shell=True) == 9
    assert cmd.retcode("kill -9 $$", python_shell=True) == -9
    assert space["retcode"] == -9


def test_a_command_of_an_operator_goes_through_the_shell() -> None:
    assert cmd.run("echo a | tr a b", **TYPED) == "b"
    assert cmd.run("echo a | tr a b", python_shell=False, **TYPED) == "a | tr a b"


def test_a_command_of_a_module_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cmd.run("echo a | tr a b") == "a | tr a b"
    assert cmd.run("echo $0", __pub_fun="cmd.run") == "$0"
    monkeypatch.setattr(cmd, "__opts__", {"cmd_safe": False})
    assert cmd.run("echo a | tr a b") == "b"


def test_a_list_is_run_word_by_word() -> None:
    assert cmd.run(["echo", "a  b", "$HOME", 5]) == "a  b $HOME 5"
    assert cmd.run("echo 'a  b' c") == "a  b c"


def test_metacharacters_mean_nothing_without_a_shell(tmp_path: Path) -> None:
    assert cmd.run(["echo", f"; touch {tmp_path}/x `touch {tmp_path}/y`"]).startswith(";")
    assert list(tmp_path.iterdir()) == []


def test_the_shell_can_be_chosen() -> None:
    assert cmd.run("echo $0", shell="/bin/bash", python_shell=True) == "/bin/bash"
    for python_shell in (True, False):
        with pytest.raises(CommandExecutionError, match=r"^The shell /bin/nosuch is not available$"):
            cmd.run("echo x", shell="/bin/nosuch", python_shell=python_shell)


def test_a_program_that_is_not_there(space) -> None:
    with pytest.raises(CommandExecutionError, match=r"Unable to run command '\['no_such', 'a'\]'.*No such file"):
        cmd.run("no_such a")
    assert cmd.run_all("no_such a", python_shell=True)["retcode"] == 127


@pytest.mark.parametrize("bad", ["echo 'a", "", []])
def test_a_command_that_cannot_be_read(bad) -> None:
    with pytest.raises((CommandExecutionError, SaltInvocationError)):
        cmd.run(bad)


def test_directory(tmp_path: Path) -> None:
    assert cmd.run("pwd", cwd=str(tmp_path)) == str(tmp_path)
    assert cmd.run("pwd", cwd="") == os.path.expanduser("~")
    for wrong in (str(tmp_path / "nodir"), "relative", "~", "/etc/passwd"):
        with pytest.raises(CommandExecutionError) as raised:
            cmd.run("pwd", cwd=wrong)
        assert str(raised.value) == f"Specified cwd '{wrong}' either not absolute or does not exist"


def test_input() -> None:
    assert cmd.run("cat", stdin="fed") == "fed"
    assert cmd.run("cat", stdin="a\\nb\\tc") == "a\nb\\tc"
    assert cmd.run("cat", stdin=5) == "5"
    assert cmd.run("readlink /proc/self/fd/0") == "/dev/null"


@pytest.mark.parametrize("env", [{"X": "y", "N": 1}, [{"X": "y"}, {"N": 1}]])
def test_variables(env) -> None:
    assert cmd.run("echo $X$N", env=env, python_shell=True) == "y1"


def test_variables_can_be_all_there_are() -> None:
    assert cmd.run("env", env={"A": "b", "E": None}, clean_env=True, reset_system_locale=False) == "A=b\nE="


@pytest.mark.parametrize("env", ["A=b", ["A=b"], 5])
def test_variables_that_cannot_be_read_are_an_error(env) -> None:
    with pytest.raises(SaltInvocationError, match="env must be"):
        cmd.run("env", env=env)


def test_the_locale_is_c_unless_asked_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_TIME", "de_DE.UTF-8")
    assert cmd.run("echo $LC_TIME", python_shell=True) == "C"
    assert cmd.run("echo $LC_TIME", python_shell=True, env={"LC_TIME": "x"}) == "x"
    assert cmd.run("echo $LC_TIME", python_shell=True, reset_system_locale=False) == "de_DE.UTF-8"


def test_path_in_front(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert cmd.run("echo $PATH", prepend_path="/xx:/yy", python_shell=True) == "/xx:/yy:/usr/bin:/bin"


@pytest.mark.parametrize("umask", ["077", 77])
def test_umask(umask) -> None:
    assert cmd.run("umask", umask=umask, python_shell=True) == "0077"


def test_umasks_that_are_refused() -> None:
    with pytest.raises(CommandExecutionError, match=r"^Invalid umask: 'abc'$"):
        cmd.run("true", umask="abc")
    with pytest.raises(CommandExecutionError, match=r"^Zero umask is not allowed\.$"):
        cmd.run("true", umask="0")


@root_only
def test_as_another_user() -> None:
    said = cmd.run("id -un; pwd; echo $HOME $USER $LOGNAME", runas="daemon", python_shell=True)
    assert said == "daemon\n/usr/sbin\n/usr/sbin daemon daemon"
    assert cmd.run("id -gn", runas="nobody", group="daemon") == "daemon"
    assert cmd.run("pwd", runas="nobody") == "/"


def test_as_a_user_that_is_not_there() -> None:
    with pytest.raises(CommandExecutionError, match=r"^User 'nosuchuser' is not available$"):
        cmd.run("id", runas="nosuchuser")


def test_a_timeout_says_so_and_fails(space) -> None:
    result = cmd.run_all("sleep 30", timeout=0.2)
    assert without_pid(result) == {
        "retcode": 1,
        "stdout": "['sleep', '30'] : Timed out after 0.2 seconds",
        "stderr": "",
    }
    assert space["retcode"] == 1
    assert cmd.run("echo x; sleep 30", timeout=0.2, python_shell=True, ignore_retcode=True) == (
        "echo x; sleep 30 : Timed out after 0.2 seconds"
    )
    assert space["retcode"] == 0


def test_a_timeout_must_be_a_number() -> None:
    with pytest.raises(SaltInvocationError, match=r"^Error: timeout soon must be a number$"):
        cmd.run("true", timeout="soon")
    assert cmd.run("echo x", timeout="20") == "x"
    assert cmd.run("echo x", timeout=0) == "x"


def test_white_space_at_the_end() -> None:
    assert cmd.run("printf 'a\n\n  \n'", python_shell=True) == "a"
    assert cmd.run("printf 'a\n\n  \n'", python_shell=True, rstrip=False) == "a\n\n  \n"


def test_encoding_of_the_output() -> None:
    assert cmd.run(r"printf '\377abc'", python_shell=True) == "\ufffdabc"
    assert cmd.run(r"printf '\377abc'", python_shell=True, output_encoding="latin1") == "ÿabc"
    assert cmd.run(["printf", "%s", os.fsdecode(b"\xe9")], output_encoding="latin1") == "é"


@pytest.mark.parametrize("codes", [[3], 3, "3", "3,4"])
def test_exit_codes_that_count_as_success(codes, space) -> None:
    assert cmd.run_all("exit 3", success_retcodes=codes, python_shell=True)["retcode"] == 0
    assert space["retcode"] == 0


def test_exit_codes_must_be_numbers() -> None:
    with pytest.raises(SaltInvocationError, match=r"^success_retcodes must be a list of integers$"):
        cmd.run("true", success_retcodes="x")


def test_output_that_counts_as_success() -> None:
    said = "echo azza; echo err >&2; exit 3"
    assert cmd.retcode("echo azza; exit 3", success_stdout="zz", python_shell=True) == 0
    assert cmd.run_all(said, success_stderr=["no", "err"], python_shell=True)["retcode"] == 0
    assert cmd.run_all(said, success_stdout=["q", "az+a"], python_shell=True)["retcode"] == 3


def test_an_exit_code_can_be_ignored(space) -> None:
    assert cmd.run_all("exit 3", ignore_retcode=True, python_shell=True)["retcode"] == 3
    assert space["retcode"] == 0


def test_raise_err() -> None:
    with pytest.raises(CommandExecutionError, match=r"^out\nerr$"):
        cmd.run("echo out; echo err >&2; exit 4", raise_err=True, python_shell=True)
    with pytest.raises(CommandExecutionError, match="Command 'false' failed with return code: 1"):
        cmd.run("false", raise_err=True)
    assert cmd.run("echo fine", raise_err=True) == "fine"


def test_output_can_be_hidden_and_is_then_not_shown_live_either(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list = []
    monkeypatch.setattr(cmd, "__progress__", lambda *piece: pieces.append(piece), raising=False)
    result = cmd.run_all("echo secret; exit 3", hide_output=True, python_shell=True)
    assert without_pid(result) == {"retcode": 3, "stdout": "", "stderr": ""}
    assert pieces == []


def test_output_is_told_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list = []
    monkeypatch.setattr(cmd, "__progress__", lambda *piece: pieces.append(piece), raising=False)
    assert cmd.run_stdout("echo out; echo err >&2", python_shell=True) == "out"
    assert sorted(pieces) == [("stderr", b"err\n"), ("stdout", b"out\n")]


def test_secrets_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(1):
        cmd.run("false --password=hunter2", env={"TOKEN": "hunter2"}, stdin="hunter2")
        cmd.run("echo hunter2", output_loglevel="quiet")
        cmd.run("echo hunter2", log_callback=lambda text: text.replace("hunter2", "XXX"))
    assert "hunter2" not in caplog.text
    assert "XXX" in caplog.text
    assert "Command 'false' failed with return code: 1" in caplog.text


def test_a_secret_set_in_front_of_the_program_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(1):
        cmd.run("PASSWORD=hunter2 false", python_shell=True)
    assert "hunter2" not in caplog.text
    assert "Command 'PASSWORD=…' failed with return code: 1" in caplog.text


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("https://user:hunter2@host/a@b.sh?key=hunter2", "https://host/a@b.sh"),
        ("salt://a/b.sh?saltenv=dev", "salt://a/b.sh"),
        ("https://host", "https://host"),
    ],
)
def test_the_secrets_of_a_url_are_not_logged(source, shown, monkeypatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(cmd, "__salt__", {"cp.cache_file": lambda *_: ""})
    with caplog.at_level(1):
        assert cmd.script(source)["cache_error"] is True
    assert "hunter2" not in caplog.text
    assert f"The script {shown} cannot be read" in caplog.text


def test_an_unknown_log_level_is_named(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert cmd.run("echo x", output_loglevel="loud") == "x"
    assert "Invalid output_loglevel 'loud'" in caplog.text


def test_in_the_background(tmp_path: Path, space) -> None:
    mark = tmp_path / "mark"
    result = cmd.run_all(f"sleep 0.1; touch {mark}", bg=True, python_shell=True)
    assert without_pid(result) == {"retcode": None, "stdout": "", "stderr": ""}
    assert cmd.run("true", bg=True) == ""
    assert list(cmd.run_bg("true")) == ["pid"]
    assert space["retcode"] == 0
    until = time.monotonic() + 10
    while not mark.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert mark.exists()


class _Renderers:
    """A plugin space with the renderer jinja alone."""

    def table(self, kind: str) -> _Renderers:
        return self

    def functions_of(self, name: str) -> dict[str, Any]:
        return {"jinja.render": None} if name == "jinja" else {}


def test_templates_go_through_the_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    def render(string: str, default_renderer: str, saltenv: str) -> str:
        return string.replace("{{ what }}", f"{default_renderer}@{saltenv}")

    monkeypatch.setattr(cmd, "__salt__", {"slsutil.renderer": render})
    monkeypatch.setattr(cmd, "__plugins__", _Renderers(), raising=False)
    assert cmd.run("echo {{ what }}", template="jinja") == "jinja@base"
    assert cmd.run(["echo", "{{ what }}"], template="jinja", saltenv="dev") == "jinja@dev"


def test_a_template_without_a_renderer_is_an_error() -> None:
    with pytest.raises(CommandExecutionError, match="unavailable engine mako"):
        cmd.run("echo x", template="mako")


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "s.sh"
    path.write_text('#!/bin/sh\necho "got $1 in $(pwd)"\ntest "$1" != bad\n')
    return str(path)


def test_script(script: str, tmp_path: Path) -> None:
    assert cmd.script(script, "one two", cwd=str(tmp_path))["stdout"] == f"got one in {tmp_path}"
    assert cmd.script(script, ["one two", "b"], cwd="/")["stdout"] == "got one two in /"
    assert cmd.script(script, "'one; echo' $HOME", cwd="/", **TYPED)["stdout"] == "got one; echo in /"
    assert [path.name for path in tmp_path.iterdir()] == ["s.sh"]


def test_script_through_the_file_server(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def cache_file(source: str, saltenv: str) -> str:
        asked.append((source, saltenv))
        return script if source == "salt://s.sh" else ""

    monkeypatch.setattr(cmd, "__salt__", {"cp.cache_file": cache_file})
    assert without_pid(cmd.script("salt://s.sh", "x", saltenv="dev", cwd="/")) == {
        "retcode": 0,
        "stdout": "got x in /",
        "stderr": "",
    }
    assert asked == [("salt://s.sh", "dev")]
    assert cmd.script("salt://other.sh")["cache_error"] is True


def test_script_that_is_not_there(tmp_path: Path, space) -> None:
    assert cmd.script(str(tmp_path / "none")) == {
        "pid": 0,
        "retcode": 1,
        "stdout": "",
        "stderr": "",
        "cache_error": True,
    }
    assert "retcode" not in space


def test_script_retcode(script: str, space) -> None:
    assert cmd.script_retcode(script, args="good") == 0
    assert cmd.script_retcode(script, args="bad") == 1
    assert space["retcode"] == 1


def test_script_without_an_interpreter_line_is_one_of_the_shell(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("echo plain $1\n")
    assert cmd.script(str(plain), "x")["stdout"] == "plain x"


@root_only
def test_script_as_another_user(script: str) -> None:
    assert cmd.script(script, "one", runas="nobody")["stdout"] == "got one in /"


def test_code(space) -> None:
    assert cmd.exec_code("sh", "echo from code") == "from code"
    assert cmd.exec_code("sh", "echo $2$1", args="q r") == "rq"
    assert cmd.exec_code("sh", "echo $2$1", args=["q r", 1]) == "1q r"
    assert without_pid(cmd.exec_code_all("sh", "echo x; exit 2")) == {"retcode": 2, "stdout": "x", "stderr": ""}
    assert space["retcode"] == 2
    with pytest.raises(CommandExecutionError, match="nosuch"):
        cmd.exec_code("nosuch", "x")


def test_programs() -> None:
    assert cmd.has_exec("sh") is True
    assert cmd.has_exec("no_such_program") is False
    assert cmd.which("/bin/sh") == "/bin/sh"
    assert (cmd.which(""), cmd.which(None), cmd.which("/etc/passwd")) == (None, None, None)
    assert cmd.which_bin(["no_such_program", "nor_this"]) is None
    assert cmd.which_bin("sh") == cmd.which_bin(["no_such_program", "sh"]) == cmd.which("sh")


def test_tty() -> None:
    controller, terminal = pty.openpty()
    name = os.ttyname(terminal).removeprefix("/dev/")
    try:
        expected = {"Success": f"Message was successfully echoed to /dev/{name}"}
        assert cmd.tty(name.replace("/", ""), "hello") == expected
        assert cmd.tty(name, "you") == expected
        heard = b""
        while len(heard) < 8:
            heard += os.read(controller, 100)
        assert heard == b"helloyou"
    finally:
        os.close(controller)
        os.close(terminal)


@pytest.mark.parametrize("device", ["null", "/dev/null", "../etc/passwd", "tty/../null", "tty999999"])
def test_what_is_no_tty_is_refused_and_not_made(device) -> None:
    assert list(cmd.tty(device, "x")) == ["Error"]
    assert not Path("/dev/tty999999").exists()


def test_shells() -> None:
    assert "/bin/sh" in cmd.shells()
    found = cmd.shell_info("bash")
    assert (found["installed"], found["path"]) == (True, cmd.which("bash"))
    assert found["version"].startswith(f"{found['version_major']}.{found['version_minor']}")
    assert cmd.shell_info("nosuch") == {
        "installed": None,
        "error": "Salt does not know how to get the version number for nosuch",
    }


@root_only
def test_chroot_gives_exit_code_directory_and_user() -> None:
    result = cmd.run_chroot("/", "pwd; id -un; exit 3", cwd="/usr", runas="daemon")
    assert without_pid(result) == {"retcode": 3, "stdout": "/usr\ndaemon", "stderr": ""}


def test_chroot_into_nothing(tmp_path: Path) -> None:
    with pytest.raises(CommandExecutionError, match="does not exist"):
        cmd.run_chroot(str(tmp_path / "none"), "true")
