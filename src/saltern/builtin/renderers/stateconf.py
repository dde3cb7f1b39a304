"""SLS files with parameters, ids of their own, and a state that stands for all others: `#!stateconf yaml . jinja`."""

from __future__ import annotations

from typing import Any

from saltern.errors import RenderError
from saltern.plugin_api import Context, Functions, Opts
from saltern.plugin_api.rendered import SourceText, text_of

__opts__: Opts
__context__: Context

_END = r"^\s*#\s*-+\s*end of state config\s*-+\s*$"
_USAGE = """Invalid use of the stateconf renderer!
Usage: #!stateconf [-GoSp] [DATA_RENDERER [OPTIONS] . TEMPLATE_RENDERER [OPTIONS]]

  -G  make no state .goal that requires all states of the file
  -o  have each state require the one before it
  -s  make a state .start that the first state requires
  -p  the input is data already, from renderers before this one

Without renderers: yaml . jinja"""


def render(
    data: Any,
    saltenv: str = "base",
    sls: str = "",
    argline: str = "",
    *,
    renderers: Functions,
    context: dict[str, Any] | None = None,
    **kws: Any,
) -> Any:
    """High data whose ids that begin with a dot belong to the file: `.x` of the SLS `a` is `a::x`.

    What stands before the line `# --- end of state config ---` is rendered first. The arguments of its states
    `stateconf.set` are variables of the whole template, under the ids of these states.
    """
    from saltern.plugin_api.stateconf import SlsFile, extensions, parameters

    flags, stages = _arguments(argline)
    if flags.is_data:
        return SlsFile(sls, flags).finished(data)
    named = {"file": getattr(data, "file", ""), "path": getattr(data, "path", "")}

    def rendered(text: str, variables: dict[str, Any]) -> Any:
        found: Any = SourceText(text, **named)
        for (name, argument), given in zip(stages, (variables, {}), strict=True):
            if f"{name}.render" not in renderers:
                raise RenderError(f"The renderer '{name}' is not available")
            more = {"context": given} if given else {}
            found = renderers[f"{name}.render"](
                found, saltenv, sls, argline=argument, renderers=renderers, **kws, **more
            )
            if hasattr(found, "seek"):
                found.seek(0)
        return found

    text = text_of(data)
    variables = dict(context or {})
    head = _head(text)
    extended = __context__.setdefault("stateconf.extended", {})
    if head:
        variables.update(parameters(rendered(head, variables), sls, extended))
    finished = SlsFile(sls, flags).finished(rendered(text, variables))
    extended.update(extensions(finished))
    return finished


def _head(text: str) -> str:
    """What stands before the line that ends the parameters; empty where there is no such line."""
    import re

    end = re.search(str(__opts__.get("stateconf_end_marker") or _END), text, re.MULTILINE)
    return text[: end.start()] if end is not None else ""


def _arguments(argline: str) -> tuple[Any, list[tuple[str, str]]]:
    """The flags, and the renderers in the order in which they work: that of the template, then that of the data."""
    import getopt

    from saltern.plugin_api.stateconf import Flags

    try:
        options, words = getopt.getopt(argline.split(), "Gosp")
    except getopt.GetoptError as error:
        raise RenderError(f"{error}\n{_USAGE}") from error
    given = {name for name, _ in options}
    flags = Flags("-G" not in given, "-s" in given, "-o" in given, "-p" in given)
    words = words or ["yaml", ".", "jinja"]
    if "." not in words or words.index(".") in (0, len(words) - 1):
        if flags.is_data:
            return flags, []
        raise RenderError(_USAGE)
    dot = words.index(".")
    halves = (words[dot + 1 :], words[:dot])
    return flags, [(half[0], " ".join(half[1:])) for half in halves]
