"""Pillar from the master: each minion has its own, and nothing of it is left on its disk."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from lab import SALTERN, Lab, until
from sites import documents


@pytest.mark.behaviour("PIL-01", "PIL-02", "PIL-16", "TRN-11", "TGT-06")
def test_each_minion_gets_its_own_pillar_and_can_be_a_target_by_it(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    pillar = lab.root / "r" / "srv" / "pillar"
    pillar.mkdir(parents=True, exist_ok=True)
    (pillar / "top.sls").write_text("base:\n  web:\n    - web\n  'role:store':\n    - match: grain\n    - db\n")
    (pillar / "web.sls").write_text("kind: front\nsecret: hunter2-{{ grains.id }}\n")
    (pillar / "db.sls").write_text("kind: back\nsecret: {{ undefined_thing }}\n")
    lab.start_master()
    lab.start_minion("web")
    lab.start_minion("db", grains={"role": "store"})
    lab.wait_for_minions(("web", "db"))

    found = documents(lab.run("run", "*", "pillar.items", "unmask=True", "--out", "json").stdout)
    assert found["web"] == {"kind": "front", "secret": "hunter2-web"}
    assert list(found["db"]) == ["_errors"]
    assert "Rendering SLS 'db' failed" in found["db"]["_errors"][0]
    assert "salt://db.sls:2" in found["db"]["_errors"][0]
    logged = (lab.root / "r" / "var" / "log" / "saltern" / "master").read_text()
    assert "Rendering SLS 'db' failed:\nJinja variable 'undefined_thing' is undefined" in logged
    assert "Please see master log" not in logged

    shown = documents(lab.run("run", "web", "pillar.items", "--out", "json").stdout)
    assert shown == {"web": {"kind": "**********", "secret": "**********"}}

    pinged = documents(lab.run("run", "-I", "kind:front", "test.ping", "--out", "json").stdout)
    assert pinged == {"web": True}

    (lab.root / "r" / "srv" / "salt").mkdir(exist_ok=True)
    (lab.root / "r" / "srv" / "salt" / "nothing.sls").write_text("nothing: test.nop\n")
    refused = lab.run("run", "db", "state.apply", "nothing", "--out", "json")
    assert "Pillar failed to render" in documents(refused.stdout)["db"][0]

    for place in lab.root.rglob("*"):
        if (
            place.is_file()
            and "pillar" not in place.parts
            and "jobs" not in place.parts
            and "events" not in place.parts
        ):
            assert b"hunter2" not in place.read_bytes(), place


def pillar_tree(lab: Lab, **files: str) -> None:
    pillar = lab.root / "r" / "srv" / "pillar"
    pillar.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (pillar / f"{name}.sls").write_text(text)


@pytest.mark.behaviour("PIL-01", "PIL-12")
def test_a_minion_has_its_pillar_in_memory_until_it_is_refreshed(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    pillar_tree(lab, top="base:\n  '*': [a]\n", a="kind: one\nsize: {{ grains.get('size', 0) }}\n")
    lab.start_master()
    lab.start_minion("m1")
    lab.wait_for_minions(("m1",))
    until(lambda: lab.ask("resolve", tgt="kind:one", tgt_type="pillar")["minions"] == ["m1"], 15, "no pillar")

    def answer(*words: str) -> object:
        return documents(lab.run("run", "m1", *words, "--out", "json").stdout)["m1"]

    assert answer("pillar.get", "kind", "unmask=True") == "one"
    pillar_tree(lab, a="kind: two\nsize: {{ grains.get('size', 0) }}\n")
    assert answer("pillar.get", "kind", "unmask=True") == "one", "what is in memory counts"
    assert answer("pillar.items", "kind", "unmask=True") == {"kind": "two"}, "items is compiled anew"
    assert answer("pillar.get", "kind", "unmask=True") == "one"
    assert answer("saltutil.refresh_pillar") is True
    assert answer("pillar.get", "kind", "unmask=True") == "two"

    answer("grains.setval", "size", "7")
    until(lambda: answer("pillar.get", "size") == 7, 15, "the pillar does not follow the grains")

    states = lab.root / "r" / "srv" / "salt"
    states.mkdir(exist_ok=True)
    (states / "told.sls").write_text("told: {test.configurable_test_state: [{comment: '{{ pillar.kind }}'}]}\n")
    pillar_tree(lab, a="kind: three\n")
    (result,) = answer("state.apply", "told").values()  # type: ignore[attr-defined]
    assert result["comment"] == "three", "states begin with a pillar that was compiled for them"
    (result,) = answer("state.apply", "told", "pillar={kind: given}").values()  # type: ignore[attr-defined]
    assert result["comment"] == "given"


@pytest.mark.behaviour("PIL-01", "TGT-01")
def test_a_master_that_was_restarted_learns_pillars_again(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    pillar_tree(lab, top="base:\n  '*': [a]\n", a="kind: one\n")
    lab.start_master()
    lab.start_minion("m1")
    lab.wait_for_minions(("m1",))

    def meant() -> bool:
        return list(lab.ask("resolve", tgt="kind:one", tgt_type="pillar")["minions"]) == ["m1"]

    until(meant, 15, "the master does not know the pillar")
    lab.stop_master()
    lab.start_master()
    lab.wait_for_minions(("m1",))
    until(meant, 60, "the master does not know the pillar after its restart")


@pytest.mark.behaviour("PIL-01")
def test_a_pillar_larger_than_a_frame_arrives_whole(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    pillar_tree(
        lab, top="base:\n  '*': [a]\n", a="{% for n in range(3000) %}k{{ n }}: '{{ 'x' * 1000 }}'\n{% endfor %}"
    )
    lab.start_master()
    lab.start_minion("m1")
    lab.wait_for_minions(("m1",))
    answer = documents(lab.run("run", "m1", "pillar.keys", "nothing", "--out", "json").stdout)["m1"]
    assert "Pillar key not found" in answer
    assert len(documents(lab.run("run", "m1", "pillar.raw", "--out", "json").stdout)["m1"]) == 3000


@pytest.mark.behaviour("JOB-24")
def test_a_blackout_in_the_pillar_is_obeyed_until_it_is_lifted(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    pillar_tree(
        lab, top="base:\n  '*': [a]\n", a="minion_blackout: True\nminion_blackout_whitelist: [test.echo]\nready: 1\n"
    )
    lab.start_master()
    lab.start_minion("m1")
    lab.wait_for_minions(("m1",))
    until(lambda: lab.ask("resolve", tgt="ready:1", tgt_type="pillar")["minions"] == ["m1"], 15, "no pillar")
    assert "Minion in blackout mode" in lab.run("run", "m1", "cmd.run", "true").stdout
    assert documents(lab.run("run", "m1", "test.echo", "hi", "--out", "json").stdout) == {"m1": "hi"}
    pillar_tree(lab, a="ready: 1\n")
    assert documents(lab.run("run", "m1", "saltutil.refresh_pillar", "--out", "json").stdout) == {"m1": True}
    assert documents(lab.run("run", "m1", "cmd.run", "echo lit", "--out", "json").stdout) == {"m1": "lit"}


@pytest.mark.behaviour("CLI-03", "PIL-01", "TRN-12")
def test_a_call_on_the_minions_host_asks_the_master_through_the_running_minion(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    pillar_tree(lab, top="base:\n  '*': [a]\n", a="kind: {{ grains.id }}\n")
    files = lab.root / "r" / "srv" / "salt"
    files.mkdir(parents=True)
    (files / "told.txt").write_text("from the master")
    lab.start_master()
    lab.start_minion("m1")
    lab.wait_for_minions(("m1",))

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        argv = [*SALTERN, "call", "-c", str(lab.minion_directory("m1")), "--out", "json", *words]
        return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)

    assert documents(call("pillar.items", "unmask=True").stdout) == {"local": {"kind": "m1"}}
    assert documents(call("cp.get_file_str", "salt://told.txt").stdout) == {"local": "from the master"}
    assert documents(call("event.send", "my/tag", '{"x": 1}').stdout) == {"local": True}
    refused = call("pillar.ext", '{"cmd_yaml": "echo a: 1"}')
    assert refused.returncode and "not allowed for on-demand pillar data: cmd_yaml" in refused.stderr + refused.stdout
    lab.stop("m1")
    lonely = call("pillar.get", "kind")
    assert lonely.returncode and "no minion running here" in lonely.stderr + lonely.stdout
