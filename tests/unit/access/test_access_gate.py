from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saltern.access.call import call_of, calls_of
from saltern.access.caller import Caller, acting_for
from saltern.access.gate import Rules, authorise, decide
from saltern.access.permissions import read_permissions
from saltern.access.publisher_acl import PublisherAcl, read_blacklist, read_publisher_acl
from saltern.errors import AuthorizationError, ConfigError
from saltern.model.target import Target

MINIONS = ["db1", "web1", "web2"]
ROOT = Caller("root", 0, trusted=True, local_name="root")
BOB = Caller("bob", 1000, local_name="bob")
GROUPS = {"bob": {"ops", "users"}, "ann": {"users"}}


def expand(target: Target) -> Collection[str]:
    assert target.kind == "compound"
    return [minion for minion in MINIONS if fnmatchcase(minion, target.text)]


def allowed(
    acl: Any,
    fun: Any,
    arg: Any = (),
    minions: Collection[str] = ("web1",),
    *,
    caller: Caller = BOB,
    blacklist: Any = None,
) -> bool:
    source = PublisherAcl(read_publisher_acl(acl).table, lambda user: GROUPS.get(user, ()))
    try:
        authorise(caller, calls_of(fun, arg), minions, Rules(source, read_blacklist(blacklist)), expand)
    except AuthorizationError as error:
        assert caller.user in error.message or "blacklist" in error.message
        return False
    return True


@pytest.mark.behaviour("JOB-05")
def test_without_rules_only_trusted_callers_may_do_anything() -> None:
    assert allowed({}, "test.ping", caller=ROOT)
    assert not allowed({}, "test.ping")
    with pytest.raises(AuthorizationError, match=r"User bob may not run test\.ping"):
        authorise(BOB, calls_of("test.ping", []), ["web1"], Rules(), expand)


@pytest.mark.behaviour("ACL-02")
@pytest.mark.parametrize(
    ("user", "granted"),
    [("bob", True), ("b.*", True), ("b*", True), ("ops%", True), ("admins%", False), ("bobby", False), ("bo", False),
     ("*(", False)],
)  # fmt: skip
def test_a_rule_names_a_user_by_name_glob_expression_or_group(user: str, granted: bool) -> None:
    assert allowed({user: ["test.*"]}, "test.ping") is granted


@pytest.mark.behaviour("ACL-02", "ACL-03")
@pytest.mark.parametrize(
    ("pattern", "fun", "granted"),
    [
        (".*", "cmd.run", True),
        ("test.*", "test.ping", True),
        ("test.ping", "test.ping", True),
        ("test.ping", "test.pingpong", False),
        ("est.ping", "test.ping", False),
        ("pkg", "pkg.install", False),
        (r"test\.(ping|echo)", "test.echo", True),
    ],
)
def test_a_function_is_named_by_an_expression_that_fits_all_of_it(pattern: str, fun: str, granted: bool) -> None:
    assert allowed({"bob": [pattern]}, fun) is granted
    assert allowed({"bob": pattern}, fun) is granted


@pytest.mark.behaviour("ACL-02", "ACL-04")
@pytest.mark.parametrize(
    ("minions", "granted"),
    [(["web1"], True), (["web1", "web2"], True), (["web1", "db1"], False), (["db1"], False), ([], True)],
)
def test_every_minion_must_be_within_the_target_of_the_rule(minions: list[str], granted: bool) -> None:
    assert allowed({"bob": [{"web*": ["state.apply"]}]}, "state.apply", (), minions) is granted


def test_a_rule_for_some_minions_adds_to_one_for_all() -> None:
    acl = {"bob": ["test.ping", {"db*": ["mysql.*", "test.echo"]}, {"web*": ["test.echo"]}]}
    assert allowed(acl, "test.ping", (), MINIONS)
    assert allowed(acl, "mysql.query", (), ["db1"])
    assert not allowed(acl, "mysql.query", (), ["web1"])
    # Each rule stands for itself: what two targets cover together, neither allows.
    assert not allowed(acl, "test.echo", (), MINIONS)


@pytest.mark.behaviour("ACL-04")
def test_of_several_functions_each_must_be_allowed() -> None:
    acl = {"bob": ["test.ping", "test.echo"]}
    assert allowed(acl, ["test.ping", "test.echo"], [[], ["x"]])
    assert not allowed(acl, ["test.ping", "cmd.run"], [[], ["id"]])
    assert not allowed(acl, ["test.ping", "cmd.run"], [])


