"""A minion's host: its configuration, its process, its key, and the way to its masters."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from saltern.assembly.masters import masters, pinned
from saltern.assembly.places import callers_socket
from saltern.cli.checkup import host, keys
from saltern.cli.checkup.finding import Finding, bad, good, warning
from saltern.config.minion import MinionConfig, load_minion_config
from saltern.config.salt_keys import not_yet_used
from saltern.errors import ConfigError, SalternError
from saltern.pki.contexts import client_context
from saltern.pki.first_contact import verify_pin
from saltern.pki.layout import minion_files
from saltern.pki.names import SERVER_NAME
from saltern.transport.address import split_address
from saltern.version import VERSION

_PATIENCE = 3.0


def look(directory: str) -> Iterator[Finding]:
    """All checks, in the order in which one depends on another."""
    try:
        config = load_minion_config(directory)
        addresses = [] if config.master_type == "disable" else masters(config)
    except ConfigError as error:
        yield bad("configuration", error.message, error.hint or "mend the file")
        return
    yield from _configuration(config)
    yield host.clock()
    yield host.own_name()
    yield from host.disks((("what the minion keeps", config.cachedir), ("keys", config.pki_dir)))
    yield from _keys(config)
    yield _process(config, directory)
    for address in addresses:
        yield from _master(config, address)


def is_here(directory: str) -> bool:
    """Whether this looks like a minion's host."""
    try:
        config = load_minion_config(directory)
    except ConfigError:
        return (Path(directory) / "minion").exists()
    return config.conf_file.exists() or config.pki_dir.exists()


def _configuration(config: MinionConfig) -> Iterator[Finding]:
    there = "is read" if config.conf_file.exists() else "is not there: defaults hold"
    yield good("configuration", f"{config.conf_file} {there}; the id is {config.id}")
    yield good("version", VERSION)
    if unused := not_yet_used(config.extra):
        yield warning("configuration", f"no effect yet: {', '.join(unused)}", "see docs/differences.md")
    yield from keys.writable_by_all(config.conf_file.parent)


def _keys(config: MinionConfig) -> Iterator[Finding]:
    files = minion_files(config.pki_dir)
    yield from keys.private(files.key)
    if files.certificate.exists():
        yield keys.certificate(files.certificate, "the master renews it when the minion connects")
        yield from keys.signed(files.certificate, files.authority)
    elif files.key.exists():
        yield warning("certificate", "no master has accepted this minion yet", f"there: saltern key -a {config.id}")
    else:
        yield warning("certificate", "this minion has no key yet", "it makes one at its first start")


def _process(config: MinionConfig, directory: str) -> Finding:
    path = callers_socket(config)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        try:
            trial.connect(str(path))
        except OSError as error:
            advice = f"start it: saltern minion -c {directory}, and see {config.log_file}"
            return bad("process", f"no minion answers on {path} ({error.strerror})", advice)
    return good("process", f"the minion answers on {path}")


def _master(config: MinionConfig, address: str) -> Iterator[Finding]:
    name, port = split_address(address)
    addresses, found = host.resolved(name)
    yield found
    if addresses:
        yield from _handshake(config, address, name, port)


def _handshake(config: MinionConfig, address: str, name: str, port: int) -> Iterator[Finding]:
    """Reach the port, speak TLS as the minion would, and see whether it is the master that is trusted."""
    files = minion_files(config.pki_dir)
    authority = files.authority if files.authority.exists() else None
    try:
        with socket.create_connection((name, port), timeout=_PATIENCE) as plain:
            yield good("port", f"{address} takes connections")
            with client_context(authority).wrap_socket(plain, server_hostname=SERVER_NAME) as secured:
                leaf = secured.getpeercert(binary_form=True) or b""
        verify_pin(leaf, pinned(config))
    except ssl.SSLCertVerificationError as error:
        advice = (
            f"another authority than {files.authority} signs there; if the master was set up anew, remove that file"
        )
        yield bad("certificate", f"the certificate of {address} is not trusted: {error.verify_message}", advice)
    except ssl.SSLError as error:
        yield bad(
            "port", f"{address} speaks no TLS ({error.reason})", "is another program on that port? see master_port"
        )
    except OSError as error:
        advice = "is the master running, and the port open in every firewall? saltern doctor there tells"
        yield bad("port", f"{address} takes no connection: {error.strerror or error}", advice)
    except SalternError as error:
        yield bad("certificate", error.message, error.hint)
    else:
        yield good("certificate", f"{address} shows the certificate of a master that is trusted")
