from __future__ import annotations

import ssl
import time
from pathlib import Path

import pytest
from handshakes import handshake

from saltern.errors import ConfigError, IdentityRefused
from saltern.pki.authority import Authority
from saltern.pki.contexts import client_context, load_server_certificate, server_context
from saltern.pki.fingerprints import fingerprint, show
from saltern.pki.first_contact import verify_first_contact, verify_pin
from saltern.pki.identity import MinionIdentity
from saltern.pki.keypair import make_key, private_pem
from saltern.pki.peer import peer_from_certificate
from saltern.pki.signing_request import make_request

DAY = 86_400.0


class House:
    """A master with its authority, and minions that it enrolled."""

    def __init__(self, directory: Path) -> None:
        self.pki = directory / "master"
        self.authority = Authority.open(self.pki, "m1")
        self.directory = directory

    def minion(self, name: str, days: float = 30) -> MinionIdentity:
        identity = MinionIdentity.open(self.directory / name)
        identity.trust(self.authority.certificate)
        identity.store(self.authority.issue(name, identity.request(), days))
        return identity

    def leaf(self) -> bytes:
        """What a minion is shown that knows nobody yet."""
        _, client = handshake(server_context(self.pki), client_context(None))
        return client.getpeercert(binary_form=True)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def client_of(identity: MinionIdentity) -> ssl.SSLContext:
    return client_context(identity.files.authority, identity.files.certificate, identity.files.key)


def test_an_enrolled_minion_and_its_master_know_each_other(house: House) -> None:
    web1 = house.minion("web1")
    server, client = handshake(server_context(house.pki), client_of(web1))
    peer = peer_from_certificate(server.getpeercert(binary_form=True))
    assert (peer.id, peer.fingerprint, peer.expires) == ("web1", web1.fingerprint, web1.expires)
    assert client.version() == server.version() == "TLSv1.3"


def test_a_minion_without_a_certificate_may_connect_and_is_nobody(house: House) -> None:
    server, _ = handshake(server_context(house.pki), client_context(None))
    assert server.getpeercert(binary_form=True) is None


@pytest.mark.behaviour("KEY-09")
def test_a_minion_cannot_pose_as_the_master(house: House) -> None:
    thief = house.minion("thief")
    posing = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    posing.load_cert_chain(thief.files.certificate, thief.files.key)
    for name_check in (True, False):
        victim = client_of(house.minion("victim"))
        victim.check_hostname = name_check
        with pytest.raises(ssl.SSLCertVerificationError, match=r"unsuitable|purpose"):
            handshake(posing, victim)


@pytest.mark.behaviour("KEY-09")
def test_a_minion_cannot_pose_as_the_master_at_first_contact_either(house: House) -> None:
    thief = house.minion("thief")
    posing = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    posing.load_cert_chain(thief.files.certificate, thief.files.key)
    _, client = handshake(posing, client_context(None))
    leaf = client.getpeercert(binary_form=True)
    for pin in ("", house.authority.fingerprint):
        with pytest.raises(IdentityRefused, match="not a Saltern master"):
            verify_first_contact(leaf, house.authority.certificate, pin)
    with pytest.raises(IdentityRefused, match="not a Saltern master"):
        verify_pin(leaf, house.authority.fingerprint)


def test_a_masters_certificate_is_no_pass_for_a_client(house: House) -> None:
    posing = client_context(house.pki / "ca.crt", house.pki / "master.crt", house.pki / "master.key")
    with pytest.raises(ssl.SSLError):
        handshake(server_context(house.pki), posing)


def test_a_certificate_of_another_authority_is_refused_by_both_sides(house: House, tmp_path: Path) -> None:
    stranger = House(tmp_path / "elsewhere")
    with pytest.raises(ssl.SSLError):
        handshake(server_context(house.pki), client_of(stranger.minion("web1")))
    mixed = client_context(house.pki / "ca.crt", None, None)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server_context(stranger.pki), mixed)


def test_a_certificate_that_a_minion_signed_for_itself_is_refused(house: House, tmp_path: Path) -> None:
    """Same names, same serial, other signature: the minion has its own key to sign with and no other."""
    forger = Authority.open(tmp_path / "forger")
    key = make_key()
    (tmp_path / "k").write_text(private_pem(key))
    (tmp_path / "c").write_text(forger.issue("victim", make_request(key), 1))
    with pytest.raises(ssl.SSLError):
        handshake(server_context(house.pki), client_context(house.pki / "ca.crt", tmp_path / "c", tmp_path / "k"))


