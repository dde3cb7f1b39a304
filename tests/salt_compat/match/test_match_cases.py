"""Target expressions match the minions that they match in Salt: recorded from Salt 3008.2, over tables of minions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from saltern.model.target import MinionData, Target
from saltern.targeting.compile import compile_target

CASES = Path(__file__).parents[1] / "cases" / "match"
NAMES = sorted(path.parent.name for path in CASES.glob("*/case.yaml"))


@pytest.mark.behaviour("TGT-02", "TGT-03", "TGT-04")
@pytest.mark.parametrize("name", NAMES)
def test_expressions_match_as_in_salt(name: str):
    case = CASES / name
    what = yaml.safe_load((case / "case.yaml").read_text())["run"][0]["match"]
    table = json.loads((case / what["minions"]).read_text())
    expected = json.loads((case / "expect.json").read_text())[0]["return"]
    minions = [MinionData(id=row["id"], grains=row["grains"], pillar=row["pillar"]) for row in table["minions"]]

    got = {}
    for expression in json.loads((case / what["exprs"]).read_text()):
        matches = compile_target(as_target(expression), table["nodegroups"])
        got[expression["name"]] = sorted(minion.id for minion in minions if matches(minion))

    assert got == expected


def as_target(expression: dict[str, Any]) -> Target:
    tgt = expression["tgt"]
    return Target(
        expr=tgt if isinstance(tgt, str) else tuple(tgt),
        kind=expression["tgt_type"],
        delimiter=expression.get("delimiter", ":"),
    )


def test_there_are_cases_of_every_kind():
    kinds = {
        expression["tgt_type"] for name in NAMES for expression in json.loads((CASES / name / "exprs.json").read_text())
    }
    assert kinds >= {"glob", "pcre", "list", "grain", "grain_pcre", "pillar", "pillar_pcre", "pillar_exact"}
    assert kinds >= {"ipcidr", "compound", "nodegroup"}
