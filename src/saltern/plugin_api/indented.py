"""Data as an indented tree of text: what the default outputter prints, and how errors show their details."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol
else:
    Protocol = object

_RULE = "-" * 10


class Paint(Protocol):
    """Colours by Salt's names, or none."""

    def start(self, colour: str) -> str: ...

    @property
    def end(self) -> str: ...

    def clean(self, text: str) -> str: ...


class Plain:
    """No colours, and texts as they are."""

    end = ""

    def start(self, colour: str) -> str:
        return ""

    def clean(self, text: str) -> str:
        return text


PLAIN = Plain()


def tree(data: Any, paint: Paint = PLAIN, *, indent: int = 0, failed: bool = False) -> str:
    """The tree of data with every line indented by that many columns."""
    lines: list[str] = []
    _Tree(paint, "RED" if failed else "CYAN", lines).add(data, indent)
    return "\n".join(lines)


class _Tree:
    def __init__(self, paint: Paint, name_colour: str, lines: list[str]) -> None:
        self._lines = lines
        self._clean = paint.clean
        self._end = paint.end
        self._name = paint.start(name_colour)
        self._text = paint.start("GREEN")
        self._plain = paint.start("LIGHT_YELLOW")

    def add(self, value: Any, indent: int, mark: str = "") -> None:
        """Add a value; `mark` is `- ` in front of an item of a list."""
        if isinstance(value, str):
            self._add_text(value, indent, mark)
        elif isinstance(value, dict):
            self._add_dict(value, indent)
        elif isinstance(value, list | tuple | set | frozenset):
            self._add_items(value, indent)
        elif isinstance(value, bytes):
            self._add_text(value.decode("utf-8", "backslashreplace"), indent, mark)
        else:
            self._lines.append(f"{' ' * indent}{self._plain}{mark}{value}{self._end}")

    def _add_text(self, text: str, indent: int, mark: str) -> None:
        space, start, end = " " * indent, self._text, self._end
        for line in self._clean(text).splitlines():
            self._lines.append(f"{space}{start}{mark}{line}{end}")
            mark = " " * len(mark)

    def _add_dict(self, value: dict[Any, Any], indent: int) -> None:
        space, start, end = " " * indent, self._name, self._end
        if indent:
            self._lines.append(f"{space}{start}{_RULE}{end}")
        for key in in_order(value):
            self._lines.append(f"{space}{start}{self._clean(str(key))}{end}:")
            self.add(value[key], indent + 4)

    def _add_items(self, value: Any, indent: int) -> None:
        for item in value:
            if isinstance(item, dict | list | tuple | set | frozenset):
                self._lines.append(f"{' ' * indent}{self._text}|_{self._end}")
                self.add(item, indent + 2)
            else:
                self.add(item, indent, "- ")


def in_order(value: dict[Any, Any]) -> list[Any]:
    """Keys in the order of their texts where they have no order of their own."""
    try:
        return sorted(value)
    except TypeError:
        return sorted(value, key=str)
