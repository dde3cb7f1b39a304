"""Every function that users call shows how, and the example can be typed as it stands."""

from __future__ import annotations

import inspect
import shlex

import pytest

from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace
from saltern.salt_compat.arguments import parse_words

COMMANDS = {"modules": "saltern run '*' ", "runners": "saltern runner ", "wheel": "saltern wheel "}


def shipped_functions():
    with PluginSpace(PluginIndex(SearchPath(installed=False)), Scope({"id": "m1"})) as space:
        for kind, command in COMMANDS.items():
            for module in space.table(kind).module_names():
                for name, function in space.table(kind).functions_of(module).items():
                    yield pytest.param(command, name, function, id=f"{kind}-{name}")


@pytest.mark.parametrize(("command", "name", "function"), list(shipped_functions()))
def test_the_examples_of_a_function_are_calls_of_it(command, name, function):
    summary, heading, block = inspect.getdoc(function).partition("\n\nCLI Example::\n\n")
    assert summary
    assert heading
    assert block
    own_name = f"{name.partition('.')[0]}.{function.__name__}"
    for line in block.splitlines():
        assert line.startswith(f"    {command}")
        words = shlex.split(line.strip().removeprefix(command))
        assert words.pop(0) in (name, own_name)
        options = next((place for place, word in enumerate(words) if word.startswith("--")), len(words))
        args, kwargs = parse_words(words[:options])
        inspect.signature(function).bind(*args, **kwargs)
