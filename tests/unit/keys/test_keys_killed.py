"""SIGKILL before each single step that changes the disk: what is left is the old or the new, and works."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from saltern.keys.backends.directory import DirectoryKeyStore
from saltern.keys.contract import KeyState
from saltern.keys.generate import gen_keys
from saltern.keys.join_token import parse
from saltern.keys.ring import KeyRing
from saltern.keys.tokens import TokenStore
from saltern.pki.authority import Authority
from saltern.pki.contexts import server_context
from saltern.pki.fingerprints import fingerprint
from saltern.pki.identity import MinionIdentity
from saltern.pki.keypair import load_key, public_der

pytestmark = pytest.mark.faults

CHANGES = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.chmod", "os.truncate"}
NOW = 1_800_000_000.0


def killed_at_each_step(
    tmp_path: Path, action: Callable[[Path], object], prepare: Callable[[Path], object] = lambda directory: None
) -> Iterator[Path]:
    """Directories in which `action` was killed before its first, second, ... change of the disk."""
    for step in range(1, 100):
        directory = tmp_path / str(step)
        directory.mkdir()
        prepare(directory)
        if not _killed(step, action, directory):
            assert step > 1, "nothing was changed at all"
            return
        yield directory
    raise AssertionError("no end of steps")


def _killed(step: int, action: Callable[[Path], object], directory: Path) -> bool:
    child = os.fork()
    if child == 0:
        try:
            sys.addaudithook(_Killer(step))
            action(directory)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the action failed by itself"
    return os.WIFSIGNALED(status)


class _Killer:
    def __init__(self, step: int) -> None:
        self._left = step

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if event in CHANGES or (event == "open" and _writes(args[2])):
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


def _writes(flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def visible(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir() if not path.name.startswith(".new-")}


def test_the_authority_is_made_whole_or_goes_on_where_it_was(tmp_path: Path) -> None:
    steps = 0
    for directory in killed_at_each_step(tmp_path, lambda directory: Authority.open(directory / "pki", "m1")):
        steps += 1
        pki = directory / "pki"
        key = (pki / "ca.key").read_text() if (pki / "ca.key").exists() else None
        authority = Authority.open(pki, "m1")
        server_context(pki)
        if key is not None:
            assert authority.fingerprint == fingerprint(public_der(load_key(key, "ca.key").public_key()))
        assert visible(pki) == {"ca.key", "ca.crt", "master.key", "master.crt"}
    assert steps >= 12


def test_a_renewed_server_certificate_is_the_old_or_the_new(tmp_path: Path) -> None:
    def prepare(directory: Path) -> None:
        Authority.open(directory, "m1", now=lambda: NOW)

    def renew(directory: Path) -> None:
        Authority.open(directory, "m1", now=lambda: NOW + 300 * 86_400)

    for directory in killed_at_each_step(tmp_path, renew, prepare):
        server_context(directory)
        assert visible(directory) == {"ca.key", "ca.crt", "master.key", "master.crt"}


def test_a_minions_identity_is_made_whole_or_goes_on_where_it_was(tmp_path: Path) -> None:
    for directory in killed_at_each_step(tmp_path, lambda directory: MinionIdentity.open(directory / "pki")):
        identity = MinionIdentity.open(directory / "pki")
        key = load_key(identity.files.key.read_text(), "minion.key")
        assert identity.fingerprint == fingerprint(public_der(key.public_key()))


def test_an_enrolled_minion_is_one_or_enrols_again(tmp_path: Path) -> None:
    authority = Authority.open(tmp_path / "master")
    (tmp_path / "minions").mkdir()

    def enrol(directory: Path) -> None:
        identity = MinionIdentity.open(directory)
        identity.trust(authority.certificate)
        identity.store(authority.issue("web1", identity.request(), 30))

    for directory in killed_at_each_step(tmp_path / "minions", enrol, lambda path: MinionIdentity.open(path)):
        identity = MinionIdentity.open(directory)
        assert identity.authority_fingerprint in ("", authority.fingerprint)
        assert identity.enrolled is (identity.expires > 0)
        enrol(directory)
        assert identity.enrolled


@pytest.mark.parametrize("verb", ["accept", "reject", "delete"])
def test_a_key_that_is_moved_is_never_lost_and_never_let_in_by_accident(tmp_path: Path, verb: str) -> None:
    source = KeyState.ACCEPTED if verb == "reject" else KeyState.PENDING
    allowed = {
        "accept": {KeyState.PENDING, KeyState.ACCEPTED},
        "reject": {KeyState.ACCEPTED, KeyState.REJECTED},
        "delete": {KeyState.PENDING},
    }[verb]

    def decide(directory: Path) -> None:
        getattr(KeyRing(DirectoryKeyStore(directory)), verb)(["web1"], [source])

    def prepare(directory: Path) -> None:
        DirectoryKeyStore(directory).put("web1", source, "the key")

    for directory in killed_at_each_step(tmp_path, decide, prepare):
        store = DirectoryKeyStore(directory)
        state = store.state_of("web1")
        assert state in allowed
        assert store.get("web1", state) == "the key"
        assert {key for each in KeyState if (key := store.get("web1", each)) is not None} == {"the key"}
        decide(directory)
        assert sum(map(len, store.list().values())) == (0 if verb == "delete" else 1)


def test_a_replaced_key_is_the_old_or_the_new(tmp_path: Path) -> None:
    def put(text: str) -> Callable[[Path], None]:
        return lambda directory: DirectoryKeyStore(directory).put("web1", KeyState.ACCEPTED, text)

    for directory in killed_at_each_step(tmp_path, put("new" * 1000), put("old" * 1000)):
        store = DirectoryKeyStore(directory)
        assert store.get("web1", KeyState.ACCEPTED) in ("old" * 1000, "new" * 1000)
        assert store.list()[KeyState.ACCEPTED] == ["web1"]


def test_a_token_is_used_or_not_and_the_others_stay(tmp_path: Path) -> None:
    secrets: dict[Path, tuple[str, str]] = {}

    def prepare(directory: Path) -> None:
        tokens = TokenStore(directory / "tokens")
        secrets[directory] = tuple(parse(tokens.make("", 60, 1, "ab" * 32, NOW)).secret for _ in range(2))

    def redeem(directory: Path) -> None:
        assert TokenStore(directory / "tokens").redeem(secrets[directory][0], "web1", NOW)

    for directory in killed_at_each_step(tmp_path, redeem, prepare):
        tokens = TokenStore(directory / "tokens")
        assert [tokens.redeem(secrets[directory][0], "web1", NOW) for _ in range(2)] in ([True, False], [False, False])
        assert tokens.redeem(secrets[directory][1], "web1", NOW)


def test_a_key_pair_made_ahead_is_never_half(tmp_path: Path) -> None:
    for directory in killed_at_each_step(tmp_path, lambda directory: gen_keys("web1", directory / "out")):
        if (directory / "out").exists() and "web1.pub" in visible(directory / "out"):
            assert "web1.pem" in visible(directory / "out")
