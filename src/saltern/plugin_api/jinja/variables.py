"""The variables by which an SLS file or a template knows what and where it is (behaviour RND-05)."""

from __future__ import annotations

import posixpath
from typing import Any


def placed(variables: dict[str, Any], sls: str | None, path: str) -> dict[str, Any]:
    """Variables with those that tell of the SLS file that is rendered; the template of another file knows of none."""
    if sls is None:
        return variables
    name = variables.get("sls", sls)
    return {**variables, "sls": name, **sls_variables(path, str(name))}


def sls_variables(path: str, sls: str) -> dict[str, str]:
    """The variables of a template at `path` (on disk or in the tree), rendered as the SLS `sls`; empty for none.

    An SLS `web.site` is `web/site.sls` or `web/site/init.sls`; without an SLS the file alone is known.
    """
    name = posixpath.basename(path)
    tree_path = sls.replace(".", "/")
    directory = tree_path if name == "init.sls" else posixpath.dirname(tree_path)
    if not sls:
        directory = ""
    dotted = directory.replace("/", ".")
    return {
        "tplpath": path,
        "tplfile": posixpath.join(directory, name),
        "tpldir": directory or ".",
        "tpldot": dotted,
        "slspath": directory,
        "slsdotpath": dotted,
        "slscolonpath": directory.replace("/", ":"),
        "sls_path": directory.replace("/", "_"),
    }
