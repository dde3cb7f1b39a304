"""What a dry run foretells is what a real run does, for every state function; a second run changes nothing."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import cases_files
import cases_network
import cases_packages
import cases_programs
import cases_servers
import cases_system
import pytest
from places import Network, Packages, Resting, Root
from shipped import Shipped
from test_services import trial_service
from trial_packages import make_repository
from trial_pyenv import make_pyenv
from trials import Case, Place, try_case

from throwaway_root import in_network_namespace, in_throwaway_root

pytestmark = pytest.mark.behaviour("TST-01")
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")

TABLES = (cases_files, cases_network, cases_packages, cases_programs, cases_servers, cases_system)
NO_STATES = {
    "file.mod_beacon": "makes a beacon of a state, for the compiler",
    "file.mod_run_check_cmd": "is a step of file.managed",
    "pkg.mod_beacon": "makes a beacon of a state, for the compiler",
    "iptables.mod_aggregate": "makes one state of several, for the compiler",
    "pkg.mod_aggregate": "makes one state of several, for the compiler",
    "pkg.mod_init": "prepares a run of states",
    "selinux.mod_aggregate": "makes one state of several, for the compiler",
    "service.mod_beacon": "makes a beacon of a state, for the compiler",
    "saltutil.sync_resources": "there are no managed resources to have plugins for",
    "test.fail_with_changes": "tells in its dry run that it would change something, and fails for real",
    "test.mod_watch": "says the same in a dry run, for it does nothing",
}

NO_CASE_YET = {"salt"}
"""State modules whose functions are to be tried here and are not yet."""
DEBIAN = {"os_family": "Debian", "os": "Debian", "osarch": "amd64", "kernel": "Linux"}


def cases(table: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", table, ids=str)


def test_every_state_function_has_a_case(tmp_path: Path):
    tried = {case.fun for table in TABLES for case in table.CASES}
    known = set(Shipped(tmp_path, grains=DEBIAN).call("sys.list_state_functions"))
    assert {fun for fun in known - tried - set(NO_STATES) if fun.partition(".")[0] not in NO_CASE_YET} == set()
    assert tried & set(NO_STATES) == set()
    assert {*tried, *NO_STATES} - known == set()


@cases(cases_files.CASES)
@root_only
def test_files(case: Case, tmp_path: Path):
    try_case(case, Place(tmp_path))


@cases(cases_programs.CASES)
@root_only
def test_programs(case: Case, tmp_path: Path):
    if case in cases_programs.PYENV:
        place = Place(tmp_path, **{"pyenv.root": f"{tmp_path}/work/pyenv"})
        make_pyenv(place.work / "pyenv")
        try_case(case, place)
    else:
        try_case(case, Resting(tmp_path) if case in cases_programs.OWN else Place(tmp_path))


@cases(cases_system.CASES)
@in_throwaway_root
def test_the_system(case: Case, tmp_path: Path):
    try_case(case, Root(tmp_path))


@cases(cases_network.CASES)
@in_network_namespace
def test_firewalls(case: Case, tmp_path: Path):
    try_case(case, Network(tmp_path))


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("repository")
    for place in (directory, *list(directory.parents)[:2]):
        place.chmod(0o755)
    return make_repository(directory)


@cases(cases_packages.CASES)
@in_throwaway_root
def test_packages_and_services(case: Case, repository: Path, tmp_path: Path):
    with trial_service() if case in cases_packages.SERVICES else contextlib.nullcontext():
        try_case(case, Packages(tmp_path, repository))
