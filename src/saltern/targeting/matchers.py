"""The kinds of targets, and how each is read into a test of a minion."""

from __future__ import annotations

import logging
from collections.abc import Callable
from operator import attrgetter
from typing import TypeAlias

from saltern.errors import TargetError
from saltern.model.target import TGT_TYPES, Target
from saltern.targeting import compound, texts
from saltern.targeting.addresses import address_test
from saltern.targeting.logic import Answer, Facts, Test, everybody, nobody
from saltern.targeting.nested import NestedTest
from saltern.targeting.nodegroups import Nodegroups, expand
from saltern.targeting.words import KINDS, Word, words_of

_log = logging.getLogger(__name__)

EXACT = {
    "pillar": "pillar_exact",
    "pillar_pcre": "pillar_exact",
    "compound": "compound_pillar_exact",
    "nodegroup": "nodegroup_pillar_exact",
}
"""The kinds that ask for pillar by a pattern, and what is asked for instead where guessing must not be possible."""


class Named:
    """Matches the minions of these ids. `listed`: they were given as a list, so one that is missing is told of."""

    def __init__(self, names: tuple[str, ...], *, listed: bool) -> None:
        self.names = tuple(dict.fromkeys(names))
        self.listed = listed
        self._set = frozenset(names)

    def __call__(self, minion: str, _facts: Facts) -> Answer:
        return minion in self._set


class Reader:
    """Reads targets into tests.

    Faults come in two sorts. Those that leave no meaning at all (bad grammar, an unknown nodegroup, a regular
    expression for ids that is none) always raise `TargetError`. Those of one condition (a value that is no regular
    expression, an address that is none) raise it if `strict`; else that condition alone matches nobody, as with Salt.
    With `exact` no pillar value is matched by a pattern (behaviour TGT-06).
    """

    def __init__(self, nodegroups: Nodegroups, *, strict: bool, exact: bool = False) -> None:
        self._nodegroups = nodegroups
        self._strict = strict
        self._exact = exact

    def read(self, target: Target) -> Test:
        """The test that a target asks for."""
        kind = EXACT.get(target.kind, target.kind) if self._exact else target.kind
        read = _READERS.get(kind)
        if read is None:
            raise TargetError(f"there is no kind of target {kind!r}", hint=_near(kind))
        return read(self, target)

    def glob(self, target: Target) -> Test:
        pattern = _one_text(target, empty=not self._strict)
        if pattern == "*":
            return everybody
        if texts.is_plain(pattern):
            return Named((pattern,), listed=False)
        return _on_id(texts.glob(pattern))

    def pcre(self, target: Target) -> Test:
        # Without `strict` an empty expression is one that fits every id.
        return _on_id(texts.regex(_one_text(target, empty=not self._strict)))

    def list(self, target: Target) -> Test:
        names = target.expr.split(",") if isinstance(target.expr, str) else target.expr
        return Named(tuple(name for name in names if name), listed=True)

    def grain(self, target: Target) -> Test:
        return self._nested(target, "grains", texts.glob)

    def grain_pcre(self, target: Target) -> Test:
        return self._nested(target, "grains", texts.regex)

    def pillar(self, target: Target) -> Test:
        return self._nested(target, "pillar", texts.glob)

    def pillar_pcre(self, target: Target) -> Test:
        return self._nested(target, "pillar", texts.regex)

    def pillar_exact(self, target: Target) -> Test:
        return self._nested(target, "pillar", texts.exact)

    def data(self, target: Target) -> Test:
        return self._nested(target, "data", texts.glob)

    def ipcidr(self, target: Target) -> Test:
        try:
            test = address_test(_one_text(target))
        except TargetError as error:
            return self._matches_nobody(error)

        def has_address(minion: str, facts: Facts) -> Answer:
            grains = facts(minion).grains
            return None if grains is None else test(grains)

        return has_address

    def range(self, target: Target) -> Test:
        raise TargetError(f"{target.text!r}: range expressions are not supported", hint="use a list or a nodegroup")

    def resource(self, target: Target) -> Test:
        error = TargetError(f"{target.text!r}: targets by resource are not supported")
        return self._matches_nobody(error)

    def compound(self, target: Target) -> Test:
        return self._words(words_of(target.expr))

    def compound_pillar_exact(self, target: Target) -> Test:
        return self._exactly().compound(target)

    def nodegroup(self, target: Target) -> Test:
        name = _one_text(target)
        return self._words((Word(f"N@{name}", "the target"),))

    def nodegroup_pillar_exact(self, target: Target) -> Test:
        return self._exactly().nodegroup(target)

    def _exactly(self) -> Reader:
        return Reader(self._nodegroups, strict=self._strict, exact=True)

    def _words(self, words: tuple[Word, ...]) -> Test:
        return compound.read(expand(words, self._nodegroups, strict=self._strict), self._word)

    def _word(self, word: Word) -> Test:
        kind, pattern, delimiter = word.read()
        if self._strict and kind == "glob":
            _check_glob_word(word)
        try:
            return self.read(Target(expr=pattern, kind=kind, delimiter=delimiter))
        except TargetError as error:
            raise TargetError(f"{word.place}: {error.message}", hint=error.hint) from error

    def _nested(self, target: Target, part: str, make: Callable[[str], texts.TextTest]) -> Test:
        test = NestedTest(_one_text(target, empty=not self._strict), target.delimiter, make)
        if self._strict:
            test.check()
        known = attrgetter(part)

        def holds(minion: str, facts: Facts) -> Answer:
            data = known(facts(minion))
            return None if data is None else test(data)

        return holds

    def _matches_nobody(self, error: TargetError) -> Test:
        if self._strict:
            raise error
        _log.info("matches nobody: %s", error.message)
        return nobody


