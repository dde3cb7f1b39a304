"""What the master knows of its minions: grains, pillar and mines; and data that operators keep with it, in banks."""

from __future__ import annotations

from saltern.plugin_api import Opts, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from saltern.plugin_api.data_banks import DataBanks
    from saltern.plugin_api.master_control import MasterControl
    from saltern.plugin_api.mines import MineReader
    from saltern.plugin_api.served_files import FileServerControl

__file_server__: FileServerControl
__master__: MasterControl
__mines__: MineReader
__opts__: Opts

__func_alias__ = {"list_": "list"}


def grains(tgt: str | Sequence[str], tgt_type: str = "glob", **kwargs: Any) -> dict[str, dict[str, Any]]:
    """The grains of the minions of a target, as the master knows them; an empty dictionary for one that told none.

    CLI Example::

        saltern runner cache.grains '*'
        saltern runner cache.grains tgt='os:Debian' tgt_type=grain
    """
    return _known(__master__.grains, tgt, tgt_type)


def pillar(tgt: str | Sequence[str] | None = None, tgt_type: str = "glob", **kwargs: Any) -> dict[str, dict[str, Any]]:
    """The pillars that the minions of a target were given last; an empty dictionary for one that asked for none.

    CLI Example::

        saltern runner cache.pillar
        saltern runner cache.pillar 'web*'
    """
    return _known(__master__.pillar, tgt, tgt_type)


def mine(tgt: str | Sequence[str] | None = None, tgt_type: str = "glob", **kwargs: Any) -> dict[str, dict[str, Any]]:
    """The mines of the minions of a target; an empty dictionary for one that told nothing.

    CLI Example::

        saltern runner cache.mine
        saltern runner cache.mine 'web*'
    """
    return _known(__mines__.all_of, tgt, tgt_type)


def clear_mine(tgt: str | Sequence[str] | None = None, tgt_type: str = "glob") -> bool:
    """Drop the mines of the minions of a target, until they tell them again. False when there were none.

    CLI Example::

        saltern runner cache.clear_mine 'web*'
    """
    return _mines_dropped(tgt, tgt_type, "")


def clear_mine_func(
    tgt: str | Sequence[str] | None = None, tgt_type: str = "glob", clear_mine_func_flag: str | None = None
) -> bool:
    """Drop one entry of the mines of a target. False when there was none.

    clear_mine_func_flag
        The name of the entry.

    CLI Example::

        saltern runner cache.clear_mine_func tgt='web*' clear_mine_func_flag=network.interfaces
    """
    return bool(clear_mine_func_flag) and _mines_dropped(tgt, tgt_type, str(clear_mine_func_flag))


def clear_grains(tgt: str | Sequence[str] | None = None, tgt_type: str = "glob") -> bool:
    """Drop the grains of the minions of a target, until they tell them again. False when there were none.

    CLI Example::

        saltern runner cache.clear_grains
        saltern runner cache.clear_grains 'web*'
    """
    return _dropped(tgt, tgt_type, grains=True)


def clear_pillar(tgt: str | Sequence[str] | None = None, tgt_type: str = "glob") -> bool:
    """Drop the pillars of the minions of a target, until they ask for them again. False when there were none.

    CLI Example::

        saltern runner cache.clear_pillar
        saltern runner cache.clear_pillar 'web*'
    """
    return _dropped(tgt, tgt_type, pillar=True)


def clear_all(tgt: str | Sequence[str] | None = None, tgt_type: str = "glob") -> bool:
    """Drop grains, pillars and mines of the minions of a target. False when there were none.

    CLI Example::

        saltern runner cache.clear_all
    """
    mines = _mines_dropped(tgt, tgt_type, "")
    return _dropped(tgt, tgt_type, grains=True, pillar=True) or mines


