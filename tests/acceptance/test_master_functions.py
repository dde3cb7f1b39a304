"""The runners and wheel functions that are shipped, where a master and minions run."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import until
from sites import FAST, Site, short_directory

from saltern.version import VERSION
from web_services import Asked, WebService

JID = "20261127010203040506"
TREES = {
    "salt/top.sls": "base: {'*': [hello]}\n",
    "salt/hello.sls": "hi:\n  test.succeed_with_changes: []\n",
    "salt/empty/": "",
    "salt/_runners/own.py": """
def here():
    return __salt__['test.arg'](1)

def tell():
    for number in (1, 2):
        __jid_event__.fire_event({"message": f"{number} of 2"}, "progress")
    return [__jid__, __tag__, __user__]
""",
    "pillar/top.sls": "base:\n  '*': [colors]\n  'db*': [{{ grains.get('role', 'none') }}]\n",
    "pillar/colors.sls": "color: blue\nwho: {{ grains['id'] }}\n",
    "pillar/db.sls": "secret: yes\n",
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Minions `web1` and `db1`, and `new1` whose key waits."""
    with short_directory() as root:
        for name, text in TREES.items():
            path = root / "trees" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if name.endswith("/"):
                path.mkdir()
            else:
                path.write_text(text)
        trees = {
            "file_roots": {"base": [str(root / "trees/salt")]},
            "pillar_roots": {"base": [str(root / "trees/pillar")]},
        }
        with Site(root, master={**FAST, **trees, "auto_accept": False}) as site:
            site.start_master()
            for name in ("web1", "db1", "new1"):
                site.start_minion(name, grains={"role": name[:-1]})
            waiting = {"web1", "db1", "new1"}
            until(lambda: waiting == set(keys_of(site).get("minions_pre", ())), 20, "not all keys came")
            site.ask("keys", action="accept", match=["web1", "db1"])
            site.wait_for_minions(("web1", "db1"))
            yield site


def keys_of(site: Site) -> dict[str, list[str]]:
    found: dict[str, list[str]] = site.ask("keys", action="list")["keys"]
    return found


