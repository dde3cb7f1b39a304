"""`saltern cp TARGET SOURCE... DEST`: copies files of this host to minions (behaviour CLI-06)."""

# ruff: noqa: PTH100, PTH112, PTH113, PTH116, PTH118, PTH119, PTH120, PTH123  (pathlib costs several ms to import)

from __future__ import annotations

import base64
import os
import sys
import zlib

from saltern.cli import exitcodes
from saltern.cli.options import Parser, add_output, make_parser
from saltern.cli.output import Printer
from saltern.cli.place import find_place
from saltern.cli.run import NO_ROSTERS, TARGET_FLAGS, target_of
from saltern.cli.salt_flags import add_log_file, add_refused
from saltern.cli.watch import read_value
from saltern.client.blocking import unpack
from saltern.errors import UserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from typing import Any

    from saltern.client.blocking import MasterSocket

_CHUNK = 256 << 10
_MOST_IN_ONE_JOB = 512 << 10
_EXAMPLES = (
    "saltern cp '*' motd /etc/motd",
    "saltern cp -G role:web site.conf mime.types /etc/nginx",
    "saltern cp --chunked db1 dump.sql /srv/restore/dump.sql",
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    options = _parser().parse(argv)
    if len(options.words) < 3:
        raise UserError("a target, files and a destination are needed", hint="See saltern cp --help.")
    tgt, *sources, dest = options.words
    files = list(_files(sources, recursive=options.chunked))
    place = find_place(options.config_dir)
    copying = _Copying(place.master(), target_of(options, tgt), options.timeout)
    answer = copying.in_pieces(files, dest, options) if options.chunked else copying.at_once(files, dest)
    with Printer(options, place.values) as printer:
        printer.show(answer)
    for minion in copying.silent:
        sys.stderr.write(f"{minion} did not return\n")
    if not answer:
        return exitcodes.NO_RETURN
    copied = all(done is True for places in answer.values() for done in places.values())
    return exitcodes.OK if copied and not copying.silent else exitcodes.FAILED


def _files(sources: Sequence[str], *, recursive: bool) -> Iterator[tuple[str, str]]:
    """The files that are meant, each with its name below the destination."""
    for source in sources:
        if os.path.isfile(source):
            yield source, os.path.basename(source)
        elif not os.path.isdir(source):
            raise UserError(f"{source}: there is no such file")
        elif not recursive:
            raise UserError(f"{source} is a directory", hint="saltern cp --chunked copies directories.")
        else:
            above = os.path.dirname(os.path.abspath(source))
            for folder, _, names in os.walk(source):
                for name in sorted(names):
                    path = os.path.join(os.path.abspath(folder), name)
                    yield path, os.path.relpath(path, above)


class _Copying:
    """Jobs on the minions of one target, one after another; `silent` are those that gave no return to one of them."""

    def __init__(self, master: MasterSocket, target: dict[str, Any], timeout: float | None) -> None:
        self._master = master
        self._target = target
        self._timeout = 5.0 if timeout is None else timeout
        self.silent: list[str] = []

    def at_once(self, files: Sequence[tuple[str, str]], dest: str) -> dict[str, dict[str, Any]]:
        """All files in one job."""
        contents = {os.path.abspath(path): _content(path) for path, _ in files}
        if sum(map(len, contents.values())) > _MOST_IN_ONE_JOB:
            raise UserError("These files are too large for one job.", hint="saltern cp --chunked sends them in pieces.")
        return self._run("cp.recv", [contents, dest])

    def in_pieces(
        self, files: Sequence[tuple[str, str]], dest: str, options: argparse.Namespace
    ) -> dict[str, dict[str, Any]]:
        """A job for each piece of each file; a minion that failed at one piece of a file has failed at the file."""
        single = len(files) == 1 and os.path.isfile(options.words[1]) and not dest.endswith("/")
        answer: dict[str, dict[str, Any]] = {}
        for path, name in files:
            place = dest if single else os.path.join(dest, name)
            for number, piece in enumerate(_pieces(path)):
                chunk = base64.b64encode(piece if options.no_compression else zlib.compress(piece)).decode()
                keywords = {
                    "append": number > 0,
                    "compressed": not options.no_compression,
                    "mode": os.stat(path).st_mode,
                    "__kwarg__": True,
                }
                for minion, done in self._run("cp.recv_chunked", [place, chunk, keywords]).items():
                    places = answer.setdefault(minion, {})
                    if places.get(place, True) is True:
                        places[place] = done
        return answer

    def _run(self, fun: str, arg: list[Any]) -> dict[str, Any]:
        job = self._master.ask({"verb": "publish", "fun": fun, "arg": arg, **self._target})
        found: dict[str, Any] = {}
        with self._master.stream({"verb": "follow", "jid": job["jid"], "wait": self._timeout}) as answers:
            for answer in answers:
                if answer["outcome"]["state"] in ("returned", "failed"):
                    minion, body = answer["outcome"]["minion"], answer.get("body")
                    found[minion] = read_value(self._master, job["jid"], minion) if body is None else unpack(body)
        silent = {*job["minions"], *(job.get("missing") or ())} - set(found)
        self.silent = sorted(silent | set(self.silent))
        return found


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error


def _pieces(path: str) -> Iterator[bytes]:
    """At least one piece, also of an empty file."""
    try:
        with open(path, "rb") as file:
            yield file.read(_CHUNK)
            while piece := file.read(_CHUNK):
                yield piece
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error


def _parser() -> Parser:
    parser = make_parser(
        "cp",
        "Copies files of this host to the minions of a target, and prints for each place whether it was written.",
        usage="[options] TARGET SOURCE [SOURCE ...] DEST",
        examples=_EXAMPLES,
        brief=("-h", "-c", "-C", "-n", "-t", "-L", "-G", "--compound", "--out"),
    )
    parser.add_argument("words", nargs="*", metavar="TARGET SOURCE DEST", help="the target, the files, the destination")
    group = parser.add_argument_group("copying")
    group.add_argument("-C", "--chunked", action="store_true", help="in pieces: for large files, and directories")
    group.add_argument("-n", "--no-compression", action="store_true", help="do not compress the pieces")
    group.add_argument("-t", "--timeout", metavar="SECONDS", type=float, help="how long to wait for minions")
    target = parser.add_argument_group("target")
    for flag, long_flag, kind, text in TARGET_FLAGS:
        # -C is --chunked here, as in salt-cp.
        flags = [long_flag] if flag == "-C" else [flag, long_flag]
        target.add_argument(*flags, dest="tgt_type", action="store_const", const=kind, help=text)
    target.add_argument("--delimiter", metavar="CHAR", default=":", help="between the keys of a grain or pillar")
    add_refused(target, "-H", "--hosts", reason=NO_ROSTERS, hint="saltern minions lists the minions.")
    parser.set_defaults(tgt_type="glob")
    add_output(parser, states=True)
    add_log_file(parser, kept=False)
    return parser
