"""The order of a run, and what requisites mean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saltern.states.chunks import chunks_of
from saltern.states.graph import link
from saltern.states.needs import Needs
from saltern.states.plan import Plan

pytestmark = pytest.mark.behaviour("STA-10", "REQ-01")


def high(**ids: Any) -> dict[str, Any]:
    return {
        name: {"test": ["nop", {"order": 10_000 + place}, *arguments], "__sls__": "main", "__env__": "base"}
        for place, (name, arguments) in enumerate(ids.items())
    }


def in_order(data: dict[str, Any], *, trials: bool = False) -> list[str]:
    chunks = chunks_of(data)
    links, errors = link(chunks)
    assert errors == []
    plan = Plan(links)
    steps, whole = plan.arranged(chunks)
    assert whole
    return [
        chunks[plan.place_of(step)]["__id__"] + "?" * plan.is_trial(step)
        for step in steps
        if trials or not plan.is_trial(step)
    ]


def test_states_stand_as_they_were_written():
    assert in_order(high(c=[], a=[], b=[])) == ["c", "a", "b"]


def test_what_a_state_needs_is_drawn_forward_to_just_before_it():
    assert in_order(high(a=[], late=[{"require": [{"test": "z"}]}], b=[], z=[])) == ["a", "z", "late", "b"]


def test_a_state_with_prereq_comes_before_the_one_that_it_names():
    data = high(change=[], prepare=[{"prereq": [{"test": "change"}]}])
    assert in_order(data) == ["prepare", "change"]
    assert in_order(data, trials=True) == ["change?", "prepare", "change"]


def test_what_several_states_need_counts_by_the_lowest_of_their_orders():
    data = high(first=[{"require": ["later"]}], x=[], second=[{"require": ["later"]}], later=[])
    assert in_order(data) == ["later", "first", "x", "second"]


def test_a_lighter_requisite_does_not_draw_forward_what_a_heavier_one_has_placed():
    # Recorded from Salt: `watch` is heavier than `require`, and what is written first counts first.
    orders = {"x": 5, "late": 60, "watches": 20, "requires": 10}
    data = high(late=[], watches=[{"watch": ["late"]}], requires=[{"require": ["late"]}], x=[])
    for name, order in orders.items():
        data[name]["test"][1] = {"order": order}
    data["between"] = {"test": ["nop", {"order": 15}], "__sls__": "main", "__env__": "base"}
    assert in_order(data) == ["x", "between", "late", "requires", "watches"]


def test_listen_and_use_do_not_change_the_order():
    assert in_order(high(a=[{"listen": [{"test": "b"}]}], c=[{"use": [{"test": "b"}]}], b=[])) == ["a", "c", "b"]


def circle_in(data: dict[str, Any]) -> list[str]:
    chunks = chunks_of(data)
    links = link(chunks)[0]
    plan = Plan(links)
    assert not plan.arranged(chunks)[1]

    def named(step: int) -> str:
        return chunks[plan.place_of(step)]["__id__"] + "?" * plan.is_trial(step)

    return [f"{named(need.step)} {need.word} {named(need.needed)}" for need in Needs(plan, links).circle()]


def test_a_circle_is_found_and_shown():
    data = high(a=[{"require": ["c"]}], b=[{"require": ["a"]}], c=[{"require": ["b"]}], d=[])
    assert circle_in(data) == ["b require a", "c require b", "a require c"]


def test_a_state_that_needs_itself_is_a_circle():
    assert circle_in(high(a=[{"require": [{"sls": "main"}]}])) == ["a require a"]


def test_a_circle_may_lead_through_a_trial():
    """Recorded from Salt 3008.2 (`state.graph`)."""
    data = high(
        s0=[],
        s1=[{"prereq": [{"test": "s2"}]}],
        s2=[{"onchanges": [{"test": "s1"}, {"test": "s*"}]}],
    )
    assert circle_in(data) == ["s1 prereq s2?", "s2 require s1", "s2? onchanges s2"]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sets(st.integers(0, 7), max_size=3), min_size=1, max_size=8), st.sets(st.integers(0, 7)))
def test_a_circle_is_found_where_the_order_lacks_steps_and_nowhere_else(edges: list[set[int]], tried: set[int]):
    words = {place: "prereq" if place in tried else "require" for place in range(len(edges))}
    ids = {
        f"s{place}": [{words[place]: [f"s{other}" for other in wanted if other < len(edges)]}]
        for place, wanted in enumerate(edges)
    }
    chunks = chunks_of(high(**ids))
    links = link(chunks)[0]
    plan = Plan(links)
    circle = Needs(plan, links).circle()
    assert bool(circle) is not plan.arranged(chunks)[1]
    assert all(one.step == after.needed for one, after in zip(circle, [*circle[1:], *circle[:1]], strict=True))


def test_what_does_not_exist_is_named_with_its_requisite():
    chunks = chunks_of(high(a=[{"watch": [{"file": "/no"}]}], b=[{"require": [{"sls": "other"}]}]))
    assert link(chunks)[1] == [
        "Referenced state does not exist for requisite [watch: (file: /no)] in state [a] in SLS [main]",
        "Referenced state does not exist for requisite [require: (sls: other)] in state [b] in SLS [main]",
    ]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sets(st.integers(0, 30), max_size=4), min_size=1, max_size=31))
def test_every_order_respects_every_need(edges: list[set[int]]):
    # Needs that point backwards cannot make a circle.
    needs = {f"s{place}": [f"s{other}" for other in wanted if other < place] for place, wanted in enumerate(edges)}
    order = in_order(high(**{name: [{"require": wanted}] if wanted else [] for name, wanted in needs.items()}))
    assert sorted(order) == sorted(needs)
    at = {name: number for number, name in enumerate(order)}
    assert all(at[other] < at[name] for name, wanted in needs.items() for other in wanted)


def test_a_chain_of_many_states_needs_no_deep_stack():
    ids = {f"s{place}": [{"require": [f"s{place + 1}"]}] if place < 9_999 else [] for place in range(10_000)}
    order = in_order(high(**ids))
    assert (order[0], order[-1], len(order)) == ("s9999", "s0", 10_000)
