"""What a stack of files says when it cannot be read, and how its data merges."""

from __future__ import annotations

from pathlib import Path

import pytest
from asked import asked

from saltern.plugin_api.stack_merge import UnknownStrategy, merged


def stack(place: Path, files: dict[str, str]) -> dict:
    for name, text in files.items():
        (place / name).write_text(text)
    return asked(place, {"stack": str(place / "stack.cfg")})


@pytest.mark.behaviour("PIL-08")
def test_files_are_templates_and_those_that_are_not_there_are_passed_over(tmp_path: Path):
    files = {
        "stack.cfg": "{{ minion_id }}.yml\nnope.yml\nb.yml\n",
        "m1.yml": "a: 1\n",
        "b.yml": "b: {{ stack.a + 1 }}\n",
    }
    assert stack(tmp_path, files) == {"a": 1, "b": 2}


@pytest.mark.behaviour("PIL-08")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: {% if %}\n", "Stack pillar template render error in {}:\n\"Expected an expression, got 'end of statement"),
        ("a: [1\n", "Stack pillar yaml parsing error in {}:\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str, told: str):
    (error,) = stack(tmp_path, {"stack.cfg": "a.yml\n", "a.yml": text})["_errors"]
    assert error.startswith(f"Failed to load ext_pillar stack: {told.format(tmp_path / 'a.yml')}")


def test_an_unknown_strategy_is_told_with_those_that_there_are():
    with pytest.raises(UnknownStrategy, match=r'Unknown strategy "nope", should be one of \(.overwrite., .merge-first'):
        merged({"a": {}}, {"a": {"__": "nope"}})


def test_merging_changes_neither_side():
    old, new = {"a": {"x": [1]}}, {"a": {"__": "merge-first", "x": [2]}}
    assert merged(old, new) == {"a": {"x": [2, 1]}}
    assert (old, new) == ({"a": {"x": [1]}}, {"a": {"__": "merge-first", "x": [2]}})
