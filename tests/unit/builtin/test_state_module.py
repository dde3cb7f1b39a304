"""`state.*` in a plugin space: what goes wrong is told, and what one process must do alone is done alone."""

from __future__ import annotations

import fcntl
import itertools
import json
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
    assert 'Missing "name" data' in minion.call("state.low", {"state": "test", "fun": "nop"})
    missing = ["Specified SLS /nonexistent.sls on local filesystem cannot be found."]
    assert minion.outcome("state.template", "/nonexistent").value == missing
    assert minion.outcome("state.single", "nop", "x").value == "Invalid function passed"


@pytest.mark.behaviour("TST-02")
def test_mock_calls_nothing(tmp_path: Path):
    minion = Shipped(tmp_path, file_client="local")
    minion.space.scope.services = SERVICES
    minion.write("base/top.sls", "base: {'*': [main]}\n")
    minion.write(
        "base/main.sls", f"a:\n  file.touch:\n    - name: {tmp_path}/made\nb:\n  test.fail_without_changes: []\n"
    )
    ways = (
        minion.call("state.apply", "main", mock=True),
        minion.call("state.highstate", mock=True),
        minion.call("state.sls_id", "a", "main", mock=True),
        minion.call("state.single", "file.touch", f"{tmp_path}/made", mock=True),
        minion.call("state.high", {"a": {"file": ["touch", {"name": f"{tmp_path}/made"}]}}, mock=True),
        minion.call("state.template_str", f"a: {{file.touch: [{{name: {tmp_path}/made}}]}}", mock=True),
    )
    for found in ways:
        assert {result["comment"] for result in found.values()} == {"Not called, mocked"}
    assert not (tmp_path / "made").exists()


@pytest.mark.behaviour("REQ-12")
def test_a_module_is_made_ready_once_before_its_first_state(minion: Shipped, tmp_path: Path):
    minion.write(
        "cache/extmods/states/ready.py",
        f"def mod_init(low):\n    open('{tmp_path}/told', 'a').write(low['__id__'] + ' ')\n    return True\n"
        "def one(name):\n    return {'name': name, 'result': True, 'changes': {}, 'comment': ''}\n",
    )
    minion.write("base/main.sls", "a: ready.one\nb: ready.one\nc: test.nop\n")
    results(minion, "main")
    assert (tmp_path / "told").read_text() == "a "


@pytest.mark.behaviour("REQ-10")
@pytest.mark.parametrize(("option", "made"), [(False, "a"), (True, "a b"), (["joins"], "a b"), (["pkg"], "a")])
def test_a_module_may_join_the_states_to_come(tmp_path: Path, option: Any, made: str):
    minion = Shipped(tmp_path, state_aggregate=option)
    minion.space.scope.services = SERVICES
    minion.write(
        "cache/extmods/states/joins.py",
        "def mod_aggregate(low, chunks, running):\n"
        "    low['names_of_all'] = ' '.join(one['name'] for one in chunks if one['state'] == 'joins')\n"
        "    return low\n"
        "def one(name, names_of_all=''):\n"
        "    return {'name': name, 'result': True, 'changes': {}, 'comment': names_of_all or name}\n",
    )
    minion.write("base/main.sls", "a: joins.one\nb: joins.one\n")
    assert results(minion, "main")["a"]["comment"] == made


@pytest.mark.behaviour("REQ-11")
def test_states_that_follow_have_the_pillar_and_the_modules_that_one_made(tmp_path: Path):
    pillars = tmp_path / "pillar"
    pillars.mkdir()
    (pillars / "top.sls").write_text("base: {'*': [data]}\n")
    (pillars / "data.sls").write_text("port: 1\n")
    minion = Shipped(tmp_path, file_client="local", pillar_roots={"base": [str(pillars)]})
    minion.space.scope.services = SERVICES
    minion.write(
        "cache/extmods/states/tells.py",
        "def port(name):\n"
        "    told = '%s %s' % (__pillar__.get('port'), __salt__['pillar.get']('port'))\n"
        "    return {'name': name, 'result': True, 'changes': {}, 'comment': told}\n",
    )
    minion.write(
        "base/main.sls",
        f"write:\n  file.managed:\n    - name: {pillars}/data.sls\n    - contents: 'port: 2'\n"
        "    - reload_pillar: True\n"
        f"bring:\n  file.managed:\n    - name: {tmp_path}/cache/extmods/states/late.py\n    - contents: |\n"
        "        def one(name):\n            return {'name': name, 'result': True, 'changes': {}, 'comment': 'late'}\n"
        "    - reload_modules: True\n"
        "ask: tells.port\nlate: late.one\n",
    )
    found = results(minion, "main")
    assert (found["ask"]["comment"], found["late"]["comment"]) == ("2 2", "late")


@pytest.mark.behaviour("REQ-04")
def test_who_listens_is_called_for_real_behind_a_trial_that_failed(minion: Shipped, tmp_path: Path):
    heard = tmp_path / "heard"
    minion.write(
        "base/main.sls",
        "change:\n  test.succeed_with_changes:\n    - listen_in: [{cmd: heard}]\n"
        f"heard:\n  cmd.wait:\n    - name: touch {heard}\n"
        "first:\n  test.nop:\n    - prereq: [{file: bad}]\n"
        f"bad:\n  file.managed:\n    - name: {tmp_path}/y\n    - source: salt://none\n",
    )
    found = results(minion, "main")
    assert (found["bad"]["result"], found["listener_heard"]["result"], heard.exists()) == (False, True, True)


