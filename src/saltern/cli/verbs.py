"""Commands that have verbs: `saltern jobs list`, `saltern events tail`."""

from __future__ import annotations

from saltern.cli import exitcodes
from saltern.cli.options import IncompleteCommand
from saltern.errors import UserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def dispatch(
    command: str,
    summary: str,
    verbs: Mapping[str, tuple[Callable[[Sequence[str]], int], str]],
    argv: Sequence[str],
    *,
    examples: Sequence[str],
) -> int:
    """Run the verb that comes first on the command line; `verbs`: name to function and sentence."""
    argv = verb_first(argv)
    if argv and argv[0] in verbs:
        return verbs[argv[0]][0](argv[1:])
    if argv and argv[0] in ("-h", "--help", "--help-all"):
        _help(command, summary, verbs, examples)
        return exitcodes.OK
    hint = f"One of {', '.join(verbs)}; see saltern {command} --help."
    if not argv:
        raise IncompleteCommand(f"saltern {command} needs a verb", hint=hint)
    from difflib import get_close_matches

    near = get_close_matches(argv[0], verbs, 1, 0.5)
    mean = f"Did you mean saltern {command} {near[0]}? " if near else ""
    raise UserError(f"saltern {command} has no verb {argv[0]!r}", hint=mean + hint)


def verb_first(argv: Sequence[str]) -> Sequence[str]:
    """The words with the common options that stand before the verb (`-c DIR`) moved behind it."""
    place = 0
    while place < len(argv) and argv[place].startswith("-"):
        if argv[place] in _WITH_VALUE:
            place += 2
        elif argv[place].partition("=")[0] in _WITH_VALUE:
            place += 1
        else:
            return argv
    return [*argv[place : place + 1], *argv[:place], *argv[place + 1 :]]


_WITH_VALUE = ("-c", "--config-dir", "-l", "--log-level", "--out")


def _help(
    command: str,
    summary: str,
    verbs: Mapping[str, tuple[Callable[[Sequence[str]], int], str]],
    examples: Sequence[str],
) -> None:
    width = max(map(len, verbs))
    print(f"usage: saltern {command} VERB [options]\n\n{summary}\n\nverbs:")
    print("\n".join(f"  {name:{width}}  {sentence}" for name, (_, sentence) in verbs.items()))
    print(f"\nsaltern {command} VERB --help shows a verb's options.\n\nexamples:")
    print("\n".join(f"  {example}" for example in examples))
