"""Encrypted devices: `/etc/crypttab`, and mapping by cryptsetup."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from saltern.plugin_api import CommandExecutionError, process
from saltern.plugin_api.program import ask
from saltern.plugin_api.whole_file import read_whole, write_whole

_FIELDS = ("name", "device", "password", "options")


class _Entry(NamedTuple):
    """A line of the file: what it says, or None where it says nothing."""

    line: str
    words: dict[str, str] | None


def __virtual__() -> bool | tuple[bool, str]:
    found = process.find_program("cryptsetup") is not None
    return found or (False, "The cryptdev module cannot be loaded: cryptsetup is not installed")


def active() -> dict[str, dict[str, str]]:
    """The devices that device-mapper has, by name: device (`devname`), `major` and `minor`.

    CLI Example::

        saltern run '*' cryptdev.active
    """
    answer = ask(["dmsetup", "ls", "--target", "crypt"])
    found = {}
    for line in answer.stdout.splitlines():
        name, _, numbers = line.partition("\t")
        major, mark, minor = numbers.strip("() ").replace(", ", ":").partition(":")
        if mark:
            found[name] = {"devname": name, "major": major, "minor": minor}
    return found


def crypttab(config: str = "/etc/crypttab") -> dict[str, dict[str, Any]]:
    """What the file says, by name: `device`, `password` (a key file, `none` or `-`) and `options`.

    CLI Example::

        saltern run '*' cryptdev.crypttab
    """
    found = {}
    for _, words in _entries(config):
        if words and words["device"] and words["password"]:
            options = words["options"].split(",") if words["options"] else []
            found[words["name"]] = {"device": words["device"], "password": words["password"], "options": options}
    return found


def rm_crypttab(name: str, config: str = "/etc/crypttab") -> str:
    """Remove a mapping from the file: `change`, or `absent` when it is not there.

    CLI Example::

        saltern run '*' cryptdev.rm_crypttab foo
    """
    if not Path(config).exists():
        raise CommandExecutionError(f"Could not read from {config}: there is no such file")
    entries = list(_entries(config))
    kept = [one.line for one in entries if not one.words or one.words["name"] != name]
    if len(kept) == len(entries):
        return "absent"
    write_whole(config, "".join(f"{line}\n" for line in kept))
    return "change"


def set_crypttab(
    name: str,
    device: str,
    password: str = "none",
    options: Any = "",
    config: str = "/etc/crypttab",
    test: bool = False,
    match_on: Any = "name",
) -> str:
    """Have a mapping in the file: `present`, `new` or `change`. With `test` nothing is written.

    `match_on` names the fields by which an entry is known again: `name`, `device`, `password`, `options`.

    CLI Example::

        saltern run '*' cryptdev.set_crypttab foo /dev/sdz1 mypassword swap,size=256
    """
    options = ",".join(str(one) for one in options) if isinstance(options, list | tuple) else str(options or "")
    wanted = {"name": name, "device": device, "password": password or "none", "options": options}
    fields = [match_on] if isinstance(match_on, str) else list(match_on)
    strange = [one for one in fields if one not in _FIELDS]
    if strange:
        raise CommandExecutionError(f'Unrecognized keys in match_on: "{", ".join(map(str, strange))}"')
    if not Path(config).parent.is_dir():
        raise CommandExecutionError(f'Bad config file "{config}"')
    entries = list(_entries(config))
    same = [one for one in entries if one.words and all(one.words[field] == wanted[field] for field in fields)]
    if same and same[0].words == wanted:
        return "present"
    if not test:
        line = f"{name:<12} {device:<44} {wanted['password']:<22} {options}"
        lines = [line if same and one is same[0] else one.line for one in entries]
        write_whole(config, "".join(f"{one}\n" for one in [*lines, *([] if same else [line])]))
    return "change" if same else "new"


def open(name: str, device: str, keyfile: str) -> bool:
    """Map an encrypted device by a key file; whether that was done.

    CLI Example::

        saltern run '*' cryptdev.open foo /dev/sdz1 /path/to/keyfile
    """
    if not keyfile or keyfile in ("none", "-"):
        raise CommandExecutionError("For immediate crypt device mapping, keyfile must not be none")
    return ask(["cryptsetup", "open", "--key-file", keyfile, device, name]).retcode == 0


def close(name: str) -> bool:
    """End the mapping of an encrypted device; whether that was done.

    CLI Example::

        saltern run '*' cryptdev.close foo
    """
    return ask(["cryptsetup", "close", name]).retcode == 0


def _entries(config: str) -> Iterator[_Entry]:
    for line in read_whole(config).splitlines():
        try:
            words = shlex.split(line, comments=True) if not line.lstrip().startswith("#") else []
        except ValueError:
            words = []
        filled = [*words, "", "", "", ""][: len(_FIELDS)]
        yield _Entry(line, dict(zip(_FIELDS, filled, strict=True)) if words else None)
