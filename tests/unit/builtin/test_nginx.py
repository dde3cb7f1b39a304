"""`nginx` over a server of its own, in a throw-away root. The shapes are those of Salt 3006."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from shipped import Shipped

from servers import free_port, program
from throwaway_root import in_throwaway_root

_CONF = """pid /run/nginx.pid;
events {{}}
http {{ access_log off; server {{ listen 127.0.0.1:{port}; location /status {{ stub_status; }} }} }}
"""


@pytest.mark.behaviour("LDR-14")
@in_throwaway_root
def test_a_server(tmp_path: Path):
    nginx, port, minion = program("nginx"), free_port(), Shipped(tmp_path)
    conf = Path("/etc/nginx/nginx.conf")
    conf.write_text(_CONF.format(port=port))
    url = f"http://127.0.0.1:{port}/status"
    assert re.fullmatch(r"\d+\.\d+\.\d+", minion.call("nginx.version"))
    built = minion.call("nginx.build_info")
    assert built["info"][0].startswith("nginx version: nginx/")
    assert "--conf-path=/etc/nginx/nginx.conf" in built["build arguments"]
    tested = minion.call("nginx.configtest")
    assert (tested["result"], tested["comment"]) == (True, "Syntax OK")
    assert "does not answer" in minion.outcome("nginx.status", url).value
    server = subprocess.Popen([nginx, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + 30
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url).close()
        while not Path("/run/nginx.pid").exists() or not Path("/run/nginx.pid").read_text():
            assert time.monotonic() < ends
            time.sleep(0.05)
        counted = minion.call("nginx.status", url)
        assert list(counted) == [
            "active connections",
            "accepted",
            "handled",
            "requests",
            "reading",
            "writing",
            "waiting",
        ]
        assert counted["active connections"] == 1
        minion.call("nginx.signal", "reload")
        assert "not nonsense" in minion.outcome("nginx.signal", "nonsense").value
        minion.call("nginx.signal", "stop")
        assert server.wait(30) == 0
    finally:
        server.kill()
        server.wait(30)
    conf.write_text("nonsense;\n")
    wrong = minion.call("nginx.configtest")
    assert (wrong["result"], wrong["comment"]) == (False, "Syntax Error")
    assert "nonsense" in wrong["stderr"]
