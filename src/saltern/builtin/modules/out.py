"""Values as the outputters print them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import CommandExecutionError, Opts, Plugins

__plugins__: Plugins
__opts__: Opts

_COLOUR = re.compile("\x1b\\[[0-9;]*m")


def out_format(data: Any, out: str = "nested", opts: Mapping[str, Any] | None = None, **kwargs: Any) -> str:
    """The same as `string_format`.

    CLI Example::

        saltern run '*' out.out_format '{key: value}' out=yaml
    """
    return string_format(data, out, opts, **kwargs)


def string_format(data: Any, out: str = "nested", opts: Mapping[str, Any] | None = None, **kwargs: Any) -> str:
    """A value as the outputter of that name prints it, without colours.

    An outputter that the command line chose (`--out`) takes its place.

    CLI Example::

        saltern run '*' out.string_format '{key: value}' out=nested
    """
    out = _asked_for(out)
    functions = __plugins__.table("outputters").functions_of(out)
    if f"{out}.output" not in functions:
        known = ", ".join(__plugins__.table("outputters").module_names())
        raise CommandExecutionError(f"There is no outputter '{out}'. Known are: {known}")
    given = {key: value for key, value in kwargs.items() if not key.startswith("__pub_")}
    return _COLOUR.sub("", str(functions[f"{out}.output"](data, **given)))


def html_format(data: Any, out: str = "nested", opts: Mapping[str, Any] | None = None, **kwargs: Any) -> str:
    """As `string_format`, with the marks of HTML escaped and line ends and spaces kept.

    CLI Example::

        saltern run '*' out.html_format '{key: value}' out=yaml
    """
    from html import escape

    text = escape(string_format(data, out, opts, **kwargs), quote=False)
    return text.replace(" ", "&nbsp;").replace("\n", "<br />")


def _asked_for(out: str) -> str:
    chosen = __opts__.get("output")
    return str(chosen) if chosen and chosen != "highstate" else out
