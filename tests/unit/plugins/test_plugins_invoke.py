"""A call gives a value, a retcode and, when it fails, the words that Salt's users know."""

from __future__ import annotations

import subprocess
import sys

import pytest

from saltern.plugins.invoke import invoke, invoke_compound

FAULTS = '''
    """Everything that can go wrong."""
    from saltern.plugin_api import CommandExecutionError, CommandNotFoundError, SaltInvocationError

    def command(): raise CommandExecutionError("the command did not work")
    def invocation(): raise SaltInvocationError("called wrong")
    def notfound(): raise CommandNotFoundError("need foo")
    def value(): raise ValueError("bad value")
    def leaves():
        import sys
        sys.exit(3)

    def wants(text):
        """Doc of wants.

        CLI Example: x
        """
        return text

    def inner():
        return 1 + "a"

    def retc(n=3):
        __context__["retcode"] = n
        return "r"

    def says(**kwargs): return kwargs
    def pos(a, b=2, *args, **kwargs): return [a, b, args, kwargs]
    def kwonly(a, *, b=3): return [a, b]
'''


@pytest.fixture
def space(tree):
    tree.write("modules/probe.py", FAULTS)
    tree.write("modules/refused.py", "def __virtual__(): return False, 'the moon is not full'\n")
    with tree.space() as space:
        yield space


@pytest.mark.behaviour("JOB-13")
@pytest.mark.parametrize(
    ("fun", "args", "text", "message"),
    [
        (
            "probe.command",
            [],
            "ERROR: the command did not work",
            "Error running 'probe.command': the command did not work",
        ),
        (
            "probe.invocation",
            [],
            "ERROR executing 'probe.invocation': called wrong",
            "Passed invalid arguments: called wrong.\n\nUsage:\n",
        ),
        (
            "probe.notfound",
            [],
            "Command required for 'probe.notfound' not found: need foo",
            "Command required for 'probe.notfound' not found: need foo",
        ),
        ("nosuch.fun", [], "'nosuch.fun' is not available.", "'nosuch.fun' is not available."),
        ("nodots", [], "'nodots' is not available.", "'nodots' is not available."),
        (
            "refused.ping",
            [],
            "'refused' __virtual__ returned False: the moon is not full",
            "'refused' __virtual__ returned False: the moon is not full",
        ),
        (
            "test.ping",
            [{"a": 1, "b": "x", "__kwarg__": True}],
            "ERROR executing 'test.ping': The following keyword arguments are not valid: a=1, b=x",
            "Passed invalid arguments: The following keyword arguments are not valid: a=1, b=x.\n\nUsage:\n",
        ),
    ],
)
def test_a_failure_is_told_in_salts_words(space, fun, args, text, message):
    done = invoke(space, fun, args)
    assert (text, 1, False, "nested") == (done.value, done.retcode, done.success, done.out)
    assert done.faults[0].as_message().startswith(message)


@pytest.mark.behaviour("JOB-13")
def test_wrong_arguments_are_told_with_the_docstring(space):
    done = invoke(space, "probe.wants")
    assert done.value.startswith(
        "Passed invalid arguments to probe.wants: wants() missing 1 required positional argument: 'text'\n"
    )
    assert "Doc of wants." in done.value
    assert "CLI Example: x" in done.value
    too_many = invoke(space, "test.ping", [1])
    assert (
        "Passed invalid arguments to test.ping: ping() takes 0 positional arguments but 1 was given" in too_many.value
    )


@pytest.mark.behaviour("JOB-13")
@pytest.mark.parametrize(
    ("fun", "last"), [("value", "ValueError: bad value"), ("inner", "TypeError: "), ("leaves", "SystemExit: 3")]
)
def test_any_other_exception_is_told_with_its_traceback(space, fun, last):
    done = invoke(space, f"probe.{fun}")
    assert done.value.startswith("The minion function caused an exception: Traceback (most recent call last):\n")
    assert last in done.value.splitlines()[-1]
    assert "probe.py" in done.value.splitlines()[1]
    assert "invoke.py" not in done.value


@pytest.mark.behaviour("JOB-13")
def test_an_unknown_function_shows_those_that_begin_alike(space):
    done = invoke(space, "test.ech")
    assert list(done.value) == ["test.echo", "test.ech"]
    assert done.value["test.ech"] == "'test.ech' is not available."
    assert "Give back" in done.value["test.echo"]
    assert (done.retcode, done.success) == (1, False)


@pytest.mark.behaviour("JOB-12")
@pytest.mark.parametrize(
    ("fun", "kwargs", "retcode"),
    [
        ("probe.retc", {}, 3),
        ("probe.retc", {"n": 0}, 0),
        ("probe.retc", {"n": {"a": 1}}, 1),
        ("test.false", {}, 0),
        ("test.retcode", {}, 42),
        ("test.kwarg", {"result": False}, 1),
        ("test.kwarg", {"success": False}, 1),
        ("test.kwarg", {"result": None}, 1),
        ("test.kwarg", {"result": True, "success": True}, 0),
    ],
)
def test_the_retcode_comes_from_the_context_or_the_result(space, fun, kwargs, retcode):
    done = invoke(space, fun, kwargs=kwargs)
    assert (retcode, retcode == 0) == (done.retcode, done.success)
    assert invoke(space, "test.ping").retcode == 0


