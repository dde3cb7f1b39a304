"""Reading YAML: a key is there once, `0644` is 644, a date is a text, and nothing in a document can run code.

The document is parsed by libyaml; the values are built here, because that is faster than PyYAML's constructors and the
only way to refuse a key that is there twice.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.constructor import ConstructorError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from saltern.plugin_api.ordered import OrderedMap
from saltern.plugin_api.yaml.faults import fault_of

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # a PyYAML that was built without libyaml
    from yaml import SafeLoader as _Base  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_PREFIX = "tag:yaml.org,2002:"
_STR, _INT, _MAP, _SEQ, _MERGE = (_PREFIX + name for name in ("str", "int", "map", "seq", "merge"))
_TEXTS = frozenset(_PREFIX + name for name in ("str", "timestamp", "python/unicode"))
_WHILE_MAPPING = "while constructing a mapping"


def load_yaml(text: str | bytes, *, file: str = "") -> Any:
    """The value of the one document in a text; None when there is none. `RenderError` when it cannot be read.

    `file` is what an error calls the text.
    """
    return load_with(YamlLoader, text, file=file)


def load_with(loader_class: type[YamlLoader], text: str | bytes, *, file: str = "") -> Any:
    """As `load_yaml`, with a loader that knows more tags."""
    try:
        loader = loader_class(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise fault_of(error, text, file) from error


class YamlLoader(_Base):
    """A safe loader that keeps Salt's rules. Subclasses may put further tags into `constructors`."""

    mapping: type[dict[Any, Any]] = dict
    constructors: dict[str, Callable[[Any, Any], Any]] = {}  # noqa: RUF012  (PyYAML's own way of adding tags)
    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in resolvers if tag != f"{_PREFIX}timestamp"]
        for first, resolvers in _Base.yaml_implicit_resolvers.items()
    }

    def __init__(self, stream: str | bytes) -> None:
        super().__init__(stream)
        self._built: dict[Node, Any] = {}
        self._plain_tags: dict[str, str] = {}

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        """The tag of a node. That of a plain scalar is remembered: the same words come again and again."""
        if kind is not ScalarNode or not implicit[0]:
            return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]
        tag = self._plain_tags.get(value)
        if tag is None:
            tag = self._plain_tags[value] = str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]
        return tag

    def get_single_data(self) -> Any:
        node = self.get_single_node()
        return None if node is None else self.construct_object(node, deep=True)

    def construct_object(self, node: Node, deep: bool = False) -> Any:
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if node in self._built:
            return self._built[node]
        construct = self.constructors.get(node.tag)
        if construct is not None:
            value = self._built[node] = construct(self, node)
            return value
        if isinstance(node, MappingNode) and node.tag == _MAP:
            found = self.mapping()
            self._built[node] = found
            self.fill_mapping(found, node)
            return found
        if isinstance(node, SequenceNode) and node.tag == _SEQ:
            items: list[Any] = []
            self._built[node] = items
            items.extend([self.construct_object(item) for item in node.value])
            return items
        return super().construct_object(node, deep=True)

    def fill_mapping(self, found: dict[Any, Any], node: MappingNode) -> None:
        """Build the items of a mapping into `found`; all keys first, so that the outermost fault is told."""
        pairs = self._merged(node) if any(key.tag == _MERGE for key, _ in node.value) else node.value
        keys = [self.construct_object(key) for key, _ in pairs]
        self._check_keys(node, keys, [key for key, _ in pairs])
        for key, (_, value) in zip(keys, pairs, strict=True):
            found[key] = self.construct_object(value)

    def _scalar(self, node: ScalarNode) -> Any:
        tag = node.tag
        if tag in _TEXTS:
            return node.value
        try:
            construct = self.constructors.get(tag)
            if construct is not None:
                return construct(self, node)
            return _integer(self, node) if tag == _INT else super().construct_object(node, deep=True)
        except ValueError as error:
            raise ConstructorError(None, None, str(error), node.start_mark) from error

    def _check_keys(self, node: MappingNode, keys: list[Any], nodes: list[Node]) -> None:
        seen = set()
        for key, key_node in zip(keys, nodes, strict=True):
            try:
                known = key in seen
            except TypeError:
                problem = f"found unacceptable key {key_node.value}"
                raise ConstructorError(_WHILE_MAPPING, node.start_mark, problem, key_node.start_mark) from None
            if known:
                problem = f"found conflicting ID '{key}'"
                raise ConstructorError(_WHILE_MAPPING, node.start_mark, problem, key_node.start_mark)
            seen.add(key)

    def _merged(self, node: MappingNode) -> list[tuple[Node, Node]]:
        """The pairs of a mapping with those of its merge keys (`<<`) in front, of which its own keys win.

        As in Salt, two sources of one mapping must not have the same key.
        """
        own = [pair for pair in node.value if pair[0].tag != _MERGE]
        taken = {key.value for key, _ in own if isinstance(key, ScalarNode)}
        sources = (pair for source in self._merge_sources(node) for pair in self._merged(source))
        added = [pair for pair in sources if not isinstance(pair[0], ScalarNode) or pair[0].value not in taken]
        return [*added, *own]

    def _merge_sources(self, node: MappingNode) -> list[MappingNode]:
        """The mappings that the merge keys of a mapping name, those of a list from its end."""
        sources: list[MappingNode] = []
        for key, value in node.value:
            if key.tag != _MERGE:
                continue
            named = value.value if isinstance(value, SequenceNode) else [value]
            for source in reversed(named):
                if not isinstance(source, MappingNode):
                    wanted = "a mapping" if isinstance(value, SequenceNode) else "a mapping or list of mappings"
                    problem = f"expected {wanted} for merging, but found {source.id}"
                    raise ConstructorError(_WHILE_MAPPING, node.start_mark, problem, source.start_mark)
                sources.append(source)
        return sources


class OrderedLoader(YamlLoader):
    """Gives mappings that remember that their order was written down."""

    mapping = OrderedMap


def _integer(loader: YamlLoader, node: ScalarNode) -> int:
    """A whole number. One that begins with a zero is the decimal number that it looks like: file modes are."""
    text = str(node.value).replace("_", "")
    if text.isdecimal():
        return int(text)
    return int(loader.construct_yaml_int(node))
