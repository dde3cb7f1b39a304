"""Follows a job and prints its returns as they arrive (behaviours JOB-18 to JOB-21)."""

from __future__ import annotations

import sys

from saltern.cli import exitcodes
from saltern.cli.live import LiveLines
from saltern.cli.options import seconds
from saltern.cli.progress import ProgressLine
from saltern.cli.rows import missing_row
from saltern.cli.tally import WITH_RETURN, Tally
from saltern.client.blocking import unpack
from saltern.errors import NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import Any

    from saltern.cli.options import Parser
    from saltern.cli.output import Printer
    from saltern.cli.turns import Turns
    from saltern.client.blocking import MasterSocket

_OPEN = ("queued", "sent", "running")


def add_watch_options(parser: Parser) -> None:
    """How to wait for a job and what to show of it; `run`, `jobs watch` and `jobs rerun` take them alike."""
    group = parser.add_argument_group("waiting and showing")
    group.add_argument(
        "-t", "--timeout", metavar="SECONDS", type=seconds, help="how long to wait after nothing runs any more"
    )
    group.add_argument("-s", "--static", action="store_true", help="one document at the end, not one a minion")
    group.add_argument(
        "-p", "--progress", action="store_true", help="the progress line even where there is no terminal"
    )
    group.add_argument("-v", "--verbose", action="store_true", help="show the job id; list ids in the summary")
    group.add_argument("--follow", action="store_true", help="show what the job prints while it runs")
    group.add_argument("--failhard", action="store_true", help="stop waiting at the first return that is bad")
    group.add_argument("--hide-timeout", action="store_true", help="say nothing of minions without a return")
    group.add_argument("--summary", action="store_true", help="count the minions at the end")


def watch(
    master: MasterSocket,
    jid: str,
    tally: Tally,
    options: argparse.Namespace,
    printer: Printer,
    *,
    wait: float,
    batch: bool = False,
) -> int:
    """Follow a job until it is over, or `wait` seconds after nothing more runs; the exit code.

    Ctrl-C stops the watching and never the job.
    """
    watching = _Watching(master, jid, tally, options, printer, batch=batch)
    try:
        watching.follow(wait)
    except KeyboardInterrupt:
        watching.line.clear()
        _say_that_it_goes_on(jid)
        return exitcodes.INTERRUPTED
    finally:
        watching.line.clear()
    watching.finish()
    return tally.batch_exit_code() if batch else tally.exit_code()


def beside(options: argparse.Namespace, printer: Printer) -> Callable[[str], object]:
    """Prints what is no document: on standard error where it would spoil documents that a program reads."""
    return sys.stderr.write if options.out or options.out_file else printer.write_raw


