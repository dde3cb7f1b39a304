"""What went wrong in a compilation, in the words that the minion is told (behaviour PIL-06)."""

from __future__ import annotations

import logging

from saltern.errors import RenderError

log = logging.getLogger(__name__)


class Faults:
    """Texts, each told once. If `safe`, no message of a renderer is among them: values stand in messages too."""

    def __init__(self, *, safe: bool = True) -> None:
        self.texts: list[str] = []
        self._safe = safe

    def add(self, text: str, place: str = "", hint: str = "") -> None:
        """Tell the minion `text`; the log, too, with the place in a file and what to do about it."""
        if text not in self.texts:
            log.error("%s%s%s", f"{place}: " if place else "", text, f"\nHint: {hint}" if hint else "")
            self.texts.append(text)

    def _logged(self, text: str, message: str) -> None:
        """Tell the minion `text`, and the log more than that."""
        if text not in self.texts:
            log.critical("%s", message)
            self.texts.append(text)

    def missing(self, sls: str, saltenv: str, place: str = "", hint: str = "") -> None:
        self.add(f"Specified SLS '{sls}' in environment '{saltenv}' is not available on the salt master", place, hint)

    def no_environment(self, saltenv: str, place: str = "", hint: str = "") -> None:
        self.add(f"No matching pillar environment for environment '{saltenv}' found", place, hint)

    def render(self, sls: str, error: RenderError) -> None:
        """An SLS file cannot be rendered: the minion is told where, and what only if that may be told."""
        if self._safe:
            told = f"Rendering SLS '{sls}' failed. Please see master log for details."
        else:
            told = f"Rendering SLS '{sls}' failed, render error:\n{error}"
        self._logged(_placed(told, error), _placed(f"Rendering SLS '{sls}' failed:\n{error}{_duplicate(error)}", error))

    def render_top(self, error: RenderError) -> None:
        """A top file cannot be rendered. It holds no values, so all is told."""
        self.add(_placed(f"Rendering Primary Top file failed, render error:\n{error}", error))

    def top(self, why: str, place: str = "", hint: str = "") -> None:
        """A top file has not the form of one."""
        self.add(f"Error encountered while rendering pillar top file.\n{why}", place, hint)


def _duplicate(error: RenderError) -> str:
    return "\nHint: Rename one of the two, or take it away." if "conflicting ID" in error.message else ""


def _placed(told: str, error: RenderError) -> str:
    return f"{told}\nin {error.place}" if error.place else told
