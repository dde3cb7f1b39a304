"""A target becomes lists of minions: those who are meant, those who are missing, those of whom too little is known."""

from __future__ import annotations

import pytest

from saltern.errors import TargetError
from saltern.model.target import MinionData, Target
from saltern.targeting.resolve import Resolution, resolve

FLEET = {
    "web1": MinionData(id="web1", grains={"os": "Debian", "ipv4": ["10.0.0.1"]}, pillar={"tier": "gold"}),
    "web2": MinionData(id="web2", grains={"os": "Fedora", "ipv4": ["10.0.0.2"]}, pillar={"tier": "gold"}),
    "db1": MinionData(id="db1", grains={"os": "Debian", "ipv4": ["10.0.1.1"]}),
    "new1": MinionData(id="new1"),
}
NODEGROUPS = {"webs": "web*", "named": ["web1", "gone"], "debian": "G@os:Debian"}


def resolved(expr: str | tuple[str, ...], kind: str = "compound", *, strict: bool = True) -> Resolution:
    return resolve(Target(expr=expr, kind=kind), FLEET, FLEET.__getitem__, NODEGROUPS, strict=strict)


@pytest.mark.behaviour("TGT-05")
@pytest.mark.parametrize(
    ("expr", "kind"),
    [
        ("web2,gone,web1,gone,web1", "list"),
        (("web2", "gone", "web1"), "list"),
        ("L@web2,gone,web1", "compound"),
        ("( L@web2,gone,web1 )", "compound"),
    ],
)
def test_a_list_tells_of_the_ids_that_nobody_has(expr, kind):
    assert resolved(expr, kind) == Resolution(minions=["web2", "web1"], missing=["gone"])


@pytest.mark.behaviour("TGT-04", "TGT-05")
def test_a_nodegroup_that_is_a_list_tells_of_them_too():
    assert resolved("named", "nodegroup") == Resolution(minions=["web1"], missing=["gone"])


def test_other_expressions_miss_nobody():
    assert resolved("gone", "glob") == Resolution()
    assert resolved("gone*", "glob") == Resolution()
    assert resolved("L@gone or web1").missing == []


@pytest.mark.behaviour("TGT-01")
def test_minions_without_grains_are_unknown_and_never_matched():
    assert resolved("os:Debian", "grain") == Resolution(minions=["web1", "db1"], unknown=["new1"])
    assert resolved("not G@os:Debian") == Resolution(minions=["web2"], unknown=["new1"])


@pytest.mark.behaviour("TGT-01")
def test_pillar_may_be_unknown_where_grains_are_known():
    assert resolved("tier:gold", "pillar") == Resolution(minions=["web1", "web2"], unknown=["db1", "new1"])


@pytest.mark.behaviour("TGT-01")
def test_what_is_unknown_does_not_matter_where_the_rest_decides():
    assert resolved("web* and G@os:Debian") == Resolution(minions=["web1"])
    assert resolved("G@os:Debian and web*") == Resolution(minions=["web1"])
    assert resolved("new1 or G@os:Debian") == Resolution(minions=["web1", "db1", "new1"])
    assert resolved("not ( new1 or G@os:Debian )") == Resolution(minions=["web2"])


def test_addresses_ask_for_grains():
    assert resolved("10.0.0.0/24", "ipcidr") == Resolution(minions=["web1", "web2"], unknown=["new1"])
    assert resolved("S@10.0.1.1") == Resolution(minions=["db1"], unknown=["new1"])


def test_ids_alone_need_no_data():
    def never(minion: str) -> MinionData:
        raise AssertionError(f"asked about {minion}")

    for expr, kind, minions in [
        ("*", "glob", ["web1", "web2", "db1", "new1"]),
        ("web1", "glob", ["web1"]),
        ("web?", "glob", ["web1", "web2"]),
        ("(web|db)1", "pcre", ["web1", "db1"]),
        ("webs", "nodegroup", ["web1", "web2"]),
        ("* and not web*", "compound", ["db1", "new1"]),
    ]:
        assert resolve(Target(expr=expr, kind=kind), FLEET, never, NODEGROUPS).minions == minions


def test_ids_may_be_any_iterable():
    assert resolve(Target(expr="web1"), iter(FLEET), FLEET.__getitem__, {}).minions == ["web1"]
    assert resolve(Target(expr="web*"), iter(FLEET), FLEET.__getitem__, {}).minions == ["web1", "web2"]
    assert resolve(Target(expr="*"), iter(FLEET), FLEET.__getitem__, {}).minions == list(FLEET)
    assert resolve(Target(expr="db1,x", kind="list"), iter(FLEET), FLEET.__getitem__, {}).missing == ["x"]


@pytest.mark.behaviour("TGT-03")
def test_an_expression_that_cannot_be_read_matches_nobody_or_is_refused():
    assert resolved("web* and", strict=False) == Resolution()
    with pytest.raises(TargetError):
        resolved("web* and")
