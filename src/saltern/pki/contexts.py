"""TLS settings of both sides: version 1.3 only, certificates of our own authority only."""

from __future__ import annotations

import ssl
from pathlib import Path

from saltern.errors import ConfigError
from saltern.pki.layout import master_files


def server_context(directory: Path) -> ssl.SSLContext:
    """For a master's listener. A minion that wants to enrol has no certificate yet, so none is demanded; one that is
    shown must be of our authority and made for clients. `ConfigError` when the files cannot be used."""
    context = _context(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_OPTIONAL
    _trust(context, master_files(directory).authority)
    load_server_certificate(context, directory)
    # A minion resumes with the newest ticket only.
    context.num_tickets = 1
    return context


def load_server_certificate(context: ssl.SSLContext, directory: Path) -> None:
    """Use the master's certificate as it now is on the disk, for all connections to come."""
    files = master_files(directory)
    _show(context, files.certificate, files.key)


def client_context(authority: Path | None, certificate: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """For a minion's connections, to be made with `names.SERVER_NAME` as server name.

    Without an authority nothing is verified by TLS: then `first_contact` must be asked before anything is sent that
    matters, and before any answer is believed. `ConfigError` when a file cannot be used.
    """
    context = _context(ssl.PROTOCOL_TLS_CLIENT)
    if authority is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        _trust(context, authority)
    if certificate is not None and key is not None:
        _show(context, certificate, key)
    return context


def _context(protocol: ssl._SSLMethod) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _trust(context: ssl.SSLContext, authority: Path) -> None:
    try:
        context.load_verify_locations(cafile=authority)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(f"{authority} cannot be used as the authority's certificate: {error}") from error


def _show(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise ConfigError(f"{certificate} and {key} cannot be used: {error}") from error