@pytest.mark.behaviour("ACL-03")
@pytest.mark.parametrize(
    ("arg", "granted"),
    [
        (["nginx"], True),
        (["nginx", {"__kwarg__": True, "no_block": True}], True),
        (["nginx", {"__kwarg__": True, "no_block": "no"}], False),
        (["nginx", "anything"], True),
        (["nginx-full"], False),
        ([], False),
        ([{"__kwarg__": True, "no_block": True}], False),
        (["nginx", {"no_block": True}], True),
    ],
)
def test_arguments_can_be_limited(arg: list[Any], granted: bool) -> None:
    rule = {"service.restart": {"args": ["nginx|apache2"]}}
    limited = {"service.restart": {"args": ["nginx|apache2"], "kwargs": {"no_block": "True"}}}
    named = arg and isinstance(arg[-1], dict) and arg[-1].get("__kwarg__")
    assert allowed({"bob": [{"web*": [limited if named else rule]}]}, "service.restart", arg) is granted
    assert allowed({"bob": [limited if named else rule]}, "service.restart", arg) is granted


def test_a_keyword_that_must_match_must_be_there() -> None:
    acl = {"bob": [{"f.g": {"kwargs": {"env": "dev"}}}]}
    assert allowed(acl, "f.g", [{"__kwarg__": True, "env": "dev", "other": 1}])
    assert not allowed(acl, "f.g", [{"__kwarg__": True, "other": 1}])
    assert not allowed(acl, "f.g", [])


def test_an_empty_place_in_the_arguments_may_be_anything() -> None:
    acl = {"bob": [{"f.g": {"args": [None, "b"]}}]}
    assert allowed(acl, "f.g", ["whatever", "b"])
    assert not allowed(acl, "f.g", ["whatever", "c"])


@pytest.mark.behaviour("JOB-05")
def test_everybody_may_look_for_a_job() -> None:
    assert allowed({}, "saltutil.find_job", ["20260101000000000000"])
    assert not allowed({}, ["saltutil.find_job", "cmd.run"], [[], ["id"]])


@pytest.mark.behaviour("ACL-02")
def test_the_blacklist_comes_first_for_root_too() -> None:
    by_module = {"modules": ["cmd", r"test\.echo"]}
    everything = {"bob": [".*"]}
    for caller in (ROOT, BOB):
        assert not allowed(everything, "cmd.run", caller=caller, blacklist=by_module)
        assert not allowed(everything, ["test.ping", "test.echo"], [], caller=caller, blacklist=by_module)
        assert allowed(everything, "test.ping", caller=caller, blacklist=by_module)
    only_sudo = {"users": ["^(?!sudo_).*$"]}
    assert not allowed(everything, "test.ping", caller=ROOT, blacklist=only_sudo)
    assert allowed(everything, "test.ping", caller=acting_for(ROOT, "sudo_bob"), blacklist=only_sudo)


def may(entries: Any, fun: str, arg: Any = (), client: str = "", minions: Collection[str] = ("web1",)) -> bool:
    """Whether one who logged in with these permissions may do that."""
    ann = Caller("ann", 33, eauth="pam", permissions=read_permissions(entries, "external_auth:pam:ann"))
    everything = PublisherAcl(read_publisher_acl({".*": [".*", "@runner", "@wheel"]}).table)
    return decide(ann, [call_of(fun, arg, client=client)], minions, Rules(everything), expand).allowed


@pytest.mark.behaviour("ACL-03")
@pytest.mark.parametrize(
    ("entries", "runner", "wheel", "events", "minion"),
    [
        (["@runner"], True, False, False, False),
        (["@runners"], True, False, False, False),
        (["@wheel"], False, True, False, False),
        (["@events"], False, False, True, False),
        ([".*"], False, False, False, True),
        ([{"*": [".*"]}], False, False, False, True),
        (["@jobs"], True, False, False, False),
        (["@keys"], False, False, False, False),
        ([], False, False, False, False),
    ],
    ids=str,
)
def test_what_is_not_about_minions_needs_a_permission_of_its_own(
    entries: Any, runner: bool, wheel: bool, events: bool, minion: bool
) -> None:
    assert may(entries, "jobs.list_jobs", client="runner") is runner
    assert may(entries, "key.accept", ["web1"], client="wheel") is wheel
    assert may(entries, "events.follow", client="events") is events
    assert may(entries, "jobs.list_jobs") is minion


