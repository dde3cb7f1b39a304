"""States that the master's plugins give minions, beside the top files."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab import Lab
from sites import documents

PLUGIN = """
def top(**kwargs):
    return {"base": [kwargs["grains"]["role"]] if "role" in kwargs["grains"] else []}
"""


@pytest.mark.behaviour("STA-12")
def test_the_masters_plugins_see_what_the_master_knows_of_the_minion(new_lab: Callable[..., Lab]) -> None:
    extensions = "var/cache/saltern/master/extmods"
    lab = new_lab(master_tops={"by_role": {}, "ext_nodes": "printf 'classes: [of-%s]'", "nosuch": 1})
    place = lab.root / "r" / extensions / "tops"
    place.mkdir(parents=True)
    (place / "by_role.py").write_text(PLUGIN)
    roots = lab.root / "r" / "srv" / "salt"
    roots.mkdir(parents=True)
    (roots / "top.sls").write_text("base: {'*': [all]}\n")
    lab.start_master()
    lab.start_minion("web", grains={"role": "store"})
    lab.wait_for_minions(("web",))
    found = documents(lab.run("run", "web", "state.show_top", "--out", "json").stdout)
    assert found == {"web": {"base": ["all", "store", "of-web"]}}
