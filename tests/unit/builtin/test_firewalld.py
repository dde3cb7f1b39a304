"""`firewalld` and its states over a firewalld of their own, in a network and a root that nobody else sees.

What it answers is compared with what Salt 3008.2 answered over such a firewalld.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from shipped import Shipped
from transcript import differences

from servers import program
from throwaway_root import in_network_namespace, in_throwaway_root

# Each call starts firewall-cmd anew.
pytestmark = pytest.mark.timeout(900)

_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>"""


@contextlib.contextmanager
def firewalld(work: Path) -> Iterator[None]:
    """A firewalld with a bus of its own, and its own copy of the configuration."""
    (work / "bus.conf").write_text(_BUS.format(path=work / "bus"))
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={work}/bus"  # the test is in a process of its own
    Path("/run/firewalld").mkdir(exist_ok=True)
    with contextlib.ExitStack() as started:
        for argv in (
            [program("dbus-daemon"), f"--config-file={work}/bus.conf", "--nofork"],
            [program("firewalld"), "--nofork", "--nopid"],
        ):
            process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            started.callback(process.wait)
            started.callback(process.terminate)
            ends = time.monotonic() + 60
            while not (work / "bus").exists():
                assert time.monotonic() < ends
                time.sleep(0.1)
        while subprocess.run(["firewall-cmd", "--state"], capture_output=True, check=False).returncode:
            assert time.monotonic() < ends
            time.sleep(0.5)
        yield


@pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")
@in_network_namespace
@in_throwaway_root
def test_it_answers_as_salt_does(tmp_path: Path):
    with firewalld(tmp_path):
        assert differences("firewalld_of_salt", tmp_path, {}) == []
        minion, dry = Shipped(tmp_path), Shipped(tmp_path, test=True)
        new = {"fun": "firewalld.present", "name": "fresh", "services": ["ssh"], "masquerade": True}
        foreseen, done, again = (one.state(**new) for one in (dry, minion, minion))
        assert (foreseen["result"], done["result"], again["changes"]) == (None, True, {})
        assert foreseen["changes"] == done["changes"]
        assert minion.call("firewalld.list_all", "fresh")["fresh"]["services"] == ["ssh"]
        unknown = minion.state("firewalld.present", "fresh", block_icmp=["nonsense"])
        assert unknown["comment"] == "Error: nonsense is not known to firewalld"
