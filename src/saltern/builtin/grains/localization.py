"""Language, encoding and time zone of this process."""

from __future__ import annotations

import locale
import os
import sys
import time

__grains_keys__ = {"locale_info": ("locale_info",)}

_VARIABLES = ("LC_ALL", "LC_CTYPE", "LANG", "LANGUAGE")


def locale_info() -> dict[str, dict[str, str | None]]:
    language, encoding = _default_locale()
    return {
        "locale_info": {
            "defaultlanguage": language,
            "defaultencoding": encoding,
            "detectedencoding": sys.getfilesystemencoding(),
            "timezone": time.strftime("%Z"),
        }
    }


def _default_locale() -> tuple[str | None, str | None]:
    """Language and encoding that the environment asks for; both None for the C locale."""
    wanted = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), "C")
    language, _, encoding = locale.normalize(wanted.split(":")[0]).partition(".")
    return (None, None) if language in ("C", "POSIX") else (language, encoding or None)
