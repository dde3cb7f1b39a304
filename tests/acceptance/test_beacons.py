"""What minions watch, and the events that tell of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from lab import Lab, until
from sites import documents, read_events


def answer(lab: Lab, minion: str, *words: str) -> Any:
    return documents(lab.run("run", minion, *words, "--out", "json").stdout)[minion]


def first(lab: Lab, match: str, count: int = 1) -> list[dict[str, Any]]:
    return [data for _, data in read_events(lab, match, count, within=30)]


@pytest.mark.behaviour("BEA-01", "BEA-02", "BEA-03")
def test_beacons_tell_what_they_see(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    roots = lab.root / "r" / "srv"
    (roots / "salt" / "_beacons").mkdir(parents=True)
    (roots / "salt" / "_beacons" / "mine.py").write_text(
        "def validate(config):\n"
        "    return ('wrong' not in str(config), 'it is wrong')\n"
        "def beacon(config):\n"
        "    if 'boom' in str(config):\n"
        "        raise ValueError('boom')\n"
        "    __context__['n'] = __context__.get('n', 0) + 1\n"
        "    return [{'tag': 'a/b', 'n': __context__['n'], 'config': config}]\n"
    )
    (roots / "pillar").mkdir()
    (roots / "pillar" / "top.sls").write_text("base:\n  '*': [watch]\n")
    of_pillar = {"beacons": {"memusage": [{"percent": "0%"}], "load": [{"enabled": False}]}}
    (roots / "pillar" / "watch.sls").write_text(json.dumps(of_pillar))
    lab.start_master()
    log = lab.root / "watched.log"
    log.write_text("old\n")
    beacons = {
        "load": [{"averages": {"1m": [100, 200]}}],
        "diskusage": [{"/": "0%"}, {"interval": 60}],
        "ps": [{"processes": {"saltern": "running", "nosuchprocess": "stopped"}}, {"run_once": True}],
        "network_info": [{"interfaces": {"lo": {"type": "greater", "bytes_sent": -1}}}, {"interval": 60}],
        "status": [{"loadavg": ["1-min"]}, {"interval": 60}],
        "log": [{"file": str(log)}, {"tags": {"hello": {"regex": ".*hello.*"}}}],
        "swapusage": [{"wrong": 5}],
        "nosuch": [],
        "second": [{"beacon_module": "mine"}, {"interval": 60}],
        "broken": [{"beacon_module": "mine"}, {"boom": True}, {"interval": 60}],
        "refused": [{"beacon_module": "mine"}, {"wrong": True}],
    }
    lab.start_minion("web1")
    lab.wait_for_minions(("web1",))
    assert answer(lab, "web1", "saltutil.sync_beacons") == ["beacons.mine"]
    lab.stop("web1")
    config = lab.minion_directory("web1") / "minion"
    config.write_text(config.read_text() + f"beacons: {json.dumps(beacons)}\n")
    lab.start_minion("web1")
    lab.wait_for_minions(("web1",))

    [memory] = first(lab, "salt/beacon/web1/memusage/")
    assert memory["id"] == "web1"
    assert memory["memusage"] > 0
    [disk] = first(lab, "salt/beacon/web1/diskusage/")
    assert (disk["mount"], disk["diskusage"] > 0) == ("/", True)
    told = first(lab, "salt/beacon/web1/ps/", 2)
    assert {name: one[name] for one in told for name in one if name not in ("id", "_stamp")} == {
        "saltern": "Running", "nosuchprocess": "Stopped",
    }  # fmt: skip
    [traffic] = first(lab, "salt/beacon/web1/network_info/")
    assert traffic["interface"] == "lo"
    assert traffic["network_info"]["bytes_sent"] >= 0
    [status] = first(lab, "salt/beacon/web1/status/*")
    assert status["data"]["loadavg"].keys() == {"1-min"}
    [own] = first(lab, "salt/beacon/web1/second/a/b")
    assert own["n"] == 1
    assert own["config"] == [{"beacon_module": "mine"}, {"interval": 60}, {"_beacon_name": "second"}]
    [broken] = first(lab, "salt/beacon/web1/broken/")
    assert "ValueError: boom" in broken["error"]
    with log.open("a") as file:
        file.write("nothing\nsay hello\n")
    [line] = first(lab, "salt/beacon/web1/log/hello")
    assert (line["raw"], line["match"]) == ("say hello", "yes")
    text = lab.log("web1")
    assert "the beacon swapusage is not run, its configuration is wrong" in text
    assert "the beacon refused is not run, its configuration is wrong: it is wrong" in text
    assert "the beacon nosuch cannot run: there is no beacon module nosuch" in text
    tags = {tag for tag, _ in read_events(lab, "salt/beacon/web1/*", 8, within=30)}
    assert not [tag for tag in tags if "/load/" in tag]


@pytest.mark.behaviour("BEA-04")
def test_beacons_are_changed_by_functions_and_states(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    lab.start_master()
    lab.start_minion("web1")
    lab.wait_for_minions(("web1",))
    good = json.dumps([{"percent": "0%"}])
    assert answer(lab, "web1", "beacons.list") == "beacons: {}\n"
    assert "memusage" in answer(lab, "web1", "beacons.list_available", "return_yaml=False")
    assert answer(lab, "web1", "beacons.add", "memusage", good, "test=True") == {
        "comment": "Beacon: memusage would be added.", "result": True,
    }  # fmt: skip
    assert answer(lab, "web1", "beacons.add", "memusage", '[{"percenty": "63%"}]') == {
        "comment": "Beacon memusage configuration invalid, not adding.\n"
        "Configuration for memusage beacon requires percent.",
        "result": False,
    }  # fmt: skip
    nosuch = {"comment": 'Beacon "nosuch" is not available.', "result": False}
    assert answer(lab, "web1", "beacons.add", "nosuch", good) == nosuch
    added = {"comment": "Added beacon: memusage.", "result": True}
    assert answer(lab, "web1", "beacons.add", "memusage", good) == added
    first(lab, "salt/beacon/web1/memusage/", 2)
    assert answer(lab, "web1", "beacons.list", "return_yaml=False") == {"memusage": [{"percent": "0%"}]}

    off = {"comment": "Disabled beacon memusage on minion.", "result": True}
    assert answer(lab, "web1", "beacons.disable_beacon", "memusage") == off
    missing = {"comment": "Beacon load is not currently configured.", "result": False}
    assert answer(lab, "web1", "beacons.disable_beacon", "load") == missing
    changed = answer(lab, "web1", "beacons.modify", "memusage", '[{"percent": "1%"}]')
    assert (changed["comment"], "+- percent: 1%" in changed["changes"]["diff"]) == ("Modified beacon: memusage.", True)
    saved = answer(lab, "web1", "beacons.save")
    file = lab.minion_directory("web1") / "minion.d" / "beacons.conf"
    assert saved == {"comment": f"Beacons saved to {file}.", "result": True}
    assert yaml.safe_load(file.read_text()) == {"beacons": {"memusage": [{"percent": "1%"}]}}
    assert answer(lab, "web1", "beacons.disable") == {"comment": "Disabled beacons on minion.", "result": True}
    assert answer(lab, "web1", "beacons.list", "return_yaml=False")["enabled"] is False
    assert answer(lab, "web1", "beacons.enable") == {"comment": "Enabled beacons on minion.", "result": True}
    assert answer(lab, "web1", "beacons.delete", "memusage")["comment"] == "Deleted beacon: memusage."

    def state(function: str, *words: str) -> dict[str, Any]:
        [result] = answer(lab, "web1", "state.single", f"beacon.{function}", "swapusage", *words).values()
        return {key: result[key] for key in ("result", "changes", "comment")}

    added = {"changes": {"swapusage": "added"}}
    assert state("present", "percent=99%", "test=True") == {
        "result": None, **added, "comment": "Beacon: swapusage would be added.",
    }  # fmt: skip
    assert state("present", "percent=99%", "save=True")["changes"] == added["changes"]
    assert "swapusage" in file.read_text()
    assert state("present", "percent=99%")["changes"] == {}
    assert state("disabled")["changes"] == {"swapusage": "disabled"}
    assert state("disabled")["changes"] == {}
    assert state("enabled")["changes"] == {"swapusage": "enabled"}
    assert state("absent", "test=True")["changes"] == {"swapusage": "removed"}
    assert state("absent")["comment"] == "Removed swapusage from beacons"
    assert state("absent") == {"result": True, "changes": {}, "comment": "swapusage not configured in beacons"}
    reset = {"comment": "Beacon configuration reset.", "result": True}
    assert answer(lab, "web1", "beacons.reset") == reset
    until(lambda: answer(lab, "web1", "beacons.list") == "beacons: {}\n", 10, "the beacons are still there")


@pytest.mark.behaviour("REQ-12")
def test_a_state_makes_the_beacon_that_it_asks_for(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    watched = lab.root / "watched"
    salt = lab.root / "r" / "srv" / "salt"
    salt.mkdir(parents=True)
    (salt / "main.sls").write_text(
        f"{watched}:\n  file.managed:\n    - contents: x\n    - beacon: True\n    - beacon_data: {{interval: 1}}\n"
    )
    lab.start_master()
    lab.start_minion("web1")
    lab.wait_for_minions(("web1",))
    name = f"beacon_inotify_{watched}"

    assert [one["changes"] for one in answer(lab, "web1", "state.apply", "main").values()][1:] == [{name: "added"}]
    [again] = [one for one in answer(lab, "web1", "state.apply", "main").values() if "beacon" in one["__id__"]]
    assert (again["result"], again["changes"]) == (True, {})

    def touched() -> bool:
        watched.write_text("y")
        return any(name in tag for tag, _ in read_events(lab, "salt/beacon/web1/*", 1, within=3))

    until(touched, 30, "nothing was told of the file")
