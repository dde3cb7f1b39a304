"""The certificate authority that every master holds, made at its first start."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from saltern.errors import ConfigError
from saltern.pki.certificates import Signer, authority_certificate, is_signed_by, load_certificate, pem_of
from saltern.pki.der import read_certificate
from saltern.pki.fingerprints import fingerprint
from saltern.pki.keypair import key_at, public_der, public_pem
from saltern.pki.layout import MasterFiles, master_files
from saltern.pki.names import master_uri
from saltern.pki.pem import CERTIFICATE, der_of
from saltern.pki.private_files import create_file, make_private_directory, read_text, replace_file, sweep
from saltern.pki.signing_request import read_request


class Authority:
    """Signs the certificates of minions, and that of the master itself.

    Masters of one fleet share `ca.key` and `ca.crt`; each makes a server certificate of its own.
    """

    def __init__(
        self,
        files: MasterFiles,
        key: ec.EllipticCurvePrivateKey,
        certificate: str,
        master: str,
        now: Callable[[], float],
    ) -> None:
        self._files = files
        self._signer = Signer(key, load_certificate(certificate))
        self._master = master
        self._now = now
        self.certificate = certificate
        """PEM."""
        self.fingerprint = fingerprint(public_der(key.public_key()))
        """Hex SHA-256 of the public key: what minions pin as `master_fingerprint`."""
        self.public_pem = public_pem(key.public_key())

    @classmethod
    def open(cls, directory: Path, master: str = "master", now: Callable[[], float] = time.time) -> Authority:
        """Read the authority of a PKI directory, or make it; its server certificate is current afterwards.

        `ConfigError` names the file when something there cannot be used: nothing that exists is ever replaced by a
        new authority, because no minion would follow.
        """
        make_private_directory(directory)
        sweep(directory)
        files = master_files(directory)
        key = _authority_key(files)
        authority = cls(files, key, _authority_certificate(files, key, now()), master, now)
        authority.renew_server_certificate()
        return authority

    def issue(self, minion: str, request: str, days: float) -> str:
        """A certificate (PEM) for a minion, valid for so many days; `ProtocolError` when the request is not in order.

        The id is the caller's decision; whatever the request says about its own subject is ignored.
        """
        return pem_of(self._signer.sign_minion(read_request(request), minion, days, self._now()))

    def renew_server_certificate(self) -> bool:
        """Make the master's certificate anew when two thirds of its life are over, or when it does not fit any more.

        Whether it was renewed: a listener then loads it by `contexts.load_server_certificate`.
        """
        key = key_at(self._files.key)
        if not self._is_due(key):
            return False
        certificate = self._signer.sign_server(key.public_key(), self._master, self._now())
        replace_file(self._files.certificate, pem_of(certificate).encode())
        return True

    def _is_due(self, key: ec.EllipticCurvePrivateKey) -> bool:
        pem = read_text(self._files.certificate) or ""
        try:
            fields = read_certificate(der_of(pem, CERTIFICATE))
        except ValueError:  # missing or damaged: nothing is lost by another one
            return True
        return (
            self._now() >= fields.renew_at
            or fields.public_key != public_der(key.public_key())
            or master_uri(self._master) not in fields.uris
            or not is_signed_by(pem, self.certificate)
        )


def _authority_key(files: MasterFiles) -> ec.EllipticCurvePrivateKey:
    if files.authority.exists() and not files.authority_key.exists():
        raise ConfigError(
            f"{files.authority} is there, but its private key {files.authority_key} is missing.",
            hint="Restore the key from a backup. Without it every minion has to be enrolled again.",
        )
    return key_at(files.authority_key)


def _authority_certificate(files: MasterFiles, key: ec.EllipticCurvePrivateKey, now: float) -> str:
    if not files.authority.exists():
        create_file(files.authority, pem_of(authority_certificate(key, now)).encode())
    pem = read_text(files.authority) or ""
    try:
        fields = read_certificate(der_of(pem, CERTIFICATE))
    except ValueError as error:
        raise ConfigError(f"{files.authority} holds no certificate that can be read.") from error
    if fields.public_key != public_der(key.public_key()):
        raise ConfigError(
            f"{files.authority} and {files.authority_key} do not belong together.",
            hint="Restore both files from one backup.",
        )
    return pem
