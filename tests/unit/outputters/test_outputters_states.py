"""Results of states, where the recorded outputs of Salt do not reach."""

from __future__ import annotations

from typing import Any

import pytest

from saltern.builtin.outputters import render


def state(number: int, name: str = "n", *, result: Any = True, module: str = "test", **more: Any) -> tuple[str, Any]:
    data = {"__run_num__": number, "__sls__": "s", "changes": {}, "comment": "ok", "name": name, "result": result}
    data |= {"duration": 1.0, "start_time": "10:00:00.000001", **more}
    return f"{module}_|-{name}_|-{name}_|-nop", data


def shown(*states: tuple[str, Any], **opts: Any) -> str:
    return render("highstate", {"m1": dict(states)}, opts)


@pytest.mark.behaviour("HSO-01")
def test_states_stand_in_the_order_in_which_they_ran():
    text = shown(state(10, "last"), state(2, "middle"), state(0, "first"))
    assert text.index("ID: first") < text.index("ID: middle") < text.index("ID: last")


@pytest.mark.behaviour("HSO-01")
def test_a_name_may_hold_the_separator_of_the_key():
    text = shown(("cmd_|-id_|-echo _|- x_|-run", state(0)[1]))
    assert "Name: echo _|- x" in text
    assert "Function: cmd.run" in text


@pytest.mark.behaviour("HSO-02")
@pytest.mark.parametrize("count", [0, 1, 9, 10, 100, 1000])
def test_the_counts_add_up_and_end_in_one_column(count):
    results = [True, False, None]
    lines = shown(*(state(number, f"n{number}", result=results[number % 3]) for number in range(count))).splitlines()
    last = lines[next(number for number, line in enumerate(lines) if line.startswith("Summary")) :]
    succeeded, failed = (next(line for line in last if line.startswith(label)) for label in ("Succeeded:", "Failed:"))
    assert int(succeeded.split()[1]) + int(failed.split()[1]) == count
    if count:
        assert len(succeeded.partition(" (")[0]) == len(failed)
    assert last[-2].split() == ["Total", "states", "run:", str(count)]


@pytest.mark.behaviour("HSO-02")
def test_states_that_ran_in_parallel_count_once():
    text = shown(
        state(0, "a", duration=100.0, __parallel__=True),
        state(1, "b", duration=40.0, __parallel__=True),
        state(2, "c", duration=10.0),
    )
    assert "Total run time: 110.000 ms" in text


@pytest.mark.behaviour("HSO-01")
def test_a_state_without_times_or_with_odd_ones_is_shown():
    text = shown(state(0, duration="soon"), state(1, "b", duration=None))
    assert "Duration: soon ms" in text
    bare = ("a_|-b_|-b_|-c", {"result": True, "comment": None, "changes": {}})
    assert "Started" not in shown(bare)
    assert "Started" not in shown(bare, state_output="terse")


@pytest.mark.behaviour("HSO-03")
@pytest.mark.parametrize("excluded", ["True,None", ["True", "None"], ("True", None)])
def test_results_can_be_filtered(excluded):
    states = (state(0, "good"), state(1, "bad", result=False), state(2, "dry", result=None))
    text = shown(*states, state_output="filter", state_output_exclude=excluded, state_output_terse=False)
    assert "ID: bad" in text
    assert "good" not in text
    assert "dry" not in text
    assert "Total states run:     3" in text


@pytest.mark.behaviour("HSO-03")
def test_states_of_one_id_can_be_shown_as_one():
    text = shown(
        ("pkg_|-all_|-vim_|-installed", state(0, changes={"vim": 1})[1]),
        ("pkg_|-all_|-git_|-installed", state(1, changes={"git": 1}, duration=2.0)[1]),
        ("pkg_|-all_|-bad_|-installed", state(2, result=False)[1]),
        state_compress_ids=True,
    )
    assert "ID: all (2)" in text
    assert "Duration: 3.0 ms" in text
    assert text.count("ID: all") == 2
    assert "Succeeded: 2 (changed=2)" in text


@pytest.mark.behaviour("HSO-04")
def test_orchestration_shows_the_minions_states_below_its_own():
    inner = {"w1": dict([state(0, "deep")]), "w2": ["broken"], "w3": "away"}
    text = shown(state(0, "orch", changes={"out": "highstate", "ret": inner}))
    assert "              w1:" in text
    assert "                        ID: deep" in text
    assert "                  Data failed to compile:" in text
    assert "                  away" in text


@pytest.mark.behaviour("HSO-04")
def test_the_envelope_of_a_runner_is_opened():
    inside = {"m1": dict([state(0)])}
    assert render("highstate", {"outputter": "highstate", "data": inside, "retcode": 0}, {}) == render(
        "highstate", inside, {}
    )


@pytest.mark.behaviour("HSO-01")
def test_colours_say_how_a_state_ended():
    colours = {
        "\x1b[0;32m": state(0),
        "\x1b[0;36m": state(0, changes={"a": 1}),
        "\x1b[0;1;33m": state(0, result=None),
        "\x1b[0;31m": state(0, result=False),
    }
    for colour, result in colours.items():
        assert f"{colour}      ID: n" in shown(result, color=True)


def test_escape_characters_stay_out_of_the_terminal():
    evil = "\x1b[2J"
    text = shown(state(0, evil, comment=evil, changes={evil: evil}, warnings=[evil]))
    assert "\x1b" not in text + shown(state(0, evil, warnings=[evil]), state_output="terse")


@pytest.mark.parametrize(
    "opts",
    [
        {},
        {"state_output": "terse"},
        {"state_output": "terse", "state_tabular": True},
        {"state_output": "terse", "state_tabular": "{0}{1} {2}.{3} {4}{5} {6[comment]}"},
    ],
)
def test_no_field_of_a_state_can_steer_the_terminal(opts):
    evil = "\x1b[2J"
    fields = {"comment": evil, "start_time": evil, "duration": evil, "result": evil, "changes": {evil: evil}}
    text = shown(state(0, evil, module=evil, **fields), **opts)
    assert "[2J" in text
    assert "\x1b" not in text
