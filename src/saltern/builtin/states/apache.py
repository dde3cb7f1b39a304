"""Files of configuration of Apache, given as data."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts

__opts__: Opts
__salt__: Functions


def configfile(name: str, config: Any) -> dict[str, Any]:
    """Have this configuration in the file `name`; see `apache.config` for its form."""
    wanted = __salt__["apache.config"](name, config, edit=False)
    try:
        with open(name, encoding="utf-8") as file:
            now = file.read()
    except FileNotFoundError:
        now = None
    except OSError as error:
        return _result(name, False, f"The file cannot be read: {error}", {})
    if now is not None and now.strip() == wanted.strip():
        return _result(name, True, "Configuration is up to date.", {})
    changes = {"old": now or "", "new": wanted}
    if __opts__["test"]:
        return _result(name, None, "Configuration will update.", changes)
    try:
        __salt__["apache.config"](name, config, edit=True)
    except OSError as error:
        return _result(name, False, f"The file cannot be written: {error}", {})
    return _result(name, True, "Successfully created configuration.", changes)


def _result(name: str, result: bool | None, comment: str, changes: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "changes": changes, "result": result, "comment": comment}