def test_an_expired_certificate_is_refused(house: House, tmp_path: Path) -> None:
    past = Authority.open(house.pki, "m1", now=lambda: time.time() - 40 * DAY)
    key = make_key()
    (tmp_path / "k").write_text(private_pem(key))
    (tmp_path / "c").write_text(past.issue("web1", make_request(key), 30))
    with pytest.raises(ssl.SSLError):
        handshake(server_context(house.pki), client_context(house.pki / "ca.crt", tmp_path / "c", tmp_path / "k"))


def test_the_master_is_known_by_its_name_and_not_by_its_address(house: House) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(server_context(house.pki), client_of(house.minion("web1")), name="master.example")


def test_older_versions_of_tls_are_refused(house: House) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        handshake(server_context(house.pki), old)


def test_a_listener_goes_on_with_a_renewed_certificate(house: House) -> None:
    context = server_context(house.pki)
    web1 = house.minion("web1")
    _, before = handshake(context, client_of(web1))
    (house.pki / "master.crt").unlink()
    assert house.authority.renew_server_certificate()
    load_server_certificate(context, house.pki)
    _, after = handshake(context, client_of(web1))
    assert before.getpeercert(binary_form=True) != after.getpeercert(binary_form=True)


@pytest.mark.parametrize("name", ["ca.crt", "master.crt", "master.key"])
def test_a_file_that_cannot_be_used_is_named(house: House, name: str) -> None:
    (house.pki / name).write_text("rubbish")
    with pytest.raises(ConfigError, match=name.replace(".", r"\.")):
        server_context(house.pki)


# --- first contact ---------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("KEY-09")
def test_the_first_master_is_trusted_when_nothing_is_pinned(house: House) -> None:
    assert verify_first_contact(house.leaf(), house.authority.certificate) == house.authority.fingerprint


@pytest.mark.behaviour("KEY-09")
def test_the_pinned_master_is_trusted(house: House) -> None:
    pin = show(house.authority.fingerprint).upper()
    assert verify_pin(house.leaf(), pin) == house.authority.fingerprint
    assert verify_first_contact(house.leaf(), house.authority.certificate, pin) == house.authority.fingerprint


@pytest.mark.behaviour("KEY-09")
def test_another_master_than_the_pinned_one_is_refused_with_both_fingerprints(house: House, tmp_path: Path) -> None:
    other = Authority.open(tmp_path / "other").fingerprint
    for check in (
        lambda: verify_pin(house.leaf(), other),
        lambda: verify_first_contact(house.leaf(), house.authority.certificate, other),
    ):
        with pytest.raises(IdentityRefused) as refusal:
            check()
        assert show(other) in refusal.value.hint
        assert show(house.authority.fingerprint) in refusal.value.hint


@pytest.mark.behaviour("KEY-09")
def test_somebody_between_who_names_the_pinned_authority_is_refused(house: House, tmp_path: Path) -> None:
    """The attacker has a house of its own and knows the true authority's certificate, which is public."""
    attacker = House(tmp_path / "attacker")
    for pin in ("", house.authority.fingerprint):
        with pytest.raises(IdentityRefused, match="was not signed by the authority"):
            verify_first_contact(attacker.leaf(), house.authority.certificate, pin)


def test_a_certificate_that_claims_the_pinned_authority_without_its_signature_is_refused(house: House) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    from saltern.pki.certificates import Signer, authority_certificate, load_certificate
    from saltern.pki.keypair import public_der

    class Claimant(Signer):
        """Signs with its own key and writes the true authority's into the extension."""

    forger = make_key()
    true_key = load_certificate(house.authority.certificate).public_key()
    signer = Claimant(forger, authority_certificate(forger, time.time()))
    der = signer.sign_server(make_key().public_key(), "m1", time.time()).public_bytes(Encoding.DER)
    claimed = der.replace(public_der(forger.public_key()), public_der(true_key))
    assert claimed != der
    with pytest.raises(IdentityRefused, match="was not signed by the authority"):
        verify_pin(claimed, house.authority.fingerprint)


def test_a_leaf_is_no_authority(house: House) -> None:
    leaf = (house.pki / "master.crt").read_text()
    with pytest.raises(IdentityRefused, match="not that of an authority"):
        verify_first_contact(house.leaf(), leaf)


