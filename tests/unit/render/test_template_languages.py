"""Templates in other languages than Jinja: in SLS files, and as files that states write."""

from __future__ import annotations

import sys

import pytest
from trees import Site

from saltern.errors import RenderError

MAKO = """#!mako|yaml
<%!
    def double(x): return x * 2
%>\\
<%namespace name="lib" file="salt://lib/m.mako"/>\\
% for i in range(2):
k${i}: ${grains['os']}-${double(i)}
% endfor
called: ${salt['test.echo']('e')}
pillar: ${pillar['zone']}
sls: ${sls} ${slspath} ${saltenv}
lib: ${lib.shout('a')}
<%include file="./part.mako"/>
"""


@pytest.mark.behaviour("RND-01", "RND-05", "RND-10")
def test_mako():
    files = {
        "a/init.sls": MAKO,
        "a/part.mako": "part: ${tplpath is not None}\n",
        "lib/m.mako": '<%def name="shout(x)">${x.upper()}</%def>',
    }
    with Site(files, pillar={"zone": 12}) as site:
        data = site.rendering.file("a/init.sls", sls="a").data
    assert data == {
        "k0": "Debian-0", "k1": "Debian-2", "called": "e", "pillar": 12, "sls": "a a base", "lib": "A", "part": True,
    }  # fmt: skip


@pytest.mark.behaviour("RND-08", "RND-10")
@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("#!mako|yaml\n\na: ${nosuch}\n", 3, "'nosuch' is not defined"),
        ("#!mako|yaml\n% if x\na: 1\n", 2, "'if x' is not a partial control statement"),
        ("#!mako|yaml\n<%include file='salt://nosuch'/>\n", 2, "there is no file nosuch in the environment base"),
        ("#!mako|yaml\na: ${1 // 0}\n", 2, "ZeroDivisionError"),
    ],
)
def test_a_fault_in_mako_tells_its_line(text: str, line: int, told: str):
    with Site({"x.sls": text}) as site, pytest.raises(RenderError) as caught:
        site.rendering.file("x.sls", sls="x")
    assert told in caught.value.message
    assert (caught.value.file, caught.value.line) == ("salt://x.sls", line)


@pytest.mark.behaviour("RND-10")
def test_genshi():
    markup = '<r xmlns:py="http://genshi.edgewall.org/"><i py:for="i in range(2)">$i-${grains["os"]}</i></r>'
    text = "{% for i in range(2) %}\\\nk$i: ${grains['os']}\n{% end %}\\\n"
    with Site() as site:
        assert site.rendering.text(markup, renderers="genshi").data == "<r><i>0-Debian</i><i>1-Debian</i></r>"
        assert site.rendering.text(f"#!genshi text|yaml\n{text}").data == {"k0": "Debian", "k1": "Debian"}
        with pytest.raises(RenderError) as caught:
            site.rendering.text("<a>\n<b></a>", renderers="genshi")
    assert caught.value.line == 2


@pytest.mark.behaviour("RND-10")
def test_cheetah():
    text = "#!cheetah|yaml\n#for $i in range(2)\nk$i: $grains['os'] $salt['test.echo']('e')\n#end for\n"
    with Site() as site:
        assert site.rendering.text(text).data == {"k0": "Debian e", "k1": "Debian e"}
        with pytest.raises(RenderError):
            site.rendering.text("#!cheetah|yaml\n#for $i\n", file="salt://x.sls")


@pytest.mark.behaviour("RND-10")
@pytest.mark.parametrize(
    ("renderer", "module", "extra"),
    [("mako", "mako", "mako"), ("genshi", "genshi", "genshi"), ("cheetah", "Cheetah", "cheetah")],
)
def test_a_library_that_is_not_there_is_named(renderer: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with Site() as site, pytest.raises(RenderError, match=rf"is not available .*install saltern\[{extra}\]"):
        site.rendering.text(f"#!{renderer}|yaml\na: 1\n")
