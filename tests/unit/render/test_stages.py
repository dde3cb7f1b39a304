"""The first line of a text names the renderers that it goes through."""

from __future__ import annotations

import pytest

from saltern.render.stages import Stage, stages_of


@pytest.mark.behaviour("RND-01")
@pytest.mark.parametrize(
    ("text", "stages"),
    [
        ("a: 1", [("jinja", ""), ("yaml", "")]),
        ("#!yaml\na: 1", [("yaml", "")]),
        ("#! jinja | yaml \n", [("jinja", ""), ("yaml", "")]),
        ('#!up | spy  -x "y z" \n', [("up", ""), ("spy", '-x "y z"')]),
        ("#!stateconf -o jinja . yaml\n", [("stateconf", "-o jinja . yaml")]),
        ("#!yaml_jinja\n", [("jinja", ""), ("yaml", "")]),
        ("#!json_mako\n", [("mako", ""), ("json", "")]),
        ("#!/bin/sh\n", [("jinja", ""), ("yaml", "")]),
        ("# words\n#!py\n", [("jinja", ""), ("yaml", "")]),
        ("\n#!py\n", [("jinja", ""), ("yaml", "")]),
    ],
)
def test_names_its_stages(text: str, stages: list[tuple[str, str]]):
    assert stages_of(text, "jinja|yaml") == [Stage(*stage) for stage in stages]
