"""States of packages and repositories, really applied in a throw-away root.

Comments are those of Salt 3008.2. What test mode foresees is what is done then, which in Salt it is not always.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from shipped import Shipped
from trial_packages import make_repository, use_only

from saltern.plugin_api import package_states
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("STM-02")

ONE, TWO, THREE = "trial-one", "trial-two", "trial-three"


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("repository")
    for place in (directory, *list(directory.parents)[:2]):
        place.chmod(0o755)
    return make_repository(directory)


@pytest.fixture
def minion(tmp_path) -> Shipped:
    return Shipped(tmp_path, grains={"os_family": "Debian", "os": "Debian", "osarch": "amd64", "kernel": "Linux"})


def foreseen_and_done(minion: Shipped, fun: str, name: str, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The result in test mode and that of the real run, whose changes must be the same; a third run changes nothing."""
    foreseen = minion.state(fun, name, test=True, **kwargs)
    done = minion.state(fun, name, **kwargs)
    assert (foreseen["result"], done["result"]) == (None, True), done["comment"]
    assert foreseen["changes"] == done["changes"]
    again = minion.state(fun, name, **kwargs)
    assert (again["result"], again["changes"]) == (True, {})
    return foreseen, done


@in_throwaway_root
def test_a_package_is_installed(minion, repository):
    use_only(repository)
    foreseen, done = foreseen_and_done(minion, "pkg.installed", ONE, version="1.0")
    assert foreseen["comment"] == "The following packages would be installed/updated: trial-one"
    assert done["comment"] == "The following packages were installed/updated: trial-one=1.0"
    assert done["changes"] == {ONE: {"old": "", "new": "1.0"}}
    assert minion.state("pkg.installed", ONE)["comment"] == "All specified packages are already installed"
    same = "All specified packages are already installed and are at the desired version"
    assert minion.state("pkg.installed", ONE, version="1.0")["comment"] == same
    assert minion.state("pkg.installed", ONE, version=">=1.0,<2")["comment"] == same
    assert minion.state("pkg.installed", ONE, version="1.*")["comment"] == same


@in_throwaway_root
def test_several_packages_are_installed_with_what_they_need(minion, repository):
    use_only(repository)
    pkgs = [TWO, {THREE: "1:3.0"}]
    foreseen, done = foreseen_and_done(minion, "pkg.installed", "x", pkgs=pkgs)
    assert foreseen["comment"] == "The following packages would be installed/updated: trial-two, trial-three"
    assert done["comment"] == "2 targeted packages were installed/updated."
    assert set(done["changes"]) == {ONE, TWO, THREE}


@in_throwaway_root
def test_a_version_may_be_an_older_one_or_the_latest(minion, repository):
    use_only(repository)
    minion.call("pkg.install", ONE)
    _, older = foreseen_and_done(minion, "pkg.installed", ONE, version="<1.1")
    assert older["comment"] == "The following packages were installed/updated: trial-one<1.1"
    assert minion.state("pkg.installed", ONE, version="0.9", allow_updates=True)["changes"] == {}
    _, newest = foreseen_and_done(minion, "pkg.installed", ONE, version="latest")
    assert newest["changes"] == {ONE: {"old": "1.0", "new": "1.1"}}


@in_throwaway_root
def test_a_package_is_installed_from_a_file(minion, repository):
    use_only(repository)
    sources = [{TWO: str(repository / "trial-two_2.0_all.deb")}]
    _, done = foreseen_and_done(minion, "pkg.installed", "x", sources=sources)
    assert done["comment"] == "The following packages were installed/updated: trial-two"
    missing = minion.state("pkg.installed", "x", sources=[{THREE: "/opt/nothere.deb"}])
    assert (missing["result"], missing["comment"]) == (False, "/opt/nothere.deb does not exist on minion")
    odd = minion.state("pkg.installed", "x", sources=["x"])
    assert odd["comment"] == "Invalidly formatted 'sources' parameter. See minion log."


