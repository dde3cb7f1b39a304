"""Working with SLS files and the data in them."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Rendering, SaltInvocationError

__rendering__: Rendering


def renderer(
    path: str | None = None, string: str | None = None, default_renderer: str = "jinja|yaml", **kwargs: Any
) -> Any:
    """
    Render a file or a text and give what comes out.

    path
        A file: ``salt://`` and its path in the file tree, or its path on this host.

    string
        A text to render instead.

    default_renderer
        The renderers when the text does not begin with a line ``#!...`` that names them.

    Further keyword arguments are handed to the renderers; ``saltenv`` chooses the environment, and all are variables
    of templates.

    CLI Example::

        saltern run '*' slsutil.renderer salt://path/to/file
        saltern run '*' slsutil.renderer string='Greetings {{ who }}' default_renderer=jinja who=World
    """
    given = {key: value for key, value in kwargs.items() if not key.startswith("__pub_")}
    saltenv, sls = given.pop("saltenv", "base"), given.pop("sls", "")
    if not path and not string:
        raise SaltInvocationError("Must pass path or string.")
    if path and path.startswith("salt://"):
        return __rendering__.file(path, renderers=default_renderer, saltenv=saltenv, sls=sls, variables=given).data
    if string is None:
        with open(str(path), encoding="utf-8") as file:
            string = file.read()
    return __rendering__.text(string, renderers=default_renderer, saltenv=saltenv, sls=sls, variables=given).data
