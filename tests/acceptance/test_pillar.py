"""Pillar from the master: each minion has its own, and nothing of it is left on its disk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab import Lab
from sites import documents


@pytest.mark.behaviour("PIL-01", "PIL-02", "TRN-11", "TGT-06")
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

    shown = documents(lab.run("run", "web", "pillar.items", "--out", "json").stdout)
    assert shown == {"web": {"kind": "**********", "secret": "**********"}}

    pinged = documents(lab.run("run", "-I", "kind:front", "test.ping", "--out", "json").stdout)
    assert pinged == {"web": True}

    (lab.root / "r" / "srv" / "salt").mkdir(exist_ok=True)
    refused = lab.run("run", "db", "state.single", "test.nop", "name=x", "--out", "json")
    assert "Pillar failed to render" in documents(refused.stdout)["db"][0]

    for place in lab.root.rglob("*"):
        if (
            place.is_file()
            and "pillar" not in place.parts
            and "jobs" not in place.parts
            and "events" not in place.parts
        ):
            assert b"hunter2" not in place.read_bytes(), place