def call(site: Site, client: str, *words: str, code: int = 0) -> Any:
    done = site.run(client, *words, "--out", "json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def runner(site: Site, *words: str, code: int = 0) -> Any:
    return call(site, "runner", *words, code=code)


def wheel(site: Site, *words: str, code: int = 0) -> Any:
    return call(site, "wheel", *words, code=code)


@pytest.mark.behaviour("RUN-02")
def test_manage_tells_who_is_there(site: Site) -> None:
    site.stop("db1")
    until(lambda: site.connected() == {"web1"}, 15, "db1 is still there")
    try:
        assert runner(site, "manage.status") == {"up": ["web1"], "down": ["db1"]}
        assert runner(site, "manage.down") == runner(site, "manage.not_present") == ["db1"]
        assert runner(site, "manage.up", "tgt=db*") == []
        assert runner(site, "manage.joined", "show_ip=True") == {"web1": "127.0.0.1"}
    finally:
        site.start_minions(["db1"])
    assert runner(site, "manage.alived") == ["db1", "web1"]
    assert runner(site, "manage.versions") == {"Up to date": {"db1": VERSION, "web1": VERSION}, "Master": VERSION}


@pytest.mark.behaviour("RUN-03")
def test_cache_shows_what_the_master_knows(site: Site) -> None:
    site.run("run", "*", "saltutil.refresh_pillar")

    assert runner(site, "cache.grains", "web1")["web1"]["role"] == "web"
    assert runner(site, "cache.pillar", "db1") == {"db1": {"color": "blue", "who": "db1", "secret": True}}
    assert runner(site, "cache.clear_pillar", "db1") is True
    assert runner(site, "cache.pillar", "db1") == {"db1": {}}
    assert runner(site, "cache.clear_pillar", "db1") is False


@pytest.mark.behaviour("RUN-03")
def test_operators_keep_data_in_banks(site: Site) -> None:
    assert runner(site, "cache.list", "mybank") == []
    assert runner(site, "cache.fetch", "mybank", "mykey") == {}
    assert runner(site, "cache.store", "mybank", "mykey", "{a: [1, two]}") is None
    assert runner(site, "cache.store", "mybank/inner", "other", "text") is None
    assert runner(site, "cache.list", "mybank") == ["inner", "mykey"]
    assert runner(site, "cache.fetch", "mybank", "mykey") == {"a": [1, "two"]}
    assert runner(site, "cache.flush", "mybank", "mykey") is True
    assert runner(site, "cache.flush", "mybank", "mykey") is False
    assert runner(site, "cache.flush", "mybank") is True
    assert runner(site, "cache.flush", "mybank") is False
    assert "web1" in runner(site, "cache.list", "grains")
    assert runner(site, "cache.fetch", "grains", "web1")["role"] == "web"
    assert "cannot be the name" in str(runner(site, "cache.list", "../x", code=1))
    assert "saltern key -d" in str(runner(site, "manage.key_regen", code=1))
    assert "Invalid role 'nosuch'" in str(runner(site, "cache.clear_git_lock", "nosuch", code=1))
    assert "no file server back end gitfs" in str(runner(site, "cache.clear_git_lock", "gitfs", code=1))


@pytest.mark.behaviour("RUN-04", "FS-09", "PIL-15")
def test_fileserver_and_pillar(site: Site) -> None:
    assert runner(site, "fileserver.envs") == ["base"]
    assert runner(site, "fileserver.file_list") == ["_runners/own.py", "hello.sls", "top.sls"]
    assert runner(site, "fileserver.dir_list") == ["_runners", "empty"]
    assert runner(site, "fileserver.empty_dir_list") == ["empty"]
    assert runner(site, "pillar.show_top", "db1") == {"base": {"*": ["colors"], "db*": ["db"]}}
    assert runner(site, "pillar.show_pillar", "db1") == {"color": "blue", "who": "db1", "secret": True}
    assert runner(site, "pillar.show_pillar", "db1", "pillar={color: red}")["color"] == "red"
    assert "secret" not in runner(site, "pillar.show_pillar")


@pytest.mark.behaviour("RUN-04")
def test_runners_reach_minions_and_the_master(site: Site) -> None:
    assert runner(site, "salt.execute", "*", "grains.get", "arg=[role]") == {"db1": "db", "web1": "web"}
    assert runner(site, "salt.execute", "nobody", "test.ping") == {}
    assert runner(site, "salt.cmd", "test.ping") is True
    assert runner(site, "salt.cmd", "grains.get", "kernel") == "Linux"
    assert runner(site, "survey.hash", "*", "test.ping") == [{"pool": ["db1", "web1"], "result": "True"}]
    assert "-db\n+web" in runner(site, "survey.diff", "*", "grains.get", "role")
    assert runner(site, "config.get", "file_roots:base") == [str(site.root / "trees/salt")]
    assert runner(site, "test.arg", "a", "b=1") == {"args": ["a"], "kwargs": {"b": 1}}
    assert runner(site, "event.send", "my/tag", "{a: 1}") is True
    assert site.events("my/tag", 1)[0][1]["a"] == 1
    assert runner(site, "match.compound_matches", "G@role:web and E@w.*", "web1") == {"res": "web1"}
    assert runner(site, "match.compound_matches", "I@color:blue", "nobody") == {"res": False}
    assert runner(site, "error.error") == {}
    assert "ValueError: odd" in runner(site, "error.error", "ValueError", "odd", code=1)


@pytest.mark.behaviour("RUN-04")
def test_the_master_asks_web_servers(site: Site) -> None:
    def answer(asked: Asked) -> tuple[int, bytes]:
        return (404, b"nothing") if asked.path == "/no" else (200, asked.body or b"authorities\n")

    with WebService(answer) as service:
        assert runner(site, "http.query", f"{service.url}/x") == {"body": "authorities\n"}
        sent = runner(site, "http.query", f"{service.url}/x", "method=POST", "data=<a/>", "status=True")
        assert sent == {"body": "<a/>", "status": 200}
        lost = runner(site, "http.query", f"{service.url}/no")
        assert (lost["status"], lost["body"]) == (404, "nothing")
        assert "Connection refused" in runner(site, "http.query", "http://127.0.0.1:1/")["error"]
        assert "Unsupported url scheme" in str(runner(site, "http.query", "ftp://x/", code=1))

        more, bundle = site.root / "more.pem", site.root / "bundle.pem"
        more.write_text("ours\n")
        words = (f"target={bundle}", f"merge_files={more}")
        assert runner(site, "http.update_ca_bundle", *words, f"source={service.url}/ca.pem") is None
        assert bundle.read_text().split() == ["authorities", "ours"]
        runner(site, "http.update_ca_bundle", *words, f"source={service.url}/no", code=1)
        assert bundle.read_text().split() == ["authorities", "ours"]


@pytest.mark.behaviour("RUN-04")
def test_secrets_and_tokens(site: Site) -> None:
    profile = site.config / "master.d/store.conf"
    assert runner(site, "sdb.get", "sdb://nowhere/x") == "sdb://nowhere/x"
    assert runner(site, "sdb.set", "sdb://nowhere/x", "1") is False
    assert not profile.exists()

    refused = runner(site, "auth.mk_token", "username=ann", "password=x", "eauth=pam", code=1)
    assert "Exception occurred in runner auth.mk_token" in refused
    assert runner(site, "auth.del_token", "f" * 64) is False


@pytest.mark.behaviour("RUN-04")
def test_a_wake_up_call_is_sent(site: Site) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(10)
        port = str(listener.getsockname()[1])
        mac = "0a:0b:0c:0d:0e:0f"

        assert runner(site, "network.wol", mac, "bcast=127.0.0.1", f"destport={port}") is True
        assert listener.recv(200) == b"\xff" * 6 + bytes.fromhex(mac.replace(":", "")) * 16
        assert runner(site, "network.wollist", f"[{mac}]", "bcast=127.0.0.1", f"destport={port}") == [mac]
        assert "not" in runner(site, "network.wol", "0a:0b", "bcast=127.0.0.1", code=1)
    known = runner(site, "cache.grains", "web1")["web1"]["hwaddr_interfaces"]
    wanted = sorted(mac for name, mac in known.items() if name != "lo")
    assert sorted(runner(site, "network.wolmatch", "web1", "bcast=127.0.0.1", f"destport={port}")) == wanted


@pytest.mark.behaviour("LDR-08", "RUN-01")
def test_a_runner_of_ones_own_is_synchronised(site: Site) -> None:
    assert runner(site, "saltutil.sync_runners") == ["runners.own"]
    assert runner(site, "own.here") == {"args": [1], "kwargs": {}}
    done = site.run("runner", "own.tell", "--out", "newline_values_only", "--jid", JID)
    assert [line for line in done.stdout.splitlines() if " of 2" in line] == ["1 of 2", "2 of 2"]
    assert done.stdout.splitlines()[-3:-1] == [JID, f"salt/run/{JID}"]
    events = site.events(f"salt/run/{JID}/*", 4)
    assert [tag.rpartition("/")[2] for tag, _ in events] == ["new", "progress", "progress", "ret"]
    assert runner(site, "saltutil.sync_all")["runners"] == []


@pytest.mark.behaviour("LDR-12")
def test_the_masters_functions_are_documented(site: Site) -> None:
    assert "manage.up:\n\nThe minions" in site.run("runner", "-d", "manage").stdout
    assert "key.accept:\n" in site.run("wheel", "-d", "key").stdout


def test_a_runner_misspelt_is_answered_by_the_likely_one(site: Site) -> None:
    done = site.run("runner", "manage.statsu")

    assert done.returncode == 66
    assert "Did you mean manage.status?" in done.stderr


@pytest.mark.behaviour("WHL-01", "WHL-02")
def test_wheel_decides_on_keys(site: Site) -> None:
    assert wheel(site, "key.list", "pre") == {"minions_pre": ["new1"]}
    finger = wheel(site, "key.finger", "new1")["minions_pre"]["new1"]

    assert wheel(site, "key.name_match", "*1") == {"minions": ["db1", "web1"], "minions_pre": ["new1"]}
    assert wheel(site, "key.reject", "new1") == {"minions_rejected": ["new1"]}
    assert wheel(site, "key.accept", "new1") == {}
    assert wheel(site, "key.accept", "new1", "include_rejected=True") == {"minions": ["new1"]}
    assert wheel(site, "key.finger", "new1") == {"minions": {"new1": finger}}
    assert wheel(site, "key.print", "new1")["minions"]["new1"].startswith("-----BEGIN PUBLIC KEY")
    assert wheel(site, "key.delete_dict", "{minions: [new1]}") == {"minions": ["new1"]}
    assert set(wheel(site, "key.gen")) == {"priv", "pub"}
    assert wheel(site, "minions.connected") == ["db1", "web1"]
    done = [data["fun"] for _, data in site.events("salt/wheel/*/ret", 3)]
    assert done[-1].startswith("wheel.key.")


@pytest.mark.behaviour("WHL-03")
def test_wheel_writes_the_configuration(site: Site) -> None:
    main = site.config / "master"
    before = main.read_text()
    main.write_text(f"# kept\n{before}")

    wheel(site, "config.apply", "loop_interval", "30")
    wheel(site, "config.apply", "nodegroups", "{webs: 'web*'}")
    wheel(site, "config.apply", "loop_interval", "31")
    wheel(site, "config.update_config", "own", "{keep_jobs_seconds: 5}")

    text = main.read_text()
    assert text.startswith("# kept\n")
    assert text.count("loop_interval: ") == 1
    assert "loop_interval: 31\nnodegroups:\n  webs: web*\n" in text
    assert (site.config / "master.d/own.conf").read_text() == "keep_jobs_seconds: 5\n"
    assert wheel(site, "config.update_config", "../own", "{a: 1}", code=1).startswith("Exception occurred in")
    assert wheel(site, "config.values")["id"] == runner(site, "config.get", "id")
    (site.config / "master.d/own.conf").unlink()
    main.write_text(before)


@pytest.mark.behaviour("WHL-04")
def test_wheel_reads_and_writes_the_roots(site: Site, tmp_path: Path) -> None:
    salt = site.root / "trees/salt"
    (salt / "out").symlink_to(tmp_path)

    assert wheel(site, "pillar_roots.read", "colors.sls") == [
        {str(site.root / "trees/pillar/colors.sls"): TREES["pillar/colors.sls"]}
    ]
    assert wheel(site, "file_roots.find", "hello.sls") == [{str(salt / "hello.sls"): "txt"}]
    assert wheel(site, "file_roots.list_env")[str(salt)]["_runners"] == {"own.py": "f"}
    assert wheel(site, "file_roots.write", "abc", "new/x.txt") == f"Wrote data to file {salt}/new/x.txt"
    assert (salt / "new/x.txt").read_text() == "abc"
    for path in ("../x.txt", "new/../../x.txt", "out/x.txt"):
        assert wheel(site, "file_roots.write", "abc", path) == f"Invalid path: {path}"
    assert wheel(site, "file_roots.write", "abc", "x", "nope") == "Named environment nope is not present"
    assert wheel(site, "file_roots.read", "../pillar/colors.sls") == []
    (salt / "new/x.txt").unlink()
    (salt / "new").rmdir()
    (salt / "out").unlink()
