"""What a minion checks when it meets a master whose authority it does not hold yet.

TLS has then proved only that the other side holds the private key of the certificate that it showed.
"""

from __future__ import annotations

import time

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from saltern.errors import IdentityRefused
from saltern.pki.certificates import AUTHORITY_KEY, load_certificate
from saltern.pki.fingerprints import fingerprint, normalise, show
from saltern.pki.keypair import public_der
from saltern.pki.names import SERVER_NAME


def verify_pin(leaf: bytes, pinned: str, now: float | None = None) -> str:
    """Check a master's certificate (DER) against the fingerprint of its authority, before anything is sent.

    Needs nothing but the certificate: it carries the authority's public key. Gives the fingerprint; `IdentityRefused`.
    """
    certificate = _server_certificate(leaf, now)
    return _verify(certificate, _named_authority(certificate), pinned)


def verify_first_contact(leaf: bytes, authority: str, pinned: str = "", now: float | None = None) -> str:
    """Check that the authority (PEM) which an answer names is the one that signed the master's certificate (DER).

    With `pinned` its fingerprint must be that one; without, the minion trusts on first use. Gives the fingerprint of
    the authority, for the log; `IdentityRefused` says what does not fit.
    """
    return _verify(_server_certificate(leaf, now), _authority_key(authority), pinned)


def _verify(certificate: x509.Certificate, authority: ec.EllipticCurvePublicKey, pinned: str) -> str:
    found = fingerprint(public_der(authority))
    if pinned and normalise(pinned) != found:
        raise IdentityRefused(
            "The master is not the one whose fingerprint was given.",
            hint=f"Expected {show(normalise(pinned))}, but the master shows {show(found)}. If the master was set up "
            "anew, give its new fingerprint (`saltern key -F` there) as master_fingerprint, or a new join token; if it "
            "was not, somebody else answers at its address.",
        )
    _check_signature(certificate, authority, found)
    return found


def _check_signature(certificate: x509.Certificate, authority: ec.EllipticCurvePublicKey, found: str) -> None:
    algorithm = certificate.signature_hash_algorithm
    try:
        if algorithm is None:
            raise InvalidSignature
        authority.verify(certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(algorithm))
    except InvalidSignature as error:
        raise IdentityRefused(
            "The master's certificate was not signed by the authority that it names.",
            hint=f"The authority named has the fingerprint {show(found)}. Somebody between here and the master may be "
            "answering in its place.",
        ) from error


def _server_certificate(leaf: bytes, now: float | None) -> x509.Certificate:
    try:
        certificate = x509.load_der_x509_certificate(leaf)
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound) as error:
        raise _no_master() from error
    if ExtendedKeyUsageOID.SERVER_AUTH not in usage or SERVER_NAME not in names.get_values_for_type(x509.DNSName):
        raise _no_master()
    moment = time.time() if now is None else now
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not start.timestamp() <= moment <= end.timestamp():
        raise IdentityRefused(
            f"The master's certificate is valid from {start:%Y-%m-%d} to {end:%Y-%m-%d}, which is not now.",
            hint="Compare the clocks of this machine and of the master.",
        )
    return certificate


def _no_master() -> IdentityRefused:
    return IdentityRefused(
        "What answers there is not a Saltern master.",
        hint="Its certificate was not made for a master. Check the address and the port; a certificate of a minion, "
        "if that is what it is, means that a minion poses as the master.",
    )


def _named_authority(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    try:
        extension = certificate.extensions.get_extension_for_oid(AUTHORITY_KEY).value
        key = load_der_public_key(extension.public_bytes())
    except (ValueError, x509.ExtensionNotFound) as error:
        raise _no_master() from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise _no_master()
    return key


def _authority_key(authority: str) -> ec.EllipticCurvePublicKey:
    try:
        certificate = load_certificate(authority)
        key = certificate.public_key()
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, x509.ExtensionNotFound) as error:
        raise IdentityRefused("The authority's certificate that the master sent cannot be read.") from error
    if not constraints.ca or not isinstance(key, ec.EllipticCurvePublicKey):
        raise IdentityRefused("The certificate that the master sent is not that of an authority.")
    return key
