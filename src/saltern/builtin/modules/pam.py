"""Reading the files of Linux-PAM."""

from __future__ import annotations

import re
from typing import Any

from saltern.plugin_api.whole_file import read_whole

_RULE = re.compile(r"(-?\w+)\s+(\[[^\]]*\]|\w+)\s+(\S+)\s*(.*)")


def read_file(file_name: str) -> Any:
    """The rules of a file, each with `interface`, `control_flag`, `module` and `arguments`; False when it has none.

    CLI Example::

        saltern run '*' pam.read_file /etc/pam.d/login
    """
    text = read_whole(file_name).replace("\\\n", " ")
    found = [_RULE.fullmatch(line.partition("#")[0].strip()) for line in text.splitlines()]
    rules = [
        {"interface": row[1], "control_flag": row[2], "module": row[3], "arguments": row[4].split()}
        for row in found
        if row
    ]
    return rules or False
