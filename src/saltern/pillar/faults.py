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

    def add(self, text: str) -> None:
        if text not in self.texts:
            log.error("%s", text)
            self.texts.append(text)

    def _logged(self, text: str, message: str) -> None:
        """Tell the minion `text`, and the log more than that."""
        if text not in self.texts:
            log.critical("%s", message)
            self.texts.append(text)

    def missing(self, sls: str, saltenv: str) -> None:
        self.add(f"Specified SLS '{sls}' in environment '{saltenv}' is not available on the salt master")

    def no_environment(self, saltenv: str) -> None:
        self.add(f"No matching pillar environment for environment '{saltenv}' found")

    def render(self, sls: str, error: RenderError) -> None:
        """An SLS file cannot be rendered: the minion is told where, and what only if that may be told."""
        if self._safe:
            told = f"Rendering SLS '{sls}' failed. Please see master log for details."
        else:
            told = f"Rendering SLS '{sls}' failed, render error:\n{error}"
        self._logged(_placed(told, error), _placed(f"Rendering SLS '{sls}' failed:\n{error}", error))

    def render_top(self, error: RenderError) -> None:
        """A top file cannot be rendered. It holds no values, so all is told."""
        self.add(_placed(f"Rendering Primary Top file failed, render error:\n{error}", error))

    def top(self, why: str) -> None:
        """A top file has not the form of one."""
        self.add(f"Error encountered while rendering pillar top file.\n{why}")


def _placed(told: str, error: RenderError) -> str:
    return f"{told}\nin {error.place}" if error.place else told
