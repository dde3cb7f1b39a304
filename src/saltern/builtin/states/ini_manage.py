"""Options and sections of INI files."""

from __future__ import annotations

from saltern.plugin_api import Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__salt__: Functions

__virtualname__ = "ini"


def __virtual__() -> str:
    return __virtualname__


def options_present(
    name: str,
    sections: dict[str, Any] | None = None,
    separator: str = "=",
    strict: bool = False,
    encoding: str | None = None,
    no_spaces: bool = False,
) -> dict[str, Any]:
    """Options have these values; with `strict` the sections that are named have no others."""
    known = __salt__["ini.get_ini"](name, separator, encoding)
    wanted = sections or {}
    said = [text for section, value in wanted.items() for text in _differences(section, value, known)]
    surplus = {
        section: [option for option in known.get(section, {}) if option not in value]
        for section, value in wanted.items()
        if strict and isinstance(value, dict) and isinstance(known.get(section), dict)
    }
    said += [f"Deleted key {option} in section {section}.\n" for section, names in surplus.items() for option in names]
    if __opts__["test"]:
        return _result(name, {}, None if said else True, "".join(said) or "No changes detected.")
    if not said:
        return _result(name, {}, True, "No anomaly detected")
    changes = dict(__salt__["ini.set_option"](name, wanted, separator, encoding, no_spaces))
    for section, names in surplus.items():
        for option in names:
            before = __salt__["ini.remove_option"](name, section, option, separator, encoding)
            changes.setdefault(section, {})[option] = {"before": before, "after": None}
    return _result(name, changes, True, "Changes take effect" if changes else "No anomaly detected")


def options_absent(
    name: str, sections: dict[str, Any] | None = None, separator: str = "=", encoding: str | None = None
) -> dict[str, Any]:
    """Options are not there: `{section: [options]}`, or names for options before all sections."""
    known = __salt__["ini.get_ini"](name, separator, encoding)
    gone = [
        (section, option)
        for section, names in (sections or {}).items()
        for option in (names if isinstance(names, list) else [names] if names else [section])
        if option in (known.get(section, {}) if isinstance(known.get(section), dict) else known)
    ]
    if __opts__["test"]:
        said = "".join(f"Deleted key {option} in section {section}.\n" for section, option in gone)
        return _result(name, {}, None if gone else True, said or "No changes detected.")
    changes: dict[str, Any] = {}
    for section, option in gone:
        inside = isinstance(known.get(section), dict)
        before = __salt__["ini.remove_option"](name, section if inside else "", option, separator, encoding)
        if inside:
            changes.setdefault(section, {})[option] = before
        else:
            changes[option] = before
    return _result(name, changes, True, "Changes take effect" if changes else "No anomaly detected")


def sections_present(
    name: str, sections: dict[str, Any] | None = None, separator: str = "=", encoding: str | None = None
) -> dict[str, Any]:
    """Sections are there, with these options and no others."""
    known = __salt__["ini.get_ini"](name, separator, encoding)
    wanted = {
        section: {str(option): str(value) for option, value in (options or {}).items()}
        for section, options in (sections or {}).items()
    }
    different = {section: options for section, options in wanted.items() if known.get(section) != options}
    if __opts__["test"]:
        said = "".join(f"Changed section {section}.\n" for section in different)
        return _result(name, {}, None if different else True, said or "No changes detected.")
    for section in different:
        if section in known:
            __salt__["ini.remove_section"](name, section, separator, encoding)
    changes = dict(__salt__["ini.set_option"](name, different, separator, encoding)) if different else {}
    return _result(name, changes, True, "Changes take effect" if changes else "No anomaly detected")


def sections_absent(
    name: str, sections: list[str] | None = None, separator: str = "=", encoding: str | None = None
) -> dict[str, Any]:
    """Sections are not there."""
    known = __salt__["ini.get_ini"](name, separator, encoding)
    gone = [section for section in sections or () if section in known]
    if __opts__["test"]:
        said = "".join(f"Deleted section {section}.\n" for section in gone)
        return _result(name, {}, None if gone else True, said or "No changes detected.")
    changes = {section: __salt__["ini.remove_section"](name, section, separator, encoding) for section in gone}
    return _result(name, changes, True, "Changes take effect" if changes else "No anomaly detected")


def _differences(section: str, value: Any, known: dict[str, Any]) -> list[str]:
    if not isinstance(value, dict):
        return [] if str(known.get(section)) == str(value) else [f"Changed key {section}.\n"]
    have = known.get(section)
    have = have if isinstance(have, dict) else {}
    return [
        f"Changed key {option} in section {section}.\n"
        for option, wanted in value.items()
        if str(option) not in have or have[str(option)] != str(wanted)
    ]


def _result(name: str, changes: dict[str, Any], result: bool | None, comment: str) -> dict[str, Any]:
    return {"name": name, "changes": changes, "result": result, "comment": comment}
