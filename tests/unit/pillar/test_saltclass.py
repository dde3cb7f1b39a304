"""Pillars and states of nodes that are made of classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asked import GRAINS, asked

from saltern.assembly.services import SERVICES
from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace
from saltern.states.external_tops import external_tops

FILES = {
    "nodes/site/m1.yml": "environment: prod\nclasses: [app.web, users.*]\nstates: [own, base_state]\n"
    "pillars: {port: 8080, names: [c], url: 'http://${host}:${port}/', dns: ['^', only], copy: '${users}'}\n",
    "nodes/m2.yml": "classes: []\n",
    "nodes/bad.yml": "classes: [nosuch]\n",
    "classes/default.yml": "states: [base_state]\n"
    "pillars: {host: '{{ grains.os }}', dns: [a, b], names: [a], port: 80}\n",
    "classes/app/web/init.yml": "classes: [default]\nstates: [nginx]\npillars: {names: [b, a], app: {x: 1}}\n",
    "classes/users/one.yml": "pillars: {users: {one: {shell: /bin/sh}}, plain: '\\${host}'}\n",
    "classes/users/two.yml": "classes: [default]\npillars: {users: {two: {shell: '${users:one:shell}'}}}\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        place = tmp_path / "saltclass" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return tmp_path / "saltclass"


@pytest.mark.behaviour("PIL-08")
def test_classes_make_a_pillar(tmp_path: Path, root: Path):
    found = asked(tmp_path, {"saltclass": {"path": str(root)}})
    about = found.pop("__saltclass__")
    users = {"one": {"shell": "/bin/sh"}, "two": {"shell": "/bin/sh"}}
    assert found == {
        "host": "Debian", "port": 8080, "names": ["a", "b", "c"], "dns": ["only"], "app": {"x": 1}, "users": users,
        "copy": users, "url": "http://Debian:8080/", "plain": "${host}",
    }  # fmt: skip
    assert about == {
        "classes": ["default", "app.web", "users.one", "users.two"], "environment": "prod", "minion_id": "m1",
        "nodename": "m1", "states": ["base_state", "nginx", "own"],
    }  # fmt: skip


@pytest.mark.behaviour("PIL-08")
def test_a_minion_without_a_node_or_with_a_class_that_is_not_there(tmp_path: Path, root: Path):
    entry: dict[str, Any] = {"saltclass": [str(root)]}
    assert asked(tmp_path, entry, minion_id="nobody") == asked(tmp_path, entry, minion_id="*") == {}
    (error,) = asked(tmp_path, entry, minion_id="bad")["_errors"]
    assert error.startswith("Failed to load ext_pillar saltclass: saltclass: there is no class nosuch below ")


@pytest.mark.behaviour("STA-12")
def test_classes_give_states(tmp_path: Path, root: Path):
    opts = {"id": "m1", "renderer": "jinja|yaml", "master_tops": {"saltclass": {"path": str(root)}}}
    index = PluginIndex(SearchPath.of_opts({}), str(tmp_path / "index"))
    with PluginSpace(index, Scope({**opts, "grains": GRAINS}, grains=GRAINS, services=SERVICES)) as space:
        assert external_tops(space) == {"prod": ["base_state", "nginx", "own"]}
