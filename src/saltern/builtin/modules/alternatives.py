"""Programs of which a system has several, and the links that choose among them (update-alternatives(1))."""

from __future__ import annotations

from pathlib import Path

from saltern.plugin_api import Functions, Grains, process

__salt__: Functions
__grains__: Grains

__func_alias__ = {"set_": "set"}

_PROGRAMS = ("update-alternatives", "alternatives")


def __virtual__() -> bool | tuple[bool, str]:
    if any(process.find_program(one) for one in _PROGRAMS):
        return True
    return False, "there is neither update-alternatives nor alternatives here"


def display(name: str) -> str:
    """What the system knows of a group of alternatives.

    CLI Example::

        saltern run '*' alternatives.display editor
    """
    return _run("--display", name)[1]


def show_link(name: str) -> str | bool:
    """The link of a group, from which programs are called; False where there is no such group.

    CLI Example::

        saltern run '*' alternatives.show_link editor
    """
    for folder in ("/var/lib/dpkg/alternatives", "/var/lib/rpm/alternatives", "/var/lib/alternatives"):
        place = Path(folder, name)
        if place.is_file():
            lines = place.read_text(errors="replace").splitlines()
            return lines[1] if len(lines) > 1 else False
    return False


def show_current(name: str) -> str | bool:
    """The path that a group leads to now; False where it leads nowhere.

    CLI Example::

        saltern run '*' alternatives.show_current editor
    """
    link = Path("/etc/alternatives", name)
    return str(link.readlink()) if link.is_symlink() else False


def check_exists(name: str, path: str) -> bool:
    """Whether a path is one of a group.

    CLI Example::

        saltern run '*' alternatives.check_exists awk /usr/bin/mawk
    """
    retcode, text = _run("--display", name)
    return retcode == 0 and any(line.partition(" - ")[0] == path for line in text.splitlines())


def check_installed(name: str, path: str) -> bool:
    """Whether a group leads to this path now.

    CLI Example::

        saltern run '*' alternatives.check_installed awk /usr/bin/mawk
    """
    return show_current(name) == path


def install(name: str, link: str, path: str, priority: int) -> str:
    """Have a path in a group, with the priority by which the best is chosen; makes the group.

    CLI Example::

        saltern run '*' alternatives.install editor /usr/bin/editor /usr/bin/emacs23 50
    """
    return _run("--install", link, name, path, str(priority))[1]


def remove(name: str, path: str) -> str:
    """Take a path out of a group.

    CLI Example::

        saltern run '*' alternatives.remove editor /usr/bin/emacs23
    """
    return _run("--remove", name, path)[1]


def auto(name: str) -> str:
    """Let a group lead to the path of the highest priority.

    CLI Example::

        saltern run '*' alternatives.auto editor
    """
    return _run("--auto", name)[1]


def set_(name: str, path: str) -> str:
    """Let a group lead to a path, whatever the priorities are.

    CLI Example::

        saltern run '*' alternatives.set editor /usr/bin/vim.basic
    """
    return _run("--set", name, path)[1]


def _run(*words: str) -> tuple[int, str]:
    program = next((one for one in _PROGRAMS if process.find_program(one)), _PROGRAMS[0])
    done = __salt__["cmd.run_all"]([program, *words], python_shell=False, ignore_retcode=words[0] == "--display")
    return int(done["retcode"]), str(done["stdout"] if done["retcode"] == 0 else done["stderr"] or done["stdout"])
