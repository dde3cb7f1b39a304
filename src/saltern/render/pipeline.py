"""Running a text through its renderers, one after the other."""

from __future__ import annotations

import difflib
from typing import Any

from saltern.errors import RenderError
from saltern.plugin_api.errors import DeliberateError
from saltern.plugin_api.rendered import SourceText
from saltern.render.result import Rendered
from saltern.render.stages import Stage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from saltern.plugins.table import FunctionTable

    Allowed = Callable[[str], bool]


class Pipeline:
    """The renderers of a plugin space, without those that the configuration keeps out."""

    def __init__(
        self, renderers: FunctionTable, *, whitelist: Sequence[str] = (), blacklist: Sequence[str] = ()
    ) -> None:
        self._renderers = renderers
        self._whitelist = whitelist
        self._blacklist = blacklist

    def run(
        self, source: SourceText, stages: Sequence[Stage], saltenv: str, sls: str | None, given: Mapping[str, Any]
    ) -> Rendered:
        """What the last stage gives; `RenderError` for whatever goes wrong in one. `given` are further arguments."""
        if not source.getvalue().strip():
            return Rendered({}, source.file, None)
        functions = [self._renderer(stage.renderer, source.file) for stage in stages]
        data: Any = source
        before: SourceText | None = None
        for stage, function in zip(stages, functions, strict=True):
            before = _text_before(data, source)
            try:
                data = self._run_stage(stage, function, data, before, saltenv, sls, given)
            except RenderError as error:
                error.file = error.file or source.file  # a stage that is handed data knows of no file
                raise
            if isinstance(data, SourceText):
                data.seek(0)
        if hasattr(data, "read"):
            data = data.read()
        return Rendered(data, source.file, before)

    def _run_stage(
        self,
        stage: Stage,
        function: Callable[..., Any],
        data: Any,
        before: SourceText | None,
        saltenv: str,
        sls: str | None,
        given: Mapping[str, Any],
    ) -> Any:
        try:
            return function(data, saltenv, sls, argline=stage.argline, renderers=self._renderers, **given)
        except RenderError as error:
            _put_place(error, before)
            raise
        except Exception as error:  # the boundary to a plugin
            file = before.file if before else ""
            line = _line_within(error, file)
            hint = "" if isinstance(error, DeliberateError) else _where_raised(error)
            raise RenderError(str(error), file=file, line=line, hint=hint, unforeseen=True) from error

    def _renderer(self, name: str, file: str) -> Callable[..., Any]:
        if name in self._blacklist or (self._whitelist and name not in self._whitelist):
            raise RenderError(
                f"The renderer '{name}' is not allowed here", file=file, line=1,
                hint="The options renderer_whitelist and renderer_blacklist decide that.",
            )  # fmt: skip
        key = f"{name}.render"
        if name and key in self._renderers:
            return self._renderers[key]
        close = difflib.get_close_matches(name, self._renderers.module_names(), 1)
        hint = f"Did you mean '{close[0]}'?" if close else ""
        reason = self._renderers.why_missing(key) if name else ""
        told = f" ({reason})" if "__virtual__" in reason else ""
        raise RenderError(f"The renderer '{name}' is not available{told}", file=file, line=1, hint=hint)


def _text_before(data: Any, source: SourceText) -> SourceText | None:
    """What a stage is handed, as a text with a name; None when it is data."""
    if isinstance(data, SourceText):
        return data
    if isinstance(data, str):
        return SourceText(data, file=source.file)
    return None


def _put_place(error: RenderError, before: SourceText | None) -> None:
    """Turn a line of the text that a stage was handed into a line of a file."""
    if before is None or (error.file and error.file != before.file):
        return
    error.file = error.file or before.file
    if not error.line:
        return
    origin = before.origin(error.line)
    if origin == (before.file, error.line):
        return
    told = f"{error.message}\nmade by {origin.file}, line {origin.line}"
    error.args = (told, *error.args[1:])
    error.file, error.line, error.column = origin.file, origin.line, 0


def _line_within(error: Exception, file: str) -> int:
    """The innermost line of a file of code that was being run; 0 where none of it was."""
    line, traceback = 0, error.__traceback__
    while traceback is not None:
        if file and traceback.tb_frame.f_code.co_filename == file:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _where_raised(error: Exception) -> str:
    """The line of code that raised it, which the text of an exception that nobody foresaw does not tell."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return ""
    return f"{type(error).__name__} in {traceback.tb_frame.f_code.co_filename}, line {traceback.tb_lineno}"
