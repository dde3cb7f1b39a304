"""Parsers of the package managers' outputs, on what those programs printed."""

from __future__ import annotations

import pytest

from saltern.plugin_api.linux import apk, apt, apt_keys, dnf, dpkg, pacman, repo_files, rpm, rpm_install, zypper

POLICY = """\
trial-one:
  Installed: 1.0
  Candidate: 1.1
  Version table:
     1.1 500
        500 file:/opt/trial ./ Packages
 *** 1.0 500
        500 file:/opt/trial ./ Packages
        100 /var/lib/dpkg/status
trial-two:
  Installed: (none)
  Candidate: 2.0
  Version table:
     2.0 500
        500 file:/opt/trial ./ Packages
"""


def test_apt_policy():
    found = apt.parse_policy(POLICY)
    assert found["trial-one"] == apt.Policy("1.0", "1.1", ["1.1", "1.0"])
    assert found["trial-two"] == apt.Policy("", "2.0", ["2.0"])


def test_apt_update():
    text = """\
Hit:1 http://deb.debian.org/debian bookworm InRelease
Get:2 http://deb.debian.org/debian bookworm/main amd64 Packages [8693 kB]
Ign:3 file:/opt/trial ./ InRelease
Err:4 http://gone.example/debian bookworm InRelease
Fetched 8693 kB in 4s (1206 kB/s)
"""
    assert apt.parse_update(text) == {
        "http://deb.debian.org/debian bookworm InRelease": None,
        "http://deb.debian.org/debian bookworm/main amd64 Packages": True,
        "file:/opt/trial ./ InRelease": False,
        "http://gone.example/debian bookworm InRelease": False,
    }
    assert apt.failed_sources(text) == ["http://gone.example/debian bookworm InRelease"]


def test_apt_simulation():
    text = "Inst trial-one [1.0] (1.1 localhost [all])\nConf trial-one (1.1 localhost [all])\nRemv trial-two [2.0]\n"
    found = apt.parse_simulation(text)
    assert (found["Inst"], found["Remv"]) == ({"trial-one": "1.1"}, {"trial-two": "2.0"})


def test_dpkg_owners_leave_diversions_out():
    text = "diversion by dash from: /bin/sh\ndiversion by dash to: /bin/sh.distrib\ndash: /bin/sh\na, b:amd64: /etc/x\n"
    assert dpkg.base_names(dpkg.parse_owners(text), "amd64") == ["dash", "a", "b"]


def test_dpkg_control_joins_what_is_a_list():
    text = "Package: x\nTag: a::b,\n c::d\nDescription: first\n second\n\nPackage: y\n"
    assert dpkg.parse_control(text) == [
        {"Package": "x", "Tag": "a::b, c::d", "Description": "first"},
        {"Package": "y"},
    ]


def test_names_of_deb_files():
    assert dpkg.deb_file_parts("libruby_1%3a3.1_amd64.deb") == ("libruby", "1:3.1", "amd64")
    assert dpkg.deb_file_parts("lock") is None


def test_gpg_keys():
    text = (
        "pub:e:4096:1:7638D0442B90D010:1416603673:1668891673::-:::sc::::::23::0:\n"
        "fpr:::::::::126C0D24BD8A2942CC7DF8AC7638D0442B90D010:\n"
        "uid:e::::1416603673::15C761B84F0C9C293316B30F007E34BE74546B48::Debian <ftpmaster@debian.org>::::::::::0:\n"
    )
    found = apt_keys.parse_colons(text)
    assert found["2B90D010"] == {
        "keyid": "7638D0442B90D010",
        "keyid_type": "pub",
        "size": 4096,
        "algorithm": "1",
        "date_creation": "1416603673",
        "date_expiration": "1668891673",
        "validity": "expired",
        "capability": "signing, certification",
        "uid": "Debian <ftpmaster@debian.org>",
        "fingerprint": "126C0D24BD8A2942CC7DF8AC7638D0442B90D010",
    }


DNF_LIST = """\
Installed Packages
trial-one.noarch                          1.1-1                           @trial
Available Packages
trial-one.noarch                          1.0-1                           trial
trial-three.noarch                        1:3.0-1                         trial
"""
YUM_CHECK_UPDATE = """\

NetworkManager-config-server-with-a-very-long-name.noarch
                                 1:1.18.8-2.el7_9                  updates
kernel.x86_64                    3.10.0-1160.el7                   updates
Obsoleting Packages
grub2.x86_64                     1:2.02-0.87.el7                   updates
    grub2-tools.x86_64           1:2.02-0.80.el7                   @base
"""


