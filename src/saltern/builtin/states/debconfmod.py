"""Answers to the questions of Debian packages as states."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts

__virtualname__ = "debconf"

__opts__: Opts
__salt__: Functions
__env__: str

__func_alias__ = {"set_": "set"}

_HIDDEN = "(password hidden)"


def __virtual__() -> str | tuple[bool, str]:
    if "debconf.show" in __salt__:
        return __virtualname__
    return False, "The package debconf-utils is not installed"


def set_(name: str, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Have these questions of the package `name` answered: `{question: {type: select, value: Europe}}`."""
    known = __salt__["debconf.show"](name) or []
    same, failed = [], []
    changes: dict[str, str] = {}
    for question, wanted in data.items():
        try:
            kind, value = str(wanted["type"]), _written(wanted["value"])
        except (KeyError, TypeError):
            comment = f"The question {question} needs a 'type' and a 'value'"
            return {"name": name, "changes": {}, "result": False, "comment": comment}
        shown = _HIDDEN if kind == "password" else value
        if [question, kind, value] in known:
            same.append(question)
        elif __opts__["test"]:
            changes[question] = f"New value: {shown}"
        else:
            try:
                __salt__["debconf.set"](name, question, kind, value)
                changes[question] = shown
            except CommandExecutionError as error:
                changes[question] = "Failed to set!"
                failed.append(str(error))
    if failed:
        comment = "\n".join(["Some settings failed to be applied.", *failed])
        return {"name": name, "changes": changes, "result": False, "comment": comment}
    comment = f"Unchanged answers: {' '.join(same)}" if same else ""
    result = None if changes and __opts__["test"] else True
    return {"name": name, "changes": changes, "result": result, "comment": comment}


def set_file(
    name: str,
    source: str,
    template: str | None = None,
    context: Any = None,
    defaults: Any = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Have the answers of a file, which may be a template: a line `package question type answer` for each.

    What has its answer already is left alone.
    """
    if context is not None and not isinstance(context, dict):
        return _result(name, False, "Context must be formed as a dict")
    if defaults is not None and not isinstance(defaults, dict):
        return _result(name, False, "Defaults must be formed as a dict")
    try:
        missing = _missing(source, template, context, defaults)
    except CommandExecutionError as error:
        return _result(name, False, f"Unable to set debconf selections from file. {error}")
    if not missing:
        return _result(name, True, "Debconf selections are already set.")
    if __opts__["test"]:
        return _result(name, None, "Debconf selections would have been set.")
    try:
        for package, question, kind, value in missing:
            __salt__["debconf.set"](package, question, kind, value)
    except CommandExecutionError as error:
        return _result(name, False, f"Unable to set debconf selections from file. {error}")
    return _result(name, True, "Debconf selections were set.", {"set": [f"{one[0]} {one[1]}" for one in missing]})


def _missing(source: str, template: str | None, context: Any, defaults: Any) -> list[tuple[str, str, str, str]]:
    import tempfile

    known = __salt__["debconf.get_selections"]()
    with tempfile.TemporaryDirectory(prefix="debconf-") as folder:
        if template:
            copy = f"{folder}/selections"
            path = __salt__["cp.get_template"](source, copy, template, __env__, context=context, defaults=defaults)
        else:
            path = __salt__["cp.cache_file"](source, __env__)
        if not path:
            raise CommandExecutionError(f"{source} was not found.")
        with open(path, encoding="utf-8") as file:
            wanted = [one for one in map(_answer, file.read().replace("\\\n", "").splitlines()) if one]
    return [one for one in wanted if list(one[1:]) not in known.get(one[0], [])]


def _answer(line: str) -> tuple[str, str, str, str] | None:
    words = line.split(None, 3)
    if len(words) < 3 or line.lstrip().startswith("#") or words[2] == "seen":
        return None
    return words[0], words[1], words[2], words[3] if len(words) == 4 else ""


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _result(name: str, result: bool | None, comment: str, changes: Any = None) -> dict[str, Any]:
    return {"name": name, "changes": changes or {}, "result": result, "comment": comment}
