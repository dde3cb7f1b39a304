"""What a minion learns from its master, and what it refuses to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab import Lab, until
from sites import Site, documents, part

on_site = pytest.mark.xdist_group("site")


@on_site
@pytest.mark.behaviour("LDR-08")
def test_a_module_from_the_masters_files_is_synced_and_called(site: Site) -> None:
    modules = site.root / "srv" / "_modules"
    modules.mkdir(exist_ok=True)
    (modules / "greeter.py").write_text("def hello(name):\n    return f'hello {name} from ' + __grains__['id']\n")
    assert "'greeter.hello' is not available." in site.run("run", "db1", "greeter.hello", "you").stdout

    synced = documents(site.run("run", "db1", "saltutil.sync_modules", "--out", "json").stdout)
    assert "modules.greeter" in synced["db1"]
    said = documents(site.run("run", "db1", "greeter.hello", "you", "--out", "json").stdout)
    assert said == {"db1": "hello you from db1"}
    assert documents(site.run("run", "db1", "saltutil.sync_modules", "--out", "json").stdout) == {"db1": []}

    (modules / "greeter.py").write_text("def hello(name):\n    return 'changed'\n")
    site.run("run", "db1", "saltutil.sync_all")
    said = documents(site.run("run", "db1", "greeter.hello", "you", "--out", "json").stdout)
    assert said == {"db1": "changed"}
    (modules / "greeter.py").unlink()
    site.run("run", "db1", "saltutil.sync_modules")
    assert "'greeter.hello' is not available." in site.run("run", "db1", "greeter.hello", "you").stdout


@on_site
@pytest.mark.behaviour("TGT-01", "LDR-09")
def test_a_grain_that_is_set_is_a_target_at_once(site: Site) -> None:
    assert site.run("run", "-G", "ring:inner", "test.ping").returncode == 2
    site.run("run", "web2", "grains.setval", "ring", "inner")

    def meant() -> list[str]:
        return list(site.ask("resolve", tgt="ring:inner", tgt_type="grain")["minions"])

    until(lambda: meant() == ["web2"], 15, "the master does not know the grain")
    assert documents(site.run("run", "-G", "ring:inner", "test.ping", "--out", "json").stdout) == {"web2": True}
    site.run("run", "web2", "grains.delkey", "ring")
    until(lambda: meant() == [], 15, "the master still knows the grain")


@pytest.mark.behaviour("JOB-24")
def test_in_a_blackout_only_the_whitelist_runs(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    lab.start_master()
    lab.start_minion("dark", minion_blackout=True, minion_blackout_whitelist=["test.echo"])
    lab.start_minion("grainy", grains={"minion_blackout": True, "minion_blackout_whitelist": ["grains.item"]})
    lab.start_minion("light", minion_blackout=False)
    lab.wait_for_minions(("dark", "grainy", "light"))

    done = lab.run("run", "*", "--show-jid", "test.ping")
    jid = done.stdout.split()[1]
    states = {row["minion"]: row["state"] for row in lab.ask("outcomes", query={"jid": jid})["outcomes"]}
    assert states == {"dark": "refused", "grainy": "refused", "light": "returned"}
    assert "Minion in blackout mode." in done.stdout
    assert done.returncode == 3
    assert documents(lab.run("run", "dark", "test.echo", "x", "--out", "json").stdout) == {"dark": "x"}
    assert lab.run("run", "grainy", "grains.item", "id").returncode == 0
    assert lab.run("run", "dark", "test.echo,test.ping", "x", ",").returncode == 2


@pytest.mark.behaviour("JOB-16")
def test_a_minion_keeps_its_returns_when_it_shall(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    lab.start_master()
    lab.start_minions(("m1",), cache_jobs=True)
    jid = lab.run("run", "m1", "--show-jid", "test.ping").stdout.split()[1]

    kept = documents(lab.run("run", "m1", "saltutil.find_cached_job", jid, "--out", "json").stdout)["m1"]
    golden = {"id": "m1", "jid": jid, "fun": "test.ping", "fun_args": [], "return": True, "retcode": 0, "success": True}
    assert part(kept, golden) == golden


@pytest.mark.behaviour("JOB-09", "JOB-10")
def test_jobs_wait_for_their_turn_and_run_once(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    lab.start_master()
    lab.start_minions(("m1",), process_count_max=1)
    told = lab.root / "told"
    command = f"echo begin >> {told}; sleep 0.3; echo end >> {told}"
    jids = [lab.run("run", "m1", "--async", "cmd.run", command).stdout.split()[-1] for _ in range(4)]
    assert len(lab.json("run", "m1", "--job-timeout", "0", "test.ping")) == 1

    def ended() -> bool:
        return all(lab.ask("job", jid=jid)["counts"].get("returned") == 1 for jid in jids)

    until(ended, 20, "not all have run")
    assert told.read_text() == "begin\nend\n" * 4


@pytest.mark.behaviour("CLI-06", "FS-05")
def test_files_go_to_minions_and_come_back(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(file_recv=True)
    lab.start_master()
    lab.start_minion("m1")
    lab.wait_for_minions(("m1",))
    source, target = lab.root / "motd", lab.root / "copied"
    source.write_bytes(b"\xff\x00 hello")

    done = lab.run("cp", "m1", str(source), str(target), "--out", "json")
    assert (documents(done.stdout), done.returncode, done.stderr) == ({"m1": {str(target): True}}, 0, "")
    assert target.read_bytes() == source.read_bytes()

    source.write_bytes(bytes(range(256)) * 4000)
    refused = lab.run("cp", "m1", str(source), str(target))
    assert refused.returncode == 64
    assert "--chunked" in refused.stderr
    done = lab.run("cp", "-C", "m1", str(source), str(target), "--out", "json")
    assert documents(done.stdout) == {"m1": {str(target): True}}
    assert target.read_bytes() == source.read_bytes()

    pushed = lab.run("run", "m1", "cp.push", str(target), "upload_path=/kept", "--out", "json")
    assert documents(pushed.stdout) == {"m1": True}
    assert next(lab.root.rglob("minions/m1/files/kept")).read_bytes() == source.read_bytes()
