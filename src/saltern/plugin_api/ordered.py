"""Dictionaries whose order somebody wrote down."""

from __future__ import annotations

from typing import Any


class OrderedMap(dict[Any, Any]):
    """What an SLS file holds: a dictionary in all respects, whose keys are left in their order by those that sort."""

    __slots__ = ()
