"""Which minions are there: connected, away, of which version; and what to do about their keys."""

from __future__ import annotations

from saltern.plugin_api import CommandExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from saltern.plugin_api.master_control import MasterControl

__master__: MasterControl

_SAME, _OLDER, _NEWER = "Up to date", "Minion requires update", "Minion newer than master"


def status(
    output: bool = True,
    tgt: str | Sequence[str] = "*",
    tgt_type: str = "glob",
    timeout: float | None = None,
    gather_job_timeout: float | None = None,
) -> dict[str, list[str]]:
    """The minions of a target that are connected (`up`) and that are not (`down`). No minion is asked.

    CLI Example::

        saltern runner manage.status
        saltern runner manage.status tgt='G@os:Debian' tgt_type=compound
    """
    ids = __master__.resolve(tgt, tgt_type)
    here = _connected()
    return {
        "up": [minion for minion in ids if minion in here],
        "down": [minion for minion in ids if minion not in here],
    }


def up(
    tgt: str | Sequence[str] = "*",
    tgt_type: str = "glob",
    timeout: float | None = None,
    gather_job_timeout: float | None = None,
) -> list[str]:
    """The minions of a target that are connected.

    CLI Example::

        saltern runner manage.up
        saltern runner manage.up tgt='web*'
    """
    return status(tgt=tgt, tgt_type=tgt_type)["up"]


def down(
    removekeys: bool = False,
    tgt: str | Sequence[str] = "*",
    tgt_type: str = "glob",
    timeout: float | None = None,
    gather_job_timeout: float | None = None,
) -> list[str]:
    """The minions of a target that are not connected.

    removekeys
        Delete their keys, too.

    CLI Example::

        saltern runner manage.down
        saltern runner manage.down removekeys=True
    """
    gone = status(tgt=tgt, tgt_type=tgt_type)["down"]
    if removekeys and gone:
        __master__.keys("delete", gone)
    return gone


def list_state(subset: Sequence[str] | None = None, show_ip: bool = False) -> list[str] | dict[str, str]:
    """The minions that are connected now, sorted; with `show_ip` each with its address.

    subset
        Of these ids only.

    CLI Example::

        saltern runner manage.list_state
        saltern runner manage.list_state show_ip=True
    """
    found = {minion: row["address"] for minion, row in _rows().items() if row["connected"] and _wanted(minion, subset)}
    return {minion: _host(found[minion]) for minion in sorted(found)} if show_ip else sorted(found)


def list_not_state(subset: Sequence[str] | None = None, show_ip: bool = False) -> list[str]:
    """The minions with an accepted key that are not connected now, sorted.

    CLI Example::

        saltern runner manage.list_not_state
    """
    here = _connected()
    return [minion for minion in __master__.resolve("*") if minion not in here and _wanted(minion, subset)]


def present(subset: Sequence[str] | None = None, show_ip: bool = False) -> list[str] | dict[str, str]:
    """The same as `manage.list_state`.

    CLI Example::

        saltern runner manage.present
    """
    return list_state(subset, show_ip)


def joined(subset: Sequence[str] | None = None, show_ip: bool = False) -> list[str] | dict[str, str]:
    """The same as `manage.list_state`.

    CLI Example::

        saltern runner manage.joined show_ip=True
    """
    return list_state(subset, show_ip)


def allowed(subset: Sequence[str] | None = None, show_ip: bool = False) -> list[str] | dict[str, str]:
    """The same as `manage.list_state`.

    CLI Example::

        saltern runner manage.allowed
    """
    return list_state(subset, show_ip)


def alived(subset: Sequence[str] | None = None, show_ip: bool = False) -> list[str] | dict[str, str]:
    """The same as `manage.list_state`.

    CLI Example::

        saltern runner manage.alived
    """
    return list_state(subset, show_ip)


def reaped(subset: Sequence[str] | None = None, show_ip: bool = False) -> list[str] | dict[str, str]:
    """The same as `manage.list_state`.

    CLI Example::

        saltern runner manage.reaped
    """
    return list_state(subset, show_ip)


def not_present(subset: Sequence[str] | None = None, show_ip: bool = False) -> list[str]:
    """The same as `manage.list_not_state`.

    CLI Example::

        saltern runner manage.not_present
    """
    return list_not_state(subset, show_ip)


