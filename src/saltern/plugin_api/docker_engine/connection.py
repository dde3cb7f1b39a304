"""The engine's API: where it is, and errors that say what it said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from saltern.plugin_api.errors import CommandExecutionError

_SECONDS = 60


def is_available() -> bool:
    from importlib.util import find_spec

    return find_spec("docker") is not None


def client(options: Mapping[str, Any], context: Any) -> Any:
    """The low-level client of the library; `docker.url`, `docker.version` and `docker.timeout` are obeyed.

    It is kept in `context`: a connection is made once for a job.
    """
    import docker

    if "docker.client" not in context:
        try:
            context["docker.client"] = docker.APIClient(
                base_url=options.get("docker.url") or _of_environment(),
                version=options.get("docker.version") or "auto",
                timeout=options.get("docker.timeout") or _SECONDS,
            )
        except docker.errors.DockerException as error:
            raise CommandExecutionError(f"Docker cannot be reached: {error}") from error
    return context["docker.client"]


def asked(call: Callable[[], Any], what: str) -> Any:
    """The answer of a call; `CommandExecutionError` says what was asked and why it failed."""
    import docker
    import requests

    try:
        return call()
    except docker.errors.APIError as error:
        raise CommandExecutionError(f"Unable to {what}: {error.explanation or error}") from error
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        raise CommandExecutionError(f"Unable to {what}: {error}") from error


def _of_environment() -> str | None:
    import os

    return os.environ.get("DOCKER_HOST")
