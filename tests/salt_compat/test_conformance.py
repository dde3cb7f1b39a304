"""Commands answer as Salt 3008.2 did: the recorded cases of all areas, through the command line.

A case that answers otherwise on purpose stands in `OTHERWISE` with the reason, and in docs/differences.md.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conformance.case import Case, missing_marks
from conformance.compare import diff, differs
from conformance.observe import entry_label, observe
from conformance.warm import WarmCommands

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.parent.relative_to(CASES).as_posix() for path in CASES.glob("*/*/case.yaml"))

PROVES = {
    "compile": ("STA-01", "STA-04", "STA-05", "STA-06", "STA-07", "STA-08", "STA-10", "STA-11", "STA-13"),
    "exec": (
        "JOB-12",
        "JOB-13",
        "CFG-09",
        "LDR-06",
        "LDR-11",
        "LDR-12",
        "LDR-15",
        "FS-04",
        "GRN-04",
        "PIL-12",
        "TGT-12",
    ),
    "match": ("TGT-02", "TGT-03", "TGT-04"),
    "output": ("OUT-01", "OUT-03", "OUT-04", "HSO-01", "HSO-02", "HSO-03", "HSO-04"),
    "pillar": ("PIL-02", "PIL-03", "PIL-04", "PIL-06", "PIL-07"),
    "plugins": ("LDR-01", "LDR-02", "LDR-04", "LDR-05", "LDR-08"),
    "render": ("RND-01", "RND-02", "RND-03", "RND-04", "RND-05", "RND-06", "RND-07"),
    "run": (
        "STA-02",
        "STA-03",
        "REQ-01",
        "REQ-02",
        "REQ-03",
        "REQ-04",
        "REQ-05",
        "REQ-07",
        "REQ-08",
        "TST-01",
        "STM-01",
    ),
}
"""The behaviours that the cases of an area show."""

OTHERWISE: dict[str, str] = {
    "compile/requisites-in-reverse": "Salt 3008 lets a requisite in reverse grow by what another state is given",
    "pillar/ext-pillar-stack": "the external pillar stack is not there yet",
    "plugins/state-module-mod-watch": "Salt 3008 tells one malformed result by the name of another state",
    "render/jinja-macro-context": "the line of an error within an imported macro is told as well",
    "render/pipe-pyobjects": "the renderer pyobjects is not there yet",
}


@pytest.fixture(scope="module")
def execute():
    commands = WarmCommands()
    yield commands
    commands.close()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.behaviour(*PROVES[name.partition("/")[0]])) for name in NAMES]
)
def test_answers_as_recorded(name: str, execute: WarmCommands):
    case = Case(CASES / name, name)
    lacking = missing_marks(case)
    if lacking and not os.environ.get("CI"):
        pytest.skip(", ".join(lacking))
    assert not lacking

    answers = observe(case, execute)

    problems = []
    for entry, expected, answer in zip(case.run, case.expect(), answers, strict=True):
        why = differs(expected, answer, entry)
        if why:
            problems.append(f"{entry_label(entry)}: {why}\n{diff(expected, answer)}")
    if name in OTHERWISE:
        assert problems, f"{name} answers as Salt does: take it out of OTHERWISE and docs/differences.md"
    else:
        assert not problems, "\n".join(problems)
