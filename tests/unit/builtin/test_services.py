"""Services: System V's really started and stopped, in a throw-away root; systemd's unit files by the real systemctl."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from shipped import Shipped

from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("LDR-14", "LDR-16")

PID_FILE = Path("/run/trial.pid")
SCRIPT = """\
#!/bin/sh
### BEGIN INIT INFO
# Provides:          trial
# Required-Start:    $remote_fs
# Required-Stop:     $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: trial
### END INIT INFO
pid=/run/trial.pid
running() { [ -f $pid ] && kill -0 "$(cat $pid)" 2>/dev/null; }
case "$1" in
  # its output is that of this script, and stays open
  start) running || { sleep 600 & echo $! > $pid; echo started; } ;;
  stop) running && kill "$(cat $pid)"; rm -f $pid ;;
  restart|force-reload) $0 stop; $0 start ;;
  reload) running || exit 1; echo reloaded >> /run/trial.log ;;
  status) running || exit 3 ;;
  *) exit 2 ;;
esac
"""


def minion_of(work: Path, family: str, **grains: str) -> Shipped:
    return Shipped(work, grains={"os_family": family, "os": family, "kernel": "Linux", **grains})


@contextmanager
def trial_service() -> Iterator[Path]:
    """A service of System V, in a throw-away root: without systemd's programs, which would have all services."""
    Path("/usr/bin/systemctl").unlink(missing_ok=True)
    script = Path("/etc/init.d/trial")
    script.parent.mkdir(exist_ok=True)
    script.write_text(SCRIPT)
    script.chmod(0o755)
    try:
        yield script
    finally:
        # the processes of a throw-away root are those of the machine
        if PID_FILE.exists():
            os.kill(int(PID_FILE.read_text()), signal.SIGKILL)


def without_program(name: str, script: str) -> None:
    """A program of the system that this machine does not have, in a throw-away root."""
    path = Path("/usr/local/sbin", name)
    path.write_text(f"#!/bin/sh\n{script}")
    path.chmod(0o755)


@in_throwaway_root
def test_a_service_of_debian_is_started_and_stopped(tmp_path):
    minion = minion_of(tmp_path, "Debian")
    with trial_service():
        assert minion.call("service.available", "trial") is True
        assert minion.call("service.missing", "nosuch") is True
        assert minion.call("service.status", "trial") is False
        assert minion.call("service.start", "trial") is True
        assert minion.call("service.status", "trial") is True
        first = PID_FILE.read_text()
        assert minion.call("service.status", "tri*") == {"trial": True}
        assert minion.call("service.restart", "trial") is True
        assert PID_FILE.read_text() != first
        assert minion.call("service.reload", "trial") is True
        assert Path("/run/trial.log").read_text() == "reloaded\n"
        assert minion.call("service.stop", "trial") is True
        assert minion.call("service.status", "trial") is False
        refused = minion.outcome("service.reload", "trial")
        assert (refused.value, refused.retcode) == (False, 1)
        assert minion.outcome("service.start", "nosuch").value is False


@in_throwaway_root
def test_a_started_service_outlives_its_job(tmp_path):
    minion = minion_of(tmp_path, "Debian")
    with trial_service():
        minion.call("service.start", "trial")
        assert os.getsid(int(PID_FILE.read_text())) != os.getsid(0)


@in_throwaway_root
def test_a_service_of_debian_is_enabled_and_disabled(tmp_path):
    minion = minion_of(tmp_path, "Debian")
    with trial_service():
        assert minion.call("service.enabled", "trial") is False
        assert "trial" in minion.call("service.get_disabled")
        for _ in range(2):
            assert minion.call("service.enable", "trial") is True
            assert minion.call("service.enabled", "trial") is True
            assert "trial" in minion.call("service.get_enabled")
            assert list(Path("/etc/rc2.d").glob("S??trial"))
            assert minion.call("service.disable", "trial") is True
            assert minion.call("service.disabled", "trial") is True
        assert minion.outcome("service.enable", "nosuch").value is False


