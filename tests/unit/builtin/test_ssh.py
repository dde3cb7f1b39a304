"""Keys of OpenSSH. Texts are those of Salt 3008.2, fingerprints and hashed names are checked against ssh-keygen."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from pathlib import Path

import pytest
from shipped import Shipped

from servers import program

pytestmark = pytest.mark.behaviour("STM-02")
ONE = "AAAAC3NzaC1lZDI1NTE5AAAAIBXeZpjpI1VMTvikwy0nNPTePU/4TnUCi/c95yyxPHC/"
TWO = "AAAAC3NzaC1lZDI1NTE5AAAAIJ2gBEBrsMTvJ8t9cDE9t8tCNS5uOBnq2rzzGkBU4wiV"
SHA_OF_ONE = "8d:f1:32:9b:65:2b:94:f5:3c:9c:74:84:a5:ab:bd:d3:d2:6a:c7:70:7e:14:9f:c8:9a:ce:7e:71:0c:e7:17:de"
MD5_OF_ONE = "3e:3c:d8:35:a1:d0:27:14:fc:02:88:21:a3:99:68:28"
TEXT = f'# c\nssh-ed25519 {ONE} me@x\n\nno-pty,command="echo a,b" ssh-ed25519 {TWO} r c\ngarbage line\n'


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    return Shipped(tmp_path, grains={"kernel": "Linux"})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "d" / "authorized_keys"


def told(minion: Shipped, fun: str, name: str, **kwargs) -> tuple:
    result = minion.state(fun, name, user="root", **kwargs)
    return result["result"], result["changes"], result["comment"]


def test_keys_of_a_user(minion, place):
    place.parent.mkdir()
    place.write_text(TEXT)
    known = minion.call("ssh.auth_keys", "root", str(place))
    assert known[ONE] == {"enc": "ssh-ed25519", "comment": "me@x", "options": [], "fingerprint": SHA_OF_ONE}
    assert known[TWO]["options"] == ["no-pty", 'command="echo a,b"']
    assert minion.call("ssh.auth_keys", "root", str(place), "md5")[ONE]["fingerprint"] == MD5_OF_ONE
    assert set(minion.call("ssh.auth_keys", ["root", "nobodyx"], str(place))) == {"root"}
    assert minion.call("ssh.auth_keys", "nobodyx", str(place)) == {}
    assert minion.call("ssh.auth_keys", "root", f"{place}x") == {}


def test_keys_are_let_in(minion, place):
    def put(key, **kwargs):
        return minion.call("ssh.set_auth_key", "root", key, config=str(place), **kwargs)

    assert put(ONE, enc="ed25519", comment="foo", options=["no-pty", 'from="1.2.3.4"']) == "new"
    assert place.read_text() == f'no-pty,from="1.2.3.4" ssh-ed25519 {ONE} foo\n'
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700
    same = put(ONE, enc="ssh-ed25519", comment="foo", options=["no-pty", 'from="1.2.3.4"'])
    assert same == "no change"
    assert put(ONE, enc="ssh-ed25519", comment="bar") == "replace"
    assert put("not_a_key") == "Invalid public key"
    assert minion.call("ssh.set_auth_key", "nouser", ONE, config=str(place)) == "fail"
    wrong = minion.outcome("ssh.set_auth_key", "root", ONE, enc="bogus", config=str(place))
    assert "Incorrect encryption key type 'bogus'." in wrong.value
    minion.write("base/both.pub", f"ssh-ed25519 {ONE} me@x\nssh-ed25519 {TWO} r c\n")
    file = ("root", "salt://both.pub", str(place))
    assert minion.call("ssh.check_key_file", *file) == {ONE: "update", TWO: "add"}
    assert minion.call("ssh.set_auth_key_from_file", *file) == "replace"
    assert minion.call("ssh.set_auth_key_from_file", *file) == "no change"
    assert place.read_text() == f"ssh-ed25519 {ONE} me@x\nssh-ed25519 {TWO} r c\n"
    assert minion.call("ssh.rm_auth_key", "root", ONE, str(place)) == "Key removed"
    assert minion.call("ssh.rm_auth_key", "root", ONE, str(place)) == "Key not present"
    assert minion.call("ssh.rm_auth_key_from_file", *file) == "Key removed"
    assert place.read_text() == ""
    wrong = minion.outcome("ssh.set_auth_key_from_file", "root", "salt://nope", str(place))
    assert "Failed to pull key file from salt file server" in wrong.value


def test_states_of_keys(minion, place):
    common = {"config": str(place), "enc": "ssh-ed25519"}
    foreseen = told(minion, "ssh_auth.present", ONE, comment="x", test=True, **common)
    assert foreseen == (None, {}, f"Key {ONE} for user root is set to be added")
    done = told(minion, "ssh_auth.present", ONE, comment="x", **common)
    assert done == (True, {ONE: "New"}, f"The authorized host key {ONE} for user root was added")
    same = (True, {}, f"The authorized host key {ONE} is already present for user root")
    assert told(minion, "ssh_auth.present", ONE, comment="x", **common) == same
    assert told(minion, "ssh_auth.present", ONE, comment="x", test=True, **common) == same
    foreseen = told(minion, "ssh_auth.present", ONE, comment="y", test=True, **common)
    assert foreseen == (None, {}, f"Key {ONE} for user root is set to be updated")
    done = told(minion, "ssh_auth.present", ONE, comment="y", options=["no-pty"], **common)
    assert done == (True, {ONE: "Updated"}, f"The authorized host key {ONE} for user root was updated")
    done = told(minion, "ssh_auth.present", f"no-pty ssh-ed25519 {TWO} full c", config=str(place))
    assert done[1] == {TWO: "New"}
    assert place.read_text() == f"no-pty ssh-ed25519 {ONE} y\nno-pty ssh-ed25519 {TWO} full c\n"
    done = told(minion, "ssh_auth.present", "bad", config=str(place))
    assert done == (False, {}, "Invalid public ssh key, most likely has spaces or invalid syntax")
    foreseen = told(minion, "ssh_auth.manage", "m", ssh_keys=[TWO], test=True, **common)
    assert foreseen == (
        None,
        {},
        f"{ONE} Key set for removal\nKey {TWO} for user root is set to be updated",
    )
    done = told(minion, "ssh_auth.manage", "m", ssh_keys=[TWO], **common)
    assert done == (True, {ONE: "Key removed", TWO: "Updated"}, "")
    done = told(minion, "ssh_auth.manage", "m", ssh_keys=[TWO], **common)
    assert done == (True, {}, f"The authorized host key {TWO} is already present for user root")
    foreseen = told(minion, "ssh_auth.absent", TWO, test=True, **common)
    assert foreseen == (None, {}, f"Key {TWO} for user root is set for removal")
    assert told(minion, "ssh_auth.absent", TWO, **common) == (True, {TWO: "Removed"}, "Key removed")
    assert told(minion, "ssh_auth.absent", TWO, **common) == (True, {}, "Key not present")
    assert told(minion, "ssh_auth.absent", TWO, test=True, **common) == (True, {}, "Key is already absent")


def test_states_of_the_keys_of_a_file(minion, place):
    minion.write("base/both.pub", f"ssh-ed25519 {ONE} me@x\nssh-ed25519 {TWO} {{{{ 1 + 1 }}}}\n")
    common = {"config": str(place), "source": "salt://both.pub"}
    foreseen = told(minion, "ssh_auth.present", "x", test=True, **common)
    assert foreseen == (None, {}, f"Set to add: {ONE}\nSet to add: {TWO}\n")
    done = told(minion, "ssh_auth.present", "x", **common)
    assert done == (True, {"x": "New"}, "The authorized host key x for user root was added")
    same = (True, {}, "All host keys in file salt://both.pub are already present")
    assert told(minion, "ssh_auth.present", "x", test=True, **common) == same
    assert told(minion, "ssh_auth.present", "x", template="jinja", **common)[1] == {"x": "Updated"}
    assert place.read_text().endswith(f"{TWO} 2\n")
    foreseen = told(minion, "ssh_auth.absent", "x", test=True, **common)
    assert foreseen == (None, {}, f"Set to remove: {ONE}\nSet to remove: {TWO}\n")
    assert told(minion, "ssh_auth.absent", "x", **common) == (True, {"x": "Removed"}, "Key removed")
    assert told(minion, "ssh_auth.absent", "x", **common) == (True, {}, "Key not present")
    missing = "Failed to add the ssh key. Source file salt://nope is missing"
    assert told(minion, "ssh_auth.present", "x", source="salt://nope") == (False, {}, missing)


def test_hosts_that_are_known(minion, tmp_path):
    place = tmp_path / "known"
    place.write_text(f"h.example,10.0.0.1 ssh-ed25519 {ONE}\n[h.example]:2222 ssh-ed25519 {TWO}\n*.wild ssh-rsa AAAA\n")
    where = {"config": str(place)}
    entry = {"hostname": "h.example,10.0.0.1", "key": ONE, "enc": "ssh-ed25519", "fingerprint": SHA_OF_ONE}
    assert minion.call("ssh.get_known_host_entries", "root", "h.example", **where) == [entry]
    assert minion.call("ssh.get_known_host_entries", "root", "h.example", port=2222, **where)[0]["key"] == TWO
    assert minion.call("ssh.get_known_host_entries", "root", "a.wild", **where)[0]["key"] == "AAAA"
    assert minion.call("ssh.get_known_host_entries", "root", "nope", **where) is None
    check = {"h.example": "exists", "nope": "add"}
    assert {name: minion.call("ssh.check_known_host", "root", name, **where) for name in check} == check
    assert minion.call("ssh.check_known_host", "root", "h.example", key="AAAA", **where) == "update"
    assert minion.call("ssh.check_known_host", "root", "h.example", fingerprint=SHA_OF_ONE, **where) == "exists"
    assert minion.call("ssh.check_known_host", "root") == {"status": "error", "error": "hostname argument required"}


def test_hosts_are_made_known(minion, tmp_path):
    place = tmp_path / "known"
    where = {"config": str(place)}
    new = [{"hostname": "n.example", "enc": "ssh-ed25519", "key": ONE}]
    done = minion.call("ssh.set_known_host", "root", "n.example", key=ONE, **where)
    assert done == {"status": "updated", "old": None, "new": new}
    assert place.read_text().startswith("|1|")
    found = subprocess.run(
        [program("ssh-keygen"), "-F", "n.example", "-f", str(place)], capture_output=True, text=True, check=True
    ).stdout
    assert ONE in found
    done = minion.call("ssh.set_known_host", "root", "n.example", key=ONE, **where)
    assert done == {"status": "exists", "keys": [ONE]}
    done = minion.call("ssh.set_known_host", "root", "p.example", key=TWO, port=2222, hash_known_hosts=False, **where)
    assert done["new"] == [{"hostname": "p.example", "enc": "ssh-ed25519", "key": TWO, "port": 2222}]
    assert place.read_text().endswith(f"[p.example]:2222 ssh-ed25519 {TWO}\n")
    wrong = minion.call("ssh.set_known_host", "root", "p.example", fingerprint="aa", port=2222, **where)
    assert wrong["error"] == "argument port can not be used in conjunction with argument hash_known_hosts"
    done = minion.call("ssh.rm_known_host", "root", "n.example", **where)
    assert done["status"] == "removed"
    assert done["comment"] == (
        f"# Host n.example found: line 1\n{place} updated.\nOriginal contents retained as {place}.old"
    )
    done = minion.call("ssh.rm_known_host", "root", "n.example", **where)
    assert done == {"status": "removed", "comment": f"Host n.example not found in {place}"}
    assert minion.call("ssh.hash_known_hosts", "root", **where)["status"] == "updated"
    assert "p.example" not in place.read_text()
    assert minion.call("ssh.get_known_host_entries", "root", "p.example", port=2222, **where)[0]["key"] == TWO
    missing = {"status": "error", "error": f"Known hosts file {place}x does not exist"}
    assert minion.call("ssh.rm_known_host", "root", "h", f"{place}x") == missing


def test_states_of_hosts(minion, tmp_path):
    place = str(tmp_path / "known")
    foreseen = told(minion, "ssh_known_hosts.present", "h.example", key=TWO, config=place, test=True)
    assert foreseen == (None, {}, f"Key for h.example is set to be added to {place}")
    new = [{"hostname": "h.example", "enc": "ssh-ed25519", "key": TWO}]
    done = told(minion, "ssh_known_hosts.present", "h.example", key=TWO, config=place)
    assert done == (True, {"old": None, "new": new}, f"h.example's key saved to {place} (key: {TWO})")
    done = told(minion, "ssh_known_hosts.present", "h.example", key=TWO, config=place)
    assert done == (True, {}, f"h.example already exists in {place}")
    foreseen = told(minion, "ssh_known_hosts.present", "h.example", key=TWO, config=place, test=True)
    assert foreseen == (True, {}, f"Host h.example is already in {place}")
    foreseen = told(minion, "ssh_known_hosts.present", "h.example", key=ONE, config=place, test=True)
    assert foreseen == (None, {}, f"Key for h.example is set to be updated in {place}")
    done = told(minion, "ssh_known_hosts.present", "h.example", key=ONE, config=place)
    assert [one["key"] for one in (*done[1]["old"], *done[1]["new"])] == [TWO, ONE]
    failed = told(
        minion, "ssh_known_hosts.present", "127.0.0.1", config=place, hash_known_hosts=False, port=1, timeout=1
    )
    assert failed == (False, {}, "Unable to receive remote host keys")
    foreseen = told(minion, "ssh_known_hosts.absent", "h.example", config=place, test=True)
    assert foreseen == (None, {}, f"Key for h.example is set to be removed from {place}")
    assert told(minion, "ssh_known_hosts.absent", "h.example", config=place)[1]["new"] is None
    assert told(minion, "ssh_known_hosts.absent", "h.example", config=place) == (True, {}, "Host is already absent")
    done = minion.state("ssh_known_hosts.absent", "h.example", user="nouser")
    assert (done["result"], done["comment"]) == (False, "User nouser does not exist")
    done = minion.state("ssh_known_hosts.present", "h.example", config="relative")
    assert done["comment"] == 'If not specifying a "user", specify an absolute "config".'


def test_keys_of_this_host(minion, tmp_path):
    keygen = [program("ssh-keygen"), "-q", "-t", "ed25519", "-C", "h"]
    subprocess.run([*keygen, "-N", "", "-f", str(tmp_path / "ssh_host_ed25519_key")], check=True)
    subprocess.run([*keygen, "-N", "pass", "-f", str(tmp_path / "locked")], check=True)
    public = (tmp_path / "ssh_host_ed25519_key.pub").read_text().strip()
    assert minion.call("ssh.host_keys", str(tmp_path), private=False) == {"ed25519.pub": public}
    assert set(minion.call("ssh.host_keys", str(tmp_path))) == {"ed25519", "ed25519.pub"}
    assert minion.call("ssh.key_is_encrypted", str(tmp_path / "ssh_host_ed25519_key")) is False
    assert minion.call("ssh.key_is_encrypted", str(tmp_path / "locked")) is True
    named = minion.call("ssh.user_keys", "root", pubfile=str(tmp_path / "locked.pub"), prvfile=False)
    assert named == {"root": {"locked.pub": (tmp_path / "locked.pub").read_text().strip()}}
    shown = subprocess.run(
        [keygen[0], "-lf", str(tmp_path / "locked.pub")], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    digest = hashlib.sha256(base64.b64decode(named["root"]["locked.pub"].split()[1])).digest()
    assert shown == f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"
