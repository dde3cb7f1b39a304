"""Orchestrations, where a master and minions run. The texts and shapes are those of Salt 3008.2."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from lab import until
from sites import FAST, Site, documents, short_directory

TREES = {
    "salt/top.sls": "base: {'*': [good]}\n",
    "salt/good.sls": "ok:\n  test.succeed_with_changes: []\n",
    "salt/same.sls": "same:\n  test.succeed_without_changes: []\n",
    "salt/bad.sls": "ok:\n  test.succeed_without_changes: []\nnope:\n  test.fail_without_changes: []\n",
    "salt/half.sls": "h:\n  test.{{ 'fail_without' if grains['id'] == 'm1' else 'succeed_with' }}_changes: []\n",
    "salt/told.sls": """
told:
  test.configurable_test_state: [{changes: false}, {comment: "{{ pillar.get('x', 'none') }}"}]
""",
    "salt/broken.sls": "x:\n  test.nop:\n    - require: [{test: nosuch}]\n",
    "salt/orch/states.sls": """
good: {salt.state: [{tgt: '*'}, {sls: good}]}
same: {salt.state: [{tgt: '*'}, {sls: [same]}]}
listed: {salt.state: [{tgt: [m1, m2]}, {tgt_type: list}, {sls: [good, same]}]}
half: {salt.state: [{tgt: '*'}, {sls: half}]}
tolerated: {salt.state: [{tgt: '*'}, {sls: half}, {fail_minions: m1}]}
not_tolerated: {salt.state: [{tgt: '*'}, {sls: half}, {fail_minions: [m2]}]}
one_may_fail: {salt.state: [{tgt: '*'}, {sls: bad}, {allow_fail: 1}]}
two_may_fail: {salt.state: [{tgt: '*'}, {sls: bad}, {allow_fail: 2}]}
nobody: {salt.state: [{tgt: 'zz*'}, {sls: good}]}
nobody_expected: {salt.state: [{tgt: 'zz*'}, {sls: good}, {expect_minions: False}]}
high: {salt.state: [{tgt: m1}, {highstate: True}]}
top: {salt.state: [{tgt: m1}, {top: top.sls}]}
broken: {salt.state: [{tgt: m1}, {sls: broken}]}
nothing: {salt.state: [{tgt: m1}]}
missing: {salt.state: [{tgt: m1}, {sls: nosuch}, {saltenv: dev}]}
told: {salt.state: [{tgt: m1}, {sls: told}, {pillar: {x: given}}]}
batch: {salt.state: [{tgt: '*'}, {sls: good}, {batch: 1}]}
subset: {salt.state: [{tgt: '*'}, {sls: same}, {subset: 1}]}
tried: {salt.state: [{tgt: '*'}, {sls: good}, {test: True}]}
emptied: {salt.state: [{tgt: m1}, {sls: good}, {exclude: [{id: ok}]}]}
odd: {salt.state: [{tgt: m1}, {sls: same}, {fail_minions: 5}]}
odder: {salt.state: [{tgt: m1}, {sls: same}, {allow_fail: x}]}
""",
    "salt/orch/functions.sls": """
ping: {salt.function: [{name: test.ping}, {tgt: '*'}]}
test.echo: {salt.function: [{tgt: m1}, {arg: [hello]}]}
args: {salt.function: [{name: test.arg}, {tgt: m1}, {arg: [1, 2]}, {kwarg: {k: v}}]}
nay: {salt.function: [{name: test.false}, {tgt: '*'}]}
code: {salt.function: [{name: cmd.run}, {tgt: '*'}, {arg: ['exit 3']}]}
missing: {salt.function: [{name: no.such}, {tgt: m1}]}
nobody: {salt.function: [{name: test.ping}, {tgt: zz}]}
text: {salt.function: [{name: test.echo}, {tgt: m1}, {arg: word}]}
judged: {salt.function: [{name: test.echo}, {tgt: m1}, {arg: ['']}, {fail_function: test.echo}]}
well: {salt.function: [{name: test.echo}, {tgt: m1}, {arg: [x]}, {fail_function: test.echo}]}
batch: {salt.function: [{name: test.ping}, {tgt: '*'}, {batch: '50%'}]}
""",
    "salt/orch/master.sls": """
