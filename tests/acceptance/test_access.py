"""Who may do what: logging in, tokens, limits, and what is on record of it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import Lab
from sites import FAST, documents, read_events, short_directory

from saltern.cli.main import main
from saltern.errors import AuthenticationError, AuthorizationError

SECRET = "opensesame"
RULES = {
    "sharedsecret": {
        "ann": ["test.*", {"web*": [{"grains.item": {"args": ["id"]}}]}],
        "lim": [{"web1": [{"test.arg": {"args": ["a.*"], "kwargs": {"k": "1"}}}]}],
        "run": [{"@runner": ["jobs.*", "access.log"]}],
        "keys": [{"@wheel": ["key.list_all", {"key.accept": {"args": ["web.*"]}}]}],
        "tail": ["@events"],
    }
}
on_site = pytest.mark.xdist_group("access")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with short_directory() as place:
        options = {**FAST, "external_auth": RULES, "sharedsecret": SECRET, "token_file": str(place / "home" / "token"),
                   "publisher_acl": {"nobody": ["test.ping"]}}  # fmt: skip
        (place / "home").mkdir()
        with Lab(place, master=options) as lab:
            place.chmod(0o755)
            lab.start_master()
            lab.start_minions(("web1", "db1"))
            yield lab


def as_user(lab: Lab, user: str, *words: str, password: str = SECRET) -> subprocess.CompletedProcess[str]:
    command, *rest = words
    flag = "--eauth" if command == "key" else "-a"
    env = {**os.environ, "SALTERN_PASSWORD": password}
    return lab.run(command, flag, "sharedsecret", "--username", user, *rest, env=env)


def ask(lab: Lab, user: str, verb: str, **fields: Any) -> dict[str, Any]:
    return lab.ask(verb, credentials=credentials(user), **fields)


def credentials(user: str) -> dict[str, str]:
    return {"eauth": "sharedsecret", "username": user, "password": SECRET}


@on_site
@pytest.mark.behaviour("ACL-03", "ACL-07")
def test_who_logs_in_does_what_his_rules_allow(lab: Lab) -> None:
    done = as_user(lab, "ann", "run", "*", "test.ping", "--out", "json")
    assert done.returncode == 0, done.stderr
    assert documents(done.stdout) == {"web1": True, "db1": True}
    done = as_user(lab, "ann", "run", "web1", "grains.item", "id", "--out", "json")
    assert documents(done.stdout) == {"web1": {"id": "web1"}}

    for words in (
        ("web1", "cmd.run", "id"),
        ("*", "grains.item", "id"),
        ("web1", "grains.item", "os"),
        ("web1", "test.ping,cmd.run", ",", "id"),
    ):
        done = as_user(lab, "ann", "run", *words)
        assert done.returncode == 77
        assert "Authorization error occurred." in done.stderr
        assert done.stdout == ""


@on_site
@pytest.mark.behaviour("ACL-03")
def test_arguments_are_limited_however_they_are_sent(lab: Lab) -> None:
    def sent(*arg: Any) -> dict[str, Any]:
        return ask(lab, "lim", "publish", fun="test.arg", arg=list(arg), tgt="web1")

    assert sent("abc", {"__kwarg__": True, "k": 1})["minions"] == ["web1"]
    for arg in (
        ["abc"],
        ["abc", {"__kwarg__": True, "k": 2}],
        [{"__kwarg__": True, "k": 1}, {"__kwarg__": True, "k": 2}, "abc"],
        [{"__kwarg__": True, "k": 1}],
        ["b", "abc", {"__kwarg__": True, "k": 1}],
    ):
        with pytest.raises(AuthorizationError):
            sent(*arg)


@on_site
@pytest.mark.behaviour("ACL-07")
def test_a_password_that_is_wrong_lets_nobody_in(lab: Lab) -> None:
    done = as_user(lab, "ann", "run", "*", "test.ping", password="wrong-one")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "Authentication error occurred."
    assert done.stderr.splitlines()[-1] == "ERROR: Authentication failed"
    assert "wrong-one" not in done.stderr + lab.log("master")

    done = lab.run("run", "-a", "nosuch", "--username", "ann", "--password", "x", "*", "test.ping")
    assert done.returncode == 2
    assert 'The specified external authentication system "nosuch" is not available' in done.stderr
    assert "Available eauth types: auto, " in done.stderr

    done = as_user(lab, "run", "runner", "manage.nosuch")
    assert done.returncode == 77
    assert 'Authentication failure of type "eauth" occurred for user run.' in done.stderr


@on_site
def test_without_a_terminal_nobody_is_asked(lab: Lab) -> None:
    done = lab.run("run", "-a", "sharedsecret", "*", "test.ping")
    assert (done.returncode, "--username" in done.stderr) == (64, True)
    done = lab.run("run", "-a", "sharedsecret", "--username", "ann", "*", "test.ping")
    assert (done.returncode, "SALTERN_PASSWORD" in done.stderr) == (64, True)


@on_site
@pytest.mark.behaviour("ACL-03")
def test_what_is_not_about_minions_has_rules_of_its_own(lab: Lab) -> None:
    jid = lab.run("run", "--async", "web1", "test.ping").stdout.split()[-1]
    assert as_user(lab, "run", "runner", "jobs.lookup_jid", jid).returncode == 0
    assert ask(lab, "run", "job", jid=jid)["job"]["user"] == "root"
    assert as_user(lab, "keys", "key", "-L").returncode == 0
    assert ask(lab, "keys", "keys", action="accept", match=["web9"])["keys"] == {"minions": []}
    for user, verb, fields in (
        ("ann", "job", {"jid": jid}),
        ("ann", "follow", {"jid": jid}),
        ("ann", "body", {"jid": jid, "minion": "web1"}),
        ("ann", "outcomes", {"query": {"jid": jid}}),
        ("ann", "bodies", {"jid": jid, "minions": ["web1"]}),
        ("ann", "history", {"jids": [jid]}),
        ("ann", "cancel", {"jid": jid}),
        ("ann", "cancel", {"minions": ["web1"]}),
        ("ann", "keys", {"action": "list"}),
        ("ann", "events", {"count": 1}),
        ("ann", "send_event", {"tag": "x"}),
        ("ann", "call", {"client": "runner", "fun": "jobs.active"}),
        ("ann", "fleet", {}),
        ("ann", "resolve", {}),
        ("ann", "token", {}),
        ("ann", "audit", {}),
        ("ann", "explain", {"who": "root", "fun": "cmd.run"}),
        ("keys", "keys", {"action": "accept", "match": ["*"]}),
        ("keys", "keys", {"action": "accept", "match": ["web1", "db1"]}),
        ("keys", "keys", {"action": "delete", "match": ["web1"]}),
        ("keys", "token", {"minion": "web1"}),
        ("run", "call", {"client": "wheel", "fun": "jobs.active"}),
        ("run", "publish", {"fun": "test.ping"}),
        ("tail", "call", {"client": "runner", "fun": "jobs.active"}),
    ):
        with pytest.raises(AuthorizationError):
            ask(lab, user, verb, **fields)
    assert ask(lab, "ann", "jobs")["jobs"] == [
        job for job in lab.ask("jobs")["jobs"] if job["job"]["kwargs"].get("eauth") and job["job"]["user"] == "ann"
    ]


@on_site
def test_a_user_sees_his_own_jobs_and_no_namesakes(lab: Lab) -> None:
    own = ask(lab, "ann", "publish", fun="test.ping", tgt="web1", kwargs={"eauth": "other"})["jid"]
    assert ask(lab, "ann", "job", jid=own)["job"]["user"] == "ann"
    namesake = lab.ask("publish", fun="test.ping", tgt="web1", user="ann")["jid"]
    with pytest.raises(AuthorizationError):
        ask(lab, "ann", "job", jid=namesake)
    with lab.socket.stream({"verb": "history", "credentials": credentials("ann")}) as answers:
        seen = [item["job"]["jid"] for item in answers if "job" in item]
    assert own in seen
    assert namesake not in seen
    assert seen == [each["job"]["jid"] for each in ask(lab, "ann", "jobs")["jobs"]]
    claimed = lab.ask("publish", fun="test.ping", tgt="web1", user="ann", kwargs={"eauth": "sharedsecret"})["jid"]
    with pytest.raises(AuthorizationError):
        ask(lab, "ann", "job", jid=claimed)


@on_site
@pytest.mark.behaviour("ACL-06")
def test_a_token_is_kept_privately_and_used_until_it_ends(lab: Lab) -> None:
    done = as_user(lab, "ann", "run", "-T")
    assert (done.returncode, done.stdout) == (0, "")
    kept = lab.root / "home" / "token"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    token = kept.read_text()
    credentials = {"token": token}
    assert lab.ask("publish", fun="test.ping", tgt="web1", credentials=credentials)["minions"] == ["web1"]
    with pytest.raises(AuthorizationError):
        lab.ask("publish", fun="cmd.run", arg=["id"], tgt="web1", credentials=credentials)

    stored = list((lab.root / "r/var/cache/saltern/master/tokens").iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in stored} == {0o600}
    assert token not in "".join(path.name for path in stored)

    # Root needs no token, and would have less with one.
    assert lab.run("run", "web1", "cmd.run", "echo x").returncode == 0
    assert lab.run("access", "logout").returncode == 0
    assert not kept.exists()
    with pytest.raises(AuthenticationError):
        lab.ask("publish", fun="test.ping", tgt="web1", credentials=credentials)


@on_site
def test_a_login_without_keeping_leaves_no_token_behind(lab: Lab) -> None:
    tokens = lab.root / "r/var/cache/saltern/master/tokens"
    before = set(tokens.iterdir()) if tokens.exists() else set()
    as_user(lab, "ann", "run", "web1", "test.ping")
    as_user(lab, "ann", "run", "web1", "cmd.run", "id")
    assert set(tokens.iterdir()) == before


@on_site
@pytest.mark.behaviour("ACL-06")
def test_a_front_end_gets_what_a_login_answers(lab: Lab) -> None:
    answer = ask(lab, "ann", "login")
    assert (answer["user"], answer["eauth"]) == ("ann", "sharedsecret")
    assert answer["perms"] == RULES["sharedsecret"]["ann"]
    assert answer["expire"] - answer["start"] == 43_200
    with pytest.raises(AuthenticationError, match="No authentication credentials given"):
        lab.ask("login")
    with pytest.raises(AuthenticationError):
        lab.ask("login", credentials={"token": answer["token"]})


@on_site
@pytest.mark.behaviour("JOB-05")
def test_who_waits_for_a_job_hears_that_it_was_refused(lab: Lab) -> None:
    jid = "20260101000000000001"
    with pytest.raises(AuthorizationError):
        ask(lab, "ann", "publish", fun="cmd.run", arg=["id"], tgt="web1", jid=jid)
    ((_, data),) = read_events(lab, f"salt/job/{jid}/error", 1)
    assert data["error"]["name"] == "AuthorizationError"
    with pytest.raises(AuthenticationError):
        lab.ask("publish", fun="test.ping", jid="20260101000000000002", credentials={"token": "0" * 64})
    ((_, data),) = read_events(lab, "salt/job/20260101000000000002/error", 1)
    assert data["error"]["name"] == "AuthenticationError"


@on_site
def test_explain_says_by_which_rule_or_why_not(lab: Lab) -> None:
    def explained(*words: str) -> tuple[int, dict[str, Any]]:
        done = lab.run("access", "explain", *words, "--out", "json")
        return done.returncode, json.loads(done.stdout)

    code, answer = explained("--eauth", "sharedsecret", "ann", "grains.item", "web*", "id")
    assert (code, answer["allowed"], answer["minions"]) == (0, True, ["web1"])
    assert answer["reason"] == "external_auth:sharedsecret:ann: web*: grains.item with {'args': ['id']}"
    code, answer = explained("--eauth", "sharedsecret", "ann", "grains.item", "*", "id")
    assert (code, answer["allowed"]) == (1, False)
    assert answer["misses"][0].endswith("db1 is not within 'web*'")
    assert explained("nobody", "test.ping", "*")[1]["reason"] == "publisher_acl:nobody: test.ping"
    assert not explained("nobody", "cmd.run", "*")[1]["allowed"]
    assert explained("root", "cmd.run", "*")[1]["allowed"]
    assert not explained("--eauth", "sharedsecret", "zoe", "test.ping", "*")[1]["allowed"]
    assert explained("--eauth", "sharedsecret", "--client", "wheel", "keys", "key.accept", "web7")[1]["allowed"]
    text = lab.run("access", "explain", "nobody", "cmd.run", "*").stdout
    assert text.splitlines()[0] == "refused: User nobody may not run cmd.run on this target."

    own = ask(lab, "ann", "explain", who="ann", eauth="sharedsecret", fun="test.ping")
    assert (own["allowed"], own["minions"]) == (True, [])


@on_site
def test_the_audit_log_says_who_did_what(lab: Lab) -> None:
    jid = ask(lab, "ann", "publish", fun="test.ping", tgt="web1")["jid"]
    as_user(lab, "ann", "run", "web1", "disk.usage", "swordfish")
    as_user(lab, "mallory", "run", "web1", "test.ping", password="wrong-one")
    rows = json.loads(lab.run("access", "log", "--out", "json", "--limit", "0").stdout)

    (published,) = [row for row in rows if row["jid"] == jid]
    assert (published["user"], published["eauth"], published["decision"]) == ("ann", "sharedsecret", "allowed")
    assert (published["action"], published["fun"], published["minions"]) == ("publish", "test.ping", 1)
    assert published["reason"] == "external_auth:sharedsecret:ann: test.*"
    assert any(row["decision"] == "refused" and row["fun"] == "disk.usage" and row["user"] == "ann" for row in rows)
    assert any(row["decision"] == "failed" and row["user"] == "mallory" for row in rows)
    assert rows == sorted(rows, key=lambda row: row["at"], reverse=True)
    assert "swordfish" not in str(rows)
    assert "wrong-one" not in str(rows)
    assert SECRET not in str(rows)

    refused = json.loads(lab.run("access", "log", "--decision", "refused", "--user", "a*", "--out", "json").stdout)
    assert refused
    assert {(row["decision"], row["user"]) for row in refused} == {("refused", "ann")}
    assert "ann (sharedsecret)" in lab.run("access", "log").stdout
    assert ask(lab, "run", "audit", query={"limit": 1})["rows"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@on_site
@pytest.mark.behaviour("ACL-01", "ACL-02", "ACL-06")
def test_a_user_of_the_system_uses_his_token_without_being_asked(lab: Lab) -> None:
    for path in (lab.config, lab.root / "r", lab.root / "r" / "s"):
        path.chmod(0o755)
    home = lab.root / "home"
    os.chown(home, 65534, 65534)
    main(["run", "-c", str(lab.config), "-a", "sharedsecret", "--username", "ann", "--password", SECRET, "web1",
          "test.ping"])  # imports what the forked ones may not be able to read  # fmt: skip

    def run(*words: str) -> int:
        return as_nobody(["run", "-c", str(lab.config), *words])

    assert run("web1", "test.ping") == 0
    assert run("web1", "test.version") == 77
    log_in = ("-a", "sharedsecret", "--username", "ann", "--password", SECRET)
    assert run("-T", *log_in, "web1", "test.version") == 0
    assert run("web1", "test.version") == 0
    assert run("web1", "cmd.run", "id") == 77
    Path(home, "token").chmod(0o644)
    assert run("web1", "test.version") == 77, "a token that others can read is not used"


def as_nobody(argv: list[str]) -> int:
    """Run a command in a process of the user nobody; its exit code. The interpreter may be unreadable for him."""
    child = os.fork()
    if child == 0:
        code = 125
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            code = main(argv)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.behaviour("ACL-01")
def test_who_became_root_by_sudo_is_recorded_and_may_be_limited(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(sudo_acl=True, publisher_acl={"bob": ["test.ping"]})
    lab.start_master()
    lab.start_minions(("m1",))
    sudo = {**os.environ, "SUDO_USER": "bob"}
    if os.geteuid() != 0:
        pytest.skip("only root has become root by sudo")
    assert lab.run("run", "m1", "test.ping", env=sudo).returncode == 0
    assert lab.run("run", "m1", "test.version", env=sudo).returncode == 77
    assert lab.run("run", "m1", "test.version").returncode == 0
    rows = lab.ask("audit", query={"user": "sudo_bob"})["rows"]
    assert [(row["fun"], row["decision"]) for row in rows] == [("test.version", "refused"), ("test.ping", "allowed")]
