"""Look at what templates import: the maps of formulas and the data files of the tree."""

from __future__ import annotations

import json
from typing import Any

from saltern.plugin_api import CommandExecutionError, Rendering

__rendering__: Rendering


def load_map(path: str, value: str) -> Any:
    """The value that a template of the tree exports under a name, as `{% from path import value %}` has it.

    CLI Example::

        saltern run '*' jinja.load_map template-formula/map.jinja template
    """
    if not value.isidentifier():
        raise CommandExecutionError(f"{value!r} is no name of a variable")
    return _rendered(f"{{% from {json.dumps(path)} import {value} with context %}}{{{{ {value} | tojson }}}}")


def import_yaml(path: str) -> Any:
    """The data of a YAML file of the tree, as `{% import_yaml path as x %}` has it.

    CLI Example::

        saltern run '*' jinja.import_yaml template-formula/defaults.yaml
    """
    return _rendered(f"{{% import_yaml {json.dumps(path)} as imported %}}{{{{ imported | tojson }}}}")


def import_json(path: str) -> Any:
    """The data of a JSON file of the tree, as `{% import_json path as x %}` has it.

    CLI Example::

        saltern run '*' jinja.import_json template-formula/defaults.json
    """
    return _rendered(f"{{% import_json {json.dumps(path)} as imported %}}{{{{ imported | tojson }}}}")


def _rendered(template: str) -> Any:
    return json.loads(__rendering__.text(template, renderers="jinja").data)
