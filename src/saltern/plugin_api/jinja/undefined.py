"""Undefined values, which tell of what they are missing in by the type names that templates know from Salt."""

from __future__ import annotations

from typing import Any

import jinja2
from jinja2.utils import object_type_repr


class NamedOwner:
    """The owner of a name that is not there goes by `salt_type` of its class, where that has one."""

    _undefined_obj: Any

    @property
    def _undefined_message(self) -> str:
        text: str = super()._undefined_message  # type: ignore[misc]
        known = getattr(type(self._undefined_obj), "salt_type", None)
        return text.replace(object_type_repr(self._undefined_obj), f"{known} object", 1) if known else text


class StrictUndefined(NamedOwner, jinja2.StrictUndefined):
    __slots__ = ()


class LenientUndefined(NamedOwner, jinja2.Undefined):
    __slots__ = ()