@in_throwaway_root
def test_a_package_is_installed_again(minion, repository):
    use_only(repository)
    minion.call("pkg.install", ONE)
    foreseen = minion.state("pkg.installed", ONE, reinstall=True, test=True)
    done = minion.state("pkg.installed", ONE, reinstall=True)
    assert foreseen["comment"] == "The following packages would be reinstalled: trial-one"
    assert done["comment"] == "Package trial-one was reinstalled."
    assert foreseen["changes"] == done["changes"] == {ONE: {"old": "1.1", "new": "1.1"}}
    both = minion.state("pkg.installed", "x", pkgs=[ONE, THREE], reinstall=True)
    assert both["comment"] == (
        "The following packages were installed/updated: trial-three\nPackage trial-one was reinstalled."
    )


@in_throwaway_root
def test_what_cannot_be_installed_is_told(minion, repository):
    use_only(repository)
    assert minion.state("pkg.installed", "nosuch") == {
        "name": "nosuch",
        "changes": {},
        "result": False,
        "comment": (
            "Problem encountered installing package(s). Additional info follows:\n\n"
            "errors:\n    - E: Unable to locate package nosuch"
        ),
    }
    assert minion.state("pkg.installed", ONE, pkgs=[])["comment"] == "No packages to install provided"
    assert minion.state("pkg.latest", "nosuch")["comment"] == "No information found for 'nosuch'."
    assert minion.state("pkg.group_installed", "x")["comment"] == "pkg.group_install not available for this platform"
    assert minion.state("pkg.patch_installed", "x", advisory_ids=["a"])["comment"] == (
        "The pkg.patch_installed state is not available on this platform"
    )
    assert "contains duplicated packages names" in minion.state("pkg.installed", "x", pkgs=[ONE, ONE])["comment"]


@in_throwaway_root
def test_the_newest_version(minion, repository):
    use_only(repository)
    minion.call("pkg.install", ONE, version="1.0")
    minion.call("pkg.install", THREE)
    foreseen, done = foreseen_and_done(minion, "pkg.latest", "x", pkgs=[ONE, THREE, TWO])
    assert foreseen["comment"] == (
        "The following packages would be installed/upgraded: trial-one, trial-two\n"
        "The following packages are already up-to-date: trial-three (1:3.0)"
    )
    assert done["comment"] == (
        "The following packages were successfully installed/upgraded: trial-one, trial-two "
        "The following packages were already up-to-date: trial-three"
    )
    assert minion.state("pkg.latest", ONE)["comment"] == "Package trial-one is already up-to-date"
    assert minion.state("pkg.latest", "x", pkgs=[ONE, TWO])["comment"] == (
        "All packages are up-to-date (trial-one, trial-two)."
    )


@in_throwaway_root
def test_the_whole_system_is_up_to_date(minion, repository):
    use_only(repository)
    minion.call("pkg.install", ONE, version="1.0")
    foreseen, done = foreseen_and_done(minion, "pkg.uptodate", "x")
    assert foreseen["comment"] == "System update will be performed"
    assert done["comment"] == "Upgrade ran successfully"
    assert minion.state("pkg.uptodate", "x")["comment"] == "System is already up-to-date"


@in_throwaway_root
def test_packages_are_removed_with_what_needs_them(minion, repository):
    use_only(repository)
    minion.call("pkg.install", pkgs=[TWO, THREE])
    foreseen, done = foreseen_and_done(minion, "pkg.removed", ONE)
    assert foreseen["comment"] == "The following packages will be removed: trial-one."
    assert done["comment"] == "All targeted packages were removed."
    assert set(done["changes"]) == {ONE, TWO}
    assert minion.state("pkg.removed", ONE)["comment"] == "All specified packages are already absent"
    other = minion.state("pkg.removed", THREE, version="9")
    assert other["comment"] == "All specified packages (matching specified versions) are already absent"
    _, some = foreseen_and_done(minion, "pkg.removed", "x", pkgs=[TWO, THREE])
    assert some["comment"] == (
        "The following packages were not installed: trial-two The following packages were removed: trial-three."
    )


