"""The names of a distribution, from its os-release file: what Salt 3008.2 says of the same files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from saltern.plugin_api.linux import os_release

CASES = json.loads((Path(__file__).parent / "data" / "os_release.json").read_text(encoding="utf-8"))["cases"]
OURS = {"centos-7": {"lsb_distrib_release": "7"}}
"""Where Saltern says more: Salt leaves the release of CentOS 7 out."""


@pytest.mark.behaviour("GRN-03")
@pytest.mark.parametrize("name", CASES)
def test_the_grains_are_those_of_salt(name) -> None:
    fields = os_release.parse(CASES[name]["os_release"])
    version_file = "12.11\n" if fields["ID"] == "debian" else ""
    assert os_release.describe(fields, version_file) == CASES[name]["grains"] | OURS.get(name, {})


def test_centos_7_knows_its_release_from_its_own_file() -> None:
    fields = os_release.parse(CASES["centos-7"]["os_release"])
    found = os_release.describe(fields, "CentOS Linux release 7.9.2009 (Core)\n")
    assert (found["osrelease"], found["osmajorrelease"], found["osfinger"]) == ("7.9.2009", 7, "CentOS Linux-7")


def test_a_file_that_is_missing_or_damaged_still_gives_an_os() -> None:
    for text in ("", "NAME='unclosed\nrubbish\n=\n"):
        found = os_release.describe(os_release.parse(text))
        assert (found["osrelease"], found["osrelease_info"]) == ("n/a", ["n/a"])
        assert found["os"] and found["os_family"]
