"""Outputters print what Salt prints: recorded from Salt 3008.2. Space at the end of lines is not compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from saltern.builtin.outputters import render

CASES = Path(__file__).parents[1] / "cases" / "output"
COMMANDS = sorted(path.parent.name for path in CASES.glob("*/case.yaml"))
RECORDED = sorted(path.stem for path in (CASES / "recorded").glob("*.json"))

pytestmark = pytest.mark.behaviour("OUT-01", "OUT-03", "OUT-04", "OUT-05", "HSO-01", "HSO-02", "HSO-03", "HSO-04")


@pytest.mark.parametrize("name", COMMANDS)
def test_outputters_print_as_in_salt(name: str):
    entries = yaml.safe_load((CASES / name / "case.yaml").read_text())["run"]
    expected = json.loads((CASES / name / "expect.json").read_text())
    for entry, answer in zip(entries, expected, strict=True):
        wanted = entry["output"]
        data = json.loads((CASES / name / wanted["file"]).read_text())
        assert shown(wanted["outputter"], data, wanted.get("opts", {})) == answer["stdout"], wanted


@pytest.mark.parametrize("name", RECORDED)
def test_outputters_print_unusual_data_as_in_salt(name: str):
    for entry in json.loads((CASES / "recorded" / f"{name}.json").read_text()):
        assert shown(entry["outputter"], entry["data"], entry["opts"]) == entry["text"], entry


def shown(outputter: str, data: Any, opts: dict[str, Any]) -> str:
    parts = data["_each"] if isinstance(data, dict) and list(data) == ["_each"] else [data]
    text = "\n".join(render(outputter, part, opts) for part in parts)
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines()) + "\n"
