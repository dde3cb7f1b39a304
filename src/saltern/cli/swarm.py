"""`saltern swarm`: simulates many minions over the real transport (behaviour SCL-07)."""

from __future__ import annotations

from argparse import ArgumentTypeError

from saltern.cli.options import count, make_parser, seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from saltern.cli.options import Parser

_EXAMPLES = (
    "saltern swarm --count 1000 --master 127.0.0.1:4510",
    "saltern swarm --count 5000 --processes 4 --delay 50ms --size 2048",
    "saltern swarm --count 200 --drop 0.01 --rate 20 --duration 1m",
)
_SUFFIXES = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def main(argv: Sequence[str]) -> int:
    """Run until the time is over or it is stopped; the exit code."""
    options = _parser().parse(argv)
    from saltern.assembly.swarm import SwarmOptions, run_swarm
    from saltern.swarm.fake import Behaviour

    return run_swarm(
        SwarmOptions(
            count=options.count,
            master=options.master,
            name=options.name,
            processes=options.processes,
            rate=options.rate,
            duration=options.duration,
            token=options.token,
            seed=options.seed,
            state=options.state,
            behaviour=Behaviour(delay=options.delay, size=options.size, drop=options.drop),
        )
    )


def _parser() -> Parser:
    parser = make_parser(
        "swarm",
        "Simulates minions that enrol, take jobs and return over the real transport, and prints what they did.",
        usage="[options]",
        examples=_EXAMPLES,
    )
    group = parser.add_argument_group("swarm")
    group.add_argument("--count", metavar="N", type=count, default=100, help="how many minions (default 100)")
    group.add_argument("--master", metavar="HOST:PORT", default="127.0.0.1:4510", help="where the master listens")
    group.add_argument("--name", metavar="TEXT", default="swarm", help="ids are TEXT-0, TEXT-1, ...")
    group.add_argument("--processes", metavar="N", type=count, default=0, help="0: as many as descriptors ask for")
    group.add_argument("--rate", metavar="N", type=fraction, default=0.0, help="connect so many a second; 0: at once")
    group.add_argument("--delay", metavar="TIME", type=short_time, default=0.0, help="before a return: 50ms, 2s")
    group.add_argument("--size", metavar="BYTES", type=size, default=0, help="bytes of a return: 300, 16k, 2m")
    group.add_argument(
        "--drop", metavar="SHARE", type=fraction, default=0.0, help="share of returns never sent, 0 to 1"
    )
    group.add_argument("--duration", metavar="TIME", type=seconds, default=0.0, help="0: until it is stopped")
    group.add_argument("--token", metavar="TOKEN", default="", help="a join token")
    group.add_argument("--state", metavar="DIR", default="", help="keep keys and certificates there for the next time")
    group.add_argument("--seed", metavar="N", type=count, default=0, help="of the random numbers")
    return parser


def short_time(text: str) -> float:
    """`50ms` or a duration, in seconds."""
    if text.endswith("ms") and text[:-2].isdigit():
        return int(text[:-2]) / 1000
    return seconds(text)


def size(text: str) -> int:
    """`300`, `16k`, `2m` as bytes."""
    factor = _SUFFIXES.get(text[-1:].lower(), 1)
    return count(text[:-1] if factor > 1 else text) * factor


def fraction(text: str) -> float:
    """A number that is not below zero."""
    try:
        number = float(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no number") from error
    if not number >= 0:
        raise ArgumentTypeError(f"{text!r} is below zero")
    return number
