from __future__ import annotations

import pytest

from saltern.batch.records import BatchPlan
from saltern.batch.sizes import size_of
from saltern.errors import UserError

SIZES = [("10", 3, 10), ("1", 50, 1), ("50%", 3, 1), ("25%", 100, 25), ("1%", 3, 1), ("100%", 7, 7), (" 33% ", 9, 2)]


@pytest.mark.behaviour("TGT-07")
@pytest.mark.parametrize(("text", "total", "size"), SIZES)
def test_a_size_is_a_number_or_a_share_and_at_least_one(text: str, total: int, size: int) -> None:
    assert size_of(text, total) == size


@pytest.mark.parametrize("text", ["", "x", "0", "-1", "0%", "1.5", "10%%", "²"])
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(UserError, match="max-fail"):
        size_of(text, 10, "max-fail")


@pytest.mark.behaviour("TGT-07")
@pytest.mark.parametrize(
    ("plan", "bad", "fault"),
    [
        (BatchPlan(size=1), 99, ""),
        (BatchPlan(size=1, failhard=True), 0, ""),
        (BatchPlan(size=1, failhard=True), 1, "failhard"),
        (BatchPlan(size=1, max_fail=2), 2, ""),
        (BatchPlan(size=1, max_fail=2), 3, "max_fail"),
    ],
)
def test_a_plan_says_how_many_bad_outcomes_it_bears(plan: BatchPlan, bad: int, fault: str) -> None:
    assert plan.fault(bad) == fault
