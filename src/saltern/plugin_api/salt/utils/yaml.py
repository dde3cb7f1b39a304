"""YAML as SLS files have it: 1.1, duplicate keys refused."""

from __future__ import annotations

from typing import IO, Any

from yaml import YAMLError

from saltern.plugin_api.yaml.dump import YamlDumper, dump_yaml
from saltern.plugin_api.yaml.load import load_yaml

SafeOrderedDumper = OrderedDumper = YamlDumper

__all__ = [
    "OrderedDumper",
    "SafeOrderedDumper",
    "YAMLError",
    "dump",
    "dumps",
    "load",
    "loads",
    "safe_dump",
    "safe_load",
]


def safe_load(stream: str | bytes | IO[str], Loader: Any = None) -> Any:
    """The value of a text or file; only plain data is ever made."""
    return load_yaml(stream if isinstance(stream, str | bytes) else stream.read())


def safe_dump(data: Any, stream: IO[str] | None = None, **kwargs: Any) -> str | None:
    """A value as a text, or into a file; `default_flow_style=True` writes it in braces."""
    text = dump_yaml(data, **{"default_flow_style": None, **kwargs})
    if stream is None:
        return text
    stream.write(text)
    return None


def loads(text: str | bytes) -> Any:
    return load_yaml(text)


def dumps(data: Any, **kwargs: Any) -> str:
    return safe_dump(data, None, **kwargs) or ""


load = safe_load
dump = safe_dump
