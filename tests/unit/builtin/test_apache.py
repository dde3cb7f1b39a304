"""Apache: configuration as data, passwords of users, and what Debian's programs enable, in a throw-away root."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shipped import Shipped

from saltern.plugin_api import password_file
from servers import free_port, program
from throwaway_root import in_throwaway_root
from web_services import WebService

CONFIG = [
    {"Listen": ["80", "8080"]},
    {
        "VirtualHost": {
            "this": "*:80",
            "ServerName": "www.example.com",
            "ServerAlias": ["a.example.com", "b.example.com"],
            "Directory": {"this": "/var/www", "Require": "all granted", "AllowOverride": False},
        }
    },
]
TEXT = """Listen 80
Listen 8080
<VirtualHost *:80>
ServerName www.example.com
ServerAlias a.example.com
ServerAlias b.example.com
<Directory /var/www>
Require all granted
AllowOverride Off
</Directory>
</VirtualHost>
"""


@pytest.fixture
def minion(tmp_path) -> Shipped:
    return Shipped(tmp_path)


def both(minion: Shipped, fun: str, name: str, **options: Any) -> dict[str, Any]:
    foreseen = minion.state(fun, name, test=True, **options)
    done = minion.state(fun, name, **options)
    assert (foreseen["result"], done["result"]) == (None, True), done["comment"]
    assert foreseen["changes"] == done["changes"]
    again = minion.state(fun, name, **options)
    assert (again["result"], again["changes"]) == (True, {}), again
    return done


def test_configuration_as_data(minion, tmp_path):
    assert minion.call("apache.config", "/nosuch", CONFIG, edit=False) == TEXT
    path = tmp_path / "site.conf"
    done = both(minion, "apache.configfile", str(path), config=CONFIG)
    assert (done["comment"], done["changes"]) == ("Successfully created configuration.", {"old": "", "new": TEXT})
    assert path.read_text() == TEXT


@pytest.mark.parametrize("form", ["m", "s", "B", "d"])
def test_hashes_are_those_of_htpasswd(minion, tmp_path, form):
    path = str(tmp_path / "users")
    done = minion.call("webutil.useradd", path, "larry", "grün 1", opts=form)
    assert (done["retcode"], done["stderr"]) == (0, "Adding password for user larry")
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o640
    for password, good in (("grün 1", True), ("other", False)):
        assert minion.call("webutil.verify", path, "larry", password) is good
        command = [program("htpasswd"), "-vb", path, "larry", password]
        assert (subprocess.run(command, check=False, capture_output=True).returncode == 0) is good
    assert minion.call("webutil.useradd", path, "larry", "x")["stderr"] == "Updating password for user larry"
    assert minion.call("webutil.userdel", path, "larry") == ["Deleting password for user larry"]
    assert minion.call("webutil.userdel", path, "larry") == ["User larry not found"]


def test_a_hash_of_apache():
    made = password_file.apache_md5("secret", "abcdefgh")
    command = ["openssl", "passwd", "-apr1", "-salt", "abcdefgh", "secret"]
    assert made == subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_users_as_states(minion, tmp_path):
    path = str(tmp_path / "users")
    given = {"htpasswd_file": path, "password": "one"}
    done = both(minion, "webutil.user_exists", "larry", **given)
    assert (done["comment"], done["changes"]) == ("Adding password for user larry", {"larry": True})
    assert minion.state("webutil.user_exists", "larry", htpasswd_file=path, password="two")["changes"] == {}
    done = both(minion, "webutil.user_exists", "larry", htpasswd_file=path, password="two", update=True)
    assert minion.call("webutil.verify", path, "larry", "two") is True
    done = both(minion, "webutil.user_absent", "larry", htpasswd_file=path)
    assert done["comment"] == "Deleting password for user larry"
    refused = minion.state("webutil.user_exists", "a:b", **given)
    assert refused["result"] is False


@in_throwaway_root
def test_what_debian_enables(minion):
    program("a2enmod")
    done = both(minion, "apache_module.enabled", "rewrite")
    assert (done["comment"], done["changes"]) == ("Enabled Apache module rewrite", {"old": None, "new": "rewrite"})
    assert minion.call("apache.check_mod_enabled", "rewrite") is True
    done = both(minion, "apache_module.disabled", "rewrite")
    assert done["comment"] == "Disabled Apache module rewrite"
    Path("/etc/apache2/sites-available/trial.conf").write_text(TEXT)
    assert both(minion, "apache_site.enabled", "trial")["comment"] == "Enabled Apache site trial"
    assert both(minion, "apache_site.disabled", "trial")["changes"] == {"old": "trial", "new": None}
    Path("/etc/apache2/conf-available/trial.conf").write_text("# nothing\n")
    assert both(minion, "apache_conf.enabled", "trial")["comment"] == "Enabled Apache conf trial"
    both(minion, "apache_conf.disabled", "trial")
    failed = minion.state("apache_module.enabled", "nosuchmodule")
    assert failed["comment"] == "Failed to enable nosuchmodule Apache module: Mod nosuchmodule Not found"
    Path("/run/lock").mkdir(parents=True, exist_ok=True)
    assert minion.call("apache.version").startswith("Apache/2.")
    assert "core.c" in minion.call("apache.servermods")
    assert minion.call("apache.fullversion")["compiled_with"]


SITE = """
ServerRoot {root}
PidFile {root}/pid
ErrorLog {root}/errors
ServerName localhost
Listen 127.0.0.1:{port}
DocumentRoot {root}
DefaultRuntimeDir {root}
{modules}
<Location /server-status>
    SetHandler server-status
