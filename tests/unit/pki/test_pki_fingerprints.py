from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from saltern.errors import ConfigError
from saltern.pki.authority import Authority
from saltern.pki.fingerprints import certificate_fingerprint, fingerprint, normalise, same_key, show
from saltern.pki.keypair import make_key, public_der, public_pem

KEY = make_key().public_key()
DIGITS = fingerprint(public_der(KEY))


@pytest.mark.behaviour("KEY-06")
def test_a_fingerprint_is_the_sha256_of_the_key_whatever_its_form() -> None:
    der = KEY.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert fingerprint(der) == fingerprint(public_pem(KEY)) == hashlib.sha256(der).hexdigest()


def test_the_authority_has_the_fingerprint_of_its_key(tmp_path) -> None:
    authority = Authority.open(tmp_path)
    assert certificate_fingerprint(authority.certificate) == authority.fingerprint


def test_people_see_pairs_with_colons() -> None:
    assert show("00ff10") == "00:ff:10"


@pytest.mark.behaviour("KEY-09")
@pytest.mark.parametrize(
    "typed",
    [DIGITS, show(DIGITS), show(DIGITS).upper(), f"  {DIGITS.upper()}\n"],
    ids=["plain", "colons", "capitals", "blanks"],
)
def test_a_typed_fingerprint_may_have_colons_and_any_case(typed: str) -> None:
    assert normalise(typed) == DIGITS


@pytest.mark.parametrize(
    "typed",
    ["", "abc", DIGITS[:-1], DIGITS + "0", "g" * 64, show(DIGITS)[:-3]],
    ids=["empty", "short", "one-less", "one-more", "no-digits", "a-pair-less"],
)
def test_what_is_no_fingerprint_is_named(typed: str) -> None:
    with pytest.raises(ConfigError, match="is not a fingerprint"):
        normalise(typed)


def test_the_same_key_is_known_in_another_layout_and_rubbish_is_like_nothing() -> None:
    pem = public_pem(KEY)
    assert same_key(pem, "by hand:\r\n" + pem.replace("\n", "\r\n") + "\r\n")
    assert not same_key(pem, public_pem(make_key().public_key()))
    assert not same_key("rubbish", "rubbish")
