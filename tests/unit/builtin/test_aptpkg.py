"""Packages of Debian, really installed and removed, in a throw-away root and from a repository made on the spot.

What the functions return is compared with what Salt 3008.2 returned for the same packages, where nothing else is said.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped
from trial_packages import make_repository, use_only

from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("LDR-14", "LDR-16")

GRAINS = {"os_family": "Debian", "os": "Debian", "osarch": "amd64", "oscodename": "bookworm"}


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("repository")
    # apt drops root to read it
    for place in (directory, *list(directory.parents)[:2]):
        place.chmod(0o755)
    return make_repository(directory)


@pytest.fixture
def minion(tmp_path) -> Shipped:
    return Shipped(tmp_path, grains=GRAINS)


@in_throwaway_root
def test_packages_are_installed_upgraded_removed_and_purged(minion, repository):
    use_only(repository)
    assert minion.call("pkg.install", "trial-one", version="1.0") == {"trial-one": {"old": "", "new": "1.0"}}
    assert minion.call("pkg.install", "trial-one", version="1.0") == {}
    assert minion.call("pkg.version", "trial-one", "trial-two") == {"trial-one": "1.0", "trial-two": ""}
    assert minion.call("pkg.list_upgrades", refresh=False) == {"trial-one": "1.1"}
    assert minion.call("pkg.upgrade") == {"trial-one": {"old": "1.0", "new": "1.1"}}
    assert minion.call("pkg.install", pkgs=["trial-two", "trial-three"]) == {
        "trial-two": {"old": "", "new": "2.0"},
        "trial-three": {"old": "", "new": "1:3.0"},
    }
    assert minion.call("pkg.install", "trial-one", reinstall=True) == {"trial-one": {"old": "1.1", "new": "1.1"}}
    assert minion.call("pkg.remove", pkgs=["trial-one", "nosuch"]) == {
        "trial-one": {"old": "1.1", "new": ""},
        "trial-two": {"old": "2.0", "new": ""},
    }
    assert minion.call("pkg.remove", "trial-one") == {}
    assert minion.call("pkg.list_pkgs", removed=True)["trial-one"] == "1.1"
    assert Path("/etc/trial-one.conf").exists()
    assert minion.call("pkg.purge", "trial-one") == {
        "removed": {"trial-one": {"old": "1.1", "new": ""}},
        "installed": {},
    }
    assert not Path("/etc/trial-one.conf").exists()
    assert minion.call("pkg.purge", "trial-three")["installed"] == {"trial-three": {"old": "1:3.0", "new": ""}}
    assert minion.call("pkg.purge", "trial-one") == {}


@in_throwaway_root
def test_a_version_can_be_a_condition_and_may_be_an_older_one(minion, repository):
    use_only(repository)
    assert minion.call("pkg.install", "trial-one", version=">1.0") == {"trial-one": {"old": "", "new": "1.1"}}
    assert minion.call("pkg.install", "trial-one", version="1.0") == {"trial-one": {"old": "1.1", "new": "1.0"}}
    assert minion.call("pkg.install", pkgs=[{"trial-one": "1.*"}]) == {"trial-one": {"old": "1.0", "new": "1.1"}}
    refused = minion.outcome("pkg.install", "trial-one", version="<1.0")
    assert "No version matching 'trial-one<1.0' could be found (available: 1.1, 1.0)" in refused.value


@in_throwaway_root
def test_files_are_installed_with_what_they_need(minion, repository):
    use_only(repository)
    file = str(repository / "trial-two_2.0_all.deb")
    assert minion.call("lowpkg.bin_pkg_info", file) == {"name": "trial-two", "version": "2.0", "arch": "all"}
    assert minion.call("pkg.install", sources=[{"trial-two": file}]) == {
        "trial-one": {"old": "", "new": "1.1"},
        "trial-two": {"old": "", "new": "2.0"},
    }
    missing = minion.outcome("pkg.install", sources=[{"trial-two": "/opt/nothere.deb"}])
    assert missing.value == "ERROR: /opt/nothere.deb does not exist on minion"


@in_throwaway_root
def test_what_is_not_needed_any_more_is_removed(minion, repository):
    use_only(repository)
    minion.call("pkg.install", "trial-two")
    minion.call("pkg.remove", "trial-two")
    assert minion.call("pkg.autoremove", list_only=True) == ["trial-one"]
    assert minion.call("pkg.autoremove") == {"trial-one": {"old": "1.1", "new": ""}}
    assert minion.call("pkg.autoremove") == {}


@in_throwaway_root
def test_held_packages_stay(minion, repository):
    use_only(repository)
    minion.call("pkg.install", "trial-one", version="1.0")
    assert minion.call("pkg.hold", "trial-one") == {
        "trial-one": {
            "name": "trial-one",
            "changes": {"old": "install", "new": "hold"},
            "result": True,
            "comment": "Package trial-one is now being held.",
        }
    }
    assert minion.call("pkg.hold", "trial-one")["trial-one"]["comment"] == (
        "Package trial-one is already set to be held."
    )
    assert minion.call("pkg.get_selections", state="hold") == {"hold": ["trial-one"]}
    assert minion.call("pkg.upgrade") == {}
    assert minion.call("pkg.unhold", pkgs=["trial-one", "nosuch"]) == {
        "trial-one": {
            "name": "trial-one",
            "changes": {"old": "hold", "new": "install"},
            "result": True,
            "comment": "Package trial-one is no longer being held.",
        },
        "nosuch": {
            "name": "nosuch",
            "changes": {},
            "result": False,
            "comment": "Package nosuch does not have a state.",
        },
    }
    assert minion.call("pkg.set_selections", selection={"hold": ["trial-one"]}) == {
        "trial-one": {"old": "install", "new": "hold"}
    }
    assert "Invalid state(s): bogus" in minion.outcome("pkg.set_selections", selection={"bogus": ["x"]}).value


@in_throwaway_root
def test_what_can_be_had_is_told(minion, repository):
    use_only(repository)
    assert minion.call("pkg.refresh_db") == {
        f"file:{repository} ./ InRelease": False,
        f"file:{repository} ./ Release": False,
        f"file:{repository} ./ Packages": True,
        f"file:{repository} ./ Translation-en": False,
    }
    assert minion.call("pkg.refresh_db", cache_valid_time=3600) == {}
    assert minion.call("pkg.latest_version", "trial-one") == "1.1"
    assert minion.call("pkg.latest_version", "trial-one", "nosuch") == {"trial-one": "1.1", "nosuch": ""}
    assert minion.call("pkg.list_repo_pkgs", "trial-one") == {"trial-one": ["1.1", "1.0"]}
    assert minion.call("pkg.list_repo_pkgs", "trial-*") == {
        "trial-one": ["1.1", "1.0"],
        "trial-two": ["2.0"],
        "trial-three": ["1:3.0"],
    }
    assert minion.call("pkg.show", "trial-one", filter="section")["trial-one"]["1.0"] == {"Section": "misc"}
    unknown = minion.outcome("pkg.install", "nosuch")
    assert unknown.value == (
        "ERROR: Problem encountered installing package(s). Additional info follows:\n\n"
        "changes:\n    ----------\nerrors:\n    - E: Unable to locate package nosuch"
    )
    assert unknown.retcode == 1


@in_throwaway_root
def test_installed_packages_and_their_files_are_told(minion, repository):
    use_only(repository)
    minion.call("pkg.install", "trial-three")
    info = minion.call("pkg.info_installed", "trial-three")["trial-three"]
    assert info.pop("install_date").endswith("Z")
    assert info == {
        "name": "trial-three",
        "architecture": "all",
        "packager": "Nobody <nobody@example.com>",
        "source": "trial-three",
        "version": "1:3.0",
        "group": "misc",
        "url": "http://example.com",
        "description": "trial package\n longer text\n",
    }
    files = ["/.", "/etc", "/etc/trial-three.conf", "/usr", "/usr/share", "/usr/share/doc"]
    files += ["/usr/share/doc/trial-three", "/usr/share/doc/trial-three/version"]
    assert minion.call("pkg.file_list", "trial-three") == {"errors": [], "files": files}
    assert minion.call("pkg.file_dict", "trial-three") == {"errors": [], "packages": {"trial-three": files}}
    assert minion.call("pkg.owner", "/etc/trial-three.conf") == "trial-three"
    assert minion.outcome("pkg.owner", "/etc/trial-three.conf", "/nosuch").value == {
        "/etc/trial-three.conf": "trial-three",
        "/nosuch": "",
    }
    assert minion.call("lowpkg.list_pkgs", "trial-*") == {"trial-three": "1:3.0"}
    assert minion.outcome("pkg.file_list", "nosuch").value == "Error:  dpkg-query: no packages found matching nosuch"
    refused = "ERROR: Error getting packages information: dpkg-query: no packages found matching nosuch"
    assert minion.outcome("pkg.info_installed", "nosuch").value == refused
    assert minion.outcome("pkg.info_installed", "nosuch", failhard=False).value == {}


@in_throwaway_root
def test_sources_are_added_changed_and_removed(minion, repository):
    use_only(repository)
    line = "deb http://x.example/debian bookworm main"
    added = minion.call("pkg.mod_repo", line, refresh=False)
    assert added == {
        line: {
            "file": "/etc/apt/sources.list",
            "comps": ["main"],
            "disabled": False,
            "enabled": True,
            "dist": "bookworm",
            "suites": ["bookworm"],
            "type": "deb",
            "types": ["deb"],
            "uri": "http://x.example/debian",
            "uris": ["http://x.example/debian"],
            "line": line,
            "architectures": [],
            "signedby": "",
        }
    }
    assert minion.call("pkg.get_repo", line) == added[line]
    minion.call("pkg.mod_repo", f"{line} contrib", refresh=False)
    text = Path("/etc/apt/sources.list").read_text()
    assert text.splitlines()[1:] == [f"{line} contrib"]
    assert minion.call("pkg.del_repo", line, refresh=False) == (
        f"Repo '{line}' has been removed from /etc/apt/sources.list.\n"
    )
    text = Path("/etc/apt/sources.list").read_text()
    assert text.splitlines()[1:] == ["deb http://x.example/debian bookworm contrib"]
    missing = minion.outcome("pkg.del_repo", "deb http://nothere.example bookworm main", refresh=False)
    assert missing.value == "ERROR: Repo deb http://nothere.example bookworm main doesn't exist in the sources.list(s)"


@in_throwaway_root
def test_a_file_of_its_own_goes_with_its_last_source(minion, repository):
    use_only(repository)
    line = "deb http://y.example/debian bookworm main"
    file = "/etc/apt/sources.list.d/y.list"
    options = "[arch=amd64 signed-by=/etc/apt/keyrings/a.gpg]"
    minion.call("pkg.mod_repo", line.replace("deb ", f"deb {options} "), refresh=False, file=file, comments="hello")
    assert Path(file).read_text() == f"{line.replace('deb ', f'deb {options} ')} #hello\n"
    minion.call("pkg.mod_repo", line, refresh=False, file=file, disabled=True)
    assert Path(file).read_text() == f"# {line} #hello\n"
    assert "http://y.example/debian" not in minion.call("pkg.list_repos")
    assert minion.call("pkg.list_repos", disabled=True)["http://y.example/debian"][0]["enabled"] is False
    assert minion.call("pkg.del_repo", line, refresh=False) == f"File {file} containing repo '{line}' has been removed."
    assert not Path(file).exists()


@in_throwaway_root
def test_sources_in_deb822_form_are_changed_in_their_file(minion, repository):
    use_only(repository)
    file = Path("/etc/apt/sources.list.d/e.sources")
    line = "deb http://e.example/debian sid main"
    minion.call("pkg.mod_repo", line, refresh=False, file=str(file))
    assert file.read_text() == "Types: deb\nURIs: http://e.example/debian\nSuites: sid\nComponents: main\n"
    minion.call("pkg.mod_repo", line, refresh=False, comps="main,contrib", architectures="amd64,i386", disabled=True)
    assert sorted(file.read_text().splitlines()) == [
        "Architectures: amd64 i386",
        "Components: main contrib",
        "Enabled: no",
        "Suites: sid",
        "Types: deb",
        "URIs: http://e.example/debian",
    ]
    minion.call("pkg.del_repo", f"{line} contrib", refresh=False)
    assert not file.exists()


def test_another_family_has_other_packages(tmp_path):
    refused = Shipped(tmp_path, grains={"os_family": "Nowhere"}).outcome("pkg.version", "bash")
    assert "apt is the package manager of Debian and its relatives only" in refused.value


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        ("pkg.normalize_name", ["zsh:amd64"], "zsh"),
        ("pkg.normalize_name", ["zsh:i386"], "zsh:i386"),
        ("pkg.normalize_name", ["libc6:all"], "libc6"),
        ("pkg.parse_arch", ["zsh:amd64"], {"name": "zsh", "arch": "amd64"}),
        ("pkg.parse_arch", ["zsh"], {"name": "zsh", "arch": None}),
        ("pkg.version_cmp", ["1.0-1", "1:0.5"], -1),
        ("pkg.version_cmp", ["1:1-1", "1-1", True], 0),
        ("pkg.version_cmp", [1.0, 2], -1),
        ("pkg.version_cmp", ["a b", "2"], None),
        ("pkg_resource.version_compare", ["3.5", "<=", "2.4"], False),
        ("pkg_resource.version_compare", ["1:1.0", ">=", "2"], True),
        ("pkg_resource.version_compare", ["1.0", ">>", "2"], False),
        ("pkg_resource.pack_sources", ["x"], {}),
        ("pkg_resource.pack_sources", [[{"a:amd64": "b"}, {"c": "d"}]], {"a": "b", "c": "d"}),
        ("pkg_resource.parse_targets", [], (None, None)),
        ("pkg_resource.parse_targets", ["foo,bar"], ({"foo": None, "bar": None}, "repository")),
        ("pkg_resource.parse_targets", [None, ["a:amd64", {"b": 1.0}]], ({"a": None, "b": "1.0"}, "repository")),
        ("pkg_resource.parse_targets", [None, ["a"], [{"b": "/x"}]], (None, None)),
        ("pkg_resource.parse_targets", [None, None, [{"b": "/x"}]], (["/x"], "file")),
        ("pkg_resource.parse_targets", [None, None, ["x"]], (None, None)),
        ("pkg_resource.format_version", [1, 2, 3], "1:2-3"),
        ("pkg_resource.format_version", ["", 2, ""], "2"),
        ("pkg_resource.version_clean", ["1.2"], "1.2"),
        ("pkg_resource.check_extra_requirements", ["a", "b"], True),
    ],
)
def test_questions_without_a_system(minion, function, arguments, expected):
    assert minion.call(function, *arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"pkgs": ["a", "a"]}, "contains duplicated packages names"),
        ({"sources": [{"b": "rel.deb"}]}, "Path rel.deb for package b is either not absolute or an invalid protocol"),
        ({"pkgs": "a,b"}, "pkgs must be a list"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(minion, arguments, said):
    assert said in minion.outcome("pkg_resource.parse_targets", **arguments).value
