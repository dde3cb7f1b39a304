"""Reads the few fields of a certificate that are asked for often, straight from its DER form (X.690, RFC 5280).

The resident minion must know when its certificate ends without 11 MB of cryptography library, and a master asks at
each reconnect of a fleet. Nothing is verified here: it is for certificates that TLS or our own files vouch for.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_URI = 0x86
_SUBJECT_ALT_NAME = bytes.fromhex("0603551d11")


class CertificateFields(NamedTuple):
    """`public_key` is the DER form of the SubjectPublicKeyInfo; times are seconds since 1970, UTC."""

    public_key: bytes
    not_before: float
    not_after: float
    uris: tuple[str, ...]

    @property
    def renew_at(self) -> float:
        """When two thirds of its life are over."""
        return self.not_before + (self.not_after - self.not_before) * 2 / 3


def read_certificate(der: bytes) -> CertificateFields:
    """The fields of an X.509 certificate of version 3; `ValueError` when it is none."""
    try:
        return _read(der)
    except IndexError as error:
        raise ValueError("the certificate is cut short") from error


def _read(der: bytes) -> CertificateFields:
    start, _ = _enter(der, 0, _SEQUENCE)
    at, end = _enter(der, start, _SEQUENCE)
    at = _skip(der, at, _VERSION)
    at = _skip(der, at, _INTEGER)  # serial number
    at = _skip(der, at, _SEQUENCE)  # signature algorithm
    at = _skip(der, at, _SEQUENCE)  # issuer
    validity, after_validity = _enter(der, at, _SEQUENCE)
    not_before, second = _time(der, validity)
    not_after, _ = _time(der, second)
    key_at = _skip(der, after_validity, _SEQUENCE)  # subject
    at = _skip(der, key_at, _SEQUENCE)
    return CertificateFields(der[key_at:at], not_before, not_after, _uris(der, at, end))


def _uris(der: bytes, at: int, end: int) -> tuple[str, ...]:
    while at < end and der[at] != _EXTENSIONS:
        at = _item(der, at)[2]
    if at >= end:
        return ()
    at, end = _enter(der, _enter(der, at, _EXTENSIONS)[0], _SEQUENCE)
    while at < end:
        extension, after = _enter(der, at, _SEQUENCE)
        if der.startswith(_SUBJECT_ALT_NAME, extension):
            return _uris_of_names(der, extension + len(_SUBJECT_ALT_NAME))
        at = after
    return ()


def _uris_of_names(der: bytes, at: int) -> tuple[str, ...]:
    if der[at] != _OCTETS:  # the `critical` flag stands between
        at = _item(der, at)[2]
    at, end = _enter(der, _enter(der, at, _OCTETS)[0], _SEQUENCE)
    found = []
    while at < end:
        tag, start, after = _item(der, at)
        if tag == _URI:
            found.append(der[start:after].decode("ascii"))
        at = after
    return tuple(found)


def _time(der: bytes, at: int) -> tuple[float, int]:
    tag, start, end = _item(der, at)
    text = der[start:end].decode("ascii")
    if tag == _UTC_TIME:  # RFC 5280, 4.1.2.5.1: years from 50 on are of the last century
        text = ("19" if text[:2] >= "50" else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError("a time was expected")
    if len(text) != 15 or text[14] != "Z" or not text[:14].isdigit():
        raise ValueError("a time in UTC was expected")
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    moment = datetime(year, month, day, int(text[8:10]), int(text[10:12]), int(text[12:14]), tzinfo=UTC)
    return moment.timestamp(), end


def _enter(der: bytes, at: int, expected: int) -> tuple[int, int]:
    tag, start, end = _item(der, at)
    if tag != expected:
        raise ValueError(f"tag {expected:#x} was expected, not {tag:#x}")
    return start, end


def _skip(der: bytes, at: int, expected: int) -> int:
    return _enter(der, at, expected)[1]


def _item(der: bytes, at: int) -> tuple[int, int, int]:
    tag, length, start = der[at], der[at + 1], at + 2
    if length >= 0x80:
        digits = length & 0x7F
        if not 1 <= digits <= 3:
            raise ValueError("a length that no certificate has")
        length = int.from_bytes(der[start : start + digits], "big")
        start += digits
    if start + length > len(der):
        raise ValueError("the certificate is cut short")
    return tag, start, start + length
