"""Answers and how they combine: True, False, and None where the minion's data is not known.

The combinations are Kleene's, so that what is not known never decides: `not` of it is not known either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from saltern.model.target import MinionData

Answer: TypeAlias = bool | None
Facts: TypeAlias = Callable[[str], MinionData]
"""Gives what is known about the minion of an id; asked only by tests that need more than the id."""
Test: TypeAlias = Callable[[str, Facts], Answer]


def nobody(_minion: str, _facts: Facts) -> Answer:
    """Matches no minion."""
    return False


def everybody(_minion: str, _facts: Facts) -> Answer:
    """Matches every minion."""
    return True


def negation(test: Test) -> Test:
    def differs(minion: str, facts: Facts) -> Answer:
        answer = test(minion, facts)
        return None if answer is None else not answer

    return differs


def conjunction(tests: tuple[Test, ...]) -> Test:
    """Matches where all tests do; the first plain no ends the asking."""
    if len(tests) == 1:
        return tests[0]

    def all_match(minion: str, facts: Facts) -> Answer:
        answer: Answer = True
        for test in tests:
            one = test(minion, facts)
            if one is False:
                return False
            if one is None:
                answer = None
        return answer

    return all_match


def disjunction(tests: tuple[Test, ...]) -> Test:
    """Matches where any test does; the first yes ends the asking."""
    if len(tests) == 1:
        return tests[0]

    def any_matches(minion: str, facts: Facts) -> Answer:
        answer: Answer = False
        for test in tests:
            one = test(minion, facts)
            if one:
                return True
            if one is None:
                answer = None
        return answer

    return any_matches
