"""Distinguished names as Salt writes them: attributes by their short names, RFC 4514 texts, lists and mappings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError

ATTRIBUTES = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "SP": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
    "STREET": NameOID.STREET_ADDRESS,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
    "MAIL": NameOID.EMAIL_ADDRESS,
    "Email": NameOID.EMAIL_ADDRESS,
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "SN": NameOID.SURNAME,
    "GN": NameOID.GIVEN_NAME,
    "UID": NameOID.USER_ID,
    "SERIALNUMBER": NameOID.SERIAL_NUMBER,
    "DC": NameOID.DOMAIN_COMPONENT,
    "title": NameOID.TITLE,
    "initials": NameOID.INITIALS,
}
"""The attributes of a subject that functions take as arguments, in the order in which they stand in a name."""

_SHORT = {oid: name for name, oid in reversed(list(ATTRIBUTES.items()))}
_OIDS = {name: oid for name, oid in ATTRIBUTES.items() if name not in ("SP", "Email")}


def of_attributes(given: Mapping[str, Any]) -> x509.Name:
    """The name that arguments such as `CN` and `O` make; others are not looked at."""
    return _built({oid: given[name] for name, oid in ATTRIBUTES.items() if given.get(name) is not None})


def parse(given: Any) -> x509.Name:
    """A name: a text as in RFC 4514, a list of such parts, or a mapping from attributes to values."""
    if isinstance(given, Mapping):
        unknown = [str(key) for key in given if key not in ATTRIBUTES]
        if unknown:
            raise SaltInvocationError(f"A name has no attribute {unknown[0]}")
        return of_attributes(given)
    if isinstance(given, list | tuple):
        return x509.Name([part for one in given for part in parse(one).rdns])
    try:
        return x509.Name.from_rfc4514_string(str(given), _OIDS)
    except (ValueError, KeyError) as error:
        raise CommandExecutionError("Failed parsing rfc4514 dirName string") from error


def as_dict(name: x509.Name) -> dict[str, str]:
    return {_SHORT.get(one.oid, one.oid.dotted_string): str(one.value) for one in name}


def as_text(name: x509.Name) -> str:
    return name.rfc4514_string()


def digest(name: x509.Name) -> str:
    """Four bytes that stand for a name, as OpenSSL once named files of certificates."""
    first = hashlib.sha1(name.public_bytes(), usedforsecurity=False).digest()[:4]
    return first[::-1].hex(":").upper()


def _built(values: dict[x509.ObjectIdentifier, Any]) -> x509.Name:
    try:
        return x509.Name([x509.NameAttribute(oid, str(value)) for oid, value in values.items()])
    except ValueError as error:
        raise SaltInvocationError(f"The subject cannot be written: {error}") from error