@pytest.mark.parametrize("authority", ["", "rubbish", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_an_authority_that_cannot_be_read_is_refused(house: House, authority: str) -> None:
    with pytest.raises(IdentityRefused, match="cannot be read"):
        verify_first_contact(house.leaf(), authority)


def test_a_master_whose_certificate_is_over_is_refused_with_a_word_on_clocks(house: House) -> None:
    with pytest.raises(IdentityRefused) as refusal:
        verify_first_contact(house.leaf(), house.authority.certificate, now=time.time() + 800 * DAY)
    assert "clocks" in refusal.value.hint


# --- a minion's identity ---------------------------------------------------------------------------------------------


@pytest.mark.behaviour("KEY-01")
def test_a_minion_makes_its_key_once(tmp_path: Path) -> None:
    first = MinionIdentity.open(tmp_path / "pki")
    second = MinionIdentity.open(tmp_path / "pki")
    assert first.public_key == second.public_key
    assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "pki").iterdir()} == {
        "minion.key": 0o600,
        "minion.pub": 0o600,
    }
    assert not first.enrolled
    assert (first.expires, first.renew_at, first.authority_fingerprint) == (0.0, 0.0, "")


@pytest.mark.behaviour("KEY-11")
def test_a_key_that_was_put_there_before_is_used(tmp_path: Path) -> None:
    key = make_key()
    (tmp_path / "minion.key").write_text(private_pem(key))
    identity = MinionIdentity.open(tmp_path)
    from saltern.pki.keypair import public_der

    assert identity.fingerprint == fingerprint(public_der(key.public_key()))


def test_a_minion_knows_when_to_renew(house: House) -> None:
    web1 = house.minion("web1", days=30)
    life = 31 * DAY  # valid from a day before, for clocks that differ
    assert web1.enrolled
    assert web1.renew_at == pytest.approx(web1.expires - life / 3)


def test_a_renewed_certificate_takes_the_place_of_the_one_before(house: House) -> None:
    web1 = house.minion("web1", days=30)
    before = web1.expires
    web1.store(house.authority.issue("web1", web1.request(), 60))
    assert web1.expires == pytest.approx(before + 30 * DAY, abs=60)


def test_a_certificate_for_another_key_is_not_kept(house: House) -> None:
    web1 = house.minion("web1")
    before = web1.files.certificate.read_text()
    with pytest.raises(IdentityRefused, match="another key"):
        web1.store(house.authority.issue("web1", make_request(make_key()), 30))
    assert web1.files.certificate.read_text() == before


def test_a_certificate_of_another_authority_is_not_kept(house: House, tmp_path: Path) -> None:
    web1 = house.minion("web1")
    with pytest.raises(IdentityRefused, match="not of the authority"):
        web1.store(Authority.open(tmp_path / "other").issue("web1", web1.request(), 30))


@pytest.mark.parametrize("certificate", ["", "rubbish"])
def test_a_certificate_that_cannot_be_read_is_not_kept(house: House, certificate: str) -> None:
    with pytest.raises(IdentityRefused, match="cannot be read"):
        house.minion("web1").store(certificate)


@pytest.mark.behaviour("KEY-09")
def test_a_minion_does_not_follow_a_new_authority_by_itself(house: House, tmp_path: Path) -> None:
    web1, other = house.minion("web1"), Authority.open(tmp_path / "other")
    with pytest.raises(IdentityRefused) as refusal:
        web1.trust(other.certificate)
    assert show(house.authority.fingerprint) in refusal.value.hint
    assert show(other.fingerprint) in refusal.value.hint
    assert web1.authority_fingerprint == house.authority.fingerprint


def test_a_minion_that_forgets_its_certificate_keeps_its_key_and_its_authority(house: House) -> None:
    web1 = house.minion("web1")
    key = web1.fingerprint
    web1.forget_certificate()
    assert (web1.enrolled, web1.fingerprint, web1.expires) == (False, key, 0.0)
    assert web1.authority_fingerprint == house.authority.fingerprint


def test_the_resident_minion_gets_by_without_the_cryptography_library(house: House) -> None:
    import subprocess
    import sys

    house.minion("web1")
    code = """
import sys
from pathlib import Path
from saltern.pki.contexts import client_context
from saltern.pki.identity import MinionIdentity
from saltern.keys.join_token import parse
identity = MinionIdentity.open(Path(sys.argv[1]))
assert identity.enrolled and identity.renew_at and identity.fingerprint and identity.authority_fingerprint
client_context(identity.files.authority, identity.files.certificate, identity.files.key)
assert "cryptography" not in sys.modules and "asyncio" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code, str(house.directory / "web1")], check=True, timeout=60)