@in_throwaway_root
def test_packages_are_purged_also_when_they_are_removed_already(minion, repository):
    use_only(repository)
    minion.call("pkg.install", pkgs=[ONE, THREE])
    minion.call("pkg.remove", ONE)
    foreseen, done = foreseen_and_done(minion, "pkg.purged", "x", pkgs=[ONE, THREE])
    assert foreseen["comment"] == "The following packages will be purged: trial-one, trial-three."
    assert done["comment"] == "All targeted packages were purged."
    assert done["changes"] == {
        "removed": {ONE: {"old": "1.1", "new": ""}},
        "installed": {THREE: {"old": "1:3.0", "new": ""}},
    }
    assert not list(Path("/etc").glob("trial-*.conf"))
    assert minion.state("pkg.purged", ONE)["comment"] == (
        "None of the targeted packages are installed or partially installed"
    )


@in_throwaway_root
def test_packages_are_held_and_released(minion, repository):
    use_only(repository)
    minion.call("pkg.install", pkgs=[ONE, TWO])
    foreseen, done = foreseen_and_done(minion, "pkg.held", "x", pkgs=[ONE, TWO])
    assert foreseen["comment"] == (
        "The following package would be held: trial-one\nThe following package would be held: trial-two"
    )
    assert done["changes"][ONE] == {
        "name": ONE,
        "changes": {"old": "install", "new": "hold"},
        "result": True,
        "comment": "Package trial-one is now being held.",
    }
    assert done["comment"] == "Package trial-one is now being held\nPackage trial-two is now being held"
    assert minion.state("pkg.held", ONE)["comment"] == "No changes made"
    only = minion.state("pkg.held", ONE, replace=True)
    assert list(only["changes"]) == [TWO]
    released = minion.state("pkg.unheld", "x", all=True)
    assert released["comment"] == "Package trial-one is no longer being held."
    assert minion.state("pkg.unheld", ONE)["comment"] == "No changes made"


@in_throwaway_root
def test_a_package_is_held_as_it_is_installed(minion, repository):
    use_only(repository)
    foreseen, done = foreseen_and_done(minion, "pkg.installed", ONE, hold=True)
    assert "Package trial-one is set to be held." in foreseen["comment"]
    assert done["comment"] == (
        "The following packages were installed/updated: trial-one\nPackage trial-one is now being held."
    )
    again = minion.state("pkg.installed", ONE, hold=True)
    assert again["comment"] == (
        "All specified packages are already installed.\nPackage trial-one is already set to be held."
    )
    released = minion.state("pkg.installed", ONE, hold=False)
    assert released["changes"] == {ONE: {"old": "hold", "new": "install"}}


@in_throwaway_root
def test_lists_are_fetched_once_in_a_run(minion, repository):
    use_only(repository)
    fetched = []
    refresh = minion.space.table("modules")["pkg.refresh_db"]
    minion.space.table("modules")._loaded.functions["pkg.refresh_db"] = lambda **kw: fetched.append(1) or refresh(**kw)
    minion.write(
        "base/main.sls", f"{TWO}:\n  pkg.latest: []\n{THREE}:\n  pkg.latest: []\n{ONE}:\n  pkg.installed: []\n"
    )
    results = minion.call("state.apply", "main").values()
    assert all(result["result"] for result in results)
    assert len(fetched) == 1


@in_throwaway_root
def test_a_watched_change_applies_the_state_again(minion, repository):
    use_only(repository)
    minion.write(
        "base/main.sls",
        f"{ONE}:\n  pkg.installed:\n    - watch:\n      - test: y\ny:\n  test.succeed_with_changes: []\n",
    )
    results = {result["__id__"]: result for result in minion.call("state.apply", "main").values()}
    assert results[ONE]["changes"] == {ONE: {"old": "", "new": "1.1"}}


