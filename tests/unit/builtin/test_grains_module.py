"""The module grains: reading and setting, with the answers that Salt 3008.2 gives."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from saltern.builtin.modules import grains
from saltern.plugin_api import CommandExecutionError, SaltInvocationError
from saltern.plugin_api.errors import DeliberateError

pytestmark = pytest.mark.behaviour("GRN-04")

GRAINS = {
    "id": "m1",
    "os": "Debian",
    "os_family": "Debian",
    "oscodename": "bookworm",
    "osmajorrelease": 12,
    "host": "m1",
    "nodename": "m1",
    "localhost": "m1",
    "fqdn": "m1.example.test",
    "domain": "example.test",
    "serialnumber": "ABCDEFGH",
    "site": {"room": {"rack": "r7", "units": [1, 2]}, "tags": ["a", {"k": "v"}]},
    "roles": ["x", "web"],
    "zero": 0,
    "nothing": None,
}


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(grains, "__grains__", dict(GRAINS), raising=False)
    monkeypatch.setattr(grains, "__opts__", {"conf_file": str(tmp_path / "minion")}, raising=False)
    monkeypatch.setattr(grains, "__salt__", {}, raising=False)
    return tmp_path / "grains"


def kept(file: Path) -> dict:
    return yaml.safe_load(file.read_text())


def changed(**changes) -> dict:
    return {"result": True, "changes": changes, "comment": ""}


def refused(comment: str) -> dict:
    return {"result": False, "changes": {}, "comment": comment}


# --- reading ----------------------------------------------------------------------------------------------------------


def test_get_walks_into_nested_grains() -> None:
    assert grains.get("site:room:rack") == "r7"
    assert grains.get("site:room") == {"rack": "r7", "units": [1, 2]}
    assert grains.get("site:room:units:1") == 2
    assert grains.get("site:tags:k") == "v"
    assert grains.get("site|room|rack", delimiter="|") == "r7"
    assert grains.fetch("site:room:rack", ordered=False) == "r7"


def test_get_gives_the_default_for_what_is_not_set() -> None:
    assert (grains.get("none"), grains.get("none", "fallback"), grains.get("site:none", 5)) == ("", "fallback", 5)
    assert (grains.get("zero", "9"), grains.get("nothing", "9")) == (0, None)


def test_item() -> None:
    assert grains.item("os", "site:room:rack", "none") == {"os": "Debian", "site:room:rack": "r7", "none": ""}
    assert grains.item("none", default="d") == {"none": "d"}
    assert grains.item() == {}


def test_items_and_ls() -> None:
    assert grains.items() == GRAINS
    assert grains.ls() == sorted(GRAINS)


def test_sanitized_items_do_not_name_the_machine() -> None:
    found = grains.items(sanitize=True)
    assert {key: value for key, value in found.items() if value != GRAINS[key]} == {
        "id": "MINION.DOMAINNAME",
        "host": "MINION",
        "nodename": "MINION",
        "localhost": "MINION",
        "fqdn": "MINION.DOMAINNAME",
        "domain": "DOMAINNAME",
        "serialnumber": "ABCDEFXX",
    }
    assert grains.item("id", "os", sanitize=True) == {"id": "MINION.DOMAINNAME", "os": "Debian"}


def test_has_value_and_equals() -> None:
    assert [grains.has_value(key) for key in ("zero", "nothing", "site:room", "none")] == [True, True, True, False]
    assert grains.equals("os", "Debian") and grains.equals("zero", "0") and not grains.equals("os", "Deb*")


# --- setting ----------------------------------------------------------------------------------------------------------


def test_setval_keeps_the_value_in_the_file_and_shows_it_at_once(file: Path) -> None:
    assert grains.setval("colour", "blue") == {"colour": "blue"}
    assert file.read_text() == "colour: blue\n"
    assert grains.get("colour") == "blue"
    assert grains.setval("a:b", "c") == {"a:b": "c"}
    assert kept(file) == {"colour": "blue", "a:b": "c"}


def test_setvals(file: Path) -> None:
    assert grains.setvals({"q": 1, "r": None}) == {"q": 1, "r": None}
    assert kept(file) == {"q": 1, "r": None}
    assert grains.setvals({"r": None}, destructive=True) == {"r": None}
    assert kept(file) == {"q": 1}
    assert not grains.has_value("r")
    with pytest.raises(SaltInvocationError, match=r"^setvals grains must be a dictionary\.$"):
        grains.setvals("text")


def test_the_file_lies_in_the_directory_when_there_is_no_configuration_file(tmp_path, monkeypatch, file: Path) -> None:
    monkeypatch.setattr(grains, "__opts__", {"conf_file": str(tmp_path)})
    grains.setval("a", 1)
    assert kept(file) == {"a": 1}


def test_setting_refreshes_the_grains(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(grains, "__salt__", {"saltutil.refresh_grains": lambda **options: asked.append(options)})
    grains.setval("a", 1)
    grains.setval("a", 2, refresh_pillar=False)
    assert asked == [{"refresh_pillar": True}, {"refresh_pillar": False}]


def test_a_file_that_cannot_be_read_is_not_overwritten(file: Path) -> None:
    file.write_text("a: [unclosed\n")
    with pytest.raises(CommandExecutionError, match="Unable to read existing grains file"):
        grains.setval("b", 1)
    assert file.read_text() == "a: [unclosed\n"


def test_a_value_that_cannot_be_kept_leaves_the_file_as_it_was(file: Path) -> None:
    grains.setval("a", 1)
    with pytest.raises(yaml.YAMLError):
        grains.setval("b", object())
    assert file.read_text() == "a: 1\n"
    assert [path.name for path in file.parent.iterdir()] == ["grains"]


def test_a_disk_that_is_full_leaves_the_file_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grains.setval("a", 1)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(grains.os, "fsync", full)
    with pytest.raises(CommandExecutionError, match="No space left"):
        grains.setval("b", 1)
    assert file.read_text() == "a: 1\n"
    assert [path.name for path in file.parent.iterdir()] == ["grains"]


def test_the_mode_of_the_file_stays(file: Path) -> None:
    grains.setval("a", 1)
    file.chmod(0o600)
    grains.setval("a", 2)
    assert file.stat().st_mode & 0o777 == 0o600


def test_append(file: Path) -> None:
    assert grains.append("new", "v") == {"new": ["v"]}
    assert grains.append("new", "v") == "The val v was already in the list new"
    assert grains.append("new", ["v", "w"]) == {"new": ["v", "v", "w"]}
    assert grains.append("os", "x") == "The key os is not a valid list"
    assert grains.append("os", "x", convert=True) == {"os": ["Debian", "x"]}
    assert grains.append("nest;l", "z", delimiter=";") == {"nest": {"l": ["z"]}}
    assert grains.append("nest:m", "y") == {"nest": {"l": ["z"], "m": ["y"]}}
    assert kept(file)["nest"] == {"l": ["z"], "m": ["y"]}


def test_remove(file: Path) -> None:
    assert grains.remove("roles", "x") == {"roles": ["web"]}
    assert kept(file) == {"roles": ["web"]}
    assert grains.remove("roles", "x") == "The val x was not in the list roles"
    assert grains.remove("none", "x") == "The val x was not in the list none"
    assert grains.remove("os", "x") == "The key os is not a valid list"
    assert grains.remove("site:room:units", 1)["site"]["room"] == {"rack": "r7", "units": [2]}


def test_set_of_a_plain_grain(file: Path) -> None:
    assert grains.set_("k", "v") == changed(k="v")
    assert grains.set_("k", "v") == {"result": True, "changes": {}, "comment": "Grain is already set"}
    assert grains.set_("k", "w") == changed(k="w")
    assert kept(file) == {"k": "w"}


def test_set_needs_force_over_and_with_dicts_and_lists() -> None:
    grains.set_("k", "w")
    assert grains.set_("k", ["w"]) == refused(
        "The key 'k' exists and the given value is a dict or a list. Use 'force=True' to overwrite."
    )
    assert grains.set_("k", ["w"], force=True) == changed(k=["w"])
    assert grains.set_("k", "w") == refused(
        "The key 'k' exists but is a dict or a list. Use 'force=True' to overwrite."
    )
    assert grains.set_("new", {"d": 1}) == changed(new={"d": 1})


def test_set_of_a_nested_grain_keeps_its_neighbours() -> None:
    assert grains.set_("deep:er:key", 5) == changed(deep={"er": {"key": 5}})
    assert grains.set_("deep:other", "s") == changed(deep={"er": {"key": 5}, "other": "s"})
    assert grains.set_("b/c", "s", delimiter="/") == changed(b={"c": "s"})


def test_set_below_a_plain_value_needs_force() -> None:
    grains.set_("k", {"d": "s", "e": "s"})
    assert grains.set_("k:e:f", "s") == refused(
        "The key 'k:e' value is 's', which is different from the provided key 'f'. Use 'force=True' to overwrite."
    )
    assert grains.set_("k:e:f", "s", force=True) == changed(k={"d": "s", "e": {"f": "s"}})


def test_set_below_a_list() -> None:
    grains.set_("l", ["a"])
    assert grains.set_("l:0", "s") == changed(l=["a", {"0": "s"}])
    grains.set_("l", ["a"], force=True)
    assert grains.set_("l:a", "s") == changed(l=[{"a": "s"}])
    assert grains.set_("l:b", "t") == changed(l=[{"a": "s"}, {"b": "t"}])
    assert grains.set_("l:a", "u") == changed(l=[{"a": "u"}, {"b": "t"}])


def test_delete(file: Path) -> None:
    grains.setvals({"a": 1, "b": 2, "nest": {"x": 1, "y": 2}})
    assert grains.delval("a") == changed(a=None)
    assert grains.delkey("b") == changed(b=None)
    assert grains.delkey("nest:x") == changed(nest={"y": 2})
    assert kept(file) == {"a": None, "nest": {"y": 2}}
    assert grains.delkey("nest") == refused(
        "The key 'nest' exists but is a dict or a list. Use 'force=True' to overwrite."
    )
    assert grains.delkey("nest", force=True) == changed(nest=None)
    assert grains.delkey("none") == changed(none=None)
    assert grains.item("a", "b", "nest") == {"a": None, "b": "", "nest": ""}


# --- filter_by --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "options", "expected"),
    [
        ({"Debian": {"p": "a"}, "RedHat": {"p": "b"}}, {}, {"p": "a"}),
        ({"A": {"p": "a"}, "default": {"p": "d"}}, {}, {"p": "d"}),
        ({"A": {"p": "a"}}, {}, None),
        ({"A": {"p": "a"}, "B": {"p": "b"}}, {"default": "B"}, {"p": "b"}),
        ({"Debian": {"p": "a"}, "z": {"p": "z", "q": 1}}, {"merge": {"q": 2}, "base": "z"}, {"p": "a", "q": 2}),
        (
            {"Debian": {"a": 1}, "z": {"q": {"w": 1}}},
            {"base": "z", "merge": {"q": {"e": 2}}},
            {"a": 1, "q": {"w": 1, "e": 2}},
        ),
        ({"Debian": {"a": [1]}, "b": {"a": [2], "z": 1}}, {"base": "b"}, {"a": [1], "z": 1}),
        ({"Debian": {"a": 1}, "z": "text"}, {"base": "z"}, {"a": 1}),
        ({"Debian": None, "z": {"a": 1}}, {"base": "z"}, {"a": 1}),
        ({"X": {"a": 1}}, {"merge": {"z": 1}}, {"z": 1}),
        ({"X": 1, "default": {"k": [1]}}, {"merge": {"k": [2]}}, {"k": [2]}),
        ({"bookworm": "b"}, {"grain": "oscodename"}, "b"),
        ({"r7": "ok"}, {"grain": "site:room:rack"}, "ok"),
        ({"De*": 2, "Debian": 1}, {}, 2),
        ({"web": "role", "db": False}, {"grain": "roles"}, "role"),
        ({"12": 2}, {"grain": "osmajorrelease"}, 2),
        ({12: 2}, {"grain": "osmajorrelease"}, 2),
        ({"*": 3}, {"grain": "none"}, None),
        ({"None": 1}, {"grain": "nothing"}, 1),
    ],
)
def test_filter_by(table, options, expected) -> None:
    before = repr(table)
    assert grains.filter_by(table, **options) == expected
    assert repr(table) == before


def test_filter_by_merges_dicts_only() -> None:
    with pytest.raises(DeliberateError, match=r"^filter_by merge argument must be a dictionary\.$"):
        grains.filter_by({"Debian": {}}, merge="z")
    with pytest.raises(DeliberateError):
        grains.filter_by({"Debian": "text"}, merge={"a": 1})