@pytest.mark.behaviour("ACL-03")
@pytest.mark.parametrize(
    ("entries", "fun", "arg", "granted"),
    [
        ([{"@runner": ["jobs.*"]}], "jobs.active", [], True),
        ([{"@runner": ["jobs.*"]}], "manage.up", [], False),
        ([{"@runner": "manage.up"}], "manage.up", [], True),
        ([{"@jobs": ["list_.*"]}], "jobs.list_jobs", [], True),
        ([{"@jobs": ["list_.*"]}], "jobs.active", [], False),
        ([{"@jobs": ["list_.*"]}], "queue.list_items", [], False),
        ([{"@runner": [{"test.arg": {"args": ["a.*"]}}]}], "test.arg", ["abc"], True),
        ([{"@runner": [{"test.arg": {"args": ["a.*"]}}]}], "test.arg", ["b"], False),
        ([{"@runner": [{"test.arg": [{"args": ["a"]}, {"args": ["b"]}]}]}], "test.arg", ["b"], True),
        ([{"@runner": [{"test.arg": {"kwargs": {"x": None}}}]}], "test.arg", [{"__kwarg__": True, "x": 5}], True),
        ([{"@runner": [{"test.arg": {"kwargs": {"x": None}}}]}], "test.arg", ["x"], False),
    ],
    ids=str,
)
def test_functions_of_the_master_are_limited_like_those_of_minions(
    entries: Any, fun: str, arg: list[Any], granted: bool
) -> None:
    assert may(entries, fun, arg, client="runner") is granted


@pytest.mark.behaviour("ACL-03", "ACL-04")
@pytest.mark.parametrize(
    "arg",
    [
        # Keyword arguments count wherever they stand: that is how the minion reads them.
        [{"__kwarg__": True, "name": "sshd"}, "nginx"],
        ["sshd", {"__kwarg__": True, "no_block": "True"}],
        [{"__kwarg__": True, "no_block": "True"}, {"__kwarg__": True, "no_block": "False"}, "nginx"],
        [{"__kwarg__": True, "no_block": "True", "name": "nginx"}],
        ["nginx\n", {"__kwarg__": True, "no_block": "True"}],
        ["nginx; reboot", {"__kwarg__": True, "no_block": "True"}],
        [["nginx"], {"__kwarg__": True, "no_block": "True"}],
        ["nginx", {"__kwarg__": 1, "no_block": "True"}],
        ["nginx", {"__kwarg__": "True", "no_block": "True"}],
    ],
    ids=str,
)
def test_limits_of_arguments_cannot_be_passed_by(arg: list[Any]) -> None:
    limited = [{"*": [{"service.restart": {"args": ["nginx"], "kwargs": {"no_block": "True"}}}]}]
    assert may(limited, "service.restart", ["nginx", {"__kwarg__": True, "no_block": True}])
    assert not may(limited, "service.restart", arg)


@pytest.mark.behaviour("ACL-04")
def test_arguments_of_several_functions_belong_to_each() -> None:
    acl = {"bob": [{"f.a": {"args": ["x"]}}, {"f.b": {"args": ["y"]}}]}
    assert allowed(acl, ["f.a", "f.b"], [["x"], ["y"]])
    assert not allowed(acl, ["f.a", "f.b"], [["y"], ["x"]])
    assert not allowed(acl, ["f.a", "f.b"], [["x"]])
    assert not allowed(acl, ["f.a", "f.a"], [["x"], ["y"]])
    assert not allowed(acl, "f.a,f.b", ["x"])


def test_publisher_acl_gives_nothing_to_those_who_log_in_and_the_other_way_round() -> None:
    acl = PublisherAcl(read_publisher_acl({".*": [".*"]}).table)
    rules = Rules(acl)
    logged_in = Caller("bob", 1000, eauth="pam", permissions=read_permissions(["test.ping"], "x"))
    assert not decide(logged_in, calls_of("cmd.run", ["id"]), ["web1"], rules, expand).allowed
    assert decide(BOB, calls_of("cmd.run", ["id"]), ["web1"], rules, expand).allowed
    local = Caller("bob", 1000, permissions=read_permissions([".*"], "x"), local_name="bob")
    assert not decide(local, calls_of("cmd.run", ["id"]), ["web1"], Rules(), expand).allowed