up: {salt.runner: [{name: manage.up}]}
arg: {salt.runner: [{name: test.arg}, {arg: [1, 2]}, {kwarg: {k: v}}, {a: 1}]}
none: {salt.runner: [{name: no.such}]}
nested: {salt.runner: [{name: state.orchestrate}, {mods: orch.inner}]}
nested_bad: {salt.runner: [{name: state.orchestrate}, {mods: orch.inner_bad}]}
keys: {salt.wheel: [{name: key.name_match}, {match: m1}]}
several:
  salt.parallel_runners:
    - runners:
        one: {name: test.arg, arg: [1]}
        test.metasyntactic: []
several_bad:
  salt.parallel_runners:
    - runners: {one: {name: test.arg}, two: {name: no.such}}
""",
    "salt/orch/inner.sls": "n1: {salt.function: [{name: test.ping}, {tgt: m1}]}\n",
    "salt/orch/inner_bad.sls": "n1: {test.fail_without_changes: []}\n",
    "salt/orch/chain.sls": """
one: {salt.function: [{name: test.ping}, {tgt: m1}]}
two: {salt.state: [{tgt: m1}, {sls: bad}, {require: [{salt: one}]}]}
three: {salt.state: [{tgt: m1}, {sls: good}, {require: [{salt: two}]}]}
four: {salt.state: [{tgt: m1}, {sls: good}, {onfail: [{salt: two}]}]}
five: {salt.function: [{name: test.ping}, {tgt: m2}, {onchanges: [{salt: four}]}]}
six: {salt.function: [{name: test.ping}, {tgt: m2}, {parallel: True}]}
seven: {salt.function: [{name: test.ping}, {tgt: m1}, {parallel: True}]}
eight: {salt.state: [{tgt: m1}, {sls: same}, {require: [{salt: six}, {salt: seven}]}]}
said: {test.show_notification: [{text: "{{ pillar.get('a', 'nix') }} {{ pillar['of'] }} {{ grains['id'] }}"}]}
""",
    "salt/orch/wait.sls": """
seen: {salt.wait_for_event: [{name: 'my/evt/*'}, {id_list: [a, b]}, {timeout: 30}]}
not_seen: {salt.wait_for_event: [{name: 'nosuch/*'}, {id_list: [m1]}, {timeout: 1}]}
""",
    "salt/orch/slow.sls": """
one: {salt.function: [{name: test.sleep}, {tgt: m1}, {arg: [2]}]}
two: {test.nop: []}
three: {test.nop: []}
""",
    "salt/orch/away.sls": """
all: {salt.state: [{tgt: '*'}, {sls: same}, {timeout: 2}]}
one: {salt.state: [{tgt: m2}, {sls: same}, {timeout: 2}]}
unknown: {salt.state: [{tgt: [m1, zz]}, {tgt_type: list}, {sls: same}, {timeout: 2}]}
may_fail: {salt.state: [{tgt: '*'}, {sls: same}, {timeout: 2}, {fail_minions: [m2]}]}
not_expected: {salt.state: [{tgt: '*'}, {sls: same}, {timeout: 2}, {expect_minions: False}]}
ping: {salt.function: [{name: test.ping}, {tgt: '*'}, {timeout: 2}]}
ping_one: {salt.function: [{name: test.ping}, {tgt: m2}, {timeout: 2}]}
ping_unknown: {salt.function: [{name: test.ping}, {tgt: [m1, zz]}, {tgt_type: list}, {timeout: 2}]}
""",
    "pillar/top.sls": "base: {'*': [of]}\n",
    "pillar/of.sls": "of: {{ grains['id'] == opts['id'] }}\n",
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Minions `m1` and `m2`."""
    with short_directory() as root:
        for name, text in TREES.items():
            path = root / "trees" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        trees = {
            "file_roots": {"base": [str(root / "trees/salt")]},
            "pillar_roots": {"base": [str(root / "trees/pillar")]},
        }
        with Site(root, master={**FAST, **trees, "id": "master1"}) as site:
            site.start_master()
            for name in ("m1", "m2"):
                site.start_minion(name)
            site.wait_for_minions(("m1", "m2"))
            yield site


