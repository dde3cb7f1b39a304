"""The test module shows what a minion does with arguments, values and failures."""

from __future__ import annotations

import hashlib
import inspect

import pytest
from shipped import Shipped

from saltern.version import VERSION

OURS = ("test", "sys", "config", "event", "saltutil")


@pytest.fixture
def minion(tmp_path):
    shipped = Shipped(tmp_path, grains={"os": "Debian"}, hash_type="md5")
    yield shipped
    shipped.space.close()


@pytest.mark.behaviour("LDR-15")
@pytest.mark.parametrize(
    ("fun", "args", "kwargs", "value"),
    [
        ("ping", [], {}, True),
        ("true", [], {}, True),
        ("false", [], {}, False),
        ("echo", [[1, 2]], {}, [1, 2]),
        ("outputter", ["x"], {}, "x"),
        ("arg", [1, "a"], {"k": "v"}, {"args": (1, "a"), "kwargs": {"k": "v"}}),
        ("arg_clean", [1], {"k": "v", "__pub_x": 1}, {"args": (1,), "kwargs": {"k": "v"}}),
        ("arg_repr", [1, "a"], {"k": "v"}, {"args": "(1, 'a')", "kwargs": "{'k': 'v'}"}),
        (
            "arg_type",
            [1, None],
            {"k": "v"},
            {"args": ["<class 'int'>", "<class 'NoneType'>"], "kwargs": {"k": "<class 'str'>"}},
        ),
        ("kwarg", [], {"a": 1}, {"a": 1}),
        ("version", [], {}, VERSION),
        ("conf_test", [], {}, "unconfigured"),
        ("provider", ["test"], {}, "test"),
        ("provider", ["nosuch"], {}, ""),
        ("sleep", [0], {}, True),
        ("rand_sleep", [0], {}, True),
        ("cross_test", ["test.echo", ["hello"]], {}, "hello"),
        ("try", ["test.echo"], {"text": "x"}, "x"),
        ("try", ["test.exception"], {"message": "boo"}, False),
        ("try", ["test.exception"], {"message": "boo", "return_try_exception": True}, "boo"),
        ("assertion", [True], {}, None),
        ("raise_exception", ["nosuchexception", "x"], {}, False),
        ("tty", ["tty0", "hi"], {}, "ERROR: This function has been moved to cmd.tty"),
    ],
)
def test_functions_answer_as_salts(minion, fun, args, kwargs, value):
    assert minion.call(f"test.{fun}", *args, **kwargs) == value


@pytest.mark.behaviour("LDR-15")
@pytest.mark.parametrize(
    ("fun", "args", "text"),
    [
        ("assertion", [False], "AssertionError"),
        ("exception", ["boom"], "Exception: boom"),
        ("raise_exception", ["ValueError", "foo"], "ValueError: foo"),
        ("raise_exception", ["OSError", 2, "No such", "/x"], "FileNotFoundError: [Errno 2] No such: '/x'"),
        ("raise_exception", ["salt.exceptions.CommandExecutionError", "foo"], "ERROR: foo"),
    ],
)
def test_functions_fail_as_asked(minion, fun, args, text):
    done = minion.outcome(f"test.{fun}", *args)
    assert text in done.value
    assert done.retcode == 1


@pytest.mark.behaviour("LDR-15")
def test_numbers_come_with_the_time_they_took(minion):
    assert [minion.call("test.fib", number)[0] for number in (0, 1, 2, 10)] == [0, 1, 1, 55]
    steps, seconds = minion.call("test.collatz", 3)
    assert (steps, seconds >= 0) == ([3, 10, 5.0, 16.0, 8.0, 4.0, 2.0], True)
    assert "positive" in minion.outcome("test.collatz", 0).value


@pytest.mark.behaviour("LDR-15")
def test_random_digests_have_the_asked_for_kind(minion):
    assert len(minion.call("test.random_hash")) == len(hashlib.md5(b"").hexdigest())
    assert len(minion.call("test.rand_str", hash_type="sha512")) == 128


@pytest.mark.behaviour("LDR-15")
def test_the_report_names_what_is_there(minion):
    report = minion.call("test.module_report")
    assert "test.ping" in report["functions"]
    assert "sys" in report["modules"]
    assert report["missing_attrs"] == report["missing_subs"] == []
    assert minion.call("test.providers")["saltutil"] == "saltutil"


@pytest.mark.behaviour("LDR-15")
def test_what_could_not_be_loaded_is_named(tmp_path):
    minion = Shipped(tmp_path)
    minion.write("cache/extmods/modules/never.py", "def __virtual__(): return False\n")
    minion.space.reload()
    assert "never" in minion.call("test.not_loaded")
    minion.space.close()


@pytest.mark.behaviour("LDR-15", "TRB-02")
def test_versions_and_options_are_told(minion):
    assert minion.call("test.versions_information")["Saltern Version"] == {"Saltern": VERSION}
    assert "Saltern Version:\n       Saltern: " in minion.call("test.versions")
    assert "msgspec: Not" not in minion.call("test.versions_report")
    assert minion.call("test.get_opts")["id"] == "m1"
    assert minion.call("test.opts_pkg")["grains"] == {"os": "Debian"}
    assert "test.py" in minion.call("test.stack")


def test_a_warning_is_only_a_warning(minion):
    with pytest.warns(DeprecationWarning, match="test.deprecation_warning"):
        assert minion.call("test.deprecation_warning") is True


@pytest.mark.behaviour("LDR-12")
@pytest.mark.parametrize("module", OURS)
def test_every_function_says_what_it_does_and_shows_a_command(minion, module):
    for name, function in minion.space.table("modules").functions_of(module).items():
        doc = inspect.getdoc(function) or ""
        assert "CLI Example::" in doc, name
        assert f"saltern run '*' {name}" in doc, name
        assert not doc.startswith("CLI"), name
