"""Data as YAML."""

from __future__ import annotations

from typing import Any

import yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.plugin_api import Opts

__virtualname__ = "yaml"

__opts__: Opts = {}

_END_OF_SCALAR = "\n..."


def __virtual__() -> str:
    return __virtualname__


def output(data: Any, **_kwargs: Any) -> str:
    """One document with sorted keys; `output_indent` is the number of spaces, below 0 for the flow style."""
    layout: dict[str, Any] = {"default_flow_style": False}
    indent = __opts__.get("output_indent")
    if indent is not None:
        layout = {"default_flow_style": int(indent) < 0} | ({"indent": int(indent)} if int(indent) >= 0 else {})
    text: str = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, **layout)
    return text.rstrip("\n").removesuffix(_END_OF_SCALAR)


class _Dumper(yaml.SafeDumper):
    """Takes what a plugin may return beyond the types of YAML: its text is written."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def check_simple_key(self) -> bool:
        """An empty text is a key like others, as libyaml sees it."""
        empty = isinstance(self.event, yaml.ScalarEvent) and not self.event.value
        return empty or bool(super().check_simple_key())


_Dumper.add_representer(tuple, yaml.SafeDumper.represent_list)
_Dumper.add_multi_representer(object, lambda dumper, data: dumper.represent_str(str(data)))
