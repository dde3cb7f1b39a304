"""Comparing versions."""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable
from typing import Any

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne, ">=": operator.ge, ">": operator.gt,
}  # fmt: skip


class LooseVersion:
    """A version whose numbers are compared as numbers, and whose other parts as texts."""

    def __init__(self, vstring: Any = None) -> None:
        self.vstring = str(vstring)
        words = re.split(r"(\d+|[a-z]+|\.)", self.vstring)
        self.version: list[Any] = [int(word) if word.isdigit() else word for word in words if word and word != "."]

    def __str__(self) -> str:
        return self.vstring

    def __repr__(self) -> str:
        return f"LooseVersion ('{self.vstring}')"

    def __hash__(self) -> int:
        return hash(tuple(self._key()))

    def _key(self) -> list[tuple[int, Any]]:
        # A text stands before a number, as 1.0rc1 does before 1.0.1.
        return [(1, part) if isinstance(part, int) else (0, part) for part in self.version]

    def __eq__(self, other: object) -> bool:
        return self._key() == _loose(other)._key()

    def __lt__(self, other: object) -> bool:
        return self._key() < _loose(other)._key()

    def __le__(self, other: object) -> bool:
        return self._key() <= _loose(other)._key()

    def __gt__(self, other: object) -> bool:
        return self._key() > _loose(other)._key()

    def __ge__(self, other: object) -> bool:
        return self._key() >= _loose(other)._key()


StrictVersion = Version = LooseVersion


def _loose(other: object) -> LooseVersion:
    return other if isinstance(other, LooseVersion) else LooseVersion(other)


def version_cmp(pkg1: Any, pkg2: Any, ignore_epoch: bool = False) -> int | None:
    """-1, 0 or 1 as the first version is older than, equal to or newer than the second."""
    one, other = (LooseVersion(re.sub(r"^\d+:", "", str(text)) if ignore_epoch else text) for text in (pkg1, pkg2))
    return (one > other) - (one < other)


def compare(
    ver1: Any = "",
    oper: str = "==",
    ver2: Any = "",
    cmp_func: Callable[..., Any] | None = None,
    ignore_epoch: bool = False,
) -> bool:
    """Whether `ver1 oper ver2` holds; `cmp_func(ver1, ver2)` gives -1, 0 or 1 in place of `version_cmp`."""
    if oper not in _OPERATORS:
        return False
    found = cmp_func(ver1, ver2) if cmp_func is not None else version_cmp(ver1, ver2, ignore_epoch)
    return found is not None and _OPERATORS[oper](found, 0)


def warn_until(version: Any, message: str, category: type[Warning] = DeprecationWarning, **_options: Any) -> None:
    """Warn that something will go with a release."""
    warnings.warn(message.format(version=version, date=""), category, stacklevel=2)


def kwargs_warn_until(kwargs: Any, version: Any, category: type[Warning] = DeprecationWarning, **_options: Any) -> None:
    """Warn of arguments that will go with a release."""
    if kwargs:
        names = ", ".join(sorted(map(str, kwargs)))
        warnings.warn(f"Arguments that will go with {version}: {names}", category, stacklevel=2)
