"""Python files whose function `run()` gives the data."""

from __future__ import annotations

import os
import traceback
from types import CodeType, ModuleType
from typing import Any

from saltern.errors import RenderError
from saltern.plugin_api import Functions, Grains, Opts, Pillar
from saltern.plugin_api.rendered import SourceText, text_of
from saltern.plugin_api.salt_names import offer_salt_names_to

__opts__: Opts
__salt__: Functions
__grains__: Grains
__pillar__: Pillar
__proxy__: Any
__states__: Functions


def render(data: Any, saltenv: str = "base", sls: str | None = "", argline: str = "", **kws: Any) -> Any:
    """What `run()` gives. The file sees `__salt__`, `__grains__`, `__pillar__`, `__opts__`, `__env__`, `__sls__`, …"""
    file = getattr(data, "file", "") or "<py>"
    # As in Salt it is the file itself that is run, whatever renderers before this one made of it.
    text = data.as_written() if isinstance(data, SourceText) else text_of(data)
    module: Any = ModuleType((sls or "text").rpartition(".")[2])
    names = {
        "__opts__": __opts__, "__salt__": __salt__, "__grains__": __grains__, "__pillar__": __pillar__,
        "__states__": __states__, "__proxy__": __proxy__, "__env__": saltenv, "__sls__": sls, "__file__": file,
        "salt": __salt__, "grains": __grains__, "pillar": __pillar__, "opts": __opts__, "saltenv": saltenv,
        "sls": sls, **(kws.get("context") or {}), **kws,
    }  # fmt: skip
    module.__dict__.update(names)
    code = _compiled(text, file)
    offer_salt_names_to(code)
    exec(code, module.__dict__)
    # Within run() the names are these, whatever the file itself gave them to (`import salt.utils.data`, say).
    module.__dict__.update(names)
    try:
        return module.run()
    except Exception as error:  # the file's own fault, of whatever kind
        hint = "" if hasattr(module, "run") else "The file defines no function run(), whose return is its data."
        raise _fault(error, file, text, hint) from error


def _compiled(text: str, file: str) -> CodeType:
    try:
        return compile(text, file, "exec")
    except SyntaxError as error:
        told = f"{error.msg} ({os.path.basename(file)}, line {error.lineno})"
        raise RenderError(
            told,
            line=error.lineno or 0,
            column=error.offset or 0,
            hint="The file has to be valid Python.",
            unforeseen=True,
        ) from error


def _fault(error: Exception, file: str, text: str, hint: str) -> RenderError:
    """What went wrong in `run()`, with the way there through the file: the bare text may be no more than a key."""
    lines = text.splitlines()
    own = [
        traceback.FrameSummary(frame.filename, frame.lineno, frame.name, line=lines[frame.lineno - 1])
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == file and frame.lineno and frame.lineno <= len(lines)
    ]
    way = "".join(traceback.StackSummary.from_list(own).format())
    told = f"Traceback (most recent call last):\n{way}{type(error).__name__}: {error}".removesuffix(": ")
    return RenderError(told, line=(own[-1].lineno or 0) if own else 1, hint=hint)
