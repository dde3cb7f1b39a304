"""The temporary root of one case: configuration, trees with their tokens put in, environment of the commands."""

import copy
import os
import secrets
import shutil
import subprocess
from pathlib import Path

import yaml

from conformance.case import CaseError

TIMEOUT = 180

# Grains that every case gets (a case's own `grains` are merged over them), so
# that a result never depends on the machine that runs the suite.
BASE_GRAINS = {
    "os": "Debian",
    "os_family": "Debian",
    "osfullname": "Debian GNU/Linux",
    "osrelease": "12",
    "osrelease_info": [12],
    "osmajorrelease": 12,
    "oscodename": "bookworm",
    "osfinger": "Debian-12",
    "kernel": "Linux",
    "osarch": "amd64",
    "cpuarch": "x86_64",
    "init": "systemd",
    "host": "m1",
    "domain": "example.test",
    "fqdn": "m1.example.test",
    "nodename": "m1",
    "localhost": "m1",
    "fqdn_ip4": ["192.0.2.10"],
    "fqdn_ip6": [],
    "ipv4": ["127.0.0.1", "192.0.2.10"],
    "ipv6": ["::1"],
    "ip_interfaces": {"lo": ["127.0.0.1"], "eth0": ["192.0.2.10"]},
    "num_cpus": 2,
    "mem_total": 4096,
    "virtual": "physical",
}


class Sandbox:
    """One temporary root: etc/ root/ tmp/ and copies of salt*/ and pillar*/."""

    def __init__(self, case, base="/tmp"):
        self.case = case
        while True:
            # the name has a fixed length: some outputs depend on it
            self.top = Path(base) / f"scf-{secrets.token_hex(4)}"
            try:
                self.top.mkdir(mode=0o755)
                break
            except FileExistsError:
                continue
        self.tokens = {
            "@TMP@": str(self.top / "tmp"),
            "@ROOT@": str(self.top / "root"),
            "@SALT@": str(self.top / "salt"),
            "@PILLAR@": str(self.top / "pillar"),
            "@CASE@": str(self.top),
        }
        self.etc = self.top / "etc"
        self.tmp = self.top / "tmp"
        for sub in ("etc", "root", "tmp", "salt", "pillar"):
            (self.top / sub).mkdir(exist_ok=True)
        roots = {"salt": {}, "pillar": {}}
        for entry in sorted(case.path.iterdir()):
            kind, _, env = entry.name.partition("@")
            if not entry.is_dir():
                continue
            if kind in roots:
                self._copy(entry, self.top / entry.name)
                roots[kind][env or "base"] = [str(self.top / entry.name)]
            elif entry.name == "tmp":
                self._copy(entry, self.tmp)
        for kind in roots:
            roots[kind].setdefault("base", [str(self.top / kind)])
        self.write_config(roots)
        self.env = self.make_env()

    def _copy(self, src, dst):
        dst.mkdir(exist_ok=True)
        for entry in sorted(src.iterdir()):
            target = dst / entry.name
            if entry.is_symlink():
                target.symlink_to(os.readlink(entry))
            elif entry.is_dir():
                self._copy(entry, target)
            else:
                data = entry.read_bytes()
                if b"@" in data:
                    for token, value in self.tokens.items():
                        data = data.replace(token.encode(), value.encode())
                target.write_bytes(data)
                target.chmod(0o755 if entry.stat().st_mode & 0o100 else 0o644)

    def write_config(self, roots):
        meta = self.case.meta
        grains = copy.deepcopy(BASE_GRAINS)
        minion_id = meta.get("id", "m1")
        grains["id"] = minion_id
        grains.update(meta.get("grains") or {})
        config = {
            "id": minion_id,
            "root_dir": str(self.top / "root"),
            "file_client": "local",
            "file_roots": roots["salt"],
            "pillar_roots": roots["pillar"],
            "grains": grains,
            "enable_fqdns_grains": False,
            "enable_gpu_grains": False,
            "log_level": "quiet",
            "log_level_logfile": "quiet",
        }
        config.update(self.fill(meta.get("opts") or {}))
        (self.etc / "minion").write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), "utf-8")
        (self.etc / "minion.d").mkdir()

    def make_env(self):
        env = {
            k: v for k, v in os.environ.items() if not k.startswith(("SALT_", "SALTERN_", "LC_", "GIT_", "PYTHONWARN"))
        }
        env.update(
            LANG="C.UTF-8",
            LC_ALL="C.UTF-8",
            TZ="UTC",
            COLUMNS="100",
            GIT_CONFIG_GLOBAL="/dev/null",
            GIT_CONFIG_SYSTEM="/dev/null",
            GIT_AUTHOR_NAME="Case",
            GIT_AUTHOR_EMAIL="case@example.test",
            GIT_COMMITTER_NAME="Case",
            GIT_COMMITTER_EMAIL="case@example.test",
            GIT_AUTHOR_DATE="2024-01-02T03:04:05Z",
            GIT_COMMITTER_DATE="2024-01-02T03:04:05Z",
        )
        env.update({str(k): str(v) for k, v in (self.case.meta.get("env") or {}).items()})
        return env

    def fill(self, value):
        """Replace the tokens by the real paths."""
        if isinstance(value, str):
            for token, path in self.tokens.items():
                value = value.replace(token, path)
            return value
        if isinstance(value, list):
            return [self.fill(v) for v in value]
        if isinstance(value, dict):
            return {self.fill(k): self.fill(v) for k, v in value.items()}
        return value

    def unfill(self, value):
        """Put the tokens back in place of the real paths."""
        if isinstance(value, str):
            for token, path in self.tokens.items():
                value = value.replace(path, token)
            return value
        if isinstance(value, list):
            return [self.unfill(v) for v in value]
        if isinstance(value, dict):
            return {self.unfill(k): self.unfill(v) for k, v in value.items()}
        return value

    def setup(self):
        script = self.case.meta.get("setup")
        if script:
            proc = subprocess.run(
                ["/bin/sh", "-ec", self.fill(script)],
                cwd=self.tmp,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT,
                check=False,
            )
            if proc.returncode:
                raise CaseError(f"{self.case.name}: setup failed: {proc.stdout.decode(errors='replace')}")

    def close(self):
        def onerror(_fun, path, _exc):
            try:
                os.chmod(os.path.dirname(path), 0o700)
                os.chmod(path, 0o700)
                os.unlink(path)
            except OSError:
                pass

        shutil.rmtree(self.top, onerror=onerror)
