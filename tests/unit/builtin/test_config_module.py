"""The config module looks a value up in the configuration, the grains and the pillar."""

from __future__ import annotations

import pytest
from shipped import Shipped


@pytest.fixture
def minion(tmp_path):
    shipped = Shipped(
        tmp_path,
        grains={"everywhere": {"b": 2, "l": [2], "s": "grain"}, "listed": ["zero", {"in": "deep"}]},
        pillar={
            "everywhere": {"c": 3, "l": [3], "s": "pillar"},
            "master": {"from_master": "m", "dotted.one": 1},
            "only_pillar": "p",
            "deep": {"a": {"p": 1, "x": 1}},
        },
        nested={"key": "deep", "a:b": "colon"},
        everywhere={"a": 1, "l": [1], "s": "conf"},
        backup_mode="minion",
        deep={"a": {"o": 1, "x": 2}},
        **{"nested2.key": "dotted", "nested2.other": "dotted2", "with:colon": "whole"},
    )
    yield shipped
    shipped.space.close()


CONF = {"a": 1, "l": [1], "s": "conf"}
GRAIN = {"b": 2, "l": [2], "s": "grain"}
PILLAR = {"c": 3, "l": [3], "s": "pillar"}


@pytest.mark.behaviour("CFG-09")
@pytest.mark.parametrize(
    ("args", "kwargs", "value"),
    [
        (["nested"], {}, {"key": "deep", "a:b": "colon"}),
        (["nested:key"], {}, "deep"),
        (["nested:nokey", "dd"], {}, "dd"),
        (["nested/key"], {"delimiter": "/"}, "deep"),
        (["with:colon"], {}, "whole"),
        (["listed:1:in"], {}, "deep"),
        (["listed:7"], {}, ""),
        (["everywhere"], {}, CONF),
        (["everywhere"], {"merge": "recurse"}, {"c": 3, "l": [1], "s": "conf", "b": 2, "a": 1}),
        (["everywhere"], {"merge": "recurse", "omit_opts": True}, {"c": 3, "l": [2], "s": "grain", "b": 2}),
        (["deep"], {"merge": "recurse"}, {"a": {"p": 1, "o": 1, "x": 2}}),
        (["everywhere"], {"merge": "overwrite"}, CONF),
        (["everywhere"], {"omit_opts": True}, GRAIN),
        (["everywhere"], {"omit_opts": True, "omit_grains": True}, PILLAR),
        (["everywhere"], {"omit_opts": True, "omit_grains": True, "omit_pillar": True}, ""),
        (["nosuch"], {"merge": "recurse"}, ""),
        (["nosuch", 5], {}, 5),
        (["nosuch", None], {}, None),
        (["everywhere:s"], {"merge": "recurse"}, "conf"),
        (["everywhere", {"d": 9}], {"merge": "recurse"}, {"c": 3, "l": [1], "s": "conf", "b": 2, "a": 1}),
        (["from_master"], {}, "m"),
        (["from_master"], {"omit_master": True}, ""),
        (["hosts.file"], {}, "/etc/hosts"),
    ],
)
def test_get(minion, args, kwargs, value):
    assert minion.call("config.get", *args, **kwargs) == value


@pytest.mark.behaviour("CFG-09")
@pytest.mark.parametrize(
    ("fun", "args", "kwargs", "value"),
    [
        ("option", ["nested:key"], {}, ""),
        ("option", ["nosuch"], {}, ""),
        ("option", ["nosuch", "dd"], {}, "dd"),
        ("option", ["everywhere"], {}, CONF),
        ("option", ["everywhere"], {"omit_opts": True}, GRAIN),
        ("option", ["everywhere"], {"omit_all": True}, ""),
        ("option", ["hosts.file"], {}, "/etc/hosts"),
        ("option", ["only_pillar"], {}, "p"),
        ("option", ["every*"], {"wildcard": True}, {"everywhere": CONF}),
        ("option", ["nosuch*"], {"wildcard": True}, {}),
        ("merge", ["everywhere"], {}, {"c": 3, "l": [1], "s": "conf", "a": 1}),
        ("merge", ["everywhere"], {"omit_opts": True}, PILLAR),
        ("merge", ["backup_mode"], {}, "minion"),
        ("merge", ["nosuch"], {}, ""),
        ("merge", ["nosuch", "dd"], {}, "dd"),
        ("dot_vals", ["nested2"], {}, {"nested2.key": "dotted", "nested2.other": "dotted2"}),
        ("dot_vals", ["dotted"], {}, {"dotted.one": 1}),
        ("dot_vals", ["nosuch"], {}, {}),
        ("backup_mode", [], {}, "minion"),
        ("backup_mode", ["other"], {}, "other"),
        ("manage_mode", ["755"], {}, "0755"),
        ("manage_mode", [755], {}, "0755"),
        ("manage_mode", ["00755"], {}, "0755"),
        ("manage_mode", ["4755"], {}, "4755"),
        ("manage_mode", ["u+x"], {}, "0u+x"),
        ("manage_mode", [None], {}, None),
        ("manage_mode", [0], {}, "0000"),
        ("manage_mode", [7], {}, "0007"),
        ("valid_fileproto", ["salt://x"], {}, True),
        ("valid_fileproto", ["file:///x"], {}, True),
        ("valid_fileproto", ["nope://x"], {}, False),
        ("valid_fileproto", ["/x"], {}, False),
    ],
)
def test_other_functions(minion, fun, args, kwargs, value):
    assert minion.call(f"config.{fun}", *args, **kwargs) == value


@pytest.mark.behaviour("CFG-09")
def test_items_are_all_options(minion):
    assert minion.call("config.items")["nested2.key"] == "dotted"
