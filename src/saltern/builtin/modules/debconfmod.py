"""Answers to the questions of Debian packages, kept by debconf; needs the package debconf-utils."""

from __future__ import annotations

import re
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, process

__virtualname__ = "debconf"

__salt__: Functions

__func_alias__ = {"set_": "set"}


def __virtual__() -> str | tuple[bool, str]:
    if process.find_program("debconf-get-selections") and process.find_program("debconf-set-selections"):
        return __virtualname__
    return False, "The package debconf-utils is not installed"


def get_selections(fetchempty: bool = True) -> dict[str, list[list[str]]]:
    """By package its questions, each with its type and the answer; with `fetchempty` those without an answer too.

    CLI Example::

        saltern run '*' debconf.get_selections
    """
    done = __salt__["cmd.run_all"](["debconf-get-selections"], python_shell=False, output_loglevel="quiet")
    if done["retcode"]:
        raise CommandExecutionError(f"debconf-get-selections: {done['stderr']}")
    found: dict[str, list[list[str]]] = {}
    for line in done["stdout"].splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        package, question, kind, value = (*line.split("\t", 3), "", "", "")[:4]
        if value or fetchempty:
            found.setdefault(package, []).append([question, kind, value])
    return found


def show(name: str) -> list[list[str]] | None:
    """The questions of a package, each with its type and the answer; None where it has none.

    CLI Example::

        saltern run '*' debconf.show tzdata
    """
    return get_selections().get(name)


def set_(package: str, question: str, type: str, value: Any, *extra: Any) -> bool:
    """Answer a question of a package. Further words are part of the answer.

    CLI Example::

        saltern run '*' debconf.set tzdata tzdata/Areas select Europe
    """
    answer = " ".join([_written(value), *(str(word) for word in extra)])
    _load(f"{package} {question} {type} {answer}\n")
    return True


def set_template(
    path: str,
    template: str,
    context: dict[str, Any] | None,
    defaults: dict[str, Any] | None,
    saltenv: str = "base",
    **kwargs: Any,
) -> bool:
    """Answer questions from a file that is rendered first; the lines are those of `debconf-set-selections`.

    CLI Example::

        saltern run '*' debconf.set_template salt://pathto/pkg.selections.jinja jinja None None
    """
    import tempfile

    with tempfile.TemporaryDirectory(prefix="debconf-") as folder:
        rendered = __salt__["cp.get_template"](
            path, f"{folder}/selections", template, saltenv, context=context, defaults=defaults, **kwargs
        )
        return set_file(rendered, saltenv) if rendered else False


def set_file(path: str, saltenv: str = "base", **kwargs: Any) -> bool:
    """Answer questions from a file of the tree, or of this host: a line `package question type answer` for each.

    CLI Example::

        saltern run '*' debconf.set_file salt://pathto/pkg.selections
    """
    place = __salt__["cp.cache_file"](path, saltenv)
    if not place:
        return False
    with open(place, encoding="utf-8") as file:
        _load(file.read())
    return True


def _load(selections: str) -> None:
    # An answer can be a password: by standard input nobody sees it among the processes.
    done = __salt__["cmd.run_all"](
        ["debconf-set-selections"], stdin=selections, python_shell=False, output_loglevel="quiet", hide_output=False
    )
    if done["retcode"]:
        said = re.sub(r"'.*'", "…", str(done["stderr"]))
        raise CommandExecutionError(f"debconf-set-selections: {said}")


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
