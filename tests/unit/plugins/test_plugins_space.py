"""Plugins are loaded on first use, given what they expect, and say why when they cannot be."""

from __future__ import annotations

import sys

import pytest

from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.space import PluginSpace
from saltern.plugins.table import FunctionMissingError

GREET = """
    def hello(name="world"):
        return "Hello " + name

    def _hidden():
        return 1
"""


@pytest.mark.behaviour("LDR-01", "LDR-06")
def test_a_function_is_loaded_when_it_is_asked_for(tree):
    tree.write("modules/greet.py", GREET)
    tree.write("modules/broken.py", "raise RuntimeError('must not be loaded')")
    with tree.space() as space:
        functions = space.table("modules")
        assert functions["greet.hello"]("Ann") == "Hello Ann"
        assert not any(name.endswith(".broken") for name in sys.modules)
        assert "greet.hello" in functions
        assert "greet._hidden" not in functions
        assert functions.get("no.such") is None
        assert functions["greet.hello"] is functions["greet.hello"]


@pytest.mark.behaviour("LDR-06")
def test_a_template_reaches_functions_as_attributes(tree):
    tree.write("modules/greet.py", GREET)
    with tree.space() as space:
        functions = space.table("modules")
        assert functions.greet.hello() == "Hello world"
        assert not hasattr(functions, "nosuch")
        assert not hasattr(functions.greet, "nosuch")


@pytest.mark.behaviour("LDR-05")
def test_names_are_absent_while_a_module_runs_and_there_afterwards(tree):
    tree.write(
        "modules/probe.py",
        """
        EARLY = "__opts__" in globals()

        def seen():
            return EARLY, sorted(name for name in globals() if name.startswith("__") and name.endswith("__"))
        """,
    )
    with tree.space(names={"__jid__": "1"}) as space:
        early, names = space.table("modules")["probe.seen"]()
    assert early is False
    expected = {"__opts__", "__salt__", "__grains__", "__pillar__", "__context__", "__utils__", "__proxy__", "__jid__"}
    assert expected <= set(names)


@pytest.mark.behaviour("LDR-05")
def test_each_module_has_options_of_its_own_and_all_share_the_context(tree):
    source = """
        def set():
            __opts__["test"] = True
            __context__["n"] = __context__.get("n", 0) + 1

        def get():
            return __opts__.get("test"), __context__.get("n")
    """
    tree.write("modules/one.py", source)
    tree.write("modules/two.py", source)
    opts = {"test": False}
    with tree.space(opts) as space, tree.space(opts) as other:
        functions = space.table("modules")
        functions["one.set"]()
        assert functions["one.get"]() == (True, 1)
        assert functions["two.get"]() == (False, 1)
        assert other.table("modules")["one.get"]() == (False, None)
    assert opts == {"test": False}


@pytest.mark.behaviour("LDR-05")
def test_a_kind_sees_itself_under_its_own_name(tree):
    tree.write("runners/site.py", "def one(): return 1\ndef two(): return __salt__['site.one']()\n")
    tree.write(
        "states/mark.py", "def there(name): return __states__['mark.other'](name)\ndef other(name): return name\n"
    )
    tree.write("utils/tool.py", "def grain(): return __grains__['os']\n")
    tree.write("modules/uses.py", "def it(): return __utils__['tool.grain']()\n")
    with tree.space(grains={"os": "Debian"}) as space:
        assert space.table("runners")["site.two"]() == 1
        assert space.table("states")["mark.there"]("x") == "x"
        assert space.table("modules")["uses.it"]() == "Debian"
        with pytest.raises(KeyError):
            space.table("nosuchkind")


@pytest.mark.behaviour("LDR-04")
def test_what_virtual_answers_is_the_name(tree):
    tree.write(
        "modules/one.py", "__virtualname__ = 'first'\ndef __virtual__(): return __virtualname__\ndef f(): return 1\n"
    )
    tree.write("modules/two.py", "def __virtual__(): return ''.join(['sec', 'ond'])\ndef f(): return 2\n")
    tree.write(
        "modules/three.py",
        """
        __virtual_aliases__ = ("third", "drei")
        __virtualname__ = "x"

        def __virtual__(): return True
        def f(): return 3
        """,
    )
    with tree.space() as space:
        functions = space.table("modules")
        assert [functions[f"{name}.f"]() for name in ("first", "second", "third", "drei", "x")] == [1, 2, 3, 3, 3]
        for absent in ("one.f", "two.f", "three.f"):
            assert absent not in functions


