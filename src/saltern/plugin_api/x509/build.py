"""Keys, requests, certificates and revocation lists, made from the arguments that Salt's functions take."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError
from saltern.plugin_api.x509 import extensions, names, sources
from saltern.plugin_api.x509.describe import public_pem
from saltern.plugin_api.x509.extensions import Built, Issuing, moment

ALGORITHMS = ("rsa", "ec", "ed25519", "ed448")
DIGESTS = (
    "sha1", "sha224", "sha256", "sha384", "sha512", "sha512_224", "sha512_256", "sha3_224", "sha3_256", "sha3_384",
    "sha3_512",
)  # fmt: skip
_CURVES: dict[int, ec.EllipticCurve] = {256: ec.SECP256R1(), 384: ec.SECP384R1(), 521: ec.SECP521R1()}
_RSA_BITS = (2048, 3072, 4096)
_DAYS_OF_CERTIFICATE = 365
_DAYS_OF_LIST = 100

Arguments = Mapping[str, Any]


def key(algo: str, keysize: int | None) -> Any:
    """A new private key. `keysize` is in bits; None: 2048 for RSA, 256 for elliptic curves."""
    if algo not in ALGORITHMS:
        raise SaltInvocationError(
            f"Invalid algorithm specified for generating private key: {algo}. Valid: {', '.join(ALGORITHMS)}"
        )
    if algo == "rsa":
        if keysize is not None and keysize not in _RSA_BITS:
            raise SaltInvocationError("RSA key size must be either 2048, 3072 or 4096 bits.")
        return rsa.generate_private_key(public_exponent=65537, key_size=keysize or _RSA_BITS[0])
    if algo == "ec":
        if keysize is not None and keysize not in _CURVES:
            raise SaltInvocationError("EC key size must be either 256, 384, 521 bits.")
        return ec.generate_private_key(_CURVES[keysize or 256])
    kind = ed25519.Ed25519PrivateKey if algo == "ed25519" else ed448.Ed448PrivateKey
    return kind.generate()


def request(private_key: Any, given: Arguments, digest: str = "sha256") -> x509.CertificateSigningRequest:
    """A certificate signing request; `given` are the arguments of `x509.create_csr`."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(_subject(given))
    issuing = Issuing(private_key.public_key(), private_key.public_key())
    for one in extensions.build_all(_of_request(given), issuing).values():
        builder = builder.add_extension(one.value, one.critical)
    return builder.sign(private_key, hash_of(digest, private_key))


def certificate(given: Arguments) -> tuple[x509.Certificate, Any]:
    """A certificate with the private key that belongs to it, where that was given; `given` are the arguments of
    `x509.create_certificate`. Without `signing_cert` it signs itself. A request gives its key and its extensions, and
    not its subject: whose name is signed is for who signs to say.
    """
    if given.get("signing_private_key") is None:
        raise SaltInvocationError("Creating a certificate locally at least requires a signing private key.")
    signing_key = sources.private_key(given["signing_private_key"], given.get("signing_private_key_passphrase"))
    issuer = sources.certificate(given["signing_cert"]) if given.get("signing_cert") else None
    own_key, request_given, public = _subject_key(given, issuer, signing_key)
    if issuer is not None and not same_key(issuer.public_key(), signing_key.public_key()):
        raise SaltInvocationError("Signing private key does not match the certificate's public key")
    subject = _subject(given)
    since, until = _validity(given, _DAYS_OF_CERTIFICATE)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer is not None else subject)
        .public_key(public)
        .serial_number(_serial(given.get("serial_number")))
        .not_valid_before(since)
        .not_valid_after(until)
    )
    for one in _extensions(given, request_given, Issuing(public, signing_key.public_key(), issuer)):
        builder = builder.add_extension(one.value, one.critical)
    return builder.sign(signing_key, hash_of(given.get("digest") or "sha256", signing_key)), own_key