def clear_git_lock(role: str, remote: str | None = None, type: str | Sequence[str] = "update") -> Any:
    """Let git repositories be fetched again that were locked, or those alone whose URL holds `remote`.

    role
        `gitfs`. Those of `git_pillar` and `winrepo` are never locked.
    type
        There are locks of the type `update` alone.

    CLI Example::

        saltern runner cache.clear_git_lock gitfs
        saltern runner cache.clear_git_lock gitfs remote=github
    """
    if role not in ("gitfs", "git_pillar", "winrepo"):
        raise SaltInvocationError(f"Invalid role '{role}'; there are gitfs, git_pillar and winrepo")
    types = type.split(",") if isinstance(type, str) else type
    found = __file_server__.unlock("gitfs", remote or "") if role == "gitfs" and "update" in types else {}
    told = [f"Removed update lock for {name} remote '{url}'" for name, urls in found.items() for url in urls]
    return {"cleared": told} if told else "No locks were removed"


def list_(bank: str, cachedir: str | None = None) -> list[str]:
    """The keys and banks within a bank; those of `grains`, `pillar` and `mine` are the minions that told something.

    bank
        Its path: names parted by slashes.
    cachedir
        Taken for Salt's sake; the master's own is meant.

    CLI Example::

        saltern runner cache.list mybank
        saltern runner cache.list grains
    """
    look = _of_minions(bank)
    if look is not None:
        return [minion for minion in __master__.resolve("*") if look(minion)]
    return _banks().keys(bank)


def fetch(bank: str, key: str, cachedir: str | None = None) -> Any:
    """What is kept under a key of a bank; an empty dictionary when nothing is.

    CLI Example::

        saltern runner cache.fetch mybank mykey
        saltern runner cache.fetch grains web1
    """
    look = _of_minions(bank)
    return (look(key) or {}) if look is not None else _banks().fetch(bank, key)


def store(bank: str, key: str, data: Any, cachedir: str | None = None) -> None:
    """Keep something under a key of a bank, in place of what was there.

    CLI Example::

        saltern runner cache.store mybank mykey 'The quick brown fox ...'
    """
    _writable(bank).store(bank, key, data)


def flush(bank: str, key: str | None = None, cachedir: str | None = None) -> bool:
    """Drop what is kept under a key of a bank, or the whole bank. False when there was none.

    CLI Example::

        saltern runner cache.flush mybank mykey
        saltern runner cache.flush mybank
    """
    return _writable(bank).flush(bank, key)


def _banks() -> DataBanks:
    from saltern.plugin_api.data_banks import DataBanks

    return DataBanks(str(__opts__["cachedir"]))


def _of_minions(bank: str) -> Callable[[str], dict[str, Any] | None] | None:
    """Who knows what minions told, for a bank that is made of that."""
    known = {"grains": __master__.grains, "pillar": __master__.pillar, "mine": __mines__.all_of}
    return known.get(bank)


def _writable(bank: str) -> DataBanks:
    if _of_minions(bank) is not None:
        raise SaltInvocationError(f"What minions told is dropped by cache.clear_{bank}, and not written.")
    return _banks()


def _known(
    look: Callable[[str], dict[str, Any] | None], tgt: str | Sequence[str] | None, tgt_type: str
) -> dict[str, dict[str, Any]]:
    return {minion: look(minion) or {} for minion in __master__.resolve(tgt or "*", tgt_type)}


def _dropped(tgt: str | Sequence[str] | None, tgt_type: str, *, grains: bool = False, pillar: bool = False) -> bool:
    minions = __master__.resolve(tgt or "*", tgt_type)
    dropped = [__master__.forget(minion, grains=grains, pillar=pillar) for minion in minions]
    return any(dropped)


def _mines_dropped(tgt: str | Sequence[str] | None, tgt_type: str, name: str) -> bool:
    minions = __master__.resolve(tgt or "*", tgt_type)
    dropped = [__mines__.drop(minion, name) for minion in minions]
    return any(dropped)
