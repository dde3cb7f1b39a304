"""The parts of the house that shipped plugins call by their injected names; each is imported when it is first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from saltern.plugins.space import PluginSpace


def _rendering(space: PluginSpace) -> Any:
    from saltern.render.rendering import Rendering

    return Rendering(space)


def _state_engine(space: PluginSpace) -> Any:
    from saltern.states.engine import Engine

    return Engine(space)


def _packaged_states(space: PluginSpace) -> Any:
    from saltern.assembly.packaged_states import PackagedStates

    return PackagedStates(space)


def _pillar_compiler(space: PluginSpace) -> Any:
    from saltern.assembly.local_pillar import LocalPillar

    return LocalPillar(space)


def _target_matcher(space: PluginSpace) -> Any:
    from saltern.assembly.own_target import OwnTarget

    return OwnTarget(space)


def _local_master(space: PluginSpace) -> Any:
    from saltern.assembly.operated_master import local_master

    return local_master(space.scope.opts)


SERVICES: Mapping[str, Callable[[PluginSpace], Any]] = {
    "__rendering__": _rendering,
    "__state_engine__": _state_engine,
    "__packaged_states__": _packaged_states,
    "__pillar_compiler__": _pillar_compiler,
    "__target_matcher__": _target_matcher,
    "__local_master__": _local_master,
}
