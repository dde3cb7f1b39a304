"""What all package modules share: conditions on versions, and changes."""

from __future__ import annotations

import pytest

from saltern.plugin_api import CommandExecutionError, packages
from saltern.plugin_api.versions import compare_deb


@pytest.mark.parametrize(
    ("installed", "wanted", "met"),
    [
        (["1.0"], None, True),
        ([], None, False),
        (["1.0"], "1.0", True),
        (["1.0"], "=1.0", True),
        (["1.0"], "1.00", True),
        (["1.0"], "1.*", True),
        (["2.0"], "1.*", False),
        (["1.5"], ">=1.0,<2.0", True),
        (["2.0"], ">=1.0,<2.0", False),
        (["1.0"], "!=1.0", False),
        (["1:1.0"], "1.0", True),
        (["1:1.0"], "2:1.0", False),
        (["1.0", "2.0"], ">1.5", True),
    ],
)
def test_installed_versions_are_what_is_wanted_or_not(installed, wanted, met):
    assert packages.is_installed(installed, wanted, compare_deb) is met


def test_an_epoch_that_is_asked_for_matters():
    assert not packages.is_installed(["1:1.0"], "1.0", compare_deb, ignore_epoch=False)
    assert packages.is_installed(["1:1.0"], "2:1.0", compare_deb, ignore_epoch=True)


def test_the_newest_version_that_fits_is_taken():
    assert packages.newest_that_fits("x", "<2", ["2.1", "1.9", "1.0"], compare_deb) == "1.9"


def test_a_version_that_cannot_be_had_names_those_that_can():
    with pytest.raises(CommandExecutionError) as error:
        packages.newest_that_fits("trial-one", "<1.0", ["1.1", "1.0"], compare_deb)
    # recorded from Salt 3008.2
    assert str(error.value) == "No version matching 'trial-one<1.0' could be found (available: 1.1, 1.0)"


def test_changes_name_what_came_went_and_changed():
    before = {"gone": "1", "kept": "1", "newer": "1"}
    after = {"kept": "1", "newer": "2", "new": "1"}
    assert packages.changes(before, after) == {
        "gone": {"old": "1", "new": ""},
        "new": {"old": "", "new": "1"},
        "newer": {"old": "1", "new": "2"},
    }


def test_a_problem_tells_what_changed_all_the_same():
    with pytest.raises(CommandExecutionError) as error:
        packages.raise_problem("Problem encountered installing package(s)", ["E: Unable to locate package nosuch"], {})
    # recorded from Salt 3008.2
    assert str(error.value) == (
        "Problem encountered installing package(s). Additional info follows:\n\n"
        "changes:\n    ----------\nerrors:\n    - E: Unable to locate package nosuch"
    )
    assert error.value.info == {"errors": ["E: Unable to locate package nosuch"], "changes": {}}
