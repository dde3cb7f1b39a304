"""The fingerprints that a minion tells are those that an operator sees on the master."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped

from saltern.pki.authority import Authority
from saltern.pki.fingerprints import show
from saltern.pki.identity import MinionIdentity

pytestmark = pytest.mark.behaviour("LDR-14")


def test_fingerprints(tmp_path: Path):
    minion = Shipped(tmp_path, pki_dir=str(tmp_path / "pki"))
    assert minion.call("key.finger") == ""
    assert minion.call("key.finger_master") == ""
    identity = MinionIdentity.open(tmp_path / "pki")
    authority = Authority.open(tmp_path / "master")
    identity.trust(authority.certificate)
    assert minion.call("key.finger") == show(identity.fingerprint)
    assert minion.call("key.finger_master") == show(identity.authority_fingerprint)
    assert len(minion.call("key.finger", "md5")) == 47
    assert "Unknown hash type bogus" in minion.outcome("key.finger", "bogus").value