@pytest.mark.behaviour("LDR-04", "LDR-16", "JOB-13")
@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("def __virtual__(): return False, 'no moon'\n", "'m' __virtual__ returned False: no moon"),
        ("def __virtual__(): return False\n", "'m' __virtual__ returned False"),
        ("def __virtual__(): return None\n", "'m' __virtual__ returned False"),
        (
            "def __virtual__(): raise ValueError('boom')\n",
            "'m' __virtual__ returned False: Exception raised when processing __virtual__ function for"
            " salt.loaded.ext.module.m. Module will not be loaded: boom",
        ),
        (
            "def __init__(opts): raise ValueError('boom')\n",
            "'m' __virtual__ returned False: __init__ failed: ValueError: boom",
        ),
        ("import no_such_library\n", "'m' __virtual__ returned False: No module named 'no_such_library'"),
        ("import sys; sys.exit(3)\n", "'m' __virtual__ returned False: 3"),
        ("def g(): return 1\n", "'m.f' is not available."),
    ],
)
def test_a_missing_function_says_why(tree, source, text):
    tree.write("modules/m.py", source)
    with tree.space() as space:
        with pytest.raises(FunctionMissingError) as caught:
            space.table("modules")["m.f"]
        assert text == caught.value.reason
        assert caught.value.args == ("m.f",)
        assert not any(name.endswith("modules.m") for name in sys.modules) or "available" in text


def test_a_missing_function_names_the_one_that_is_spelt_alike(tree):
    tree.write("modules/greet.py", GREET)
    with tree.space() as space, pytest.raises(KeyError) as caught:
        space.table("modules")["greet.helo"]
    assert str(caught.value) == "'greet.helo' is not available. Did you mean 'greet.hello'?"


@pytest.mark.behaviour("LDR-16")
def test_the_file_that_fits_the_system_serves_a_virtual_name(tree):
    for stem, family in (("aptpkg", "Debian"), ("yumpkg", "RedHat")):
        tree.write(
            f"modules/{stem}.py",
            f"""
            __virtualname__ = "pkg"

            def __virtual__():
                if __grains__["os_family"] == "{family}":
                    return __virtualname__
                return False, "not for this system ({stem})"

            def where():
                return "{stem}"
            """,
        )
    with tree.space(grains={"os_family": "RedHat"}) as space:
        assert space.table("modules")["pkg.where"]() == "yumpkg"
        assert space.table("modules").file_of("pkg") == "yumpkg"
        assert {"aptpkg": "not for this system (aptpkg)"}.items() <= space.table("modules").refused().items()
    with tree.space(grains={"os_family": "Plan9"}) as space:
        with pytest.raises(FunctionMissingError) as caught:
            space.table("modules")["pkg.where"]
        assert "(aptpkg), not for this system (yumpkg)" in caught.value.reason
    with tree.space({"providers": {"pkg": "aptpkg"}}, grains={"os_family": "RedHat"}) as space:
        assert space.table("modules")["pkg.where"]() == "aptpkg"
        assert "pkg" in space.table("modules").module_names()


@pytest.mark.behaviour("LDR-04")
def test_what_a_module_offers(tree):
    tree.write(
        "modules/shelf.py",
        """
        from functools import partial
        from os.path import basename as imported
        __func_alias__ = {"list_": "list"}
        __outputter__ = {"list": "txt"}
        SEEN = {}

        def __init__(opts):
            SEEN.update(opts)

        class Thing:
            def __call__(self):
                return 1

        thing = Thing()
        part = partial(int, "7")
        shortcut = lambda: 8
        assigned = len

        def list_():
            return SEEN["id"]
        """,
    )
    tree.write("modules/loads.py", "__load__ = ['a']\n__all__ = ['b']\ndef a(): pass\ndef b(): pass\n")
    tree.write("modules/alls.py", "from os.path import join\n__all__ = ['b', 'join']\ndef a(): pass\ndef b(): pass\n")
    with tree.space() as space:
        functions = space.table("modules")
        assert list(functions.functions_of("shelf")) == ["shelf.list", "shelf.shortcut"]
        assert functions["shelf.list"]() == "m1"
        assert functions.outputter("shelf.list") == "txt"
        assert list(functions.functions_of("loads")) == ["loads.a"]
        assert list(functions.functions_of("alls")) == ["alls.b"]


@pytest.mark.behaviour("LDR-13")
def test_a_function_hides_when_what_it_depends_on_is_missing(tree):
    tree.write(
        "modules/deps.py",
        """
        from saltern.plugin_api import depends
        try:
            import json
        except ImportError:
            json = None
        try:
            import no_such_library
        except ImportError:
            no_such_library = None

        @depends("json")
        def there(): return 1

        @depends("no_such_library")
        def hidden(): return 1

        @depends("no_such_library", fallback_function=lambda: "instead")
        def replaced(): return 1

        @depends("test.ping", lambda: True)
        def by_function(): return 1

        @depends("test.nosuch")
        def by_missing_function(): return 1
        """,
    )
    with tree.space() as space:
        functions = space.table("modules")
        assert list(functions.functions_of("deps")) == ["deps.by_function", "deps.replaced", "deps.there"]
        assert functions["deps.replaced"]() == "instead"


@pytest.mark.behaviour("LDR-01")
def test_a_package_may_use_its_own_parts(tree):
    tree.write("modules/pack/__init__.py", "from . import part\nfrom .part import f\ndef top(): return part.f()\n")
    tree.write("modules/pack/part.py", "def f(): return 'part'\n")
    with tree.space() as space:
        assert list(space.table("modules").functions_of("pack")) == ["pack.f", "pack.top"]
        assert space.table("modules")["pack.top"]() == "part"