@in_throwaway_root
def test_a_service_of_another_linux_is_its_init_script(tmp_path):
    minion = minion_of(tmp_path, "Slackware")
    with trial_service():
        assert minion.call("service.run", "trial", "start") is True
        assert minion.call("service.run", "trial", "reload") is True
        assert minion.outcome("service.run", "trial", "bogus").retcode == 2
        assert minion.call("service.stop", "trial") is True
        assert "trial" in minion.call("service.get_all")
        assert minion.outcome("service.run", "nosuch", "start").value == "ERROR: There is no init script 'nosuch'"
        assert "no init script" in minion.outcome("service.run", "../passwd", "start").value


@in_throwaway_root
def test_services_of_old_red_hats(tmp_path):
    minion = minion_of(tmp_path, "RedHat")
    without_program(
        "chkconfig",
        'echo "$@" >> /run/chkconfig.log\n[ "$1" = --list ] || exit 0\n'
        "printf 'sshd\\t0:off\\t1:off\\t2:on\\t3:on\\t4:on\\t5:on\\t6:off\\n'\n"
        "printf 'ntpd\\t0:off\\t1:off\\t2:off\\t3:off\\t4:off\\t5:off\\t6:off\\n'\n"
        "printf '\\nxinetd based services:\\n\\trsync:\\ton\\n'\n",
    )
    with trial_service():
        assert minion.call("service.get_enabled") == ["rsync", "sshd"]
        assert minion.call("service.enabled", "ntpd") is False
        assert {"ntpd", "trial"} <= set(minion.call("service.get_disabled"))
        assert minion.call("service.start", "trial") is True
        assert minion.call("service.status", "trial") is True
        assert minion.call("service.enable", "trial") is True
        calls = Path("/run/chkconfig.log").read_text().splitlines()
        assert calls[-2:] == ["--add trial", "trial on"]
        minion.call("service.disable", "sshd")
        assert Path("/run/chkconfig.log").read_text().splitlines()[-1] == "sshd off"


@in_throwaway_root
def test_services_of_openrc(tmp_path):
    minion = minion_of(tmp_path, "Alpine")
    without_program(
        "rc-update",
        'echo "$@" >> /run/rc-update.log\n[ "$2" = show ] || exit 0\n'
        "printf '      acpid | default\\n    modules | boot default\\n      crond |\\n'\n",
    )
    without_program("rc-service", 'exec /etc/init.d/"$1" "$2"\n')
    with trial_service():
        assert minion.call("service.get_enabled") == {"acpid": ["default"], "modules": ["boot", "default"]}
        assert minion.call("service.get_disabled") == ["crond"]
        assert minion.call("service.enabled", "acpid") is True
        assert minion.call("service.enabled", "acpid", runlevels="boot") is False
        assert minion.call("service.enabled", "modules", runlevels="default,boot") is True
        assert minion.call("service.enable", "crond") is True
        assert minion.call("service.enable", "acpid", runlevels=["boot"]) is True
        assert minion.call("service.disable", "modules") is True
        changes = [line for line in Path("/run/rc-update.log").read_text().splitlines() if "show" not in line]
        assert changes == [
            "add crond default",
            "add acpid boot",
            "delete acpid default",
            "delete modules boot",
            "delete modules default",
        ]
        assert minion.call("service.start", "trial") is True
        assert minion.call("service.status", "trial") is True
        assert minion.call("service.stop", "trial") is True


UNIT = "[Unit]\nDescription=trial\n[Service]\nExecStart=/bin/sleep 600\n[Install]\nWantedBy=multi-user.target\n"


