"""Mail aliases, logrotate, access control lists and rsync, really run on files of the test. Texts are Salt's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shipped import Shipped

from servers import program

pytestmark = pytest.mark.behaviour("STM-02")
ALIASES = 'root: me # adm\n# c\nx: "|prog a",  y, z\nMixed: Up\n'
CONF = (
    "weekly\nrotate 4\n# c\n/var/log/one /var/log/two {\n    monthly\n"
    "    postrotate\n        rotate 9\n    endscript\n}\n"
)


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    (tmp_path / "aliases").write_text(ALIASES)
    return Shipped(tmp_path, **{"aliases.file": str(tmp_path / "aliases")})


def told(minion: Shipped, fun: str, name: object, **kwargs) -> tuple:
    result = minion.state(fun, str(name), **kwargs)
    return result["result"], result["changes"], result["comment"]


def test_mail_aliases(minion, tmp_path):
    place = tmp_path / "aliases"
    assert minion.call("aliases.list_aliases") == {"root": "me", "x": '"|prog a",  y, z', "Mixed": "Up"}
    assert minion.call("aliases.get_target", "nope") == ""
    assert minion.call("aliases.set_target", "new", "t1") is True
    assert minion.call("aliases.set_target", "root", ["a", "b"]) is True
    assert minion.call("aliases.has_target", "root", ["a", "b"]) is True
    assert minion.call("aliases.has_target", "root", "a") is False
    assert place.read_text() == ALIASES.replace("root: me #", "root: a, b #") + "new: t1\n"
    assert minion.call("aliases.rm_alias", "new") is True
    assert "target can not be an empty string" in minion.outcome("aliases.set_target", "t", "").value
    assert "alias can not be an empty string" in minion.outcome("aliases.set_target", "", "t").value
    foreseen = told(minion, "alias.present", "f", target="me", test=True)
    assert foreseen == (None, {}, "Alias f -> me is set to be added")
    assert told(minion, "alias.present", "f", target="me") == (True, {"alias": "f"}, "Set email alias f -> me")
    assert told(minion, "alias.present", "f", target="me") == (True, {}, "Alias f already present")
    assert told(minion, "alias.absent", "f", test=True) == (None, {}, "Alias f is set to be removed")
    assert told(minion, "alias.absent", "f") == (True, {"alias": "f"}, "Removed alias f")
    assert told(minion, "alias.absent", "f") == (True, {}, "Alias f already absent")


def test_aliases_that_go_on_in_the_next_line(minion, tmp_path):
    place = tmp_path / "aliases"
    place.write_text("long: one,\n  two\nlast: x\n")
    assert minion.call("aliases.list_aliases") == {"long": "one, two", "last": "x"}
    place.unlink()
    assert minion.call("aliases.list_aliases") == {}
    assert minion.call("aliases.set_target", "new", "t") is True
    assert place.read_text() == "new: t\n"


def test_logrotate(minion):
    more = minion.write("more.d/app", "/var/log/app {\n    rotate 1\n}\n")
    place = minion.write("conf", f"{CONF}include {more.parent}\n")
    where = {"conf_file": str(place)}
    assert minion.call("logrotate.show_conf", **where) == {
        "weekly": True,
        "rotate": 4,
        "/var/log/one": {"monthly": True},
        "/var/log/two": {"monthly": True},
        "include files": {"app": ["/var/log/app"]},
        "/var/log/app": {"rotate": 1},
    }
    assert minion.call("logrotate.get", "rotate", **where) == 4
    assert minion.call("logrotate.get", "/var/log/app", "rotate", **where) == 1
    assert minion.call("logrotate.get", "/var/log/app", "nope", **where) is False
    foreseen = told(minion, "logrotate.set", "n", key="rotate", value=3, test=True, **where)
    changes = {"old": 4, "new": 3}
    assert foreseen == (None, changes, "Command 'rotate' will be set to value: 3")
    done = told(minion, "logrotate.set", "n", key="rotate", value=3, **where)
    assert done == (True, changes, "Set command 'rotate' value: 3")
    done = told(minion, "logrotate.set", "n", key="rotate", value=3, **where)
    assert done == (True, {}, "Command 'rotate' already has value: 3")
    block = {"key": "/var/log/app", "value": "rotate", "setting": 5, **where}
    done = told(minion, "logrotate.set", "n", **block)
    assert done == (True, {"old": 1, "new": 5}, "Set block '/var/log/app' command 'rotate' value: 5")
    assert told(minion, "logrotate.set", "n", **block)[1] == {}
    assert more.read_text() == "/var/log/app {\n    rotate 5\n}\n"
    minion.call("logrotate.set", "/var/log/two", "size", "1M", **where)
    minion.call("logrotate.set", "/var/log/new", "rotate", 2, **where)
    minion.call("logrotate.set", "compress", True, **where)
    minion.call("logrotate.set", "weekly", False, **where)
    assert place.read_text() == (
        "compress\nrotate 3\n# c\n/var/log/one /var/log/two {\n    monthly\n    postrotate\n        rotate 9\n"
        f"    endscript\n    size 1M\n}}\ninclude {more.parent}\n/var/log/new {{\n    rotate 2\n}}\n"
    )
    more.write_bytes(b"# Gr\xfc\xdfe\n/var/log/app {\n}\n")
    minion.call("logrotate.set", "/var/log/app", "rotate", 5, **where)
    assert more.read_bytes() == b"# Gr\xfc\xdfe\n/var/log/app {\n    rotate 5\n}\n"
    wrong = minion.outcome("logrotate.set", "rotate", "a", "b", **where).value
    assert "A setting for a dict was declared, but the configuration line given is not a dict" in wrong
    wrong = minion.outcome("logrotate.set", "/var/log/app", "a", **where).value
    assert "/var/log/app includes a dict, and a specific setting inside the dict was not declared" in wrong


def test_access_control_lists(minion, tmp_path):
    program("setfacl")
    folder = tmp_path / "d"
    folder.mkdir()
    place = folder / "f"
    place.write_text("")
    place.chmod(0o644)
    common = {"acl_type": "user", "acl_name": "daemon"}
    new = {"acl_name": "daemon", "acl_type": "user"}
    foreseen = told(minion, "acl.present", place, perms="rw", test=True, **common)
    assert foreseen == (None, {"new": {**new, "perms": "rw"}}, "New permissions will be applied for daemon: rw")
    done = told(minion, "acl.present", place, perms="rw", **common)
    assert done == (True, {"new": {**new, "perms": "rw"}}, "Applied new permissions for daemon")
    assert told(minion, "acl.present", place, perms="6", **common) == (True, {}, "Permissions are in the desired state")
    changes = {"new": {**new, "perms": "r"}, "old": {**new, "perms": "rw"}}
    foreseen = told(minion, "acl.present", place, perms="r", test=True, **common)
    assert foreseen == (None, changes, "Updated permissions will be applied for daemon: rw -> r")
    done = told(minion, "acl.present", place, perms="r", **common)
    assert done == (True, changes, "Updated permissions for daemon")
    rights = {"octal": 4, "permissions": {"read": True, "write": False, "execute": False}}
    listed = minion.call("acl.getfacl", str(place))[str(place)]
    assert listed["comment"] == {"file": str(place), "owner": "root", "group": "root"}
    assert {"daemon": rights} in listed["user"]
    assert listed["other"] == listed["mask"] == rights
    assert told(minion, "acl.absent", place, test=True, **common) == (None, {"old": new}, "Removing permissions")
    assert told(minion, "acl.absent", place, **common) == (True, {"old": new}, "Removing permissions")
    assert told(minion, "acl.absent", place, **common) == (True, {}, "Permissions are in the desired state")
    tree = {"acl_type": "d:group", "acl_name": "daemon", "perms": "rx", "recurse": True}
    assert told(minion, "acl.present", folder, **tree)[0] is True
    assert told(minion, "acl.present", folder, **tree)[1] == {}
    assert (
        "default:group:daemon:r-x"
        in subprocess.run(["getfacl", "-p", str(folder)], capture_output=True, text=True, check=True).stdout
    )
    assert minion.call("acl.wipefacls", str(folder)) is True
    assert "defaults" not in minion.call("acl.getfacl", str(folder))[str(folder)]
    assert told(minion, "acl.present", "/no/such", perms="r", **common) == (False, {}, "/no/such does not exist")
    failed = told(minion, "acl.present", place, acl_type="user", acl_name="nosuchuser", perms="r")
    assert failed[0] is False
    assert "nosuchuser" in failed[2]
    assert "none of user, group, other and mask" in minion.outcome("acl.modfacl", "bogus", "", "r", str(place)).value


def test_rsync(minion, tmp_path):
    program("rsync")
    source, place = tmp_path / "s", tmp_path / "d"
    for name in ("f", "g"):
        minion.write(f"s/{name}", name)
        minion.write(f"base/tree/{name}", name)
    assert minion.call("rsync.rsync", f"{source}/", str(place), dryrun=True)["retcode"] == 0
    assert not place.exists()
    assert minion.call("rsync.rsync", f"{source}/", str(place), exclude="g")["retcode"] == 0
    assert [one.name for one in place.iterdir()] == ["f"]
    minion.write("d/strange", "")
    minion.call("rsync.rsync", "salt://tree/", str(place), delete=True)
    assert sorted(one.name for one in place.iterdir()) == ["f", "g"]
    assert "src and dst cannot be empty" in minion.outcome("rsync.rsync", "", "x").value
    assert minion.outcome("rsync.rsync", "/no/such/", str(place)).value["retcode"] == 23
    assert minion.call("rsync.version")[0].isdigit()
    conf = minion.write("rsyncd.conf", "uid = nobody\n")
    assert minion.call("rsync.config", str(conf)) == "uid = nobody\n"
    assert "/no/such does not exist" in minion.outcome("rsync.config", "/no/such").value
