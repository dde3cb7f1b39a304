"""A minion's own key, and the certificate that a master gave it."""

from __future__ import annotations

from pathlib import Path

from saltern.errors import IdentityRefused
from saltern.pki.der import CertificateFields, read_certificate
from saltern.pki.fingerprints import certificate_fingerprint, fingerprint, show
from saltern.pki.layout import MinionFiles, minion_files
from saltern.pki.pem import CERTIFICATE, der_of
from saltern.pki.private_files import create_file, make_private_directory, read_text, replace_file, sweep

# The cryptography library costs 11 MB and 100 ms, and is needed only to make a key and to enrol: it is imported there.


class MinionIdentity:
    """The PKI directory of a minion. What is asked of it is read from the files, so that a change by hand is seen."""

    def __init__(self, files: MinionFiles) -> None:
        self.files = files

    @classmethod
    def open(cls, directory: Path) -> MinionIdentity:
        """Read a minion's identity; its key pair is made at the first time. A key put there before is used."""
        make_private_directory(directory)
        sweep(directory)
        files = minion_files(directory)
        if not files.key.exists() or not files.public_key.exists():
            _make_key_pair(files)
        return cls(files)

    @property
    def public_key(self) -> str:
        """PEM."""
        return read_text(self.files.public_key) or ""

    @property
    def fingerprint(self) -> str:
        """Of the public key: what an operator compares with `saltern key -f` on the master."""
        return fingerprint(self.public_key)

    @property
    def enrolled(self) -> bool:
        """Whether there is a certificate, and the authority that gave it."""
        return self.files.certificate.exists() and self.files.authority.exists()

    @property
    def authority_fingerprint(self) -> str:
        """Of the authority that is trusted; empty when there is none yet."""
        pem = read_text(self.files.authority)
        return certificate_fingerprint(pem) if pem else ""

    @property
    def expires(self) -> float:
        """When the certificate ends, in seconds since 1970, UTC; 0 without one."""
        fields = self._certificate()
        return fields.not_after if fields else 0.0

    @property
    def renew_at(self) -> float:
        """When to ask for the next certificate: after two thirds of this one's life; 0 without one."""
        fields = self._certificate()
        return fields.renew_at if fields else 0.0

    def request(self) -> str:
        """A certificate signing request, PEM."""
        from saltern.pki.keypair import key_at
        from saltern.pki.signing_request import make_request

        return make_request(key_at(self.files.key))

    def trust(self, authority: str) -> None:
        """Keep an authority's certificate (PEM) that `first_contact` verified.

        `IdentityRefused` when another authority is trusted already: only a person can decide to follow a new one.
        """
        known = self.authority_fingerprint
        try:
            new = certificate_fingerprint(authority)
        except ValueError as error:
            raise IdentityRefused("The authority's certificate that the master sent cannot be read.") from error
        if known and known != new:
            raise IdentityRefused(
                "The master belongs to another authority than the one that this minion trusts.",
                hint=f"Trusted is {show(known)}, the master shows {show(new)}. If the master was set up anew, remove "
                f"{self.files.authority} and {self.files.certificate} here and start the minion again.",
            )
        if not known:
            replace_file(self.files.authority, authority.encode())

    def store(self, certificate: str) -> None:
        """Keep a certificate (PEM) that the master issued, in place of the one before.

        `IdentityRefused` when it is not for this minion's key, or not of the authority that it trusts.
        """
        from saltern.pki.certificates import is_signed_by
        from saltern.pki.keypair import key_at, public_der

        authority = read_text(self.files.authority) or ""
        try:
            fits = read_certificate(der_of(certificate, CERTIFICATE)).public_key == public_der(
                key_at(self.files.key).public_key()
            )
            signed = is_signed_by(certificate, authority)
        except ValueError as error:
            raise IdentityRefused("The certificate that the master sent cannot be read.") from error
        if not fits:
            raise IdentityRefused("The certificate that the master sent is for another key than this minion's.")
        if not signed:
            raise IdentityRefused("The certificate that the master sent is not of the authority that is trusted here.")
        replace_file(self.files.certificate, certificate.encode())

    def forget_certificate(self) -> None:
        """Be unknown again, with the same key and the same trusted authority: the next connection enrols."""
        self.files.certificate.unlink(missing_ok=True)

    def _certificate(self) -> CertificateFields | None:
        pem = read_text(self.files.certificate)
        return read_certificate(der_of(pem, CERTIFICATE)) if pem else None


def _make_key_pair(files: MinionFiles) -> None:
    from saltern.pki.keypair import key_at, public_pem

    create_file(files.public_key, public_pem(key_at(files.key).public_key()).encode())