@in_throwaway_root
def test_a_repository_is_configured_changed_and_removed(minion, repository):
    use_only(repository)
    line, file = "deb http://z.example/debian bookworm main", "/etc/apt/sources.list.d/z.list"
    caution = (
        "This may cause pkg states to behave differently than stated if this action is repeated without test=True, "
        "due to the differences in the configured repositories."
    )
    foreseen, done = foreseen_and_done(minion, "pkgrepo.managed", line, file=file, refresh=False)
    assert foreseen["comment"] == f"Package repo '{line}' would be configured. {caution}"
    assert done["comment"] == f"Configured package repo '{line}'"
    assert done["changes"] == {"repo": line}
    more = f"{line} contrib"
    _, done = foreseen_and_done(minion, "pkgrepo.managed", more, refresh=False)
    assert done["changes"] == {
        "comps": {"old": ["main"], "new": ["main", "contrib"]},
        "line": {"old": line, "new": more},
    }
    _, done = foreseen_and_done(minion, "pkgrepo.managed", more, refresh=False, disabled=True)
    assert done["changes"]["disabled"] == {"old": False, "new": True}
    same = minion.state("pkgrepo.managed", more, refresh=False, disabled=True)
    assert same["comment"] == f"Package repo '{more}' already configured"
    foreseen, done = foreseen_and_done(minion, "pkgrepo.absent", more, refresh=False)
    assert foreseen["comment"] == f"Package repo '{more}' will be removed. {caution}"
    assert done["comment"] == f"Removed repo {more}"
    assert minion.state("pkgrepo.absent", more)["comment"] == f"Package repo {more} is absent"
    wrong = minion.state("pkgrepo.managed", "foo")
    assert wrong["comment"] == (
        "Failed to configure repo 'foo': Name foo is not valid. This must be the complete repo entry as seen in the "
        "sources file"
    )


@in_throwaway_root
def test_a_repository_of_dnf(tmp_path):
    minion = Shipped(tmp_path, grains={"os_family": "RedHat", "os": "Rocky", "osarch": "x86_64"})
    Path("/etc/yum.repos.d").mkdir(exist_ok=True)
    wanted = {"humanname": "New", "baseurl": "http://n/", "gpgcheck": True}
    _, done = foreseen_and_done(minion, "pkgrepo.managed", "new", **wanted)
    assert done["changes"] == {"repo": "new"}
    assert Path("/etc/yum.repos.d/new.repo").read_text().splitlines() == [
        "[new]",
        "baseurl=http://n/",
        "gpgcheck=1",
        "enabled=1",
        "name=New",
    ]
    _, done = foreseen_and_done(minion, "pkgrepo.managed", "new", **{**wanted, "gpgcheck": False}, disabled=True)
    assert done["changes"] == {"gpgcheck": {"old": "1", "new": "0"}, "enabled": {"old": "1", "new": "0"}}
    foreseen_and_done(minion, "pkgrepo.absent", "new")


@pytest.mark.parametrize(
    ("name", "wanted", "text"),
    [("x", None, "x"), ("x", "1.0", "x=1.0"), ("x", "<1.0", "x<1.0"), ("x", "=1.0", "x=1.0"), ("x", "1.*", "x=1.*")],
)
def test_a_package_is_told_with_its_version(name, wanted, text):
    assert package_states.wanted_text(name, wanted) == text


def low(name: str, **more: Any) -> dict[str, Any]:
    return {"state": "pkg", "fun": "installed", "__id__": name, "__sls__": "main", "order": 1, "name": name, **more}


@pytest.mark.behaviour("REQ-10")
def test_packages_of_states_that_are_alike_are_joined(minion):
    first = low("a", version="1")
    others = [first, low("b"), low("c", pkgs=["d", {"e": "2"}]), low("f", fromrepo="x"), low("a2", pkgs=["a"])]
    told = minion.space.table("states")["pkg.mod_aggregate"](first, others, {})
    assert told["pkgs"] == [{"a": "1"}, "b", "d", {"e": "2"}]
    assert "version" not in told
    assert told["name"] == "a"


@pytest.mark.behaviour("REQ-10")
def test_packages_of_states_that_ran_or_stand_alone_are_left(minion):
    first, second = low("a"), low("b")
    aggregate = minion.space.table("states")["pkg.mod_aggregate"]
    assert aggregate(first, [first, second], {"pkg_|-b_|-b_|-installed": {}}) == first
    assert aggregate(low("x", fun="held"), [second], {}) == low("x", fun="held")
    files = low("s", sources=[{"s": "/s.deb"}])
    assert aggregate(files, [second, low("t", sources=[{"t": "/t.deb"}])], {})["sources"] == [
        {"s": "/s.deb"},
        {"t": "/t.deb"},
    ]
