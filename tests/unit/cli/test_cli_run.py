"""`saltern run` against a scripted master."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from saltern.cli import exitcodes
from saltern.client import contract
from saltern.errors import AuthenticationError, AuthorizationError, NoMinionsMatched, StoreFull
from scripted_master import ScriptedMaster, outcome

JID = "20261122085142537545"
Command = Callable[..., int]
Output = pytest.CaptureFixture[str]


@pytest.mark.behaviour("JOB-18", "OUT-04")
def test_prints_one_document_a_minion(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.returns(outcome("m1", value=True), outcome("m2", value={"a": [1, None]}))

    assert saltern("run", "*", "test.ping", "--out", "json", "--out-indent", "-1") == exitcodes.OK

    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert documents == [{"m1": True}, {"m2": {"a": [1, None]}}]


@pytest.mark.behaviour("OUT-02")
def test_static_prints_one_document_for_all(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.returns(outcome("m2", value=2), outcome("m1", value=1))

    assert saltern("run", "*", "test.ping", "--static", "--out", "json") == exitcodes.OK

    assert json.loads(capsys.readouterr().out) == {"m1": 1, "m2": 2}


def test_nested_is_the_output_that_nobody_asked_for(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.returns(outcome("m1", value={"load": [1, 2]}))

    saltern("run", "m1", "status.loadavg")

    assert capsys.readouterr().out == "m1:\n    ----------\n    load:\n        - 1\n        - 2\n"


EXITS = [
    ("all well", [outcome("m1", value=True)], {}, exitcodes.OK, ""),
    (
        "one failed",
        [outcome("m1", value=True), outcome("m2", "failed", "no")],
        {},
        exitcodes.FAILED,
        "ERROR: Minions returned with non-zero exit code\n",
    ),
    (
        "one silent",
        [outcome("m1", value=True)],
        {"m2": "no_answer"},
        exitcodes.SOME_MISSING,
        "ERROR: 1 of 2 minions did not return\n",
    ),
    (
        "failed and silent",
        [outcome("m1", "failed", 1)],
        {"m2": "not_connected"},
        exitcodes.FAILED,
        "ERROR: Minions returned with non-zero exit code\nERROR: 1 of 2 minions did not return\n",
    ),
    ("all silent", [], {"m1": "no_answer"}, exitcodes.NO_RETURN, "ERROR: No return received\n"),
    ("all away", [outcome("m1", "expired")], {}, exitcodes.NO_RETURN, "ERROR: No return received\n"),
    (
        "lost while it ran",
        [outcome("m1", value=True), outcome("m2", "lost")],
        {},
        exitcodes.SOME_MISSING,
        "ERROR: 1 of 2 minions did not return\n",
    ),
]


@pytest.mark.behaviour("JOB-21", "CLI-07")
@pytest.mark.parametrize(("items", "pending", "code", "said"), [case[1:] for case in EXITS], ids=[c[0] for c in EXITS])
def test_exit_code_and_complaint_tell_how_it_went(
    saltern: Command, master: ScriptedMaster, capsys: Output, items: list, pending: dict, code: int, said: str
) -> None:
    master.returns(*items, pending=pending)

    assert saltern("run", "*", "test.ping") == code

    assert capsys.readouterr().err == said


ERRORS = [
    (
        NoMinionsMatched(),
        2,
        "saltern: No minions matched the target. No command was sent, no jid was assigned.\n"
        "ERROR: No return received\n",
    ),
    (
        AuthorizationError("user bob may not run cmd.run"),
        77,
        "Authorization error occurred.\nsaltern: user bob may not run cmd.run\n",
    ),
    (
        AuthenticationError("pam does not know bob"),
        2,
        "Authentication error occurred.\nsaltern: pam does not know bob\nERROR: Authentication failed\n",
    ),
    (StoreFull("/var: no space", hint="Make room."), 74, "saltern: /var: no space\n         Make room.\n"),
]


@pytest.mark.behaviour("JOB-04", "JOB-05", "ACL-07")
@pytest.mark.parametrize(("error", "code", "said"), ERRORS, ids=["no match", "not allowed", "not known", "disk full"])
def test_an_error_of_the_master_is_one_line_and_its_exit_code(
    saltern: Command, master: ScriptedMaster, capsys: Output, error: Exception, code: int, said: str
) -> None:
    master.script[contract.Publish] = error

    assert saltern("run", "*", "test.ping") == code

    assert capsys.readouterr().err == said


ROWS = [
    (outcome("m1", "expired", reason="not connected"), "Minion did not return. [Not connected]"),
    (outcome("m1", "lost", reason="restarted"), "Minion did not return. [Lost] restarted"),
    (outcome("m1", "refused", reason="blackout"), "Minion did not return. [Refused] blackout"),
    (outcome("m1", "cancelled", by="alice"), "Minion did not return. [Cancelled] by alice"),
    (outcome("m1", "timed_out"), "Minion did not return. [Timed out]"),
]


@pytest.mark.behaviour("JOB-19")
@pytest.mark.parametrize(("item", "row"), ROWS, ids=[row[0]["outcome"]["state"] for row in ROWS])
def test_a_row_says_why_a_minion_gave_no_return(
    saltern: Command, master: ScriptedMaster, capsys: Output, item: dict, row: str
) -> None:
    master.returns(item)

    saltern("run", "m1", "test.ping", "--out", "json")

    assert json.loads(capsys.readouterr().out) == {"m1": row}


@pytest.mark.behaviour("JOB-19")
def test_a_minion_that_may_still_answer_gets_a_hint_where_to_look(
    saltern: Command, master: ScriptedMaster, capsys: Output
) -> None:
    master.returns(pending={"m1": "no_answer"})

    saltern("run", "m1", "test.ping", "--out", "json")

    row = json.loads(capsys.readouterr().out)["m1"]
    assert row.startswith("Minion did not return. [No response]\n")
    assert row.endswith(f"saltern runner jobs.lookup_jid {JID}")


@pytest.mark.behaviour("JOB-19")
def test_hide_timeout_leaves_the_rows_out_and_not_the_exit_code(
    saltern: Command, master: ScriptedMaster, capsys: Output
) -> None:
    master.returns(outcome("m1", value=1), pending={"m2": "not_connected"})

    assert saltern("run", "*", "test.ping", "--hide-timeout", "--static", "--out", "json") == exitcodes.SOME_MISSING

    assert json.loads(capsys.readouterr().out) == {"m1": 1}


@pytest.mark.behaviour("TGT-05")
def test_ids_of_a_list_without_a_key_are_reported(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.returns(outcome("m1", value=1), missing=["ghost"])

    assert saltern("run", "-L", "m1, ghost", "test.ping", "--static", "--out", "json") == exitcodes.SOME_MISSING

    shown = json.loads(capsys.readouterr().out)
    assert shown["ghost"] == "Minion did not return. [No accepted key]"
    assert master.asked(contract.Publish)[0].tgt == ["m1", "ghost"]


TARGETS = [
    ((), "glob"),
    (("-E",), "pcre"),
    (("-G",), "grain"),
    (("-P",), "grain_pcre"),
    (("-I",), "pillar"),
    (("-J",), "pillar_pcre"),
    (("-S",), "ipcidr"),
    (("-N",), "nodegroup"),
    (("-C",), "compound"),
    (("-R",), "range"),
    (("--grain-pcre",), "grain_pcre"),
]


@pytest.mark.behaviour("CLI-02")
@pytest.mark.parametrize(("flags", "kind"), TARGETS, ids=[kind for _, kind in TARGETS])
def test_a_flag_says_how_the_target_is_read(
    saltern: Command, master: ScriptedMaster, flags: tuple[str, ...], kind: str
) -> None:
    master.returns(outcome("m1", value=True))

    saltern("run", *flags, "os:Debian", "test.ping", "--delimiter", "^")

    publish = master.asked(contract.Publish)[0]
    assert (publish.tgt, publish.tgt_type, publish.delimiter) == ("os:Debian", kind, "^")


@pytest.mark.behaviour("LDR-11", "JOB-03")
def test_arguments_are_read_as_salt_reads_them(saltern: Command, master: ScriptedMaster) -> None:
    master.returns(outcome("m1", value=True))

    saltern("run", "m1", "test.kwarg", "1", "[a, b]", "b=x", "c=2", "text with # sign", "--no-parse=c")

    assert master.asked(contract.Publish)[0].arg == [
        1,
        ["a", "b"],
        "text with # sign",
        {"b": "x", "c": "2", "__kwarg__": True},
    ]


@pytest.mark.behaviour("JOB-15")
def test_a_compound_command_gives_each_function_its_arguments(saltern: Command, master: ScriptedMaster) -> None:
    master.returns(outcome("m1", value={}))

    saltern("run", "m1", "cmd.run,test.ping,test.echo", "df -h", ",", ",", "hi")

    publish = master.asked(contract.Publish)[0]
    assert publish.fun == ["cmd.run", "test.ping", "test.echo"]
    assert publish.arg == [["df -h"], [], ["hi"]]


def test_words_that_follow_a_double_dash_are_no_options(saltern: Command, master: ScriptedMaster) -> None:
    master.returns(outcome("m1", value=True))

    saltern("run", "m1", "test.arg", "--", "-x", "--out", "-5")

    assert master.asked(contract.Publish)[0].arg == ["-x", "--out", -5]


def test_options_may_stand_anywhere(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.returns(outcome("m1", value=True))

    assert saltern("run", "m1", "--out", "json", "test.arg", "-t", "7", "a", "--static", "b") == exitcodes.OK

    assert master.asked(contract.Publish)[0].arg == ["a", "b"]
    assert master.asked(contract.Follow)[0].wait == 7.0


@pytest.mark.behaviour("JOB-23", "RET-02")
def test_what_goes_with_a_job_reaches_the_master(saltern: Command, master: ScriptedMaster) -> None:
    master.returns(outcome("m1", value=True))

    saltern(
        "run", "m1", "test.ping", "--return", "redis,mysql", "--return_config", "alt", "--return_kwargs", "{db: 3}",
        "--metadata", '{"build": 17}', "--jid", JID, "--deliver-within", "10m", "--job-timeout", "1h", "--follow",
    )  # fmt: skip

    publish = master.asked(contract.Publish)[0]
    assert (publish.ret, publish.ret_config, publish.ret_kwargs) == ("redis,mysql", "alt", {"db": 3})
    assert (publish.metadata, publish.jid) == ({"build": 17}, JID)
    assert (publish.deliver_within, publish.timeout, publish.follow) == (600.0, 3600.0, True)


@pytest.mark.behaviour("JOB-20")
def test_async_prints_the_jid_and_does_not_wait(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.returns(outcome("m1", value=True))

    assert saltern("run", "*", "test.sleep", "99", "--async") == exitcodes.OK

    assert capsys.readouterr().out == f"Executed command with job ID: {JID}\n"
    assert master.asked(contract.Follow) == []


@pytest.mark.behaviour("JOB-20")
@pytest.mark.parametrize(
    ("flag", "first"),
    [("-v", f"Executing job with jid {JID}\n{'-' * 43}\n"), ("--show-jid", f"jid: {JID}\n")],
)
def test_the_jid_is_shown_when_asked_for(
    saltern: Command, master: ScriptedMaster, capsys: Output, flag: str, first: str
) -> None:
    master.returns(outcome("m1", value=True))

    saltern("run", "*", "test.ping", flag)

    assert capsys.readouterr().out.startswith(first)


def test_a_large_return_is_fetched_in_pieces(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    text = "x" * 300_000
    item = outcome("m1", value=text)
    whole = item.pop("body")
    master.returns({**item, "body": None})
    pieces = [whole[start : start + 65536] for start in range(0, len(whole), 65536)]
    master.script[contract.ReadBody] = [
        *({"kind": "item", "data": piece} for piece in pieces),
        {"kind": "end", "size": len(whole)},
    ]

    saltern("run", "m1", "cmd.run", "x", "--out", "json")

    assert json.loads(capsys.readouterr().out) == {"m1": text}


def test_live_output_comes_in_whole_lines_with_the_minion_before_them(
    saltern: Command, master: ScriptedMaster, capsys: Output
) -> None:
    def piece(number: int, data: bytes, stream: str = "stdout") -> dict:
        return {"kind": "item", "progress": {"minion": "m1", "stream": stream, "number": number, "data": data}}

    master.returns(outcome("m1", value="done"))
    follow = master.script[contract.Follow]
    master.script[contract.Follow] = [
        piece(1, b"one\ntw"),
        piece(2, b"o\n\x1b[2Jthr\xffee"),
        piece(3, msgspec.msgpack.encode({"step": 3}), "prog"),
        *follow,
    ]

    saltern("run", "m1", "cmd.run", "make", "--follow")

    assert capsys.readouterr().out.splitlines()[:4] == [
        "m1: one",
        "m1: two",
        "m1: {'step': 3}",
        "m1: [2Jthr\N{REPLACEMENT CHARACTER}ee",
    ]


@pytest.mark.behaviour("CLI-08")
def test_summary_counts_and_names_the_minions(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.returns(
        outcome("m1", value=True), outcome("m2", "failed", "no"), pending={"m3": "no_answer"}, missing=["m4"]
    )

    saltern("run", "*", "test.ping", "--summary", "-v", "--out", "quiet")

    printed = capsys.readouterr()
    assert printed.out == ""
    assert [line for line in printed.err.splitlines() if not line.startswith("ERROR")][-11:] == [
        "-------------------------------------------",
        "Summary",
        "-------------------------------------------",
        "# of minions targeted: 4",
        "# of minions returned: 2",
        "# of minions that did not return: 2",
        "# of minions with errors: 1",
        "Minions returned: m1 m2",
        "Minions that did not return: m3 m4",
        "Minions with errors: m2",
        "-------------------------------------------",
    ]


def test_failhard_stops_at_the_first_bad_return(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.returns(outcome("m1", "failed", 1), outcome("m2", value=2))

    assert saltern("run", "*", "test.ping", "--failhard", "--static", "--out", "json") == exitcodes.FAILED

    assert json.loads(capsys.readouterr().out) == {"m1": 1}


@pytest.mark.behaviour("JOB-18")
def test_a_second_return_of_a_minion_is_ignored(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.returns(outcome("m1", "lost"), outcome("m1", value="late"), outcome("m1", value="again"))

    assert saltern("run", "*", "test.ping", "--out", "json", "--out-indent", "-1") == exitcodes.OK

    assert [json.loads(line)["m1"] for line in capsys.readouterr().out.splitlines()] == [
        "Minion did not return. [Lost]",
        "late",
    ]


@pytest.mark.behaviour("TGT-09")
def test_preview_lists_the_minions_and_sends_nothing(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.Resolve] = [{"kind": "end", "minions": ["m2", "m1"], "missing": [], "away": []}]

    assert saltern("run", "-G", "os:Debian", "--preview-target", "--out", "json") == exitcodes.OK

    assert json.loads(capsys.readouterr().out) == ["m1", "m2"]
    assert master.asked(contract.Publish) == []


@pytest.mark.behaviour("LDR-12")
def test_documentation_is_shown_once(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    docs = {"test.ping": "\nSays that it is there.\n", "test.arg": None}
    master.returns(outcome("m1", value=docs), outcome("m2", value=docs))

    assert saltern("run", "*", "-d", "test") == exitcodes.OK

    assert capsys.readouterr().out == "test.arg:\n\n\n\ntest.ping:\n\nSays that it is there.\n"
    publish = master.asked(contract.Publish)[0]
    assert (publish.fun, publish.arg) == ("sys.doc", ["test"])


@pytest.mark.behaviour("CLI-01")
@pytest.mark.parametrize("words", [(), ("m1",), ("m1", "a.b,c.d,e.f", "x", ",", "y")])
def test_missing_words_have_salts_exit_code(saltern: Command, capsys: Output, words: tuple[str, ...]) -> None:
    assert saltern("run", *words) == 42

    assert capsys.readouterr().err.startswith("saltern: ")


def test_output_goes_to_a_file(saltern: Command, master: ScriptedMaster, tmp_path: Path, capsys: Output) -> None:
    master.returns(outcome("m1", value=1), outcome("m2", value=2))
    file = tmp_path / "out"

    for extra in ((), ("--out-file-append",)):
        saltern("run", "*", "test.ping", "--out", "json", "--out-indent", "-1", "--out-file", str(file), *extra)

    assert [json.loads(line) for line in file.read_text().splitlines()] == [{"m1": 1}, {"m2": 2}] * 2
    assert capsys.readouterr().out == ""


def test_a_file_that_cannot_be_written_is_named(
    saltern: Command, master: ScriptedMaster, tmp_path: Path, capsys: Output
) -> None:
    master.returns(outcome("m1", value=1))

    assert saltern("run", "*", "test.ping", "--out-file", str(tmp_path / "no" / "file")) == exitcodes.CANNOT_CREATE

    assert str(tmp_path / "no" / "file") in capsys.readouterr().err


@pytest.mark.behaviour("OUT-05")
def test_an_unknown_outputter_is_named_and_nested_used(
    saltern: Command, master: ScriptedMaster, capsys: Output
) -> None:
    master.returns(outcome("m1", value=True))

    assert saltern("run", "*", "test.ping", "--out", "../../etc") == exitcodes.OK

    shown = capsys.readouterr()
    assert shown.out == "m1:\n    True\n"
    assert "no outputter ../../etc" in shown.err


def test_a_number_beyond_64_bits_travels_as_its_digits(saltern: Command, master: ScriptedMaster) -> None:
    master.returns(outcome("m1", value=True))

    assert saltern("run", "m1", "test.echo", "20261122193005786075", "[7]") == exitcodes.OK

    publish = next(request for request in master.requests if isinstance(request, contract.Publish))
    assert publish.arg == ["20261122193005786075", [7]]


def test_a_master_that_hangs_up_is_reported(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.returns(outcome("m1", value=True))
    master.script[contract.Follow] = [outcome("m1", value=True), {"kind": "hang up"}]

    assert saltern("run", "m1", "test.ping", "--out", "json") == 69

    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"m1": True}
    assert "hung up" in shown.err


@pytest.mark.behaviour("CLI-07")
def test_without_a_master_the_message_says_where_it_looked_and_how_to_start_it(
    saltern: Command, conf: Path, capsys: Output
) -> None:
    assert saltern("run", "*", "test.ping") == 69

    said = capsys.readouterr().err
    assert str(conf / "master.sock") in said
    assert f"The configuration directory is {conf}" in said
    assert f"saltern master -c {conf}" in said
