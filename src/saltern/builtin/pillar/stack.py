"""A stack of YAML files that a list names, each merged over what the ones before it gave.

The list and the files are Jinja templates. A line of the list is a path from its directory, and may be a glob.
"""

from __future__ import annotations

import glob
import os
from functools import partial

from saltern.plugin_api import Functions, Grains, MinionError, Opts
from saltern.plugin_api.nested import traverse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__opts__: Opts
__salt__: Functions
__grains__: Grains


def ext_pillar(minion_id: str, pillar: dict[str, Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """The data of all stacks: `args` are paths of lists, `kwargs` choose paths by a value.

    A keyword such as `pillar:environment`, `grains:os` or `opts:id` leads to a dictionary: the value there to the path,
    or the paths.
    """
    stack: dict[str, Any] = {}
    for path in (*args, *_chosen(pillar, kwargs)):
        if os.path.isfile(path):
            stack = _stacked(path, minion_id, pillar, stack)
    return stack


def _chosen(pillar: dict[str, Any], choices: dict[str, Any]) -> Iterator[str]:
    known = {"pillar": pillar, "grains": __grains__, "opts": __opts__}
    for where, paths in choices.items():
        kind, _, key = where.partition(":")
        if kind not in known:
            raise MinionError(f"{where} begins with none of pillar, grains and opts")
        found = paths.get(traverse(known[kind], key))
        yield from [found] if isinstance(found, str) else found or ()


def _stacked(list_path: str, minion_id: str, pillar: dict[str, Any], stack: dict[str, Any]) -> dict[str, Any]:
    from saltern.plugin_api.stack_merge import merged

    folder = os.path.dirname(os.path.abspath(list_path))
    environment = _environment(folder)
    names = {
        "__opts__": __opts__, "__salt__": __salt__, "__grains__": __grains__,
        "__stack__": {"traverse": traverse, "cfg_path": list_path}, "minion_id": minion_id, "pillar": pillar,
    }  # fmt: skip
    render = partial(_rendered, environment, names)
    for line in render(list_path, stack).splitlines():
        for path in sorted(glob.glob(os.path.join(folder, line))) if line.strip() else ():
            data = _data(path, render, stack)
            if isinstance(data, dict):
                stack = merged(stack, data)
    return stack


def _environment(folder: str) -> Any:
    from jinja2 import FileSystemLoader

    from saltern.plugin_api.jinja.environment import make_environment

    environment = make_environment({"allow_undefined": True}, None, sls=False)
    environment.loader = FileSystemLoader(folder)
    return environment


def _rendered(environment: Any, names: dict[str, Any], path: str, stack: dict[str, Any]) -> str:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return str(environment.from_string(text).render({**names, "stack": stack}))


def _data(path: str, render: Any, stack: dict[str, Any]) -> Any:
    import json

    from jinja2 import TemplateError

    from saltern.plugin_api.yaml.load import load_yaml

    try:
        text = render(path, stack)
    except (TemplateError, OSError) as error:
        raise MinionError(f"Stack pillar template render error in {path}:\n{json.dumps(str(error))}") from error
    try:
        return load_yaml(text)
    except Exception as error:  # readers have errors of their own
        raise MinionError(f"Stack pillar yaml parsing error in {path}:\n{error}\n{text}") from error
