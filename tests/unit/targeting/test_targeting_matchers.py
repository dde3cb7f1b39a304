"""What single conditions match, where the recorded cases of Salt do not reach."""

from __future__ import annotations

import fnmatch
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saltern.errors import TargetError
from saltern.model.target import MinionData, Target
from saltern.targeting import texts
from saltern.targeting.compile import compile_target, with_exact_pillar
from saltern.targeting.nested import NestedTest

PIECES = st.lists(st.sampled_from(["a", "b", "*", "?", "[", "]", "!", "-", "^", "\\", ".", "\n", "A"])).map("".join)


@given(pattern=PIECES, text=PIECES)
def test_globs_are_those_of_fnmatch(pattern, text):
    assert texts.glob(pattern)(text) == fnmatch.fnmatchcase(text, pattern)


@given(pattern=st.text(max_size=20), text=st.text(max_size=10))
def test_a_regular_expression_is_read_or_refused(pattern, text):
    try:
        fits = texts.regex(pattern)
    except TargetError:
        return
    assert fits(text) in (True, False)


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["a", "b", "a:b", "", "*", "B"]))
KEYS = st.sampled_from(["a", "b", "a:b", "*", "0", "1", "*:a"])
DATA = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
EXPRESSIONS = st.lists(st.sampled_from(["a", "b", "*", ":", "|", "0", "-1", "(", "[", "?", "None"])).map("".join)


@given(
    data=st.dictionaries(KEYS, DATA, max_size=4),
    expression=EXPRESSIONS,
    delimiter=st.sampled_from([":", "|", "", "::"]),
)
def test_nested_tests_answer_yes_or_no_whatever_the_data(data, expression, delimiter):
    for make in (texts.glob, texts.regex, texts.exact):
        assert NestedTest(expression, delimiter, make)(data) in (True, False)


@pytest.mark.behaviour("TGT-02")
@given(data=st.dictionaries(KEYS, DATA, min_size=1, max_size=4))
def test_every_way_down_to_a_value_matches(data):
    for path, value in _leaves(data):
        expression = "|".join((*path, str(value)))
        if "|" in str(value) or any(word.startswith("*") for word in path):
            continue
        assert NestedTest(expression, "|", texts.exact)(data), expression


def _leaves(data, path=()):
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, (*path, key))
    elif not isinstance(data, list) and not str(data).startswith("*:"):
        yield path, data


@pytest.mark.timeout(60)
def test_deep_data_and_many_wildcards_come_to_an_end():
    data = {"end": "no"}
    for _ in range(60):
        data = {"a": data, "b": "x"}
    assert not NestedTest("*:" * 10 + "z:z", ":", texts.glob)(data)
    assert not NestedTest("a:" * 40 + "z", ":", texts.glob)(data)


@pytest.mark.behaviour("TGT-06")
@pytest.mark.parametrize(
    ("expr", "kind"),
    [
        ("tier:g*", "pillar"),
        ("tier:g.*", "pillar_pcre"),
        ("I@tier:g*", "compound"),
        ("J@tier:g.*", "compound"),
        ("N@golden", "compound"),
        ("golden", "nodegroup"),
    ],
)
def test_pillar_values_cannot_be_guessed_where_they_must_be_exact(expr, kind):
    target = Target(expr=expr, kind=kind)
    golden = MinionData(id="m", grains={}, pillar={"tier": "gold"})
    nodegroups = {"golden": "I@tier:g*"}

    assert compile_target(target, nodegroups)(golden)
    assert not compile_target(with_exact_pillar(target), nodegroups)(golden)


@pytest.mark.behaviour("TGT-06")
def test_an_exact_pillar_value_is_found_then():
    golden = MinionData(id="m", grains={"os": "Debian"}, pillar={"tier": "gold"})
    for expr in ("I@tier:gold", "J@tier:gold", "I@tier:gold and G@os:Deb*", "N@golden"):
        target = with_exact_pillar(Target(expr=expr, kind="compound"))
        assert compile_target(target, {"golden": "I@tier:gold"})(golden), expr
    assert with_exact_pillar(Target(expr="os:Deb*", kind="grain")) == Target(expr="os:Deb*", kind="grain")


def test_the_data_store_is_matched_where_it_is_known():
    matches = compile_target(Target(expr="role:web*", kind="data"), {})
    assert matches(MinionData(id="m", data={"role": "web1"}))
    assert not matches(MinionData(id="m", data={"role": "db"}))
    assert not matches(MinionData(id="m"))


def test_addresses_that_are_none_do_not_disturb():
    matches = compile_target(Target(expr="10.0.0.0/8", kind="ipcidr"), {})
    assert matches(MinionData(id="m", grains={"ipv4": ["bogus", None, "10.1.1.1"]}))
    assert not matches(MinionData(id="m", grains={"ipv4": ["bogus", 5]}))
    assert not matches(MinionData(id="m", grains={"ipv4": {"a": 1}}))
    assert compile_target(Target(expr="fe80::/10", kind="ipcidr"), {})(
        MinionData(id="m", grains={"ipv6": ["fe80::1%eth0"]})
    )


def test_what_the_resident_minion_imports_stays_light():
    code = (
        "import sys, saltern.targeting.compile; print({'ipaddress', 'fnmatch', 'difflib', 'yaml'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"
