"""The commands that change Augeas's tree, as texts: `set path value`, `rm path` and so on."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import NamedTuple

from saltern.plugin_api.augeas_tree import AugeasError, Tree

_NAMES = {
    "set": "set",
    "setm": "setm",
    "mv": "move",
    "move": "move",
    "ins": "insert",
    "insert": "insert",
    "rm": "remove",
    "remove": "remove",
}


class Command(NamedTuple):
    """One command: its name, its words, and the text that it was written as."""

    name: str
    words: list[str]
    text: str

    def paths(self, context: str) -> list[str]:
        """The paths that it may change."""
        places = {"move": [0, 1], "insert": [2]}.get(self.name, [0])
        return [_below(context, self.words[place]) for place in places]

    def carry_out(self, tree: Tree, context: str) -> None:
        """Change the tree; `AugeasError` for what it refuses."""
        words, paths = self.words, self.paths(context)
        if self.name == "set":
            tree.set(paths[0], words[1] if len(words) > 1 else None)
        elif self.name == "setm":
            tree.set_many(paths[0], words[1], words[2])
        elif self.name == "move":
            tree.move(paths[0], paths[1])
        elif self.name == "insert":
            tree.insert(words[0], paths[0], before=words[1] == "before")
        elif tree.remove(paths[0]) < 0:
            raise AugeasError(f"Invalid path: {paths[0]}")


def commands_of(texts: Sequence[str]) -> list[Command]:
    """Read commands; `AugeasError` for one that there is not, or that has not the words it needs."""
    return [_command(str(text)) for text in texts]


def apply(
    texts: Sequence[str], context: str = "", lens: str = "", load_path: str | None = None, root: str = "/"
) -> list[str]:
    """Carry out commands and save: the files that were written. `AugeasError` for what cannot be done."""
    commands = commands_of(texts)
    paths = [path for command in commands for path in command.paths(context)]
    with Tree(load_path, root=root, lens=lens, file=context.removeprefix("/files"), paths=paths) as tree:
        for command in commands:
            command.carry_out(tree, context)
        try:
            tree.save()
        except AugeasError as error:
            # The reason why many trees cannot be saved, which Augeas does not tell.
            if lens and "." not in lens:
                hint = f'Lenses are normally configured as "name.lns". Did you mean "{lens}.lns"?'
                raise AugeasError(f"{error}\n{hint}") from None
            raise
        return tree.saved()


def _command(text: str) -> Command:
    name, _, rest = text.strip().partition(" ")
    if name not in _NAMES:
        raise AugeasError(f"Command {name} is not supported (yet)")
    try:
        words = shlex.split(rest)
    except ValueError:
        words = []
    command = Command(_NAMES[name], words, text)
    if not _complete(command):
        raise AugeasError(f"Invalid formatted command: {rest or text}")
    return command


def _complete(command: Command) -> bool:
    count = len(command.words)
    if command.name == "set":
        return count in (1, 2)
    if command.name == "insert":
        return count == 3 and command.words[1] in ("before", "after")
    return count == {"setm": 3, "move": 2, "remove": 1}[command.name]


def _below(context: str, path: str) -> str:
    return f"{context.rstrip('/')}/{path}" if context else path
