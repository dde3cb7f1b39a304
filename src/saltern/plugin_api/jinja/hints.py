"""What to do about an error in a template: the name that may have been meant, and usual slips."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from jinja2 import Undefined
from jinja2.exceptions import TemplateNotFound, UndefinedError
from jinja2.utils import missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def hint_for(error: Exception, variables: Mapping[str, Any]) -> str:
    """A sentence, or an empty text. `variables` are those that the template could see."""
    if isinstance(error, UndefinedError):
        return _of_undefined(_undefined(error), variables)
    if isinstance(error, TemplateNotFound):
        return "There is no such file in this environment of the file tree; a path counts from the tree's root."
    hint = getattr(error, "hint", "")
    return hint if isinstance(hint, str) else ""


def _of_undefined(undefined: Undefined | None, variables: Mapping[str, Any]) -> str:
    name = str(undefined._undefined_name) if undefined is not None else ""
    if undefined is None or not name:
        return ""
    owner = undefined._undefined_obj
    if owner is missing:
        return _did_you_mean(name, [known for known, value in variables.items() if value is not missing])
    if hasattr(owner, "why_missing"):
        return _of_functions(owner, name)
    return _did_you_mean(name, map(str, owner)) if isinstance(owner, Mapping) else ""


def _of_functions(functions: Any, name: str) -> str:
    try:
        functions[name]
    except KeyError as error:
        return str(getattr(error, "hint", ""))
    return ""


def _undefined(error: UndefinedError) -> Undefined | None:
    """The undefined value that was used."""
    traceback = error.__traceback__
    while traceback is not None:
        value = traceback.tb_frame.f_locals.get("self")
        if isinstance(value, Undefined):
            return value
        traceback = traceback.tb_next
    return None


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1, 0.8)
    return f"Did you mean '{close[0]}'?" if close else ""
