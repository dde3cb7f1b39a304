"""What is nobody's to see is masked, and nothing else is."""

from __future__ import annotations

from saltern.model.secrets import MASK, holds_secret, masked


def test_secrets_are_masked_by_name_and_in_urls():
    options = {
        "host": "db1", "pass": "x", "Password": "x", "api_key": "x", "token": "x", "secret_access_key": "x",
        "url": "https://ann:pw@host/x", "plain": "https://host/x", "nested": {"passwd": "x", "port": 1},
        "passive": True, "ssl_key": "/etc/key.pem", "password_none": None,
    }  # fmt: skip

    assert masked(options) == {
        "host": "db1", "pass": MASK, "Password": MASK, "api_key": MASK, "token": MASK, "secret_access_key": MASK,
        "url": f"https://ann:{MASK}@host/x", "plain": "https://host/x", "nested": {"passwd": MASK, "port": 1},
        "passive": True, "ssl_key": "/etc/key.pem", "password_none": None,
    }  # fmt: skip
    assert holds_secret(masked(options))
    assert not holds_secret(masked({"host": "x", "pass": ""}))
