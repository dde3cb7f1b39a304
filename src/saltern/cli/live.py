"""Shows what a job prints while it runs: whole lines, each with the minion's id before it."""

from __future__ import annotations

from saltern.client.blocking import unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

# A minion is not trusted with the operator's terminal: of the control characters only the tab passes.
_CONTROL = {number: None for number in (*range(32), *range(0x7F, 0xA0)) if number != ord("\t")}


class LiveLines:
    """Puts pieces of output together to lines, apart for each minion and stream."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._begun: dict[tuple[str, str], bytes] = {}

    def show(self, minion: str, stream: str, data: bytes, number: int = 0) -> None:
        """The next piece: `stdout` or `stderr` as printed, `prog`: a value as MessagePack, `missed`: how many."""
        if stream == "missed":
            self._out.write(f"({number} pieces of output came too fast and are not shown)\n")
            return
        if stream == "prog":
            self._line(minion, str(unpack(data)))
            return
        *lines, rest = (self._begun.get((minion, stream), b"") + data).split(b"\n")
        self._begun[minion, stream] = rest
        for line in lines:
            self._line(minion, line.decode("utf-8", "replace"))

    def end(self, minion: str) -> None:
        """No more comes from this minion: show a last line that had no end."""
        for key in [key for key in self._begun if key[0] == minion]:
            rest = self._begun.pop(key)
            if rest:
                self._line(minion, rest.decode("utf-8", "replace"))

    def _line(self, minion: str, text: str) -> None:
        self._out.write(f"{minion}: {text.translate(_CONTROL)}\n")
        self._out.flush()
