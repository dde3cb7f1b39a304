"""The mine: minions tell their master of themselves by themselves, and read what others let them read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lab import Lab, until
from sites import documents


def answer(lab: Lab, minion: str, *words: str) -> Any:
    return documents(lab.run("run", minion, *words, "--out", "json").stdout)[minion]


@pytest.mark.behaviour("MIN-01", "MIN-02", "MIN-04")
def test_minions_tell_and_read_each_for_whom_it_is_meant(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(nodegroups={"shops": "G@role:web"})
    pillar = lab.root / "r" / "srv" / "pillar"
    pillar.mkdir(parents=True)
    (pillar / "top.sls").write_text("base:\n  web1: [mine]\n")
    (pillar / "mine.sls").write_text(
        "kind: front\n"
        "mine_functions:\n"
        "  of_pillar: [{mine_function: test.arg}, 7, {key: value}]\n"
        "  secret: [{mine_function: test.echo}, hush, {allow_tgt: 'G@role:web'}, {allow_tgt_type: compound}]\n"
    )
    lab.start_master()
    functions = {"test.ping": [], "role": {"mine_function": "grains.get", "key": "role"}, "nosuch.function": []}
    lab.start_minion("web1", grains={"role": "web"}, mine_functions=functions)
    lab.start_minion("web2", grains={"role": "web"})
    lab.start_minion("db1", grains={"role": "db"}, mine_functions=functions)
    lab.wait_for_minions(("web1", "web2", "db1"))
    until(lambda: answer(lab, "web2", "mine.get", "*", "role") == {"db1": "db", "web1": "web"}, 30, "no mine")
    until(lambda: answer(lab, "web2", "mine.get", "web1", "secret"), 30, "no entry of the pillar")

    assert answer(lab, "web2", "mine.get", "web1", "of_pillar") == {"web1": {"args": [7], "kwargs": {"key": "value"}}}
    assert answer(lab, "web2", "mine.get", "*", "secret") == {"web1": "hush"}
    assert answer(lab, "db1", "mine.get", "*", "secret") == {}
    assert answer(lab, "db1", "mine.get", "*", "role,test.ping") == {
        "role": {"db1": "db", "web1": "web"},
        "test.ping": {"db1": True, "web1": True},
    }
    for target, kind in (
        ("role:web", "grain"), ("role:w.*", "grain_pcre"), ("G@role:web and not db*", "compound"),
        ("web1,gone", "list"), ("web.", "pcre"), ("shops", "nodegroup"), ("kind:front", "pillar"),
    ):  # fmt: skip
        assert answer(lab, "db1", "mine.get", target, "role", f"tgt_type={kind}") == {"web1": "web"}, (target, kind)
    for guess, kind in (("kind:fr*", "pillar"), ("kind:f.*", "pillar_pcre"), ("I@kind:f*", "compound")):
        assert answer(lab, "db1", "mine.get", guess, "role", f"tgt_type={kind}") == {}, "pillar must not be guessed at"

    assert answer(lab, "web2", "mine.send", "when", "mine_function=test.echo", "now") is True
    assert answer(lab, "db1", "mine.get", "*", "when") == {"web2": "now"}
    assert answer(lab, "web2", "mine.send", "nosuch.function") is False
    assert answer(lab, "web1", "mine.delete", "role") is True
    assert answer(lab, "web2", "mine.get", "*", "role") == {"db1": "db"}
    assert answer(lab, "db1", "mine.get", "*", "role", "exclude_minion=True") == {}
    found = lab.run("runner", "mine.get", "*", "secret", "--out", "json")
    assert documents(found.stdout) == {"web1": "hush"}

    assert answer(lab, "web1", "mine.flush") is True
    assert answer(lab, "db1", "mine.get", "web1", "test.ping") == {}
    told = lab.run("runner", "mine.update", "web*", "clear=True", "--out", "json")
    assert documents(told.stdout) == {"web1": True, "web2": None}
    assert answer(lab, "db1", "mine.get", "web1", "test.ping") == {"web1": True}
    mine = documents(lab.run("runner", "cache.mine", "db1", "--out", "json").stdout)
    assert mine == {"db1": {"role": "db", "test.ping": True}}
    cleared = ("runner", "cache.clear_mine_func", "db1", "clear_mine_func_flag=role", "--out", "json")
    assert [lab.run(*cleared).stdout.strip() for _ in range(2)] == ["true", "false"]
    assert answer(lab, "web2", "mine.get", "*", "role") == {"web1": "web"}
    assert lab.run("runner", "cache.clear_mine", "db1", "--out", "json").stdout.strip() == "true"
    lab.run("key", "-y", "-d", "web1")
    assert answer(lab, "db1", "mine.get", "web1", "test.ping") == {}


@pytest.mark.behaviour("MIN-04", "ACL-08")
def test_the_master_says_who_may_read_what(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(mine_get={"web.*": ["role", "test[.].*"], "db1": "kernel"})
    lab.start_master()
    functions = {"test.ping": [], "role": {"mine_function": "grains.get", "key": "role"}}
    for name in ("web1", "db1"):
        lab.start_minion(name, grains={"role": name}, mine_functions=functions)
    lab.wait_for_minions(("web1", "db1"))
    until(lambda: len(answer(lab, "web1", "mine.get", "*", "role")) == 2, 30, "no mine")
    assert answer(lab, "web1", "mine.get", "*", "test.ping") == {"web1": True, "db1": True}
    assert answer(lab, "db1", "mine.get", "*", "role") == {}
    assert answer(lab, "db1", "mine.get", "*", "role,test.ping") == {"role": {}, "test.ping": {}}
