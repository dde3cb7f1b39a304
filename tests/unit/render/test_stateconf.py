"""What the renderer stateconf says of a `#!` line and of data that it cannot work with."""

from __future__ import annotations

import pytest
from trees import Site

from saltern.errors import RenderError


@pytest.mark.behaviour("RND-09")
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("-z yaml . jinja", "option -z not recognized\nInvalid use of the stateconf renderer!"),
        ("yaml", "Invalid use of the stateconf renderer!"),
        ("yaml .", "Invalid use of the stateconf renderer!"),
        ("yaml . nosuch", "The renderer 'nosuch' is not available"),
    ],
)
def test_a_line_that_cannot_be_used(line: str, told: str):
    with Site() as site, pytest.raises(RenderError) as caught:
        site.rendering.text(f"#!stateconf {line}\n.x: test.nop\n", file="salt://x.sls", sls="x")
    assert caught.value.message.startswith(told)


@pytest.mark.behaviour("RND-09")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a\n", "High data is not a dictionary and is invalid"),
        (".goal: test.nop\n", "Can't generate goal state(.goal)! The same state id already exists!"),
        (".x: test.nop\nx::x: test.nop\n", "Can't rename state id(.x) into x::x because the later already exists!"),
    ],
)
def test_data_that_cannot_be_used(text: str, told: str):
    with Site() as site, pytest.raises(RenderError) as caught:
        site.rendering.text(f"#!stateconf\n{text}", sls="x")
    assert caught.value.message == told


@pytest.mark.behaviour("RND-09")
def test_a_fault_of_the_template_keeps_its_line():
    with (
        Site(
            {"a/x.sls": "#!stateconf\n.p:\n  stateconf.set: [{v: 1}]\n# --- end of state config ---\n\n{{ nosuch }}\n"}
        ) as site,
        pytest.raises(RenderError) as caught,
    ):
        site.rendering.file("a/x.sls", sls="a.x")
    assert (caught.value.file, caught.value.line) == ("salt://a/x.sls", 6)
