"""Commands answer as Salt 3008.2 did: the recorded cases of all areas, through the command line.

A case that answers otherwise on purpose stands in `OTHERWISE` with the reason, and in docs/differences.md.
"""

from __future__ import annotations

import fnmatch
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
    "CFG-09": ("exec/*",),
    "FS-04": ("exec/*",),
    "GRN-04": ("exec/*",),
    "GRN-05": ("run/grains-states",),
    "HSO-01": ("output/*",),
    "HSO-02": ("output/*",),
    "HSO-03": ("output/*",),
    "HSO-04": ("output/*",),
    "JOB-12": ("exec/*",),
    "JOB-13": ("exec/*",),
    "LDR-01": ("plugins/*",),
    "LDR-02": ("plugins/*",),
    "LDR-04": ("plugins/*",),
    "LDR-05": ("plugins/*",),
    "LDR-06": ("exec/*",),
    "LDR-08": ("plugins/*",),
    "LDR-11": ("exec/*",),
    "LDR-12": ("exec/*",),
    "LDR-15": ("exec/*",),
    "LOC-01": ("run/highstate-run", "exec/state-queries", "run/pillar-on-command-line"),
    "OUT-01": ("output/*",),
    "OUT-03": ("output/*",),
    "OUT-04": ("output/*",),
    "PIL-02": ("pillar/*",),
    "PIL-03": ("pillar/*",),
    "PIL-04": ("pillar/*",),
    "PIL-06": ("pillar/*",),
    "PIL-07": ("pillar/*",),
    "PIL-12": ("exec/*",),
    "REQ-01": ("compile/requisite-*", "compile/requisites-*", "compile/malformed-requisites"),
    "REQ-02": ("run/require-any-watch-any", "run/onfail-forms", "run/onchanges-forms"),
    "REQ-03": ("run/cmd-wait-and-watch", "run/watch-runs-mod-watch"),
    "REQ-04": ("run/onchanges-forms", "run/onfail-forms", "run/prereq*", "run/conditions-behind-requisites"),
    "REQ-05": ("run/cmd-run-conditions", "run/unless-onlyif-any-state"),
    "REQ-06": ("run/check-cmd*",),
    "REQ-07": ("run/retry",),
    "REQ-08": ("run/failhard*",),
    "REQ-09": ("run/parallel",),
    "REQ-12": ("run/beacons-of-states",),
    "REQ-14": ("compile/requisite-circle*", "compile/malformed-requisites"),
    "RND-01": ("render/*",),
    "RND-02": ("render/*",),
    "RND-03": ("render/*",),
    "RND-04": ("render/*",),
    "RND-05": ("render/*",),
    "RND-06": ("render/*",),
    "RND-07": ("render/*",),
    "STA-01": ("compile/show-functions-as-written", "compile/highstate-shows", "compile/requisites-in-lowstate"),
    "STA-02": ("run/*",),
    "STA-03": ("run/test-states", "run/configurable-test-state"),
    "STA-04": ("compile/declaration-forms", "compile/malformed-declarations", "compile/several-states-under-one-id"),
    "STA-05": ("compile/name-is-the-id", "compile/names-expand"),
    "STA-06": (
        "compile/malformed-*",
        "compile/duplicate-id-in-two-files",
        "compile/requisite-not-found",
        "compile/requisite-circle",
        "compile/state-function-missing",
        "compile/missing-and-surplus-arguments",
    ),
    "STA-07": ("compile/include-*",),
    "STA-08": ("compile/extend-*",),
    "STA-09": ("compile/exclude-*", "compile/excluded-states-are-no-targets"),
    "STA-10": ("compile/order-*", "compile/no-auto-order", "compile/include-order"),
    "STA-11": ("compile/top-*",),
    "STA-13": ("compile/saltenv-in-config", "compile/include-other-env", "compile/top-of-one-env"),
    "STA-22": ("run/several-failed-requisites", "run/cmd-run-codes"),
    "STM-01": ("run/file-*",),
    "TGT-02": ("match/*",),
    "TGT-03": ("match/*",),
    "TGT-04": ("match/*",),
    "TGT-12": ("exec/*",),
    "STA-14": ("compile/formula-tree",),
    "STA-26": ("plugins/sync-mods",),
    "TGT-11": ("plugins/matcher-module",),
    "TST-02": ("run/mock",),
    "TGT-10": ("compile/top-matchers", "pillar/matchers-in-top"),
    "TST-01": ("run/test-mode-requisites", "run/test-option-in-config"),
}
"""The behaviours that cases show, by wildcards over their names."""

OTHERWISE: dict[str, str] = {
    "compile/requisites-in-reverse": "Salt 3008 lets a requisite in reverse grow by what another state is given",
    "plugins/state-module-mod-watch": "Salt 3008 tells one malformed result by the name of another state",
    "render/jinja-macro-context": "the line of an error within an imported macro is told as well",
}


@pytest.fixture(scope="module")
def execute():
    commands = WarmCommands()
    yield commands
    commands.close()


def shown_by(name: str) -> list[str]:
    return [shown for shown, cases in PROVES.items() if any(fnmatch.fnmatchcase(name, one) for one in cases)]


def test_every_behaviour_has_cases_that_show_it():
    assert [one for cases in PROVES.values() for one in cases if not fnmatch.filter(NAMES, one)] == []


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.behaviour(*shown_by(name))) for name in NAMES])
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
