"""Python files whose function `run()` gives the data."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from saltern.errors import RenderError
from saltern.plugin_api import Functions, Grains, Opts, Pillar
from saltern.plugin_api.rendered import text_of

__opts__: Opts
__salt__: Functions
__grains__: Grains
__pillar__: Pillar
__proxy__: Any
__states__: Functions


def render(data: Any, saltenv: str = "base", sls: str = "", argline: str = "", **kws: Any) -> Any:
    """What `run()` gives. The file sees `__salt__`, `__grains__`, `__pillar__`, `__opts__`, `__env__`, `__sls__`, …"""
    file = getattr(data, "file", "") or "<py>"
    module = ModuleType(f"sls_{sls.replace('.', '_') or 'text'}")
    module.__dict__.update(
        {
            "__opts__": __opts__, "__salt__": __salt__, "__grains__": __grains__, "__pillar__": __pillar__,
            "__states__": __states__, "__proxy__": __proxy__, "__env__": saltenv, "__sls__": sls, "__file__": file,
            "salt": __salt__, "grains": __grains__, "pillar": __pillar__, "opts": __opts__, "saltenv": saltenv,
            "sls": sls, **kws,
        }
    )  # fmt: skip
    try:
        code = compile(text_of(data), file, "exec")
    except SyntaxError as error:
        raise RenderError(f"invalid syntax: {error.msg}", line=error.lineno or 0, column=error.offset or 0) from error
    exec(code, module.__dict__)
    if not callable(module.__dict__.get("run")):
        raise RenderError("The file defines no function run().")
    return module.__dict__["run"]()