def revocation_list(given: Arguments) -> x509.CertificateRevocationList:
    """A revocation list; `given` are the arguments of `x509.create_crl`."""
    signing_key = sources.private_key(given["signing_private_key"], given.get("signing_private_key_passphrase"))
    if given.get("signing_cert") is None:
        raise SaltInvocationError("A revocation list needs the certificate of its issuer: signing_cert")
    issuer = sources.certificate(given["signing_cert"])
    if not same_key(issuer.public_key(), signing_key.public_key()):
        raise SaltInvocationError("Signing private key does not match the certificate's public key")
    since, until = _validity(given, _DAYS_OF_LIST)
    builder = x509.CertificateRevocationListBuilder()
    builder = builder.issuer_name(issuer.subject).last_update(since).next_update(until)
    issuing = Issuing(issuer.public_key(), issuer.public_key(), issuer)
    for one in extensions.build_all(given.get("extensions") or {}, issuing).values():
        builder = builder.add_extension(one.value, one.critical)
    for entry in given.get("revoked") or ():
        made = _revoked(entry, include_expired=bool(given.get("include_expired")), now=since)
        builder = builder.add_revoked_certificate(made) if made is not None else builder
    return builder.sign(signing_key, hash_of(given.get("digest") or "sha256", signing_key))


def same_key(one: Any, other: Any) -> bool:
    return public_pem(one) == public_pem(other)


def hash_of(digest: str, signing_key: Any) -> Any:
    """The hash of a signature; None for keys that have one of their own."""
    if digest.lower() not in DIGESTS:
        raise CommandExecutionError(f"Invalid value '{digest}' for digest. Valid: {', '.join(DIGESTS)}")
    if isinstance(signing_key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
        return None
    return getattr(hashes, digest.upper())()


def serial_number(text: Any) -> int:
    """A serial number as an integer, or in hexadecimal with or without colons."""
    if isinstance(text, int):
        return text
    try:
        return int(str(text).replace(":", ""), 16)
    except ValueError as error:
        raise SaltInvocationError(f"{text} is no serial number") from error


def _subject(given: Arguments) -> x509.Name:
    return names.parse(given["subject"]) if given.get("subject") else names.of_attributes(given)


def _of_request(given: Arguments) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name != "authorityKeyIdentifier"}


def _subject_key(
    given: Arguments, issuer: x509.Certificate | None, signing_key: Any
) -> tuple[Any, x509.CertificateSigningRequest | None, Any]:
    """The private key, the request and the public key of the subject, of which the last is always there."""
    request_given = sources.request(given["csr"]) if given.get("csr") else None
    if given.get("private_key"):
        own = sources.private_key(given["private_key"], given.get("private_key_passphrase"))
        return own, request_given, own.public_key()
    if given.get("public_key"):
        return None, request_given, sources.public_key(given["public_key"])
    if request_given is not None:
        return None, request_given, request_given.public_key()
    if issuer is not None:
        raise SaltInvocationError(
            "This certificate is not self-signed (signing_cert is set) and thus needs public_key, private_key or csr "
            "to derive public key to sign"
        )
    return signing_key, None, signing_key.public_key()


def _extensions(
    given: Arguments, request_given: x509.CertificateSigningRequest | None, issuing: Issuing
) -> list[Built]:
    """Those that were asked for, and of a request those that were not asked for otherwise."""
    found = list(extensions.build_all(given, issuing).values())
    asked = {one.value.oid for one in found}
    more = request_given.extensions if request_given is not None else ()
    return found + [Built(one.value, one.critical) for one in more if one.oid not in asked]


def _validity(given: Arguments, days: int) -> tuple[datetime.datetime, datetime.datetime]:
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    since = moment(given["not_before"]) if given.get("not_before") else now
    if given.get("not_after"):
        return since, moment(given["not_after"])
    return since, since + datetime.timedelta(days=int(given.get("days_valid") or days))


def _serial(given: Any) -> int:
    return x509.random_serial_number() if given is None else serial_number(given)


def _revoked(entry: Arguments, *, include_expired: bool, now: datetime.datetime) -> x509.RevokedCertificate | None:
    """An entry of the list; None for a certificate that has expired, unless those are wanted too."""
    until = moment(entry["not_after"]) if entry.get("not_after") else None
    if entry.get("certificate"):
        cert = sources.certificate(entry["certificate"])
        number, until = cert.serial_number, cert.not_valid_after_utc
    elif entry.get("serial_number") is not None:
        number = serial_number(entry["serial_number"])
    else:
        raise SaltInvocationError("Need serial_number or certificate")
    if until is not None and until < now and not include_expired:
        return None
    date = moment(entry["revocation_date"]) if entry.get("revocation_date") else now
    builder = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(date)
    for one in extensions.build_entry(entry.get("extensions") or {}):
        builder = builder.add_extension(one.value, one.critical)
    return builder.build()
