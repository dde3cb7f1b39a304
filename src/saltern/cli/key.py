"""`saltern key`: minion keys, with salt-key's flags (behaviour KEY-06), and join tokens."""

from __future__ import annotations

import sys

from saltern.cli import exitcodes
from saltern.cli.keyring import KeyDesk
from saltern.cli.options import add_login, add_output, make_parser
from saltern.cli.output import Printer
from saltern.cli.place import find_place
from saltern.cli.salt_flags import add_log_file, add_refused, add_without_effect
from saltern.cli.verbs import verb_first
from saltern.errors import KeyNotFound, UserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

    from saltern.cli.options import Parser

_LISTS = {
    "acc": "minions",
    "accepted": "minions",
    "pre": "minions_pre",
    "un": "minions_pre",
    "unaccepted": "minions_pre",
    "rej": "minions_rejected",
    "rejected": "minions_rejected",
    "den": "minions_denied",
    "denied": "minions_denied",
}
_STATE_NAMES = {
    "minions": "accepted",
    "minions_pre": "unaccepted",
    "minions_rejected": "rejected",
    "minions_denied": "denied",
}
_DONE = {"accept": "accepted", "reject": "rejected", "delete": "deleted"}
_EXAMPLES = (
    "saltern key -L",
    "saltern key -a 'web*'",
    "saltern key -d old1,old2 -y",
    "saltern key -F --out json",
    "saltern key token --id 'web*' --expires 1h --uses 10",
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    words = verb_first(argv)
    if words and words[0] == "token":
        from saltern.cli.token import make_token

        return make_token(words[1:])
    options = _parser().parse(argv)
    if options.user:
        from saltern.config.user import become

        become(options.user)
    if options.gen_keys:
        return _generate(options)
    place = find_place(options.config_dir)
    with place.visit(options) as master, Printer(options, place.values) as printer:
        desk = KeyDesk(place, master)
        if options.action in _DONE:
            return _decide(desk, options, printer)
        return _look(desk, options, printer)


def _look(desk: KeyDesk, options: argparse.Namespace, printer: Printer) -> int:
    action = options.action or "list"
    states = _listed_states(options.listed) if action == "list" else []
    keys = desk.ask(action, [] if options.match == "*" else [options.match], states)
    if action != "list" and not any(keys.values()):
        raise KeyNotFound(f"no key matches {options.match}")
    shown = {state: texts for state, texts in sorted(keys.items()) if texts or action == "list" or printer.chosen}
    printer.show(shown, out="key")
    return exitcodes.OK


def _decide(desk: KeyDesk, options: argparse.Namespace, printer: Printer) -> int:
    states = _states_of(options)
    found = {state: ids for state, ids in desk.ask("list", [options.match], states).items() if ids}
    if not found:
        raise KeyNotFound(
            f"The key glob '{options.match}' does not match any {_searched(states)} keys.",
            hint="saltern key -L lists them all.",
        )
    if not options.yes or not (options.quiet or printer.chosen):
        printer.write(f"The following keys are going to be {_DONE[options.action]}:")
        printer.show(found, out="key")
    if not options.yes and not _confirmed(options.action):
        return exitcodes.OK
    changed = desk.ask(options.action, [options.match], states, preserve=options.preserve_minions.lower() == "true")
    ids = sorted({minion for minions in changed.values() for minion in minions})
    if printer.chosen:
        printer.show(changed)
    elif not options.quiet:
        printer.write("\n".join(f"Key for minion {minion} {_DONE[options.action]}." for minion in ids))
    return exitcodes.OK


def _searched(states: Sequence[str]) -> str:
    """`unaccepted or rejected`: the states among which keys were looked for; no states are all of them."""
    names = [name for state, name in _STATE_NAMES.items() if not states or state in states]
    return " or ".join([*([", ".join(names[:-1])] if names[:-1] else []), names[-1]])


def _confirmed(action: str) -> bool:
    """Ask; a bare return means yes, except where something would be deleted."""
    default = "n" if action == "delete" else "y"
    print("Proceed? [N/y] " if default == "n" else "Proceed? [n/Y] ", end="", flush=True)
    line = sys.stdin.readline()
    # The end of the input is nobody's yes.
    answer = (line.strip().lower() or default) if line else "n"
    return answer in ("y", "yes")


def _listed_states(name: str) -> list[str]:
    if name == "all":
        return []
    if name not in _LISTS:
        raise UserError(f"there is no list of keys {name!r}", hint="One of acc, pre, un, rej, den, all.")
    return [_LISTS[name]]


def _states_of(options: argparse.Namespace) -> list[str]:
    """The states that a decision concerns: those that wait, and what the `--include` flags add."""
    if options.action == "delete":
        return []
    from saltern.keys.ring import states_for

    states = states_for(
        options.action,
        include_accepted=options.include_accepted,
        include_rejected=options.include_rejected,
        include_denied=options.include_denied,
        include_all=options.include_all,
    )
    return [state.value for state in states]


def _generate(options: argparse.Namespace) -> int:
    from pathlib import Path

    from saltern.keys.generate import gen_keys

    files = gen_keys(options.gen_keys, Path(options.gen_keys_dir))
    if not options.quiet:
        print(f"{files.private}\n{files.public}")
    return exitcodes.OK


def _parser() -> Parser:
    parser = make_parser(
        "key",
        "Accepts, rejects, lists and deletes minion keys. GLOB may be ids by commas.",
        usage="[options] | token [options]",
        examples=_EXAMPLES,
        level_flags=(),
        brief=("-L", "-l", "-a", "-A", "-r", "-d", "-f", "-F", "-y", "--out"),
    )
    parser.set_defaults(action="", match="*", listed="all")
    look = parser.add_argument_group("look")
    look.add_argument("-L", "--list-all", action="store_const", dest="action", const="list", help="list all keys")
    look.add_argument("-l", "--list", metavar="STATE", dest="listed", help="acc, pre (un), rej, den or all")
    _add_action(look, ("-p", "--print"), ("-P", "--print-all"), "print", "public keys")
    _add_action(look, ("-f", "--finger"), ("-F", "--finger-all"), "finger", "fingerprints (SHA-256)")
    decide = parser.add_argument_group("decide")
    _add_action(decide, ("-a", "--accept"), ("-A", "--accept-all"), "accept", "accept keys that wait")
    _add_action(decide, ("-r", "--reject"), ("-R", "--reject-all"), "reject", "reject keys that wait")
    _add_action(decide, ("-d", "--delete"), ("-D", "--delete-all"), "delete", "delete keys in any state")
    decide.add_argument("--include-all", action="store_true", help="-a, -r: keys in the other states too")
    decide.add_argument("--include-accepted", action="store_true", help="-r: accepted keys too")
    decide.add_argument("--include-rejected", action="store_true", help="-a: rejected keys too")
    decide.add_argument("--include-denied", action="store_true", help="-a, -r: denied keys too")
    decide.add_argument("-y", "--yes", action="store_true", help="do not ask")
    decide.add_argument("-q", "--quiet", action="store_true", help="say nothing of what was done")
    make = parser.add_argument_group("make")
    make.add_argument("--gen-keys", metavar="NAME", help="make a key pair, NAME.pem and NAME.pub")
    make.add_argument("--gen-keys-dir", metavar="DIR", default=".", help="where to put it")
    _add_salt_flags(parser)
    add_login(parser, "-T")
    add_output(parser, states=True)
    add_log_file(parser, kept=False)
    return parser


def _add_salt_flags(parser: Parser) -> None:
    group = parser.add_argument_group("of salt-key")
    group.add_argument("-u", "--user", metavar="USER", default="", help="become this user first")
    add_without_effect(group, "--rotate-aes-key", value="BOOL", reason="there is no key that the fleet shares")
    add_without_effect(group, "--keysize", value="BITS", reason="keys are P-256, which have one size")
    group.add_argument(
        "--preserve-minions", metavar="BOOL", default="", help="-d: True keeps what the master knows of the minions"
    )
    signs = "TLS proves the master; no signature of its key is needed"
    add_refused(group, "--gen-signature", reason=signs)
    add_refused(group, "--auto-create", reason=signs)
    for flag in ("--priv", "--pub", "--signature-path"):
        add_refused(group, flag, value="FILE", reason=signs)


def _add_action(group: Any, one: tuple[str, str], every: tuple[str, str], action: str, text: str) -> None:
    from saltern.cli.keyring import key_action

    group.add_argument(*one, metavar="GLOB", action=key_action(action), help=text)
    group.add_argument(*every, nargs=0, action=key_action(action), help="the same with all of them")
