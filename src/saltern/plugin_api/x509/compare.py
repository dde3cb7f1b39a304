"""What differs between what is there and what is wanted, in the words of the states' changes."""

from __future__ import annotations

import datetime
from typing import Any

from cryptography import x509

from saltern.plugin_api.x509 import names
from saltern.plugin_api.x509.build import same_key
from saltern.plugin_api.x509.describe import name_of, revoked, serial


def certificates(now: x509.Certificate, wanted: x509.Certificate, given: dict[str, Any]) -> dict[str, Any]:
    """`given` are the arguments: a serial number or a time counts only if it was asked for."""
    changes = _common(now, wanted)
    if now.issuer != wanted.issuer:
        changes["issuer_name"] = names.as_text(wanted.issuer)
    if not same_key(now.public_key(), wanted.public_key()):
        changes["private_key"] = True
    if given.get("serial_number") is not None and now.serial_number != wanted.serial_number:
        changes["serial_number"] = given["serial_number"]
    if given.get("not_before") and now.not_valid_before_utc != wanted.not_valid_before_utc:
        changes["not_before"] = given["not_before"]
    if given.get("not_after") and now.not_valid_after_utc != wanted.not_valid_after_utc:
        changes["not_after"] = given["not_after"]
    return changes


def requests(now: x509.CertificateSigningRequest, wanted: x509.CertificateSigningRequest) -> dict[str, Any]:
    changes = {} if same_key(now.public_key(), wanted.public_key()) else {"private_key": True}
    return changes | _common(now, wanted)


def revocation_lists(now: x509.CertificateRevocationList, wanted: x509.CertificateRevocationList) -> dict[str, Any]:
    """Moments of revocation that were not asked for are the moment in which the list was made: they do not count."""
    changes: dict[str, Any] = {}
    if now.issuer != wanted.issuer:
        changes["issuer_name"] = names.as_text(wanted.issuer)
    if _digest(now) != _digest(wanted):
        changes["digest"] = _digest(wanted)
    before = {one.serial_number: revoked(one)["extensions"] for one in now}
    after = {one.serial_number: revoked(one)["extensions"] for one in wanted}
    found = {
        "added": [serial(one) for one in after if one not in before],
        "changed": [serial(one) for one in after if one in before and before[one] != after[one]],
        "removed": [serial(one) for one in before if one not in after],
    }
    if any(found.values()):
        changes["revocations"] = found
    return changes | _extensions(now.extensions, wanted.extensions)


def expires_within(until: datetime.datetime, days: float) -> bool:
    return until < datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)


def _common(now: Any, wanted: Any) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if now.subject != wanted.subject:
        changes["subject_name"] = names.as_text(wanted.subject)
    if _digest(now) != _digest(wanted):
        changes["digest"] = _digest(wanted)
    return changes | _extensions(now.extensions, wanted.extensions)


def _digest(signed: Any) -> str | None:
    algorithm = signed.signature_hash_algorithm
    return algorithm.name if algorithm is not None else None


def _extensions(now: x509.Extensions, wanted: x509.Extensions) -> dict[str, Any]:
    before = {name_of(one.value): (one.value, one.critical) for one in now}
    after = {name_of(one.value): (one.value, one.critical) for one in wanted}
    found = {
        "added": [name for name in after if name not in before],
        "changed": [name for name in after if name in before and before[name] != after[name]],
        "removed": [name for name in before if name not in after],
    }
    return {"extensions": found} if any(found.values()) else {}
