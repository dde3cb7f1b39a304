"""A dictionary that is found out when something is first read from it.

It is a true `dict`, because plugins ask `isinstance(__pillar__, dict)`. Code that reads a dict past its methods (C code
that is handed one) sees what is there before: hand it `dict(lazy)`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
    from typing import Any


class LazyDict(dict[str, "Any"]):
    """Stands for what `make` gives. What is written into it stays, over all that is found out later."""

    def __init__(self, make: Callable[[], Mapping[str, Any]], known: Mapping[str, Any] | None = None) -> None:
        super().__init__(known or {})
        self._make: Callable[[], Mapping[str, Any]] | None = make

    def fill(self) -> dict[str, Any]:
        """Find out what is still missing, and give a plain dict."""
        make, self._make = self._make, None
        if make is not None:
            for key, value in make().items():
                super().setdefault(key, value)
        return dict(super().items())

    def __missing__(self, key: str) -> Any:
        if self._make is None:
            raise KeyError(key)
        self.fill()
        return self[key]

    def __contains__(self, key: object) -> bool:
        self.fill()
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return default

    def __iter__(self) -> Iterator[str]:
        self.fill()
        return super().__iter__()

    def __reversed__(self) -> Iterator[str]:
        self.fill()
        return super().__reversed__()

    def __len__(self) -> int:
        self.fill()
        return super().__len__()

    def __eq__(self, other: object) -> bool:
        return self.fill() == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def __repr__(self) -> str:
        return repr(self.fill())

    def __or__(self, other: Any) -> Any:
        return self.fill() | other

    def __ror__(self, other: Any) -> Any:
        return other | self.fill()

    def __delitem__(self, key: str) -> None:
        self.fill()
        super().__delitem__(key)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self.fill(),)

    def keys(self) -> KeysView[str]:  # type: ignore[override]
        self.fill()
        return super().keys()

    def values(self) -> ValuesView[Any]:  # type: ignore[override]
        self.fill()
        return super().values()

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        self.fill()
        return super().items()

    def copy(self) -> dict[str, Any]:
        return self.fill()

    def pop(self, key: str, *default: Any) -> Any:
        self.fill()
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self else super().setdefault(key, default)


def copied(tree: Any) -> Any:
    """A tree of data with dictionaries and lists of its own."""
    if isinstance(tree, dict):
        found = tree.copy()
        for key, value in found.items():
            found[key] = copied(value)
        return found
    return [copied(value) for value in tree] if isinstance(tree, list) else tree
