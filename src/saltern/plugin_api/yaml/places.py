"""Where in a YAML document a value stands: found by parsing again, when something is to be said about it."""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # a PyYAML that was built without libyaml
    from yaml import SafeLoader as _Base  # type: ignore[assignment]


class Position(NamedTuple):
    """Line and column of a text, counted from 1."""

    line: int
    column: int


def position_of(text: str, keys: tuple[Any, ...]) -> Position | None:
    """The position of the key (or list item) that `keys` lead to from the top: keys of mappings, indices of lists.

    Where the way ends early, the last place on it; None when the text is no YAML or even the first step leads nowhere.
    """
    try:
        node = yaml.compose(text, Loader=_Base)
    except yaml.YAMLError:
        return None
    found: Position | None = None
    for key in keys:
        step = _step(node, key)
        if step is None:
            return found
        at, node = step
        found = Position(at.start_mark.line + 1, at.start_mark.column + 1)
    return found


def _step(node: Node | None, key: Any) -> tuple[Node, Node] | None:
    """The node of a key, and that of its value."""
    if isinstance(node, MappingNode):
        pairs = ((known, value) for known, value in node.value if isinstance(known, ScalarNode))
        return next(((known, value) for known, value in pairs if known.value == _written(key)), None)
    if isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key], node.value[key]
    return None


def _written(key: Any) -> str:
    return {None: "null", True: "true", False: "false"}.get(key, str(key)) if not isinstance(key, str) else key
