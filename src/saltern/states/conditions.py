"""`unless`, `onlyif`, `creates` and `check_cmd`: whether a state has to run, and whether it did (REQ-05, REQ-06)."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Mapping
from typing import Any

from saltern.states.chunks import Chunk

Functions = Mapping[str, Callable[..., Any]]

_COMMAND_OPTIONS = (
    "cwd", "root", "env", "runas", "shell", "timeout", "umask", "success_retcodes", "success_stdout", "success_stderr",
    "python_shell", "group", "prepend_path", "clean_env",
)  # fmt: skip
"""Options of the state that the commands of its conditions are run with too."""


def reason_to_skip(chunk: Chunk, functions: Functions) -> str:
    """Why a state need not run; an empty text when it must. What a function of a condition raises is raised."""
    told: list[str] = []
    if "onlyif" in chunk:
        if not all(_holds(entry, chunk, functions, default=True) for entry in _entries(chunk["onlyif"])):
            return "onlyif condition is false"
        told.append("onlyif condition is true")
    if "unless" in chunk:
        entries = _entries(chunk["unless"])
        if entries and all(_holds(entry, chunk, functions, default=False) for entry in entries):
            return "\n".join([*told, "unless condition is true"])
    return _created(chunk["creates"]) if "creates" in chunk else ""


def _created(creates: Any) -> str:
    if isinstance(creates, str):
        return f"{creates} exists" if os.path.exists(creates) else ""  # noqa: PTH110
    if isinstance(creates, list) and all(os.path.exists(str(path)) for path in creates):  # noqa: PTH110
        return "All files in creates exist"
    return ""


def checks_hold(chunk: Chunk, functions: Functions) -> bool:
    """Whether all commands of `check_cmd` succeed."""
    # As in Salt what counts as success of the state's own command says nothing of these.
    options = {key: value for key, value in chunk.items() if not key.startswith("success_")}
    return all(_holds(entry, options, functions, default=False) for entry in _entries(chunk["check_cmd"]))


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _holds(entry: Any, chunk: Chunk, functions: Functions, *, default: bool) -> bool:
    """Whether a condition is met. As in Salt one that is neither a command nor a call of a function says nothing."""
    if isinstance(entry, Mapping) and "fun" in entry:
        return _function_holds(entry, functions)
    if isinstance(entry, str):
        return _command_holds(entry, chunk, functions)
    return default


def _command_holds(command: str, chunk: Chunk, functions: Functions) -> bool:
    excluded = chunk.get("cmd_opts_exclude") or ()
    options = {name: chunk[name] for name in _COMMAND_OPTIONS if name in chunk and name not in excluded}
    options.setdefault("python_shell", True)
    try:
        return bool(functions["cmd.retcode"](command, ignore_retcode=True, **options) == 0)
    except Exception:  # what cannot be run does not hold: boundary to a plugin
        return False


def _function_holds(entry: Mapping[str, Any], functions: Functions) -> bool:
    """A call of an execution function: `fun`, `args`, and keywords; `get_return` leads into its value."""
    keywords = {key: value for key, value in entry.items() if key not in ("fun", "args", "get_return")}
    value = functions[entry["fun"]](*(entry.get("args") or ()), **keywords)
    for step in str(entry["get_return"]).split(":") if entry.get("get_return") else ():
        value = value.get(step) if isinstance(value, Mapping) else None
    if isinstance(value, Mapping) and "result" in value:
        return bool(value["result"])
    return bool(value)
