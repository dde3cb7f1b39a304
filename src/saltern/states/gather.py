"""From SLS names to high data: render, follow includes, put all states into one table (STA-01, STA-07)."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from saltern.errors import RenderError
from saltern.render.sls_names import SlsFile
from saltern.states.declarations import expanded, put_in_order
from saltern.states.faults import Fault, Spot, did_you_mean
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

    def as_written(self) -> dict[Any, Any]:
        """The states before they change each other, with what extends and excludes them beside them."""
        about = {"__extend__": self.extends, "__exclude__": self.excludes}
        return {**{key: value for key, value in about.items() if value}, **self.states}


class _Written:
    """What one file holds. Files stand before those that they include, though their states are numbered behind."""

    def __init__(self) -> None:
        self.states: dict[Any, Any] = {}
        self.extends: list[dict[str, Any]] = []


class Gathering:
    """One run's states are collected by one of these; each SLS file takes part once in each environment."""

    def __init__(self, tree: SlsTree, *, auto_order: bool = True) -> None:
        self._tree = tree
        self._orders = itertools.count(FIRST_ORDER) if auto_order else None
        self._seen: set[tuple[str, str]] = set()
        self._known: dict[Any, Any] = {}
        self._files: list[_Written] = []
        self.high = HighData()

    def add(self, matches: Mapping[str, Iterable[str]]) -> HighData:
        """Collect the SLS files of environments; names may be globs."""
        for saltenv, names in matches.items():
            if names and saltenv not in self._tree.envs():
                self.high.errors.append(f"No matching salt environment for environment '{saltenv}' found")
            for pattern in names:
                found = self._tree.matching(pattern, saltenv)
                if not found:
                    self.high.errors.append(f"No matching sls found for '{pattern}' in env '{saltenv}'")
                for name in found:
                    self._take(name, saltenv, (), None)
        return self._collected()

    def add_data(self, data: Any, sls: str | None, saltenv: str) -> HighData:
        """Collect states that no file of the tree holds."""
        self._take_data(data, SlsFile(sls or "", ""), saltenv, ())
        self._collected()
        if sls is None:
            for body in self.high.states.values():
                if isinstance(body, dict):
                    body["__sls__"] = None
        return self.high

    def _collected(self) -> HighData:
        self.high.states = {name: body for file in self._files for name, body in file.states.items()}
        self.high.extends = [extension for file in self._files for extension in file.extends]
        return self.high

    def _take(self, name: str, saltenv: str, chain: tuple[str, ...], asked: Spot | None) -> None:
        """One SLS file. `chain` are the files through which it was come here, the nearest first; `asked` names it."""
        file = self._tree.find(name, saltenv)
        if file is None:
            told = (
                f"Specified SLS {name} in saltenv {saltenv} is not available on the salt master or through a"
                " configured fileserver"
            )
            hint = did_you_mean(name, self._tree.matching("*", saltenv)) or _NO_FILE.format(name.replace(".", "/"))
            self.high.errors.append(Fault(told, asked, hint) if asked else told)
            return
        if (saltenv, file.name) in self._seen:
            if file.name in chain and asked is not None:
                way = ", ".join(f"{saltenv}:{one}" for one in reversed(chain[: chain.index(file.name)]))
                log.warning(
                    "%s: SLS %s:%s includes itself%s; it takes part once",
                    self._tree.place(asked) or asked.sls, saltenv, file.name, f" through {way}" if way else "",
                )  # fmt: skip
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
                told = f"SLS {file.name} does not render to a dictionary"
                self._wrong(told, Spot(file.name, saltenv), hint="An SLS file holds ids, each with a colon behind it.")
                self.high.errors.append(f"Error when rendering state with contents: {data}")
            return
        written = _Written()
        self._files.append(written)
        self._include(data.get("include", ()), file, saltenv, chain)
        self.high.sls.append((saltenv, file.name))
        self._take_extend(data.get("extend", {}), file, saltenv, written)
        self._take_exclude(data.get("exclude"), file, saltenv)
        for name, body in data.items():
            if name not in ("include", "extend", "exclude") or (name == "include" and not isinstance(body, list)):
                self._take_state(name, body, file, saltenv, chain, written)

    # --- include ------------------------------------------------------------------------------------------------

    def _include(self, includes: Any, file: SlsFile, saltenv: str, chain: tuple[str, ...]) -> None:
        if not isinstance(includes, list | tuple):
            told = f"Include Declaration in SLS {file.name} is not formed as a list"
            self._wrong(told, Spot(file.name, saltenv, ("include",)), hint=_A_LIST)
            return
        for at, item in enumerate(includes):
            spot = Spot(file.name, saltenv, ("include", at))
            env, name = self._meant(item, saltenv)
            if name is None:
                told = f"Illegal include '{item}' in SLS '{saltenv}:{file.name}'"
                self._wrong(told, spot, hint="Write 'name', or 'environment: name', one on each line.")
                continue
            if env not in (saltenv, *self._tree.envs()):
                told = f"Nonexistent saltenv '{env}' found in include of '{name}' within SLS '{saltenv}:{file.name}'"
                self._wrong(told, spot, hint=f"There are the environments {', '.join(self._tree.envs())}.")
                continue
            absolute = self._absolute(name, file, env, spot)
            if absolute is None:
                continue
            for one in self._tree.matching(absolute, env) or [absolute]:
                self._take(one, env, (file.name, *chain), spot)

    def _meant(self, item: Any, saltenv: str) -> tuple[str, str | None]:
        """The environment and the name of an item; of `{_xenv: name}` the first environment that has it."""
        if isinstance(item, str):
            return saltenv, item
        if not isinstance(item, Mapping) or len(item) != 1:
            return saltenv, None
        env, name = next(iter(item.items()))
        if env != "_xenv":
            return str(env), str(name)
        return next((one for one in self._tree.envs() if self._tree.find(str(name), one)), "_xenv"), str(name)

    def _absolute(self, name: str, file: SlsFile, saltenv: str, spot: Spot) -> str | None:
        """The name without its leading dots: one dot is the directory of the file, each further one that above."""
        levels = len(name) - len(name.lstrip("."))
        if not levels:
            return name
        package = file.package
        if levels - 1 > len(package):
            told = (
                f"Attempted relative include of '{name}' within SLS '{saltenv}:{file.name}' goes beyond top level"
                " package "
            )
            self._wrong(told, spot, hint="Take a dot away: each one after the first means a directory further up.")
            return None
        above = package[: len(package) - (levels - 1)]
        return ".".join([*above, name.lstrip(".")])

    # --- states -------------------------------------------------------------------------------------------------

    def _take_state(
        self, name: Any, body: Any, file: SlsFile, saltenv: str, chain: tuple[str, ...], written: _Written
    ) -> None:
        spot = Spot(file.name, saltenv, (name,))
        long, problems = expanded(name, body, file.name)
        for problem in problems:
            self._wrong(problem, spot, hint="Give the second one an id of its own.")
        if problems:
            return
        if not isinstance(long, dict):
            told = f"ID {name} in SLS {file.name} is not a dictionary"
            self._wrong(told, spot, hint="Below an id stand state functions, indented: 'pkg.installed: []'.")
            written.states[name] = long
            return
        known = self._known.get(name)
        if known is not None:
            told = (
                "Detected conflicting IDs, SLS IDs need to be globally unique.\n"
                f"    The conflicting ID is '{name}' and is found in SLS '{known['__env__']}:{known['__sls__']}'"
                f" and SLS '{saltenv}:{file.name}'"
            )
            self._wrong(told, spot, hint="Rename one of the two, and say what it is called there with 'name'.")
            return
        if self._orders is not None:
            put_in_order(long, self._orders)
        about: dict[str, Any] = {"__sls__": file.name, "__env__": saltenv}
        if chain:
            about["__sls_included_from__"] = list(chain)
        written.states[name] = self._known[name] = {**long, **about}

    def _take_extend(self, extend: Any, file: SlsFile, saltenv: str, written: _Written) -> None:
        if not isinstance(extend, Mapping):
            told = f"Extension value in SLS '{file.name}' is not a dictionary"
            self._wrong(told, Spot(file.name, saltenv, ("extend",)), hint="Below extend stand ids, without '- '.")
            return
        for name, body in extend.items():
            long, problems = expanded(name, body, file.name)
            spot = Spot(file.name, saltenv, ("extend", name))
            for problem in problems:
                self._wrong(problem, spot)
            if not isinstance(long, dict):
                told = f"Extension name '{name}' in SLS '{file.name}' is not a dictionary"
                self._wrong(told, spot, hint="Below the id stands a state module with its new arguments.")
                continue
            written.extends.append({name: {**long, "__sls__": file.name, "__env__": saltenv}})

    def _take_exclude(self, exclude: Any, file: SlsFile, saltenv: str) -> None:
        if exclude is None:
            return
        if not isinstance(exclude, list):
            told = f"Exclude Declaration in SLS {file.name} is not formed as a list"
            self._wrong(told, Spot(file.name, saltenv, ("exclude",)), hint=_A_LIST)
            return
        self.high.excludes += exclude

    def _wrong(self, text: str, spot: Spot, *, hint: str = "") -> None:
        self.high.errors.append(Fault(text, spot, hint))


_A_LIST = "Put each on a line of its own, with '- ' before it."
_NO_FILE = "There is no file {0}.sls or {0}/init.sls in this environment."


def _told(error: RenderError, through: tuple[str, ...]) -> str:
    """A rendering error in Salt's words, which results carry; where it is, and the way there, goes to the log."""
    way = f", included from {', then '.join(through)}" if through else ""
    log.error(
        "%s: %s%s%s",
        error.place or "a text",
        error.message.partition("\n\n")[0].replace("\n", " "),
        way,
        _hinted(error),
    )
    return error.message


def _hinted(error: RenderError) -> str:
    hint = error.hint or ("Rename one of the two, or take it away." if "conflicting ID" in error.message else "")
    return f". {hint}" if hint else ""