def test_dnf_lists_are_rows():
    rows = dnf.parse_list(DNF_LIST)
    assert [row.installed for row in rows] == [True, False, False]
    assert rows[2] == dnf.Row("trial-three", "noarch", "1:3.0-1", "trial")


def test_yum_wraps_long_names_and_lists_what_is_obsolete():
    rows = dnf.parse_list(YUM_CHECK_UPDATE)
    assert [(row.name, row.version) for row in rows] == [
        ("NetworkManager-config-server-with-a-very-long-name", "1:1.18.8-2.el7_9"),
        ("kernel", "3.10.0-1160.el7"),
    ]


@pytest.mark.parametrize(
    ("text", "locks"),
    [
        ("bash-0:5.1.8-6.el9_1.*\nnginx-1:1.20.1-14.el9.*\n", {"bash": "5.1.8-6.el9_1", "nginx": "1:1.20.1-14.el9"}),
        ("0:bash-4.2.46-34.el7.*\nversionlock list done\n", {"bash": "4.2.46-34.el7"}),
        (
            "# Added by 'versionlock add' command on 2024-11-05 10:00:00\nPackage name: bash\nevr = 5.2.32-1.fc41\n",
            {"bash": "5.2.32-1.fc41"},
        ),
    ],
)
def test_locks_of_three_generations(text, locks):
    assert dnf.parse_locks(text) == locks


def test_dnf_groups():
    text = """\
Available Environment Groups:
   Server with GUI (graphical-server-environment)
Installed Groups:
   Development Tools (development)
Available Groups:
   Legacy UNIX Compatibility (legacy-unix)
"""
    found = dnf.parse_groups(text)
    assert found["installed"] == ["Development Tools"]
    assert found["available"] == ["Legacy UNIX Compatibility"]
    assert found["available environments"] == ["Server with GUI"]


def test_dnf_group_info():
    text = """\
Group: Development Tools
 Group-Id: development
 Description: A basic development environment.
 Mandatory Packages:
   autoconf
   gcc
 Default Packages:
   byacc
 Optional Packages:
   ElectricFence
"""
    assert dnf.parse_group(text) == {
        "type": "package group",
        "group": "Development Tools",
        "id": "development",
        "description": "A basic development environment.",
        "mandatory": ["autoconf", "gcc"],
        "default": ["byacc"],
        "optional": ["ElectricFence"],
        "conditional": [],
    }


def test_repository_options_of_dnf():
    assert dnf.repo_options({"fromrepo": "a,b", "enablerepo": "c"}) == [
        "--disablerepo=*",
        "--enablerepo=a",
        "--enablerepo=b",
    ]
    assert dnf.repo_options({"enablerepo": ["c"], "disableexcludes": "main", "setopt": "x=1,y=2"}) == [
        "--enablerepo=c",
        "--disableexcludes=main",
        "--setopt=x=1",
        "--setopt=y=2",
    ]
    assert dnf.other_options({"security": True, "exclude": "kernel*", "__pub_jid": "1", "refresh": True}) == [
        "--security",
        "--exclude=kernel*",
    ]


def test_rpm_list_and_names():
    text = "trial-three 1 3.0 1 noarch 1795728796\nglibc 0 2.36 1 i686 1795728796\ngpg-pubkey 0 a b (none) 1\n"
    packages = rpm.parse_list(text)
    assert [(one.name_on("x86_64"), one.evr) for one in packages] == [
        ("trial-three", "1:3.0-1"),
        ("glibc.i686", "2.36-1"),
        ("gpg-pubkey", "a-b"),
    ]
    assert packages[0].described() == {
        "epoch": "1",
        "version": "3.0",
        "release": "1",
        "arch": "noarch",
        "install_date": "2026-11-26T21:33:16Z",
        "install_date_time_t": 1795728796,
    }


def test_rpm_verification():
    text = (
        "S.5....T.  c /etc/trial-one.conf\nmissing   d /usr/share/doc/x (Permission denied)\n.M.......    /usr/bin/y\n"
    )
    changed, missing, mode = rpm.parse_verification(text)
    assert changed.verified() == {"mismatch": ["size", "md5sum", "mtime"], "type": "config"}
    assert changed.modified() == ["size", "checksum", "time", "config"]
    assert (missing.path, missing.verified()) == ("/usr/share/doc/x", {"missing": True, "type": "doc"})
    assert mode.verified() == {"mismatch": ["mode"]}


