"""Values that stand encrypted in the pillar, made plain by a renderer (behaviour PIL-11).

`decrypt_pillar` is a list of keys, each a path in the pillar, or a dictionary of the path to the renderer for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from saltern.pillar.faults import Faults
from saltern.pillar.options import PillarOptions

Decrypt = Callable[[str, Any], Any]
"""From the name of a renderer and encrypted data to the plain data."""


def decrypt(pillar: dict[str, Any], options: PillarOptions, renderer: Decrypt, faults: Faults) -> None:
    """Put plain values in the place of encrypted ones; a path that is not there is left out."""
    for path, name in _paths(options):
        holder, key = _holder(pillar, path.split(options.decrypt_delimiter))
        if holder is None:
            continue
        if name not in options.decrypt_renderers:
            valid = ", ".join(options.decrypt_renderers)
            faults.add(
                f"Failed to decrypt pillar key '{path}': '{name}' is not a valid decryption renderer."
                f" Valid choices are: {valid}"
            )
            continue
        try:
            holder[key] = renderer(name, holder[key])
        except Exception as error:  # the boundary to a plugin
            faults.add(f"Failed to decrypt pillar key '{path}': {error}")


def _paths(options: PillarOptions) -> Iterator[tuple[str, str]]:
    for item in options.decrypt:
        if isinstance(item, Mapping):
            for path, name in item.items():
                yield str(path), str(name or options.decrypt_default)
        else:
            yield str(item), options.decrypt_default


def _holder(pillar: dict[str, Any], steps: list[str]) -> tuple[Any, Any]:
    """The dictionary or list that holds the value at the end of the steps, and its key there; None for nowhere."""
    holder: Any = pillar
    for step in steps[:-1]:
        key = _key(holder, step)
        if key is None:
            return None, None
        holder = holder[key]
    key = _key(holder, steps[-1])
    return (None, None) if key is None else (holder, key)


def _key(holder: Any, step: str) -> Any:
    if isinstance(holder, dict) and step in holder:
        return step
    if isinstance(holder, list) and step.isdecimal() and int(step) < len(holder):
        return int(step)
    return None
