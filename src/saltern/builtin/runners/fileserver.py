"""The files that minions get: environments, files, directories and links."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from saltern.plugin_api.served_files import FileServerControl

    Backends = str | Sequence[str] | None

__file_server__: FileServerControl


def envs(backend: Backends = None, sources: bool = False) -> list[str] | dict[str, list[str]]:
    """The environments; with `sources` by the back end that has them.

    CLI Example::

        saltern runner fileserver.envs
        saltern runner fileserver.envs sources=True
        saltern runner fileserver.envs backend=roots,gitfs
    """
    found = __file_server__.envs(backend)
    return found if sources else sorted({env for names in found.values() for env in names})


def file_list(saltenv: str = "base", backend: Backends = None) -> list[str]:
    """The files of an environment.

    CLI Example::

        saltern runner fileserver.file_list
        saltern runner fileserver.file_list saltenv=prod backend=gitfs
    """
    found: list[str] = __file_server__.listed("files", saltenv, backend)
    return found


def dir_list(saltenv: str = "base", backend: Backends = None) -> list[str]:
    """The directories of an environment.

    CLI Example::

        saltern runner fileserver.dir_list
    """
    found: list[str] = __file_server__.listed("dirs", saltenv, backend)
    return found


def empty_dir_list(saltenv: str = "base", backend: Backends = None) -> list[str]:
    """The directories of an environment that hold nothing.

    CLI Example::

        saltern runner fileserver.empty_dir_list
    """
    found: list[str] = __file_server__.listed("empty_dirs", saltenv, backend)
    return found


def symlink_list(saltenv: str = "base", backend: Backends = None) -> dict[str, str]:
    """The links of an environment, each with what it says.

    CLI Example::

        saltern runner fileserver.symlink_list
    """
    found: dict[str, str] = __file_server__.listed("symlinks", saltenv, backend)
    return found


def update(backend: Backends = None, **kwargs: Any) -> bool:
    """Fetch what is new of remote sources now. File roots always are up to date.

    CLI Example::

        saltern runner fileserver.update
        saltern runner fileserver.update backend=gitfs
    """
    __file_server__.update(backend)
    return True


def clear_cache(backend: Backends = None) -> dict[str, list[str]] | str:
    """Remove what back ends keep of remote sources; it is fetched anew.

    CLI Example::

        saltern runner fileserver.clear_cache
    """
    cleared = __file_server__.clear(backend)
    told = [f"{name} cache successfully cleared" for name in cleared]
    return {"cleared": told} if told else "No cache was cleared"


def clear_file_list_cache(saltenv: str | Sequence[str] | None = None, backend: Backends = None) -> dict[str, list[str]]:
    """Clear the kept lists of files. There are none: files are listed as they are at each question.

    CLI Example::

        saltern runner fileserver.clear_file_list_cache
    """
    return {}


def clear_lock(backend: Backends = None, remote: str | None = None) -> dict[str, list[str]] | str:
    """Let remote sources be fetched again, or those alone whose URL holds `remote`.

    CLI Example::

        saltern runner fileserver.clear_lock
        saltern runner fileserver.clear_lock backend=gitfs remote=github
    """
    found = __file_server__.unlock(backend, remote or "")
    told = [f"Removed update lock for {name} remote '{url}'" for name, urls in found.items() for url in urls]
    return {"cleared": told} if told else "No locks were removed"


def lock(backend: Backends = None, remote: str | None = None) -> dict[str, list[str]] | str:
    """Keep remote sources from being fetched, or those alone whose URL holds `remote`.

    CLI Example::

        saltern runner fileserver.lock
        saltern runner fileserver.lock backend=gitfs remote=github
    """
    found = __file_server__.lock(backend, remote or "")
    told = [f"Set update lock for {name} remote '{url}'" for name, urls in found.items() for url in urls]
    return {"locked": told} if told else "No locks were set"