class _Watching:
    def __init__(
        self,
        master: MasterSocket,
        jid: str,
        tally: Tally,
        options: argparse.Namespace,
        printer: Printer,
        *,
        batch: bool = False,
    ) -> None:
        self.line = ProgressLine(wanted=options.progress)
        self._master = master
        self._jid = jid
        self._tally = tally
        self._options = options
        self._printer = printer
        self._live = LiveLines(sys.stderr if options.out or options.static else sys.stdout)
        self._document: dict[str, Any] = {}
        self._document_out = ""
        self._turns = _turns(self._show_beside) if batch else None
        self._ended = False
        self._hinted = False

    def follow(self, wait: float) -> None:
        request = {"verb": "follow", "jid": self._jid, "wait": wait, "progress": bool(self._options.follow)}
        self.line.draw(self._tally.text)
        with self._master.stream(request) as answers:
            for answer in answers:
                if "progress" in answer:
                    self._show_live(answer["progress"])
                else:
                    self._take(answer["outcome"], answer.get("body"))
                if self._turns and not answers.at_hand:
                    self._turns.flush()
                if self._ended:
                    return
                self.line.draw(self._tally.text)
            self._take_pending(answers.end.get("pending") or {})

    def finish(self) -> None:
        """What is said when the job is over."""
        for minion in sorted(self._tally.missing):
            self._show_missing(minion, "no_key")
        if self._options.static and self._document:
            document = {minion: self._document[minion] for minion in sorted(self._document)}
            self._printer.show(document, out=self._document_out, retcode=self._tally.exit_code())
        if self._options.summary:
            text = summary(self._tally, verbose=self._options.verbose)
            beside(self._options, self._printer)(f"\n\n{text}\n")
        for complaint in [*(self._turns.complaints() if self._turns else ()), *self._tally.complaints()]:
            sys.stderr.write(complaint + "\n")

    def _take(self, outcome: dict[str, Any], body: bytes | None) -> None:
        minion, state = outcome["minion"], outcome["state"]
        if self._tally.states.get(minion) in WITH_RETURN:
            return
        self._tally.note(minion, state, outcome.get("retcode") or 0)
        if (self._turns and self._turns.take(outcome)) or state in _OPEN:
            return
        if self._turns:
            self._turns.flush()
        self.line.clear()
        self._live.end(minion)
        if state in WITH_RETURN:
            value = self._value(minion) if body is None else unpack(body)
            self._show(minion, value, out=outcome.get("out") or "", retcode=outcome.get("retcode") or 0)
            if state == "failed" and not self._hinted:
                from saltern.cli.suggest import hint_at_function

                self._hinted = hint_at_function(value)
        else:
            self._show_missing(minion, state, outcome)
        # A batch ends itself, and what is under way then is still worth seeing.
        self._ended = bool(self._options.failhard) and state != "returned" and self._turns is None

    def _take_pending(self, pending: dict[str, str]) -> None:
        for minion in sorted(pending):
            self._tally.note(minion, pending[minion])
            self._show_missing(minion, pending[minion])

    def _value(self, minion: str) -> Any:
        """A value that was too large to come with its outcome, or is not kept."""
        try:
            return read_value(self._master, self._jid, minion)
        except NotFound:
            return "The return is not in the job cache."

    def _show_missing(self, minion: str, state: str, outcome: dict[str, Any] | None = None) -> None:
        if not self._options.hide_timeout:
            self._show(minion, missing_row(state, self._jid, outcome), out="no_return", retcode=exitcodes.FAILED)

    def _show(self, minion: str, value: Any, *, out: str, retcode: int) -> None:
        if self._options.static:
            self._document[minion] = value
            self._document_out = self._document_out if out == "no_return" else out
            return
        self.line.clear()
        self._printer.show({minion: value}, out=out, retcode=retcode)

    def _show_beside(self, text: str) -> None:
        if not self._options.static:
            self.line.clear()
            beside(self._options, self._printer)(text)

    def _show_live(self, progress: dict[str, Any]) -> None:
        self.line.clear()
        self._live.show(progress["minion"], progress["stream"], progress["data"], progress["number"])


def _turns(show: Callable[[str], object]) -> Turns:
    from saltern.cli.turns import Turns

    return Turns(show)


def read_value(master: MasterSocket, jid: str, minion: str) -> Any:
    """The value of a return, whatever its size; `NotFound` when the job cache does not have it."""
    body = bytearray()
    with master.stream({"verb": "body", "jid": jid, "minion": minion}) as answers:
        for answer in answers:
            body += answer["data"]
    return unpack(bytes(body))


def summary(tally: Tally, *, verbose: bool) -> str:
    """The counts of a job that is over, with `verbose` the ids too (behaviour CLI-08)."""
    rule = "-" * 43
    silent = tally.without_return()
    groups = (
        ("targeted", sorted([*tally.states, *tally.missing])),
        ("returned", tally.ids(*WITH_RETURN)),
        ("that did not return", silent),
        ("with errors", tally.ids("failed")),
    )
    lines = [f"# of minions {name}: {len(ids)}" for name, ids in groups]
    if verbose:
        lines += [f"Minions {name}: {' '.join(ids)}" for name, ids in groups[1:] if ids]
    return "\n".join((rule, "Summary", rule, *lines, rule))


def _say_that_it_goes_on(jid: str) -> None:
    sys.stderr.write(
        f"\nNo longer waiting for job {jid}; it goes on.\n"
        f"  watch it:    saltern jobs watch {jid}\n"
        f"  look it up:  saltern runner jobs.lookup_jid {jid}\n"
    )
