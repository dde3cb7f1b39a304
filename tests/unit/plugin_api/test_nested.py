"""Looking up and merging nested data, as observed in Salt 3008.2."""

from __future__ import annotations

import pytest

from saltern.plugin_api.nested import merged, traverse

DATA = {
    "site": {"room": {"rack": "r7", "units": [1, 2]}, "tags": ["a", {"k": "v"}]},
    "with": {"colon": "nested"},
    "dicts": [[1, 2], {"x": {"y": 2}}, {"x": 5}],
    "mixed": {"0": "zero", 1: "one"},
    "none": None,
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("site:room:rack", "r7"),
        ("site:room:units:1", 2),
        ("site:tags:k", "v"),
        ("with:colon", "nested"),
        ("dicts:x", {"y": 2}),
        ("dicts:0:1", 2),
        ("dicts:-1", {"x": 5}),
        ("dicts:5", "default"),
        ("mixed:0", "zero"),
        ("mixed:1", "one"),
        ("none", None),
        ("none:deeper", "default"),
        ("site:room:rack:deeper", "default"),
        ("nothing", "default"),
    ],
)
def test_traverse(path, expected) -> None:
    assert traverse(DATA, path, "default") == expected


def test_traverse_with_another_delimiter() -> None:
    assert traverse(DATA, "site|room|rack", delimiter="|") == "r7"


def test_merged_replaces_all_but_dicts_and_changes_neither() -> None:
    weaker, stronger = {"a": {"x": 1, "l": [1]}, "b": 1}, {"a": {"y": 2, "l": [2]}, "b": {"c": 3}}
    assert merged(weaker, stronger) == {"a": {"x": 1, "y": 2, "l": [2]}, "b": {"c": 3}}
    assert (weaker["a"], stronger["b"]) == ({"x": 1, "l": [1]}, {"c": 3})
