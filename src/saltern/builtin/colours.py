"""Colours of a terminal by Salt's names, with the themes of `color_theme`.

A theme is a YAML file of names to codes, such as `CYAN: "0;36"`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CODES = {
    "BLACK": "0;30",
    "DARK_GRAY": "0;1;30",
    "RED": "0;31",
    "LIGHT_RED": "0;1;31",
    "GREEN": "0;32",
    "LIGHT_GREEN": "0;1;32",
    "YELLOW": "0;33",
    "LIGHT_YELLOW": "0;1;33",
    "BLUE": "0;34",
    "LIGHT_BLUE": "0;1;34",
    "MAGENTA": "0;35",
    "LIGHT_MAGENTA": "0;1;35",
    "CYAN": "0;36",
    "LIGHT_CYAN": "0;1;36",
    "LIGHT_GRAY": "0;37",
    "WHITE": "0;1;37",
    "DEFAULT_COLOR": "00",
    "ENDC": "0;0",
}


class Palette:
    """Paints texts, or leaves them as they are when there are to be no colours."""

    def __init__(self, opts: dict[str, Any]) -> None:
        self._codes = _codes(opts.get("color_theme")) if opts.get("color") else {}
        self.strips = bool(opts.get("strip_colors", True))

    def start(self, colour: str) -> str:
        return f"\x1b[{self._codes[colour]}m" if self._codes else ""

    @property
    def end(self) -> str:
        return self.start("ENDC")

    def paint(self, colour: str, text: str) -> str:
        return f"{self.start(colour)}{text}{self.end}"

    def clean(self, text: str) -> str:
        """A text of a minion's with its escape characters made harmless, unless they are wanted."""
        return text.replace("\x1b", "?") if self.strips else text


def _codes(theme: Any) -> dict[str, str]:
    if not theme:
        return _CODES
    # Themes are rare, YAML is slow to import.
    import yaml

    try:
        with open(theme, encoding="utf-8") as file:
            named = yaml.safe_load(file)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        _log(f"the colour theme {theme} cannot be read: {error}")
        return _CODES
    return {**_CODES, **{str(name): str(code) for name, code in named.items()}} if isinstance(named, dict) else _CODES


def _log(message: str) -> None:
    import logging

    logging.getLogger(__name__).warning(message)
