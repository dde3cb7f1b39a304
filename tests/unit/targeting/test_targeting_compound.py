"""Compound expressions against a small model: a tree of conditions, written down as words and asked both ways."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saltern.errors import TargetError
from saltern.model.target import MinionData, Target
from saltern.targeting.compile import compile_target
from saltern.targeting.logic import Answer, conjunction, disjunction, negation

TRUTHS = {"yes*": True, "no": False, "G@os:Linux": True, "G@os:BSD": False, "E@yes": True, "L@a,b": False, "*": True}
MINION = MinionData(id="yes-1", grains={"os": "Linux"}, pillar={})

TREES = st.recursive(
    st.sampled_from(sorted(TRUTHS)),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner),
        st.tuples(st.just("but"), inner, inner),
    ),
    max_leaves=12,
)


def truth(tree: Any) -> bool:
    match tree:
        case str():
            return TRUTHS[tree]
        case ("not", inner):
            return not truth(inner)
        case ("and", left, right):
            return truth(left) and truth(right)
        case ("or", left, right):
            return truth(left) or truth(right)
        case ("but", left, right):
            return truth(left) and not truth(right)
    raise AssertionError(tree)


def written(tree: Any) -> str:
    match tree:
        case str():
            return tree
        case ("not", inner):
            return f"not ( {written(inner)} )"
        case ("but", left, right):
            return f"( {written(left)} ) not ( {written(right)} )"
        case (word, left, right):
            return f"( {written(left)} ) {word} ( {written(right)} )"
    raise AssertionError(tree)


@pytest.mark.behaviour("TGT-03")
@given(TREES)
def test_an_expression_means_what_its_tree_means(tree):
    assert compile_target(Target(expr=written(tree), kind="compound"), {}, strict=True)(MINION) == truth(tree)


@pytest.mark.behaviour("TGT-03")
@given(st.lists(st.tuples(st.sampled_from(sorted(TRUTHS)), st.sampled_from(["and", "or"]), st.booleans()), min_size=1))
def test_without_parentheses_not_binds_tightest_and_or_loosest(conditions):
    text, python = "", ""
    for word, operator, negated in conditions:
        text += f"{operator if text else ''} {'not ' if negated else ''}{word} "
        python += f"{operator if python else ''} {'not ' if negated else ''}{TRUTHS[word]} "
    expected = eval(python)
    assert compile_target(Target(expr=text, kind="compound"), {}, strict=True)(MINION) == expected


WORDS = st.sampled_from(["and", "or", "not", "(", ")", "yes*", "no", "G@os:Linux", "E@(", "N@x", "X@y", "S@z", "", " "])
LETTERS = st.text(alphabet="GEN@:|() *[]andort\\\n\u00fc", max_size=12)


@pytest.mark.behaviour("TGT-03")
@given(st.lists(st.one_of(WORDS, LETTERS), max_size=8), st.booleans())
def test_any_words_are_read_or_refused(words, as_text):
    target = Target(expr=" ".join(words) if as_text else tuple(words), kind="compound")
    assert compile_target(target, {"x": "N@x"})(MINION) in (True, False)
    try:
        matches = compile_target(target, {"x": "N@x"}, strict=True)
    except TargetError as error:
        assert error.message
        return
    assert matches(MINION) == compile_target(target, {"x": "N@x"})(MINION)


@pytest.mark.behaviour("TGT-04")
@given(TREES.filter(lambda tree: tree != "no"))
def test_a_nodegroup_in_parentheses_means_the_expression_that_it_stands_for(tree):
    text = written(tree)
    nodegroups = {"text": text, "list": text.split(), "deep": "N@text", "both": "N@list and N@deep"}
    for name in nodegroups:
        assert compile_target(Target(expr=name, kind="nodegroup"), nodegroups, strict=True)(MINION) == truth(tree)
        negated = compile_target(Target(expr=f"not ( N@{name} )", kind="compound"), nodegroups, strict=True)
        assert negated(MINION) != truth(tree)


@pytest.mark.behaviour("TGT-04")
@given(TREES.filter(lambda tree: tree != "no"))
def test_a_nodegroup_that_refers_to_others_needs_no_parentheses(tree):
    nodegroups = {"plain": written(tree), "deep": "N@plain"}
    negated = compile_target(Target(expr="not N@deep", kind="compound"), nodegroups, strict=True)
    assert negated(MINION) != truth(tree)


ANSWERS = st.sampled_from([True, False, None])


@given(st.lists(ANSWERS, min_size=1, max_size=4))
def test_what_is_not_known_decides_only_where_nothing_else_does(answers):
    tests = tuple(_always(answer) for answer in answers)
    possible = _worlds(answers)

    assert conjunction(tests)("m", _no_facts) == _only({all(world) for world in possible})
    assert disjunction(tests)("m", _no_facts) == _only({any(world) for world in possible})
    assert negation(tests[0])("m", _no_facts) == _only({not world[0] for world in possible})


def _always(answer: Answer):
    return lambda _minion, _facts: answer


def _no_facts(minion: str) -> MinionData:
    return MinionData(id=minion)


def _worlds(answers: list[Answer]) -> list[list[bool]]:
    worlds: list[list[bool]] = [[]]
    for answer in answers:
        worlds = [[*world, value] for world in worlds for value in ((True, False) if answer is None else (answer,))]
    return worlds


def _only(values: set[bool]) -> Answer:
    return values.pop() if len(values) == 1 else None
