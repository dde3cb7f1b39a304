"""What went wrong in a template: Salt's words for it, the file and line it is in, and the way there."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from jinja2 import Template
from jinja2.exceptions import (
    TemplateRuntimeError,
    TemplateSyntaxError,
    UndefinedError,
)

from saltern.errors import RenderError
from saltern.plugin_api.errors import UnfitTypeError
from saltern.plugin_api.excerpt import excerpt
from saltern.plugin_api.jinja.hints import hint_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_IMPORTED_IN = re.compile(r"(\(imported on line \d+) in '[^']*'\)")
_OF_FUNCTIONS = frozenset(("CommandExecutionError", "SaltInvocationError"))


class Step(NamedTuple):
    """A line of a template on the way to the place where an exception was raised."""

    name: str
    line: int


def fault_of(
    error: Exception, name: str, source_of: Callable[[str], str | None], shown: Callable[[str], str]
) -> RenderError:
    """The `RenderError` for an exception in the template `name`.

    `source_of` gives the text of a template by its path, `shown` what an error calls it.
    """
    steps = _steps(error, name)
    *through, place = steps
    source = source_of(place.name)
    problem = _problem(error)
    if place.line:
        problem += f"; line {place.line}"
    if place.line and source is not None:
        # Salt shows the lines of the outermost template, at a line of the innermost.
        problem += f"\n\n{excerpt(source, place.line)}"
    if through:
        problem += "\n" + "\n".join(_way(through, place, shown))
    return RenderError(
        problem,
        file=shown(place.name),
        line=place.line,
        includes=tuple(f"{shown(step.name)}:{step.line}" for step in through),
        hint=hint_for(error, _context(error)),
    )


def _problem(error: Exception) -> str:
    if isinstance(error, UndefinedError):
        # Salt's template has no name, so that this one does not stand in its words.
        told = _IMPORTED_IN.sub(r"\1)", str(error.message))
        return f"Jinja variable {told}"
    if isinstance(error, TemplateSyntaxError | TemplateRuntimeError):
        return f"Jinja syntax error: {error.message}"
    blames_function = any(base.__name__ in _OF_FUNCTIONS for base in type(error).__mro__)
    if blames_function and not isinstance(error, UnfitTypeError):
        return f"Problem running salt function in Jinja template: {error}"
    if isinstance(error, RenderError):
        return f"Jinja error: {error.message}"
    return f"Jinja error: {error}\n{type(error).__name__}: {error}"


def _way(through: list[Step], place: Step, shown: Callable[[str], str]) -> Iterator[str]:
    """The line of the innermost template, and below it those through which it was come there."""
    yield f"in {shown(place.name)}, line {place.line}"
    for step in reversed(through):
        yield f"  from {shown(step.name)}, line {step.line}"


def _steps(error: Exception, name: str) -> list[Step]:
    """The lines of templates that were being rendered, the outermost first; at least one."""
    steps: list[Step] = []
    for frame, line in _frames(error):
        template = frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template) and (number := template.get_corresponding_lineno(line)):
            step = Step(template.name or name, number)
            # A macro's own frames stand for the template that holds it; the caller's line was seen before.
            if not steps or steps[-1] != step:
                steps.append(step)
    if isinstance(error, TemplateSyntaxError):
        steps.append(Step(error.name or name, error.lineno))
    return _without_own_calls(steps) or [Step(name, 0)]


def _without_own_calls(steps: list[Step]) -> list[Step]:
    """Of the steps within one template the last one counts: a macro or block of it was at work."""
    return [step for at, step in enumerate(steps) if at + 1 == len(steps) or steps[at + 1].name != step.name]


def _frames(error: Exception) -> Iterator[tuple[FrameType, int]]:
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback.tb_frame, traceback.tb_lineno
        traceback = traceback.tb_next


def _context(error: Exception) -> dict[str, Any]:
    """The variables that the innermost template could see."""
    seen: dict[str, Any] = {}
    for frame, _ in _frames(error):
        if "__jinja_template__" in frame.f_globals:
            context = frame.f_locals.get("context")
            if context is not None:
                seen.update(context.get_all())
            seen.update({_plain_name(name): value for name, value in frame.f_locals.items() if name.startswith("l_")})
    return seen


def _plain_name(local: str) -> str:
    """The template's name of a variable that Jinja keeps as `l_<depth>_<name>`."""
    return local.split("_", 2)[2]