@pytest.mark.parametrize(
    ("name", "normal"),
    [("zsh.x86_64", "zsh"), ("zsh.i686", "zsh.i686"), ("zsh.noarch", "zsh"), ("python3.11", "python3.11")],
)
def test_architectures_in_names_of_rpms(name, normal):
    assert rpm.normal_name(name, "x86_64") == normal


def test_a_plan_knows_newer_older_and_same_versions():
    installed = {"old": ["1.0-1"], "same": ["1.0-1"], "newer": ["2.0-1"], "kernel": ["5-1", "6-1"]}
    targets = {"old": "2.0-1", "same": "1.0", "newer": "1.0-1", "kernel": "4-1", "new": None, "odd": ">9"}
    plan = rpm_install.plan(targets, installed, lambda _: ["1.0-1"], reinstall=True, ignore_epoch=False)
    assert plan.install == ["old-2.0-1", "kernel-4-1", "new"]
    assert plan.downgrade == ["newer-1.0-1"]
    assert (plan.again, plan.again_names) == (["same-1.0"], ["same"])
    assert plan.errors == ["No version matching 'odd>9' could be found (available: 1.0-1)"]


REPOS = """\
# of the house
[trial]
name=Trial repo
baseurl=file:///opt/rpmrepo
  http://second.example/
enabled=1

[other]
name = Other
"""


def test_repository_files_keep_what_is_not_changed():
    file = repo_files.RepoFile(REPOS)
    assert file.text() == REPOS
    assert file.repos()["trial"]["baseurl"] == "file:///opt/rpmrepo\nhttp://second.example/"
    file.change("trial", {"enabled": False, "baseurl": None, "mirrorlist": "http://m/"}, ["hello"])
    file.remove("other")
    assert file.text() == "# of the house\n[trial]\nname=Trial repo\nenabled=0\nmirrorlist=http://m/\n# hello\n"


def test_a_file_without_repositories_is_false():
    file = repo_files.RepoFile(REPOS)
    file.remove("other")
    assert file
    file.remove("trial")
    assert not file


ZYPPER_SEARCH = """\
<?xml version='1.0'?>
<stream>
<message type="info">Loading repository data...</message>
<search-result version="0.0">
<solvable-list>
<solvable status="installed" name="trial-one" kind="package" edition="1.1-1" arch="noarch" repository="trial"/>
<solvable status="other-version" name="trial-one" kind="package" edition="1.0-1" arch="noarch" repository="trial"/>
</solvable-list>
</search-result>
</stream>
"""


def test_zypper_search():
    assert [one["edition"] for one in zypper.solvables(ZYPPER_SEARCH)] == ["1.1-1", "1.0-1"]
    assert zypper.package_names(zypper.solvables(ZYPPER_SEARCH)) == ["trial-one"]


def test_zypper_errors_are_messages_and_questions():
    text = (
        "<?xml version='1.0'?><stream><message type=\"error\">No provider of &apos;nosuch&apos; found.</message>"
        '<prompt id="1"><description>Problem: nothing provides glibc</description></prompt></stream>'
    )
    assert zypper.errors(text) == ["No provider of 'nosuch' found.", "Problem: nothing provides glibc"]
    assert zypper.errors("no xml") == []


def test_zypper_exit_codes():
    assert [code for code in (0, 1, 4, 100, 102, 104, 106) if zypper.failed(code)] == [1, 4, 104]


def test_zypper_updates_patches_and_products():
    updates = (
        "<stream><update-status><update-list>"
        '<update kind="package" name="trial-one" edition="1.1-1" edition-old="1.0-1"/>'
        '<update kind="patch" name="p1" edition="1" status="applied"><summary>Fix</summary></update>'
        "</update-list></update-status></stream>"
    )
    assert zypper.updates(updates) == {"trial-one": "1.1-1"}
    assert zypper.patches(updates)["p1"] == {"installed": True, "summary": "Fix"}
    products = (
        '<stream><product-list><product name="SLES" version="15.5" isbase="true" installed="true">'
        '<endoflife time_t="0" text="2028-07-31"/><descr>SUSE  Linux\nEnterprise</descr></product>'
        "</product-list></stream>"
    )
    assert zypper.products(products) == [
        {
            "name": "SLES",
            "version": "15.5",
            "isbase": True,
            "installed": True,
            "description": "SUSE Linux Enterprise",
            "eol": "2028-07-31",
        }
    ]


