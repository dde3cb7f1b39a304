"""YAML in which a key may be there again: `!aggregate` adds to what it had, `!reset` and no tag replace it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yaml.nodes import MappingNode, Node, SequenceNode

from saltern.plugin_api.ordered import OrderedMap
from saltern.plugin_api.yaml.load import YamlLoader

_TAGS = {MappingNode: "tag:yaml.org,2002:map", SequenceNode: "tag:yaml.org,2002:seq"}


class AggregatedMap(OrderedMap):
    """A dictionary to which others are added."""

    __slots__ = ()


class AggregatedList(list[Any]):
    """A list to which the items are added that it lacks."""

    __slots__ = ()


class AggregateLoader(YamlLoader):
    """Knows both tags and takes a key twice."""

    mapping = OrderedMap

    def fill_mapping(self, found: dict[Any, Any], node: MappingNode) -> None:
        self.flatten_mapping(node)
        for key_node, value_node in node.value:
            key, value = self.construct_object(key_node), self.construct_object(value_node)
            self._check_keys(node, [key], [key_node])
            found[key] = added(found[key], value) if key in found else value


def _aggregate(loader: AggregateLoader, node: Node) -> AggregatedMap | AggregatedList:
    value = _untagged(loader, node)
    if isinstance(value, dict):
        return AggregatedMap(value)
    if isinstance(value, list):
        return AggregatedList(value)
    return AggregatedList([] if value is None else [value])


def _untagged(loader: AggregateLoader, node: Node) -> Any:
    if isinstance(node, MappingNode | SequenceNode):
        tag = _TAGS[type(node)]
    else:
        style = getattr(node, "style", None)
        tag = loader.resolve(type(node), node.value, (style is None, style is not None))
    plain = type(node)(tag, node.value, node.start_mark, node.end_mark)
    return loader.construct_object(plain)


AggregateLoader.constructors = {"!aggregate": _aggregate, "!reset": _untagged}


def added(before: Any, value: Any) -> Any:
    """What two values of one key make: both, where both are to be added to; else the later one."""
    if isinstance(before, AggregatedMap) and isinstance(value, AggregatedMap):
        return _merged(before, value)
    if isinstance(before, AggregatedList) and isinstance(value, AggregatedList):
        return AggregatedList([*before, *(item for item in value if item not in before)])
    return value


def aggregated(one: Any, other: Any) -> Any:
    """Two trees of data as one: their tops are merged, what lies below as `added` says."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return _merged(one, other)
    return added(one, other)


def _merged(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> Any:
    made = type(one) if isinstance(one, dict) else dict
    both = {key: added(one[key], other[key]) for key in other if key in one}
    return made({**one, **other, **both})
