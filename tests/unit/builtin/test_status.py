"""What this host does, read from it and compared with what the kernel says. Shapes and texts are Salt's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from shipped import Shipped

pytestmark = pytest.mark.behaviour("LDR-14")


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    return Shipped(tmp_path, **{"status.meminfo.custom": ["MemTotal"], "master_port": 1})


@pytest.fixture
def sleeper():
    """A process that only waits, with a mark in its command."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "trial-of-status"])
    yield process
    process.kill()
    process.wait()


def told(minion: Shipped, fun: str, name: str, **kwargs) -> tuple:
    result = minion.state(fun, name, **kwargs)
    return result["result"], result["changes"], result["comment"]


def proc(name: str) -> str:
    return Path("/proc", name).read_text()


def test_figures_of_the_host(minion):
    assert set(minion.call("status.loadavg")) == {"1-min", "5-min", "15-min"}
    total = proc("meminfo").split()[1]
    assert minion.call("status.meminfo")["MemTotal"] == {"value": total, "unit": "kB"}
    assert minion.call("status.custom") == {"MemTotal": {"value": total, "unit": "kB"}}
    assert isinstance(minion.call("status.cpuinfo")["flags"], list)
    stats = minion.call("status.cpustats")
    assert set(stats["cpu"]) == {"idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"}
    assert stats["btime"] == int(proc("stat").split("btime ")[1].split()[0])
    assert isinstance(stats["intr"]["irqs"], list)
    assert minion.call("status.nproc") == len(os.sched_getaffinity(0))
    assert minion.call("status.version") == proc("version").strip()
    assert minion.call("status.vmstats")["nr_free_pages"] > 0
    assert minion.call("status.netdev")["lo"]["iface"] == "lo"
    assert minion.call("status.netdev")["lo"]["rx_bytes"] == minion.call("status.netdev")["lo"]["tx_bytes"]
    assert "SyncookiesSent" in minion.call("status.netstats")["TcpExt"]
    assert set(minion.call("status.diskusage", "/")["/"]) == {"available", "total"}
    assert minion.call("status.diskusage", "no*") == {}
    up = minion.call("status.uptime")
    assert abs(up["since_t"] - stats["btime"]) <= 2
    assert minion.call("status.time", "%Y").isdigit()
    assert {"cpuinfo", "loadavg", "w"} <= set(minion.call("status.all_status"))
    assert minion.call("status.ping_master", "127.0.0.1") is False
    assert minion.call("status.ping_master", "") is False


def test_states_of_the_load(minion):
    assert told(minion, "status.loadavg", "1-min", maximum=100000) == (True, {}, "Load avg in acceptable range")
    low = told(minion, "status.loadavg", "1-min", minimum=100000)
    assert low[0] is False
    assert low[2].startswith("Load avg is below minimum of 100000 at ")
    assert told(minion, "status.loadavg", "3-min")[2] == "Requested load average 3-min not available "


def test_processes_by_their_command(minion, sleeper):
    assert minion.call("status.pid", "trial-of-status") == str(sleeper.pid)
    assert minion.call("status.pid", "no such process") == ""
    assert "trial-of-status" in minion.call("status.procs")[str(sleeper.pid)]["cmd"]
    found = told(minion, "status.process", "trial-of-status")
    assert found == (True, {}, 'Process signature "trial-of-status" was found ')
    found = told(minion, "status.process", "no such process")
    assert found == (False, {}, 'Process signature "no such process" not found ')
    assert minion.call("ps.pgrep", "trial-of-status", full=True) == [sleeper.pid]
    assert minion.call("ps.pgrep", "trial-of-.tatus", full=True, pattern_is_regex=True) == [sleeper.pid]
    assert minion.call("ps.pgrep", "trial-of-status", user="nobody", full=True) is None
    shown = minion.call("ps.psaux", "trial-of-status")
    assert shown[0] == "trial-of-status"
    assert shown[2] == "1 occurrence(s)."
    assert minion.call("ps.proc_info", sleeper.pid, attrs=["pid", "ppid"]) == {"pid": sleeper.pid, "ppid": os.getpid()}
    whole = minion.call("ps.proc_info", sleeper.pid)
    assert whole["cmdline"][-1] == "trial-of-status"
    assert "environ" not in whole
    assert sleeper.pid in minion.call("ps.get_pid_list")
    assert minion.call("ps.kill_pid", sleeper.pid, 0) is True
    assert minion.call("ps.pkill", "trial-of-status", full=True, signal=9) == {"killed": [sleeper.pid]}
    assert sleeper.wait(30) == -signal.SIGKILL
    assert minion.call("ps.kill_pid", sleeper.pid, 0) is False
    assert minion.call("ps.pkill", "trial-of-status", full=True) is None
    assert "no process found" in minion.outcome("ps.proc_info", sleeper.pid).value.lower() or (
        "not found" in minion.outcome("ps.proc_info", sleeper.pid).value.lower()
    )


def test_figures_of_processors_memory_disks_and_network(minion):
    assert minion.call("ps.num_cpus") == os.cpu_count()
    assert minion.call("ps.total_physical_memory") == int(proc("meminfo").split()[1]) * 1024
    assert set(minion.call("ps.swap_memory")) == {"total", "used", "free", "percent", "sin", "sout"}
    assert minion.call("ps.boot_time") == int(proc("stat").split("btime ")[1].split()[0])
    assert minion.call("ps.boot_time", "%Y").isdigit()
    assert len(minion.call("ps.cpu_percent", per_cpu=True)) == os.cpu_count()
    assert {"user", "system"} <= set(minion.call("ps.cpu_times"))
    assert set(minion.call("ps.disk_usage", "/")) == {"total", "used", "free", "percent"}
    assert "/no/such: No such file" in minion.outcome("ps.disk_usage", "/no/such").value
    assert minion.call("ps.network_io_counters", "lo")["bytes_sent"] >= 0
    assert minion.call("ps.network_io_counters", "nono") is False
    assert minion.call("ps.disk_io_counters", "nono") is False
    (top,) = minion.call("ps.top", num_processes=1, interval=0.05)
    assert set(top) == {"cmd", "user", "status", "pid", "create_time", "cpu", "mem"}
    assert minion.call("ps.status", "bogus") == []
