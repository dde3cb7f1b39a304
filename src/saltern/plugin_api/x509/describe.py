"""What certificates, requests and revocation lists hold, as data in Salt's shapes."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from saltern.plugin_api.x509 import general_names, names
from saltern.plugin_api.x509.extensions import ACCESS, KEY_USAGES, PURPOSES

_DIGESTS: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "md5": hashes.MD5,
}


def certificate(cert: x509.Certificate) -> dict[str, Any]:
    key = cert.public_key()
    return {
        "version": cert.version.value + 1,
        "key_size": getattr(key, "key_size", None),
        "key_type": key_type(key),
        "serial_number": serial(cert.serial_number),
        "fingerprints": {name: cert.fingerprint(kind()).hex(":").upper() for name, kind in _DIGESTS.items()},
        "subject": names.as_dict(cert.subject),
        "subject_hash": names.digest(cert.subject),
        "subject_str": names.as_text(cert.subject),
        "issuer": names.as_dict(cert.issuer),
        "issuer_hash": names.digest(cert.issuer),
        "issuer_str": names.as_text(cert.issuer),
        "not_before": when(cert.not_valid_before_utc),
        "not_after": when(cert.not_valid_after_utc),
        "public_key": public_pem(key),
        "extensions": extensions(cert.extensions),
        "signature_algorithm": _algorithm(cert.signature_algorithm_oid),
    }


def request(csr: x509.CertificateSigningRequest) -> dict[str, Any]:
    key = csr.public_key()
    return {
        "key_size": getattr(key, "key_size", None),
        "key_type": key_type(key),
        "subject": names.as_dict(csr.subject),
        "subject_hash": names.digest(csr.subject),
        "subject_str": names.as_text(csr.subject),
        "public_key_hash": x509.SubjectKeyIdentifier.from_public_key(key).digest.hex(":").upper(),
        "extensions": extensions(csr.extensions),
    }


def revocation_list(crl: x509.CertificateRevocationList) -> dict[str, Any]:
    return {
        "issuer": names.as_dict(crl.issuer),
        "last_update": when(crl.last_update_utc),
        "next_update": when(crl.next_update_utc) if crl.next_update_utc else None,
        "revoked_certificates": {serial(one.serial_number).replace(":", ""): revoked(one) for one in crl},
        "extensions": extensions(crl.extensions),
        "signature_algorithm": _algorithm(crl.signature_algorithm_oid),
    }


def revoked(entry: x509.RevokedCertificate) -> dict[str, Any]:
    return {"revocation_date": when(entry.revocation_date_utc), "extensions": extensions(entry.extensions)}


def extensions(given: x509.Extensions) -> dict[str, Any]:
    """The extensions by their names, in the order of the table, those that are not known by their numbers."""
    by_type = {type(one.value): one for one in given}
    found: dict[str, Any] = {}
    for kind, (name, rendered) in _EXTENSIONS.items():
        if kind in by_type:
            one = by_type[kind]
            found[name] = {"critical": one.critical, **rendered(one.value)}
    for one in given:
        if type(one.value) not in _EXTENSIONS:
            held = one.value.public_bytes().hex(":").upper()
            found[one.oid.dotted_string] = {"critical": one.critical, "value": held}
    return found


def name_of(value: x509.ExtensionType) -> str:
    """The name by which Salt knows an extension."""
    known = _EXTENSIONS.get(type(value))
    return known[0] if known else value.oid.dotted_string


def key_type(key: Any) -> str:
    kinds = (
        ((rsa.RSAPublicKey, rsa.RSAPrivateKey), "rsa"),
        ((ec.EllipticCurvePublicKey, ec.EllipticCurvePrivateKey), "ec"),
        ((ed25519.Ed25519PublicKey, ed25519.Ed25519PrivateKey), "ed25519"),
        ((ed448.Ed448PublicKey, ed448.Ed448PrivateKey), "ed448"),
    )
    return next((name for types, name in kinds if isinstance(key, types)), type(key).__name__)


def serial(number: int) -> str:
    text = f"{number:X}"
    text = text if len(text) % 2 == 0 else f"0{text}"
    return ":".join(text[place : place + 2] for place in range(0, len(text), 2))


def when(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def public_pem(key: Any) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return str(key.public_bytes(serialization.Encoding.PEM, form).decode())


def _algorithm(oid: x509.ObjectIdentifier) -> str:
    return str(oid._name)


def _hex(value: bytes | None) -> str | None:
    return value.hex(":").upper() if value is not None else None


def _authority(value: x509.AuthorityKeyIdentifier) -> dict[str, Any]:
    number = value.authority_cert_serial_number
    issuer = value.authority_cert_issuer
    return {
        "keyid": _hex(value.key_identifier),
        "issuer": [general_names.text(one) for one in issuer] if issuer else None,
        "issuer_sn": None if number is None else serial(number),
    }


def _names(value: Any) -> dict[str, Any]:
    return {"value": [general_names.text(one) for one in value]}


def _points(value: Any) -> dict[str, Any]:
    return {"value": [_point(one) for one in value]}


def _point(one: x509.DistributionPoint) -> dict[str, Any]:
    return {
        "crlissuer": [general_names.text(name) for name in one.crl_issuer or ()],
        "fullname": [general_names.text(name) for name in one.full_name or ()],
        "reasons": sorted(reason.value for reason in one.reasons or ()),
        "relativename": one.relative_name.rfc4514_string() if one.relative_name else None,
    }


def _issuing_point(value: x509.IssuingDistributionPoint) -> dict[str, Any]:
    return {
        "onlysomereasons": sorted(reason.value for reason in value.only_some_reasons or ()),
        "fullname": [general_names.text(name) for name in value.full_name or ()],
        "relativename": value.relative_name.rfc4514_string() if value.relative_name else None,
        "onlyuser": value.only_contains_user_certs,
        "onlyCA": value.only_contains_ca_certs,
        "onlyAA": value.only_contains_attribute_certs,
        "indirectCRL": value.indirect_crl,
    }


def _usage(value: x509.KeyUsage) -> dict[str, Any]:
    # Two of them have a meaning only beside another, and cannot be asked for without it.
    dependent = ("encipher_only", "decipher_only")
    return {
        name: (value.key_agreement if field in dependent else True) and getattr(value, field)
        for name, field in KEY_USAGES.items()
    }


def _purposes(value: x509.ExtendedKeyUsage) -> dict[str, Any]:
    known = {oid: name for name, oid in PURPOSES.items()}
    return {"value": [known.get(oid, oid.dotted_string) for oid in value]}


def _access(value: x509.AuthorityInformationAccess) -> dict[str, Any]:
    known = {oid: name for name, oid in ACCESS.items()}
    return {
        "value": [
            {known.get(one.access_method, one.access_method.dotted_string): one.access_location.value} for one in value
        ]
    }


def _policies(value: x509.CertificatePolicies) -> dict[str, Any]:
    return {
        "value": [
            {one.policy_identifier.dotted_string: [_qualifier(each) for each in one.policy_qualifiers or ()]}
            for one in value
        ]
    }


def _qualifier(given: str | x509.UserNotice) -> Any:
    if isinstance(given, str):
        return given
    reference = given.notice_reference
    return {
        "organization": reference.organization if reference else None,
        "notice_numbers": list(reference.notice_numbers) if reference else [],
        "explicit_text": given.explicit_text,
    }


def _constraints(value: x509.NameConstraints) -> dict[str, Any]:
    return {
        "excluded": [general_names.text(one) for one in value.excluded_subtrees or ()],
        "permitted": [general_names.text(one) for one in value.permitted_subtrees or ()],
    }


_Rendered = Callable[[Any], dict[str, Any]]
_EXTENSIONS: dict[type, tuple[str, _Rendered]] = {
    x509.BasicConstraints: ("basicConstraints", lambda value: {"ca": value.ca, "pathlen": value.path_length}),
    x509.KeyUsage: ("keyUsage", _usage),
    x509.ExtendedKeyUsage: ("extendedKeyUsage", _purposes),
    x509.SubjectKeyIdentifier: ("subjectKeyIdentifier", lambda value: {"value": _hex(value.digest)}),
    x509.AuthorityKeyIdentifier: ("authorityKeyIdentifier", _authority),
    x509.IssuerAlternativeName: ("issuerAltName", _names),
    x509.CertificateIssuer: ("certificateIssuer", _names),
    x509.AuthorityInformationAccess: ("authorityInfoAccess", _access),
    x509.SubjectAlternativeName: ("subjectAltName", _names),
    x509.CRLDistributionPoints: ("crlDistributionPoints", _points),
    x509.IssuingDistributionPoint: ("issuingDistributionPoint", _issuing_point),
    x509.CertificatePolicies: ("certificatePolicies", _policies),
    x509.PolicyConstraints: (
        "policyConstraints",
        lambda value: {
            "inhibitPolicyMapping": value.inhibit_policy_mapping,
            "requireExplicitPolicy": value.require_explicit_policy,
        },
    ),
    x509.InhibitAnyPolicy: ("inhibitAnyPolicy", lambda value: {"value": value.skip_certs}),
    x509.NameConstraints: ("nameConstraints", _constraints),
    x509.FreshestCRL: ("freshestCRL", _points),
    x509.OCSPNoCheck: ("noCheck", lambda _: {"value": True}),
    x509.TLSFeature: ("tlsfeature", lambda value: {"value": [one.name for one in value]}),
    x509.CRLNumber: ("cRLNumber", lambda value: {"value": value.crl_number}),
    x509.DeltaCRLIndicator: ("deltaCRLIndicator", lambda value: {"value": value.crl_number}),
    x509.CRLReason: ("CRLReason", lambda value: {"value": value.reason.value}),
    x509.InvalidityDate: ("invalidityDate", lambda value: {"value": when(value.invalidity_date_utc)}),
}
