"""The grains of a minion: which source wins, and what is computed when."""

from __future__ import annotations

import copy
import json
import os
import types
from pathlib import Path

import pytest
import yaml

from saltern.minion.grains import GrainSources, assemble, read_grains_file


class Plugins:
    """Grain functions in modules of their own, and a record of which ones ran."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.functions: dict = {}

    def add(self, name: str, source: str, keys: tuple[str, ...] | None = None) -> None:
        file, function = name.split(".")
        module = types.ModuleType(file)
        module.ran = self.ran.append
        if keys is not None:
            module.__grains_keys__ = {function: keys}
        exec(source, module.__dict__)
        self.functions[name] = getattr(module, function)


@pytest.fixture
def plugins() -> Plugins:
    found = Plugins()
    found.add("core.os", "def os(): ran('os'); return {'os': 'Debian', 'os_family': 'Debian'}", ("os", "os_family"))
    found.add("core.slow", "def slow(): ran('slow'); return {'slow': 1, 'deep': {'core': 1, 'x': 1}}", ("slow", "deep"))
    return found


CUSTOM = "def first(): ran('first'); return {'colour': 'red', 'os': 'Mine', 'deep': {'custom': 1, 'x': 2}}"


@pytest.mark.behaviour("GRN-01")
def test_the_stronger_source_wins(plugins: Plugins, tmp_path: Path) -> None:
    plugins.add("a_custom.first", CUSTOM)
    file = tmp_path / "grains"
    file.write_text("colour: file\nfile: 1\nsite: file\n")
    found = assemble(plugins.functions, GrainSources({"site": "configured", "conf": 1}, file=file))
    expected = {
        "os": "Mine",
        "os_family": "Debian",
        "slow": 1,
        "deep": {"custom": 1, "x": 2},
        "colour": "file",
        "file": 1,
        "site": "configured",
        "conf": 1,
    }
    assert {key: found[key] for key in expected} == expected
    assert dict(found) == expected


@pytest.mark.behaviour("GRN-01")
def test_deep_merge_joins_dicts_below_the_configuration(plugins: Plugins, tmp_path: Path) -> None:
    plugins.add("a_custom.first", CUSTOM)
    file = tmp_path / "grains"
    file.write_text("deep: {file: 1}\nboth: {file: 1}\n")
    sources = GrainSources({"both": {"conf": 1}}, file=file, deep_merge=True)
    assert assemble(plugins.functions, sources)["deep"] == {"core": 1, "custom": 1, "file": 1, "x": 2}
    assert assemble(plugins.functions, sources).fill()["deep"] == {"core": 1, "custom": 1, "file": 1, "x": 2}
    assert assemble(plugins.functions, sources)["both"] == {"conf": 1}


@pytest.mark.behaviour("GRN-02")
def test_the_blacklist_removes_all_but_configured_grains(plugins: Plugins, tmp_path: Path) -> None:
    file = tmp_path / "grains"
    file.write_text("secret: file\nkept: 1\n")
    sources = GrainSources({"osx": "configured"}, file=file, blacklist=("os*", "secret"))
    found = assemble(plugins.functions, sources)
    assert ("os" in found, "secret" in found, found.get("os", "gone")) == (False, False, "gone")
    assert set(found) == {"slow", "deep", "kept", "osx"}


@pytest.mark.behaviour("GRN-02")
def test_functions_that_fail_or_give_no_dict_are_left_out_and_said(plugins: Plugins, caplog) -> None:
    plugins.add("custom.fails", "def fails(): raise RuntimeError('no such luck')")
    plugins.add("custom.wants", "def wants(unknown): return {'unknown': 1}")
    plugins.add("custom.no_dict", "def no_dict(): return [1]")
    plugins.add("custom.zz", "def zz(): return {'fine': True}")
    found = assemble(plugins.functions, GrainSources({}))
    assert set(found) == {"os", "os_family", "slow", "deep", "fine"}
    assert "custom.fails" in caplog.text and "no such luck" in caplog.text and "custom.wants" in caplog.text


@pytest.mark.behaviour("GRN-02")
def test_a_function_may_see_what_was_found_before_it(plugins: Plugins, tmp_path: Path) -> None:
    file = tmp_path / "grains"
    file.write_text("file: 1\n")
    plugins.add("custom.a", "def a(grains): return {'seen_os': grains.get('os'), 'a': 1}")
    plugins.add(
        "custom.b", "def b(grains, proxy): return {'seen_a': grains['a'], 'seen_file': 'file' in grains, 'p': proxy}"
    )
    found = assemble(plugins.functions, GrainSources({}, file=file))
    assert (found["seen_os"], found["seen_a"], found["seen_file"], found["p"]) == ("Debian", 1, False, None)
    assert plugins.ran == ["os"]


def test_grains_are_found_anew_after_a_reload(plugins: Plugins, tmp_path: Path) -> None:
    file = tmp_path / "grains"
    file.write_text("role: old\n")
    found = assemble(plugins.functions, GrainSources({"site": "here"}, file=file))
    assert (found["role"], found["os"], found["site"]) == ("old", "Debian", "here")
    file.write_text("role: new\n")
    assert found["role"] == "old"
    found.reload()
    assert (found["role"], found["os"], found["site"]) == ("new", "Debian", "here")
    assert plugins.ran == ["os", "os"]
    assert found.fill()["role"] == "new"


def test_a_look_up_runs_one_function_once(plugins: Plugins) -> None:
    found = assemble(plugins.functions, GrainSources({"id": "m1"}))
    assert found["id"] == "m1"
    assert "nothing" not in found
    assert found.get("nothing", 5) == 5
    assert plugins.ran == []
    assert (found["os"], found["os_family"], found.get("os")) == ("Debian", "Debian", "Debian")
    assert plugins.ran == ["os"]
    assert len(found) == 5
    assert plugins.ran == ["os", "slow"]
    with pytest.raises(KeyError):
        found["nothing"]


def test_the_grains_behave_as_a_dict(plugins: Plugins) -> None:
    def fresh():
        return assemble(plugins.functions, GrainSources({"id": "m1"}))

    expected = {"id": "m1", "os": "Debian", "os_family": "Debian", "slow": 1, "deep": {"core": 1, "x": 1}}
    assert fresh() == expected
    assert dict(fresh()) == {**fresh()} == fresh().copy() == fresh() | {} == {} | fresh() == expected
    assert (copy.copy(fresh()), copy.deepcopy(fresh())) == (expected, expected)
    assert json.loads(json.dumps(fresh())) == expected
    assert yaml.safe_load(yaml.safe_dump(dict(fresh()))) == expected
    assert repr(fresh()) == repr(expected)
    assert sorted(fresh()) == sorted(fresh().keys()) == sorted(expected)
    assert sorted(map(str, fresh().values())) == sorted(map(str, expected.values()))
    assert fresh() != {**expected, "more": 1}
    assert isinstance(fresh(), dict) and fresh()


def test_what_is_written_stays_and_what_is_removed_is_gone(plugins: Plugins) -> None:
    found = assemble(plugins.functions, GrainSources({}))
    found["slow"] = "written"
    found["new"] = 1
    assert found.setdefault("os", "other") == "Debian"
    assert found.setdefault("more", 2) == 2
    del found["deep"]
    assert found.pop("os_family") == "Debian"
    assert found.pop("os_family", None) is None
    assert dict(found) == {"os": "Debian", "slow": "written", "new": 1, "more": 2}


@pytest.mark.parametrize("text", ["a: [unclosed", "- a list", "just text"])
def test_a_grains_file_that_is_wrong_is_said_and_left_out(tmp_path: Path, caplog, text) -> None:
    file = tmp_path / "grains"
    file.write_text(text)
    assert read_grains_file(file) == {}
    assert str(file) in caplog.text


def test_no_grains_file_or_an_empty_one(tmp_path: Path, caplog) -> None:
    assert read_grains_file(tmp_path / "grains") == {}
    (tmp_path / "grains").write_text("# nothing yet\n")
    assert read_grains_file(tmp_path / "grains") == {}
    assert caplog.text == ""


@pytest.mark.behaviour("GRN-06")
def test_the_cache_is_used_while_it_is_young(plugins: Plugins, tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "grains.cache.p"
    sources = GrainSources({"id": "m1"}, cache=cache)
    computed = assemble(plugins.functions, sources).fill()
    assert (cache.stat().st_mode & 0o777, [path.name for path in cache.parent.iterdir()]) == (0o600, [cache.name])
    plugins.ran.clear()

    cached = assemble(plugins.functions, sources)
    assert (cached["os"], "nothing" in cached, dict(cached)) == ("Debian", False, computed)
    assert plugins.ran == []

    assert assemble(plugins.functions, sources, refresh=True)["os"] == "Debian"
    assert plugins.ran == ["os"]

    old = cache.stat().st_mtime - 301
    os.utime(cache, (old, old))
    assert assemble(plugins.functions, sources)["slow"] == 1
    assert plugins.ran == ["os", "slow"]


@pytest.mark.behaviour("GRN-06")
def test_a_damaged_cache_is_said_and_not_used(plugins: Plugins, tmp_path: Path, caplog) -> None:
    cache = tmp_path / "grains.cache.p"
    cache.write_bytes(b"\xc1rubbish")
    assert assemble(plugins.functions, GrainSources({}, cache=cache))["os"] == "Debian"
    assert str(cache) in caplog.text


@pytest.mark.behaviour("GRN-06")
def test_grains_that_cannot_be_cached_are_still_grains(plugins: Plugins, tmp_path: Path, caplog) -> None:
    plugins.add("custom.odd", "def odd(): return {'odd': lambda: None}")
    found = assemble(plugins.functions, GrainSources({}, cache=tmp_path / "grains.cache.p"))
    assert callable(dict(found)["odd"])
    assert list(tmp_path.iterdir()) == []
    assert "cannot be written" in caplog.text
