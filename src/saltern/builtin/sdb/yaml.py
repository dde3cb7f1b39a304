"""Files of YAML as a store that is read: `files` of the profile, the later ones over the earlier."""

from __future__ import annotations

from saltern.plugin_api import CommandExecutionError, Functions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__salt__: Functions

__func_alias__ = {"set_": "set"}


def set_(key: str, value: Any, profile: Mapping[str, Any] | None = None) -> Any:
    """These files are not written."""
    raise CommandExecutionError("Setting a value is not supported by the sdb driver yaml: edit its files.")


def get(key: str, profile: Mapping[str, Any] | None = None) -> Any:
    """The value at a key, whose steps are parted by colons."""
    from saltern.plugin_api.nested import merged, traverse

    known: dict[str, Any] = {}
    for file in (profile or {}).get("files", ()):
        known = merged(known, _loaded(str(file), gpg=bool((profile or {}).get("gpg"))))
    return traverse(known, key)


def _loaded(file: str, *, gpg: bool) -> dict[str, Any]:
    from pathlib import Path

    import yaml

    try:
        if gpg:
            return dict(__salt__["slsutil.renderer"](file, default_renderer="yaml|gpg") or {})
        return dict(yaml.safe_load(Path(file).read_text()) or {})
    except (OSError, yaml.YAMLError, ValueError) as error:
        raise CommandExecutionError(f"The sdb driver yaml cannot read {file}: {error}") from error
