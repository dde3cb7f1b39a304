"""Users, groups and passwords, really changed, in a throw-away root and below a root of their own.

What the functions return is what Salt 3008.2 returned, where nothing else is said.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from shipped import Shipped

from saltern.plugin_api import CommandExecutionError
from saltern.plugin_api.linux import accounts
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("LDR-14", "LDR-16")


@pytest.fixture
def minion(tmp_path) -> Shipped:
    return Shipped(tmp_path, grains={"kernel": "Linux", "os_family": "Debian"})


@in_throwaway_root
def test_a_user_is_added_changed_renamed_and_removed(minion):
    assert minion.call(
        "user.add", "trialu", uid=4242, shell="/bin/bash", fullname="Trial User", roomnumber=1, workphone=2, other=4
    )
    assert minion.call("user.info", "trialu") == {
        "gid": 4242,
        "groups": ["trialu"],
        "home": "/home/trialu",
        "name": "trialu",
        "passwd": "x",
        "shell": "/bin/bash",
        "uid": 4242,
        "fullname": "Trial User",
        "roomnumber": "1",
        "workphone": "2",
        "homephone": "",
        "other": "4",
    }
    again = minion.outcome("user.add", "trialu")
    assert (again.value, again.retcode) == (False, 9)
    assert minion.call("user.chuid", "trialu", 4243) is True
    assert minion.call("user.chgid", "trialu", "users") is True
    assert minion.call("user.chshell", "trialu", "/bin/sh") is True
    assert minion.call("user.chhome", "trialu", "/home/tt", persist=True) is True
    assert Path("/home/tt").is_dir()
    assert minion.call("user.chfullname", "trialu", "New Name") is True
    assert minion.call("user.chhomephone", "trialu", 14) is True
    now = minion.call("user.info", "trialu")
    assert {key: now[key] for key in ("gid", "shell", "home", "uid", "fullname", "roomnumber", "homephone")} == {
        "gid": 100,
        "shell": "/bin/sh",
        "home": "/home/tt",
        "uid": 4243,
        "fullname": "New Name",
        "roomnumber": "1",
        "homephone": "14",
    }
    assert minion.call("user.rename", "trialu", "trialv") is True
    assert minion.call("user.primary_group", "trialv") == "users"
    assert minion.call("user.delete", "trialv", remove=True, force=True) is True
    assert minion.call("user.info", "trialv") == {}
    assert not Path("/home/tt").exists()
    gone = minion.outcome("user.delete", "trialv")
    assert (gone.value, gone.retcode) == (False, 6)


@in_throwaway_root
def test_groups_of_a_user(minion):
    minion.call("user.add", "trialu", createhome=False, groups=["audio", "video"], usergroup=False)
    assert not Path("/home/trialu").exists()
    assert minion.call("user.list_groups", "trialu") == ["audio", "users", "video"]
    assert minion.call("user.chgroups", "trialu", "audio") is True
    assert minion.call("user.list_groups", "trialu") == ["audio", "users"]
    assert minion.call("user.chgroups", "trialu", "video", append=True) is True
    assert minion.call("user.list_groups", "trialu") == ["audio", "users", "video"]
    failed = minion.outcome("user.chgroups", "nosuch", "audio")
    assert (failed.value, failed.retcode) == (False, 6)


@pytest.mark.parametrize(
    ("function", "arguments", "said"),
    [
        ("user.chuid", ["nosuch", 1], "User 'nosuch' does not exist"),
        ("user.chshell", ["nosuch", "/bin/sh"], "User 'nosuch' does not exist"),
        ("user.rename", ["nosuch", "x"], "User 'nosuch' does not exist"),
        ("user.rename", ["root", "daemon"], "User 'daemon' already exists"),
        ("user.chfullname", ["root", "a:b"], "can have neither ':' nor ',' in them"),
    ],
)
def test_what_cannot_be_changed_is_an_error(minion, function, arguments, said):
    assert said in minion.outcome(function, *arguments).value


def test_nobody_by_that_name(minion):
    assert minion.call("user.list_groups", "nosuch") == []
    assert minion.call("group.info", "nosuch") == {}
    assert minion.call("shadow.info", "nosuch")["name"] == ""
    assert minion.call("user.get_loginclass", "root") is False


@in_throwaway_root
def test_a_group_and_its_members(minion):
    assert minion.call("group.add", "trialg", gid=5555) is True
    again = minion.outcome("group.add", "trialg")
    assert (again.value, again.retcode) == (False, 9)
    assert minion.outcome("group.add", "triali", gid=5555).value is False
    assert minion.call("group.add", "triali", gid=5555, non_unique=True) is True
    assert minion.call("group.adduser", "trialg", "daemon") is True
    assert minion.call("group.info", "trialg") == {"name": "trialg", "passwd": "x", "gid": 5555, "members": ["daemon"]}
    assert minion.call("group.members", "trialg", "daemon,root") is True
    assert minion.call("group.info", "trialg")["members"] == ["daemon", "root"]
    assert minion.call("group.deluser", "trialg", "daemon") is True
    assert minion.call("group.deluser", "trialg", "daemon") is True
    assert minion.call("group.members", "trialg", "") is True
    assert minion.call("group.info", "trialg")["members"] == []
    assert minion.outcome("group.adduser", "trialg", "nosuch").value is False
    assert minion.call("group.chgid", "trialg", 5556) is True
    assert minion.call("group.chgid", "nosuch", 1) is False
    assert "trialg" in [group["name"] for group in minion.call("group.getent")]
    assert minion.call("group.delete", "trialg") is True
    assert minion.outcome("group.delete", "trialg").retcode == 6


@in_throwaway_root
def test_a_password_and_how_long_it_is_good(minion):
    minion.call("user.add", "trialu", createhome=False)
    assert minion.call("shadow.info", "trialu")["passwd"] == "!"
    assert minion.call("shadow.unlock_password", "trialu") is False
    assert minion.call("shadow.set_password", "trialu", "$6$abc$def") is True
    for function, value in {"min": 1, "max": 90, "warn": 7, "inact": 3}.items():
        assert minion.call(f"shadow.set_{function}days", "trialu", value) is True
    assert minion.call("shadow.set_expire", "trialu", "2030-01-01") is True
    assert minion.call("shadow.set_date", "trialu", "2020-02-02") is True
    expected = {
        "name": "trialu",
        "passwd": "$6$abc$def",
        "lstchg": 18294,
        "min": 1,
        "max": 90,
        "warn": 7,
        "inact": 3,
        "expire": 21915,
    }
    assert minion.call("shadow.info", "trialu") == expected
    assert minion.call("shadow.lock_password", "trialu") is True
    assert minion.call("shadow.lock_password", "trialu") is True
    assert minion.call("shadow.info", "trialu")["passwd"] == "!$6$abc$def"
    assert minion.call("shadow.unlock_password", "trialu") is True
    assert minion.call("shadow.info", "trialu") == expected
    assert minion.call("shadow.set_expire", "trialu", -1) is True
    assert minion.call("shadow.info", "trialu")["expire"] == -1
    assert minion.call("shadow.del_password", "trialu") is True
    assert minion.call("shadow.info", "trialu")["passwd"] == ""
    status = os.stat("/etc/shadow")
    assert (status.st_mode & 0o777, status.st_uid) == (0o640, 0)


@in_throwaway_root
def test_passwords_are_changed_when_nobody_else_does(minion):
    minion.call("user.add", "trialu", createhome=False)
    before = Path("/etc/shadow").read_text()
    assert minion.call("shadow.set_password", "nosuch", "x") is False
    assert minion.call("shadow.set_password", "trialu", "a:b") is False
    assert Path("/etc/shadow").read_text() == before
    assert "is neither a number of days nor a date" in minion.outcome("shadow.set_date", "trialu", "soon").value


@in_throwaway_root
def test_the_accounts_of_another_root(minion, tmp_path):
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "home").mkdir()
    for name in ("passwd", "group", "shadow", "gshadow", "login.defs"):
        shutil.copy(f"/etc/{name}", root / "etc" / name)
    assert minion.call("user.add", "rooted", root=str(root), groups="audio") is True
    assert minion.call("user.info", "rooted") == {}
    info = minion.call("user.info", "rooted", root=str(root))
    assert info["groups"] == ["audio", "rooted"]
    assert "rooted" in minion.call("user.list_users", root=str(root))
    assert minion.call("user.chshell", "rooted", "/bin/zsh", root=str(root)) is True
    assert minion.call("user.info", "rooted", root=str(root))["shell"] == "/bin/zsh"
    assert minion.call("group.add", "rg", root=str(root)) is True
    assert minion.call("group.members", "rg", "rooted,root", root=str(root)) is True
    assert minion.call("group.chgid", "rg", 777, root=str(root)) is True
    assert minion.call("group.info", "rg", root=str(root)) == {
        "name": "rg",
        "passwd": "x",
        "gid": 777,
        "members": ["rooted", "root"],
    }
    assert minion.call("shadow.set_password", "rooted", "x", root=str(root)) is True
    assert minion.call("shadow.set_maxdays", "rooted", 4, root=str(root)) is True
    found = minion.call("shadow.info", "rooted", root=str(root))
    assert (found["passwd"], found["max"]) == ("x", 4)
    assert minion.call("user.delete", "rooted", root=str(root)) is True
    assert "rooted" not in minion.call("shadow.list_users", root=str(root))


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        (
            "sha512",
            "$6$salt$egUxKNxDs8kPfh8iPMNcosMhb2eWah6d3R44JDm5Rj/j/XWR5E33QPd0YmHXoDHOIDR6kL5D3JcQcz0O8FHE00",
        ),
        ("sha256", "$5$salt$kpa26zwgX83BPSR8d7w93OIXbFt/d3UOTZaAu5vsTM6"),
        ("md5", "$1$salt$ez2vlPGdaLYkJam5pWs/Y1"),
    ],
)
def test_hashes_of_passwords(minion, algorithm, expected):
    assert minion.call("shadow.gen_password", "secret", crypt_salt="salt", algorithm=algorithm) == expected


def test_a_hash_has_a_salt_of_its_own(minion):
    one, other = (minion.call("shadow.gen_password", "secret") for _ in range(2))
    assert one != other
    assert one.startswith("$6$")
    assert len(one.split("$")[2]) == 16


def test_a_hash_that_cannot_be_made_is_an_error(minion):
    assert "Cannot hash using 'bogus'" in minion.outcome("shadow.gen_password", "x", algorithm="bogus").value
    refused = minion.outcome("shadow.gen_password", "x", crypt_salt="short", algorithm="blowfish")
    assert "cannot hash with blowfish and this salt" in refused.value


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", ["", "", "", "", ""]),
        ("A B", ["A B", "", "", "", ""]),
        ("A,1,2,3,4,5", ["A", "1", "2", "3", "4,5"]),
    ],
)
def test_the_comment_of_a_user(text, fields):
    parsed = accounts.parse_gecos(text)
    assert list(parsed.values()) == fields
    assert accounts.gecos_text(parsed) == text


def test_a_line_of_the_shadow_file():
    line = "u:$6$a$b:18294:1::7:3:21915:"
    entry = accounts.parse_shadow(line)
    assert (entry.lstchg, entry.max, entry.expire) == (18294, -1, 21915)
    assert entry.line() == line
    assert accounts.parse_shadow("#comment") is None


@pytest.mark.parametrize(("value", "number"), [(0, 0), ("20000", 20000), ("2030-01-01", 21915), (-1, -1)])
def test_days(value, number):
    assert accounts.days(value) == number


def test_what_is_no_day():
    with pytest.raises(CommandExecutionError):
        accounts.days("2030-13-01")
