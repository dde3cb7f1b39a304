"""`saltern`: dispatch, help, errors, exit codes."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from saltern import errors
from saltern.cli import exitcodes
from saltern.cli.main import COMMANDS, main
from saltern.cli.options import count, seconds
from saltern.cli.swarm import fraction, short_time, size
from saltern.client import contract
from saltern.version import VERSION
from scripted_master import ScriptedMaster

Command = Callable[..., int]
Output = pytest.CaptureFixture[str]

VERBS = {
    "jobs": ("list", "show", "watch", "cancel", "rerun", "export"),
    "access": ("explain", "log", "logout"),
    "events": ("tail", "send"),
    "key": ("token",),
}
WITH_VERBS = {("jobs",), ("events",), ("access",)}
HELPS = [
    *((name,) for name in COMMANDS),
    *((name, verb) for name, verbs in VERBS.items() for verb in verbs),
]


@pytest.mark.parametrize("words", HELPS, ids=" ".join)
@pytest.mark.parametrize("columns", [80, 100])
def test_help_has_examples_and_fits_the_terminal(
    words: tuple[str, ...], columns: int, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    assert main([*words, "--help"]) == exitcodes.OK

    text = capsys.readouterr().out
    shown = text.partition("examples:\n")[2]
    assert f"saltern {words[0]}" in shown
    assert max(map(len, text.splitlines())) <= columns


def test_help_shows_one_spelling_of_an_option_and_its_value_once(capsys: Output) -> None:
    main(["run", "--help"])

    text = capsys.readouterr().out
    assert "  -t, --timeout SECONDS " in text
    assert "  --out FORMAT " in text


@pytest.mark.behaviour("CLI-01")
@pytest.mark.parametrize("words", [words for words in HELPS if words not in WITH_VERBS], ids=" ".join)
def test_every_command_takes_the_common_options(words: tuple[str, ...], capsys: Output) -> None:
    main([*words, "--help-all"])

    text = capsys.readouterr().out
    assert all(option in text for option in ("--config-dir", "--log-level", "--version", "--help"))
    assert (
        "--out" in text
        or words[0] in ("master", "minion", "swarm", "events", "shims", "completion")
        or words == ("access", "logout")
    )


def test_every_command_has_its_module() -> None:
    assert [name for name in COMMANDS if not callable(importlib.import_module(f"saltern.cli.{name}").main)] == []


@pytest.mark.parametrize("words", [[], ["--help"], ["help"]])
def test_the_list_of_commands_fits_a_screen(words: list[str], capsys: Output) -> None:
    assert main(words) == exitcodes.OK

    text = capsys.readouterr().out
    assert len(text.splitlines()) <= 24
    assert all(f"  {name} " in text for name in COMMANDS)


@pytest.mark.parametrize("words", [["--version"], ["-V"], ["version"], ["run", "--version"]])
def test_version(words: list[str], capsys: Output) -> None:
    assert main(words) == exitcodes.OK

    assert capsys.readouterr().out == f"saltern {VERSION}\n"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["run", "*", "test.ping", "--tiemout", "3"], "there is no option --tiemout\n         Did you mean --timeout?"),
        (["run", "*", "test.ping", "--qqq=3"], "there is no option --qqq\n         See saltern run --help."),
        (["status", "web1"], "'web1' is a word too many"),
        (["-c", "conf", "run", "*", "test.ping"], "the command comes first, options follow it"),
        (["status", "-c", "/there/is/none"], "there is no configuration directory /there/is/none"),
    ],
)
def test_what_was_typed_in_haste_is_answered_by_the_way_out(words: list[str], answer: str, capsys: Output) -> None:
    assert main(words) in (exitcodes.USAGE, 78)
    assert answer in capsys.readouterr().err


def test_a_command_misspelt_is_answered_by_the_likely_one(capsys: Output) -> None:
    assert main(["rnu", "*", "test.ping"]) == exitcodes.USAGE

    assert capsys.readouterr().err == "saltern: there is no command 'rnu'\n         Did you mean saltern run?\n"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["run", "--nonsense", "*", "test.ping"], "--nonsense"),
        (["run", "*", "test.ping", "-t", "soon"], "soon"),
        (["run", "*", "test.ping", "-l", "loud"], "loud"),
        (["run", "*", "test.ping", "--metadata", "17"], "--metadata"),
        (["run", "*", "test.ping", "--subset", "some"], "--subset"),
        (["jobs", "lsit"], "lsit"),
        (["jobs", "list", "--since", "yesterday"], "yesterday"),
        (["jobs", "list", "--state", "broken"], "broken"),
        (["key", "-l", "odd"], "odd"),
        (["key", "-a", "m1", "-d", "m2"], "-d"),
    ],
)
def test_what_cannot_be_understood_is_named(saltern: Command, words: list[str], part: str, capsys: Output) -> None:
    assert saltern(*words) == exitcodes.USAGE

    assert part in capsys.readouterr().err


def test_a_configuration_that_is_wrong_is_named(saltern: Command, conf: Path, capsys: Output) -> None:
    (conf / "master").write_text("sock_dir: [1, 2\n")

    assert saltern("run", "*", "test.ping") == 78

    assert str(conf / "master") in capsys.readouterr().err


def test_an_error_shows_its_way_only_when_debugging(saltern: Command, capsys: Output) -> None:
    saltern("run", "*", "test.ping")
    assert "Traceback" not in capsys.readouterr().err

    for words in (("-l", "debug"), ("--log-level=trace",)):
        saltern("run", "*", "test.ping", *words)
        assert "Traceback" in capsys.readouterr().err


def test_the_table_of_exit_codes_has_every_code_once() -> None:
    codes = [code for code, _ in exitcodes.TABLE]
    named = {value for name, value in vars(exitcodes).items() if name.isupper() and isinstance(value, int)}
    of_errors = {
        kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "exit_code")
    }

    assert codes == sorted(set(codes))
    assert named | of_errors == set(codes)


def test_the_table_of_exit_codes_is_printed(capsys: Output) -> None:
    assert main(["help", "exit-codes"]) == exitcodes.OK

    assert len(capsys.readouterr().out.splitlines()) == len(exitcodes.TABLE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90), ("0", 0), ("90s", 90), ("10m", 600), ("2h", 7200), ("1h30m", 5400), ("1.5h", 5400), (" 1D ", 86400)],
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "m", "1x", "-5", "1h-", "h1", "1..2", ".", "1e3", "٣"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        seconds(text)


def test_numbers_of_the_swarm() -> None:
    assert (short_time("50ms"), short_time("2s"), size("300"), size("16k"), size("2M")) == (
        0.05,
        2.0,
        300,
        16384,
        2 << 20,
    )
    assert (count("7"), fraction("0.25")) == (7, 0.25)
    for read, text in ((count, "-1"), (count, "²"), (fraction, "-1"), (fraction, "nan"), (size, "k")):
        with pytest.raises(argparse.ArgumentTypeError):
            read(text)


# --- commands that ask the master one thing


@pytest.mark.behaviour("CLI-04", "RUN-01")
def test_a_runner_prints_what_it_gives_back(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.Call] = [{"kind": "end", "jid": "1", "return": {"m1": True}, "success": True, "out": ""}]

    assert saltern("runner", "jobs.lookup_jid", "7", "missing=True", "--out", "json", "--jid", "9") == exitcodes.OK

    assert capsys.readouterr().out == '{\n    "m1": true\n}\n'
    call = master.asked(contract.Call)[0]
    assert (call.client, call.fun, call.arg, call.kwarg, call.jid) == (
        "runner", "jobs.lookup_jid", [7], {"missing": True}, "9"
    )  # fmt: skip


@pytest.mark.behaviour("RUN-01")
def test_a_runner_may_choose_its_outputter(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    value = {"outputter": "json", "data": {"a": 1}}
    master.script[contract.Call] = [{"kind": "end", "jid": "1", "return": value, "success": True, "out": ""}]

    saltern("runner", "jobs.lookup_jid", "7")

    assert capsys.readouterr().out == '{\n    "a": 1\n}\n'


@pytest.mark.behaviour("CLI-04")
@pytest.mark.parametrize("value", ["Exception occurred in runner x.y: no", {"retcode": 1}])
def test_a_runner_that_fails_has_exit_code_1(
    saltern: Command, master: ScriptedMaster, capsys: Output, value: object
) -> None:
    success = not isinstance(value, str)
    master.script[contract.Call] = [{"kind": "end", "jid": "1", "return": value, "success": success, "out": ""}]

    assert saltern("runner", "x.y") == exitcodes.FAILED

    shown = capsys.readouterr()
    assert str(1 if success else value) in shown.out + shown.err


def test_a_runner_in_the_background_prints_its_jid(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.Call] = [{"kind": "end", "jid": "42"}]

    assert saltern("wheel", "key.list_all", "--async") == exitcodes.OK

    assert capsys.readouterr().out == "Executed command with job ID: 42\n"
    assert (master.asked(contract.Call)[0].client, master.asked(contract.Call)[0].background) == ("wheel", True)


def test_a_runner_that_takes_too_long_is_left(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.Call] = [{"kind": "hold"}]

    assert saltern("runner", "x.y", "-t", "0.05") == 69

    assert "no answer in time" in capsys.readouterr().err


def test_documentation_of_runners(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    docs = {"jobs.active": "Jobs that run.", "jobsx.a": "Another.", "manage.up": "Up."}
    master.script[contract.Call] = [{"kind": "end", "jid": "1", "return": docs, "success": True, "out": ""}]

    assert saltern("runner", "-d", "jobs") == exitcodes.OK

    assert capsys.readouterr().out == "jobs.active:\n\nJobs that run.\n"


MINIONS = {
    "m2": {"connected": False, "version": "0.1.0", "seen": 0.0, "address": "", "running": {}},
    "m1": {"connected": True, "version": "0.1.0", "seen": 1795337502.0, "address": "10.0.0.1:5", "running": {"7": 99}},
}


def test_minions_are_listed_with_those_that_are_away(
    saltern: Command, master: ScriptedMaster, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    master.script[contract.Fleet] = [{"kind": "end", "minions": MINIONS}]

    saltern("minions")

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["MINION", "STATE", "LAST", "SEEN", "ADDRESS", "VERSION", "RUNNING"]
    assert [lines[1][0], lines[1][1], *lines[1][-3:]] == ["m1", "connected", "10.0.0.1:5", "0.1.0", "7"]
    assert lines[2] == ["m2", "away", "0.1.0"]
    assert lines[3] == ["1", "connected,", "1", "away"]


def test_minions_that_are_away_alone(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.Fleet] = [{"kind": "end", "minions": MINIONS}]

    saltern("minions", "m*", "--away", "--out", "json", "--out-indent", "-1")

    assert '"m2"' in (shown := capsys.readouterr().out)
    assert '"m1"' not in shown
    assert master.asked(contract.Fleet)[0].match == ["m*"]


def test_status_waits_until_the_master_is_ready(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    answers = iter([False, False, True])
    master.script[contract.Ping] = lambda _: [
        {"kind": "end", "master": "vm_master", "version": "0.1.0", "pid": 7, "ready": next(answers)}
    ]
    master.script[contract.Fleet] = [{"kind": "end", "minions": MINIONS}]

    assert saltern("status", "--wait", "20") == exitcodes.OK

    assert capsys.readouterr().out == ("vm_master is ready (version 0.1.0, process 7)\nminions: 1 connected, 1 away\n")
    assert len(master.asked(contract.Ping)) == 3


def test_status_without_a_master(saltern: Command, capsys: Output) -> None:
    assert saltern("status") == 69

    assert "no master answers" in capsys.readouterr().err
