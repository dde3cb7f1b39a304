"""Types of the names that the loader injects into a plugin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

Functions = Mapping[str, Callable[..., Any]]
"""`__salt__`, `__utils__`, `__states__`, …: `module.function` to the function, loaded on first use."""

Grains = Mapping[str, Any]
Pillar = Mapping[str, Any]
Opts = dict[str, Any]
Context = MutableMapping[str, Any]
