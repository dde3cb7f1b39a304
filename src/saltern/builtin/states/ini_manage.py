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
    surplus = _surplus(wanted, known) if strict else []
    differing = [one for one in _options(wanted) if _known(known, *one[:2]) != str(one[2])]
    if __opts__["test"]:
        said = [f"{'Deleted' if one[0] else 'Removed'} key {_named(*one)}.\n" for one in surplus]
        said += [
            f"{'Changed' if one in differing else 'Unchanged'} key {_named(*one[:2])}.\n" for one in _options(wanted)
        ]
        return _result(name, {}, None if surplus or differing else True, "".join(said))
    if not surplus and not differing:
        return _result(name, {}, True, "No anomaly detected")
    changes = dict(__salt__["ini.set_option"](name, wanted, separator, encoding, no_spaces))
    for section, option in surplus:
        before = __salt__["ini.remove_option"](name, section, option, separator, encoding)
        told = changes.setdefault(section, {}) if section else changes
        told[option] = {"before": before, "after": None}
    return _result(name, changes, True, "Changes take effect" if changes else "No anomaly detected")


def options_absent(
    name: str, sections: dict[str, Any] | None = None, separator: str = "=", encoding: str | None = None
) -> dict[str, Any]:
    """Options are not there: `{section: [options]}`, or names for options before all sections."""
    known = __salt__["ini.get_ini"](name, separator, encoding)
    unwanted = [
        (section, option) if isinstance(known.get(section), dict) or isinstance(names, list) else ("", section)
        for section, names in (sections or {}).items()
        for option in (names if isinstance(names, list) else [names])
        if not isinstance(names, dict)
    ]
    gone = [one for one in unwanted if _known(known, *one) is not None]
    if __opts__["test"]:
        said = "".join(
            f"Deleted key {_named(*one)}.\n" if one in gone else f"Key {_named(*one)} does not exist.\n"
            for one in unwanted
        )
        return _result(name, {}, None if gone else True, said or "No changes detected.")
    changes: dict[str, Any] = {}
    for section, option in gone:
        before = __salt__["ini.remove_option"](name, section, option, separator, encoding)
        (changes.setdefault(section, {}) if section else changes)[option] = before
    return _result(name, changes, True, "Changes take effect" if changes else "No anomaly detected")


def sections_present(
    name: str,
    sections: dict[str, Any] | list[str] | None = None,
    separator: str = "=",
    encoding: str | None = None,
) -> dict[str, Any]:
    """Sections are there, with these options and no others; of a list of sections the options do not matter."""
    known = __salt__["ini.get_ini"](name, separator, encoding)
    wanted: dict[str, dict[str, str]] = {}
    for section in sections or ():
        options = sections.get(section) if isinstance(sections, dict) else known.get(section)
        wanted[section] = {str(option): str(value) for option, value in (options or {}).items()}
    different = {section: options for section, options in wanted.items() if known.get(section) != options}
    if __opts__["test"]:
        verbs = {one: "Changed section" if one in known else "Created new section" for one in different}
        said = "".join(f"{verbs.get(section, 'Section unchanged')} {section}.\n" for section in wanted)
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
        said = "".join(
            f"Deleted section {section}.\n" if section in gone else f"Section {section} does not exist.\n"
            for section in sections or ()
        )
        return _result(name, {}, None if gone else True, said or "No changes detected.")
    changes = {section: __salt__["ini.remove_section"](name, section, separator, encoding) for section in gone}
    return _result(name, changes, True, "Changes take effect" if changes else "No anomaly detected")


def _options(sections: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """Section, name and value of each option; those before all sections have an empty one."""
    found: list[tuple[str, str, Any]] = []
    for section, value in sections.items():
        if isinstance(value, dict):
            found += [(section, str(option), one) for option, one in value.items()]
        else:
            found.append(("", section, value))
    return found


def _known(known: dict[str, Any], section: str, option: str) -> Any:
    """The value of an option; None where it is not there."""
    options = known.get(section) if section else known
    found = options.get(str(option)) if isinstance(options, dict) else None
    return None if isinstance(found, dict) else found


def _surplus(wanted: dict[str, Any], known: dict[str, Any]) -> list[tuple[str, str]]:
    """The options that nobody wants, of the sections that are wanted and of those before all sections."""
    names = {one[:2] for one in _options(wanted)}
    there = [one[:2] for one in _options({key: value for key, value in known.items() if not isinstance(value, dict)})]
    sections = {section: known[section] for section in wanted if isinstance(known.get(section), dict)}
    return [one for one in [*there, *(one[:2] for one in _options(sections))] if one not in names]


def _named(section: str, option: str) -> str:
    return f"{option} in section {section}" if section else option


def _result(name: str, changes: dict[str, Any], result: bool | None, comment: str) -> dict[str, Any]:
    return {"name": name, "changes": changes, "result": result, "comment": comment}
