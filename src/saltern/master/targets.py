"""Whom a target concerns, by what the master knows of its minions."""

from __future__ import annotations

from saltern.fleet.registry import Fleet
from saltern.keys.contract import KeyState, KeyStore
from saltern.model.target import MinionData, Target
from saltern.targeting.nodegroups import Nodegroups
from saltern.targeting.resolve import Resolution, resolve


class Targets:
    """May be asked in any thread."""

    def __init__(self, keys: KeyStore, fleet: Fleet, nodegroups: Nodegroups) -> None:
        self._keys = keys
        self._fleet = fleet
        self._nodegroups = nodegroups

    def resolve(self, target: Target) -> Resolution:
        """The minions whom a target concerns: accepted ones only. `TargetError` when it cannot be read."""
        return resolve(target, self._keys.list()[KeyState.ACCEPTED], self._data, self._nodegroups)

    def _data(self, minion: str) -> MinionData:
        return MinionData(id=minion, grains=self._fleet.grains(minion), pillar=self._fleet.pillar(minion))