def runner(site: Site, *words: str, code: int = 0) -> Any:
    done = site.run("runner", *words, "--out", "json")
    assert done.returncode == code, done.stderr + done.stdout
    return json.loads(done.stdout)


def stages(site: Site, sls: str, *words: str, code: int = 1) -> dict[str, dict[str, Any]]:
    """The results of an orchestration by their ids."""
    answer = runner(site, "state.orch", sls, *words, code=code)
    assert list(answer) == ["master1"]
    return {result["__id__"]: result for result in answer["master1"].values() if "__id__" in result}


def told(results: dict[str, dict[str, Any]]) -> dict[str, tuple[Any, str]]:
    return {name: (result["result"], result["comment"]) for name, result in results.items()}


@pytest.mark.behaviour("ORC-01", "ORC-02")
def test_stages_that_apply_states(site: Site) -> None:
    results = stages(site, "orch.states")

    ok, both = "States ran successfully.", "m1, m2"
    requisite = "Referenced state does not exist for requisite [require: (test: nosuch)] in state [x] in SLS [broken]"
    env, sls = (
        "No matching salt environment for environment 'dev' found",
        "No matching sls found for 'nosuch' in env 'dev'",
    )
    subset = results.pop("subset")
    assert told(results) == {
        "good": (True, f"{ok} Updating {both}."),
        "same": (True, f"{ok} No changes made to {both}."),
        "listed": (True, f"{ok} Updating {both}."),
        "half": (False, "Run failed on minions: m1"),
        "tolerated": (True, f"{ok} Updating {both}."),
        "not_tolerated": (False, "Run failed on minions: m1"),
        "one_may_fail": (False, f"Run failed on minions: {both}"),
        "two_may_fail": (True, f"{ok} Updating {both}."),
        "nobody": (False, "No minions returned"),
        "nobody_expected": (True, ok),
        "high": (True, f"{ok} Updating m1."),
        "top": (True, f"{ok} Updating m1."),
        "broken": (False, f"Run failed on minions: m1\nMinion m1 returned errors: {requisite}"),
        "nothing": (False, "No highstate or sls specified, no execution made"),
        "missing": (False, f"Run failed on minions: m1\nMinion m1 returned errors: {env}; {sls}"),
        "told": (True, f"{ok} No changes made to m1."),
        "batch": (True, f"{ok} Updating {both}."),
        "tried": (None, f"{ok} Updating {both}."),
        "emptied": (False, "Run failed on minions: m1"),
        "odd": (True, f"{ok} No changes made to m1."),
        "odder": (False, "Passed invalid value for 'allow_fail', must be an int"),
    }
    assert subset["comment"] in (f"{ok} No changes made to m1.", f"{ok} No changes made to m2.")
    good = results["good"]["changes"]
    assert good["out"] == "highstate"
    assert good["ret"]["m1"]["test_|-ok_|-ok_|-succeed_with_changes"]["comment"] == "Success!"
    assert results["same"]["changes"] == {}
    assert results["odd"]["warnings"] == ["'fail_minions' needs to be a list or a comma separated string. Ignored."]


@pytest.mark.behaviour("ORC-01", "JOB-05")
def test_each_stage_is_a_job_of_its_own(site: Site) -> None:
    result = stages(site, "orch.inner", code=0)["n1"]

    job = site.ask("job", jid=result["__jid__"])["job"]
    assert (job["fun"], job["tgt"], site.outcomes(job["jid"])["m1"]["state"]) == ("test.ping", "m1", "returned")
    orchestration = job["metadata"]["orchestration_jid"]
    assert runner(site, "jobs.list_job", orchestration)["Function"] == "runner.state.orch"
    began = site.events(f"salt/run/{orchestration}/args", 1)[0][1]
    assert (began["type"], began["tgt"], began["name"]) == ("function", "m1", "test.ping")


