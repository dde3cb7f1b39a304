"""Where configuration and data lie. Used by every command before anything else: imports `os` alone.

A default is declared once, as root's path (`/var/cache/saltern/master`). An ordinary user's default is the same path
moved below the home directory, and `root_dir` moves every default and every path option below itself (CFG-03).
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_HOME_PLACES = (
    ("/etc/saltern/pki", ".local/share/saltern/pki"),
    ("/etc/saltern", ".config/saltern"),
    ("/var/cache/saltern", ".local/state/saltern/cache"),
    ("/var/log/saltern", ".local/state/saltern/log"),
    ("/run", ".local/state/saltern/run"),
    ("/srv", ".local/share/saltern/srv"),
)
_SOCKET = "master.sock"
_LONGEST_SOCKET_PATH = 107
"""Bytes; a bound of the kernel's socket addresses."""


def config_dir(argument: str | os.PathLike[str] | None = None, environ: Mapping[str, str] | None = None) -> str:
    """The directory of the configuration files: the argument, `SALTERN_CONFIG_DIR`, `SALT_CONFIG_DIR`, the default.

    `ConfigError` when it is named and not there: the defaults would be another master's. Salt's own `/etc/salt` is
    used only when it is named: two masters in one directory would spoil each other.
    """
    environ = os.environ if environ is None else environ
    named = argument or environ.get("SALTERN_CONFIG_DIR") or environ.get("SALT_CONFIG_DIR")
    if not named:
        return default_path("/etc/saltern")
    directory = os.path.abspath(os.path.expanduser(named))  # noqa: PTH100, PTH111
    if not os.path.isdir(directory) and directory != default_path("/etc/saltern"):  # noqa: PTH112
        raise _no_directory(directory)
    return directory


def config_file(role: str, argument: str | os.PathLike[str] | None = None) -> str:
    """The main file of a role (`master`, `minion`); without an argument `SALTERN_MASTER_CONFIG` … may name it."""
    variable = f"{role.upper()}_CONFIG"
    named = os.environ.get(f"SALTERN_{variable}") or os.environ.get(f"SALT_{variable}")
    if named and not argument:
        return os.path.abspath(named)  # noqa: PTH100
    return os.path.join(config_dir(argument), role)  # noqa: PTH118


def default_path(path: str, root_dir: str = "/") -> str:
    """Where a default path lies: below `root_dir` if there is one, else at its place for this user."""
    if root_dir != "/":
        return under_root(path, root_dir)
    return path if os.geteuid() == 0 else home_path(path, os.path.expanduser("~"))  # noqa: PTH111


def home_path(path: str, home: str) -> str:
    """Where an ordinary user has what root has at `path`; paths that root alone uses stay."""
    for place, below_home in _HOME_PLACES:
        if path == place or path.startswith(place + "/"):
            return f"{home}/{below_home}{path[len(place) :]}"
    return path


def under_root(path: str, root_dir: str) -> str:
    """A path option below `root_dir`, unless it is there already; `/` leaves absolute paths alone."""
    path = os.path.expanduser(path)  # noqa: PTH111
    if path == root_dir or path.startswith(root_dir.rstrip("/") + "/"):
        return path
    return os.path.join(root_dir, path.lstrip("/"))  # noqa: PTH118


def resolved_root(root_dir: str, directory: str) -> str:
    """`root_dir` as an absolute path; a relative one is relative to the configuration directory."""
    return os.path.abspath(os.path.join(directory, os.path.expanduser(root_dir)))  # noqa: PTH100, PTH111, PTH118


def master_socket(directory: str | os.PathLike[str], values: Mapping[str, Any]) -> str:
    """The unix socket on which the master of this configuration answers operators.

    `values` are the master's settings as read (`master_values`), or its whole configuration as a mapping.
    `ConfigError` when the path is too long for a socket.
    """
    root_dir = resolved_root(str(values.get("root_dir") or "/"), os.fspath(directory))
    named = values.get("sock_dir")
    sock_dir = under_root(str(named), root_dir) if named else default_path("/run/saltern/master", root_dir)
    path = f"{sock_dir}/{_SOCKET}"
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        raise _too_long(path)
    return path


def master_values(directory: str | os.PathLike[str]) -> Mapping[str, Any]:
    """The master's settings as its files give them, unchecked: enough to find it, and fast where they are flat."""
    main = config_file("master", directory)
    flat = _flat_values(main)
    if flat is not None:
        return flat
    from saltern.config.kept import keep, recall

    files = [main, *_included(f"{main}.d")]
    place = f"{os.path.dirname(main)}/.{os.path.basename(main)}.kept"  # noqa: PTH119, PTH120
    values = recall(place, files)
    if values is None:
        from saltern.config.read import read_values

        values = read_values(main, "master.d/*.conf")
        keep(place, files, values)
    return values


def _flat_values(main: str) -> dict[str, Any] | None:
    """All settings when every file is flat; None when one is not, or cannot be read, or includes others."""
    from saltern.config.flat import read_flat

    values: dict[str, Any] = {}
    for path in [main, *_included(f"{main}.d")]:
        try:
            found = read_flat(path)
        except FileNotFoundError:
            continue
        except OSError:
            return None
        if found is None or "include" in found or "default_include" in found:
            return None
        values.update(found)
    return values


def _included(directory: str) -> list[str]:
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return [f"{directory}/{name}" for name in sorted(names) if name.endswith(".conf") and name[0] != "."]


def _no_directory(directory: str) -> Exception:
    from saltern.errors import ConfigError

    return ConfigError(
        f"there is no configuration directory {directory}", hint="-c DIR names it, or SALTERN_CONFIG_DIR."
    )


def _too_long(path: str) -> Exception:
    from saltern.errors import ConfigError

    hint = f"Set sock_dir to a directory with a shorter path (at most {_LONGEST_SOCKET_PATH} bytes with the file name)."
    return ConfigError(f"the path of the master's socket is too long: {path}", hint=hint)
