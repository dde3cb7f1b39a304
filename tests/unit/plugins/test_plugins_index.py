"""Names of plugins are known without importing any."""

from __future__ import annotations

import os

import pytest

from saltern.plugins.directories import read_directories
from saltern.plugins.kinds import KINDS, TABLES
from saltern.plugins.source import describe


@pytest.mark.behaviour("LDR-04")
@pytest.mark.parametrize(
    ("source", "names", "computed"),
    [
        ("def ping(): return 1\n", ("m",), False),
        ('__virtualname__ = "pkg"\n\ndef __virtual__():\n    return __virtualname__\n', ("m", "pkg"), False),
        ('__virtualname__: str = "pkg"\n', ("m", "pkg"), False),
        ('def __virtual__():\n    if x:\n        return "other"\n    return False, "no"\n', ("m", "other"), False),
        ('def __virtual__():\n    if x: return "a"\n    return ("b")\n', ("m", "a", "b"), False),
        ("def __virtual__():\n    return True if x else False\n", ("m",), False),
        ("def __virtual__():\n    return name_of_it()\n", ("m",), True),
        ('def __virtual__():\n    return "a" + x\n', ("m",), True),
        ('__virtualname__ = PREFIX + "x"\n', ("m",), True),
        ("__virtual__ = other.__virtual__\nx = 1\n", ("m",), True),
        ("x = 1\n__virtual__ = other.__virtual__\n", ("m",), True),
        ('__virtual_aliases__ = (\n    "one",\n    "two",\n)\n', ("m", "one", "two"), False),
        ('def __virtual__():\n    return True\n\n\ndef f():\n    return "not a name"\n', ("m",), False),
    ],
)
def test_a_source_says_its_names(source, names, computed):
    described = describe("m", source)
    assert names == described.names
    assert computed == described.computed


def test_a_source_says_which_functions_are_instant():
    assert describe("m", '__instant__ = ("ping", "echo")\n').instant == ("ping", "echo")


@pytest.mark.behaviour("LDR-02")
def test_the_first_directory_wins(tree, tmp_path):
    given = tree.write("../given/modules/one.py", "def f(): return 'given'")
    tree.write("../given/_modules/two.py", "")
    tree.write("modules/one.py", "")
    tree.write("modules/three.py", "")
    tree.write("../conf/three.py", "")
    index = tree.index(module_dirs=[str(tmp_path / "given")], configured={"modules": [str(tmp_path / "conf")]})
    files = {file.stem: file.path for file in index.names("modules") if file.stem in ("one", "two", "three")}
    assert str(given.resolve()) == os.path.realpath(files["one"])
    assert "extmods" in files["three"]
    assert "_modules" in files["two"]


def test_the_user_comes_before_the_shipped_ones(tree):
    tree.write("modules/test.py", "def ping(): return 'mine'")
    names = tree.index().names("modules")
    assert "extmods" in names.stem("test").path
    assert not names.is_instant("test.ping")


def test_the_shipped_test_module_is_instant(tree):
    index = tree.index()
    assert index.is_instant("test.ping")
    assert not index.is_instant("test.sleep")
    assert not index.is_instant("no.such")


def test_packages_count_and_other_things_do_not(tree):
    tree.write("modules/pack/__init__.py", "")
    tree.write("modules/plain/data.py", "")
    tree.write("modules/.hidden.py", "")
    tree.write("modules/__init__.py", "")
    tree.write("modules/readme.txt", "")
    files = read_directories([str(tree.root / "modules")])
    assert [(file.stem, file.package) for file in files] == [("pack", True)]


def test_a_kept_index_follows_what_changes(tree, tmp_path):
    cache = tmp_path / "cache" / "modules.index"
    folder = [str(tree.root / "modules")]
    path = tree.write("modules/one.py", "")
    first = read_directories(folder, str(cache))
    assert cache.stat().st_mode & 0o777 == 0o600
    path.write_text('__virtualname__ = "renamed"\n')
    tree.write("modules/two.py", "")
    second = read_directories(folder, str(cache))
    assert [file.names for file in first] == [("one",)]
    assert [file.names for file in second] == [("one", "renamed"), ("two",)]
    path.unlink()
    assert [file.stem for file in read_directories(folder, str(cache))] == ["two"]


