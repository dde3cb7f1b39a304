"""`Map`: classes whose attributes are chosen by grains, and merged with pillar."""

from __future__ import annotations

from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DEFAULT_PRIORITY = ("os_family", "os")


def map_class(grain: Callable[[str], Any], pillar: Callable[[str], Any]) -> type:
    """The class to inherit from. `grain` and `pillar` give the values behind a name.

    A class in the class is the variant for one value of a grain: `__match__`, or its name, is the value, `__grain__`
    the grain (`os_family` unless said). Variants of grains that stand later in `priority` win; `merge` names a
    dictionary of the pillar that wins over all of them.
    """

    class MapMeta(type):
        def __init__(cls, name: str, bases: tuple[type, ...], own: dict[str, Any]) -> None:
            super().__init__(name, bases, own)
            chosen: dict[str, Any] = {}
            for variant in _variants(own):
                if grain(_grain_of(variant)) == getattr(variant, "__match__", variant.__name__):
                    chosen.update(_attributes(variant))
            chosen.update((pillar(own["merge"]) or {}) if "merge" in own else {})
            for key, value in chosen.items():
                setattr(cls, key, value)

    return MapMeta("Map", (), {})


def _variants(own: Mapping[str, Any]) -> list[type]:
    """The variants, those that win last. A grain that `priority` does not name wins over those that it names."""
    said = own.get("priority")
    priority = list(said if isinstance(said, list | tuple) else DEFAULT_PRIORITY)
    variants = [one for name, one in own.items() if isinstance(one, type) and not name.startswith("__")]
    return sorted(variants, key=lambda one: _rank(priority, _grain_of(one)))


def _rank(priority: list[str], grain: str) -> int:
    return priority.index(grain) if grain in priority else len(priority)


def _grain_of(variant: type) -> str:
    return str(getattr(variant, "__grain__", "os_family"))


def _attributes(variant: type) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in vars(variant).items() if not name.startswith("__"))
