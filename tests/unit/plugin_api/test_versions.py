"""Versions of packages by the rules of deb-version(7), rpm-version(7) and apk."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saltern.plugin_api.versions import compare_apk, compare_deb, compare_rpm, without_epoch

SIGN = {"<": -1, "=": 0, ">": 1}


@pytest.mark.parametrize(
    ("one", "sign", "other"),
    [
        ("1.0", "=", "1.0"),
        ("1.0", "=", "1.00"),
        ("1.0-1", "<", "1.0-2"),
        ("1.0-1", "<", "1:0.5"),
        ("0:1.0", "=", "1.0"),
        ("1.0~rc1", "<", "1.0"),
        ("1.0~~", "<", "1.0~"),
        ("1.0", "<", "1.0a"),
        ("1.0a", "<", "1.0+"),
        ("1.10", ">", "1.9"),
        ("1-1", "<", "1+31"),
        ("0.2.4-0ubuntu1", "<", "0.2.4.1-0ubuntu1"),
        ("1.2-3-4", ">", "1.2-2-9"),
    ],
)
def test_deb(one, sign, other):
    assert compare_deb(one, other) == SIGN[sign]
    assert compare_deb(other, one) == -SIGN[sign]


@pytest.mark.parametrize("text", ["a b", "", "1_2", "x:1"])
def test_what_is_no_deb_version_cannot_be_compared(text):
    assert compare_deb(text, "1") is None


VERSION = st.from_regex(r"1[0-9ab~+.-]{0,5}1", fullmatch=True)


@given(VERSION, VERSION)
def test_deb_versions_compare_as_dpkg_says(one, other):
    operator = {-1: "lt", 0: "eq", 1: "gt"}[compare_deb(one, other)]
    if subprocess.run(["which", "dpkg"], capture_output=True).returncode:
        pytest.skip("no dpkg")
    assert subprocess.run(["dpkg", "--compare-versions", one, operator, other], capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("one", "sign", "other"),
    [
        ("1.0", "=", "1.0"),
        ("1.05", "=", "1.5"),
        ("1.0", "<", "1.0a"),
        ("1.0a", "<", "1.0.1"),
        ("2.0", "<", "2.0.1"),
        ("1.0~rc1", "<", "1.0"),
        ("1.0~rc1^git", ">", "1.0~rc1"),
        ("1.0^", ">", "1.0"),
        ("1.0^git1", "<", "1.0.1"),
        ("fc4", "=", "fc.4"),
        ("1:1.0-1", ">", "2.0-1"),
        ("1.0-1.el9", "<", "1.0-2.el9"),
        ("1.0", "=", "1.0-5"),
        ("4.1.2-15.el6_5.2", ">", "4.1.2-15.el6_4"),
    ],
)
def test_rpm(one, sign, other):
    assert compare_rpm(one, other) == SIGN[sign]
    assert compare_rpm(other, one) == -SIGN[sign]


@pytest.mark.parametrize(
    ("one", "sign", "other"),
    [
        ("1.0_rc1", "<", "1.0"),
        ("1.0", "<", "1.0_p1"),
        ("1.0_alpha", "<", "1.0_beta2"),
        ("1.0-r1", "<", "1.0-r2"),
        ("1.0-r10", ">", "1.0-r9"),
        ("1.0a", "<", "1.0b"),
        ("1.10", ">", "1.9"),
        ("2.0", "<", "2.0.1"),
        ("1.2.3-r0", "=", "1.2.3-r0"),
    ],
)
def test_apk(one, sign, other):
    assert compare_apk(one, other) == SIGN[sign]
    assert compare_apk(other, one) == -SIGN[sign]


def test_an_epoch_is_a_number_before_a_colon():
    assert without_epoch("1:2.3") == "2.3"
    assert without_epoch("2.3") == "2.3"
    assert without_epoch("a:2.3") == "a:2.3"
