"""How pillar data from several places becomes one: answers as recorded from Salt 3008.2."""

from __future__ import annotations

import pytest

from saltern.pillar.merge import nested, strategy

pytestmark = pytest.mark.behaviour("PIL-04")
ONE = {"d": {"a": 1, "l": [1], "s": {"x": 1}}, "only": 1}
TWO = {"d": {"b": 2, "l": [2], "s": "text"}}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("recurse", {"d": {"a": 1, "b": 2, "l": [2], "s": "text"}, "only": 1}),
        ("smart", {"d": {"a": 1, "b": 2, "l": [2], "s": "text"}, "only": 1}),
        ("overwrite", {"d": {"b": 2, "l": [2], "s": "text"}, "only": 1}),
        ("list", {"d": {"a": 1, "b": 2, "l": [1, [2]], "s": [{"x": 1}, "text"]}, "only": 1}),
    ],
)
def test_strategies(name: str, expected: object):
    assert strategy(name)(ONE, TWO) == expected
    assert ONE["d"]["l"] == [1], "what is merged stays as it was"


def test_lists_are_joined_without_repeats_where_that_is_wanted():
    merge = strategy("smart", merge_lists=True)
    assert merge({"l": ["a", "b"]}, {"l": ["b", "c"]}) == {"l": ["a", "b", "c"]}


def test_data_under_a_key_of_several_steps():
    assert nested({"p": 1}, "a:b") == {"a": {"b": {"p": 1}}}