def test_zypper_info():
    text = """\
Information for package trial-one:
----------------------------------
Repository     : trial
Name           : trial-one
Version        : 1.1-1
Installed Size : 13 B
Installed      : Yes
Status         : up-to-date
Summary        : trial package
Description    :
    longer text
    of two lines
"""
    assert zypper.info(text) == {
        "trial-one": {
            "repository": "trial",
            "version": "1.1-1",
            "installed size": "13 B",
            "installed": True,
            "status": "up-to-date",
            "summary": "trial package",
            "description": "longer text of two lines",
        }
    }


def test_zypper_locks():
    text = "\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: trial-three\n"
    assert zypper.locks(text) == {"trial-three": {"type": "package", "match_type": "glob", "case_sensitive": "on"}}


def test_zypper_repositories():
    options = {"enabled": "1", "autorefresh": "0", "baseurl": "http://x/", "priority": "50"}
    assert zypper.repository("new", options) == {
        "enabled": True,
        "autorefresh": False,
        "baseurl": "http://x/",
        "priority": "50",
        "alias": "new",
    }
    assert zypper.change_words(
        {"enabled": False, "refresh": True, "gpgcheck": False, "priority": 5, "cache": True}
    ) == [
        "--disable",
        "--refresh",
        "--keep-packages",
        "--no-gpgcheck",
        "--priority=5",
    ]


def test_pacman():
    assert pacman.parse_pairs("warning: database file for 'x' does not exist\npac-one 1.1-1\n") == {"pac-one": "1.1-1"}
    assert pacman.parse_upgrades("pac-one 1.0-1 -> 1.1-1\nheld 1-1 -> 2-1 [ignored]\n") == {"pac-one": "1.1-1"}
    assert pacman.parse_sync("trial pac-one 1.1-1 [installed]\n") == [("trial", "pac-one", "1.1-1")]
    assert pacman.parse_groups("trials pac-one\ntrials pac-two\n") == {"trials": ["pac-one", "pac-two"]}
    refreshed = ":: Synchronizing package databases...\n core is up to date\n extra  8.3 MiB  5.2 MiB/s 00:02\n"
    assert pacman.parse_refresh(refreshed) == {"core": None, "extra": True}
    assert pacman.errors("warning: x\nerror: target not found: y\n") == ["error: target not found: y"]


APK_INSTALLED = """\
C:Q1abc=
P:musl
V:1.2.4-r2
A:x86_64
S:388541
I:634880
T:the musl c library (libc) implementation
U:https://musl.libc.org/
L:MIT
o:musl
m:Timo <timo@example.com>
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
R:libc.musl-x86_64.so.1

P:busybox
V:1.36.1-r5
A:x86_64
F:bin
R:busybox
F:etc
R:securetty
"""


def test_the_database_of_apk():
    found = apk.parse_installed(APK_INSTALLED)
    assert {name: one.fields["version"] for name, one in found.items()} == {"musl": "1.2.4-r2", "busybox": "1.36.1-r5"}
    assert found["musl"].files == ["/lib/ld-musl-x86_64.so.1", "/lib/libc.musl-x86_64.so.1"]
    assert found["busybox"].files == ["/bin/busybox", "/etc/securetty"]
    assert found["musl"].fields["license"] == "MIT"


def test_what_apk_prints():
    policy = """\
curl policy:
  8.1.2-r0:
    lib/apk/db/installed
  8.4.0-r0:
    https://dl-cdn.alpinelinux.org/alpine/v3.18/main
  8.5.0-r0:
    @edge https://dl-cdn.alpinelinux.org/alpine/edge/main
"""
    assert apk.parse_policy(policy) == {"curl": ["8.4.0-r0", "8.5.0-r0"]}
    upgradable = "busybox-1.36.1-r5 x86_64 {busybox} (GPL-2.0-only) [upgradable from: busybox-1.36.1-r2]\n"
    assert apk.parse_upgradable(upgradable) == {"busybox": "1.36.1-r5"}
    update = """\
fetch https://dl-cdn.alpinelinux.org/alpine/v3.18/main/x86_64/APKINDEX.tar.gz
fetch https://gone.example/alpine/x86_64/APKINDEX.tar.gz
WARNING: Ignoring https://gone.example/alpine: No such file or directory
v3.18.4-94-g3a9a1f1 [https://dl-cdn.alpinelinux.org/alpine/v3.18/main]
OK: 20071 distinct packages available
"""
    assert apk.parse_update(update) == {
        "https://dl-cdn.alpinelinux.org/alpine/v3.18/main": True,
        "https://gone.example/alpine": False,
    }
