"""A minion's functions that ask the master on their host, where a master and minions run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lab import Lab

pytestmark = pytest.mark.behaviour("LDR-14")

ORCHESTRATION = """
{%- set told = salt['saltutil.runner']('test.arg', arg=[1], kwarg={'k': 'v'}) %}
ping: {salt.function: [{name: test.ping}, {tgt: '*'}]}
told: {test.configurable_test_state: [{changes: false}, {comment: '{{ told.args }}'}]}
"""


@pytest.fixture
def lab(new_lab) -> Lab:
    lab = new_lab()
    lab.start_master()
    lab.start_minions(["m1", "m2"])
    roots = lab.root / "srv"
    roots.mkdir()
    (roots / "orch.sls").write_text(ORCHESTRATION)
    (roots / "bad.sls").write_text("nay: {salt.function: [{name: test.false}, {tgt: '*'}]}\n")
    (lab.config / "minion").write_text(
        json.dumps({"id": "here", "root_dir": str(lab.root / "own"), "file_roots": {"base": [str(roots)]}})
    )
    return lab


def call(lab: Lab, *words: str) -> Any:
    return json.loads(lab.run("call", "--local", *words, "--out", "json").stdout)["local"]


def test_functions_ask_the_master_on_their_host(lab: Lab):
    told = call(lab, "saltutil.runner", "test.arg", "arg=['baz']", "kwarg={'foo': 'bar'}", "x=1")
    assert (told["args"], told["kwargs"]) == (["baz"], {"foo": "bar", "x": 1})
    record = call(lab, "saltutil.runner", "test.arg", "arg=['baz']", "full_return=True")
    assert (record["fun"], record["success"], record["fun_args"]) == ("runner.test.arg", True, ["baz"])
    assert lab.json("runner", "jobs.list_job", record["jid"])["Function"] == "runner.test.arg"
    failed = lab.run(
        "call", "--local", "saltutil.runner", "error.error", "kwarg={name: Exception, message: oops}", "--out", "json"
    )
    assert (failed.returncode, "oops" in failed.stdout) == (1, True)
    keys = call(lab, "saltutil.wheel", "key.list", "accepted")
    assert (keys["fun"], keys["return"], keys["fun_args"]) == (
        "wheel.key.list",
        {"minions": ["m1", "m2"]},
        ["accepted"],
    )
    assert keys["success"] is True
    answers = call(lab, "saltutil.cmd", "*", "test.arg", "arg=[1, 2]", "kwarg={a: 3}")
    assert sorted(answers) == ["m1", "m2"]
    assert answers["m1"]["ret"]["args"] == [1, 2]
    assert answers["m1"]["ret"]["kwargs"]["a"] == 3
    assert (answers["m1"]["retcode"], answers["m1"]["jid"]) == (0, answers["m2"]["jid"])
    one = call(lab, "saltutil.cmd_iter", "m1", "test.ping")
    assert [{name: each["ret"] for name, each in part.items()} for part in one] == [{"m1": True}]
    assert call(lab, "saltutil.cmd", "nosuch", "test.ping") == {}


def test_an_orchestration_from_the_masters_host(lab: Lab):
    told = call(lab, "state.orchestrate", "orch")
    assert (told["outputter"], told["retcode"]) == ("highstate", 0)
    ping, comment = sorted(told["data"]["here"].values(), key=lambda state: state["__run_num__"])
    assert ping["changes"]["ret"] == {"m1": True, "m2": True}
    assert comment["comment"] == "[1]"
    bad = call(lab, "state.orchestrate", "bad")
    assert bad["retcode"] == 1
    assert call(lab, "state.orchestrate", "nosuch")["data"]["here"] == [
        "No matching sls found for 'nosuch' in env 'base'"
    ]


def test_elsewhere_there_is_no_master(lab: Lab):
    done = lab.run("run", "m1", "saltutil.runner", "test.arg", "--out", "json")
    assert done.returncode != 0
    assert "no master answers" in done.stdout
