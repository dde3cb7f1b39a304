"""What Debian's programs enable and disable for Apache: sites, modules, pieces of configuration; as states."""

from __future__ import annotations

from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.types import Functions


class Switch(NamedTuple):
    """A kind of thing: its word in comments, its name in functions, and those that switch it on and off."""

    word: str
    kind: str
    enable: str
    disable: str


def switched(name: str, switch: Switch, salt: Functions, *, on: bool, test: bool) -> dict[str, Any]:
    """Have it on, or off; the result of a state."""
    verb = "enabled" if on else "disabled"
    is_on = salt[f"apache.check_{switch.kind}_enabled"](name)
    if is_on == on:
        return _result(name, True, f"{name} already {verb}.", {})
    changes = {"old": None, "new": name} if on else {"old": name, "new": None}
    if test:
        return _result(name, None, f"Apache {switch.word.lower()} {name} is set to be {verb}.", changes)
    try:
        status = salt[f"apache.{switch.enable if on else switch.disable}"](name).get("Status", "")
    except CommandExecutionError as error:
        status = error
    if isinstance(status, str) and verb in status:
        return _result(name, True, f"{'Enabled' if on else 'Disabled'} Apache {switch.word.lower()} {name}", changes)
    return _result(name, False, f"Failed to {verb.removesuffix('d')} {name} Apache {switch.word.lower()}: {status}", {})


def _result(name: str, result: bool | None, comment: str, changes: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "changes": changes, "result": result, "comment": comment}
