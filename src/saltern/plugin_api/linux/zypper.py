"""Parsers of what zypper prints with `--xmlout`, of its locks, and of its repositories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LOCKS = "/etc/zypp/locks"
REPOSITORIES = "/etc/zypp/repos.d"
CACHE = "/var/cache/zypp"

NOT_FOUND = 104
_GOOD = (0, 100, 101, 102, 103, 106, 107)
"""Exit codes of zypper that tell of no failure: something is to be updated, rebooted, restarted, was skipped."""

_SWITCHES = ("enabled", "autorefresh", "gpgcheck", "repo_gpgcheck", "pkg_gpgcheck", "keeppackages")


def failed(retcode: int) -> bool:
    return retcode not in _GOOD


def tree(text: str) -> Element:
    """The document; an empty one for a text that is none."""
    from xml.etree import ElementTree

    start = text.find("<?xml")
    try:
        return ElementTree.fromstring(text[start:] if start >= 0 else text)  # noqa: S314  (zypper of this machine wrote it)
    except ElementTree.ParseError:
        return ElementTree.Element("stream")


def errors(text: str) -> list[str]:
    """What went wrong, in zypper's words: its messages, and the problems that it would have asked about."""
    root = tree(text)
    said = [one.text or "" for one in root.iter("message") if one.get("type") == "error"]
    asked = [one.findtext("description") or "" for one in root.iter("prompt")]
    return [one.strip() for one in (*said, *asked) if one.strip()]


def updates(text: str) -> dict[str, str]:
    """`list-updates`: name to new version."""
    found = (one for one in tree(text).iter("update") if one.get("kind", "package") == "package")
    return {one.get("name", ""): one.get("edition", "") for one in found}


def solvables(text: str) -> list[dict[str, str]]:
    """`search`: the attributes of each package that was found."""
    return [dict(one.attrib) for one in tree(text).iter("solvable")]


def patches(text: str) -> dict[str, dict[str, Any]]:
    """`patches`: name to whether it is installed, and its summary."""
    return {
        one.get("name", ""): {"installed": one.get("status") == "applied", "summary": one.findtext("summary") or ""}
        for one in tree(text).iter("update")
    }


def products(text: str) -> list[dict[str, Any]]:
    """`products`: their attributes, with what is yes or no as such."""
    found = []
    for one in tree(text).iter("product"):
        fields: dict[str, Any] = {name: _truth(value) for name, value in one.attrib.items()}
        fields["description"] = " ".join((one.findtext("descr") or "").split())
        life = one.find("endoflife")
        if life is not None and life.get("text"):
            fields["eol"] = life.get("text")
        found.append(fields)
    return found


def downloads(text: str) -> dict[str, dict[str, str]]:
    """`download`: name to where it is from and where it lies."""
    found = {}
    for one in tree(text).iter("download-result"):
        solvable, repository, file = one.find("solvable"), one.find(".//repository"), one.find("localfile")
        if solvable is not None and repository is not None and file is not None:
            found[solvable.findtext("name") or ""] = {
                "repository-name": repository.get("name", ""),
                "repository-alias": repository.get("alias", ""),
                "path": file.get("path", ""),
            }
    return found


def info(text: str) -> dict[str, dict[str, Any]]:
    """`info -t package` as text: name to what the repositories say of it, with lower-case keys."""
    found: dict[str, dict[str, Any]] = {}
    fields: dict[str, Any] = {}
    name = key = ""
    for line in text.splitlines():
        word, colon, value = (part.strip() for part in line.partition(":"))
        if line.startswith("Information for package "):
            name, key, fields = word.split()[-1], "", {}
            found[name] = fields
        elif line[:1] == " " and key:
            fields[key] = f"{fields[key]} {line.strip()}".strip()
        elif colon and name and word.lower() not in ("name",) and not word.startswith("-"):
            key = word.lower()
            fields[key] = value
    for fields in found.values():
        status = fields.get("status", "")
        fields["installed"] = fields.get("installed", "").lower().startswith("yes")
        fields["status"] = status.split(" (")[0]
    return found


def locks(text: str) -> dict[str, dict[str, str]]:
    """The file of locks: name to its fields."""
    found: dict[str, dict[str, str]] = {}
    for block in text.split("\n\n"):
        fields: dict[str, str] = {}
        for line in block.splitlines():
            key, colon, value = line.partition(":")
            if colon and not line.startswith("#"):
                fields[key.strip()] = value.strip()
        name = fields.pop("solvable_name", "")
        if name:
            found[name] = fields
    return found


def repository(alias: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a repository with what is on or off as such, and its alias."""
    found = {name: _switch(value) if name in _SWITCHES else value for name, value in options.items()}
    return {**found, "alias": alias}


def change_words(arguments: Mapping[str, Any]) -> list[str]:
    """The options of `zypper modifyrepo` for the arguments of `pkg.mod_repo`."""
    switches = (("enabled", "able"), ("refresh", "refresh"), ("cache", "keep-packages"), ("gpgcheck", "gpgcheck"))
    words = []
    for name, option in switches:
        if arguments.get(name) is not None:
            on = bool(arguments[name])
            words.append(f"--{'en' if on else 'dis'}able" if option == "able" else f"--{'' if on else 'no-'}{option}")
    if arguments.get("priority") is not None:
        words.append(f"--priority={arguments['priority']}")
    if arguments.get("humanname"):
        words.append(f"--name={arguments['humanname']}")
    return words


def foreseen(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The options that a repository would have by the arguments of `pkg.mod_repo`."""
    names = {"enabled": "enabled", "refresh": "autorefresh", "cache": "keeppackages", "gpgcheck": "gpgcheck"}
    found: dict[str, Any] = {
        option: bool(arguments[name]) for name, option in names.items() if arguments.get(name) is not None
    }
    if arguments.get("priority") is not None:
        found["priority"] = str(arguments["priority"])
    if arguments.get("humanname"):
        found["name"] = arguments["humanname"]
    return found


def package_names(found: Iterable[Mapping[str, str]]) -> list[str]:
    return sorted({one["name"] for one in found if one.get("kind", "package") == "package"})


def _truth(text: str) -> Any:
    return {"true": True, "false": False, "yes": True, "no": False}.get(text, text)


def _switch(value: Any) -> bool:
    return str(value).lower() in ("1", "yes", "true", "on")
