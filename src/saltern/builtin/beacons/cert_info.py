"""Tells of certificates that end soon.

::

    beacons:
      cert_info:
        - files:
            - /etc/pki/tls/certs/mycert.pem
            - /etc/pki/tls/certs/yourcert.pem:
                notify_days: 15
        - notify_days: 45
        - interval: 86400

`notify_days` is 45 unless it is given; -1 tells of a certificate each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from saltern.plugin_api.beacon_options import GOOD, Verdict, is_list, options_of

_DAYS = 45


def validate(config: Any) -> Verdict:
    """Whether `files` is a list."""
    if not (form := is_list(config, "cert_info"))[0]:
        return form
    if not isinstance(options_of(config).get("files"), list):
        return False, "Configuration for cert_info beacon must contain files option."
    return GOOD


def beacon(config: Any) -> list[dict[str, Any]]:
    """One event with the certificates that end within so many days."""
    now = datetime.now(UTC)
    soon = []
    for place, days in _files(options_of(config)):
        found = _read(place)
        if found is not None and (days < 0 or (found["expires"] - now).days <= days):
            soon.append(_shown(found))
    return [{"certificates": soon}] if soon else []


def _files(options: Mapping[str, Any]) -> Iterator[tuple[Path, int]]:
    usual = int(options.get("notify_days", _DAYS))
    for entry in options["files"]:
        if isinstance(entry, Mapping):
            for name, wanted in entry.items():
                yield Path(str(name)), int((wanted or {}).get("notify_days", usual))
        else:
            yield Path(str(entry)), usual


def _read(place: Path) -> dict[str, Any] | None:
    from cryptography import x509

    try:
        certificate = x509.load_pem_x509_certificate(place.read_bytes())
    except (OSError, ValueError):
        return None
    return {"path": place, "certificate": certificate, "expires": certificate.not_valid_after_utc}


def _shown(found: Mapping[str, Any]) -> dict[str, Any]:
    certificate = found["certificate"]
    return {
        "cert_path": str(found["path"]),
        "issuer": _name(certificate.issuer),
        "issuer_raw": certificate.issuer.rfc4514_string(),
        "issuer_dict": {_oid(one): str(one.value) for one in certificate.issuer},
        "notAfter_raw": certificate.not_valid_after_utc.strftime("%Y%m%d%H%M%SZ"),
        "notAfter": certificate.not_valid_after_utc.strftime("%Y-%m-%d %H:%M:%SZ"),
        "notBefore_raw": certificate.not_valid_before_utc.strftime("%Y%m%d%H%M%SZ"),
        "notBefore": certificate.not_valid_before_utc.strftime("%Y-%m-%d %H:%M:%SZ"),
        "serial_number": str(certificate.serial_number),
        "signature_algorithm": certificate.signature_algorithm_oid._name,
        "subject": _name(certificate.subject),
        "subject_raw": certificate.subject.rfc4514_string(),
        "subject_dict": {_oid(one): str(one.value) for one in certificate.subject},
        "version": certificate.version.value,
        "has_expired": certificate.not_valid_after_utc < datetime.now(UTC),
    }


def _name(name: Any) -> str:
    return ",".join(f'{_oid(one)}="{one.value}"' for one in name)


def _oid(attribute: Any) -> str:
    return str(attribute.rfc4514_attribute_name)
