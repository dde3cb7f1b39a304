"""GnuPG, with keys in directories of the test. Shapes and comments are those of Salt 3008.2."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from shipped import Shipped

from servers import program


class Keys:
    """A directory of keys; its agent is ended with it."""

    def __init__(self, place: Path) -> None:
        place.mkdir(mode=0o700)
        self.place = place

    def gpg(self, *words: str) -> str:
        done = subprocess.run(
            [program("gpg"), "--homedir", self.place, "--batch", "--yes", *words],
            capture_output=True,
            text=True,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout


@pytest.fixture(scope="module")
def ann(tmp_path_factory):
    """A directory with the key of Ann."""
    # The path of an agent's socket may be no longer than 108 characters.
    keys = Keys(tmp_path_factory.mktemp("g", numbered=True) / "a")
    keys.gpg(
        "--pinentry-mode",
        "loopback",
        "--passphrase",
        "",
        "--quick-gen-key",
        "Ann (c) <ann@x.y>",
        "rsa2048",
        "sign,cert,encr",
        "2090-01-01",
    )
    yield keys
    subprocess.run(["gpgconf", "--homedir", keys.place, "--kill", "all"], check=False)


@pytest.fixture
def bob(tmp_path):
    keys = Keys(tmp_path / "b")
    yield keys
    subprocess.run(["gpgconf", "--homedir", keys.place, "--kill", "all"], check=False)


@pytest.fixture
def minion(tmp_path) -> Shipped:
    return Shipped(tmp_path, pillar={"gpg_passphrase": "secret"})


@pytest.fixture(scope="module")
def fingerprint(ann) -> str:
    lines = ann.gpg("--list-keys", "--with-colons").splitlines()
    return next(line.split(":")[9] for line in lines if line.startswith("fpr"))


def test_keys_are_listed_and_move(minion, ann, bob, fingerprint, tmp_path):
    home = {"gnupghome": str(ann.place)}
    (key,) = minion.call("gpg.list_keys", **home)
    created = key.pop("created")
    assert len(created) == 10
    assert key == {
        "keyid": fingerprint[-16:],
        "uids": ["Ann (c) <ann@x.y>"],
        "fingerprint": fingerprint,
        "expires": "2090-01-01",
        "expired": False,
        "keyLength": "2048",
        "ownerTrust": "Ultimately Trusted",
        "trust": "Ultimately Trusted",
    }
    assert minion.call("gpg.get_secret_key", fingerprint=fingerprint, **home)["fingerprint"] == fingerprint
    assert minion.call("gpg.get_key", keyid="ABCD", **home) is False
    path = tmp_path / "ann.asc"
    done = minion.call("gpg.export_key", keyids=fingerprint, output=str(path), **home)
    assert done == {"res": True, "comment": f"Exported key data has been written to {path}"}
    assert minion.call("gpg.export_key", keyids="NOSUCH", **home) == {"res": False}
    there = {"gnupghome": str(bob.place)}
    assert [one["fingerprint"] for one in minion.call("gpg.read_key", str(path), **there)] == [fingerprint]
    assert minion.call("gpg.list_keys", **there) == []
    new = {"res": True, "message": "Successfully imported key(s).", "fingerprints": [fingerprint]}
    assert minion.call("gpg.import_key", filename=str(path), **there) == new
    again = minion.call("gpg.import_key", filename=str(path), **there)
    assert again["message"] == "Key(s) already exist in keychain."
    nothing = minion.call("gpg.import_key", text="foo", **there)
    assert nothing == {"res": False, "message": "Unable to import key.", "fingerprints": []}
    trusted = minion.call("gpg.trust_key", fingerprint=fingerprint, trust_level="ultimately", **there)
    assert trusted["message"] == "Setting ownership trust to Ultimately Trusted."
    kept = minion.call("gpg.delete_key", fingerprint=fingerprint, **home)
    assert kept == {"res": False, "message": "Secret key exists, delete first or pass delete_secret=True."}
    gone = minion.call("gpg.delete_key", fingerprint=fingerprint, **there)
    assert gone == {"res": True, "message": f"Public key for {fingerprint} deleted"}
    gone = minion.call("gpg.delete_key", fingerprint=fingerprint, **there)
    assert gone == {"res": False, "message": "Key not available in keychain."}


def test_messages(minion, ann, bob, fingerprint, tmp_path):
    home = {"gnupghome": str(ann.place)}
    text = minion.call("gpg.encrypt", text="grüße", recipients="ann@x.y", bare=True, **home)
    assert text.startswith("-----BEGIN PGP MESSAGE-----")
    assert minion.call("gpg.decrypt", text=text, **home) == {"res": True, "comment": "grüße"}
    refused = minion.call("gpg.encrypt", text="x", recipients="nosuch", **home)
    assert refused == {"res": False, "comment": "invalid recipient.\nPlease check the salt-minion log."}
    assert minion.call("gpg.decrypt", text="foo", bare=True, **home) is False
    plain, signature = tmp_path / "plain", tmp_path / "plain.sig"
    plain.write_text("hello\n")
    ann.gpg("--output", str(signature), "--detach-sign", str(plain))
    given = {"filename": str(plain), "signature": str(signature)}
    good = {
        "res": True,
        "username": "Ann (c) <ann@x.y>",
        "key_id": fingerprint[-16:],
        "trust_level": "Ultimate",
        "message": "The signature is verified.",
    }
    bad = {"res": False, "message": "The signature could not be verified."}
    assert minion.call("gpg.verify", **given, **home) == good
    assert minion.call("gpg.verify", **given, gnupghome=str(bob.place)) == bad
    signed = minion.call("gpg.sign", filename=str(plain), **home)
    assert minion.call("gpg.verify", text=signed, **home) == good
    assert minion.call("gpg.verify", text=signed.replace("hello", "hallo"), **home) == bad
    all_of = minion.call("gpg.verify", signed_by_all=fingerprint, **given, **home)
    assert (all_of["res"], all_of["signatures"][0]["status"]) == (True, "signature valid")
    any_of = minion.call("gpg.verify", signed_by_any="ABCD", **given, **home)
    assert any_of["res"] is False
    assert any_of["message"] == "None of the public keys listed in signed_by_any provided a valid signature"
    assert any_of["signatures"] == [
        {
            "username": "Ann (c) <ann@x.y>",
            "key_id": fingerprint[-16:],
            "fingerprint": fingerprint,
            "trust_level": "Ultimate",
            "status": "signature valid",
        }
    ]


def test_a_key_is_made_with_a_passphrase(minion, bob):
    home = {"gnupghome": str(bob.place)}
    done = minion.call("gpg.create_key", name_email="b@x", key_length=2048, use_passphrase=True, **home)
    assert (done["res"], done["message"]) == (True, "GPG key pair successfully generated.")
    assert minion.call("gpg.list_keys", **home)[0]["fingerprint"] == done["fingerprint"]
    text = minion.call("gpg.encrypt", text="x", recipients="b@x", bare=True, **home)
    subprocess.run(["gpgconf", "--homedir", bob.place, "--kill", "gpg-agent"], check=True)
    assert minion.call("gpg.decrypt", text=text, bare=True, **home) is False
    assert minion.call("gpg.decrypt", text=text, bare=True, use_passphrase=True, **home) == "x"


def both(minion: Shipped, fun: str, name: str, **options: Any) -> dict[str, Any]:
    foreseen = minion.state(fun, name, test=True, **options)
    done = minion.state(fun, name, **options)
    assert (foreseen["result"], done["result"]) == (None, True), done["comment"]
    assert foreseen["changes"] == done["changes"]
    again = minion.state(fun, name, **options)
    assert (again["result"], again["changes"]) == (True, {})
    return done


def test_keys_as_states(minion, ann, bob, fingerprint):
    minion.write("base/ann.asc", ann.gpg("--armor", "--export"))
    keyid = fingerprint[-16:]
    given = {"source": "salt://ann.asc", "skip_keyserver": True, "gnupghome": str(bob.place)}
    done = both(minion, "gpg.present", keyid, **given)
    assert done["changes"] == {keyid: {"added": True}}
    done = both(minion, "gpg.present", keyid, trust="marginally", **given)
    assert done["changes"] == {keyid: {"trust": "marginally"}}
    done = both(minion, "gpg.absent", keyid, gnupghome=str(bob.place))
    assert done["changes"] == {"deleted": [keyid]}
    missing = minion.state("gpg.present", "ABCDABCDABCDABCD", **given)
    assert missing["result"] is False
    assert missing["comment"] == (
        "Key ABCDABCDABCDABCD:\n  * none of the specified sources were found or contained the (unexpired) key "
        "ABCDABCDABCDABCD."
    )
    said = minion.state("gpg.present", keyid, skip_keyserver=True, gnupghome=str(bob.place))["comment"]
    assert said == "When skipping keyservers, you must provide at least one source"
    assert minion.state("gpg.present", keyid, trust="foo")["comment"] == "Invalid trust level foo"
