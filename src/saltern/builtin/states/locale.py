"""The locale of the system, and the locales that programs may use."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "locale.get_locale" in __salt__ or (False, "there is no module for the locales of this system")


def system(name: str) -> dict[str, Any]:
    """The system has this locale."""
    if __salt__["locale.get_locale"]() == name:
        return result_of(name, True, f"System locale {name} already set")
    if __opts__["test"]:
        return result_of(name, None, f"System locale {name} needs to be set")
    if __salt__["locale.set_locale"](name):
        return result_of(name, True, f"Set system locale {name}", {"locale": name})
    return result_of(name, False, f"Failed to set system locale to {name}")


def present(name: str) -> dict[str, Any]:
    """Programs may use this locale."""
    if __salt__["locale.avail"](name):
        return result_of(name, True, f"Locale {name} is already present")
    if __opts__["test"]:
        return result_of(name, None, f"Locale {name} needs to be generated")
    if __salt__["locale.gen_locale"](name):
        return result_of(name, True, f"Generated locale {name}", {"locale": name})
    return result_of(name, False, f"Failed to generate locale {name}")
