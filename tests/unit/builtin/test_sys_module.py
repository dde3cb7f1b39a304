"""The sys module tells of modules, functions, docstrings and arguments, of every kind."""

from __future__ import annotations

import pytest
from shipped import Shipped


@pytest.fixture
def minion(tmp_path):
    shipped = Shipped(tmp_path)
    shipped.write(
        "cache/extmods/modules/probe.py",
        "def pos(a, b=2, *args, **kwargs):\n    '''Doc of pos.'''\ndef kwonly(a, *, b=3): pass\ndef _hidden(): pass\n",
    )
    shipped.write("cache/extmods/states/mark.py", "'''Marks.'''\ndef there(name, text='x', tries=3): pass\n")
    shipped.write("cache/extmods/runners/site.py", "def one(a): 'Doc of one.'\n")
    shipped.write("cache/extmods/returners/out.py", "def returner(ret): 'Doc of returner.'\ndef get_jid(jid): pass\n")
    shipped.write("cache/extmods/renderers/lines.py", "'''Lines.'''\ndef render(template): pass\n")
    yield shipped
    shipped.space.close()


@pytest.mark.behaviour("LDR-12")
@pytest.mark.parametrize(
    ("fun", "args", "value"),
    [
        ("list_modules", ["pro*"], ["probe"]),
        ("list_modules", ["test", "sy?"], ["sys", "test"]),
        ("list_functions", ["probe"], ["probe.kwonly", "probe.pos"]),
        ("list_functions", ["sys.list_mod*", "test.pin*"], ["sys.list_modules", "test.ping"]),
        ("list_functions", ["prob*"], ["probe.kwonly", "probe.pos"]),
        ("list_functions", ["nosuch"], []),
        ("list_state_modules", ["mark"], ["mark"]),
        ("list_state_functions", ["mark"], ["mark.there"]),
        ("list_runners", ["site"], ["site"]),
        ("list_runner_functions", ["site.o*"], ["site.one"]),
        ("list_returners", ["out"], ["out"]),
        ("list_returner_functions", ["out"], ["out.get_jid", "out.returner"]),
        ("list_renderers", ["li*"], ["lines"]),
        ("doc", ["probe.p*"], {"probe.pos": "Doc of pos."}),
        ("doc", ["probe"], {"probe.kwonly": None, "probe.pos": "Doc of pos."}),
        ("doc", ["nosuch"], {}),
        ("runner_doc", ["site"], {"site.one": "Doc of one."}),
        ("returner_doc", ["out.returner"], {"out.returner": "Doc of returner."}),
        ("renderer_doc", ["lines"], {"lines": "Lines."}),
        ("state_doc", ["mark"], {"mark": "Marks.", "mark.there": None}),
        (
            "argspec",
            ["probe.pos"],
            {"probe.pos": {"args": ["a", "b"], "defaults": [2], "varargs": True, "kwargs": True}},
        ),
        (
            "argspec",
            ["probe.kw*"],
            {"probe.kwonly": {"args": ["a", "b"], "defaults": [3], "varargs": None, "kwargs": None}},
        ),
        ("argspec", ["test.ping"], {"test.ping": {"args": None, "defaults": None, "varargs": None, "kwargs": None}}),
        ("runner_argspec", ["site"], {"site.one": {"args": ["a"], "defaults": None, "varargs": None, "kwargs": None}}),
        ("reload_modules", [], None),
    ],
)
def test_answers(minion, fun, args, value):
    assert minion.call(f"sys.{fun}", *args) == value


@pytest.mark.behaviour("LDR-12")
def test_without_a_name_all_are_told(minion):
    assert {"probe.pos", "test.ping", "sys.doc"} <= set(minion.call("sys.doc"))
    assert {"probe", "test", "config", "event", "saltutil"} <= set(minion.call("sys.list_modules"))
    assert "probe.pos" in minion.call("sys.argspec")
    assert minion.call("sys.returner_argspec", "out.get_jid")["out.get_jid"]["args"] == ["jid"]


@pytest.mark.behaviour("LDR-12")
def test_a_states_arguments_as_a_schema(minion):
    (schema,) = minion.call("sys.state_schema", "mark.there")
    assert (schema["title"], schema["x-ordering"]) == ("mark.there", ["name", "text", "tries"])
    string = {"type": "string", "default": "x", "title": "text", "description": "text"}
    assert schema["properties"]["text"]["oneOf"][-1] == string
    assert [one["type"] for one in schema["properties"]["name"]["oneOf"]] == ["boolean", "integer", "number", "string"]


@pytest.mark.behaviour("LDR-09")
def test_a_module_that_came_later_is_there_after_a_reload(minion):
    minion.call("test.ping")
    minion.write("cache/extmods/modules/later.py", "def f(): return 1\n")
    assert minion.outcome("later.f").retcode == 1
    minion.call("sys.reload_modules")
    assert minion.call("later.f") == 1
