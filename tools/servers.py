"""Installs the servers and programs that the tests run: from Debian's packages when root, else says what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NEEDED = {
    "redis-server": "redis-server",
    "mariadbd": "mariadb-server",
    "pg_ctlcluster": "postgresql",
    "git": "git",
    "zip": "zip",
    "unzip": "unzip",
    "patch": "patch",
    "rsync": "rsync",
    "ip": "iproute2",
    "ping": "iputils-ping",
    "traceroute": "traceroute",
    "dig": "bind9-dnsutils",
    "rpmbuild": "rpm",
    "createrepo_c": "createrepo-c",
    "dnf": "dnf",
    "zypper": "zypper",
    "pacman": "pacman-package-manager",
}
"""The program that shows that a package is there, and the package."""


def main() -> int:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    missing = [package for program, package in NEEDED.items() if shutil.which(program, path=path) is None]
    if not missing:
        return 0
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"The tests lack: {', '.join(missing)}. Those that need them are skipped.", file=sys.stderr)
        print(f"On Debian they come with: sudo {' '.join(command)}", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], check=True, env=environment, stdout=subprocess.DEVNULL)
    return subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    sys.exit(main())
