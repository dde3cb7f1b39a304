"""Files of the renderer `pydsl`, beside what Salt 3006.26 made of them: later releases have no `pydsl`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from saltern.assembly.services import SERVICES
from saltern.files.backends.memory import MemoryTree
from saltern.files.serve import file_verbs
from saltern.plugin_api.errors import StatesInvalidError
from saltern.plugin_api.files import TreeFiles
from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace

FILES = Path(__file__).with_name("pydsl")
RECORDED = json.loads(FILES.with_suffix(".json").read_text())
HELPER = "_slsmod_"
REQUISITE = re.compile(r"(require|watch|listen|onchanges|onfail|prereq|use)(_in|_any)?$")


@pytest.fixture
def space(tmp_path) -> Iterator[PluginSpace]:
    tree = {str(path.relative_to(FILES)): path.read_bytes() for path in FILES.rglob("*.sls")}
    verbs = file_verbs(MemoryTree({"base": tree}))
    settings = {"id": "m1", "renderer": "jinja|yaml", "cachedir": str(tmp_path), "file_client": "local", "test": False}
    files = TreeFiles(lambda verb, args: verbs[verb](args))
    scope = Scope(settings, grains={"id": "m1"}, services=SERVICES, files=files)
    with PluginSpace(PluginIndex(SearchPath.of_opts(settings), ""), scope) as found:
        yield found


def essence(high: Mapping[str, Any]) -> dict[str, Any]:
    """High data without what only shows how Salt works inside.

    Its helper states, by which one file finds the module of another; the numbers of states, of which the order counts;
    and that it writes each requisite on its own, of which its own compiler then takes the last.
    """
    states = {id_: body for id_, body in high.items() if not id_.startswith((HELPER, "__"))}
    numbers = sorted(order for body in states.values() for order in _orders(body))
    extended = [{id_: _body(body, numbers) for id_, body in one.items()} for one in high.get("__extend__", ())]
    return {"__extend__": extended, **{id_: _body(body, numbers) for id_, body in states.items() if _modules(body)}}


def _modules(body: Mapping[str, Any]) -> dict[str, Any]:
    return {module: found for module, found in body.items() if not module.startswith("__")}


def _orders(body: Mapping[str, Any]) -> Iterator[int]:
    for arguments in _modules(body).values():
        yield from (one["order"] for one in arguments if isinstance(one, dict) and "order" in one)


def _body(body: Mapping[str, Any], numbers: list[int]) -> dict[str, Any]:
    about = {key: body[key] for key in ("__sls__", "__env__")}
    return {**about, **{module: _arguments(found, numbers) for module, found in _modules(body).items()}}


def _arguments(arguments: list[Any], numbers: list[int]) -> list[Any]:
    needs: dict[str, list[Any]] = {}
    others = []
    for argument in arguments:
        key, value = next(iter(argument.items())) if isinstance(argument, dict) else ("", argument)
        if REQUISITE.match(key):
            kept = needs.setdefault(key, [])
            kept += [one for one in value if one not in kept and HELPER not in str(one)]
        elif key == "order":
            others.append({key: numbers.index(value)})
        else:
            others.append({key: re.sub(" at 0x[0-9a-f]+", "", str(value))} if key == "func" else argument)
    return [*others, *sorted(needs.items())]


@pytest.mark.behaviour("RND-09")
@pytest.mark.parametrize("name", [name for name, made in RECORDED["show_sls"].items() if isinstance(made, dict)])
def test_a_file_makes_the_states_that_salt_makes_of_it(space, name):
    made = space.service("__state_engine__").gathered({"base": [name]})
    assert essence(made) == essence(RECORDED["show_sls"][name])


@pytest.mark.behaviour("RND-09")
@pytest.mark.parametrize("name", [name for name, made in RECORDED["show_sls"].items() if isinstance(made, list)])
def test_what_is_wrong_is_told_in_the_words_of_salt(space, name):
    with pytest.raises(StatesInvalidError) as caught:
        space.service("__state_engine__").gathered({"base": [name]})
    assert [one.splitlines()[0] for one in caught.value.messages] == RECORDED["show_sls"][name]


@pytest.mark.behaviour("RND-09")
@pytest.mark.parametrize("name", RECORDED["runs"])
def test_a_run_has_the_results_that_salt_has(space, name):
    engine = space.service("__state_engine__")
    results = engine.run(engine.low(engine.high({"base": [name]})), test=False)
    assert _told(results) == _told({tag: one for tag, one in RECORDED["runs"][name].items() if HELPER not in tag})


def _told(results: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {tag: {key: one[key] for key in ("name", "changes", "result", "comment")} for tag, one in results.items()}