_ReadTarget: TypeAlias = Callable[[Reader, Target], Test]

_READERS: dict[str, _ReadTarget] = {
    "glob": Reader.glob,
    "pcre": Reader.pcre,
    "list": Reader.list,
    "grain": Reader.grain,
    "grain_pcre": Reader.grain_pcre,
    "pillar": Reader.pillar,
    "pillar_pcre": Reader.pillar_pcre,
    "pillar_exact": Reader.pillar_exact,
    "ipcidr": Reader.ipcidr,
    "data": Reader.data,
    "range": Reader.range,
    "resource": Reader.resource,
    "managing_minion": Reader.resource,
    "compound": Reader.compound,
    "compound_pillar_exact": Reader.compound_pillar_exact,
    "nodegroup": Reader.nodegroup,
    "nodegroup_pillar_exact": Reader.nodegroup_pillar_exact,
}


def _one_text(target: Target, *, empty: bool = False) -> str:
    if not isinstance(target.expr, str):
        raise TargetError(f"a {target.kind} target is one text, not a list")
    if not target.expr and not empty:
        raise TargetError("the target expression is empty")
    return target.expr


def _on_id(fits: texts.TextTest) -> Test:
    def id_fits(minion: str, _facts: Facts) -> Answer:
        return fits(minion)

    return id_fits


def _check_glob_word(word: Word) -> None:
    """Refuses words that were hardly meant as the glob of an id."""
    text = word.text
    if text[1:2] == "@" and text[0].isalpha():
        meant = text[0].upper()
        hint = (
            f"did you mean {meant}{text[1:]}?" if meant in KINDS and len(text) > 2 else f"letters: {', '.join(KINDS)}"
        )
        raise TargetError(f"{word.place}: {text!r} does not start with a letter that has a meaning", hint=hint)
    if text[2:3] == "@" and text[0] in KINDS and not text[1].isalnum():
        raise TargetError(f"{word.place}: {text!r}: {text[0]}@ takes no delimiter")
    if text.startswith("(") or text.endswith(")"):
        raise TargetError(f"{word.place}: {text!r} is one word", hint="put blanks around each parenthesis")


def _near(kind: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(kind, TGT_TYPES, 1)
    return f"did you mean {near[0]}?" if near else f"kinds of targets: {', '.join(TGT_TYPES)}"
