"""What states say of others by name: which state is meant, and what it costs to find it."""

from __future__ import annotations

from typing import Any

import pytest

from saltern.states.gather import HighData
from saltern.states.reconcile import reconcile

pytestmark = pytest.mark.behaviour("REQ-01", "STA-08")


class Name(str):
    """A text that counts how often names are compared."""

    compared = 0
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        Name.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def high(**ids: list[Any]) -> HighData:
    found = HighData()
    found.states = {
        name: {"test": ["nop", *arguments], "__sls__": "main", "__env__": "base"} for name, arguments in ids.items()
    }
    return found


def requisites(found: HighData, name: str, word: str) -> Any:
    return [one[word] for one in found.states[name]["test"] if isinstance(one, dict) and word in one]


@pytest.mark.parametrize("word", ["require_in", "use"])
def test_references_by_name_are_found_without_a_look_at_all_states(word: str):
    count = 500
    found = high(
        **{
            f"id{one}": [{"name": Name(f"n{one}")}, {word: [{"test": Name(f"n{(one + 1) % count}")}]}]
            for one in range(count)
        }
    )
    Name.compared = 0
    reconcile(found)
    assert found.errors == []
    assert Name.compared < 20 * count


def test_a_state_that_an_extension_renames_is_found_by_its_new_name_only():
    found = high(a=[{"name": "old"}], b=[{"require_in": [{"test": "new"}]}])
    found.extends = [{"old": {"test": [{"name": "new"}], "__sls__": "main", "__env__": "base"}}]
    reconcile(found)
    assert (found.errors, requisites(found, "a", "require")) == ([], [[{"test": "b"}]])
    renamed = high(a=[{"name": "old"}], b=[{"require_in": [{"test": "old"}]}])
    renamed.extends = [{"old": {"test": [{"name": "new"}], "__sls__": "main", "__env__": "base"}}]
    reconcile(renamed)
    assert "Cannot extend ID 'old'" in renamed.errors[0]


def test_a_name_that_two_states_have_means_neither():
    found = high(a=[{"name": "same"}], b=[{"name": "same"}], c=[{"require_in": [{"test": "same"}]}])
    reconcile(found)
    assert "Cannot extend ID 'same'" in found.errors[0]


def test_a_reference_without_a_name_does_not_mean_the_state_that_has_none():
    # As with Salt: it is looked for under the id None.
    found = high(a=[{"require_in": [{"test": None}]}])
    reconcile(found)
    assert "Cannot extend ID 'None'" in found.errors[0]
