"""A corpus of broken files: each error names file and line, and says what to do. `broken/README.md` tells its form."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from saltern.assembly.local_pillar import compile_pillar
from saltern.assembly.services import SERVICES
from saltern.files.backends.roots import RootsTree
from saltern.files.serve import file_verbs
from saltern.plugin_api.files import TreeFiles
from saltern.plugins.index import PluginIndex
from saltern.plugins.invoke import invoke
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace

CORPUS = Path(__file__).parent / "broken"
CASES = sorted(CORPUS.glob("*.txt"))
GRAINS = {"id": "m1", "os": "Debian", "os_family": "Debian"}


class Broken(NamedTuple):
    """What a case expects, and its files by their paths (`salt/main.sls`)."""

    call: str
    place: str
    told: list[str]
    advice: list[str]
    files: dict[str, bytes]


def read(case: Path) -> Broken:
    head, *parts = case.read_bytes().split(b"-- file ")
    expect = yaml.safe_load(head)
    files = {}
    for part in parts:
        name, _, content = part.partition(b"\n")
        files[name.decode()] = content
    return Broken(expect["call"], expect["place"], expect["told"], expect["advice"], files)


def asked(case: Broken, place: Path) -> str:
    """What the one who asked is told."""
    if case.call == "pillar":
        found = compile_pillar(PluginIndex(SearchPath.of_opts({})), opts(place), GRAINS)
        return "\n".join(found.get("_errors", []))
    files = TreeFiles(_verbs(place))
    scope = Scope(opts(place), grains=GRAINS, pillar={"users": {"anna": 1}}, services=SERVICES, files=files)
    space = PluginSpace(PluginIndex(SearchPath.of_opts({})), scope)
    try:
        function, *args = case.call.split()
        return _told(invoke(space, function, args, {}).value)
    finally:
        space.close()


def opts(place: Path) -> dict[str, Any]:
    return {
        "id": "m1", "file_client": "local", "renderer": "jinja|yaml", "cachedir": str(place / "cache"),
        "gpg_keydir": str(place / "keys"), "pillar_roots": {"base": [str(place / "pillar")]},
        "pillar_safe_render_error": False,
    }  # fmt: skip


def _verbs(place: Path) -> Any:
    verbs = file_verbs(RootsTree({"base": [place / "salt"]}))
    return lambda verb, args: verbs[verb](args)


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(_told(one) for one in value.values())
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


@pytest.mark.behaviour("RND-08", "STA-06", "PIL-06")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_error_names_its_place_and_says_what_to_do(path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    case = read(path)
    for name, content in case.files.items():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    with caplog.at_level(logging.ERROR):
        told = asked(case, tmp_path)
    for words in case.told:
        assert words in told
    logged = [record.getMessage() for record in caplog.records]
    (here,) = [text for text in logged if _names(text, case.place)][:1] or pytest.fail(
        f"{case.place} in none of {logged}"
    )
    for words in case.advice:
        assert words in here


def _names(text: str, place: str) -> bool:
    """Whether a log line tells the place: the file and the line, whatever the column."""
    at = text.find(place)
    return at >= 0 and not text[at + len(place) : at + len(place) + 1].isdigit()


def test_the_corpus_is_as_large_as_it_is_said_to_be():
    assert len(CASES) >= 60
