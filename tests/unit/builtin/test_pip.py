"""pip and its states, in virtual environments of the test and over an index that the test makes.

Comments and changes are those of Salt 3008.2.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from shipped import Shipped
from trial_index import TrialIndex

from saltern.plugin_api import CommandExecutionError
from saltern.plugin_api.python import requirement
from saltern.plugin_api.python.pip_options import Wanted, words_of

pytestmark = pytest.mark.timeout(300)

PRESENT = "Python package {} was already installed\nAll specified packages are already installed"


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> TrialIndex:
    made = TrialIndex(tmp_path_factory.mktemp("index"))
    for version in ("1.0", "1.1", "2.0", "2.1b1"):
        made.add("tru-pkg", version)
    made.add("needy", "0.5", "tru-pkg>=1")
    return made


@pytest.fixture
def minion(tmp_path, index, monkeypatch) -> Shipped:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    return Shipped(tmp_path)


@pytest.fixture
def venv(tmp_path) -> str:
    """An environment that shares pip with the tests: to install pip anew takes long."""
    place = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    (packages,) = place.glob("lib/python*/site-packages")
    ours = Path(sysconfig.get_path("purelib"))
    for one in [ours / "pip", *ours.glob("pip-*.dist-info")]:
        shutil.copytree(one, packages / one.name)
    (place / "bin" / "pip").write_text(f'#!/bin/sh\nexec {place}/bin/python -m pip "$@"\n')
    (place / "bin" / "pip").chmod(0o755)
    return str(place)


def test_the_functions_of_pip(minion, venv):
    assert minion.call("pip.version", bin_env=venv)[0].isdigit()
    done = minion.call("pip.install", "tru-pkg==1.0", bin_env=venv)
    assert (done["retcode"], done["stderr"]) == (0, "")
    assert "Successfully installed tru-pkg-1.0" in done["stdout"]
    assert minion.call("pip.list", "Tru_p", bin_env=venv) == {"tru-pkg": "1.0"}
    assert minion.call("pip.list_freeze_parse", "tru", bin_env=venv) == {"tru-pkg": "1.0"}
    frozen = minion.call("pip.freeze", bin_env=f"{venv}/bin/pip")
    assert "tru-pkg==1.0" in frozen
    assert [one for one in frozen if one.startswith("pip==")]
    assert minion.call("pip.is_installed", "TRU-pkg", bin_env=venv) is True
    assert minion.call("pip.is_installed", "tru_pkg", bin_env=venv) is False
    assert minion.call("pip.list_upgrades", bin_env=venv)["tru-pkg"] == "2.0 [wheel]"
    assert minion.call("pip.upgrade_available", "tru-pkg", bin_env=venv) is True
    assert minion.call("pip.list_all_versions", "tru-pkg", bin_env=venv) == ["1.0", "1.1", "2.0"]
    with_beta = minion.call("pip.list_all_versions", "tru-pkg", bin_env=venv, include_beta=True)
    assert with_beta == ["1.0", "1.1", "2.0", "2.1b1"]
    assert minion.call("pip.list_all_versions", "nosuch", bin_env=venv) is None
    gone = minion.call("pip.uninstall", "tru-pkg,nosuch", bin_env=venv)
    assert (gone["retcode"], gone["stderr"]) == (0, "WARNING: Skipping nosuch as it is not installed.")
    assert minion.call("pip.list", "tru", bin_env=venv) == {}
    assert minion.call("pip.install", bin_env=venv) == {"retcode": 0, "stdout": "No packages to install."}


def test_environments_that_are_none(minion, tmp_path):
    (tmp_path / "empty").mkdir()
    said = minion.outcome("pip.freeze", bin_env="/nosuch").value
    assert said == "Command required for 'pip.freeze' not found: Access denied to /nosuch, could not find a pip binary"
    assert (
        "Could not find a pip binary in virtualenv"
        in minion.outcome("pip.version", bin_env=str(tmp_path / "empty")).value
    )
    said = minion.state("pip.installed", "needy", bin_env="/nosuch")["comment"]
    assert said == "Error installing 'needy': Access denied to /nosuch, could not find a pip binary"


def test_a_package_is_installed_and_removed(minion, venv):
    foreseen = minion.state("pip.installed", "tru-pkg==1.0", bin_env=venv, test=True)
    assert (foreseen["result"], foreseen["comment"]) == (None, "Python package tru-pkg==1.0 is set to be installed")
    done = minion.state("pip.installed", "tru-pkg==1.0", bin_env=venv)
    assert (done["result"], done["comment"]) == (True, "All packages were successfully installed")
    assert done["changes"] == {"tru-pkg==1.0": "Installed"}
    for test in (True, False):
        again = minion.state("pip.installed", "Tru_pkg==1.0", bin_env=venv, test=test)
        assert (again["result"], again["comment"]) == (True, PRESENT.format("Tru_pkg==1.0"))
    done = minion.state("pip.installed", "tru-pkg>=1.1,<2", bin_env=venv)
    assert done["changes"] == {"tru-pkg==1.1": "Installed"}
    done = minion.state("pip.installed", "tru-pkg", bin_env=venv, upgrade=True)
    assert done["changes"] == {"tru-pkg==2.0": "Installed"}
    again = minion.state("pip.installed", "tru-pkg", bin_env=venv, upgrade=True)
    assert again["comment"] == (
        "Python package tru-pkg was already installed and\nthe available upgrade doesn't fulfills the version "
        "requirements\nAll specified packages are already installed and up-to-date"
    )
    foreseen = minion.state("pip.removed", "tru-pkg", bin_env=venv, test=True)
    assert (foreseen["result"], foreseen["comment"]) == (None, "Package tru-pkg is set to be removed")
    refused = minion.state("pip.removed", "tru-pkg", bin_env=venv, requirements="salt://nosuch.txt")
    assert (refused["result"], refused["comment"]) == (False, "pip requirements file 'salt://nosuch.txt' not found")
    done = minion.state("pip.removed", "tru-pkg", bin_env=venv)
    assert (done["comment"], done["changes"]) == ("Package was successfully removed.", {"tru-pkg": "Removed"})
    again = minion.state("pip.removed", "tru-pkg", bin_env=venv)
    assert (again["result"], again["comment"], again["changes"]) == (True, "Package is not installed.", {})


def test_several_packages(minion, venv, index):
    minion.state("pip.installed", "tru-pkg", bin_env=venv)
    foreseen = minion.state("pip.installed", "x", pkgs=["tru-pkg", "nosuch"], bin_env=venv, test=True)
    assert foreseen["result"] is None
    assert foreseen["comment"] == "Python package(s) set to be installed:\nnosuch"
    failed = minion.state("pip.installed", "x", pkgs=["tru-pkg", "nosuch"], bin_env=venv)
    assert failed["result"] is False
    assert failed["comment"].startswith(
        "Python package tru-pkg was already installed\nFailed to install packages: nosuch. Error: Looking in indexes: "
    )
    done = minion.state("pip.installed", "x", pkgs=["tru-pkg", {"needy": "==0.5"}], bin_env=venv)
    assert done["changes"] == {"needy==0.5": "Installed"}
    assert done["comment"] == "Python package tru-pkg was already installed\nAll packages were successfully installed"
    wheel = str(index.links / "needy-0.5-py3-none-any.whl")
    assert minion.state("pip.installed", wheel, bin_env=venv)["comment"] == PRESENT.format(wheel)
    said = minion.state("pip.installed", "x", pkgs="tru-pkg", bin_env=venv)["comment"]
    assert said == "pkgs argument must be formatted as a list"
    said = minion.state("pip.installed", "a b c", bin_env=venv)["comment"]
    assert said == "pip raised an exception while parsing 'a b c': Invalid requirement: 'a b c'"
    said = minion.state("pip.installed", "/nosuch/x.whl", bin_env=venv)["comment"]
    assert said == "pip raised an exception while parsing '/nosuch/x.whl': x.whl is not a valid wheel filename."


def test_requirements_of_the_file_tree(minion, venv):
    minion.write("base/app/req.txt", "-r more/base.txt\nneedy\n")
    minion.write("base/app/more/base.txt", "tru-pkg==1.0\n")
    wanted = {"requirements": "salt://app/req.txt", "bin_env": venv}
    foreseen = minion.state("pip.installed", "x", test=True, **wanted)
    assert foreseen["comment"] == "Requirements file 'salt://app/req.txt' will be processed."
    done = minion.state("pip.installed", "x", **wanted)
    assert done["comment"] == "Successfully processed requirements file salt://app/req.txt."
    assert done["changes"] == {"requirements": True}
    assert minion.call("pip.list", "tru", bin_env=venv) == {"tru-pkg": "1.0"}
    again = minion.state("pip.installed", "x", **wanted)
    assert (again["comment"], again["changes"]) == ("Requirements were already installed.", {})
    missing = minion.state("pip.installed", "x", requirements="salt://nosuch.txt", bin_env=venv)
    assert missing["comment"] == (
        "Unable to process requirements file \"salt://nosuch.txt\" Error: pip requirements file 'salt://nosuch.txt' "
        "not found"
    )


def test_all_packages_up_to_date(minion, venv):
    minion.call("pip.install", "tru-pkg==1.1", bin_env=venv)
    assert minion.state("pip.uptodate", "x", bin_env=venv, test=True)["comment"] == "System update will be performed"
    done = minion.state("pip.uptodate", "x", bin_env=venv)
    assert done["comment"] == "Upgrade successful."
    assert done["changes"] == {
        "changes": {"tru-pkg": {"old": "1.1", "new": "2.0"}},
        "result": True,
        "comment": "",
    }
    again = minion.state("pip.uptodate", "x", bin_env=venv)
    assert (again["comment"], again["changes"]) == ("System is already up-to-date.", {})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"mirrors": "x"},
            "pip >= 7.0.0 does not support mirror argument: use index_url and/or extra_index_url instead",
        ),
        ({"index_url": "foo"}, "'foo' is not a valid URL"),
        (
            {"index_url": "file:///x", "no_index": True},
            "'no_index' and ('index_url' or 'extra_index_url') are mutually exclusive.",
        ),
        (
            {"exists_action": "z"},
            "The exists_action pip option only supports the values s, i, w, and b. 'z' is not valid.",
        ),
    ],
)
def test_options_that_contradict(options, said):
    with pytest.raises(CommandExecutionError) as caught:
        words_of(Wanted(**options), lambda: (23, 2))
    assert str(caught.value) == said


def test_options_become_words():
    wanted = Wanted(
        pkgs="a>=1,<2,b>=1;<3",
        timeout=5,
        upgrade=True,
        find_links="/a,/b",
        use_wheel=True,
        extra_args=["--x", {"--y": 1}],
        no_use_wheel=True,
    )
    words = ["--upgrade", "--timeout", "5", "--find-links", "/a", "--find-links", "/b", "--no-binary", ":all:"]
    assert words_of(wanted, lambda: (23, 2)) == [*words, "--x", "--y", "1", "a>=1,<2", "b>=1,<3"]
    assert "--use-wheel" in words_of(wanted, lambda: (9, 0))


def test_requirements_are_read():
    assert requirement.parse("A_b.C[x]>=1,<2 ; python_version>'3'") == ("a-b-c", "<2,>=1", "")
    assert requirement.parse("git+https://x/y.git@v1#egg=Foo_bar") == (
        "foo-bar",
        "",
        "git+https://x/y.git@v1#egg=Foo_bar",
    )
    assert requirement.parse("x-1.0.tar.gz").name == "x"
    assert not requirement.parse("x>=1").met_by("0.9")
    assert requirement.parse("x>=1").met_by("2.0b1")


def test_a_virtual_environment_is_made(minion, tmp_path, index):
    place = tmp_path / "made"
    foreseen = minion.state("virtualenv.managed", str(place), venv_bin="venv", pip_pkgs=["needy"], test=True)
    assert (foreseen["result"], foreseen["comment"]) == (None, f"Virtualenv {place} is set to be created")
    done = minion.state("virtualenv.managed", str(place), venv_bin="venv", pip_pkgs=["needy"])
    assert done["result"] is True, done["comment"]
    assert done["changes"]["new"].startswith("Python 3.")
    assert done["changes"]["packages"]["new"] == ["needy==0.5", "tru-pkg==2.0"]
    assert minion.call("pip.list", "needy", bin_env=str(place)) == {"needy": "0.5"}
    again = minion.state("virtualenv.managed", str(place), venv_bin="venv", pip_pkgs=["needy"])
    assert (again["result"], again["changes"], again["comment"]) == (True, {}, "virtualenv exists")
    minion.write("base/req.txt", "tru-pkg==1.0\n")
    done = minion.state("virtualenv.managed", str(place), venv_bin="venv", requirements="salt://req.txt")
    assert done["changes"]["packages"] == {"new": ["tru-pkg==1.0"], "old": ["tru-pkg==2.0"]}
    again = minion.state("virtualenv.managed", str(place), venv_bin="venv", requirements="salt://req.txt")
    assert (again["result"], again["changes"]) == (True, {})


def test_what_a_virtual_environment_holds(minion, venv):
    packages = minion.call("virtualenv.get_site_packages", venv)
    assert packages.startswith(venv)
    assert minion.call("virtualenv.get_distribution_path", venv, "pip") == packages
    path = minion.call("virtualenv.get_resource_path", venv, package="pip", resource="py.typed")
    assert Path(path) == Path(packages, "pip", "py.typed")
    assert "pip" in minion.call("virtualenv.get_resource_content", venv, package="pip", resource="py.typed")
    said = minion.outcome("virtualenv.get_site_packages", "/nosuch").value
    assert said.endswith("Path '/nosuch' does not appear to be a virtualenv: '/nosuch/bin/python' not found.")
    broken = Path(venv, "bin", "python")
    broken.unlink()
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    said = minion.outcome("virtualenv.get_site_packages", venv).value
    assert said == f"ERROR: {broken} ended with 3"
