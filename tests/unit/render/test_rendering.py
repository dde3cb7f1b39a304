"""Texts and files of the tree go through their renderers, and what goes wrong tells its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import Site

from saltern.errors import NotFound, RenderError
from servers import program


@pytest.mark.behaviour("RND-01", "RND-02")
def test_a_text_goes_through_jinja_and_yaml():
    with Site() as site:
        assert site.rendering.text("a: {{ 1 + 1 }}\nb: {{ grains.os }}\n").data == {"a": 2, "b": "Debian"}


@pytest.mark.behaviour("RND-02")
@pytest.mark.parametrize("text", ["", "  \n", "# words\n", "---\n", "~\n"])
def test_nothing_is_an_empty_dictionary(text: str):
    with Site() as site:
        assert site.rendering.text(text).data == {}


@pytest.mark.behaviour("RND-04")
def test_imports_come_from_the_same_environment():
    files = {
        "a/x.sls": "{% from './m.jinja' import v %}v: {{ v }}",
        "a/m.jinja": "{% set v = 1 %}",
        "dev:a/m.jinja": "{% set v = 2 %}",
        "dev:a/x.sls": "{% from 'salt://a/m.jinja' import v %}v: {{ v }}",
    }
    with Site(files) as site:
        assert site.rendering.file("salt://a/x.sls").data == {"v": 1}
        assert site.rendering.file("a/x.sls", saltenv="dev").data == {"v": 2}


def test_a_file_that_is_not_there():
    with Site() as site, pytest.raises(NotFound, match=r"no file web\.sls in the environment base"):
        site.rendering.file("salt://web.sls")


@pytest.mark.behaviour("RND-01")
def test_an_unknown_renderer_is_an_error_and_not_an_empty_state():
    with Site() as site, pytest.raises(RenderError) as caught:
        site.rendering.text("#!jinga|yaml\na: 1", file="salt://x.sls")
    assert caught.value.message == "The renderer 'jinga' is not available"
    assert (caught.value.place, caught.value.hint) == ("salt://x.sls:1", "Did you mean 'jinja'?")


@pytest.mark.behaviour("RND-01")
def test_the_configuration_keeps_renderers_out():
    with (
        Site(opts={"renderer_blacklist": ["jinja"]}) as site,
        pytest.raises(RenderError, match="'jinja' is not allowed"),
    ):
        site.rendering.text("a: 1")
    with Site(opts={"renderer_whitelist": ["yaml"]}) as site:
        assert site.rendering.text("#!yaml\na: 1").data == {"a": 1}


@pytest.mark.behaviour("RND-08")
def test_an_undefined_variable_tells_line_and_place_as_salt_does():
    with Site() as site, pytest.raises(RenderError) as caught:
        site.rendering.text("a:\n  b: {{ oops }}\nc: 1\n", file="salt://x.sls")
    assert str(caught.value) == (
        "Jinja variable 'oops' is undefined; line 2\n\n---\na:\n  b: {{ oops }}    <======================\nc: 1\n---"
    )
    assert caught.value.place == "salt://x.sls:2"


@pytest.mark.behaviour("RND-08")
def test_an_error_in_an_included_template_names_that_template_and_the_way_to_it():
    files = {"x.sls": "\n{% include 'lib/a.jinja' %}", "lib/a.jinja": "a: 1\nb: {{ grain.os }}\n"}
    with Site(files) as site, pytest.raises(RenderError) as caught:
        site.rendering.file("salt://x.sls")
    assert caught.value.place == "salt://lib/a.jinja:2"
    assert caught.value.includes == ("salt://x.sls:2",)
    assert caught.value.hint == "Did you mean 'grains'?"
    assert "b: {{ grain.os }}    <====" in str(caught.value)


@pytest.mark.behaviour("RND-08")
def test_yaml_that_a_loop_made_is_told_by_the_line_of_the_template():
    text = "{% for n in range(3) %}\nid{{ n }}:\n  test.nop: []\n{% endfor %}\nb: x\n  c: [\n"
    with Site() as site, pytest.raises(RenderError) as caught:
        site.rendering.text(text, file="salt://x.sls")
    assert str(caught.value).startswith("mapping values are not allowed in this context\n")
    assert caught.value.place == "salt://x.sls:6"


def test_data_tells_where_it_stands_in_the_template():
    head = "{% set list = [1,\n 2] %}\nfirst:\n  test.nop:\n    - name: x\n"
    text = head + "{% for n in list %}\nn{{ n }}:\n  a: b\n{% endfor %}\n"
    with Site() as site:
        rendered = site.rendering.text(text, file="salt://x.sls")
    assert rendered.place("first", "test.nop", 0, "name").line == 5
    assert rendered.place("n2", "a")[:2] == ("salt://x.sls", 8)
    assert str(rendered.place("n2", "nope")) == "salt://x.sls:7"
    assert str(rendered.place("nope")) == "salt://x.sls"


@pytest.mark.behaviour("RND-08")
def test_a_stage_that_is_handed_data_tells_the_file_and_no_line_of_its_own_code(tmp_path: Path):
    program("gpg")
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    text = "#!yaml|gpg\na: '-----BEGIN PGP MESSAGE-----\n\n  hQEMA\n\n  -----END PGP MESSAGE-----'\n"
    with Site(opts={"gpg_keydir": str(keys)}) as site, pytest.raises(RenderError) as caught:
        site.rendering.text(text, file="salt://x.sls")
    assert f"cannot be decrypted with the keys in {keys}" in caught.value.message
    assert (caught.value.place, caught.value.hint) == ("salt://x.sls", "")
