"""States written as Python objects: what goes wrong is told in Salt's words, with its place."""

from __future__ import annotations

import pytest
from trees import Site

from saltern.errors import RenderError


@pytest.mark.behaviour("RND-09")
def test_states_requisites_and_maps_make_sls_data():
    text = """#!pyobjects
class Web(Map):
    class Debian:
        name = "apache2"
    class RedHat:
        name = "httpd"

with Test.nop(Web.name):
    Test.nop("child", tags=[Test("a"), 1])
Test.nop(extend("other"), watch=Test("child"))
include("lib.*")
"""
    with Site() as site:
        data = site.rendering.text(text).data
    assert data == {
        "include": ["lib.*"],
        "extend": {"other": {"test.nop": [{"watch": [{"test": "child"}]}]}},
        "apache2": {"test.nop": []},
        "child": {"test.nop": [{"require": [{"test": "apache2"}]}, {"tags": [{"test": "a"}, 1]}]},
    }


@pytest.mark.behaviour("RND-09")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('Test.nope("x")', "The function 'nope' does not exist in the StateFactory for 'test'"),
        ('Nope.nope("x")', "name 'Nope' is not defined"),
        ('Test.nop("x")\nTest.nop("x")', "A state with id ''x'', type ''test.nop'' exists"),
        ("import salt://lib/nope.sls", "Could not find the file 'salt://lib/nope.sls'"),
        ("from salt://lib/m.sls import nope", "'nope' was not found in 'salt://lib/m.sls'"),
        ("if x", "expected ':' (<string>, line 2)"),
    ],
)
def test_what_goes_wrong(body: str, message: str):
    with Site({"x.sls": f"#!pyobjects\n{body}\n", "lib/m.sls": "x = 1"}) as site, pytest.raises(RenderError) as caught:
        site.rendering.file("x.sls")
    assert caught.value.message == message
    assert caught.value.file == "salt://x.sls"


@pytest.mark.behaviour("RND-09")
def test_a_syntax_error_keeps_its_line_after_imports():
    files = {"x.sls": "#!pyobjects\nfrom salt://m.sls import x\n\nif x\n", "m.sls": "x = 1"}
    with Site(files) as site, pytest.raises(RenderError) as caught:
        site.rendering.file("x.sls")
    assert caught.value.line == 4
