"""The files of apt's sources: read, changed, and written as they were where nothing changed."""

from __future__ import annotations

import pytest

from saltern.plugin_api.linux import apt_sources

LIST = """\
deb [trusted=yes] file:/opt/trial ./
# deb http://n.example/debian bookworm main
# only a comment
deb [arch=amd64,i386 signed-by=/etc/apt/keyrings/a.gpg] http://y.example/debian bookworm main contrib # why

"""
DEB822 = """\
Types: deb deb-src
URIs: http://a.example/debian http://b.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Architectures: amd64
Signed-By: /etc/apt/keyrings/a.gpg

# c
Types: deb
URIs: http://c.example/debian
Suites: sid
Components: main
Enabled: no
"""


@pytest.mark.parametrize(("path", "text"), [("x.list", LIST), ("x.sources", DEB822)])
def test_a_file_that_is_not_changed_is_written_as_it_was(path, text):
    assert apt_sources.render(path, apt_sources.parse(path, text)) == text


def test_lines_are_sources_or_texts():
    kinds = [isinstance(piece, apt_sources.Source) for piece in apt_sources.parse("x.list", LIST)]
    assert kinds == [True, True, False, True, False]


def test_a_line_is_described_as_salt_does():
    source = apt_sources.parse_line(LIST.splitlines()[3])
    # recorded from Salt 3008.2, but for the comment
    assert source.described("/etc/apt/sources.list.d/y.list") == {
        "file": "/etc/apt/sources.list.d/y.list",
        "comps": ["main", "contrib"],
        "disabled": False,
        "enabled": True,
        "dist": "bookworm",
        "suites": ["bookworm"],
        "type": "deb",
        "types": ["deb"],
        "uri": "http://y.example/debian",
        "uris": ["http://y.example/debian"],
        "line": "deb [arch=amd64,i386 signed-by=/etc/apt/keyrings/a.gpg] http://y.example/debian bookworm main contrib"
        " #why",
        "architectures": ["amd64", "i386"],
        "signedby": "/etc/apt/keyrings/a.gpg",
    }


def test_a_stanza_is_described_for_each_of_its_types():
    first = apt_sources.parse("d.sources", DEB822)[0]
    described = first.described("d.sources", "deb-src")
    assert described["line"] == (
        "deb-src [arch=amd64 signed-by=/etc/apt/keyrings/a.gpg] http://a.example/debian bookworm main contrib"
    )
    assert described["suites"] == ["bookworm", "bookworm-updates"]
    assert (described["type"], described["types"]) == ("deb-src", ["deb", "deb-src"])


def test_a_changed_stanza_is_written_anew_and_the_others_stay():
    pieces = apt_sources.parse("d.sources", DEB822)
    pieces[1] = pieces[1].with_arguments(
        {"comps": "main,contrib", "disabled": False, "architectures": ["amd64", "i386"]}
    )
    assert apt_sources.render("d.sources", pieces) == DEB822.partition("# c\n")[0] + (
        "# c\nTypes: deb\nURIs: http://c.example/debian\nSuites: sid\nComponents: main contrib\n"
        "Architectures: amd64 i386\n"
    )


def test_an_embedded_key_keeps_its_lines():
    text = (
        "Types: deb\nURIs: http://a.example\nSuites: sid\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQ\n"
    )
    (source,) = apt_sources.parse("k.sources", text)
    assert source.changed(suites=("stable",)).options["signed-by"].splitlines()[-1] == " mQ"
    assert " .\n mQ" in apt_sources.render("k.sources", [source.changed(suites=("stable",))])


@pytest.mark.parametrize(
    "line", ["", "bogus", "deb", "deb http://x", "rpm http://x sid main", "# see deb for more words"]
)
def test_what_is_no_source_is_none(line):
    assert apt_sources.parse_line(line) is None


def test_components_can_be_taken_away():
    source = apt_sources.parse_line("deb http://x.example sid main contrib")
    assert apt_sources.without_components(source, ("main",)).line() == "deb http://x.example sid contrib"
    assert apt_sources.without_components(source, ("main", "contrib")) is None
