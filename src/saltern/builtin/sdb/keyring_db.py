"""The system's keyring as a store, by the Python package keyring: `service` names the entries."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__virtualname__ = "keyring"

__func_alias__ = {"set_": "set"}


def __virtual__() -> str | tuple[bool, str]:
    from importlib.util import find_spec

    return __virtualname__ if find_spec("keyring") else (False, "The Python package keyring is not installed")


def set_(key: str, value: Any, service: str | None = None, profile: Mapping[str, Any] | None = None) -> str | None:
    """Keep a text, and give it back."""
    _library().set_password(_service(service, profile), key, str(value))
    return get(key, service, profile)


def get(key: str, service: str | None = None, profile: Mapping[str, Any] | None = None) -> str | None:
    """The value of a key; None when there is none."""
    found: str | None = _library().get_password(_service(service, profile), key)
    return found


def _service(service: str | None, profile: Mapping[str, Any] | None) -> str:
    return service or str((profile or {}).get("service", "saltern"))


def _library() -> Any:
    import importlib

    return importlib.import_module("keyring")
