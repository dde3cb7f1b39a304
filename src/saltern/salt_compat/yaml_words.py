"""YAML 1.1 as Salt reads the words of a command line: safe, without dates, and `0644` is decimal."""

from __future__ import annotations

from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # a PyYAML that was built without libyaml
    from yaml import SafeLoader as _Base  # type: ignore[assignment]

_INT = "tag:yaml.org,2002:int"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _WordLoader(_Base):
    """The safe loader without dates."""

    yaml_implicit_resolvers = {  # noqa: RUF012  (PyYAML's own way of saying it)
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
        for first, resolvers in _Base.yaml_implicit_resolvers.items()
    }


def _construct_int(loader: _WordLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node)).replace("_", "")
    digits = text.lstrip("+-")
    if digits.isdecimal():
        return int(text)
    return int(loader.construct_yaml_int(node))


_WordLoader.add_constructor(_INT, _construct_int)


def load_word(word: str) -> Any:
    """The value of a YAML document, or the very text where it is none."""
    try:
        return yaml.load(word, Loader=_WordLoader)  # noqa: S506  (a subclass of the safe loader)
    except (yaml.YAMLError, ValueError, TypeError, KeyError, UnicodeError, RecursionError):
        return word
