"""The master's configuration: its values, and files of it."""

from __future__ import annotations

from saltern.plugin_api import Opts, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

__opts__: Opts


def values() -> dict[str, Any]:
    """All values of the master's configuration.

    CLI Example::

        saltern wheel config.values
    """
    return __opts__


def apply(key: str, value: Any) -> str:
    """Set one option in the master's main file. It holds from the master's next start.

    The lines of other options, and comments, stay as they are.

    CLI Example::

        saltern wheel config.apply timeout 10
    """
    _check_name(key, "option")
    path = _main_file()
    _write(path, _with_option(path.read_text(encoding="utf-8") if path.exists() else "", key, value))
    return f"{key} is set in {path}; it holds from the master's next start"


def update_config(file_name: str, yaml_contents: Any) -> str:
    """Write `master.d/FILE_NAME.conf`. It holds from the master's next start.

    yaml_contents
        A mapping, or YAML text of one.

    CLI Example::

        saltern wheel config.update_config roots '{file_roots: {base: [/srv/salt]}}'
    """
    import yaml

    name = file_name.removesuffix(".conf")
    _check_name(name, "file")
    contents = yaml.safe_load(yaml_contents) if isinstance(yaml_contents, str) else yaml_contents
    if not isinstance(contents, dict):
        raise SaltInvocationError("the contents have to be a mapping of options")
    path = _main_file().parent / "master.d" / f"{name}.conf"
    path.parent.mkdir(mode=0o755, exist_ok=True)
    _write(path, yaml.safe_dump(contents, default_flow_style=False, sort_keys=False))
    return f"Wrote {path.name}"


def _with_option(text: str, key: str, value: Any) -> str:
    """The text of a file with an option set: in the place of the lines that set it before, or at the end."""
    import yaml

    new = yaml.safe_dump({key: value}, default_flow_style=False).rstrip("\n").split("\n")
    lines = text.split("\n") if text else []
    starts = [number for number, line in enumerate(lines) if line.startswith(f"{key}:")]
    if not starts:
        return "\n".join([*(lines[:-1] if lines and not lines[-1] else lines), *new, ""])
    start = starts[0]
    end = start + 1
    while end < len(lines) and lines[end].startswith((" ", "\t", "- ")):
        end += 1
    return "\n".join([*lines[:start], *new, *lines[end:]])


def _check_name(name: str, what: str) -> None:
    if not name.replace("_", "").replace("-", "").replace(".", "").isalnum() or name.startswith("."):
        raise SaltInvocationError(f"{name!r} is no name of a {what}")


def _main_file() -> Path:
    from pathlib import Path

    return Path(str(__opts__["conf_file"]))


def _write(path: Path, text: str) -> None:
    """In one step, with the mode that it has; a new file is the master's alone."""
    import os

    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    part = path.with_name(f".{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.chmod(mode)
    part.replace(path)