def test_a_kept_index_is_used(tree, tmp_path, monkeypatch):
    cache = str(tmp_path / "modules.index")
    tree.write("modules/one.py", "")
    folder = [str(tree.root / "modules")]
    read_directories(folder, cache)
    monkeypatch.setattr("saltern.plugins.source.describe", None)
    assert [file.stem for file in read_directories(folder, cache)] == ["one"]


@pytest.mark.parametrize(
    "damage", [b"", b"garbage", b"\xf5", b"\x92\x02\x80\x80", b"\x92\x02\x81\xa1/\x92\x90\x91\x93", b"\x92\x01\x80"]
)
def test_a_damaged_index_is_built_again(tree, tmp_path, damage):
    cache = tmp_path / "modules.index"
    cache.write_bytes(damage)
    tree.write("modules/one.py", "")
    assert [file.stem for file in read_directories([str(tree.root / "modules")], str(cache))] == ["one"]


def test_an_index_that_others_may_write_is_not_believed(tree, tmp_path):
    cache = tmp_path / "modules.index"
    folder = [str(tree.root / "modules")]
    tree.write("modules/one.py", "")
    read_directories(folder, str(cache))
    kept = cache.read_bytes().replace(b"one", b"evl")
    cache.write_bytes(kept)
    cache.chmod(0o666)
    assert [file.stem for file in read_directories(folder, str(cache))] == ["one"]


def test_names_that_are_no_text_are_found_and_not_kept(tree, tmp_path):
    cache = tmp_path / "modules.index"
    tree.write(os.fsdecode(b"modules/caf\xe9.py"), "")
    stems = [file.stem for file in read_directories([str(tree.root / "modules")], str(cache))]
    assert (stems, cache.exists()) == ([os.fsdecode(b"caf\xe9")], False)


def test_an_index_that_cannot_be_kept_is_no_fault(tree, tmp_path):
    tree.write("modules/one.py", "")
    (tmp_path / "file").write_text("")
    assert len(read_directories([str(tree.root / "modules")], str(tmp_path / "file" / "modules.index"))) == 1


@pytest.mark.behaviour("LDR-03")
def test_every_table_of_functions_is_of_a_kind():
    assert set(TABLES.values()) <= set(KINDS)
    assert KINDS["outputters"].sync_dir == "_output"
    assert all(not kind.own_table or kind.own_table in kind.injected for kind in KINDS.values())


@pytest.mark.behaviour("LDR-02")
def test_an_installed_package_offers_plugins(tree, tmp_path, monkeypatch):
    site = tmp_path / "site"
    (site / "ext-1.dist-info").mkdir(parents=True)
    (site / "ext-1.dist-info" / "entry_points.txt").write_text(
        "[console_scripts]\nx = y:z\n[salt.loader]\nsaltext.thing = my_saltext\nmodule_dirs = my_saltext:dirs\n"
        "runner_dirs = no_such_package:dirs\n[other]\na = b\n"
    )
    (site / "my_saltext" / "modules").mkdir(parents=True)
    (site / "my_saltext" / "more").mkdir()
    (site / "my_saltext" / "__init__.py").write_text(
        f"def dirs():\n    return [{str(site / 'my_saltext' / 'more')!r}]\n"
    )
    (site / "my_saltext" / "modules" / "thing.py").write_text("def ping(): return 1\n")
    (site / "my_saltext" / "more" / "other.py").write_text("")
    monkeypatch.syspath_prepend(str(site))
    index = tree.index(installed=True)
    assert index.names("modules").stem("thing") is not None
    assert index.names("modules").stem("other") is not None
    assert index.names("runners").stem("thing") is None
