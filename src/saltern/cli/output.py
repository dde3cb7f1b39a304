"""Prints data by an outputter (behaviours OUT-01, OUT-02, OUT-05)."""

from __future__ import annotations

import os
import sys

from saltern.cli import exitcodes
from saltern.errors import SalternError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from types import ModuleType
    from typing import Any, TextIO

_STATE_OPTIONS = ("state_output", "state_verbose", "state_output_diff", "state_output_profile", "state_output_pct")


def main(argv: Sequence[str]) -> int:
    """`saltern output`, see `saltern.cli.show`."""
    from saltern.cli import show

    return show.main(argv)


class CannotWrite(SalternError):
    """The output file cannot be written."""

    exit_code = exitcodes.CANNOT_CREATE


class Printer:
    """Shows one document after another on standard output or in the file of `--out-file`.

    The outputter is the one of `--out`, else that which the data came with, else the option `output`, else `nested`.
    """

    def __init__(self, options: argparse.Namespace, values: Mapping[str, Any]) -> None:
        self.chosen: str = options.out or ""
        self._default = str(values.get("output") or "nested")
        self._path: str = options.out_file or ""
        self._append: bool = options.out_file_append
        self._file: TextIO | None = None
        self._modules: dict[str, ModuleType] = {}
        self._options = _outputter_options(options, values)

    def __enter__(self) -> Printer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def show(self, data: Any, *, out: str = "", retcode: int = 0) -> None:
        """Print data; an outputter that makes nothing of it prints nothing."""
        self.write(self._render(data, self.chosen or out or self._default, retcode))

    def write(self, text: str) -> None:
        """Print a finished text at once, so that a reader at the other end of a pipe sees it now."""
        text = text.rstrip()
        if text:
            stream = self._stream()
            stream.write(text + "\n")
            stream.flush()

    def write_raw(self, text: str) -> None:
        """Write a text as it is."""
        stream = self._stream()
        stream.write(text)
        stream.flush()

    def blank_line(self) -> None:
        self._stream().write("\n")

    def _render(self, data: Any, name: str, retcode: int) -> str:
        module = self._module(name)
        try:
            return str(module.output(data, _retcode=retcode))
        except Exception as error:
            _note(f"the outputter {name} cannot show this ({type(error).__name__}: {error})")
            from pprint import pformat

            return pformat(data)

    def _module(self, name: str) -> ModuleType:
        if name not in self._modules:
            module = _load(name) or self._nested_for(name)
            module.__dict__["__opts__"] = self._options
            self._modules[name] = module
        return self._modules[name]

    def _nested_for(self, name: str) -> ModuleType:
        if name == self.chosen:
            _note(f"there is no outputter {name}; nested is used")
        from saltern.builtin.outputters import nested

        return nested

    def _stream(self) -> TextIO:
        if not self._path:
            return sys.stdout
        if self._file is None:
            try:
                self._file = open(  # noqa: PTH123, SIM115  (closed by __exit__)
                    self._path, "a" if self._append else "w", encoding="utf-8", errors="backslashreplace"
                )
            except OSError as error:
                raise CannotWrite(f"{self._path} cannot be written: {error.strerror}") from error
        return self._file


def wants_colour(options: argparse.Namespace) -> bool:
    """Colours on a terminal, unless told otherwise (`--no-color`, `NO_COLOR`); elsewhere only with `--force-color`."""
    if options.force_color:
        return True
    return not options.no_color and not options.out_file and "NO_COLOR" not in os.environ and sys.stdout.isatty()


def as_json(data: Any, *, indent: int | None = 4) -> str:
    """Data as JSON text; bytes become text."""
    import json

    return json.dumps(data, indent=indent, default=_plain, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return sorted(value, key=repr) if isinstance(value, set | frozenset) else str(value)


def _outputter_options(options: argparse.Namespace, values: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: values[name] for name in (*_STATE_OPTIONS, "strip_colors", "color_theme") if name in values}
    for name in ("state_output", "state_verbose"):
        given = getattr(options, name, None)
        if given is not None:
            found[name] = {"true": True, "false": False}.get(str(given).lower(), given)
    if getattr(options, "output_diff", False):
        found["state_output_diff"] = True
    if options.out_indent is not None:
        found["output_indent"] = options.out_indent
    colour = wants_colour(options)
    return {
        "output": options.out,
        "color": colour,
        "force_color": options.force_color,
        "extension_modules": "",
        "strip_colors": True,
        **found,
    }


def _load(name: str) -> ModuleType | None:
    import importlib

    if not name.isidentifier():
        return None
    for candidate in (name, f"{name}_out"):
        path = f"saltern.builtin.outputters.{candidate}"
        try:
            module = importlib.import_module(path)
        except ModuleNotFoundError as error:
            if error.name != path:
                raise
        else:
            return module if hasattr(module, "output") else None
    return None


def _note(text: str) -> None:
    sys.stderr.write(f"saltern: {text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
