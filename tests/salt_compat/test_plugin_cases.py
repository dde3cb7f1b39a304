"""Plugins answer as Salt did: recorded cases of execution functions and of plugins in the file roots."""

from __future__ import annotations

from pathlib import Path

import pytest
from recorded import CASES, RecordedCase, agrees

OTHERS = {
    ("exec/sys-module", 0): "names modules that are not shipped yet (file, pillar, state)",
    ("exec/sys-module", 8): "names state modules that are not shipped yet",
    ("exec/sys-module", 9): "names state modules that are not shipped yet",
    ("exec/sys-module", 10): "names renderers that are not shipped yet",
    ("exec/failing-function", 4): "slsutil is not shipped yet",
    ("exec/failing-function", 5): "hashutil is not shipped yet",
}
"""Entries that ask for what other parts of the house will bring."""

AREAS = ("exec", "plugins")
NAMES = sorted(
    path.parent.relative_to(CASES).as_posix() for area in AREAS for path in CASES.glob(f"{area}/*/case.yaml")
)


@pytest.mark.behaviour(
    "JOB-12",
    "JOB-13",
    "LDR-01",
    "LDR-02",
    "LDR-04",
    "LDR-05",
    "LDR-06",
    "LDR-08",
    "LDR-11",
    "LDR-12",
    "LDR-15",
    "CFG-09",
)
@pytest.mark.parametrize("name", NAMES)
def test_answers_as_recorded(name: str, tmp_path: Path):
    case = RecordedCase(name, tmp_path)
    compared = 0
    for entry in case.entries:
        if (name, entry) in OTHERS:
            continue
        answer, expected = case.answer(entry), case.expected(entry)
        assert agrees(answer, expected), f"entry {entry}: {answer} is not {expected}"
        compared += 1
    assert compared
