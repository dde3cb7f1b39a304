"""`state.*` in a plugin space: what goes wrong is told, and what one process must do alone is done alone."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import Any

import pytest
from shipped import Shipped

from saltern.assembly.services import SERVICES


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    made = Shipped(tmp_path)
    made.space.scope.services = SERVICES
    return made


def results(minion: Shipped, sls: str, **kwargs: Any) -> dict[str, Any]:
    found = minion.call("state.apply", sls, **kwargs)
    assert isinstance(found, dict), found
    return {result["__id__"]: result for result in found.values()}


@pytest.mark.behaviour("STA-06", "RND-08")
def test_a_template_that_fails_is_told_in_salts_words_and_logged_with_its_place(
    minion: Shipped, caplog: pytest.LogCaptureFixture
):
    minion.write("base/main.sls", "include:\n  - part\n")
    minion.write("base/part.sls", "a:\n  test.nop: []\nb:\n  test.nop:\n    - name: {{ nothing }}\n")
    (said,) = minion.call("state.apply", "main")
    assert "Rendering SLS 'base:part' failed: Jinja variable 'nothing' is undefined" in said
    assert "line 5" in said
    assert "salt://part.sls:5" in caplog.text
    assert "included from base:main" in caplog.text
    assert minion.space.scope.context["retcode"] == 1


@pytest.mark.behaviour("STA-03")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return 5", "Data must be a dictionary type"),
        ("return {'name': name}", "changes,comment,result"),
        ("return {'name': name, 'result': True, 'changes': [], 'comment': ''}", "'Changes' should be a dictionary"),
        ("return {'name': name, 'result': 'x', 'changes': {}, 'comment': ''}", "'result' should be"),
        ("raise ValueError('inside')", "ValueError: inside"),
        ("raise SystemError", "SystemError"),
    ],
)
def test_a_state_that_gives_no_result_has_failed(minion: Shipped, body: str, said: str):
    minion.write("cache/extmods/states/odd.py", f"def one(name):\n    {body}\n")
    minion.write("base/main.sls", "x:\n  odd.one: []\nafter:\n  test.nop: []\n")
    found = results(minion, "main")
    assert found["x"]["result"] is False
    assert said in found["x"]["comment"]
    assert found["after"]["result"] is True


@pytest.mark.behaviour("STA-20")
def test_a_trial_makes_no_trial_of_what_follows(minion: Shipped):
    minion.write("base/main.sls", "x:\n  test.succeed_with_changes: []\n")
    (foreseen,) = minion.call("state.apply", "main", test=True).values()
    (done,) = minion.call("state.apply", "main").values()
    assert (foreseen["result"], done["result"]) == (None, True)


@pytest.mark.behaviour("TST-01")
def test_test_mode_reaches_every_module_and_ends_with_the_call(minion: Shipped):
    minion.write("cache/extmods/modules/asked.py", "def mode():\n    return __opts__.get('test')\n")
    minion.write(
        "cache/extmods/states/tells.py",
        "def mode(name):\n    seen = [__opts__['test'], __salt__['asked.mode']()]\n"
        "    return {'name': name, 'result': True, 'changes': {}, 'comment': str(seen)}\n",
    )
    minion.write("base/main.sls", "x:\n  tells.mode: []\n")
    assert results(minion, "main", test=True)["x"]["comment"] == "[True, True]"
    assert results(minion, "main", test=False)["x"]["comment"] == "[False, False]"


@pytest.mark.behaviour("STA-21")
def test_a_second_run_is_refused_while_one_has_the_lock(minion: Shipped):
    minion.write("base/main.sls", "x:\n  test.nop: []\n")
    folder = minion.work / "cache"
    folder.mkdir(exist_ok=True)
    with (folder / "state.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert minion.call("state.apply", "main") == ["Other states are running on this minion."]
        assert minion.space.scope.context["retcode"] == 1
        assert results(minion, "main", concurrent=True)["x"]["result"] is True
    assert results(minion, "main")["x"]["result"] is True


@pytest.mark.behaviour("REQ-09")
def test_a_parallel_state_that_dies_has_failed(minion: Shipped):
    minion.write("cache/extmods/states/dies.py", "import os\n\ndef now(name):\n    os._exit(3)\n")
    minion.write("base/main.sls", "x:\n  dies.now:\n    - parallel: true\ny:\n  test.nop: []\n")
    found = results(minion, "main")
    assert found["x"]["result"] is False
    assert "status 3" in found["x"]["comment"]
    assert found["y"]["result"] is True


@pytest.mark.behaviour("REQ-13")
def test_slots_are_filled_right_before_the_state_runs(minion: Shipped):
    minion.write(
        "base/main.sls",
        "x:\n  test.succeed_without_changes:\n    - comment: __slot__:salt:test.arg(5, k=v).kwargs.k ~ /more\n",
    )
    assert results(minion, "main")["x"]["comment"] == "v/more"


@pytest.mark.behaviour("PIL-06", "STA-22")
def test_states_do_not_run_on_a_pillar_with_errors(tmp_path: Path):
    minion = Shipped(tmp_path, pillar={"_errors": ["top.sls: line 3"]})
    minion.space.scope.services = SERVICES
    minion.write("base/main.sls", "x:\n  test.nop: []\n")
    assert minion.call("state.apply", "main") == [
        "Pillar failed to render with the following messages:",
        "top.sls: line 3",
    ]
    assert minion.space.scope.context["retcode"] == 5
    assert results(minion, "main", force=True)["x"]["result"] is True


@pytest.mark.behaviour("STA-21")
def test_chunks_and_files_that_cannot_be_used_are_named(minion: Shipped):
    assert 'Missing "name" in low data' in minion.call("state.low", {"state": "test", "fun": "nop"})
    assert "/nonexistent" in minion.outcome("state.template", "/nonexistent").value
    assert "module.function" in minion.outcome("state.single", "nop", "x").value
