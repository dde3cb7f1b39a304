"""Keys and how they are accepted, from the master's configuration."""

from __future__ import annotations

from saltern.config.master import MasterConfig
from saltern.keys.autosign import Autosign
from saltern.keys.backends.directory import DirectoryKeyStore
from saltern.keys.contract import KeyStore
from saltern.keys.ring import KeyRing
from saltern.keys.tokens import TokenStore
from saltern.pki.fingerprints import certificate_fingerprint, show
from saltern.pki.layout import master_files

_MINUTE = 60.0


def key_store(config: MasterConfig) -> KeyStore:
    return DirectoryKeyStore(config.pki_dir)


def token_store(config: MasterConfig) -> TokenStore:
    return TokenStore(config.pki_dir / "tokens.json")


def open_key_ring(config: MasterConfig) -> KeyRing:
    """The operator's verbs over the keys, for when no master runs."""
    return KeyRing(key_store(config))


def authority_fingerprint(config: MasterConfig) -> str:
    """The fingerprint of the master's authority as people compare it; empty before the master's first start."""
    file = master_files(config.pki_dir).authority
    return show(certificate_fingerprint(file.read_text(encoding="ascii"))) if file.exists() else ""


def autosign(config: MasterConfig, tokens: TokenStore) -> Autosign:
    return Autosign(
        auto_accept=config.auto_accept,
        autosign_file=config.autosign_file,
        autoreject_file=config.autoreject_file,
        grains_dir=config.autosign_grains_dir,
        stub_dir=config.pki_dir / "minions_autosign",
        stub_timeout=config.autosign_timeout * _MINUTE,
        permissive=config.permissive_pki_access,
        tokens=tokens,
    )
