"""docs/reference/configuration.md, from the configuration structs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from pages.source import cell, code
from saltern.config.master import MasterConfig
from saltern.config.minion import MinionConfig
from saltern.config.option import Declared, declared, describe
from saltern.config.plugin_options import PluginConfig

_INTRODUCTION = """
# Configuration

The master reads the file `master`, a minion the file `minion` of the configuration directory: `-c DIR`, else
`SALTERN_CONFIG_DIR`, else `SALT_CONFIG_DIR`, else `/etc/saltern` (root) or `~/.config/saltern` (anybody else). Both are
YAML; what `master.d/*.conf` or `minion.d/*.conf` and the files of `include` say replaces what the main file says.
Durations are seconds and sizes are bytes, unless the option says otherwise.

Paths are root's. An ordinary user has `/etc/saltern/pki` at `~/.local/share/saltern/pki`, `/var/cache/saltern`, `/run`
and `/var/log/saltern` below `~/.local/state/saltern`, and `/srv` at `~/.local/share/saltern/srv`. With `root_dir` all
paths marked ⌂ lie below that directory.

Options marked ✦ are Saltern's own; all others have Salt's names. Keys that are no options are kept for `config.get`; a
key that differs from an option by a slip of the finger is an error.
"""


def page() -> str:
    shared = declared(PluginConfig)
    tables = [_table("Of both", shared.values())]
    for title, kind in (("Of a master", MasterConfig), ("Of a minion", MinionConfig)):
        tables.append(_table(title, [one for one in declared(kind).values() if one.name not in shared]))
    return "\n".join([_INTRODUCTION.lstrip(), *tables])


def _table(title: str, options: Any) -> str:
    lines = [f"## {title}", "", "| option | value | default | meaning |", "|---|---|---|---|"]
    return "\n".join([*lines, *map(_row, options), ""])


def _row(one: Declared) -> str:
    marks = " ⌂" * one.option.place + " ✦" * one.option.ours
    alias = f" Also `{one.option.alias}`." if one.option.alias else ""
    return (
        f"| `{one.name}`{marks} | {cell(describe(one.type))} | {_default(one.default)} | {one.option.sentence}{alias} |"
    )


def _default(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str | Path):
        return code(str(value))
    if isinstance(value, bool | float):
        return code(str(int(value) if isinstance(value, float) and value.is_integer() else value))
    return code(msgspec.json.encode(value, enc_hook=str).decode())
