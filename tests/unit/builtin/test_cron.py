"""Crontabs, really written by `crontab` in a throw-away root. Lines and texts are Salt's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shipped import Shipped

from servers import program
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("STM-02")
OWN = "MAILTO=me\n5 4 * * * own\n"
MANAGED = "# Lines below here are managed by Salt, do not edit\n"


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    program("crontab")
    return Shipped(tmp_path)


def told(minion: Shipped, fun: str, name: str, **kwargs) -> tuple:
    result = minion.state(fun, name, **kwargs)
    return result["result"], result["changes"], result["comment"]


def own_crontab(text: str = OWN) -> None:
    subprocess.run(["crontab", "-u", "root", "-"], input=text, text=True, check=True)


def crontab() -> str:
    return subprocess.run(["crontab", "-u", "root", "-l"], capture_output=True, text=True, check=True).stdout


@in_throwaway_root
def test_a_job(minion):
    own_crontab()
    foreseen = told(minion, "cron.present", "date > /x", minute=5, test=True)
    assert foreseen == (None, {}, "Cron date > /x is set to be added")
    done = told(minion, "cron.present", "date > /x", minute=5, comment="say when")
    assert done == (True, {"root": "date > /x"}, "Cron date > /x added to root's crontab")
    assert crontab() == OWN + MANAGED + "# say when SALT_CRON_IDENTIFIER:date > /x\n5 * * * * date > /x\n"
    again = told(minion, "cron.present", "date > /x", minute=5, comment="say when")
    assert again == (True, {}, "Cron date > /x already present")
    foreseen = told(minion, "cron.present", "date > /x", minute=5, commented=True, test=True)
    assert foreseen == (None, {}, "Cron date > /x is set to be updated")
    done = told(minion, "cron.present", "date > /x", minute="6", hour="*/2", commented=True)
    assert done == (True, {"root": "date > /x"}, "Cron date > /x updated")
    assert crontab().endswith("\n#DISABLED#6 */2 * * * date > /x\n")
    assert told(minion, "cron.present", "date > /x", minute="6", hour="*/2", commented=True)[1] == {}
    assert told(minion, "cron.absent", "date > /x", test=True) == (None, {}, "Cron date > /x is set to be removed")
    done = told(minion, "cron.absent", "date > /x")
    assert done == (True, {"root": "date > /x"}, "Cron date > /x removed from root's crontab")
    assert told(minion, "cron.absent", "date > /x") == (True, {}, "Cron date > /x already absent")
    assert told(minion, "cron.absent", "date > /x", test=True) == (True, {}, "Cron date > /x is absent")
    assert crontab() == OWN + MANAGED


@in_throwaway_root
def test_a_job_is_known_by_its_identifier(minion):
    assert told(minion, "cron.present", "one", identifier="ID")[0] is True
    assert told(minion, "cron.present", "two", identifier="ID") == (True, {"root": "two"}, "Cron two updated")
    assert crontab() == MANAGED + "# SALT_CRON_IDENTIFIER:ID\n* * * * * two\n"
    assert told(minion, "cron.absent", "any", identifier="ID")[1] == {"root": "any"}
    assert crontab() == MANAGED


@in_throwaway_root
def test_a_random_minute_stays(minion):
    assert told(minion, "cron.present", "one", minute="random")[0] is True
    minute = crontab().splitlines()[-1].split()[0]
    assert 0 <= int(minute) <= 59
    assert told(minion, "cron.present", "one", minute="random", test=True)[0] is True
    assert told(minion, "cron.present", "one", minute="random")[1] == {}
    assert crontab().splitlines()[-1].split()[0] == minute


@in_throwaway_root
def test_bytes_of_another_encoding_stay(minion):
    own = b"# Gr\xfc\xdfe\n"
    subprocess.run(["crontab", "-u", "root", "-"], input=own, check=True)
    assert told(minion, "cron.present", "one")[0] is True
    assert minion.call("cron.list_tab", "root")["pre"] == ["# Gr\ufffd\ufffde"]
    written = subprocess.run(["crontab", "-u", "root", "-l"], capture_output=True, check=True).stdout
    assert written.startswith(own + MANAGED.encode())


@in_throwaway_root
def test_a_minute_becomes_random(minion):
    assert told(minion, "cron.present", "one")[0] is True
    foreseen = told(minion, "cron.present", "one", minute="random", test=True)
    assert foreseen == (None, {}, "Cron one is set to be updated")
    assert told(minion, "cron.present", "one", minute="random")[1] == {"root": "one"}
    assert told(minion, "cron.present", "one", minute="random", test=True)[0] is True


@in_throwaway_root
def test_an_occasion(minion):
    done = told(minion, "cron.present", "one", special="@hourly")
    assert done == (True, {"root": "one"}, "Cron one added to root's crontab")
    assert crontab() == MANAGED + "# SALT_CRON_IDENTIFIER:one\n@hourly one\n"
    assert told(minion, "cron.present", "one", special="@hourly") == (True, {}, "Cron one already present")
    assert told(minion, "cron.present", "one", special="@daily")[2] == "Cron one updated"
    assert told(minion, "cron.absent", "one", special="@daily")[1] == {"root": "one"}
    assert crontab() == MANAGED


@in_throwaway_root
def test_variables(minion):
    assert told(minion, "cron.env_present", "SHELL", value="/bin/sh", test=True) == (
        None,
        {},
        "Cron env SHELL is set to be added",
    )
    done = told(minion, "cron.env_present", "SHELL", value="/bin/sh")
    assert done == (True, {"root": "SHELL"}, "Cron env SHELL added to root's crontab")
    assert told(minion, "cron.env_present", "SHELL", value="/bin/sh") == (True, {}, "Cron env SHELL already present")
    assert told(minion, "cron.env_present", "SHELL", value="/bin/bash")[2] == "Cron env SHELL updated"
    assert told(minion, "cron.env_present", "MAILTO")[0] is True
    assert crontab() == MANAGED + 'SHELL=/bin/bash\nMAILTO=""\n'
    assert told(minion, "cron.env_present", "MAILTO")[1] == {}
    assert told(minion, "cron.env_absent", "SHELL", test=True)[2] == "Cron env SHELL is set to be removed"
    done = told(minion, "cron.env_absent", "SHELL")
    assert done == (True, {"root": "SHELL"}, "Cron env SHELL removed from root's crontab")
    assert told(minion, "cron.env_absent", "SHELL") == (True, {}, "Cron env SHELL already absent")


@in_throwaway_root
def test_a_whole_crontab(minion):
    minion.write("base/tab", "1 2 * * * {{ who }}\n")
    own_crontab()
    foreseen = told(minion, "cron.file", "salt://tab", template="jinja", context={"who": "me"}, test=True)
    assert foreseen[0] is None
    assert crontab() == OWN
    done = told(minion, "cron.file", "salt://tab", template="jinja", context={"who": "me"})
    assert done[0] is True
    assert done[2] == "Crontab for user root was updated"
    assert "+1 2 * * * me" in done[1]["diff"]
    assert crontab() == "1 2 * * * me\n"
    done = told(minion, "cron.file", "salt://tab", template="jinja", context={"who": "me"})
    assert done == (True, {}, "Crontab for user root is in the correct state")
    done = told(minion, "cron.file", "salt://tab", replace=False)
    assert done == (True, {}, "User root already has a crontab. No changes made")
    missing = told(minion, "cron.file", "salt://nope")
    assert missing[0] is False
    assert "salt://nope" in missing[2]


@in_throwaway_root
def test_functions(minion):
    own_crontab()
    assert minion.call("cron.set_job", "root", "*", "*", "*", "*", 1, "weekly") == "new"
    assert minion.call("cron.set_job", "root", "*", "*", "*", "*", 1, "weekly") == "present"
    assert minion.call("cron.set_special", "root", "@reboot", "boot", comment="c", identifier="i") == "new"
    assert minion.call("cron.set_env", "root", "A", "b") == "new"
    entry = {"comment": None, "identifier": None, "commented": False}
    assert minion.call("cron.list_tab", "root") == {
        "pre": OWN.splitlines(),
        "crons": [
            {"minute": "*", "hour": "*", "daymonth": "*", "month": "*", "dayweek": "1", "cmd": "weekly", **entry}
        ],
        "special": [{"spec": "@reboot", "cmd": "boot", "comment": "c", "identifier": "i", "commented": False}],
        "env": [{"name": "A", "value": "b"}],
    }
    assert minion.call("cron.ls", "root") == minion.call("cron.list_tab", "root")
    assert minion.call("cron.get_entry", "root", cmd="weekly")["dayweek"] == "1"
    assert minion.call("cron.get_entry", "root", identifier="nope") is False
    assert minion.call("cron.rm_job", "root", "weekly", dayweek=2) == "absent"
    assert minion.call("cron.rm_job", "root", "weekly", dayweek=1) == "removed"
    assert minion.call("cron.rm_special", "root", "boot", identifier="i") == "removed"
    assert minion.call("cron.rm_env", "root", "A") == "removed"
    assert minion.call("cron.raw_cron", "root") == OWN + MANAGED


@in_throwaway_root
def test_what_crontab_refuses(minion):
    done = told(minion, "cron.present", "one", minute=99)
    assert done[:2] == (False, {})
    assert done[2].startswith("Cron one for user root failed to commit with error \n")
    done = told(minion, "cron.present", "one", user="nosuchuser")
    assert done[0] is False
    assert "nosuchuser" in done[2]
