"""The documentation says what the code does."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from saltern.cli.main import COMMANDS
from saltern.config.master import MasterConfig
from saltern.config.minion import MinionConfig
from saltern.config.option import declared
from saltern.model.job import State

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))


def test_the_reference_is_what_the_code_says():
    done = subprocess.run(
        [sys.executable, "tools/reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_option_is_in_the_reference():
    page = (REFERENCE / "configuration.md").read_text(encoding="utf-8")
    missing = [name for kind in (MasterConfig, MinionConfig) for name in declared(kind) if f"| `{name}`" not in page]
    assert missing == []


def test_every_command_is_in_the_reference():
    page = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"usage: saltern {name}" not in page] == []


def test_every_shipped_function_is_in_the_reference(tools):
    from pages.functions import names

    page = (REFERENCE / "functions.md").read_text(encoding="utf-8")
    assert "test.ping" in names()
    assert [name for name in names() if f"`{name}(" not in page and f"`{name}`" not in page] == []


def test_every_state_of_an_outcome_is_in_the_glossary():
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert [state.value for state in State if f"| `{state.value}` |" not in page] == []


def commands_of_the_readme() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("saltern ")]
    return [shlex.split(line.removesuffix(" &"))[1:] for line in lines]


@pytest.mark.parametrize("words", commands_of_the_readme(), ids=" ".join)
def test_a_command_of_the_readme_exists_with_its_options(tools, words: list[str]):
    from pages.commands import help_of

    verb = words[:2] if words[0] in ("jobs", "events") else words[:1]
    text = help_of(verb)
    known = set(re.findall(r"(?<![\w-])--?[\w-]+", text))
    assert {word for word in words if word.startswith("-")} <= known


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page: Path):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_behaviours_are_counted_with_their_proofs(tools, tmp_path: Path):
    from spec import behaviours, differences, proofs, table

    (tmp_path / "test_one.py").write_text(
        "import pytest\npytestmark = [pytest.mark.behaviour('JOB-01')]\n"
        "@pytest.mark.behaviour('JOB-02', 'MJC-05b')\ndef test_x(): ...\n"
    )
    (tmp_path / "differences.md").write_text("- JOB-03, JOB-04: reason\nJOB-05: no entry\n- JOB-06 no entry\n")
    proven, different = proofs(tmp_path), differences(tmp_path / "differences.md")
    assert set(proven) == {"JOB-01", "JOB-02", "MJC-05b"}
    assert different == {"JOB-03", "JOB-04"}
    lines = table(behaviours(), proven, different).splitlines()
    assert lines[1].split() == ["JOB", "Job", "lifecycle", "and", "JID", "4/19", "0/6", "0/1", "2", "2", "22"]
    assert lines[-1].split() == ["total", "5/217", "0/107", "0/22", "3", "2", "341"]


def test_differences_and_tests_name_behaviours_that_exist():
    done = subprocess.run(
        [sys.executable, "tools/spec.py"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "unknown ids" not in done.stdout


def test_a_test_that_names_an_unknown_behaviour_stops_the_run(pytester: pytest.Pytester):
    pytester.mkdir("docs")
    (pytester.path / "docs" / "behaviours.tsv").write_text("id\tpriority\tsystem\ttitle\nJOB-01\tmust\tJob\tJID\n")
    tests = pytester.mkdir("tests")
    (tests / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    (tests / "test_it.py").write_text(
        "import pytest\n@pytest.mark.behaviour('JOB-01', 'JOB-99')\ndef test_x(): ...\n", encoding="utf-8"
    )
    done = pytester.runpytest_subprocess("tests")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*tests/test_it.py::test_x: JOB-99"])
