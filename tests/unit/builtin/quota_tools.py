"""Programs `quotaon` and `quotaoff` over files that stand for what the kernel knows.

Not every kernel has formats of quotas, so that what is switched is not always there.
"""

from __future__ import annotations

from pathlib import Path

_SWITCH = """#!/bin/sh
# {program} [-p] [-u|-g] MOUNT
kinds="group user"
for word; do case $word in -u) kinds=user;; -g) kinds=group;; -p) shown=yes;; *) mount=$word;; esac; done
case $mount in
  *mnt) ;;
  *) echo "{program}: Mountpoint (or device) $mount not found or has no quota enabled." >&2; exit 2;;
esac
for kind in $kinds; do
  if [ -n "$shown" ]; then
    echo "$kind quota on $mount (/dev/loop0) is $(cat {where}/$kind)"
  else
    [ ! -e {where}/refuse ] || {{ echo "{program}: Quota format not supported in kernel." >&2; exit 1; }}
    echo {mode} > {where}/$kind
  fi
done
"""


def make_quota_tools(where: Path) -> Path:
    """The directory of the programs; `user` and `group` beside it hold `on` or `off`. `refuse` makes them fail."""
    programs = where / "bin"
    programs.mkdir(parents=True)
    for program, mode in {"quotaon": "on", "quotaoff": "off"}.items():
        (programs / program).write_text(_SWITCH.format(program=program, mode=mode, where=where))
        (programs / program).chmod(0o755)
    for kind in ("user", "group"):
        (where / kind).write_text("off\n")
    return programs
