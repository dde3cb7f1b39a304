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
    "nats-server": "nats-server",
    "etcd": "etcd-server",
    "memcached": "memcached",
    "influxd": "influxdb",
    "rabbitmqctl": "rabbitmq-server",
    "prometheus-pushgateway": "prometheus-pushgateway",
    "git": "git",
    "zip": "zip",
    "unzip": "unzip",
    "patch": "patch",
    "rsync": "rsync",
    "ip": "iproute2",
    "ethtool": "ethtool",
    "iptables": "iptables",
    "nft": "nftables",
    "ipset": "ipset",
    "supervisorctl": "supervisor",
    "firewall-cmd": "firewalld",
    "ufw": "ufw",
    "dbus-daemon": "dbus",
    "ping": "iputils-ping",
    "traceroute": "traceroute",
    "dig": "bind9-dnsutils",
    "dnsmasq": "dnsmasq-base",
    "sysctl": "procps",
    "mkfs.ext4": "e2fsprogs",
    "crontab": "cron",
    "locale-gen": "locales",
    "ssh-keygen": "openssh-client",
    "setfacl": "acl",
    "sudo": "sudo",
    "udevadm": "udev",
    "at": "at",
    "pvcreate": "lvm2",
    "rpmbuild": "rpm",
    "createrepo_c": "createrepo-c",
    "dnf": "dnf",
    "zypper": "zypper",
    "pacman": "pacman-package-manager",
    "zsh": "zsh",
    "fish": "fish",
    "debconf-get-selections": "debconf-utils",
    "gpg": "gnupg",
    "npm": "npm",
    "a2enmod": "apache2",
    "htpasswd": "apache2-utils",
    "slapd": "slapd",
    "gem": "ruby",
    "nginx": "nginx-light",
    "plocate": "plocate",
    "cryptsetup": "cryptsetup-bin",
    "incrontab": "incron",
    "parted": "parted",
    "sfdisk": "fdisk",
    "setquota": "quota",
    "mkfs.xfs": "xfsprogs",
    "augtool": "augeas-tools",
    "semodule": "policycoreutils",
    "semanage": "policycoreutils-python-utils",
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
