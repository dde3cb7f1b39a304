"""What a minion may do with mines: change its own, and read what others let it read (behaviours MIN-02, MIN-04).

Who asks is the certificate's id. Targets are answered from what the master knows of its minions, and never by a
pattern over pillar: a minion must not be able to guess at another one's secrets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from saltern.errors import ArgumentError, TargetError
from saltern.mine.contract import MineEntry, MineStore
from saltern.model.target import Target
from saltern.targeting.compile import with_exact_pillar

_encode = msgspec.msgpack.Encoder().encode
_MOST_NAMES = 10_000
_LONGEST_NAME = 255

Verb = Callable[[str, Mapping[str, Any]], Any]
MinionsOf = Callable[[Target], Iterable[str]]
"""The accepted minions whom a target concerns; `TargetError` when it cannot be read. Called in any thread."""


class _Told(msgspec.Struct, frozen=True):
    value: msgspec.Raw
    allow_tgt: str | list[str] = ""
    allow_tgt_type: str = "glob"


class _Update(msgspec.Struct, frozen=True):
    entries: dict[str, _Told]
    clear: bool = False


class _Get(msgspec.Struct, frozen=True):
    tgt: str | list[str]
    fun: list[str]
    tgt_type: str = "glob"


class _Delete(msgspec.Struct, frozen=True):
    fun: str


class Mines:
    """`allowed` is the option `mine_get`: expressions over ids to expressions over names; None: all may read all."""

    def __init__(
        self, store: MineStore, minions_of: MinionsOf, allowed: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self._store = store
        self._minions_of = minions_of
        self._allowed = allowed

    def verbs(self) -> dict[str, Verb]:
        """The verbs by the names under which minions ask for them; they block."""
        return {
            "mine_update": self._update, "mine_get": self._get, "mine_delete": self._delete, "mine_flush": self._flush,
        }  # fmt: skip

    def read(self, tgt: str | list[str], tgt_type: str, names: list[str]) -> dict[str, dict[str, Any]]:
        """See `plugin_api.mines.MineReader`."""
        minions = list(self._minions_of(_target(tgt, tgt_type)))
        return {name: _decoded(self._store.read(minions, name)) for name in names}

    def all_of(self, minion: str) -> dict[str, Any]:
        """See `plugin_api.mines.MineReader`."""
        return _decoded(self._store.all_of(minion))

    def drop(self, minion: str, name: str = "") -> bool:
        """See `plugin_api.mines.MineReader`."""
        before = self._store.all_of(minion)
        if name:
            self._store.delete(minion, name)
        else:
            self._store.flush(minion)
        return name in before if name else bool(before)

    def _update(self, minion: str, args: Mapping[str, Any]) -> bool:
        asked = _convert(args, _Update)
        if len(asked.entries) > _MOST_NAMES or any(len(name) > _LONGEST_NAME for name in asked.entries):
            raise ArgumentError(f"A mine holds {_MOST_NAMES} entries at most, and names of {_LONGEST_NAME} characters.")
        entries = {
            name: MineEntry(bytes(one.value), _text(one.allow_tgt), one.allow_tgt_type)
            for name, one in asked.entries.items()
        }
        self._store.update(minion, entries, clear=asked.clear)
        return True

    def _get(self, minion: str, args: Mapping[str, Any]) -> dict[str, dict[str, msgspec.Raw]]:
        asked = _convert(args, _Get)
        minions = self._meant(with_exact_pillar(_target(asked.tgt, asked.tgt_type)))
        found: dict[str, dict[str, msgspec.Raw]] = {}
        readers: dict[tuple[str, str], bool] = {}
        for name in dict.fromkeys(asked.fun):
            entries = self._store.read(minions, name) if self._may_read(minion, name) else {}
            found[name] = _values(
                {teller: entry for teller, entry in entries.items() if self._is_meant(minion, entry, readers)}
            )
        return found

    def _delete(self, minion: str, args: Mapping[str, Any]) -> bool:
        self._store.delete(minion, _convert(args, _Delete).fun)
        return True

    def _flush(self, minion: str, args: Mapping[str, Any]) -> bool:
        self._store.flush(minion)
        return True

    def _may_read(self, minion: str, name: str) -> bool:
        if self._allowed is None:
            return True
        names = [one for ids, names in self._allowed.items() if re.fullmatch(ids, minion) for one in names]
        return any(re.fullmatch(one, name) for one in names)

    def _is_meant(self, minion: str, entry: MineEntry, readers: dict[tuple[str, str], bool]) -> bool:
        """Whether an entry is for this minion; `readers` keeps the answers, for many entries ask alike."""
        if not entry.allow_tgt:
            return True
        key = (entry.allow_tgt, entry.allow_tgt_type)
        if key not in readers:
            readers[key] = minion in self._meant(_target(entry.allow_tgt, entry.allow_tgt_type))
        return readers[key]

    def _meant(self, target: Target) -> list[str]:
        """The minions whom a target concerns; one that cannot be read concerns nobody."""
        try:
            return list(self._minions_of(target))
        except TargetError:
            return []


def _values(entries: Mapping[str, MineEntry]) -> dict[str, msgspec.Raw]:
    return {minion: msgspec.Raw(entry.value) for minion, entry in entries.items()}


def _decoded(entries: Mapping[str, MineEntry]) -> dict[str, Any]:
    return {minion: msgspec.msgpack.decode(entry.value) for minion, entry in entries.items()}


def _target(tgt: str | list[str], tgt_type: str) -> Target:
    return Target(expr=tuple(tgt) if isinstance(tgt, list) else tgt, kind=tgt_type)


def _text(expression: str | list[str]) -> str:
    return expression if isinstance(expression, str) else ",".join(expression)


def _convert(args: Mapping[str, Any], kind: type[Any]) -> Any:
    try:
        # The arguments came as MessagePack; what a minion told is kept as such.
        return msgspec.msgpack.decode(_encode(args), type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError, TypeError) as error:
        raise ArgumentError(f"mine: {error}") from error
