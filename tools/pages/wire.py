"""docs/reference/wire.md, from the frames and from the requests of the operator's socket."""

from __future__ import annotations

from pages.source import PACKAGE, Record, cell, code, records

_FRAMES = """
# Wire

## Between minions and masters, version 1

One TCP connection, TLS 1.3. A frame is a 4-byte big-endian length and a MessagePack array: the frame's tag, then its
fields in the order below. Tags below 32 go from a minion to a master, the others back.
"""
_REQUESTS = """
## Between operators and the master

A unix stream socket. A message is a 4-byte big-endian length and a MessagePack map. A request names its `verb`; the
answers are maps whose `kind` is `item`, `end` or `error`.
"""


def page() -> str:
    frames = records(PACKAGE / "transport" / "frames.py")
    requests = records(PACKAGE / "client" / "contract.py")
    return "\n".join(
        [
            _FRAMES.lstrip(),
            *(_section(f"{one.name}, tag {one.tag}", one) for one in frames),
            _REQUESTS.lstrip(),
            *(_section(f"`{one.tag}`", one) for one in requests),
        ]
    )


def _section(title: str, record: Record) -> str:
    lines = [f"### {title}", "", record.doc, ""]
    if record.fields:
        lines += ["| field | type | default | |", "|---|---|---|---|"]
        lines += [
            f"| `{one.name}` | {code(one.type)} | {code(one.default)} | {cell(one.doc)} |" for one in record.fields
        ]
        lines.append("")
    return "\n".join(lines)