@pytest.mark.behaviour("ORC-03")
def test_stages_that_call_functions(site: Site) -> None:
    results = stages(site, "orch.functions")

    well = "Function ran successfully. Function {} ran on {}."
    ill = "Running function {0} failed on minions: {1} Function {0} ran on {1}."
    assert told(results) == {
        "ping": (True, well.format("test.ping", "m1, m2")),
        "test.echo": (True, well.format("test.echo", "m1")),
        "args": (True, well.format("test.arg", "m1")),
        "nay": (False, ill.format("test.false", "m1, m2")),
        "code": (False, ill.format("cmd.run", "m1, m2")),
        "missing": (False, ill.format("no.such", "m1")),
        "nobody": (False, "No minions responded"),
        "text": (True, well.format("test.echo", "m1")),
        "judged": (False, ill.format("test.echo", "m1")),
        "well": (True, well.format("test.echo", "m1")),
        "batch": (True, well.format("test.ping", "m1, m2")),
    }
    assert results["ping"]["changes"] == {"ret": {"m1": True, "m2": True}}
    assert results["missing"]["changes"] == {"ret": {"m1": "'no.such' is not available."}}
    assert results["text"]["warnings"] == ["Please specify 'arg' as a list of arguments."]
    got = results["args"]["changes"]["ret"]["m1"]
    assert (got["args"], got["kwargs"]["k"]) == ([1, 2], "v")


@pytest.mark.behaviour("ORC-03", "ORC-04")
def test_stages_that_call_the_master(site: Site) -> None:
    results = stages(site, "orch.master")

    assert results["up"]["changes"] == {"return": ["m1", "m2"]}
    assert results["up"]["comment"] == "Runner function 'manage.up' executed."
    assert results["arg"]["changes"] == {"return": {"args": [1, 2], "kwargs": {"a": 1, "k": "v"}}}
    assert (results["none"]["result"], "no.such" in results["none"]["comment"]) == (False, True)
    inner = results["nested"]["changes"]["return"]
    assert (inner["outputter"], inner["retcode"], list(inner["data"])) == ("highstate", 0, ["master1"])
    assert told({"x": results["nested_bad"]}) == {"x": (False, "Runner function 'state.orchestrate' failed.")}
    assert results["nested_bad"]["changes"]["return"]["retcode"] == 1
    assert results["keys"]["changes"] == {"return": {"minions": ["m1"]}}
    assert results["keys"]["comment"] == "Wheel function 'key.name_match' executed."
    assert results["several"]["result"] is True
    assert results["several"]["changes"]["ret"]["one"] == {"args": [1], "kwargs": {}}
    assert results["several"]["comment"] == "All runner functions executed successfully."
    assert told({"x": results["several_bad"]}) == {"x": (False, "Runner two failed.")}
    orchestration = site.ask("job", jid=inner["data"]["master1"]["salt_|-n1_|-test.ping_|-function"]["__jid__"])
    outer = orchestration["job"]["metadata"]["orchestration_jid"]
    assert runner(site, "jobs.list_job", outer)["Arguments"] == ["orch.master"]


@pytest.mark.behaviour("ORC-04")
def test_requisites_between_stages_and_stages_at_the_same_time(site: Site) -> None:
    results = stages(site, "orch.chain", 'pillar={"a": "inline"}')

    assert {name for name, result in results.items() if result["result"] is False} == {"two", "three"}
    numbers = {name: result["__run_num__"] for name, result in results.items()}
    in_order = sorted(numbers, key=numbers.__getitem__)
    assert in_order[:7] == ["one", "two", "three", "four", "five", "six", "seven"]
    # `eight` waits for what runs at the same time; `said` need not.
    assert set(in_order[7:]) == {"eight", "said"}
    assert results["three"]["comment"] == "One or more requisite failed: orch.chain.two"
    assert results["six"]["__parallel__"] is True
    assert results["six"]["changes"] == {"ret": {"m2": True}}
    assert results["said"]["comment"] == "inline True master1"


@pytest.mark.behaviour("ORC-01", "TST-01")
def test_an_orchestration_is_tried(site: Site) -> None:
    results = stages(site, "orch.chain", "test=True")

    assert results["one"]["comment"] == "Function test.ping would be executed on target m1"
    assert [results[name]["result"] for name in ("one", "two", "four", "eight")] == [None, False, None, True]
    tried = results["four"]["changes"]["ret"]["m1"]["test_|-ok_|-ok_|-succeed_with_changes"]
    assert tried["comment"] == "If we weren't testing, this would be successful with changes"
    master = stages(site, "orch.master", "test=True", code=0)
    assert master["keys"]["comment"] == "Wheel function 'key.name_match' would be executed."
    waits = stages(site, "orch.wait", "test=True", code=0)
    assert waits["seen"]["comment"] == "Orchestration would wait for event 'my/evt/*'"