def not_joined(subset: Sequence[str] | None = None, show_ip: bool = False) -> list[str]:
    """The same as `manage.list_not_state`.

    CLI Example::

        saltern runner manage.not_joined
    """
    return list_not_state(subset, show_ip)


def not_allowed(subset: Sequence[str] | None = None, show_ip: bool = False) -> list[str]:
    """The same as `manage.list_not_state`.

    CLI Example::

        saltern runner manage.not_allowed
    """
    return list_not_state(subset, show_ip)


def not_alived(subset: Sequence[str] | None = None, show_ip: bool = False) -> list[str]:
    """The same as `manage.list_not_state`.

    CLI Example::

        saltern runner manage.not_alived
    """
    return list_not_state(subset, show_ip)


def not_reaped(subset: Sequence[str] | None = None, show_ip: bool = False) -> list[str]:
    """The same as `manage.list_not_state`.

    CLI Example::

        saltern runner manage.not_reaped
    """
    return list_not_state(subset, show_ip)


def versions() -> dict[str, Any]:
    """The versions of the minions that are connected, by how they compare with the master's.

    CLI Example::

        saltern runner manage.versions
    """
    from saltern.version import VERSION

    found: dict[str, Any] = {}
    for minion, row in sorted(_rows().items()):
        if row["connected"]:
            found.setdefault(_compared(str(row["version"]), VERSION), {})[minion] = row["version"]
    return {**found, "Master": VERSION}


def safe_accept(target: str, tgt_type: str = "glob") -> dict[str, str]:
    """Accept the pending keys of a target, and keep only those whose minion answers with the same key.

    An empty dictionary: all are well. The keys of the others are deleted, and their minions named with the reason.

    CLI Example::

        saltern runner manage.safe_accept 'web*'
        saltern runner manage.safe_accept web1,web2 tgt_type=list
    """
    wanted = target.split(",") if tgt_type == "list" else target
    pending = __master__.keys("finger", wanted, ["minions_pre"]).get("minions_pre", {})
    if not pending:
        return {}
    __master__.keys("accept", list(pending))
    answers = __master__.run(list(pending), "key.finger", tgt_type="list")
    bad = {minion: _doubt(pending[minion], answers.get(minion)) for minion in pending}
    bad = {minion: reason for minion, reason in bad.items() if reason}
    if bad:
        __master__.keys("delete", list(bad))
    return bad


def key_regen() -> str:
    """There is nothing that this would have to do: no key is shared by the fleet.

    Salt has all minions make new keys when the master's was stolen. Here each minion has a certificate of its own; see
    `saltern key -d`, after which a minion asks anew.

    CLI Example::

        saltern runner manage.key_regen
    """
    raise CommandExecutionError(
        "No key is shared by the minions, so that none has to be made anew for all of them. Delete the keys of those"
        " that are not trusted any more (saltern key -d): they are cut off at once, and ask to be let in anew."
    )


def bootstrap(**kwargs: Any) -> str:
    """Not there: minions are installed by the means of the machine, and let in by a join token.

    CLI Example::

        saltern runner manage.bootstrap hosts='host1,host2'
    """
    raise CommandExecutionError(
        "Minions are not installed over ssh. Install the package on the host, and let the minion in by a token that"
        " saltern key token makes (join_token in the minion's configuration)."
    )


def _doubt(finger: str, answer: Any) -> str:
    if answer is None:
        return "Minion did not respond."
    return "" if answer == finger else f"Minion's fingerprint {answer} does not match the fingerprint of its key."


def _rows() -> dict[str, dict[str, Any]]:
    return __master__.minions()


def _connected() -> set[str]:
    return {minion for minion, row in _rows().items() if row["connected"]}


def _wanted(minion: str, subset: Sequence[str] | None) -> bool:
    return not subset or minion in subset


def _host(address: str) -> str:
    return address.rpartition(":")[0].strip("[]") or address


def _compared(version: str, ours: str) -> str:
    if version == ours:
        return _SAME
    from saltern.plugin_api.versions import compare_rpm

    return _OLDER if compare_rpm(version, ours) == -1 else _NEWER
