"""States written as calls: what goes beyond Salt's renderer of that name, and how errors tell their place."""

from __future__ import annotations

import pytest
from trees import Site

from saltern.errors import RenderError
from saltern.plugin_api.errors import StatesInvalidError

MODULE = """#!pydsl
state("lib").test.nop()
def many(number):
    for i in range(number):
        state(f"n{i}").test.nop()
"""


def rendered(body: str, **files: str):
    tree = {"x.sls": f"#!pydsl\n{body}\n", "lib/m.sls": MODULE, **files}
    with Site(tree) as site:
        return site.rendering.file("x.sls", sls="x").data


@pytest.mark.behaviour("RND-09")
def test_all_requisites_of_a_kind_are_in_one_list():
    data = rendered(
        "__pydsl__.set(ordered=True)\nstate('a').test.nop()\n"
        "state('b').test.nop(require=[{'sls': 'y'}]).require(state('a').test, pkg='p').require(pkg='p')"
    )
    assert data["b"] == {"test": ["nop", {"require": [{"sls": "y"}, {"test": "a"}, {"pkg": "p"}]}]}


@pytest.mark.behaviour("RND-09")
def test_arguments_may_have_any_name():
    data = rendered(
        "__pydsl__.set(ordered=True)\nstate('a').test('nop', function=1, self=2, kind=3)\n"
        "state('b').test.nop(['x'], 'require', require='c')"
    )
    assert data["a"] == {"test": ["nop", {"function": 1}, {"self": 2}, {"kind": 3}]}
    assert data["b"] == {"test": ["nop", {"require": [{"test": "a"}]}, {"name": ["x"]}, "require", {"require": "c"}]}


@pytest.mark.behaviour("RND-09")
def test_an_id_may_be_extended_several_times():
    data = rendered(
        "extend(state('a').test.nop(), state('a').file.require_any(test='b'))\nextend(state('a').cmd.run('x'))"
    )
    assert data == {
        "extend": {"a": {"test": ["nop"], "file": [{"require_any": [{"test": "b"}]}], "cmd": ["run", {"name": "x"}]}}
    }


@pytest.mark.behaviour("RND-09")
def test_ids_that_nobody_gave_belong_to_the_file_and_differ():
    first, second = rendered("state().test.nop()\nstate().test.nop()")
    assert first.startswith(".")
    assert first != second


@pytest.mark.behaviour("RND-09")
def test_a_file_that_is_included_runs_once_for_its_includer_and_the_compiler():
    files = {
        "x.sls": "#!pydsl\ninclude('.lib.m').many(2)\nstate('same').test.nop(same=include('y') is include('y'))",
        "y.sls": "#!pydsl\n__opts__['ran'].append('y')\nstate('y').test.nop()",
        "lib/m.sls": MODULE,
    }
    ran: list[str] = []
    with Site(files, opts={"ran": ran}) as site:
        engine = site.space.service("__state_engine__")
        first, second = (engine.gathered({"base": ["x"]}) for _ in range(2))
    assert set(first) == {"same", "n0", "n1", "lib", "y"}
    assert {"same": True} in first["same"]["test"]
    assert first == second
    assert ran == ["y", "y"]


@pytest.mark.behaviour("RND-09")
def test_files_that_include_each_other_see_what_there_is():
    data = rendered(
        "y = include('y')\nstate('a').test.nop(x=y.seen)", **{"y.sls": "#!pydsl\nseen = include('x').__name__"}
    )
    assert data == {"include": ["y"], "a": {"test": ["nop", {"x": "x"}]}}


@pytest.mark.behaviour("RND-09")
@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("state('a').test.nop()\nstate('b').test", 3, "No state function specified for module: test"),
        ("\nstate('b').test.nop().require(test=['a'])", 3, "Invalid a requisite reference declaration! test: ['a']"),
        ("\n\n__pydsl__.set(orderd=True)", 4, "__pydsl__ has no option 'orderd', only 'ordered'"),
        (
            "extend(state('a').cmd)",
            2,
            "extend() takes state functions, such as state('id').cmd.run(...), and not 'cmd'",
        ),
        ("include(['a'])", 2, "include() takes names of SLS files, each as a text of its own, and not (['a'],)"),
        ("def f():\n  raise ValueError('own')\nf()", 3, "own"),
    ],
)
def test_errors_tell_their_line(body: str, line: int, message: str):
    with pytest.raises(RenderError) as caught:
        rendered(body)
    assert (caught.value.file, caught.value.line, caught.value.message) == ("salt://x.sls", line, message)
    assert caught.value.unforeseen


@pytest.mark.behaviour("RND-09")
def test_a_requisite_that_there_is_not_is_told_with_those_that_there_are():
    with pytest.raises(RenderError, match=r"no requisite 'requires': there are listen, .*watch_in") as caught:
        rendered("state('a').test.nop().requires(test='b')")
    assert caught.value.line == 2


@pytest.mark.behaviour("RND-09")
def test_a_state_that_fails_while_its_file_is_rendered_fails_the_file():
    files = {"x.sls": "#!pydsl\ns = state('a')\ns.test.fail_without_changes()\ns()"}
    with Site(files, opts={"file_client": "local"}) as site, pytest.raises(StatesInvalidError) as caught:
        site.space.service("__state_engine__").gathered({"base": ["x"]})
    told = "Failed executing low state at compile time: test_|-a_|-a_|-fail_without_changes: Failure!"
    assert caught.value.messages == [f"Rendering SLS x failed, render error: {told}"]


@pytest.mark.behaviour("RND-09")
def test_no_states_can_be_declared_when_states_run():
    module = rendered("state('a').cmd.call(lambda: state('b').test.nop())")["a"]["cmd"]
    with pytest.raises(RenderError, match="while their file is rendered only"):
        next(one["func"] for one in module if "func" in one)()
