"""Which renderers a text goes through: its `#!` line, or the default (behaviour RND-01)."""

from __future__ import annotations

import re
from typing import NamedTuple

_OLD_NAME = re.compile(r"(yaml|yamlex|json)_(\w+)$")


class Stage(NamedTuple):
    """A renderer and the rest of its words."""

    renderer: str
    argline: str


def stages_of(text: str, default: str) -> list[Stage]:
    """The stages that a text names in its first line, or else those of `default` (`jinja|yaml`).

    A first line that begins with `#!/` names a program and no renderer.
    """
    first = text.partition("\n")[0]
    named = first[2:] if first.startswith("#!") and not first.startswith("#!/") else default
    return [stage for part in named.split("|") for stage in _stages(part.strip())]


def _stages(part: str) -> list[Stage]:
    name, _, argline = part.partition(" ")
    old = _OLD_NAME.match(name)
    if old is not None:  # `yaml_jinja` of old releases is `jinja|yaml`
        return [Stage(old[2], ""), Stage(old[1], argline.strip())]
    return [Stage(name, argline.strip())]