@pytest.mark.behaviour("REQ-12", "TST-01")
@pytest.mark.parametrize(("given", "made"), [({"mock": True}, []), ({"test": True}, []), ({}, ["made"])])
def test_a_beacon_is_made_by_runs_alone_that_are_meant(minion: Shipped, given: dict[str, Any], made: list[str]):
    minion.write(
        "cache/extmods/states/odd.py",
        "def one(name, **kwargs):\n    return {'name': name, 'result': True, 'changes': {}, 'comment': ''}\n"
        "def mod_beacon(name, **kwargs):\n"
        "    if not __opts__['test']:\n        __context__.setdefault('made', []).append(name)\n"
        "    return one(name)\n",
    )
    minion.write("base/main.sls", "made:\n  odd.one:\n    - beacon: True\n")
    results(minion, "main", **given)
    assert minion.space.scope.context.get("made", []) == made


@pytest.mark.behaviour("STA-26", "REQ-09")
@pytest.mark.parametrize("most", [1, 2])
def test_no_more_states_run_beside_the_others_than_may(tmp_path: Path, most: int):
    minion = Shipped(tmp_path, state_max_parallel=most)
    minion.space.scope.services = SERVICES
    told = tmp_path / "told"
    run = {"name": f"echo 1 >> {told}; sleep 0.3; echo -1 >> {told}", "parallel": True}
    states = {f"s{number}": {"cmd.run": [{key: value} for key, value in run.items()]} for number in range(5)}
    minion.write("base/main.sls", "#!json\n" + json.dumps(states))
    assert [one["result"] for one in results(minion, "main").values()] == [True] * 5
    running = list(itertools.accumulate(int(line) for line in told.read_text().split()))
    assert (len(running), max(running), running[-1]) == (10, most, 0)


@pytest.mark.behaviour("STA-25")
@pytest.mark.parametrize(("option", "given"), [(True, {}), (False, {"state_events": True})])
def test_the_end_of_each_state_is_told_where_it_is_wished(tmp_path: Path, option: bool, given: dict[str, Any]):
    minion = Shipped(tmp_path, state_events=option)
    minion.space.scope.services = SERVICES
    minion.write("base/main.sls", "a: test.nop\nb: test.succeed_with_changes\n")
    found = minion.call("state.apply", "main", **given)
    told = [(tag.rsplit("/", 2)[-2:], data) for tag, data, *_ in minion.events if "/prog/" in tag]
    assert told == [(["m1", str(place)], {"ret": one, "len": 2}) for place, one in enumerate(found.values())]


def test_no_progress_is_told_by_default(minion: Shipped):
    minion.write("base/main.sls", "a: test.nop\n")
    minion.call("state.apply", "main")
    assert not [tag for tag, *_ in minion.events if "/prog/" in tag]


@pytest.mark.behaviour("STA-20")
def test_what_salt_says_of_data_that_is_none(minion: Shipped):
    assert minion.call("state.low", {"fun": "nop", "name": "foo"}) == ['Missing "state" data']
    wrong = {"state": "test", "fun": "nosuch", "name": "foo"}
    assert minion.call("state.low", wrong) == ["Specified state 'test.nosuch' was not found"]
    assert minion.call("state.high", "bad") == ["High data is not a dictionary and is invalid"]
    assert minion.call("state.sls", "") == ["No matching sls found for '' in env 'base'"]
    assert minion.call("state.sls", "main", saltenv="nosuch") == [
        "No matching salt environment for environment 'nosuch' found",
        "No matching sls found for 'main' in env 'nosuch'",
    ]


@pytest.mark.behaviour("STA-03")
def test_a_state_that_is_not_there_tells_no_place_and_no_time(minion: Shipped):
    minion.write("base/main.sls", "x:\n  test.nosuch: []\n")
    comment = "State 'test.nosuch' was not found in SLS 'main'\nReason: 'test.nosuch' is not available.\n"
    assert minion.call("state.sls", "main") == {
        "test_|-x_|-x_|-nosuch": {
            "name": "x", "result": False, "changes": {}, "comment": comment, "__run_num__": 0,
        }
    }  # fmt: skip


@pytest.mark.behaviour("STA-23")
def test_what_was_compiled_once_is_applied_again_where_it_is_wished(minion: Shipped, tmp_path: Path):
    minion.write("base/main.sls", "first:\n  test.nop: []\n")
    minion.write("base/next.sls", "second:\n  test.nop: []\n")
    assert results(minion, "main", cache=True).keys() == {"first"}
    assert results(minion, "next", cache=True).keys() == {"first"}
    assert results(minion, "next").keys() == {"second"}
    assert results(minion, "next", cache=True, cache_name="other").keys() == {"second"}
    kept = [path for path in tmp_path.rglob("*.cache.p") if path.name.startswith(("highstate", "other"))]
    assert len(kept) == 2
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    minion.call("state.clear_cache")
    assert results(minion, "next", cache=True).keys() == {"second"}
    refused = minion.outcome("state.apply", "main", cache=True, cache_name="../out")
    assert "cannot be the name" in refused.value
