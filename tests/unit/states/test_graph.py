"""The order of a run, and what requisites mean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saltern.states.chunks import chunks_of
from saltern.states.graph import arranged, before, link

pytestmark = pytest.mark.behaviour("STA-10", "REQ-01")


def high(**ids: Any) -> dict[str, Any]:
    return {
        name: {"test": ["nop", {"order": 10_000 + place}, *arguments], "__sls__": "main", "__env__": "base"}
        for place, (name, arguments) in enumerate(ids.items())
    }


def in_order(data: dict[str, Any]) -> list[str]:
    chunks = chunks_of(data)
    links, errors = link(chunks)
    assert errors == []
    order, circle = arranged(before(links))
    assert circle == []
    return [chunks[place]["__id__"] for place in order]


def test_states_stand_as_they_were_written():
    assert in_order(high(c=[], a=[], b=[])) == ["c", "a", "b"]


def test_what_a_state_needs_is_drawn_forward_to_just_before_it():
    assert in_order(high(a=[], late=[{"require": [{"test": "z"}]}], b=[], z=[])) == ["a", "z", "late", "b"]


def test_a_state_with_prereq_comes_before_the_one_that_it_names():
    assert in_order(high(change=[], prepare=[{"prereq": [{"test": "change"}]}])) == ["prepare", "change"]


def test_listen_and_use_do_not_change_the_order():
    assert in_order(high(a=[{"listen": [{"test": "b"}]}], c=[{"use": [{"test": "b"}]}], b=[])) == ["a", "c", "b"]


def test_a_circle_is_found_and_shown():
    chunks = chunks_of(high(a=[{"require": ["c"]}], b=[{"require": ["a"]}], c=[{"require": ["b"]}], d=[]))
    _, circle = arranged(before(link(chunks)[0]))
    assert {chunks[place]["__id__"] for place in circle} == {"a", "b", "c"}


def test_what_does_not_exist_is_named_with_its_requisite():
    chunks = chunks_of(high(a=[{"watch": [{"file": "/no"}]}], b=[{"require": [{"sls": "other"}]}]))
    assert link(chunks)[1] == [
        "Referenced state does not exist for requisite [watch: (file: /no)] in state [a] in SLS [main]",
        "Referenced state does not exist for requisite [require: (sls: other)] in state [b] in SLS [main]",
    ]


@given(st.lists(st.sets(st.integers(0, 30), max_size=4), min_size=1, max_size=31))
def test_every_order_respects_every_need(edges: list[set[int]]):
    # Needs that point backwards cannot make a circle.
    needs = [{other for other in wanted if other < place} for place, wanted in enumerate(edges)]
    order, circle = arranged(needs)
    assert circle == []
    assert sorted(order) == list(range(len(needs)))
    at = {place: number for number, place in enumerate(order)}
    assert all(at[other] < at[place] for place, wanted in enumerate(needs) for other in wanted)


def test_a_chain_of_many_states_needs_no_deep_stack():
    needs = [{place + 1} if place < 49_999 else set() for place in range(50_000)]
    order, circle = arranged(needs)
    assert (order[0], order[-1], circle) == (49_999, 0, [])
