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
    if argv and argv[0] in verbs:
        return verbs[argv[0]][0](argv[1:])
    if argv and argv[0] in ("-h", "--help"):
        _help(command, summary, verbs, examples)
        return exitcodes.OK
    hint = f"One of {', '.join(verbs)}; see saltern {command} --help."
    if not argv:
        raise IncompleteCommand(f"saltern {command} needs a verb", hint=hint)
    raise UserError(f"saltern {command} has no verb {argv[0]!r}", hint=hint)


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
