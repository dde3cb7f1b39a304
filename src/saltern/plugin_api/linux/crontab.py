"""A user's crontab as text (crontab(5)): what states see to, below a line that says so, and what stands above."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

MANAGED = "# Lines below here are managed by Salt, do not edit"
NO_IDENTIFIER = "NO ID SET"
_IDENTIFIER = "SALT_CRON_IDENTIFIER"
_DISABLED = "#DISABLED#"
_VARIABLE = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*(.*)$")
_QUOTED = re.compile(r"([\"'])(.*)\1$")


@dataclass(frozen=True)
class Job:
    """A line that runs a command: at times (five fields) or at an occasion (`@reboot`)."""

    times: tuple[str, ...]
    cmd: str
    comment: str | None = None
    identifier: str | None = None
    commented: bool = False

    @property
    def is_special(self) -> bool:
        return len(self.times) == 1

    def is_meant(self, cmd: str, identifier: str | None) -> bool:
        """Whether this is the job with an identifier; where it has none, that of a command."""
        if identifier and self.identifier not in (None, NO_IDENTIFIER):
            return self.identifier == identifier
        return self.cmd == cmd

    def lines(self) -> list[str]:
        front: list[str] = []
        if self.comment is not None or self.identifier is not None:
            text = "#"
            if self.comment:
                text += " " + self.comment.replace("\n", "\n# ")
            if self.identifier:
                text += f" {_IDENTIFIER}:{self.identifier}"
            front = [text]
        return [*front, f"{_DISABLED if self.commented else ''}{' '.join(self.times)} {self.cmd}"]


@dataclass(frozen=True)
class Table:
    """What stands above, the variables, and the jobs."""

    above: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)

    def text(self) -> str:
        lines = [*self.above, MANAGED]
        lines += [f"{name}={value}" if value else f'{name}=""' for name, value in self.variables.items()]
        for special in (False, True):
            lines += [line for job in self.jobs if job.is_special is special for line in job.lines()]
        return "".join(f"{line}\n" for line in lines)

    def with_jobs(self, jobs: list[Job]) -> Table:
        return replace(self, jobs=jobs)

    def with_variables(self, variables: dict[str, str]) -> Table:
        return replace(self, variables=variables)


def parse(text: str) -> Table:
    """The table of a text; all of it stands above where no line says that what follows is managed."""
    lines = text.splitlines()
    if MANAGED not in lines:
        return Table(above=lines)
    at = lines.index(MANAGED)
    variables: dict[str, str] = {}
    jobs: list[Job] = []
    comment: str | None = None
    identifier: str | None = None
    for line in lines[at + 1 :]:
        if line.startswith("#") and not line.startswith(_DISABLED):
            said, found = _comment(line)
            comment = said if comment is None else f"{comment}\n{said}"
            identifier = found or identifier
            continue
        job = _job(line)
        variable = None if job else _VARIABLE.match(line)
        if job is not None:
            jobs.append(replace(job, comment=comment, identifier=identifier))
        elif variable:
            quoted = _QUOTED.match(variable[2])
            variables[variable[1]] = quoted[2] if quoted and not quoted[2] else variable[2]
        comment = identifier = None
    return Table(lines[:at], variables, jobs)


def is_time(wanted: str, known: str) -> bool:
    """Whether a field of a job's times is as wanted; where that is `random`, any number is."""
    return known.isdigit() if wanted == "random" else known == wanted


def _comment(line: str) -> tuple[str, str | None]:
    """The words of a comment, and the identifier in it."""
    words, mark, identifier = line[1:].partition(f"{_IDENTIFIER}:")
    return words.strip(), identifier.strip() if mark else None


def _job(line: str) -> Job | None:
    commented = line.startswith(_DISABLED)
    text = line.removeprefix(_DISABLED).strip()
    if text.startswith("@"):
        spec, _, cmd = text.partition(" ")
        return Job((spec,), cmd.strip(), commented=commented) if cmd else None
    words = text.split(None, 5)
    if len(words) < 6 or _VARIABLE.match(text):
        return None
    return Job(tuple(words[:5]), words[5], commented=commented)