</Location>
<Location /basic>
    SetHandler server-status
    AuthType Basic
    AuthName r
    AuthUserFile {root}/basic-users
    Require valid-user
</Location>
<Location /digest>
    SetHandler server-status
    AuthType Digest
    AuthName r
    AuthUserFile {root}/digest-users
    Require valid-user
</Location>
<Location /quiet>
    Redirect 404
</Location>
"""
MODULES = (
    "mpm_event",
    "authn_core",
    "authn_file",
    "authz_core",
    "authz_user",
    "auth_basic",
    "auth_digest",
    "status",
    "alias",
)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def served(root: Path) -> Iterator[str]:
    """The address of a server of Apache with pages of its state, `/digest` and `/basic` behind a password."""
    port = free_port()
    root.joinpath("digest-users").write_text(f"larry:r:{hashlib.md5(b'larry:r:secret').hexdigest()}\n")
    subprocess.run([program("htpasswd"), "-cbm", root / "basic-users", "larry", "secret"], check=True)
    modules = "\n".join(f"LoadModule {one}_module /usr/lib/apache2/modules/mod_{one}.so" for one in MODULES)
    root.joinpath("conf").write_text(SITE.format(root=root, port=port, modules=modules))
    root.chmod(0o755)
    with subprocess.Popen([program("apache2"), "-f", root / "conf", "-DFOREGROUND"]) as server:
        try:
            until = time.monotonic() + 30
            while not _listens(port):
                assert server.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.mark.behaviour("LDR-14")
def test_the_state_of_a_server(tmp_path: Path):
    root = tmp_path / "apache"
    root.mkdir()
    with served(root) as url:
        login = {"user": "larry", "pass": "secret"}
        profiles = {
            "default": {"url": f"{url}/server-status"},
            "basic": {"url": f"{url}/basic", **login},
            "digest": {"url": f"{url}/digest", "realm": "r", **login},
            "wrong": {"url": f"{url}/basic", **login, "pass": "x"},
            "quiet": {"url": f"{url}/quiet"},
            "down": {"url": "http://127.0.0.1:1/", "timeout": 1},
            "odd": {"url": "nonsense"},
        }
        minion = Shipped(tmp_path, pillar={"apache.server-status": profiles})
        found = minion.call("apache.server_status")
        assert found["ServerVersion"].startswith("Apache/2.4")
        assert isinstance(found["Uptime"], int)
        assert isinstance(found["Load1"], float)
        assert set(found["Scoreboard"]) <= set("_SRWKDCLGI.")
        for name in ("basic", "digest"):
            assert minion.call("apache.server_status", name).keys() >= {"Scoreboard", "IdleWorkers", "BusyWorkers"}
        for name, why in (("wrong", "401"), ("quiet", "404"), ("down", "refused"), ("odd", "unknown url type")):
            assert why in minion.outcome("apache.server_status", name).value, name
        assert "There is no apache.server-status:none" in minion.outcome("apache.server_status", "none").value


@pytest.mark.parametrize(
    ("line", "value"),
    [("CPULoad: .05", 0.05), ("X: 1.2e-05", 1.2e-05), ("Total kBytes: 5", 5), ("X: -0.5", -0.5), ("X: a: 1", "a: 1")],
)
def test_numbers_of_a_page(tmp_path: Path, line: str, value: object):
    page = f"localhost\n{line}\nScoreboard: _W\n".encode()
    with WebService(lambda _: (200, page)) as service:
        minion = Shipped(tmp_path, pillar={"apache.server-status": {"default": {"url": f"{service.url}/status"}}})
        found = minion.call("apache.server_status")
        service.answer = lambda _: (200, b"<html>")
        assert "is no page of mod_status" in minion.outcome("apache.server_status").value
    assert found == {line.partition(": ")[0]: value, "Scoreboard": "_W"}
    assert (service.asked[0].path, service.asked[0].query) == ("/status", {"auto": ""})
