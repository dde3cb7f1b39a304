"""Places with more than a directory: a root of their own, a network of their own, servers."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from trial_packages import use_only
from trials import Place, tree

from saltern.assembly.own_minion import asker
from saltern.config.minion import load_minion_config
from throwaway_root import WRITTEN

NOT_THE_SYSTEM = ("__pycache__",)
_KEPT_BY_APT = ("/var/cache/apt", "pkgcache.bin", "/var/lib/apt/lists", "/var/lib/apt/lists/partial", "/var/lib/dpkg",
                "/var/lib/dpkg/lock", "/var/lib/dpkg/lock-frontend")  # fmt: skip
"""What apt reckons anew whenever it reads its lists or looks whether there are newer ones, and its locks."""


class Root(Place):
    """A throw-away root: sees all that is written anywhere, but for what the minion keeps for itself."""

    def __init__(self, top: Path, tokens: Mapping[str, str] = {}, **opts: Any) -> None:
        super().__init__(top, tokens, **opts)
        self._left_out = (f"{WRITTEN}{top}/minion", str(WRITTEN / "run"))

    def look(self) -> dict[str, Any]:
        written = tree(WRITTEN, self._left_out)
        running = tree(Path("/run"), (str(WRITTEN),))
        seen = {path: about for path, about in {**written, **running}.items() if not _is_passing(path)}
        return {**seen, **self.kernel()}

    def kernel(self) -> dict[str, Any]:
        """What the kernel has, and no file shows."""
        return {"mounts": Path("/proc/self/mounts").read_text(), "swaps": Path("/proc/swaps").read_text()}


class Network(Place):
    """A network of its own: sees its rules."""

    def look(self) -> dict[str, Any]:
        saves = (["iptables-save"], ["ip6tables-save"], ["nft", "list", "ruleset"], ["ipset", "save"])
        return {**super().look(), **{argv[0]: _printed(argv) for argv in saves}}


def _is_passing(path: str) -> bool:
    # Programs put what they need for a moment into these.
    return path in (f"{WRITTEN}/tmp", "/run") or any(part in path for part in NOT_THE_SYSTEM)


def _printed(argv: list[str]) -> str:
    lines = subprocess.run(argv, capture_output=True, text=True, check=False).stdout.splitlines()
    # The first and the last lines tell the time, counters the packets.
    return "\n".join(line.partition("[")[0] for line in lines if not line.startswith("#"))


class Packages(Root):
    """A throw-away root whose apt knows the packages of the tests and no others, and that has a service `trial`."""

    def __init__(self, top: Path, repository: Path) -> None:
        super().__init__(top, {"@REPO@": str(repository)})
        use_only(repository)

    def look(self) -> dict[str, Any]:
        return {path: about for path, about in super().look().items() if not path.endswith(_KEPT_BY_APT)}


class Resting(Place):
    """A directory with the configuration of a minion that does not run: sees the files that it would start with."""

    def __init__(self, top: Path) -> None:
        super().__init__(top)
        config = self.work / "config"
        (config / "minion").write_text(f"id: m1\nroot_dir: {top}/minion\n")
        self.minion.space.scope.own_minion = asker(load_minion_config(str(config)), lambda: None, dict)


class Served(Place):
    """A directory and a server, of which `dump` tells what it holds."""

    def __init__(self, top: Path, dump: Callable[[], Any], tokens: Mapping[str, str] = {}, **opts: Any) -> None:
        super().__init__(top, tokens, **opts)
        self._dump = dump

    def look(self) -> dict[str, Any]:
        return {**super().look(), "server": self._dump()}


class Volumes(Root):
    """A throw-away root with a device that holds nothing yet."""

    def __init__(self, top: Path, device: str, image: Path) -> None:
        super().__init__(top, {"@DEVICE@": device})
        self._image = image
        # Not every kernel has a driver for logical volumes: what is on the devices is made all the same.
        # The devices of other tests on the machine are seen from here, too.
        only = f'devices {{ global_filter = [ "a|^{device}$|", "r|.*|" ] }}\n'
        Path("/etc/lvm/lvmlocal.conf").write_text(f"global {{ activation = 0 }}\n{only}")

    def look(self) -> dict[str, Any]:
        # Programs of LVM leave locks and notes of what they saw when they only look.
        written = {path: about for path, about in super().look().items() if "lvm" not in path and "lock" not in path}
        with self._image.open("rb") as file:
            return {**written, "device": hashlib.file_digest(file, "sha256").hexdigest()}


class Policy(Root):
    """A throw-away root with a policy of SELinux; its programs leave locks and notes when they only look."""

    def look(self) -> dict[str, Any]:
        passing = (".LOCK", "__pycache__", "/var/lib/selinux/default", "/root")
        return {path: about for path, about in super().look().items() if not path.endswith(passing)}


class Zones(Root):
    """A throw-away root with a firewalld of its own."""

    def kernel(self) -> dict[str, Any]:
        return {**super().kernel(), "zones": _printed(["firewall-cmd", "--permanent", "--list-all-zones"])}


class Ufw(Root):
    """A throw-away root with a ufw of its own: sees its rules and those of the kernel, and not the files that lock."""

    def look(self) -> dict[str, Any]:
        return {path: about for path, about in super().look().items() if not path.endswith(".lock")}

    def kernel(self) -> dict[str, Any]:
        saves = (["iptables-save"], ["ip6tables-save"], ["nft", "list", "ruleset"], ["ufw", "show", "added"])
        return {**super().kernel(), **{argv[0]: _printed(argv) for argv in saves}}


class Keys(Place):
    """A directory with a keyring, which is seen as gpg lists it: whenever it looks, gpg makes the files that lack."""

    def look(self) -> dict[str, Any]:
        home = str(self.work / "keys")
        seen = {path: about for path, about in super().look().items() if not path.startswith(home)}
        listing = ["gpg", "--homedir", home, "--batch", "--list-keys", "--with-colons"]
        return {**seen, "keys": _printed(listing) if Path(home).is_dir() else ""}
