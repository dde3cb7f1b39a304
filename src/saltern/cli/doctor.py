"""`saltern doctor [master|minion]`: looks at a host and says what is wrong, and what to do about it."""

from __future__ import annotations

from saltern.cli import exitcodes
from saltern.cli.options import add_output, make_parser
from saltern.cli.output import Printer
from saltern.errors import UserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saltern.cli.checkup.finding import Finding

_ROLES = ("master", "minion")
_MARKS = {"good": "ok", "warning": "!", "bad": "BAD"}
_EXAMPLES = ("saltern doctor", "saltern doctor minion -c ./conf", "saltern doctor --out json")


def main(argv: Sequence[str]) -> int:
    """Run the command; 1 when something is wrong. Warnings do not count."""
    parser = make_parser(
        "doctor",
        "Looks at this host's master and minion, and says what to do about what is wrong. Changes nothing.",
        usage="[options] [master] [minion]",
        examples=_EXAMPLES,
    )
    parser.add_argument("words", nargs="*", metavar="ROLE", help="master or minion; what is here, if not given")
    add_output(parser)
    options = parser.parse(argv)
    wrong = [word for word in options.words if word not in _ROLES]
    if wrong:
        raise UserError(f"there is nothing to look at called {wrong[0]!r}", hint="master or minion")
    from saltern.config.paths import config_dir

    directory = config_dir(options.config_dir)
    found = {role: list(_look(role, directory)) for role in options.words or _here(directory)}
    if not found:
        raise UserError(f"{directory} has neither a master nor a minion", hint="Name one: saltern doctor minion")
    with Printer(options, {}) as printer:
        if printer.chosen:
            printer.show({role: [finding._asdict() for finding in findings] for role, findings in found.items()})
        else:
            printer.write("\n\n".join(_text(role, findings) for role, findings in found.items()))
    findings = [finding for several in found.values() for finding in several]
    return exitcodes.FAILED if any(finding.state == "bad" for finding in findings) else exitcodes.OK


def _look(role: str, directory: str) -> Iterator[Finding]:
    from saltern.cli.checkup import master, minion

    return master.look(directory) if role == "master" else minion.look(directory)


def _here(directory: str) -> list[str]:
    from saltern.cli.checkup import master, minion

    return [role for role, part in (("master", master), ("minion", minion)) if part.is_here(directory)]


def _text(role: str, findings: Sequence[Finding]) -> str:
    width = max((len(finding.area) for finding in findings), default=0)
    lines = [f"{role}:"]
    for finding in findings:
        lines.append(f"  {_MARKS[finding.state]:3}  {finding.area:{width}}  {finding.text}")
        if finding.advice:
            lines.append(f"       {'':{width}}  -> {finding.advice}")
    return "\n".join(lines)
