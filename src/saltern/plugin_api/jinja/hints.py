"""What to do about an error in a template: the name that may have been meant, and usual slips."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Undefined
from jinja2.exceptions import TemplateNotFound, TemplateRuntimeError, TemplateSyntaxError, UndefinedError
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
    if isinstance(error, TemplateSyntaxError | TemplateRuntimeError):
        return _of_syntax(str(error.message))
    hint = getattr(error, "hint", "")
    return hint if isinstance(hint, str) else ""


_TAGS = ("if", "elif", "else", "endif", "for", "endfor", "set", "endset", "macro", "endmacro", "call", "endcall",
         "block", "endblock", "filter", "endfilter", "raw", "endraw", "import", "from", "include", "extends", "do",
         "load_yaml", "load_json", "load_text", "import_yaml", "import_json", "import_text", "with",
         "endwith")  # fmt: skip


def _of_syntax(problem: str) -> str:
    named = re.match(r"(?:No (filter|test) named|Encountered unknown (tag)) '(\w+)'", problem)
    if named is not None:
        kind, name = named[1] or named[2], named[3]
        expected = re.search(r"innermost block that needs to be closed is '(\w+)'", problem)
        if expected is not None:
            return f"Close the innermost block first: {{% end{expected[1]} %}}."
        if name.startswith("end"):
            return f"Nothing that {{% {name} %}} could close is open."
        return _did_you_mean(name, _names_of(kind))
    unclosed = re.search(r"innermost block that needs to be closed is '(\w+)'", problem)
    if unclosed is not None:
        return f"Close the block that begins here with {{% end{unclosed[1]} %}}."
    return next((advice for words, advice in _SLIPS if words in problem), "")


_SLIPS = (
    ("end of comment", "A comment ends with #}."),
    ("unexpected '}'", "An expression ends with }}, a tag with %}."),
    ("expected token 'end of print statement'", "An expression ends with }}; between two values stands an operator."),
    ("got '='", "To compare, write ==; a single = is for {% set %}."),
    ("unexpected char", "Names, numbers and quoted texts may stand here."),
)


def _names_of(kind: str) -> Iterable[str]:
    from jinja2.filters import FILTERS as DEFAULT_FILTERS
    from jinja2.tests import TESTS as DEFAULT_TESTS

    from saltern.plugin_api.jinja.filters import filters
    from saltern.plugin_api.jinja.tests import TESTS

    if kind == "tag":
        return _TAGS
    return [*DEFAULT_FILTERS, *filters()] if kind == "filter" else [*DEFAULT_TESTS, *TESTS]


def _of_undefined(undefined: Undefined | None, variables: Mapping[str, Any]) -> str:
    name = str(undefined._undefined_name) if undefined is not None else ""
    if undefined is None or not name:
        return ""
    owner = undefined._undefined_obj
    if owner is missing:
        seen = (known for known, value in variables.items() if value is not missing)
        return _did_you_mean(name, (known for known in seen if known != name))
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
