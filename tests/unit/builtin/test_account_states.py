"""States of users and groups, really applied in a throw-away root.

Comments are those of Salt 3008.2. What test mode foresees is what is done then, but for numbers that the system
chooses.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from shipped import Shipped

from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("STM-02")

CHANGED = "The following user attributes are set to be changed:\n"
HIDDEN = "XXX-REDACTED-XXX"


@pytest.fixture
def minion(tmp_path) -> Shipped:
    return Shipped(tmp_path, grains={"os_family": "Debian", "os": "Debian", "kernel": "Linux"})


def changed(minion: Shipped, fun: str, name: str, **kwargs: Any) -> tuple[dict[str, Any], str]:
    """The changes, which test mode foresees, and its comment. A third run changes nothing."""
    foreseen = minion.state(fun, name, test=True, **kwargs)
    done = minion.state(fun, name, **kwargs)
    assert (foreseen["result"], done["result"]) == (None, True), done["comment"]
    assert foreseen["changes"] == done["changes"]
    again = minion.state(fun, name, **kwargs)
    assert (again["result"], again["changes"]) == (True, {})
    return done["changes"], foreseen["comment"]


def refused(minion: Shipped, fun: str, name: str, **kwargs: Any) -> str:
    result = minion.state(fun, name, **kwargs)
    assert (result["result"], result["changes"]) == (False, {})
    return result["comment"]


@in_throwaway_root
def test_a_user_is_added(minion):
    wanted = {
        "uid": 4242,
        "fullname": "T U",
        "shell": "/bin/sh",
        "groups": ["audio"],
        "password": "$6$a$b",
        "mindays": 1,
    }
    foreseen = minion.state("user.present", "tu", test=True, **wanted)
    assert (foreseen["result"], foreseen["comment"]) == (None, "User tu set to be added")
    done = minion.state("user.present", "tu", **wanted)
    assert (done["result"], done["comment"]) == (True, "New user tu created")
    assert done["changes"] == {
        "gid": 4242,
        "groups": ["audio", "tu"],
        "home": "/home/tu",
        "name": "tu",
        "passwd": "x",
        "shell": "/bin/sh",
        "uid": 4242,
        "fullname": "T U",
        "roomnumber": "",
        "workphone": "",
        "homephone": "",
        "other": "",
        "password": HIDDEN,
        "mindays": 1,
    }
    assert {key: foreseen["changes"][key] for key in ("name", "uid", "shell", "fullname", "password")} == {
        key: done["changes"][key] for key in ("name", "uid", "shell", "fullname", "password")
    }
    again = minion.state("user.present", "tu", **wanted)
    assert again["comment"] == "User tu is present and up to date"
    assert again["changes"] == {}
    assert minion.call("shadow.info", "tu")["passwd"] == "$6$a$b"


@in_throwaway_root
def test_attributes_of_a_user_are_changed(minion):
    minion.call("user.add", "tu", uid=4242)
    changes, said = changed(minion, "user.present", "tu", shell="/bin/bash")
    assert (changes, said) == ({"shell": "/bin/bash"}, f"{CHANGED}shell: /bin/bash\n")
    changes, said = changed(
        minion, "user.present", "tu", fullname="X", roomnumber=12, workphone=1, homephone=2, other="a,b"
    )
    assert changes == {"fullname": "X", "roomnumber": "12", "workphone": "1", "homephone": "2", "other": "a,b"}
    changes, said = changed(minion, "user.present", "tu", uid=4300, allow_uid_change=True)
    assert (changes, said) == ({"uid": 4300}, f"{CHANGED}uid: 4300\n")
    changes, said = changed(minion, "user.present", "tu", gid="users", allow_gid_change=True)
    assert changes == {"gid": 100, "groups": ["users"]}
    assert refused(minion, "user.present", "tu", uid=1, gid="audio") == (
        "Encountered error checking for needed changes. Additional info follows:\n\n"
        "- Changing uid (4300 -> 1) not permitted, set allow_uid_change to True to force this change. Note that this "
        "will not change file ownership.\n"
        "- Changing gid (100 -> audio) not permitted, set allow_gid_change to True to force this change. Note that "
        "this will not change file ownership."
    )
    assert refused(minion, "user.present", "tu", fullname="a,b") == "Unsupported char ',' in a,b"


@in_throwaway_root
def test_groups_of_a_user_are_changed(minion):
    minion.call("user.add", "tu")
    changes, said = changed(minion, "user.present", "tu", groups=["audio", "video"])
    assert changes == {"groups": ["audio", "tu", "video"]}
    assert said == f"{CHANGED}groups: ['audio', 'video']\n"
    assert minion.state("user.present", "tu", groups=["audio"], remove_groups=False)["changes"] == {}
    changes, _ = changed(minion, "user.present", "tu", groups=["audio"], optional_groups=["nosuch"])
    assert changes == {"groups": ["audio", "tu"]}
    changes, _ = changed(minion, "user.present", "tu", groups=[])
    assert changes == {"groups": ["tu"]}
    missing = refused(minion, "user.present", "tu", groups=["nosuch", "audio"])
    assert missing == "The following group(s) are not present: nosuch"


@in_throwaway_root
def test_the_home_of_a_user_is_changed_and_made(minion):
    minion.call("user.add", "tu")
    changes, said = changed(minion, "user.present", "tu", home="/home/n1")
    assert (changes, said) == ({"home": "/home/n1"}, f"{CHANGED}home: /home/n1\nhomeDoesNotExist: /home/n1\n")
    assert (Path("/home/n1").owner(), Path("/home/tu").is_dir()) == ("tu", True)
    Path("/home/n1/mine").touch()
    changed(minion, "user.present", "tu", home="/home/n2", persist_home=True)
    assert Path("/home/n2/mine").exists()
    changed(minion, "user.present", "tu", home="/home/n3", createhome=False)
    assert not Path("/home/n3").exists()


@in_throwaway_root
def test_passwords_are_changed_and_not_shown(minion):
    minion.call("user.add", "tu")
    changes, said = changed(minion, "user.present", "tu", password="$6$a$b")
    assert (changes, said) == ({"passwd": HIDDEN}, f"{CHANGED}passwd: {HIDDEN}\n")
    assert minion.state("user.present", "tu", password="$6$other$", enforce_password=False)["changes"] == {}
    changes, said = changed(minion, "user.present", "tu", password="secret", hash_password=True)
    assert changes == {"passwd": HIDDEN}
    assert "secret" not in said
    hashed = minion.call("shadow.info", "tu")["passwd"]
    assert minion.call("shadow.gen_password", "secret", crypt_salt=hashed.split("$")[2]) == hashed
    changed(minion, "user.present", "tu", password_lock=True)
    assert minion.call("shadow.info", "tu")["passwd"] == f"!{hashed}"
    # a lock that is not spoken of is another password
    changed(minion, "user.present", "tu", password_lock=False)
    changed(minion, "user.present", "tu", empty_password=True)
    assert minion.call("shadow.info", "tu")["passwd"] == ""
    changed(minion, "user.present", "tu", password_lock=True)
    assert refused(minion, "user.present", "tu", password_lock=False) == (
        "These values could not be changed: {'password_lock': False}"
    )


@in_throwaway_root
def test_the_age_of_a_password_is_changed(minion):
    minion.call("user.add", "tu")
    ages = {"mindays": 1, "maxdays": 90, "warndays": 9, "inactdays": 3, "expire": "2030-01-01", "date": 19000}
    changes, said = changed(minion, "user.present", "tu", **ages)
    assert changes == {"min": 1, "max": 90, "warn": 9, "inact": 3, "expire": 21915, "lstchg": 19000}
    assert said.splitlines()[1:3] == ["date: 19000", "mindays: 1"]


@in_throwaway_root
def test_a_user_that_cannot_be_added(minion):
    for arguments in ({"gid": "nosuch"}, {"uid": 0}):
        assert refused(minion, "user.present", "tu2", **arguments) == "Failed to create new user tu2"


@in_throwaway_root
def test_a_user_is_removed(minion):
    minion.call("user.add", "tu", groups=["audio"])
    foreseen = minion.state("user.absent", "tu", test=True)
    assert (foreseen["result"], foreseen["comment"]) == (None, "User tu set for removal")
    done = minion.state("user.absent", "tu", purge=True)
    assert done["changes"] == {"tu group": "removed", "tu": "removed"}
    assert done["comment"] == "Removed user tu"
    assert not Path("/home/tu").exists()
    assert minion.state("user.absent", "tu")["comment"] == "User tu is not present"


@in_throwaway_root
def test_a_group_is_added_changed_and_removed(minion):
    changes, said = changed(minion, "group.present", "tg", gid=5000)
    assert changes == {"name": "tg", "passwd": "x", "gid": 5000, "members": []}
    assert said == "Group tg set to be added"
    applied = {"Final": "All changes applied successfully"}
    what = "The following group attributes are set to be changed:\n"
    assert changed(minion, "group.present", "tg", gid=5001) == (applied, f"{what}gid: 5001\n")
    listed = changed(minion, "group.present", "tg", members=["root", "daemon"])
    assert listed == (applied, f"{what}members: ['root', 'daemon']\n")
    both = changed(minion, "group.present", "tg", addusers=["bin"], delusers=["root"])
    assert both == (applied, f"{what}addusers: ['bin']\ndelusers: ['root']\n")
    assert sorted(minion.call("group.info", "tg")["members"]) == ["bin", "daemon"]
    assert changed(minion, "group.absent", "tg") == ({"tg": ""}, "Group tg is set for removal")
    assert minion.state("group.absent", "tg")["comment"] == "Group not present"


@in_throwaway_root
def test_what_a_group_cannot_be(minion):
    minion.call("group.add", "tg", gid=5001)
    taken = "Group tg2 is not present but gid 5001 is already taken by group tg"
    assert refused(minion, "group.present", "tg2", gid=5001) == taken
    assert minion.state("group.present", "tg2", gid=5001, non_unique=True)["result"] is True
    assert refused(minion, "group.present", "tg", members=["a"], addusers=["b"]).startswith(
        "Error: Conflicting options"
    )
    assert refused(minion, "group.present", "tg", addusers=["a"], delusers=["a"]).startswith("Error. Same user(s)")
    unknown = minion.state("group.present", "tg", addusers=["nosuch"])
    assert (unknown["result"], unknown["changes"]) == (False, {"Failed": {"addusers": ["nosuch"]}})
    assert unknown["comment"].endswith("addusers: ['nosuch']\nSome changes could not be applied")
    minion.call("user.add", "tu")
    assert refused(minion, "group.absent", "tu") == "Failed to remove group tu"
