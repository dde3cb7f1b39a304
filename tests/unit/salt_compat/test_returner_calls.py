"""A plugin's functions as the target of an export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from saltern.export.contract import Delivered, Item, Tidied
from saltern.plugin_api.errors import ReturnRefusedError
from saltern.salt_compat.returner_calls import ReturnerCalls

_encode = msgspec.msgpack.encode


def returned(seq: int, value: Any, **fields: Any) -> Item:
    form = {"call": "returner", "load": {"id": f"m{seq}", "jid": "j1"}, "value": value}
    return Item(**{"seq": seq, "key": f"j1 m{seq}", "group": "j1", "body": _encode(form), **fields})


def loaded(seq: int = 0) -> Item:
    form = {"call": "save_load", "load": {"jid": "j1", "load": {"fun": "f"}, "minions": ["m1"]}}
    return Item(seq=seq, key="j1", group="j1", body=_encode(form))


class Plugin:
    """Writes down what it is called with; fails for the values in `bad`."""

    def __init__(self, *functions: str, bad: dict[Any, Exception] | None = None) -> None:
        self.called: list[tuple[Any, ...]] = []
        self._bad = bad or {}
        self.table = {f"p.{name}": getattr(self, name) for name in functions}

    def prep_jid(self, nocache: bool = False, passed_jid: str | None = None) -> None:
        self.called.append(("prep_jid", nocache, passed_jid))

    def save_load(self, jid: str, load: Any, minions: Any = None) -> None:
        self.called.append(("save_load", jid, load, minions))

    def returner(self, ret: dict[str, Any]) -> None:
        if ret["return"] in self._bad:
            raise self._bad[ret["return"]]
        self.called.append(("returner", ret["id"], ret["return"]))

    def returner_many(self, rets: list[dict[str, Any]]) -> None:
        if any(ret["return"] in self._bad for ret in rets):
            raise ValueError("one of them")
        self.called.append(("returner_many", [ret["id"] for ret in rets]))

    def store_many(self, loads: list[dict[str, Any]], rets: list[dict[str, Any]]) -> None:
        if any(ret["return"] in self._bad for ret in rets):
            raise ValueError("one of them")
        self.called.append(("store_many", [one["jid"] for one in loads], [ret["id"] for ret in rets]))

    def event_return(self, events: list[dict[str, Any]]) -> None:
        self.called.append(("event_return", [event["tag"] for event in events]))

    def update_endtime(self, jid: str, time: str) -> None:
        self.called.append(("update_endtime", jid, time))

    def clean_old_jobs(self) -> None:
        raise OSError("no")


ALL = ("prep_jid", "save_load", "returner")


def test_loads_and_returns_are_salts_calls_in_their_order():
    plugin = Plugin(*ALL, "update_endtime")
    done = ReturnerCalls(plugin.table, "p", end_times=lambda: "now").deliver([loaded(), returned(1, "a")])

    assert done == Delivered(count=2)
    assert plugin.called == [
        ("prep_jid", False, "j1"), ("save_load", "j1", {"fun": "f"}, ["m1"]), ("returner", "m1", "a"),
        ("update_endtime", "j1", "now"),
    ]  # fmt: skip


def test_several_returns_are_one_call_and_single_ones_when_that_fails():
    plugin = Plugin(*ALL, "returner_many", bad={"c": ReturnRefusedError("too  large\n")})
    calls = ReturnerCalls(plugin.table, "p")

    assert calls.deliver([returned(1, "a"), returned(2, "b")]) == Delivered(count=2)
    assert plugin.called == [("returner_many", ["m1", "m2"])]
    done = calls.deliver([loaded(), returned(1, "a"), returned(2, "c"), returned(3, "b")])
    assert done == Delivered(count=2, error="too large", refused=True)


def test_a_batch_of_loads_and_returns_is_one_call_and_single_ones_when_that_fails():
    plugin = Plugin(*ALL, "store_many", bad={"c": ReturnRefusedError("too large")})
    calls = ReturnerCalls(plugin.table, "p")

    assert calls.deliver([loaded(), returned(1, "a"), loaded(), returned(2, "b")]) == Delivered(count=4)
    assert plugin.called == [("store_many", ["j1", "j1"], ["m1", "m2"])]
    plugin.called.clear()
    done = calls.deliver([loaded(), returned(1, "a"), returned(2, "c"), returned(3, "b")])
    assert done == Delivered(count=2, error="too large", refused=True)
    assert [call[0] for call in plugin.called] == ["prep_jid", "save_load", "returner"]


def test_of_a_large_batch_the_refused_one_is_found_by_halves():
    plugin = Plugin(*ALL, "store_many", bad={"c": ReturnRefusedError("too large")})
    values = ["a"] * 1000
    values[700] = "c"
    done = ReturnerCalls(plugin.table, "p").deliver([returned(n, value) for n, value in enumerate(values)])

    assert done == Delivered(count=700, error="too large", refused=True)
    stored = [name for call in plugin.called for name in (call[2] if call[0] == "store_many" else [call[1]])]
    assert stored == [f"m{n}" for n in range(700)]
    assert len(plugin.called) < 30


def test_a_store_that_is_away_is_asked_twice_and_no_more():
    tried = []

    def fail(*arguments: Any) -> None:
        tried.append(arguments)
        raise OSError("away")

    table = {f"p.{name}": fail for name in (*ALL, "store_many")}
    done = ReturnerCalls(table, "p").deliver([returned(n, "a") for n in range(1000)])

    assert done == Delivered(count=0, error="OSError: away")
    assert len(tried) == 2


def test_a_batch_is_stored_up_to_the_value_that_is_gone(tmp_path: Path):
    plugin = Plugin(*ALL, "store_many")
    done = ReturnerCalls(plugin.table, "p").deliver(
        [loaded(), returned(1, "a"), returned(2, None, path=str(tmp_path / "gone")), returned(3, "b")]
    )
    assert (done.count, done.refused) == (2, True)
    assert plugin.called == [("store_many", ["j1"], ["m1"])]


def test_end_times_are_set_where_they_are_wanted_also_in_a_batch():
    plugin = Plugin(*ALL, "returner_many", "store_many", "update_endtime")
    calls = ReturnerCalls(plugin.table, "p", end_times=lambda: "now")

    assert calls.deliver([loaded(), returned(1, "a"), returned(2, "b")]) == Delivered(count=3)
    assert plugin.called.count(("update_endtime", "j1", "now")) == 2


def test_another_error_than_a_refusal_may_pass():
    plugin = Plugin(*ALL, bad={"a": OSError("away")})
    assert ReturnerCalls(plugin.table, "p").deliver([returned(1, "a")]) == Delivered(count=0, error="OSError: away")


def test_a_value_in_a_file_is_read_and_one_that_is_gone_is_refused(tmp_path: Path):
    plugin = Plugin(*ALL)
    (tmp_path / "1").write_bytes(_encode("large"))
    done = ReturnerCalls(plugin.table, "p").deliver(
        [returned(1, None, path=str(tmp_path / "1")), returned(2, None, path=str(tmp_path / "2")), returned(3, "b")]
    )

    assert plugin.called == [("returner", "m1", "large")]
    assert (done.count, done.refused) == (1, True)
    assert "cannot be read" in done.error


def test_events_that_follow_each_other_are_one_call():
    plugin = Plugin("event_return")
    items = [
        Item(seq=n, key=str(n), group="t", body=_encode({"call": "event_return", "load": {"tag": f"t{n}", "data": {}}}))
        for n in range(3)
    ]
    assert ReturnerCalls(plugin.table, "p").deliver(items) == Delivered(count=3)
    assert plugin.called == [("event_return", ["t0", "t1", "t2"])]


def test_only_what_says_so_has_more_to_drop():
    """A user's own `clean_old_jobs` may give back anything."""
    assert ReturnerCalls({"p.clean_old_jobs": lambda: True}, "p").tidy() == Tidied()
    left = iter([True, False])
    calls = ReturnerCalls({"p.clean_old_jobs": lambda: 1 / 0, "p.clean_some_old_jobs": lambda: next(left)}, "p")
    assert [calls.tidy().more for _ in range(2)] == [True, False]


def test_what_lacks_and_what_fails_in_upkeep_is_told():
    assert ReturnerCalls(Plugin(*ALL).table, "p").lacking(["returner", "get_load"]) == (
        "the returner 'p' has no function get_load"
    )
    assert ReturnerCalls({}, "p").lacking(["returner"]) == "there is no returner 'p'"
    assert ReturnerCalls(Plugin("clean_old_jobs").table, "p").tidy() == Tidied(error="OSError: no")
    assert ReturnerCalls({}, "p").tidy() == Tidied()
