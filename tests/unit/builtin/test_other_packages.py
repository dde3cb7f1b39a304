"""Packages really installed by dnf, zypper and pacman in a throw-away root; the database of apk.

What the functions return is what Salt 3008.2 returned for the same packages, where nothing else is said.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import trial_rpms
from shipped import Shipped

from servers import program
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("LDR-14", "LDR-16")

ONE, TWO, THREE = "trial-one", "trial-two", "trial-three"


@pytest.fixture(scope="module")
def rpms(tmp_path_factory) -> Path:
    return trial_rpms.make_rpm_repository(tmp_path_factory.mktemp("rpms"))


@pytest.fixture(scope="module")
def pacs(tmp_path_factory) -> Path:
    program("pacman")
    directory = tmp_path_factory.mktemp("pacs")
    for place in (directory, *list(directory.parents)[:2]):
        place.chmod(0o755)
    return trial_rpms.make_pacman_repository(directory)


@pytest.fixture
def minion(tmp_path, request) -> Shipped:
    family, system = request.param
    return Shipped(tmp_path, grains={"os_family": family, "os": system, "osarch": "x86_64"})


def on(family: str, system: str):
    return pytest.mark.parametrize("minion", [(family, system)], indirect=True, ids=[system])


def went(*names: tuple[str, str, str]) -> dict[str, dict[str, str]]:
    return {name: {"old": old, "new": new} for name, old, new in names}


def install_upgrade_and_remove(minion: Shipped, repository: Path) -> None:
    """What is alike with dnf and zypper."""
    assert minion.call("pkg.latest_version", ONE, "nosuch") == {ONE: "1.1-1", "nosuch": ""}
    assert minion.call("pkg.install", ONE, version="1.0-1") == went((ONE, "", "1.0-1"))
    assert minion.call("pkg.install", ONE, version="1.0-1") == {}
    assert minion.call("pkg.version", ONE, TWO) == {ONE: "1.0-1", TWO: ""}
    assert minion.call("pkg.list_upgrades") == {ONE: "1.1-1"}
    assert minion.call("pkg.upgrade") == went((ONE, "1.0-1", "1.1-1"))
    assert minion.call("pkg.install", ONE, version="1.0") == went((ONE, "1.1-1", "1.0-1"))
    assert minion.call("pkg.install", ONE, version=">1.0") == went((ONE, "1.0-1", "1.1-1"))
    assert minion.call("pkg.install", ONE, reinstall=True) == went((ONE, "1.1-1", "1.1-1"))
    assert minion.call("pkg.install", pkgs=[TWO, THREE]) == went((THREE, "", "1:3.0-1"), (TWO, "", "2.0-1"))
    assert minion.call("pkg.list_repo_pkgs", ONE, byrepo=True) == {"trial": {ONE: ["1.1-1", "1.0-1"]}}
    assert minion.call("pkg.list_pkgs", attr="version,arch")[THREE] == [{"version": "3.0", "arch": "noarch"}]
    impossible = minion.outcome("pkg.install", ONE, version=">2")
    assert "No version matching 'trial-one>2' could be found (available: 1.1-1, 1.0-1)" in impossible.value
    assert minion.outcome("pkg.install", "nosuch").value.startswith("ERROR: ")
    assert minion.call("pkg.remove", ONE) == went((ONE, "1.1-1", ""), (TWO, "2.0-1", ""))
    assert minion.call("pkg.remove", ONE) == {}
    file = str(repository / "trial-two-2.0-1.noarch.rpm")
    assert minion.call("pkg.install", sources=[{TWO: file}], skip_verify=True) == went(
        (ONE, "", "1.1-1"), (TWO, "", "2.0-1")
    )
    assert minion.call("lowpkg.bin_pkg_info", file) == {"name": TWO, "version": "2.0-1", "arch": "noarch"}


@on("RedHat", "Rocky")
@in_throwaway_root
def test_packages_by_dnf(minion, rpms):
    program("dnf")
    trial_rpms.use_with_dnf(rpms)
    assert minion.call("pkg.refresh_db") is None
    install_upgrade_and_remove(minion, rpms)
    assert minion.call("pkg.purge", THREE) == went((THREE, "1:3.0-1", ""))
    assert minion.call("pkg.upgrade", name="nosuch") == {}


@on("Suse", "SLES")
@in_throwaway_root
def test_packages_by_zypper(minion, rpms):
    program("zypper")
    trial_rpms.use_with_zypper(rpms)
    assert minion.call("pkg.refresh_db") == {"trial": True}
    install_upgrade_and_remove(minion, rpms)
    assert minion.call("pkg.hold", TWO)[TWO]["comment"] == "Package trial-two is now being held."
    assert minion.call("pkg.hold", TWO)[TWO]["comment"] == "Package trial-two is already set to be held."
    assert minion.call("pkg.list_holds") == ["trial-two-0:2.0-1.*"]
    assert minion.call("pkg.list_locks") == {TWO: {"type": "package", "match_type": "glob", "case_sensitive": "on"}}
    assert minion.call("pkg.unhold", TWO)[TWO]["changes"] == {"old": "hold", "new": ""}
    assert minion.call("pkg.download", ONE)[ONE]["path"].endswith("trial-one-1.1-1.noarch.rpm")
    assert minion.call("pkg.info_available", ONE)[ONE]["summary"] == "trial package"


@on("RedHat", "Rocky")
@in_throwaway_root
def test_what_rpm_tells(minion, rpms):
    program("dnf")
    trial_rpms.use_with_dnf(rpms)
    minion.call("pkg.install", pkgs=[ONE, THREE])
    info = minion.call("pkg.info_installed", THREE)[THREE]
    assert {key: info[key] for key in ("version", "release", "epoch", "arch", "source", "description")} == {
        "version": "3.0",
        "release": "1",
        "epoch": "1",
        "arch": "noarch",
        "source": "trial-three-3.0-1.src.rpm",
        "description": "longer text\nof two lines",
    }
    assert minion.call("pkg.info_installed", ONE, attr="version", all_versions=True) == {
        ONE: [{"version": "1.1", "edition": "0:1.1-1"}]
    }
    conf = "/etc/trial/trial-one.conf"
    assert minion.call("pkg.file_list", ONE) == {"errors": [], "files": [conf]}
    assert minion.outcome("pkg.file_dict", ONE, "nosuch").value == {
        "errors": ["package nosuch is not installed"],
        "packages": {ONE: [conf]},
    }
    assert minion.outcome("pkg.owner", conf, "/nosuch").value == {conf: ONE, "/nosuch": ""}
    assert minion.call("pkg.verify", ONE) == {}
    with Path(conf).open("a") as file:
        file.write("changed\n")
    assert minion.call("pkg.verify", ONE)[conf]["type"] == "config"
    assert minion.call("pkg.verify", ONE, ignore_types=["config"]) == {}
    assert "size" in minion.call("pkg.modified", ONE)[conf]
    assert minion.call("lowpkg.list_pkgs") == {ONE: "1.1", THREE: "3.0"}
    package = str(rpms / "trial-one-1.1-1.noarch.rpm")
    assert minion.call("lowpkg.checksum", package, "/nothere") == {package: True, "/nothere": False}


@on("RedHat", "Rocky")
@in_throwaway_root
def test_repositories_of_dnf(minion):
    directory = Path("/etc/yum.repos.d")
    directory.mkdir(exist_ok=True)
    (directory / "trial.repo").write_text("# ours\n[trial]\nname=Trial repo\nbaseurl=file:///opt/x\nenabled=1\n")
    trial = {"name": "Trial repo", "baseurl": "file:///opt/x", "enabled": "1"}
    assert minion.call("pkg.list_repos") == {"trial": {**trial, "file": "/etc/yum.repos.d/trial.repo"}}
    assert minion.call("pkg.get_repo", "trial") == trial
    new = minion.call("pkg.mod_repo", "new", name="New repo", baseurl="http://x.example/")
    assert new == {"/etc/yum.repos.d/new.repo": {"new": {"name": "New repo", "baseurl": "http://x.example/"}}}
    minion.call("pkg.mod_repo", "new", enabled=0, gpgcheck=True, mirrorlist="http://m/", baseurl="")
    assert (directory / "new.repo").read_text() == "[new]\nname=New repo\nenabled=0\ngpgcheck=1\nmirrorlist=http://m/\n"
    for arguments, said in (
        ({}, "The repo does not exist and needs to be created, but a name was not given"),
        ({"name": "x"}, "none of baseurl, mirrorlist, metalink was given"),
        (
            {"name": "x", "baseurl": "1", "mirrorlist": "2"},
            "One and only one of baseurl, mirrorlist, metalink can be used",
        ),
    ):
        assert said in minion.outcome("pkg.mod_repo", "bad", **arguments).value
    gone = "File /etc/yum.repos.d/new.repo containing repo new has been removed"
    assert minion.call("pkg.del_repo", "new") == gone
    assert minion.call("pkg.del_repo", "new") == (
        "Error: the new repo does not exist in ['/etc/yum/repos.d', '/etc/yum.repos.d']"
    )


@on("Suse", "SLES")
@in_throwaway_root
def test_repositories_of_zypper(minion, rpms):
    program("zypper")
    trial_rpms.use_with_zypper(rpms)
    assert minion.call("pkg.mod_repo", "new", url="http://x.example/") == {
        "enabled": True,
        "autorefresh": False,
        "baseurl": "http://x.example/",
        "alias": "new",
    }
    changed = minion.call("pkg.mod_repo", "new", enabled=False, gpgcheck=True, priority=50, refresh=True)
    assert changed == {
        "enabled": False,
        "autorefresh": True,
        "baseurl": "http://x.example/",
        "priority": "50",
        "gpgcheck": True,
        "alias": "new",
    }
    assert minion.call("pkg.mod_repo", "new") == {
        **changed,
        "comment": "Specified arguments did not result in modification of repo",
    }
    assert minion.call("pkg.del_repo", "new") == {"new": True, "message": "Repository 'new' has been removed."}
    assert minion.outcome("pkg.del_repo", "new").value == "ERROR: Repository 'new' not found."


@on("Arch", "Arch")
@in_throwaway_root
def test_packages_by_pacman(minion, pacs):
    trial_rpms.use_with_pacman(pacs)
    one, two, three = "pac-trial-one", "pac-trial-two", "pac-trial-three"
    assert minion.call("pkg.latest_version", one, "nosuch") == {one: "1.1-1", "nosuch": ""}
    file = str(pacs / "pac-trial-one-1.0-1-any.pkg.tar.gz")
    assert minion.call("pkg.install", sources=[{one: file}]) == went((one, "", "1.0-1"))
    assert minion.call("pkg.list_upgrades") == {one: "1.1-1"}
    assert minion.call("pkg.upgrade") == went((one, "1.0-1", "1.1-1"))
    assert minion.call("pkg.install", pkgs=[two, three]) == went((three, "", "3.0-1"), (two, "", "2.0-1"))
    assert minion.call("pkg.group_list") == {"installed": ["trials"], "partially_installed": [], "available": []}
    assert minion.call("pkg.file_list", one) == {"errors": [], "files": ["/etc/", "/etc/pac-trial-one.conf"]}
    assert minion.call("pkg.owner", "/etc/pac-trial-one.conf") == one
    assert "error: target not found: nosuch" in minion.outcome("pkg.install", "nosuch").value
    assert "could not satisfy dependencies" in minion.outcome("pkg.remove", one).value
    assert minion.call("pkg.remove", pkgs=[two, "nosuch"]) == went((two, "2.0-1", ""))
    assert minion.call("pkg.purge", one) == went((one, "1.1-1", ""))


@on("Alpine", "Alpine")
@in_throwaway_root
def test_the_installed_packages_of_alpine(minion):
    database = Path("/lib/apk/db/installed")
    database.parent.mkdir(parents=True, exist_ok=True)
    database.write_text("P:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\nF:lib\nR:ld-musl-x86_64.so.1\n\n")
    assert minion.call("pkg.list_pkgs") == {"musl": "1.2.4-r2"}
    assert minion.call("pkg.version", "musl", "nosuch") == {"musl": "1.2.4-r2", "nosuch": ""}
    assert minion.call("pkg.owner", "/lib/ld-musl-x86_64.so.1") == "musl"
    assert minion.call("pkg.info_installed", "musl") == {
        "musl": {"version": "1.2.4-r2", "arch": "x86_64", "license": "MIT"}
    }
    database.write_text("P:musl\nV:1.2.4-r3\nA:x86_64\n\nP:busybox\nV:1.36.1-r5\n\n")
    assert minion.call("pkg.list_pkgs") == {"musl": "1.2.4-r3", "busybox": "1.36.1-r5"}
    assert minion.call("pkg.version_cmp", "1.2.4-r2", "1.2.4-r10") == -1


@pytest.mark.parametrize("family", ["RedHat", "Suse", "Alpine", "Arch", "Debian"])
def test_each_family_has_the_functions_that_states_need(tmp_path, family):
    minion = Shipped(tmp_path, grains={"os_family": family})
    functions = set(minion.space.table("modules").functions_of("pkg"))
    needed = ("install", "remove", "purge", "upgrade", "list_pkgs", "list_upgrades", "latest_version", "version")
    needed += ("refresh_db", "upgrade_available", "version_cmp", "owner", "file_list", "file_dict")
    assert {f"pkg.{name}" for name in needed} <= functions
