"""SLS files for a minion by a command that prints YAML: `classes`, and perhaps their `environment`."""

from __future__ import annotations

import logging

from saltern.plugin_api import Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts

log = logging.getLogger(__name__)

_SECONDS = 60


def top(**kwargs: Any) -> dict[str, list[str]]:
    """The classes that the command of `master_tops: {ext_nodes: COMMAND}` prints for the minion's id, its last word."""
    import shlex
    import subprocess

    from saltern.plugin_api.yaml.load import load_yaml

    opts = kwargs["opts"]
    command = (opts.get("master_tops") or {}).get("ext_nodes")
    if not command:
        log.error("master_tops: ext_nodes is not told its command")
        return {}
    try:
        done = subprocess.run(
            [*shlex.split(str(command)), str(opts["id"])], capture_output=True, text=True, timeout=_SECONDS, check=True
        )
        found = load_yaml(done.stdout)
    except (OSError, subprocess.SubprocessError) as error:
        log.error("master_tops: ext_nodes failed for %s: %s", opts["id"], error)
        return {}
    if not isinstance(found, dict):
        log.error("master_tops: what ext_nodes prints for %s is no mapping", opts["id"])
        return {}
    classes = found.get("classes") or []
    return {str(found.get("environment") or "base"): [str(one) for one in classes]} if classes else {}
