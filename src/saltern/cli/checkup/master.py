"""A master's host: its configuration, its process, its port, its files, its minions."""

from __future__ import annotations

import socket
from collections.abc import Generator, Iterator
from pathlib import Path

from saltern.cli.checkup import host, keys
from saltern.cli.checkup.finding import Finding, bad, good, warning
from saltern.client.blocking import MasterSocket
from saltern.config.master import MasterConfig, load_master_config
from saltern.config.paths import master_socket
from saltern.config.salt_keys import not_yet_used
from saltern.errors import ConfigError, SalternError
from saltern.pki.layout import master_files
from saltern.version import VERSION

_PATIENCE = 3.0


def look(directory: str) -> Iterator[Finding]:
    """All checks, in the order in which one depends on another."""
    try:
        config = load_master_config(directory)
    except ConfigError as error:
        yield bad("configuration", error.message, error.hint or "mend the file")
        return
    yield from _configuration(config)
    yield host.clock()
    yield host.own_name()
    yield from host.disks((("the job cache", config.cachedir), ("keys", config.pki_dir)))
    yield from _keys(config)
    running = yield from _process(config, directory)
    yield _port(config, running=running)


def _configuration(config: MasterConfig) -> Iterator[Finding]:
    there = "is read" if config.conf_file.exists() else "is not there: defaults hold"
    yield good("configuration", f"{config.conf_file} {there}")
    if unused := not_yet_used(config.extra):
        yield warning("configuration", f"no effect yet: {', '.join(unused)}", "see docs/differences.md")
    yield from keys.writable_by_all(config.conf_file.parent)
    if config.open_mode or config.auto_accept:
        name = "open_mode" if config.open_mode else "auto_accept"
        yield warning("configuration", f"{name}: every minion that asks is let in", "use join tokens, or autosign_file")


def _keys(config: MasterConfig) -> Iterator[Finding]:
    files = master_files(config.pki_dir)
    yield from keys.private(files.authority_key)
    yield from keys.private(files.key)
    if files.authority.exists():
        yield keys.certificate(files.authority, "the fleet's authority has to be made anew, and minions enrolled again")
    if files.certificate.exists():
        yield keys.certificate(files.certificate, "the master renews it; restart it")
        yield from keys.signed(files.certificate, files.authority)


def _process(config: MasterConfig, directory: str) -> Generator[Finding, None, bool]:
    """The running master and its minions; the generator gives whether it runs."""
    places = {"sock_dir": config.sock_dir, "root_dir": config.root_dir}
    master = MasterSocket(master_socket(config.conf_file.parent, places))
    try:
        answer = master.ask({"verb": "ping"}, timeout=_PATIENCE)
        fleet = master.ask({"verb": "fleet"}, timeout=_PATIENCE)["minions"]
        pending = master.ask({"verb": "keys", "action": "list"}, timeout=_PATIENCE)["keys"].get("minions_pre", [])
    except SalternError as error:
        yield bad("process", error.message, f"start it: saltern master -c {directory}, and see {config.log_file}")
        return False
    yield good("process", f"{answer['master']} runs as process {answer['pid']}")
    yield _version(answer["version"])
    here = sum(bool(row["connected"]) for row in fleet.values())
    yield good("minions", f"{here} connected, {len(fleet) - here} away")
    if pending:
        some = ", ".join(pending[:5]) + (", ..." if len(pending) > 5 else "")
        yield warning("minions", f"{len(pending)} wait to be accepted: {some}", "saltern key -L; saltern key -a ID")
    return True


def _version(running: str) -> Finding:
    if running == VERSION:
        return good("version", f"{VERSION}, and the process runs it")
    return warning("version", f"{VERSION} is installed, the process runs {running}", "restart the master")


def _port(config: MasterConfig, *, running: bool) -> Finding:
    """Where the master runs its port takes connections; where it does not, the port is free."""
    shown = f"{config.interface}:{config.port}"
    if running:
        address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.interface, config.interface)  # noqa: S104
        try:
            socket.create_connection((address, config.port), timeout=_PATIENCE).close()
        except OSError as error:
            return bad("port", f"{shown} takes no connection: {error}", "see the firewall, and the option interface")
        return good("port", f"{shown} takes connections; minions must reach it through every firewall")
    family = socket.AF_INET6 if ":" in config.interface else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((config.interface, config.port))
        except OSError as error:
            advice = f"see who has it (ss -ltnp 'sport = :{config.port}'), or set port"
            return bad("port", f"{shown} cannot be used: {error.strerror}", advice)
    return good("port", f"{shown} is free")


def is_here(directory: str) -> bool:
    """Whether this looks like a master's host."""
    try:
        config = load_master_config(directory)
    except ConfigError:
        return (Path(directory) / "master").exists()
    return config.conf_file.exists() or config.pki_dir.exists()
