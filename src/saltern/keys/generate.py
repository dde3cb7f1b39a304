"""Key pairs made ahead of time, for machines that are set up later (`--gen-keys`, behaviours KEY-06 and KEY-11)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from saltern.errors import Conflict
from saltern.keys.ids import check_minion_id
from saltern.pki.private_files import create_file, make_private_directory


class KeyPairFiles(NamedTuple):
    private: Path
    public: Path


def gen_keys(name: str, directory: Path) -> KeyPairFiles:
    """Write NAME.pem and NAME.pub; `Conflict` when one of them exists: a key is never overwritten.

    The first becomes a minion's `minion.key`, the second its file in the master's `minions` directory.
    """
    from saltern.pki.keypair import make_key, private_pem, public_pem

    check_minion_id(name)
    make_private_directory(directory)
    files = KeyPairFiles(directory / f"{name}.pem", directory / f"{name}.pub")
    if files.public.exists():
        raise Conflict(f"{files.public} exists already.")
    key = make_key()
    if not create_file(files.private, private_pem(key).encode()):
        raise Conflict(f"{files.private} exists already.")
    create_file(files.public, public_pem(key.public_key()).encode())
    return files
