"""Shows documentation of functions, each once however many minions gave it (behaviour LDR-12)."""

from __future__ import annotations

from saltern.cli import exitcodes
from saltern.client.blocking import unpack
from saltern.errors import FunctionNotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from saltern.cli.output import Printer
    from saltern.client.blocking import MasterSocket


def show_docs(master: MasterSocket, request: dict[str, Any], printer: Printer, *, wait: float) -> int:
    """Ask minions by `sys.doc` and print what they answer; `FunctionNotFound` when none of them knows any."""
    jid = master.ask(request)["jid"]
    docs: dict[str, Any] = {}
    with master.stream({"verb": "follow", "jid": jid, "wait": wait, "inline": _ALL_INLINE}) as answers:
        for answer in answers:
            if answer["outcome"]["state"] == "returned" and answer.get("body"):
                docs.update(_docs(unpack(answer["body"])))
    return print_docs(docs, printer)


def print_docs(docs: Mapping[str, Any], printer: Printer) -> int:
    """Function names and their texts, by name; as data where an output format was chosen."""
    if not docs:
        raise FunctionNotFound("no documentation was found", hint="sys.list_functions lists the functions.")
    if printer.chosen:
        printer.show(dict(sorted(docs.items())))
        return exitcodes.OK
    printer.write(
        "\n\n".join(f"{name}:\n\n{str(text or '').strip(chr(10)).rstrip()}" for name, text in sorted(docs.items()))
    )
    return exitcodes.OK


_ALL_INLINE = 64 << 20


def _docs(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
