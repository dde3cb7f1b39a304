"""Packages of kernels, really installed and purged in a throw-away root; shapes are those of Salt 3008.2."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped
from trial_packages import make_repository, use_only

from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("LDR-14", "LDR-16")

GRAINS = {"os_family": "Debian", "os": "Debian", "osarch": "amd64", "kernelrelease": "6.1.0-9-trial"}
KERNELS = (
    ("linux-image-6.1.0-8-trial", "6.1.25", ""),
    ("linux-image-6.1.0-9-trial", "6.1.27", ""),
    ("linux-image-6.1.0-10-trial", "6.1.38", ""),
    ("linux-image-6.1.0-10-cloud-trial", "6.1.38", ""),
    ("linux-image-trial", "6.1.38", "trial-base, linux-image-6.1.0-10-trial (= 6.1.38)"),
    ("trial-base", "1", ""),
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("kernels")
    for place in (directory, *list(directory.parents)[:2]):
        place.chmod(0o755)
    return make_repository(directory, KERNELS)


@in_throwaway_root
def test_kernels_are_upgraded_and_removed(repository: Path, tmp_path: Path):
    use_only(repository)
    call = Shipped(tmp_path, grains=GRAINS).call
    assert call("kernelpkg.list_installed") == []
    assert (call("kernelpkg.latest_installed"), call("kernelpkg.needs_reboot")) == ("", False)
    first = [f"linux-image-6.1.0-{number}-trial" for number in (8, 9)]
    call("pkg.install", pkgs=[*first, "linux-image-6.1.0-10-cloud-trial"])
    assert call("kernelpkg.list_installed") == ["6.1.0-8-trial", "6.1.0-9-trial"]
    assert (call("kernelpkg.active"), call("kernelpkg.latest_available")) == ("6.1.0-9-trial", "6.1.0-10-trial")
    assert (call("kernelpkg.upgrade_available"), call("kernelpkg.needs_reboot")) == (True, False)
    assert call("kernelpkg.upgrade") == {
        "upgrades": {"linux-image-6.1.0-10-trial": {"old": "", "new": "6.1.38"}},
        "active": "6.1.0-9-trial",
        "latest_installed": "6.1.0-10-trial",
        "reboot_requested": False,
        "reboot_required": True,
    }
    assert (call("kernelpkg.upgrade_available"), call("kernelpkg.needs_reboot")) == (False, True)
    assert call("kernelpkg.cleanup") == {"removed": ["linux-image-6.1.0-8-trial"]}
    assert call("kernelpkg.cleanup") == {"removed": []}
    assert call("kernelpkg.list_installed") == ["6.1.0-9-trial", "6.1.0-10-trial"]
    assert call("kernelpkg.cleanup", keep_latest=False) == {"removed": ["linux-image-6.1.0-10-trial"]}
    assert not Path("/etc/linux-image-6.1.0-10-trial.conf").exists()


@in_throwaway_root
def test_what_cannot_be_removed(repository: Path, tmp_path: Path):
    use_only(repository)
    minion = Shipped(tmp_path, grains=GRAINS)
    minion.call("pkg.install", "linux-image-6.1.0-9-trial")
    reasons = {"6.1.0-9-trial": "Active kernel cannot be removed", "1.2": "Kernel release '1.2' is not installed"}
    for release, reason in reasons.items():
        done = minion.outcome("kernelpkg.remove", release)
        assert done.faults
        assert reason in str(done.value)


def test_a_kernel_of_ones_own_has_no_packages(tmp_path: Path):
    minion = Shipped(tmp_path, grains={**GRAINS, "kernelrelease": "6.18.44"})
    done = minion.outcome("kernelpkg.list_installed")
    assert done.faults
    assert "6.18.44 is none of the distribution's" in str(done.value)
