"""States and pillar, and Salt's beside ours: `python -m bench.states`.

The same trees are run by `saltern call --local` and, where a Salt has been set up by `make bench-salt` or is named by
SALT_VENV, by `salt-call --local`, turn by turn. Pillar is compiled for many minions within one process of each.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from bench import salt_peer
from bench.measure import Figure, calibration, command_times
from bench.report import Report

_RUNS = 3
_MINIONS = 1000
_SLS_FILES = 200

_NOP = "s{number}:\n  test.nop: []\n"
_FILE = "{out}/f{number}:\n  file.managed:\n    - contents: text {number}\n    - makedirs: True\n"
_ONE_OF_MANY = """\
{{% set here = salt['pillar.get']('site', {{'port': 80}}) %}}
{{% for part in ['a', 'b', 'c', 'd', 'e'] %}}
sls{number}-{{{{ part }}}}:
  test.configurable_test_state:
    - changes: False
    - result: True
    - comment: port {{{{ here.port }}}} of {{{{ grains['id'] }}}}
{{% if not loop.first %}}
    - require:
      - test: sls{number}-a
{{% endif %}}
{{% endfor %}}
"""
_PILLAR = {
    "top.sls": "base:\n  '*': [common]\n  'web*': [web]\n  'G@os:Debian': [debian]\n",
    "common.sls": "users:\n{% for n in range(20) %}\n  user{{ n }}: {uid: {{ 2000 + n }}}\n{% endfor %}\n",
    "web.sls": "include: [sites]\nweb: {port: 80, id: {{ grains['id'] }}}\n",
    "sites.sls": "sites:\n{% for n in range(20) %}\n  site{{ n }}: {domain: s{{ n }}.example.com}\n{% endfor %}\n",
    "debian.sls": "apt: {mirror: http://deb.example.com}\n",
}

_OUR_PILLARS = """
import sys, time
from pathlib import Path
from saltern.assembly.local_pillar import compile_pillar
from saltern.config.minion import load_minion_config
from saltern.plugins.index import PluginIndex
from saltern.plugins.search import SearchPath
from saltern.salt_compat.opts import to_opts
opts = to_opts(load_minion_config(Path(sys.argv[1])))
index = PluginIndex(SearchPath.of_opts(opts), opts["cachedir"])
start = time.perf_counter()
for number in range(int(sys.argv[2])):
    name = f"web{number}"
    found = compile_pillar(index, {**opts, "id": name}, {"id": name, "os": "Debian"})
    assert found["web"]["id"] == name and len(found["sites"]) == 20, found
print(time.perf_counter() - start)
"""
_SALTS_PILLARS = """
import sys, time
import salt.config, salt.pillar
opts = salt.config.minion_config(sys.argv[1] + "/minion")
opts["file_client"] = "local"
start = time.perf_counter()
for number in range(int(sys.argv[2])):
    name = f"web{number}"
    found = salt.pillar.get_pillar(opts, {"id": name, "os": "Debian"}, name, "base").compile_pillar()
    assert found["web"]["id"] == name and len(found["sites"]) == 20, found
print(time.perf_counter() - start)
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.states", description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=_RUNS)
    parser.add_argument("--minions", type=int, default=_MINIONS, help="whose pillar is compiled")
    options = parser.parse_args()
    salt = salt_peer.ready()
    report = Report()
    report.add(calibration())
    with tempfile.TemporaryDirectory(prefix="saltern-states-") as directory:
        trial = Trial(Path(directory))
        ours = str(Path(sys.executable).with_name("saltern"))
        report.add(trial.figures("saltern", [ours, "call"], options.runs))
        report.add(trial.pillars(sys.executable, _OUR_PILLARS, options.minions))
        if salt is not None:
            theirs = list(trial.figures("salt", [str(salt / "salt-call")], options.runs))
            theirs += trial.pillars(str(salt / "python"), _SALTS_PILLARS, options.minions)
            report.compare("Salt", theirs)
    print(f"\nkept in {report.keep()}")
    return 0


class Trial:
    """A directory with a tree of states and pillar, and a minion's configuration for each of both systems."""

    def __init__(self, work: Path) -> None:
        self._work = work
        states, pillar = work / "states", work / "pillar"
        for folder in (states / "many", pillar):
            folder.mkdir(parents=True)
        for count in (500, 5000):
            (states / f"nop{count}.sls").write_text(_repeated(_NOP, count))
            (states / f"file{count}.sls").write_text(_repeated(_FILE, count, out=work / "out"))
        for number in range(_SLS_FILES):
            (states / "many" / f"s{number}.sls").write_text(_ONE_OF_MANY.format(number=number))
        names = ", ".join(f"many.s{number}" for number in range(_SLS_FILES))
        (states / "many" / "init.sls").write_text(f"include: [{names}]\n")
        for name, text in _PILLAR.items():
            (pillar / name).write_text(text)

    def config(self, system: str) -> str:
        place = self._work / system
        place.mkdir(exist_ok=True)
        roots = {"file_roots": "states", "pillar_roots": "pillar"}
        options = {"id": "web1", "root_dir": str(place), "file_client": "local"} | {
            name: {"base": [str(self._work / folder)]} for name, folder in roots.items()
        }
        (place / "minion").write_text(json.dumps(options))
        return str(place)

    def figures(self, system: str, command: list[str], runs: int) -> Iterator[Figure]:
        start = [*command, "--local", "-c", self.config(system), "--out", "quiet"]
        yield _figure("call", "a call without states (test.ping)", [*start, "test.ping"], runs)
        for count, budget in ((500, 200.0), (5000, 1500.0)):
            what = f"{count:,} states that do nothing"
            yield _figure(f"nop{count}", what, [*start, "state.sls", f"nop{count}"], runs, budget)
            what = f"{count:,} file.managed, nothing to change"
            yield _figure(f"file{count}", what, [*start, "state.sls", f"file{count}"], runs)
        what = f"compile {_SLS_FILES} SLS files of 5 states (show_low_sls)"
        yield _figure("many", what, [*start, "state.show_low_sls", "many"], runs)

    def pillars(self, interpreter: str, program: str, minions: int) -> list[Figure]:
        system = "saltern" if program is _OUR_PILLARS else "salt"
        done = subprocess.run(
            [interpreter, "-c", program, self.config(system), str(minions)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        seconds = float(done.stdout.split()[-1])
        return [Figure("pillars", f"pillar of {minions:,} minions, in one process", [seconds], "s")]


def _repeated(text: str, count: int, **words: object) -> str:
    return "".join(text.format(number=number, **words) for number in range(count))


def _figure(key: str, what: str, command: list[str], runs: int, budget: float | None = None) -> Figure:
    """Milliseconds of a whole command, after one that is not counted."""
    command_times(command, 1)
    wall, cpu = command_times(command, runs)
    return Figure(key, f"{what}, whole command", wall, "ms", budget=budget, cpu=cpu)


if __name__ == "__main__":
    sys.exit(main())
