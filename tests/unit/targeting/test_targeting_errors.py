"""Whoever mistypes a target is told where and what."""

from __future__ import annotations

import pytest

from saltern.errors import TargetError
from saltern.model.target import MinionData, Target
from saltern.targeting.compile import compile_target

NODEGROUPS = {
    "webs": "web*",
    "self": "lone or N@self",
    "a": "N@b",
    "b": "N@a",
    "number": 5,
    "broken": "web* and",
    "empty": [],
}


def refusal(expr: str | tuple[str, ...], kind: str = "compound") -> str:
    with pytest.raises(TargetError) as caught:
        compile_target(Target(expr=expr, kind=kind), NODEGROUPS, strict=True)
    return f"{caught.value.message} | {caught.value.hint}"


@pytest.mark.behaviour("TGT-03")
@pytest.mark.parametrize(
    ("expr", "said"),
    [
        ("", ["the target expression is empty"]),
        ("   ", ["the target expression is empty"]),
        ("and web*", ["column 1", "'and'", "at the start"]),
        ("web* or or db*", ["column 9", "'or'"]),
        ("web* and", ["ends after 'and'"]),
        ("web* and not", ["ends after 'not'"]),
        ("web* db*", ["column 6", "'db*'", "`and` or `or`"]),
        ("web* AND db*", ["column 6", "'AND'", "lower case: and"]),
        ("NOT web*", ["lower case: not"]),
        ("( web*", ["column 1", "never closed"]),
        ("web* )", ["column 6", "no open parenthesis"]),
        ("not not web*", ["column 5", "parentheses"]),
        ("(web* or db*)", ["column 1", "'(web*'", "blanks around"]),
        ("web* or X@what", ["column 9", "'X@what'", "letter"]),
        ("g@os:Debian", ["column 1", "did you mean G@os:Debian?"]),
        ("E|@web", ["E@ takes no delimiter"]),
        ("E@(", ["column 1", "'('", "regular expression"]),
        ("G@os", ["column 1", "'os'", "key:value"]),
        ("web* and P@os:(", ["column 10", "regular expression"]),
        ("S@10.0.0.300", ["column 1", "neither an IP address nor a network"]),
        ("S@10.0.0.1/24", ["host bits set"]),
        ("R@web1", ["range"]),
        ("T@disk", ["resource"]),
        ("N@wbes", ["no nodegroup 'wbes'", "did you mean webs?"]),
        ("N@broken", ["column 1", "in nodegroup broken", "ends after 'and'"]),
        (("web*", "db*"), ["word 2", "'db*'"]),
    ],
)
def test_faults_of_compound_expressions_have_a_place(expr, said):
    text = refusal(expr)
    assert [words for words in said if words not in text] == [], text


@pytest.mark.behaviour("TGT-04")
def test_faults_of_nodegroups_name_the_group():
    assert "self -> self" in refusal("self", "nodegroup")
    assert "a -> b -> a" in refusal("a", "nodegroup")
    assert "'number' is neither a text nor a list" in refusal("number", "nodegroup")
    assert "no nodegroup 'none'" in refusal("none", "nodegroup")


def test_a_long_chain_of_nodegroups_is_refused_before_it_overflows():
    chain = {f"g{number}": f"N@g{number + 1}" for number in range(5_000)}
    with pytest.raises(TargetError, match="more than"):
        compile_target(Target(expr="g0", kind="nodegroup"), chain, strict=True)


def test_nodegroups_that_multiply_are_refused():
    doubling = {"g0": "a and b"} | {f"g{number}": f"N@g{number - 1} or N@g{number - 1}" for number in range(1, 40)}
    with pytest.raises(TargetError, match="words long"):
        compile_target(Target(expr="g39", kind="nodegroup"), doubling, strict=True)


@pytest.mark.parametrize("kind", ["glob", "pcre", "grain", "ipcidr", "nodegroup"])
def test_kinds_of_one_text_take_no_list(kind):
    assert "one text" in refusal(("a", "b"), kind)
    assert "empty" in refusal("", kind)


def test_a_kind_that_does_not_exist_is_told_with_the_nearest():
    assert "did you mean grain?" in refusal("os:Debian", "grains")
    assert "kinds of targets" in refusal("x", "zzz")


def test_nested_keys_are_checked():
    assert "no delimiter" in refusal("os", "grain")
    assert "more than 10 wildcards" in refusal("*:" * 11 + "x", "grain")


@pytest.mark.parametrize("text", ["( " * 100_000 + "web*" + " )" * 100_000, "not ( " * 5_000 + "web*" + " )" * 5_000])
def test_very_deep_expressions_are_refused(text):
    assert "parentheses are open" in refusal(text)
    assert not compile_target(Target(expr=text, kind="compound"), {})(MinionData(id="web1"))


@pytest.mark.parametrize("expr", ["web* and", "N@self", "N@none", "E@(", "R@x", "( web*", ""])
def test_without_strict_the_same_expressions_match_nobody(expr):
    matches = compile_target(Target(expr=expr, kind="compound"), NODEGROUPS)
    assert not matches(MinionData(id="web1", grains={}, pillar={}))
    negated = compile_target(Target(expr=f"not ( {expr} ) and", kind="compound"), NODEGROUPS)
    assert not negated(MinionData(id="web1", grains={}, pillar={}))