def test_a_decision_says_by_which_rule_and_what_the_others_lack() -> None:
    rules = read_permissions(
        [{"web*": ["pkg.install"]}, {"db*": [{"pkg.install": {"args": ["postgres.*"]}}]}, "test.*"],
        "external_auth:pam:ann",
    )
    ann = Caller("ann", 33, eauth="pam", permissions=rules)

    granted = decide(ann, calls_of("pkg.install", ["nginx"]), ["web1", "web2"], Rules(), expand)
    assert granted.reason == "external_auth:pam:ann: web*: pkg.install"
    refused = decide(ann, calls_of("pkg.install", ["nginx"]), ["web1", "db1"], Rules(), expand)
    assert refused.reason == "User ann may not run pkg.install on this target."
    assert refused.misses == (
        "external_auth:pam:ann: web*: pkg.install: db1 is not within 'web*'",
        "external_auth:pam:ann: db*: pkg.install with {'args': ['postgres.*']}: argument 1 does not match 'postgres.*'",
    )
    assert decide(BOB, calls_of("test.ping", []), [], Rules(), expand).reason == (
        "User bob may not run test.ping on this target: no rule names this user."
    )


@pytest.mark.behaviour("ACL-01", "ACL-02")
def test_sudo_users_have_what_their_own_name_has_where_that_is_wanted() -> None:
    plain, limited = acting_for(ROOT, "sudo_bob"), acting_for(ROOT, "sudo_bob", sudo_acl=True)
    assert allowed({}, "cmd.run", caller=plain)
    assert not allowed({}, "cmd.run", caller=limited)
    assert not allowed({"root": [".*"], "sudo_bob": [".*"]}, "cmd.run", caller=limited)
    assert allowed({"bob": ["cmd.*"]}, "cmd.run", caller=limited)
    assert allowed({"ops%": ["cmd.*"]}, "cmd.run", caller=limited)


def test_only_a_trusted_caller_acts_for_others() -> None:
    assert acting_for(ROOT, "sudo_bob") == Caller("sudo_bob", 0, trusted=True, local_name="root")
    assert acting_for(BOB, "") == acting_for(BOB, "bob") == BOB
    with pytest.raises(AuthorizationError, match="bob may not act as root"):
        acting_for(BOB, "root")


@pytest.mark.parametrize(
    "acl",
    [
        ["bob"],
        {"bob": 5},
        {"bob": [5]},
        {"bob": ["("]},
        {"bob": [{"web*": 5}]},
        {"bob": [{"web*": [{"db*": ["f"]}]}]},
        {"bob": [{"f": {"arguments": []}}]},
        {"bob": [{"f": {"args": "x"}}]},
        {"bob": [{"f": {"args": ["("]}}]},
        {"bob": [{"f": {"kwargs": {"a": 5}}}]},
        {"bob": {"web*": ["f"]}},
    ],
    ids=str,
)
def test_a_rule_that_makes_no_sense_is_named_at_the_start(acl: Any) -> None:
    with pytest.raises(ConfigError, match="publisher_acl"):
        read_publisher_acl(acl)


@pytest.mark.parametrize("option", [["cmd"], {"modules": "cmd"}, {"users": "bob"}, {"modules": ["("]}], ids=str)
def test_a_blacklist_that_makes_no_sense_is_named_at_the_start(option: Any) -> None:
    with pytest.raises(ConfigError, match="publisher_acl_blacklist"):
        read_blacklist(option)


names = st.sampled_from(["test.ping", "test.echo", "cmd.run", "web*", "db*", "bob", "ann", "ops%"])
entries = st.lists(names | st.dictionaries(names, st.lists(names, max_size=2), max_size=2), max_size=3)


@given(
    acl=st.dictionaries(names, entries, max_size=3), fun=names, minions=st.sets(st.sampled_from(MINIONS), min_size=1)
)
def test_what_is_allowed_on_many_minions_is_allowed_on_each(acl: Any, fun: str, minions: set[str]) -> None:
    if allowed(acl, fun, (), minions):
        assert all(allowed(acl, fun, (), [minion]) for minion in minions)
        assert fun in str(acl)
