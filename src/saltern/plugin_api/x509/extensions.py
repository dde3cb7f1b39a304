"""Extensions by the names and texts of OpenSSL's configuration, as Salt takes them: `critical, CA:TRUE`."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError
from saltern.plugin_api.x509 import general_names, names

KEY_USAGES = {
    "cRLSign": "crl_sign",
    "dataEncipherment": "data_encipherment",
    "decipherOnly": "decipher_only",
    "digitalSignature": "digital_signature",
    "encipherOnly": "encipher_only",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "keyEncipherment": "key_encipherment",
    "nonRepudiation": "content_commitment",
}
PURPOSES = {
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH,
    "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "codeSigning": ExtendedKeyUsageOID.CODE_SIGNING,
    "emailProtection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "timeStamping": ExtendedKeyUsageOID.TIME_STAMPING,
    "OCSPSigning": ExtendedKeyUsageOID.OCSP_SIGNING,
    "anyExtendedKeyUsage": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    "msSmartcardLogin": ExtendedKeyUsageOID.SMARTCARD_LOGON,
    "pkInitKDC": ExtendedKeyUsageOID.KERBEROS_PKINIT_KDC,
}
ACCESS = {"OCSP": AuthorityInformationAccessOID.OCSP, "caIssuers": AuthorityInformationAccessOID.CA_ISSUERS}
_NOT_THERE = (
    "nsBaseUrl",
    "nsCaPolicyUrl",
    "nsCaRevocationUrl",
    "nsCertType",
    "nsComment",
    "nsRenewalUrl",
    "nsRevocationUrl",
    "nsSslServerName",
)


class Issuing(NamedTuple):
    """What the keys of an extension are made from: the subject's public key, and the issuer's certificate and key."""

    subject_key: Any
    issuer_key: Any
    issuer_cert: x509.Certificate | None = None


class Built(NamedTuple):
    value: x509.ExtensionType
    critical: bool


class _Given(NamedTuple):
    """The value of an extension: whether it is critical, its words, or what a mapping has."""

    critical: bool
    words: list[Any]
    fields: Mapping[str, Any]

    def __bool__(self) -> bool:
        return bool(self.words or self.fields)

    def items(self) -> Any:
        return self.fields.get("value", self.words) if self.fields else self.words


def build_all(given: Mapping[str, Any], issuing: Issuing) -> dict[str, Built]:
    """The extensions among arguments of a function; others are not looked at."""
    for name in _NOT_THERE:
        if given.get(name) is not None:
            raise SaltInvocationError(f"{name} is currently not implemented.")
    return {name: build(name, given[name], issuing) for name in NAMES if given.get(name) not in (None, "", False)}


def build(name: str, value: Any, issuing: Issuing) -> Built:
    """One extension. `SaltInvocationError` for one that is not known or has a value that cannot be read."""
    if name not in NAMES:
        raise SaltInvocationError(f"The extension {name} is not known.")
    if name in _OF_KEYS:
        return _built(name, value, lambda read: _OF_KEYS[name](read, issuing))
    return _built(name, value, _BUILDERS[name])


def _built(name: str, value: Any, builder: Callable[[_Given], x509.ExtensionType]) -> Built:
    read = _read(value)
    try:
        return Built(builder(read), read.critical)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, SaltInvocationError):
            raise
        raise SaltInvocationError(f"Invalid configuration for {name}: {error}") from error


def _read(value: Any) -> _Given:
    if isinstance(value, Mapping):
        fields = {key: one for key, one in value.items() if key != "critical"}
        return _Given(bool(value.get("critical", False)), [], fields)
    words = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(words, list | tuple):
        return _Given(False, [words], {})
    critical = any(word == "critical" for word in words)
    return _Given(critical, [word for word in words if word not in ("critical", "")], {})


def _pairs(given: _Given) -> dict[str, Any]:
    """Words such as `CA:TRUE`, by their names."""
    if given.fields:
        return dict(given.fields)
    found: dict[str, Any] = {}
    for word in given.words:
        if isinstance(word, Mapping):
            found.update(word)
        else:
            key, _, value = str(word).partition(":")
            found[key.strip()] = value.strip()
    return found


def _true(value: Any) -> bool:
    return str(value).lower() in ("true", "1", "yes")


def _basic_constraints(given: _Given) -> x509.ExtensionType:
    pairs = {key.lower(): value for key, value in _pairs(given).items()}
    length = pairs.get("pathlen")
    return x509.BasicConstraints(_true(pairs["ca"]), None if length is None else int(length))


def _key_usage(given: _Given) -> x509.ExtensionType:
    words = given.items()
    wanted = [key for key, on in words.items() if on] if isinstance(words, Mapping) else words
    if isinstance(wanted, str):
        wanted = [part.strip() for part in wanted.split(",")]
    if given.fields and "value" not in given.fields:
        wanted = [key for key, on in given.fields.items() if on]
    return x509.KeyUsage(**{field: name in wanted for name, field in KEY_USAGES.items()})


def _extended_key_usage(given: _Given) -> x509.ExtensionType:
    return x509.ExtendedKeyUsage([PURPOSES.get(word) or _oid(word) for word in given.items()])


def _subject_key_identifier(given: _Given, issuing: Issuing) -> x509.ExtensionType:
    (word,) = given.items()
    if word == "hash":
        return x509.SubjectKeyIdentifier.from_public_key(issuing.subject_key)
    return x509.SubjectKeyIdentifier(bytes.fromhex(str(word).replace(":", "")))


def _authority_key_identifier(given: _Given, issuing: Issuing) -> x509.ExtensionType:
    pairs = _pairs(given)
    identifier = None
    if "keyid" in pairs:
        identifier = _key_identifier(issuing)
    always = pairs.get("issuer") == "always"
    cert = issuing.issuer_cert
    if always and cert is None:
        raise CommandExecutionError(
            "Could not add authority_cert_issuer and authority_cert_serial_number, but was set to always."
        )
    if cert is not None and (always or ("issuer" in pairs and identifier is None)):
        return x509.AuthorityKeyIdentifier(identifier, [x509.DirectoryName(cert.issuer)], cert.serial_number)
    return x509.AuthorityKeyIdentifier(identifier, None, None)


def _key_identifier(issuing: Issuing) -> bytes | None:
    if issuing.issuer_cert is not None:
        try:
            return issuing.issuer_cert.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        except x509.ExtensionNotFound:
            pass
    return x509.SubjectKeyIdentifier.from_public_key(issuing.issuer_key).digest


def _alternative_names(given: _Given) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    words = given.items()
    if isinstance(words, Mapping):
        return general_names.parse_all(words)
    for word in [words] if isinstance(words, str) else words:
        found += general_names.parse_all(word)
    return found


def _distribution_points(given: _Given) -> list[x509.DistributionPoint]:
    words = given.items()
    if isinstance(words, Mapping) or given.fields:
        words = [given.fields.get("value", given.fields)]
    points = []
    for word in words:
        point = word if isinstance(word, Mapping) and not _is_general_name(word) else {"fullname": word}
        points.append(
            x509.DistributionPoint(
                general_names.parse_all(point["fullname"]) if point.get("fullname") else None,
                _relative(point.get("relativename")),
                frozenset(x509.ReasonFlags(one) for one in point["reasons"]) if point.get("reasons") else None,
                general_names.parse_all(point["crlissuer"]) if point.get("crlissuer") else None,
            )
        )
    return points


def _is_general_name(given: Mapping[str, Any]) -> bool:
    return not set(given) & {"fullname", "relativename", "reasons", "crlissuer"}


def _relative(given: Any) -> x509.RelativeDistinguishedName | None:
    return names.parse(given).rdns[0] if given else None


def _issuing_distribution_point(given: _Given) -> x509.ExtensionType:
    pairs = {key.lower(): value for key, value in _pairs(given).items()}
    reasons = pairs.get("onlysomereasons")
    return x509.IssuingDistributionPoint(
        general_names.parse_all(pairs["fullname"]) if pairs.get("fullname") else None,
        _relative(pairs.get("relativename")),
        _true(pairs.get("onlyuser")),
        _true(pairs.get("onlyca")),
        frozenset(x509.ReasonFlags(one) for one in reasons) if reasons else None,
        _true(pairs.get("indirectcrl")),
        _true(pairs.get("onlyaa")),
    )


def _authority_information_access(given: _Given) -> x509.ExtensionType:
    found = []
    for word in given.items():
        pairs = word.items() if isinstance(word, Mapping) else [str(word).split(";", 1)]
        for kind, place in pairs:
            method = ACCESS.get(kind) or _oid(kind)
            found += [x509.AccessDescription(method, name) for name in general_names.parse_all(place)]
    return x509.AuthorityInformationAccess(found)


def _certificate_policies(given: _Given) -> x509.ExtensionType:
    policies = []
    for word in [given.fields] if given.fields else given.words:
        pairs = word.items() if isinstance(word, Mapping) else [(word, None)]
        for oid, qualifiers in pairs:
            policies.append(x509.PolicyInformation(_oid(oid), _qualifiers(qualifiers)))
    return x509.CertificatePolicies(policies)


def _qualifiers(given: Any) -> list[str | x509.UserNotice] | None:
    found: list[str | x509.UserNotice] = []
    for one in given or ():
        if isinstance(one, str):
            found.append(one)
            continue
        numbers = one.get("noticeNumbers", one.get("notice_numbers")) or []
        organization = one.get("organization")
        reference = x509.NoticeReference(organization, [int(number) for number in numbers]) if organization else None
        found.append(x509.UserNotice(reference, one.get("text")))
    return found or None


def _policy_constraints(given: _Given) -> x509.ExtensionType:
    pairs = _pairs(given)
    numbers = (pairs.get(key) for key in ("requireExplicitPolicy", "inhibitPolicyMapping"))
    return x509.PolicyConstraints(*(None if one is None else int(one) for one in numbers))


def _name_constraints(given: _Given) -> x509.ExtensionType:
    lists: dict[str, list[x509.GeneralName]] = {"permitted": [], "excluded": []}
    for word in given.words:
        pairs = word.items() if isinstance(word, Mapping) else [str(word).split(";", 1)]
        for kind, place in pairs:
            lists[kind] += general_names.parse_all(place)
    for kind, place in given.fields.items():
        lists[kind] += general_names.parse_all(place)
    return x509.NameConstraints(lists["permitted"] or None, lists["excluded"] or None)


def _tls_features(given: _Given) -> x509.ExtensionType:
    return x509.TLSFeature([x509.TLSFeatureType[word] for word in given.items()])


def _number(kind: Callable[[int], x509.ExtensionType]) -> Callable[[_Given], x509.ExtensionType]:
    return lambda given: kind(int(next(iter([given.items()] if isinstance(given.items(), int) else given.items()))))


def _reason(given: _Given) -> x509.ExtensionType:
    words = given.items()
    return x509.CRLReason(x509.ReasonFlags(words if isinstance(words, str) else words[0]))


def _invalidity_date(given: _Given) -> x509.ExtensionType:
    words = given.items()
    return x509.InvalidityDate(moment(words if isinstance(words, str) else words[0]).replace(tzinfo=None))


def moment(text: Any) -> datetime.datetime:
    """A moment in UTC, written as `2026-01-31 12:00:00`."""
    if isinstance(text, datetime.datetime):
        return text.replace(tzinfo=datetime.UTC)
    try:
        return datetime.datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=datetime.UTC)
    except ValueError as error:
        raise SaltInvocationError(f"{text} is no time of the form YYYY-MM-DD HH:MM:SS") from error


def _oid(text: Any) -> x509.ObjectIdentifier:
    try:
        return x509.ObjectIdentifier(str(text))
    except ValueError as error:
        raise CommandExecutionError(f"Invalid oid: {text}") from error


_OF_KEYS: dict[str, Callable[[_Given, Issuing], x509.ExtensionType]] = {
    "subjectKeyIdentifier": _subject_key_identifier,
    "authorityKeyIdentifier": _authority_key_identifier,
}

_BUILDERS: dict[str, Callable[[_Given], x509.ExtensionType]] = {
    "basicConstraints": _basic_constraints,
    "keyUsage": _key_usage,
    "extendedKeyUsage": _extended_key_usage,
    "subjectAltName": lambda given: x509.SubjectAlternativeName(_alternative_names(given)),
    "issuerAltName": lambda given: x509.IssuerAlternativeName(_alternative_names(given)),
    "authorityInfoAccess": _authority_information_access,
    "crlDistributionPoints": lambda given: x509.CRLDistributionPoints(_distribution_points(given)),
    "freshestCRL": lambda given: x509.FreshestCRL(_distribution_points(given)),
    "issuingDistributionPoint": _issuing_distribution_point,
    "certificatePolicies": _certificate_policies,
    "policyConstraints": _policy_constraints,
    "inhibitAnyPolicy": _number(x509.InhibitAnyPolicy),
    "nameConstraints": _name_constraints,
    "noCheck": lambda _: x509.OCSPNoCheck(),
    "tlsfeature": _tls_features,
    "cRLNumber": _number(x509.CRLNumber),
    "deltaCRLIndicator": _number(x509.DeltaCRLIndicator),
}
_ENTRY_BUILDERS: dict[str, Callable[[_Given], x509.ExtensionType]] = {
    "CRLReason": _reason,
    "invalidityDate": _invalidity_date,
    "certificateIssuer": lambda given: x509.CertificateIssuer(_alternative_names(given)),
}


NAMES = (*_OF_KEYS, *_BUILDERS)
"""The extensions that can be asked for."""


def build_entry(given: Mapping[str, Any]) -> list[Built]:
    """The extensions of a revoked certificate in a list. `SaltInvocationError` as `build` raises it."""
    found = []
    for name, value in given.items():
        if name not in _ENTRY_BUILDERS:
            raise SaltInvocationError(f"The extension {name} of a revoked certificate is not known.")
        found.append(_built(name, value, _ENTRY_BUILDERS[name]))
    return found