def test_dataclasses_and_pickles_work_in_a_module(tree):
    tree.write(
        "modules/rich.py",
        """
        from __future__ import annotations
        import dataclasses, pickle

        @dataclasses.dataclass
        class Point:
            x: int

        def there_and_back():
            return pickle.loads(pickle.dumps(Point(3))).x
        """,
    )
    with tree.space() as space:
        assert space.table("modules")["rich.there_and_back"]() == 3


@pytest.mark.behaviour("LDR-02")
def test_of_two_files_with_one_name_the_second_adds_what_the_first_lacks(tree):
    for stem in ("a_first", "b_second"):
        tree.write(
            f"modules/{stem}.py",
            f"def __virtual__(): return 'both'\ndef f(): return '{stem}'\ndef {stem}(): return 1\n",
        )
    with tree.space() as space:
        functions = space.table("modules")
        assert functions["both.f"]() == "a_first"
        assert functions["both.b_second"]() == 1


@pytest.mark.behaviour("LDR-07")
def test_modules_can_be_disabled_or_only_some_allowed(tree):
    tree.write("modules/greet.py", GREET)
    tree.write("returners/out.py", "def returner(ret): pass\n")
    with tree.space({"disable_modules": ["greet"], "disable_returners": ["out"]}) as space:
        assert "greet.hello" not in space.table("modules")
        assert "greet" not in space.table("modules").module_names()
        assert "out.returner" not in space.table("returners")
    with tree.space({"whitelist_modules": ["greet"]}) as space:
        assert space.table("modules").module_names() == ["greet"]


def test_a_module_that_asks_for_itself_while_it_is_loaded_does_not_loop(tree):
    tree.write("modules/me.py", "def __virtual__(): return 'me.f' not in __salt__\ndef f(): return 1\n")
    with tree.space() as space:
        assert space.table("modules")["me.f"]() == 1


@pytest.mark.behaviour("LDR-09")
def test_a_reload_sees_what_changed_and_tables_stay_valid(tree):
    tree.write("modules/one.py", "def f(): return 1\n")
    with tree.space() as space:
        functions = space.table("modules")
        assert functions["one.f"]() == 1
        tree.write("modules/one.py", "def f(): return 'new'\n")
        tree.write("modules/two.py", "def f(): return 2\n")
        assert functions["one.f"]() == 1
        space.reload()
        assert functions["one.f"]() == "new"
        assert functions["two.f"]() == 2


def test_a_closed_space_leaves_nothing_in_the_process(tree):
    tree.write("modules/pack/__init__.py", "from . import part\n")
    tree.write("modules/pack/part.py", "")
    before = set(sys.modules)
    space = tree.space()
    space.table("modules").module_names()
    assert any("pack.part" in name for name in set(sys.modules) - before)
    space.close()
    assert not [name for name in set(sys.modules) - before if name.startswith("saltern_plugins.")]


def test_names_are_injected_for_one_call(tree):
    tree.write("states/s.py", "def seen(): return globals().get('__low__'), globals().get('__env__')\n")
    with tree.space() as space:
        seen = space.table("states")["s.seen"]
        with space.injected_into(seen, __low__={"a": 1}, __env__="base"):
            with space.injected_into(sys.modules[seen.__module__], __env__="dev"):
                assert seen() == ({"a": 1}, "dev")
            assert seen() == ({"a": 1}, "base")
        assert seen() == (None, None)


def test_spaces_share_the_index_and_the_code(tree):
    tree.write("modules/one.py", "def f(): return 1\n")
    index = tree.index()
    with PluginSpace(index, Scope({})) as one, PluginSpace(index, Scope({})) as two:
        first, second = (space.table("modules")["one.f"] for space in (one, two))
        assert first is not second
        assert first.__code__ is second.__code__
        assert isinstance(index, PluginIndex)


def test_a_space_of_twenty_threads_each_stays_its_own(tree):
    import threading

    tree.write(
        "modules/who.py",
        "def am_i(): return __opts__['id'], __salt__['who.grain']()\ndef grain(): return __grains__['n']\n",
    )
    index = tree.index()
    answers = []

    def ask(number: int) -> None:
        with PluginSpace(index, Scope({"id": number}, grains={"n": number})) as space:
            answers.append(space.table("modules")["who.am_i"]())

    index.names("modules")
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == [(number, number) for number in range(20)]


def test_salts_exceptions_are_ours(tree):
    tree.write(
        "modules/exc.py",
        """
        def name():
            from salt.exceptions import CommandExecutionError, SaltException
            return issubclass(CommandExecutionError, SaltException), CommandExecutionError.__module__
        """,
    )
    with tree.space() as space:
        assert space.table("modules")["exc.name"]() == (True, "saltern.plugin_api.errors")
