"""A port of another host can be reached from this one."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def check(name: str, port: int | None = None, **kwargs: Any) -> dict[str, Any]:
    """The host `name` takes connections at `port`. `proto`, `family` and `timeout` are those of `network.connect`.

    ::

        testgoogle:
          firewall.check:
            - name: 'google.com'
            - port: 80
            - proto: 'tcp'
    """
    if __opts__["test"]:
        return result_of(name, None, "The connection will be tested")
    if not port:
        return result_of(name, False, "Required argument, port, is missing.")
    given = {key: kwargs[key] for key in ("proto", "family", "timeout") if key in kwargs}
    answer = __salt__["network.connect"](name, port, **given)
    return result_of(name, bool(answer["result"]), answer["comment"])
