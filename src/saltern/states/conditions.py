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
    """Why a state need not run; an empty text when it must."""
    if "onlyif" in chunk and not all(_holds(entry, chunk, functions) for entry in _entries(chunk["onlyif"])):
        return "onlyif condition is false"
    if "unless" in chunk:
        entries = _entries(chunk["unless"])
        if entries and all(_holds(entry, chunk, functions) for entry in entries):
            return "unless condition is true"
    return _created(chunk.get("creates"))


def _created(creates: Any) -> str:
    if isinstance(creates, str):
        return f"{creates} exists" if os.path.exists(creates) else ""  # noqa: PTH110
    if isinstance(creates, list) and creates and all(os.path.exists(str(path)) for path in creates):  # noqa: PTH110
        return "All files in creates exist"
    return ""


def checks_hold(chunk: Chunk, functions: Functions) -> bool:
    """Whether all commands of `check_cmd` succeed."""
    return all(_holds(entry, chunk, functions) for entry in _entries(chunk["check_cmd"]))


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _holds(entry: Any, chunk: Chunk, functions: Functions) -> bool:
    if isinstance(entry, Mapping):
        return _function_holds(entry, functions)
    if isinstance(entry, bool):
        return entry
    if isinstance(entry, str):
        return _command_holds(entry, chunk, functions)
    return False


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
    if "fun" not in entry:
        return False
    keywords = {key: value for key, value in entry.items() if key not in ("fun", "args", "get_return")}
    try:
        value = functions[entry["fun"]](*(entry.get("args") or ()), **keywords)
    except Exception:  # as above
        return False
    for step in str(entry["get_return"]).split(":") if entry.get("get_return") else ():
        value = value.get(step) if isinstance(value, Mapping) else None
    if isinstance(value, Mapping) and "result" in value:
        return bool(value["result"])
    return bool(value)
