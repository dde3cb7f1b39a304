"""Answers of debconf, really kept in a throw-away root."""

from __future__ import annotations

import pytest
from shipped import Shipped

from servers import program
from throwaway_root import in_throwaway_root

QUESTION = "trial/colour"


@pytest.fixture
def minion(tmp_path) -> Shipped:
    program("debconf-get-selections")
    return Shipped(tmp_path)


@in_throwaway_root
def test_questions_are_answered(minion):
    assert minion.call("debconf.show", "trial") is None
    assert minion.call("debconf.set", "trial", QUESTION, "string", "dark", "red") is True
    assert minion.call("debconf.show", "trial") == [[QUESTION, "string", "dark red"]]
    assert minion.call("debconf.get_selections", fetchempty=False)["trial"] == [[QUESTION, "string", "dark red"]]
    minion.write("base/answers", "# a comment\ntrial trial/a boolean true\n")
    assert minion.call("debconf.set_file", "salt://answers") is True
    assert [QUESTION, "string", "dark red"] in minion.call("debconf.show", "trial")
    assert ["trial/a", "boolean", "true"] in minion.call("debconf.show", "trial")
    assert minion.call("debconf.set_file", "salt://nosuch") is False
    minion.write("base/wrong", "secret\n")
    said = minion.outcome("debconf.set_file", "salt://wrong").value
    assert "debconf-set-selections" in said
    assert "secret" not in said


@in_throwaway_root
def test_answers_are_states(minion):
    data = {
        QUESTION: {"type": "string", "value": "blue"},
        "trial/on": {"type": "boolean", "value": True},
        "trial/pass": {"type": "password", "value": "secret"},
    }
    foreseen = minion.state("debconf.set", "trial", data=data, test=True)
    assert foreseen["result"] is None
    assert foreseen["changes"] == {
        QUESTION: "New value: blue",
        "trial/on": "New value: true",
        "trial/pass": "New value: (password hidden)",
    }
    done = minion.state("debconf.set", "trial", data=data)
    assert done["changes"] == {QUESTION: "blue", "trial/on": "true", "trial/pass": "(password hidden)"}
    again = minion.state("debconf.set", "trial", data=data)
    assert (again["result"], again["changes"]) == (True, {})
    assert again["comment"] == f"Unchanged answers: {QUESTION} trial/on trial/pass"
    wrong = minion.state("debconf.set", "trial", data={QUESTION: "blue"})
    assert (wrong["result"], wrong["comment"]) == (False, f"The question {QUESTION} needs a 'type' and a 'value'")


@in_throwaway_root
def test_a_file_of_answers_is_a_state(minion):
    minion.write("base/answers.jinja", f"trial {QUESTION} string {{{{ colour }}}}\n")
    wanted = {"source": "salt://answers.jinja", "template": "jinja", "context": {"colour": "green"}}
    foreseen = minion.state("debconf.set_file", "x", test=True, **wanted)
    assert (foreseen["result"], foreseen["comment"]) == (None, "Debconf selections would have been set.")
    done = minion.state("debconf.set_file", "x", **wanted)
    assert (done["result"], done["comment"]) == (True, "Debconf selections were set.")
    assert minion.call("debconf.show", "trial") == [[QUESTION, "string", "green"]]
    again = minion.state("debconf.set_file", "x", **wanted)
    assert (again["result"], again["changes"]) == (True, {})
    said = minion.state("debconf.set_file", "x", source="salt://answers.jinja", context=[1])["comment"]
    assert said == "Context must be formed as a dict"
