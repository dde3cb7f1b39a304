"""Nodes and the classes that they are made of, as a tree of YAML files: saltclass.

`nodes/**/<minion>.yml` says of a minion its `classes`, `pillars`, `states` and `environment`; `classes/a/b.yml`, or
`classes/a/b/init.yml`, is the class `a.b` and says the same but for the environment. Classes come before what names
them, later ones win. A list goes on an earlier one, unless its first item is `^`; `${a:b}` is the value at that path of
the whole pillar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from saltern.plugin_api.errors import MinionError
from saltern.plugin_api.nested import traverse

_REFERENCE = re.compile(r"(?<!\\)\$\{([^${}]+)\}")
_MISSING = object()
_DEEPEST = 20

Read = Callable[[Path], Any]
"""From a file to its data, templates rendered."""


class Node(msgspec.Struct):
    """All that is known of a minion."""

    minion_id: str
    nodename: str
    environment: str = "base"
    classes: list[str] = []
    states: list[str] = []
    pillars: dict[str, Any] = {}

    def about(self) -> dict[str, Any]:
        """What stands in the pillar under `__saltclass__`."""
        return {
            "classes": self.classes, "environment": self.environment, "minion_id": self.minion_id,
            "nodename": self.nodename, "states": self.states,
        }  # fmt: skip


def node_of(root: Path, minion_id: str, read: Read) -> Node | None:
    """The node of a minion; None where no file is about it."""
    file = next(iter(sorted((root / "nodes").rglob(f"{_literal(minion_id)}.yml"))), None)
    if file is None:
        return None
    own = _mapping(file, read)
    found = Node(minion_id, minion_id, str(own.get("environment") or "base"))
    merged: dict[str, Any] = {}
    for name, data in _classes(root, own.get("classes") or [], read, set()):
        found.classes.append(name)
        merged = combined(merged, data.get("pillars") or {})
        found.states += [one for one in data.get("states") or () if one not in found.states]
    found.states += [one for one in own.get("states") or () if one not in found.states]
    found.pillars = _referred(combined(merged, own.get("pillars") or {}))
    return found


def combined(weaker: Mapping[Any, Any], stronger: Mapping[Any, Any]) -> dict[Any, Any]:
    """Both dictionaries in depth; lists behind one another, or in place of the other where they begin with `^`."""
    result = dict(weaker)
    for key, value in stronger.items():
        before = result.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            result[key] = combined(before, value)
        elif isinstance(value, list):
            is_whole = value[:1] == ["^"]
            old = before if isinstance(before, list) and not is_whole else []
            items = value[1:] if is_whole else value
            result[key] = [*old, *(one for one in items if one not in old)]
        else:
            result[key] = combined({}, value) if isinstance(value, Mapping) else value
    return result


def _classes(root: Path, names: Any, read: Read, seen: set[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Classes with their data, each once and behind those that it names itself."""
    for pattern in names if isinstance(names, list) else ():
        for name, file in _files(root / "classes", str(pattern)):
            if name in seen:
                continue
            seen.add(name)
            data = _mapping(file, read)
            yield from _classes(root, data.get("classes") or [], read, seen)
            yield name, data


def _files(folder: Path, pattern: str) -> Iterator[tuple[str, Path]]:
    path = pattern.replace(".", "/")
    if "*" in pattern:
        for file in sorted(folder.glob(f"{path}.yml")):
            yield ".".join(file.relative_to(folder).with_suffix("").parts), file
        return
    for file in (folder / f"{path}.yml", folder / path / "init.yml"):
        if file.is_file():
            yield pattern, file
            return
    raise MinionError(f"saltclass: there is no class {pattern} below {folder}")


def _mapping(file: Path, read: Read) -> Mapping[str, Any]:
    data = read(file)
    if not isinstance(data or {}, Mapping):
        raise MinionError(f"saltclass: {file} holds no mapping")
    return data or {}


def _referred(pillars: dict[str, Any]) -> dict[str, Any]:
    """The pillar with the values in the place of references to them."""

    def of(value: Any, depth: int) -> Any:
        if isinstance(value, Mapping):
            return {key: of(one, depth) for key, one in value.items()}
        if isinstance(value, list):
            return [of(one, depth) for one in value]
        if not isinstance(value, str) or depth > _DEEPEST:
            return value
        whole = _REFERENCE.fullmatch(value)
        if whole is not None:
            found = traverse(pillars, whole[1], _MISSING)
            return value if found is _MISSING else of(found, depth + 1)
        return _REFERENCE.sub(lambda found: str(of(f"${{{found[1]}}}", depth + 1)), value).replace("\\${", "${")

    return {key: of(value, 0) for key, value in pillars.items()}


def _literal(name: str) -> str:
    """A name as a pattern that fits nothing else."""
    return re.sub(r"([*?[])", r"[\1]", name)
