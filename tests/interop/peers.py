"""The two sides: a real Salt, and a Saltern behind its shims, each with a master and the minions `web1` and `db1`."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from bench.salt_peer import SaltLab
from lab import Lab, until

ROLES = {"web1": "web", "db1": "db"}
FILES = {
    "salt/top.sls": "base:\n  '*': [hello]\n",
    "salt/hello.sls": "hi:\n  test.succeed_with_changes:\n    - name: hello\n",
    "salt/fails.sls": "no:\n  test.fail_without_changes: []\nafter:\n  test.nop:\n    - require: [{test: no}]\n",
    "salt/broken.sls": "a: {{ nothing }\n",
    "salt/hello.txt": "hello\n",
    "pillar/top.sls": "base:\n  '*': [colors]\n",
    "pillar/colors.sls": "color: blue\n",
    "files/hello.txt": "hello\n",
}
_PATIENCE = 120.0


class Answer(NamedTuple):
    code: int
    out: str
    err: str


class Peer(ABC):
    """One side. `root` is its directory: in command lines it stands as `ROOT`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in FILES.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def master_options(self) -> dict[str, Any]:
        return {
            "file_roots": {"base": [str(self.root / "salt")]},
            "pillar_roots": {"base": [str(self.root / "pillar")]},
            "nodegroups": {"webs": "G@role:web"},
        }

    def run(self, line: str) -> Answer:
        """Run a command line of one of Salt's programs."""
        program, *words = shlex.split(line.replace("ROOT", str(self.root)))
        done = subprocess.run(
            [str(self.bin() / program), *words], capture_output=True, text=True, check=False, timeout=_PATIENCE,
            stdin=subprocess.DEVNULL, cwd=self.root, env=self._environment(program),
        )  # fmt: skip
        place = str(self.root)
        return Answer(done.returncode, done.stdout.replace(place, "ROOT"), done.stderr.replace(place, "ROOT"))

    def give_key(self, minion: str) -> None:
        """Have a key wait for a decision, made by the side's own salt-key."""
        done = self.run(f"salt-key --gen-keys={minion} --gen-keys-dir=ROOT/keys")
        assert done.code == 0, done.err
        waiting = next(path for path in self.root.rglob("minions_pre") if path.is_dir())
        shutil.copy(self.root / "keys" / f"{minion}.pub", waiting / minion)

    def _environment(self, program: str) -> Mapping[str, str]:
        config = self.config("web1" if program == "salt-call" else "master")
        return {**os.environ, "SALT_CONFIG_DIR": str(config), "COLUMNS": "80", "PYTHONWARNINGS": "ignore"}

    @abstractmethod
    def bin(self) -> Path: ...

    @abstractmethod
    def config(self, name: str) -> Path: ...

    @abstractmethod
    def stop(self, minion: str) -> None: ...


class RealSalt(Peer):
    def __init__(self, root: Path, salt: Path) -> None:
        super().__init__(root)
        self._salt = salt
        self._lab = SaltLab(salt, root)

    def __enter__(self) -> RealSalt:
        self._lab.start_master(**self.master_options())
        for name, role in ROLES.items():
            self._lab.start_minions([name], grains={"role": role}, enable_fqdns_grains=False)
        return self

    def __exit__(self, *details: object) -> None:
        self._lab.__exit__(*details)

    def bin(self) -> Path:
        return self._salt

    def config(self, name: str) -> Path:
        return self._lab.config(name)

    def stop(self, minion: str) -> None:
        self._lab.stop(minion)


class Shims(Peer):
    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._lab = Lab(root, master={**self.master_options(), "heartbeat_interval": 2})
        saltern = Path(sys.executable).parent / "saltern"
        subprocess.run([str(saltern), "shims", str(self.bin())], check=True, capture_output=True)

    def __enter__(self) -> Shims:
        self._lab.start_master()
        for name, role in ROLES.items():
            self._lab.start_minion(name, grains={"role": role})
        self._lab.wait_for_minions(ROLES)
        return self

    def __exit__(self, *_: object) -> None:
        self._lab.close()

    def bin(self) -> Path:
        return self.root / "bin"

    def config(self, name: str) -> Path:
        return self._lab.config if name == "master" else self._lab.minion_directory(name)

    def stop(self, minion: str) -> None:
        self._lab.stop(minion)
        until(lambda: minion not in self._lab.connected(), 15, f"{minion} is still there")


class Line(NamedTuple):
    """An entry of lines.yaml."""

    line: str
    compare: str
    loose: tuple[str, ...]
    away: tuple[str, ...]


def lines() -> list[Line]:
    entries = yaml.safe_load((Path(__file__).parent / "lines.yaml").read_text())
    return [
        Line(
            entry["line"],
            entry.get("compare", "json" if "--out=json" in entry["line"] else "text"),
            tuple(entry.get("loose", ())),
            tuple(entry.get("away", ())),
        )
        for entry in entries
    ]


def essence(line: Line, answer: Answer) -> Any:
    """What is compared of an answer."""
    if line.compare == "code":
        return {"code": answer.code}
    if line.compare == "json":
        return {"code": answer.code, "out": _loosened(_documents(answer.out), line.loose)}
    return {"code": answer.code, "out": sorted(_without_jids(one) for one in answer.out.splitlines())}


def _documents(text: str) -> Any:
    """The documents of an output: one as it is, several maps as one; a text where there is no JSON."""
    decoder, found, place = json.JSONDecoder(), [], 0
    while text[place:].strip():
        place += len(text[place:]) - len(text[place:].lstrip())
        try:
            document, place = decoder.raw_decode(text, place)
        except ValueError:
            return text
        found.append(document)
    if len(found) > 1 and all(isinstance(one, dict) for one in found):
        return {key: value for one in found for key, value in one.items()}
    return found[0] if len(found) == 1 else found


_RUNTIME = ("duration", "start_time")
"""What no two runs have alike."""


def _loosened(value: Any, loose: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: "..." if key in (*loose, *_RUNTIME) else _loosened(one, loose) for key, one in value.items()}
    if isinstance(value, list):
        return [_loosened(one, loose) for one in value]
    return _without_jids(value) if isinstance(value, str) else value


def _without_jids(text: str) -> str:
    import re

    return re.sub(r"\b20\d{18}\b", "JID", text)
