"""From SLS names to high data: render, follow includes, put all states into one table (STA-01, STA-07)."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from saltern.errors import RenderError
from saltern.render.sls_names import SlsFile
from saltern.states.declarations import expanded, put_in_order
from saltern.states.tree import SlsTree

log = logging.getLogger(__name__)

FIRST_ORDER = 10_000


class HighData:
    """All states of a run by id, what extends and excludes them, and what is wrong."""

    def __init__(self) -> None:
        self.states: dict[Any, Any] = {}
        self.extends: list[dict[str, Any]] = []
        self.excludes: list[Any] = []
        self.errors: list[str] = []
        self.sls: list[tuple[str, str]] = []
        """Environment and name of the SLS files that take part, in the order in which their states stand."""


class Gathering:
    """One run's states are collected by one of these; each SLS file takes part once in each environment."""

    def __init__(self, tree: SlsTree, *, auto_order: bool = True) -> None:
        self._tree = tree
        self._orders = itertools.count(FIRST_ORDER) if auto_order else None
        self._seen: set[tuple[str, str]] = set()
        self.high = HighData()

    def add(self, matches: Mapping[str, Iterable[str]]) -> HighData:
        """Collect the SLS files of environments; names may be globs."""
        for saltenv, names in matches.items():
            for pattern in names:
                found = self._tree.matching(pattern, saltenv)
                if not found:
                    self.high.errors.append(f"No matching sls found for '{pattern}' in env '{saltenv}'")
                for name in found:
                    self._take(name, saltenv, ())
        return self.high

    def add_data(self, data: Any, sls: str | None, saltenv: str) -> HighData:
        """Collect states that no file of the tree holds."""
        self._take_data(data, SlsFile(sls or "", ""), saltenv, ())
        if sls is None:
            for body in self.high.states.values():
                body["__sls__"] = None
        return self.high

    def _take(self, name: str, saltenv: str, chain: tuple[str, ...]) -> None:
        """One SLS file. `chain` are the files through which it was come here, the nearest first."""
        file = self._tree.find(name, saltenv)
        if file is None:
            self.high.errors.append(
                f"Specified SLS {name} in saltenv {saltenv} is not available on the salt master or through a"
                " configured fileserver"
            )
            return
        if (saltenv, file.name) in self._seen:
            return
        self._seen.add((saltenv, file.name))
        try:
            data = self._tree.data(file, saltenv)
        except RenderError as error:
            through = tuple(f"{saltenv}:{one}" for one in reversed(chain))
            self.high.errors.append(_told(error, through))
            return
        self._take_data(data, file, saltenv, chain)

    def _take_data(self, data: Any, file: SlsFile, saltenv: str, chain: tuple[str, ...]) -> None:
        if not isinstance(data, Mapping):
            if data is not None:
                self.high.errors.append(f"SLS {file.name} does not render to a dictionary")
                self.high.errors.append(f"Error when rendering state with contents: {data}")
            return
        self._include(data.get("include"), file, saltenv, chain)
        self.high.sls.append((saltenv, file.name))
        self._take_extend(data.get("extend"), file, saltenv)
        self._take_exclude(data.get("exclude"), file)
        for name, body in data.items():
            if name not in ("include", "extend", "exclude") and not str(name).startswith("__"):
                self._take_state(name, body, file, saltenv, chain)

    # --- include ------------------------------------------------------------------------------------------------

    def _include(self, includes: Any, file: SlsFile, saltenv: str, chain: tuple[str, ...]) -> None:
        if includes is None:
            return
        if not isinstance(includes, list):
            self.high.errors.append(f"Include Declaration in SLS {file.name} is not formed as a list")
            return
        for item in includes:
            env, name = self._meant(item, saltenv)
            if name is None:
                self.high.errors.append(f"Illegal include '{item}' in SLS '{saltenv}:{file.name}'")
                continue
            absolute = self._absolute(name, file, env)
            if absolute is None:
                continue
            for one in self._tree.matching(absolute, env) or [absolute]:
                self._take(one, env, (file.name, *chain))

    def _meant(self, item: Any, saltenv: str) -> tuple[str, str | None]:
        """The environment and the name of an item; of `{_xenv: name}` the first environment that has it."""
        if isinstance(item, str):
            return saltenv, item
        if not isinstance(item, Mapping) or len(item) != 1:
            return saltenv, None
        env, name = next(iter(item.items()))
        if env != "_xenv":
            return str(env), str(name)
        return next((one for one in self._tree.envs() if self._tree.find(str(name), one)), saltenv), str(name)

    def _absolute(self, name: str, file: SlsFile, saltenv: str) -> str | None:
        """The name without its leading dots: one dot is the directory of the file, each further one that above."""
        levels = len(name) - len(name.lstrip("."))
        if not levels:
            return name
        package = file.package
        if levels - 1 > len(package):
            self.high.errors.append(
                f"Attempted relative include of '{name}' within SLS '{saltenv}:{file.name}' goes beyond top level"
                " package"
            )
            return None
        above = package[: len(package) - (levels - 1)]
        return ".".join([*above, name.lstrip(".")])

    # --- states -------------------------------------------------------------------------------------------------

    def _take_state(self, name: Any, body: Any, file: SlsFile, saltenv: str, chain: tuple[str, ...]) -> None:
        long, problems = expanded(name, body, file.name)
        self.high.errors += problems
        if problems:
            return
        if not isinstance(long, dict):
            self.high.errors.append(f"ID {name} in SLS {file.name} is not a dictionary")
            return
        known = self.high.states.get(name)
        if known is not None:
            self.high.errors.append(
                "Detected conflicting IDs, SLS IDs need to be globally unique.\n"
                f"    The conflicting ID is '{name}' and is found in SLS '{known['__env__']}:{known['__sls__']}'"
                f" and SLS '{saltenv}:{file.name}'"
            )
            return
        if self._orders is not None:
            put_in_order(long, self._orders)
        about: dict[str, Any] = {"__sls__": file.name, "__env__": saltenv}
        if chain:
            about["__sls_included_from__"] = list(chain)
        self.high.states[name] = {**long, **about}

    def _take_extend(self, extend: Any, file: SlsFile, saltenv: str) -> None:
        if extend is None:
            return
        if not isinstance(extend, Mapping):
            self.high.errors.append(f"Extension value in SLS '{file.name}' is not a dictionary")
            return
        for name, body in extend.items():
            long, problems = expanded(name, body, file.name)
            self.high.errors += problems
            if not isinstance(long, dict):
                self.high.errors.append(f"Extension name '{name}' in SLS '{file.name}' is not a dictionary")
                continue
            self.high.extends.append({name: {**long, "__sls__": file.name, "__env__": saltenv}})

    def _take_exclude(self, exclude: Any, file: SlsFile) -> None:
        if exclude is None:
            return
        if not isinstance(exclude, list):
            self.high.errors.append(f"Exclude Declaration in SLS {file.name} is not formed as a list")
            return
        self.high.excludes += exclude


def _told(error: RenderError, through: tuple[str, ...]) -> str:
    """A rendering error in Salt's words, which results carry; where it is, and the way there, goes to the log."""
    way = f", included from {', then '.join(through)}" if through else ""
    log.error("%s: %s%s%s", error.place or "a text", error.message.partition("\n")[0], way, _hinted(error))
    return error.message


def _hinted(error: RenderError) -> str:
    return f". {error.hint}" if error.hint else ""
