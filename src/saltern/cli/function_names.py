"""The names of functions, read from the sources of plugins without running them: for suggestions and completion."""

from __future__ import annotations

import re

from saltern.plugins.directories import read_directories
from saltern.plugins.kinds import KINDS
from saltern.plugins.search import SearchPath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from saltern.plugins.entry import PluginFile

_FUNCTION = re.compile(r"^(?:async )?def ([A-Za-z]\w*)\(", re.MULTILINE)
_ALIASES = re.compile(r"^__func_alias__[^=\n]*= *\{([^}]*)\}", re.MULTILINE)
_PAIR = re.compile(r"""["'](\w+)["']\s*:\s*["'](\w+)["']""")


class FunctionNames:
    """The names of one kind (`modules`, `runners`, `wheel`). `opts` are the settings that say where plugins lie."""

    def __init__(self, kind: str, opts: Mapping[str, Any] | None = None) -> None:
        self._files: dict[str, list[PluginFile]] = {}
        for file in read_directories(SearchPath.of_opts(opts or {}).directories(KINDS[kind])):
            for name in file.names or (file.stem,):
                self._files.setdefault(name, []).append(file)

    def modules(self) -> list[str]:
        return sorted(self._files)

    def of(self, module: str) -> list[str]:
        """The functions of a module by their full names; none when there is no such module."""
        found = {name for file in self._files.get(module, ()) for name in _public(file.path)}
        return sorted(f"{module}.{name}" for name in found)

    def all(self) -> list[str]:
        return [name for module in self.modules() for name in self.of(module)]

    def like(self, name: str) -> str:
        """The likeliest name that was meant by one that does not exist; empty when nothing is near."""
        from difflib import get_close_matches

        module, _, function = name.partition(".")
        if module in self._files:
            names = [one.partition(".")[2] for one in self.of(module)]
            near = get_close_matches(function, names, 1, 0.5)
            return f"{module}.{near[0]}" if near else ""
        return "".join(get_close_matches(name, self.all(), 1, 0.7))


def _public(path: str) -> Iterator[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123  (pathlib is slow to import)
            text = file.read()
    except OSError:
        return
    declared = _ALIASES.search(text)
    aliases = dict(_PAIR.findall(declared[1])) if declared else {}
    for name in _FUNCTION.findall(text):
        yield aliases.get(name, name)
