"""What simulated minions prove who they are with: one key for all of them, a certificate for each.

Making ten thousand keys, and seeing each safely to the disk, would take longer than all that is to be measured.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from saltern.pki.private_files import make_private_directory, replace_file


class SwarmKeys:
    """A directory with `swarm.key`, `ca.crt` and `<id>.crt`; several processes may share it."""

    def __init__(self, directory: Path) -> None:
        make_private_directory(directory)
        self.key = directory / "swarm.key"
        self.authority = directory / "ca.crt"
        self._directory = directory

    @cached_property
    def request(self) -> str:
        """The certificate signing request of every minion (PEM): it names nobody."""
        from saltern.pki.keypair import key_at
        from saltern.pki.signing_request import make_request

        return make_request(key_at(self.key))

    def certificate(self, minion: str) -> Path:
        return self._directory / f"{minion}.crt"

    def is_enrolled(self, minion: str) -> bool:
        return self.certificate(minion).exists()

    def keep(self, minion: str, authority: str, certificate: str) -> None:
        """What the master gave (PEM). Nothing is verified: a simulated minion has nothing to lose."""
        if not self.authority.exists():
            replace_file(self.authority, authority.encode(), durable=False)
        replace_file(self.certificate(minion), certificate.encode(), durable=False)
