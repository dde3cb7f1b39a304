"""Every flag of Salt's programs is taken, with Salt's meaning, or answered with the reason why it means nothing."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from saltern.cli import call, cp, exitcodes, key, run
from saltern.cli.daemon import daemon_parser
from saltern.cli.main import main
from saltern.cli.mastercall import _parser as master_parser
from saltern.cli.options import PROGRAMS, Parser
from saltern.cli.suggest import near_function
from saltern.client import contract
from scripted_master import ScriptedMaster

Command = Callable[..., int]
Output = pytest.CaptureFixture[str]

FLAGS = json.loads((Path(__file__).parent / "salt_flags.json").read_text())
"""Program to its flags, as the help texts of Salt 3008.2 list them."""
PARSERS: dict[str, Callable[[], Parser]] = {
    "salt": run._parser,
    "salt-call": call._parser,
    "salt-cp": cp._parser,
    "salt-key": key._parser,
    "salt-run": lambda: master_parser("runner", "", ()),
    "salt-master": lambda: daemon_parser("master", ""),
    "salt-minion": lambda: daemon_parser("minion", ""),
}


@pytest.mark.behaviour("CLI-01", "CLI-02", "CLI-03", "CLI-04", "CLI-05", "CLI-06", "KEY-06")
@pytest.mark.parametrize("program", PROGRAMS)
def test_every_flag_of_salts_program_is_known(program: str) -> None:
    ours = PARSERS[program]().flags()

    missing = [flag for flag in FLAGS[program] if flag not in ours]
    wrong = [flag for flag, value in FLAGS[program].items() if flag in ours and ours[flag] != value]

    assert (missing, wrong) == ([], [])


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("call", "--proxyid", "p1", "test.ping"), "there are no proxy minions"),
        (("call", "-r", "test.ping"), "no managed resources"),
        (("run", "-H", "*", "test.ping"), "there are no rosters"),
        (("key", "--gen-signature"), "TLS proves the master"),
    ],
)
def test_a_flag_that_would_mislead_is_refused(
    words: tuple[str, ...], text: str, saltern: Command, capsys: Output
) -> None:
    assert saltern(*words) == exitcodes.USAGE
    assert text in capsys.readouterr().err


def test_a_flag_without_effect_says_so(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.Keys] = [{"kind": "end", "keys": {"minions": ["m1"]}}]

    assert saltern("key", "--rotate-aes-key=False", "-L", "--out", "json") == exitcodes.OK

    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"minions": ["m1"]}
    assert printed.err == "saltern: --rotate-aes-key has no effect: there is no key that the fleet shares\n"


@pytest.mark.behaviour("LDR-10", "JOB-25")
def test_executors_and_the_start_event_travel_with_the_job() -> None:
    words = ["m1", "test.ping", "--module-executors", "[splay, direct_call]", "--executor-opts", "{splaytime: 3}"]

    kwargs = run.publish_request(run._parser().parse([*words, "--start-event"]))["kwargs"]

    assert kwargs["module_executors"] == ["splay", "direct_call"]
    assert kwargs["executor_opts"] == {"splaytime": 3}
    assert kwargs["start_event"] is True


@pytest.mark.parametrize("command", ["run", "call", "key", "runner", "cp", "wheel"])
def test_the_short_help_fits_a_screen_and_names_the_long_one(
    command: str, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    main([command, "--help"])
    short = capsys.readouterr().out
    main([command, "--help-all"])
    long = capsys.readouterr().out

    assert len(short.splitlines()) <= 24
    assert f"saltern {command} --help-all" in short
    assert "--hard-crash" in long
    assert "--hard-crash" not in short


# --- the Saltfile -----------------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with a minion's configuration in `conf`."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "minion").write_text(f"root_dir: {tmp_path}\nid: m1\nfile_client: local\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def write_saltfile(path: Path, text: str, mode: int = 0o600) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


SECTION = "salt-call:\n  output: json\n  config_dir: conf\n  local: true\n"


@pytest.mark.behaviour("CFG-08")
@pytest.mark.parametrize("where", ["Saltfile", "home/.salt/Saltfile", "SALT_SALTFILE", "--saltfile"])
def test_a_saltfile_gives_defaults(where: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    named = where.startswith(("SALT_", "--"))
    write_saltfile(place / ("named" if named else where), SECTION)
    if where == "SALT_SALTFILE":
        monkeypatch.setenv(where, "named")
    words = ["--saltfile", "named"] if where == "--saltfile" else []

    assert main(["call", *words, "test.ping"]) == exitcodes.OK

    assert json.loads(capsys.readouterr().out) == {"local": True}


@pytest.mark.behaviour("CFG-08")
def test_the_command_line_wins_over_the_saltfile(place: Path, capsys: Output) -> None:
    write_saltfile(place / "Saltfile", SECTION)

    main(["call", "test.ping", "--out", "txt"])

    assert capsys.readouterr().out == "local: True\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("salt-call:\n  local: true\n  outptu: json\n", "Saltfile:3:11: there is no option outptu"),
        ("salt-call:\n  local: maybe\n", "Saltfile:2:10: local is true or false, not 'maybe'"),
        ("salt-call: [1]\n", "Saltfile:1:12: expected `key: value` lines"),
        ("- salt-call\n", "Saltfile:1:1: expected `section:`"),
    ],
)
def test_a_bad_option_of_a_saltfile_has_its_line(text: str, message: str, place: Path, capsys: Output) -> None:
    write_saltfile(place / "Saltfile", text)

    assert main(["call", "test.ping"]) == 78

    assert message in capsys.readouterr().err


def test_a_saltfile_that_was_named_has_to_be_there(place: Path, capsys: Output) -> None:
    assert main(["call", "--saltfile=none", "test.ping"]) == exitcodes.USAGE
    assert "'none' file does not exist." in capsys.readouterr().err


def test_a_saltfile_that_others_may_write_is_passed_over(place: Path, capsys: Output) -> None:
    write_saltfile(place / "Saltfile", "salt-call:\n  nonsense: 1\n", mode=0o666)

    assert main(["call", "-c", "conf", "--local", "test.ping"]) == exitcodes.OK

    assert "is not read: it belongs to someone else, or others may write it" in capsys.readouterr().err


# --- salt-call's own --------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("CLI-03")
def test_metadata_shows_the_whole_return(place: Path, capsys: Output) -> None:
    assert main(["call", "-c", "conf", "--local", "test.arg", "1", "--metadata", "--out", "json"]) == exitcodes.OK

    shown = json.loads(capsys.readouterr().out)["local"]
    assert list(shown) == ["jid", "return", "retcode", "id", "fun", "fun_args"]
    assert (shown["retcode"], shown["id"], shown["fun"], shown["fun_args"]) == (0, "m1", "test.arg", [1])


def test_a_profile_is_kept(place: Path, capsys: Output) -> None:
    words = ["--enable-profiling", "--profiling-path", "stats"]

    assert main(["call", "-c", "conf", "--local", "test.ping", *words]) == exitcodes.OK

    assert list((place / "stats").glob("saltern-call-*.prof"))


def test_a_log_file_is_where_it_was_named(place: Path) -> None:
    main(["call", "-c", "conf", "--local", "test.ping", "--log-file", "here.log", "--log-file-level", "debug"])

    assert (place / "here.log").exists()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("test.pnig", "test.ping"),
        ("file.mangae_file", "file.manage_file"),
        ("grains.item", "grains.item"),
        ("zzz.q", ""),
    ],
)
def test_a_function_misspelt_is_answered_by_the_likely_one(typed: str, meant: str) -> None:
    assert near_function(typed) == meant


def test_call_hints_at_the_function(place: Path, capsys: Output) -> None:
    assert main(["call", "-c", "conf", "--local", "test.pnig"]) == exitcodes.FAILED
    assert "Did you mean test.ping?" in capsys.readouterr().err


# --- shims ------------------------------------------------------------------------------------------------------------


def test_shims_take_salts_command_lines(place: Path) -> None:
    assert main(["shims", "bin"]) == exitcodes.OK
    assert sorted(os.listdir("bin")) == sorted(PROGRAMS)

    done = subprocess.run(
        ["bin/salt-call", "-c", "conf", "--local", "--out=json", "test.arg", "a b", "7"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "local": {"args": ["a b", 7], "kwargs": json.loads(done.stdout)["local"]["kwargs"]}
    }


def test_a_shim_speaks_by_its_own_name(place: Path) -> None:
    main(["shims", "bin"])

    done = subprocess.run(["bin/salt-key", "--help"], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.startswith("usage: salt-key ")
    assert "  salt-key -L\n" in done.stdout


def test_shims_replace_nothing_that_is_not_theirs(place: Path, capsys: Output) -> None:
    Path("bin").mkdir()
    Path("bin/salt").write_text("#!/bin/sh\n")

    assert main(["shims", "bin"]) == 73
    assert "bin/salt is there already" in capsys.readouterr().err
    assert os.listdir("bin") == ["salt"]
    assert main(["shims", "bin", "--force"]) == exitcodes.OK
    assert main(["shims", "bin"]) == exitcodes.OK
