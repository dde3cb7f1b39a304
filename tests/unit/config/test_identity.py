from __future__ import annotations

from pathlib import Path

import pytest

from saltern.config.identity import checked, hosts_file_names, minion_id
from saltern.config.minion import load_minion_config
from saltern.errors import ConfigError

pytestmark = pytest.mark.behaviour("CFG-05")


def host(*names: str):
    return lambda: names


def test_a_configured_id_wins_over_a_remembered_one(tmp_path: Path):
    cache = tmp_path / "minion_id"
    cache.write_text("old")
    assert minion_id("new", cache=cache, names=host("web1")) == "new"
    assert minion_id("", cache=cache, names=host("web1")) == "old"
    assert cache.read_text() == "old"


def test_an_id_that_was_found_is_remembered(tmp_path: Path):
    cache = tmp_path / "minion_id"
    assert minion_id("", cache=cache, names=host("web1.example.com", "web1")) == "web1.example.com"
    assert minion_id("", cache=cache, names=host("renamed")) == "web1.example.com"
    assert [path.name for path in tmp_path.iterdir()] == ["minion_id"]


def test_a_function_may_give_the_id(tmp_path: Path):
    calls = []

    def call(function, arguments):
        calls.append((function, arguments))
        return "computed"

    named = minion_id("", id_function={"my.id": {"a": 1}}, call=call, names=host("web1"))
    assert (named, calls) == ("computed", [("my.id", {"a": 1})])
    with pytest.raises(ConfigError, match="id_function"):
        minion_id("", id_function={"my.id": None}, names=host("web1"))


def test_a_found_id_is_shaped_and_a_domain_added():
    assert minion_id("", lowercase=True, names=host("WEB1.Example.COM")) == "web1.example.com"
    assert minion_id("", remove_domain=True, names=host("web1.example.com")) == "web1"
    assert minion_id("", remove_domain=["other.org"], names=host("web1.example.com")) == "web1.example.com"
    assert minion_id("", remove_domain=["example.com"], names=host("web1.example.com")) == "web1"
    assert minion_id("web1", append_domain="example.com") == "web1.example.com"
    assert minion_id("web1.example.com", append_domain="example.com") == "web1.example.com"
    assert minion_id("", remove_domain=True, append_domain="x.org", names=host("192.0.2.7")) == "192.0.2.7"


def test_a_host_without_names_is_localhost():
    assert minion_id("", names=host()) == "localhost"


@pytest.mark.parametrize("bad", ["", ".", "..", "a/b", "a\\b", "a\0b", "a b", "a\nb", "x" * 256])
def test_what_could_be_a_path_is_no_id(bad: str):
    with pytest.raises(ConfigError, match="cannot be a minion id"):
        checked(bad)


def test_loopback_names_come_from_the_hosts_file(tmp_path: Path):
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n127.0.1.1 web1 # me\n192.0.2.1 other\n")
    assert hosts_file_names(tmp_path / "hosts") == ["localhost", "web1"]
    assert hosts_file_names(tmp_path / "none") == []


def test_loading_finds_and_remembers_an_id_unless_told_not_to(tmp_path: Path):
    first = load_minion_config(tmp_path, {"minion_id_caching": False})
    assert not (tmp_path / "minion_id").exists()
    second = load_minion_config(tmp_path)
    assert (tmp_path / "minion_id").read_text() == first.id == second.id
