"""Dictionaries whose order somebody wrote down."""

from __future__ import annotations

from typing import Any


class OrderedMap(dict[Any, Any]):
    """What an SLS file holds: a dictionary in all respects, whose keys are left in their order by those that sort.

    As text it is the type that Salt has in this place, for templates put it together with other text.
    """

    __slots__ = ()
    salt_type = "collections.OrderedDict"

    def __repr__(self) -> str:
        return f"OrderedDict({list(self.items())!r})" if self else "OrderedDict()"

    def copy(self) -> OrderedMap:
        return OrderedMap(self)
