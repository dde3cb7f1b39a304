"""Apache: configuration as data, passwords of users, and what Debian's programs enable, in a throw-away root."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from shipped import Shipped

from saltern.plugin_api import password_file
from servers import program
from throwaway_root import in_throwaway_root

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