@pytest.mark.behaviour("ORC-03")
def test_a_stage_waits_for_events(site: Site) -> None:
    done: list[dict[str, Any]] = []
    waiting = threading.Thread(target=lambda: done.append(stages(site, "orch.wait")))
    waiting.start()

    def sent() -> bool:
        for name in ("a", "b", "a"):
            site.ask("send_event", tag=f"my/evt/{name}", data={"id": name})
        return bool(done)

    until(sent, 30, "the events were not seen")
    waiting.join(10)
    assert done[0]["seen"]["result"] is True
    assert sorted(done[0]["seen"]["changes"]["minions_seen"]) == ["a", "b"]
    assert done[0]["seen"]["comment"].startswith("All events seen in ")
    assert told(done[0])["not_seen"] == (False, "Timeout value reached.")


@pytest.mark.behaviour("ORC-01")
def test_an_orchestration_is_ended_between_stages(site: Site) -> None:
    jid = "20261127080000000001"
    started = site.run("runner", "--async", "--jid", jid, "state.orch", "orch.slow")
    assert started.returncode == 0, started.stderr
    assert runner(site, "state.soft_kill", jid, "two") is None

    events = site.events(f"salt/run/{jid}/ret", 1)
    assert list(events[0][1]["return"]["data"]["master1"]) == ["salt_|-one_|-test.sleep_|-function"]


@pytest.mark.behaviour("ORC-01")
def test_single_states_high_data_and_what_an_sls_comes_to(site: Site) -> None:
    single = site.run("runner", "state.orchestrate_single", "test.succeed_with_changes", "name=foo", "--out", "json")
    said = documents(single.stdout)
    assert said["event"]["outputter"] == "highstate"
    assert list(said["master1"]) == ["test_|-foo_|-foo_|-succeed_with_changes"]
    high = site.run("runner", "state.orchestrate_high", "{a: {test: [nop]}}", "--quiet")
    assert high.returncode == 0
    shown = runner(site, "state.orchestrate_show_sls", "orch.inner")
    assert shown["master1"]["n1"]["salt"][:3] == [{"name": "test.ping"}, {"tgt": "m1"}, "function"]
    assert runner(site, "state.orch", "orch.nosuch", code=1) == {
        "master1": ["No matching sls found for 'orch.nosuch' in env 'base'"]
    }


def test_events_are_shown_as_they_come(site: Site) -> None:
    done: list[str] = []
    words = ("runner", "state.event", "shown/*", "count=1")
    watching = threading.Thread(target=lambda: done.append(site.run(*words).stdout))
    watching.start()

    def sent() -> bool:
        site.ask("send_event", tag="shown/one", data={"a": 1})
        return bool(done)

    until(sent, 30, "no event was shown")
    watching.join(10)
    tag, _, data = done[0].splitlines()[0].partition("\t")
    assert (tag, json.loads(data)["a"]) == ("shown/one", 1)


@pytest.mark.behaviour("ORC-02", "ORC-03")
def test_minions_that_are_away(site: Site) -> None:
    site.stop("m2")
    until(lambda: site.connected() == {"m1"}, 15, "m2 is still there")
    try:
        results = stages(site, "orch.away")
    finally:
        site.start_minions(["m2"])
        site.wait_for_minions(("m1", "m2"))

    away = "Run failed on minions: {0}\nMinion {0} did not return a state result."
    ok, ran = "States ran successfully.", "Function test.ping ran on m1{}."
    assert told(results) == {
        "all": (False, away.format("m2")),
        "one": (False, away.format("m2")),
        "unknown": (False, away.format("zz")),
        "may_fail": (True, f"{ok} Updating m2. No changes made to m1."),
        "not_expected": (True, f"{ok} No changes made to m1."),
        "ping": (True, f"Function ran successfully. {ran.format('')}"),
        "ping_one": (False, "No minions responded"),
        "ping_unknown": (False, f"Running function test.ping failed on minions: zz {ran.format(', zz')}"),
    }
    assert results["one"]["changes"] == {"out": "highstate", "ret": {"m2": False}}
