"""The grammar of compound expressions (behaviour TGT-03).

::

    any   = all ("or" all)*
    all   = one (("and" one) | ("not" single))*       `a not b` means `a and not b`
    one   = ["not"] single
    single = "(" any ")" | "(" ")" | word             `( )` matches nobody

`and` binds tighter than `or`. Operators and parentheses are words of their own, in lower case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from saltern.errors import TargetError
from saltern.targeting.logic import Test, conjunction, disjunction, negation, nobody
from saltern.targeting.words import Word

OPERATORS = frozenset(("and", "or", "not", "(", ")"))

_DEPTH = 100
"""How many parentheses may be open at once: no operator needs more, and the reader works by recursion."""


def read(words: Sequence[Word], meaning: Callable[[Word], Test]) -> Test:
    """The test that the words make, or `TargetError`; `meaning` reads a word that is no operator."""
    return _Reading(words, meaning).whole()


class _Reading:
    def __init__(self, words: Sequence[Word], meaning: Callable[[Word], Test]) -> None:
        self._words = words
        self._meaning = meaning
        self._next = 0
        self._open = 0

    def whole(self) -> Test:
        if not self._words:
            raise TargetError("the target expression is empty")
        test = self._any()
        if self._next < len(self._words):
            raise self._unexpected()
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._take("or"):
            tests.append(self._all())
        return disjunction(tuple(tests))

    def _all(self) -> Test:
        tests = [self._one()]
        while self._take("and") or self._peek() == "not":
            tests.append(self._one())
        return conjunction(tuple(tests))

    def _one(self) -> Test:
        return negation(self._single()) if self._take("not") else self._single()

    def _single(self) -> Test:
        if self._take("("):
            return self._group()
        if self._next >= len(self._words) or self._peek() in OPERATORS:
            raise self._unexpected()
        self._next += 1
        return self._meaning(self._words[self._next - 1])

    def _group(self) -> Test:
        opened = self._words[self._next - 1]
        self._open += 1
        if self._open > _DEPTH:
            raise TargetError(f"{opened.place}: more than {_DEPTH} parentheses are open")
        test = nobody if self._peek() == ")" else self._any()
        if self._next >= len(self._words):
            raise TargetError(f"{opened.place}: this parenthesis is never closed")
        if not self._take(")"):
            raise self._unexpected()
        self._open -= 1
        return test

    def _peek(self) -> str:
        return self._words[self._next].text if self._next < len(self._words) else ""

    def _take(self, text: str) -> bool:
        if self._next < len(self._words) and self._words[self._next].text == text:
            self._next += 1
            return True
        return False

    def _unexpected(self) -> TargetError:
        before = self._words[self._next - 1].text if self._next else ""
        if self._next >= len(self._words):
            place = self._words[-1].place
            return TargetError(f"{place}: the target expression ends after {before!r}, where something must follow")
        word = self._words[self._next]
        after = f"after {before!r}" if before else "at the start"
        return TargetError(f"{word.place}: {word.text!r} cannot stand {after}", hint=self._hint(before, word.text))

    def _hint(self, before: str, text: str) -> str:
        for one in (text, before):
            if one.lower() in OPERATORS and one not in OPERATORS:
                return f"operators are written in lower case: {one.lower()}"
        if text == ")" and not self._open:
            return "there is no open parenthesis"
        if before == "not" and text == "not":
            return "put the inner one in parentheses: not ( not ... )"
        if text not in OPERATORS:
            return "put `and` or `or` between two conditions"
        return ""
