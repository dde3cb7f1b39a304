"""Outputters show any data, and what they cannot show another one does."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from saltern.builtin.outputters import MODULES, load, render

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.behaviour("OUT-01", "OUT-05")
@pytest.mark.parametrize("name", [*MODULES, "no_such_outputter", "", "../nested"])
@given(data=VALUES, colour=st.booleans())
def test_every_outputter_makes_a_text_of_anything(name, data, colour):
    assert isinstance(render(name, {"m1": data}, {"color": colour}), str)
    assert isinstance(render(name, data, {"color": colour}), str)


@pytest.mark.behaviour("OUT-01")
def test_the_shipped_outputters_have_salts_names():
    salts = {"nested", "highstate", "json", "yaml", "raw", "pprint", "txt", "key", "quiet", "no_return", "table"}
    assert salts <= set(MODULES)
    for name, stem in MODULES.items():
        module = importlib.import_module(f"saltern.builtin.outputters.{stem}")
        assert getattr(module, "__virtualname__", stem) == ("txt" if name == "text" else name)
        assert callable(module.output)


@pytest.mark.behaviour("OUT-05")
def test_an_unknown_outputter_is_replaced_by_nested():
    assert render("nope", {"m1": 5}, {}) == render("nested", {"m1": 5}, {})
    assert load("nope", {}) is None
    assert load("os", {}) is None


@pytest.mark.behaviour("OUT-05")
def test_data_that_an_outputter_cannot_read_is_shown_by_nested():
    broken = {"m1": {"what": {"result": True}}}
    assert render("highstate", broken, {}) == render("nested", broken, {})


@pytest.mark.behaviour("OUT-05")
def test_data_too_deep_for_any_outputter_is_named():
    deep = "end"
    for _ in range(5_000):
        deep = [deep]
    assert "too deep" in render("nested", {"m1": deep}, {})


@pytest.mark.behaviour("OUT-01")
def test_quiet_prints_nothing_and_values_stand_alone():
    assert render("quiet", {"m1": "text"}, {}) == ""
    assert render("newline_values_only", {"m1": ["a", "b"], "m2": "c"}, {}) == "a\nb\nc"


@pytest.mark.behaviour("OUT-04")
def test_json_takes_what_json_does_not_know():
    text = render("json", {"m1": {"bytes": b"x\xff", "set": {2, 1}, (1, 2): None}}, {"output_indent": -1})
    assert json.loads(text) == {"m1": {"bytes": "x\\xff", "set": [1, 2], "(1, 2)": None}}
    loop: dict[str, object] = {}
    loop["self"] = loop
    assert json.loads(render("json", loop, {})) == {"self": "..."}


@given(VALUES)
def test_yaml_can_be_read_again(data):
    yaml.safe_load(render("yaml", {"m1": data}, {}))


def test_yaml_takes_what_yaml_does_not_know():
    text = render("yaml", {"m1": {"tuple": (1, 2), "other": {3}, "again": [None, object]}}, {})
    assert yaml.safe_load(text)["m1"]["tuple"] == [1, 2]
    shared = ["a"]
    assert "&" not in render("yaml", {"m1": shared, "m2": shared}, {})


@pytest.mark.behaviour("OUT-02")
def test_escape_characters_of_a_minion_reach_the_terminal_only_if_wanted():
    evil = {"m1": {"\x1b[2Jkey": "\x1b[31mtext"}}
    for name in ("nested", "key", "no_return", "highstate"):
        assert "\x1b" not in render(name, evil, {})
    assert "\x1b[31m" in render("nested", evil, {"strip_colors": False})


@pytest.mark.behaviour("OUT-02", "OUT-03")
def test_names_are_red_when_the_return_code_is_not_0():
    assert render("nested", {"m1": "x"}, {"color": True}, _retcode=1).startswith("\x1b[0;31mm1")
    assert render("nested", {"m1": "x"}, {"color": True}, _retcode=0).startswith("\x1b[0;36mm1")
    assert "\x1b" not in render("nested", {"m1": "x"}, {}, _retcode=1)


@pytest.mark.behaviour("OUT-02")
def test_a_theme_changes_colours(tmp_path):
    theme = tmp_path / "theme"
    theme.write_text('CYAN: "0;35"\n')
    assert render("nested", {"m1": "x"}, {"color": True, "color_theme": str(theme)}).startswith("\x1b[0;35mm1")


@pytest.mark.parametrize("content", [None, "- just\n- a list\n", "{", "\x00"])
def test_a_broken_theme_leaves_the_usual_colours(tmp_path, content):
    theme = tmp_path / "theme"
    if content is not None:
        theme.write_text(content)
    assert render("nested", {"m1": "x"}, {"color": True, "color_theme": str(theme)}).startswith("\x1b[0;36mm1")


@pytest.mark.parametrize("name", ["nested", "txt", "raw", "json"])
def test_the_usual_outputters_import_little(name):
    code = (
        "import sys; before = set(sys.modules); from saltern.builtin.outputters import render;"
        f"render({name!r}, {{'m1': True}}, {{}});"
        "print(*sorted({'yaml', 'typing', 'dataclasses', 'logging', 'textwrap', 'pprint', 'argparse'} "
        "& (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == ""