@pytest.mark.behaviour("LDR-11")
def test_keywords_travel_flagged_and_the_job_is_told_to_those_who_want_it(space):
    job = {
        "fun": "probe.says",
        "jid": "1",
        "arg": [],
        "tgt": "*",
        "tgt_type": "glob",
        "ret": "",
        "user": "root",
        "x": 1,
    }
    public = {f"__pub_{key}": value for key, value in job.items() if key != "x"}
    assert {"a": 1, **public} == invoke(space, "probe.says", [{"a": 1, "__kwarg__": True}], publication=job).value
    assert invoke(space, "probe.pos", [1, {"b": 5, "__kwarg__": True}]).value == [1, 5, (), {}]
    assert invoke(space, "probe.kwonly", [1], {"b": 5}, publication=job).value == [1, 5]
    assert invoke(space, "probe.pos", [1, {"b": 5}]).value[:2] == [1, {"b": 5}]


@pytest.mark.behaviour("JOB-14")
@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("yield {'a': 1}\n    yield {'b': 2}", {"a": 1, "b": 2}),
        ("yield 1\n    yield 2", [1, 2]),
        ("yield [1]\n    yield [2]", [[1], [2]]),
        ("yield 2\n    yield {'a': 1}", [2, {"a": 1}]),
        ("return\n    yield", {}),
    ],
)
def test_a_generators_items_are_told_one_by_one_and_merged(tree, body, value):
    tree.write("modules/gen.py", f"def items():\n    {body}\n")
    told = []
    with tree.space() as space:
        done = invoke(space, "gen.items", on_item=told.append)
    assert value == done.value
    assert len(value) == len(told)


def test_a_generator_that_fails_half_way_has_told_what_it_had(tree):
    tree.write("modules/gen.py", "def items():\n    yield 1\n    raise ValueError('x')\n")
    told = []
    with tree.space() as space:
        done = invoke(space, "gen.items", on_item=told.append)
    assert told == [1]
    assert "ValueError: x" in done.value


@pytest.mark.behaviour("JOB-15")
def test_a_compound_call_is_keyed_by_function(space):
    done = invoke_compound(space, ["test.echo", "probe.retc", "probe.value", "test.ping"], [["a"], [], []])
    assert [done.value[fun] for fun in ("test.echo", "probe.retc", "test.ping")] == ["a", "r", True]
    assert done.retcode == {"test.echo": 0, "probe.retc": 3, "probe.value": 1, "test.ping": 0}
    assert done.success == {"test.echo": True, "probe.retc": False, "probe.value": False, "test.ping": True}
    assert [fault.fun for fault in done.faults] == ["probe.value"]


@pytest.mark.behaviour("JOB-15")
def test_an_ordered_compound_call_gives_lists(space):
    done = invoke_compound(space, ["test.echo", "test.echo", "test.nosuch"], [["a"], ["b"], []], ordered=True)
    assert done.value == ["a", "b", "'test.nosuch' is not available."]
    assert (done.retcode, done.success) == ([0, 0, 1], [True, True, False])
    assert invoke_compound(space, ["test.echo", "test.echo"], [["a"], ["b"]]).value == {"test.echo": "b"}


def test_a_functions_outputter_is_told(tree):
    tree.write("modules/out.py", "__outputter__ = {'f': 'txt'}\ndef f(): return 1\ndef g(): return 1\n")
    with tree.space() as space:
        assert [invoke(space, f"out.{fun}").out for fun in "fg"] == ["txt", ""]


@pytest.mark.behaviour("LDR-10")
def test_executors_stand_before_the_function(tree):
    tree.write("executors/count.py", "def execute(opts, data, func, args, kwargs):\n    __context__['n'] = len(args)\n")
    tree.write(
        "executors/shout.py",
        "def execute(opts, data, func, args, kwargs):\n    return func(*args, **kwargs).upper() + data['jid']\n",
    )
    with tree.space({"module_executors": ["count", "shout"]}) as space:
        assert invoke(space, "test.echo", ["hi"], publication={"jid": "7"}).value == "HI7"
        assert space.scope.context["n"] == 1
        assert invoke(space, "test.echo", ["hi"], publication={"module_executors": "direct_call"}).value == "hi"


def test_a_builtin_or_a_wrapped_function_is_checked_by_its_own_signature(tree):
    tree.write(
        "modules/wrap.py",
        """
        import functools

        def logged(function):
            @functools.wraps(function)
            def inner(*args, **kwargs):
                return function(*args, **kwargs)
            return inner

        @logged
        def only(a): return a
        """,
    )
    with tree.space() as space:
        assert invoke(space, "wrap.only", [1]).value == 1
        assert "are not valid: b=2" in invoke(space, "wrap.only", [1], {"b": 2}).value


def test_ping_needs_no_heavy_library(tmp_path):
    script = (
        "import sys, msgspec  # which each of our processes has\n"
        "before = set(sys.modules)\n"
        "from saltern.plugins.index import PluginIndex\n"
        "from saltern.plugins.search import SearchPath\n"
        "from saltern.plugins.scope import Scope\n"
        "from saltern.plugins.space import PluginSpace\n"
        "from saltern.plugins.invoke import invoke\n"
        "for cache in range(2):\n"
        "    space = PluginSpace(PluginIndex(SearchPath(), sys.argv[1]), Scope({}))\n"
        "    assert invoke(space, 'test.ping').value is True\n"
        "heavy = {'inspect', 'dataclasses', 'typing', 'yaml', 'asyncio', 'jinja2', 'sqlite3', 'cryptography'}\n"
        "print(sorted(heavy & (set(sys.modules) - before)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
