"""Functions that are safe and instant: they run in the link process, without a worker.

The table is closed: a function is here because it touches nothing, waits for nothing and cannot fail half-way. A minion
whose operator has put a module of the same name into the file roots runs that one, in a worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from saltern.model.job import Return
from saltern.version import VERSION

_encode = msgspec.msgpack.Encoder().encode

_TABLE: dict[str, Callable[..., Any]] = {
    "test.ping": lambda: True,
    "test.true": lambda: True,
    "test.true_": lambda: True,
    "test.version": lambda: VERSION,
}


class InstantFunctions:
    """`disabled`: modules that this minion does not offer or has of its own."""

    def __init__(self, disabled: Callable[[str], bool] = lambda _: False) -> None:
        self._disabled = disabled

    def runs(self, load: Mapping[str, Any]) -> bool:
        """Whether the job is one instant function, without arguments and without returners to call."""
        fun = load["fun"]
        return (
            isinstance(fun, str)
            and fun in _TABLE
            and not load["arg"]
            and not load.get("ret")
            and not self._disabled(fun.partition(".")[0])
        )

    def run(self, load: Mapping[str, Any]) -> tuple[Return, bytes]:
        """The return and its body (MessagePack)."""
        now = time.time()
        value = _TABLE[load["fun"]]()
        given = Return(
            jid=load["jid"], fun=load["fun"], started=now, finished=time.time(), user=load.get("user", ""),
            metadata=load.get("metadata"), tgt=load["tgt"], tgt_type=load["tgt_type"],
        )  # fmt: skip
        return given, _encode(value)