@in_throwaway_root
def test_units_of_systemd_are_enabled_disabled_and_masked(tmp_path):
    if not Path("/usr/bin/systemctl").exists():
        pytest.skip("needs systemctl")
    root = str(tmp_path / "root")
    units = Path(root, "etc/systemd/system")
    units.mkdir(parents=True)
    (units / "trial.service").write_text(UNIT)
    (units / "trial.socket").write_text("[Socket]\nListenStream=/run/trial\n[Install]\nWantedBy=sockets.target\n")
    (units / "static.service").write_text("[Service]\nExecStart=/bin/true\n")
    Path("/run/systemd/system").mkdir(parents=True)
    minion = minion_of(tmp_path, "Debian")
    assert minion.call("service.get_all", root) == ["static", "trial", "trial.socket"]
    assert minion.call("service.get_static", root) == ["static"]
    assert minion.call("service.get_disabled", root) == ["trial", "trial.socket"]
    assert minion.call("service.enabled", "trial", root=root) is False
    assert minion.call("service.enable", "trial", root=root) is True
    assert minion.call("service.enable", "trial.socket", root=root) is True
    assert minion.call("service.enabled", "trial", root=root) is True
    assert minion.call("service.get_enabled", root) == ["trial", "trial.socket"]
    assert minion.call("service.disable", "trial", root=root) is True
    assert minion.call("service.disabled", "trial", root=root) is True
    assert minion.call("service.masked", "nosuch", root=root) is False
    assert minion.call("service.mask", "static.timer", root=root) is True
    assert minion.call("service.masked", "static.timer", root=root) is True
    assert minion.call("service.unmask", "static.timer", root=root) is True
    assert minion.call("service.masked", "static.timer", root=root) is False
    failed = minion.outcome("service.enable", "nosuch", root=root)
    assert (failed.value, failed.retcode) == (False, 1)


SYSTEMCTL = r"""
echo "$@" >> /run/systemctl.log
case "$*" in
  *"show --property=LoadState"*nosuch*) echo LoadState=not-found ;;
  *"show --property=LoadState"*) echo LoadState=loaded ;;
  *"show --property=NeedDaemonReload"*changed*) echo NeedDaemonReload=yes ;;
  *"show --property=NeedDaemonReload"*) echo NeedDaemonReload=no ;;
  *"show trial.service"*) printf 'Id=trial.service\nExecStart={ path=/bin/sleep ; argv[]=/bin/sleep 600 ; pid=0 }\n' ;;
  *"list-unit-files"*) printf 'trial.service enabled enabled\nother@.service static -\ncron.timer disabled enabled\n' ;;
  *"list-units"*) printf '  trial.service loaded active running trial\n● bad.service loaded failed failed bad\n' ;;
  *"is-active --quiet trial.service"*) exit 0 ;;
  *"is-active"*) exit 3 ;;
  *"start masked.service"*) echo "Failed to start masked.service: Unit masked.service is masked." >&2; exit 1 ;;
esac
"""


@in_throwaway_root
def test_units_of_systemd_are_started_by_systemctl(tmp_path):
    """There is no systemd to talk to: what systemctl answers was recorded."""
    Path("/run/systemd/system").mkdir(parents=True)
    without_program("systemctl", SYSTEMCTL)
    without_program("systemd-run", 'shift 2; exec "$@"\n')
    minion = minion_of(tmp_path, "Debian")
    log = Path("/run/systemctl.log")

    def done() -> list[str]:
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line.removeprefix("--no-pager --no-ask-password ") for line in lines if " show " not in line]

    assert minion.call("service.available", "trial") is True
    assert minion.call("service.missing", "nosuch") is True
    assert minion.call("service.start", "trial") is True
    assert done() == ["start trial.service"]
    assert minion.call("service.start", "changed") is True
    assert done() == ["daemon-reload", "start changed.service"]
    assert minion.call("service.restart", "saltern-minion") is True
    assert done() == ["restart --no-block saltern-minion.service"]
    assert minion.call("service.reload", "trial.socket", no_block=True) is True
    assert done() == ["reload --no-block trial.socket"]
    refused = minion.outcome("service.start", "masked")
    assert refused.value == "ERROR: Failed to start masked.service: Unit masked.service is masked."
    Path("/etc/systemd/system/masked.service").symlink_to("/dev/null")
    done()
    minion.outcome("service.start", "masked", unmask=True)
    assert done() == ["unmask masked.service", "start masked.service"]
    assert minion.call("service.status", "trial") is True
    assert minion.call("service.status", "other") is False
    assert minion.call("service.status", "tri*") == {"trial": True}
    assert minion.call("service.get_running") == ["trial"]
    assert minion.call("service.show", "trial")["ExecStart"]["path"] == "/bin/sleep"
    assert minion.call("service.offline") is False


def test_without_systemd_its_module_says_so(tmp_path):
    minion = minion_of(tmp_path, "Nowhere", kernel="FreeBSD")
    assert "systemd is not here" in minion.outcome("service.start", "x").value
