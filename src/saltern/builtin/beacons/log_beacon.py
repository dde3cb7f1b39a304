"""Tells of lines in a log file.

::

    beacons:
      log:
        - file: /var/log/auth.log
        - tags:
            accepted:
              regex: '.*Accepted (?:password|publickey) for .*'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saltern.plugin_api import Context
from saltern.plugin_api.beacon_options import GOOD, Verdict, is_list, options_of

__context__: Context

__virtualname__ = "log"

_MOST = 1 << 20
"""Bytes that are read at one look."""


def __virtual__() -> str:
    return __virtualname__


def validate(config: Any) -> Verdict:
    """Whether there is a file, and a regular expression for each tag."""
    if not (form := is_list(config, "log"))[0]:
        return form
    options = options_of(config)
    if not options.get("file"):
        return False, "Configuration for log beacon requires file."
    tags = options.get("tags")
    if not isinstance(tags, Mapping) or not all(isinstance(one, Mapping) and "regex" in one for one in tags.values()):
        return False, "Configuration for log beacon requires tags with a regex each."
    try:
        for one in tags.values():
            re.compile(str(one["regex"]))
    except re.error as error:
        return False, f"Configuration for log beacon: {error}"
    return GOOD


def beacon(config: Any) -> list[dict[str, Any]]:
    """Each line that was written since the last look and fits an expression; of the first look none."""
    options = options_of(config)
    found = []
    for line in _new_lines(Path(str(options["file"])), f"log {options.get('_beacon_name')}"):
        for tag, wanted in options["tags"].items():
            if re.match(str(wanted["regex"]), line):
                found.append({"tag": tag, "match": "yes", "raw": line, "error": ""})
    return found


def _new_lines(path: Path, key: str) -> list[str]:
    """What was added; a file that became smaller or another is read from its start."""
    try:
        now = path.stat()
    except OSError:
        return []
    mark = __context__.get(key)
    if mark is None:
        __context__[key] = (now.st_ino, now.st_size)
        return []
    inode, place = mark
    if inode != now.st_ino or now.st_size < place:
        place = 0
    with path.open("rb") as file:
        file.seek(place)
        data = file.read(_MOST)
    whole = data.rpartition(b"\n")[0]
    __context__[key] = (now.st_ino, place + (len(whole) + 1 if whole or data.startswith(b"\n") else 0))
    return whole.decode("utf-8", "replace").splitlines()
