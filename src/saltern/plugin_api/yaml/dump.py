"""Writing YAML as Salt does: ordered dictionaries and their like are plain mappings, nothing carries a Python tag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

try:
    from yaml import CSafeDumper as _Base
except ImportError:  # a PyYAML that was built without libyaml
    from yaml import SafeDumper as _Base  # type: ignore[assignment]


class YamlDumper(_Base):
    """A safe dumper that also takes subclasses of the plain types, tuples and mappings of any kind."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dump_yaml(value: Any, **options: Any) -> str:
    """The YAML of a value; options are those of `yaml.dump`, `default_flow_style` is False unless given."""
    settings: dict[str, Any] = {"default_flow_style": False, "allow_unicode": True, "sort_keys": False, **options}
    settings.setdefault("Dumper", YamlDumper)
    return str(yaml.dump(value, **settings))


def _plain_mapping(dumper: YamlDumper, data: dict[Any, Any]) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data)


def _mapping(dumper: YamlDumper, data: Mapping[Any, Any]) -> yaml.Node:
    # The order of a dictionary that is more than a dictionary is meant: pairs are never sorted.
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items())


def _sequence(dumper: YamlDumper, data: Any) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", list(data))


YamlDumper.add_representer(dict, _plain_mapping)
YamlDumper.add_multi_representer(dict, _mapping)
YamlDumper.add_multi_representer(Mapping, _mapping)  # type: ignore[type-abstract]
YamlDumper.add_multi_representer(list, _sequence)
YamlDumper.add_multi_representer(tuple, _sequence)
YamlDumper.add_multi_representer(str, lambda dumper, data: dumper.represent_str(str(data)))
