"""States that wait for what a function gives, and those that bring plugins; texts are those of Salt 3008.2."""

from __future__ import annotations

import pytest
from shipped import Shipped


@pytest.fixture
def minion(tmp_path) -> Shipped:
    return Shipped(tmp_path)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("test.ping", {"condition": "m_ret is True"}, (True, "Condition m_ret is True was met")),
        (
            "test.ping",
            {"condition": "m_ret is False", "timeout": 0.02, "period": 0.01},
            (False, "Timed out while waiting for condition m_ret is False"),
        ),
        ("nosuch.fn", {"condition": "m_ret"}, (False, "Cannot find module nosuch.fn")),
        ("test.ping", {}, (False, "An exit condition must be specified")),
        ("test.ping", {"condition": "True", "test": True}, (None, "The execution module test.ping will be run")),
        ("test.echo", {"m_args": ["a"], "condition": "m_ret == 'a'"}, (True, "Condition m_ret == 'a' was met")),
    ],
)
def test_until(minion, name, options, expected):
    done = minion.state("loop.until", name, **options)
    assert (done["result"], done["comment"], done["changes"]) == (*expected, {})


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"expected": "abc"}, (True, "Call provided the expected results in 1 attempts")),
        ({"expected": "b", "compare_operator": "contains"}, (True, "Call provided the expected results in 1 attempts")),
        (
            {"expected": "x", "timeout": 2, "period": 1},
            (False, "Call did not produce the expected result after 2 attempts"),
        ),
        ({"expected": "x", "compare_operator": "nosuch"}, (False, 'Invalid operator "nosuch" supplied.')),
        ({"expected": "x", "test": True}, (None, 'Would have waited for "test.echo" to produce "x".')),
    ],
)
def test_until_no_eval(minion, options, expected):
    done = minion.state("loop.until_no_eval", "test.echo", args=["abc"], **options)
    assert (done["result"], done["comment"]) == expected


def test_a_file_that_appears_is_waited_for(minion, tmp_path):
    minion.write(
        "base/_modules/later.py",
        "CALLS = []\n\n\ndef there():\n    CALLS.append(1)\n    return len(CALLS)\n",
    )
    done = minion.state("saltutil.sync_modules", "x")
    assert (done["comment"], done["changes"]) == ("Updated modules.", {"modules": ["modules.later"]})
    again = minion.state("saltutil.sync_modules", "x")
    assert (again["comment"], again["changes"]) == ("No updates to sync", {})
    done = minion.state("loop.until", "later.there", condition="m_ret == 3", period=0.01, timeout=5)
    assert done["result"] is True


def test_a_dry_run_of_a_sync(minion):
    done = minion.state("saltutil.sync_all", "x", test=True)
    assert (done["result"], done["comment"]) == (None, "saltutil.sync_all would have been run")
    minion.write("base/_grains/colour.py", "def colour():\n    return {'colour': 'red'}\n")
    done = minion.state("saltutil.sync_all", "x")
    assert (done["comment"], done["changes"]) == ("Sync performed", {"grains": ["grains.colour"]})
