"""The web server nginx: its version, configuration and counters."""

from __future__ import annotations

import shlex
import urllib.error
import urllib.request
from typing import Any

from saltern.plugin_api import CommandExecutionError, process
from saltern.plugin_api.program import ask

_SIGNALS = ("reload", "reopen", "stop", "quit")
_WAIT_SECONDS = 30


def __virtual__() -> bool | tuple[bool, str]:
    found = process.find_program("nginx") is not None
    return found or (False, "The nginx execution module cannot be loaded: nginx is not installed.")


def version() -> str:
    """The version of nginx.

    CLI Example::

        saltern run '*' nginx.version
    """
    return _said("-v").rpartition("/")[2]


def build_info() -> dict[str, Any]:
    """How nginx was built: compiler, TLS support and the arguments of its configuration.

    CLI Example::

        saltern run '*' nginx.build_info
    """
    found: dict[str, Any] = {"info": []}
    for line in _said("-V").splitlines():
        if line.startswith("configure arguments:"):
            found["build arguments"] = shlex.split(line.partition(":")[2])
        else:
            found["info"].append(line)
    return found


def configtest() -> dict[str, Any]:
    """Check the configuration: `result`, `comment` and what nginx printed.

    CLI Example::

        saltern run '*' nginx.configtest
    """
    answer = ask(["nginx", "-t"])
    if answer.retcode == 0:
        return {"result": True, "comment": "Syntax OK", "stdout": answer.stderr}
    return {"result": False, "comment": "Syntax Error", "stderr": answer.stderr}


def signal(signal: str | None = None) -> str:
    """Let nginx read its configuration again (`reload`), open its logs again (`reopen`), or end (`stop`, `quit`).

    What nginx printed. What it refuses is an error.

    CLI Example::

        saltern run '*' nginx.signal reload
    """
    if signal not in _SIGNALS:
        raise CommandExecutionError(f"nginx knows the signals {', '.join(_SIGNALS)}, not {signal}")
    answer = ask(["nginx", "-s", signal])
    if answer.retcode:
        raise CommandExecutionError(f"nginx -s {signal}: {answer.reason}")
    return f'Command "{signal}" completed successfully.' if not answer.said else answer.said


def status(url: str = "http://127.0.0.1/status") -> dict[str, int]:
    """The counters that the page of nginx's stub_status module shows.

    CLI Example::

        saltern run '*' nginx.status
    """
    try:
        with urllib.request.urlopen(url, timeout=_WAIT_SECONDS) as answer:
            lines = answer.read().decode(errors="replace").splitlines()
    except (urllib.error.URLError, ValueError) as error:
        raise CommandExecutionError(f"{url} does not answer: {error}") from error
    try:
        accepted, handled, requests = (int(word) for word in lines[2].split())
        words = lines[3].split()
        counts = dict(zip(("reading", "writing", "waiting"), map(int, words[1::2]), strict=True))
        return {
            "active connections": int(lines[0].split()[-1]),
            "accepted": accepted,
            "handled": handled,
            "requests": requests,
            **counts,
        }
    except (IndexError, ValueError) as error:
        raise CommandExecutionError(f"{url} is no page of nginx's stub_status module") from error


def _said(option: str) -> str:
    answer = ask(["nginx", option])
    if answer.retcode:
        raise CommandExecutionError(f"nginx {option}: {answer.reason}")
    return answer.said
