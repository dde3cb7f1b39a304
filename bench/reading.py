"""What showing and exporting a large history costs the command and the master: `python -m bench.reading --at DIR`.

The directory is one that `bench.histories --store sqlite --at DIRECTORY` filled; `--returns` and `--jobs` as there. A
master of its own opens it. Exported is the last day, a tenth of the history. Memory is resident memory at its highest.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / name) for name in ("tests", "tools")]

import psutil  # noqa: E402
from lab import SALTERN, Lab  # noqa: E402

from bench.histories import say  # noqa: E402
from bench.history import DAY, DAYS, START, jid_of  # noqa: E402

_FOR_EVER = 10**9


def measure(jobs: Path, jid: str, since: str, folder: Path) -> None:
    with Lab(folder / "lab", master={"keep_jobs_seconds": _FOR_EVER, "cachedir": "/cache"}) as lab:
        cache = folder / "lab" / "r" / "cache"
        cache.mkdir(parents=True)
        (cache / "jobs").symlink_to(jobs)
        lab.start_master()
        say("the master before", _master(lab))
        for words in (("show", jid, "--no-returns"), ("show", jid), ("show", jid, "--out", "json")):
            _run(lab, f"jobs {words[0]} JID {' '.join(words[2:])}", ["jobs", *words], folder / "shown")
        for kind in ("jsonl", "csv", "parquet"):
            file = folder / f"day.{kind}"
            _run(
                lab, f"jobs export to {kind}", ["jobs", "export", "--since", since, "--file", str(file)], folder / "out"
            )
            say("  its file", f"{file.stat().st_size >> 20} MiB")
            file.unlink()
        say("the master after", _master(lab))


def _run(lab: Lab, what: str, words: list[str], out: Path) -> None:
    began = time.monotonic()
    with out.open("wb") as stdout:
        command = subprocess.Popen([*SALTERN, *words, "-c", str(lab.config)], stdout=stdout)
        _, status, used = os.wait4(command.pid, 0)
    assert status == 0, what
    seconds, busy = time.monotonic() - began, used.ru_utime + used.ru_stime
    say(what, f"{seconds:.1f} s, processor {busy:.1f} s, {used.ru_maxrss >> 10} MiB")
    say("  the master", _master(lab))


def _master(lab: Lab) -> str:
    """Memory of the process that has the job cache, now and at its highest."""
    process = max(_processes(lab), key=lambda each: each.memory_info().rss)
    status = Path(f"/proc/{process.pid}/status").read_text()
    highest = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return f"{process.memory_info().rss >> 20} MiB, at most {highest >> 10} MiB"


def _processes(lab: Lab) -> list[psutil.Process]:
    config = str(lab.config)
    return [each for each in psutil.process_iter(["cmdline"]) if config in (each.info["cmdline"] or [])]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.reading", description=__doc__.partition("\n")[0])
    parser.add_argument("--at", type=Path, required=True)
    parser.add_argument("--returns", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=0)
    options = parser.parse_args()
    count = options.jobs or max(options.returns // 10, 1)
    jid = jid_of(START + count // 2 * DAYS * DAY / count)
    since = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(START + (DAYS - 1) * DAY))
    with tempfile.TemporaryDirectory(prefix="saltern-bench-") as name:
        measure(options.at.absolute() / "jobs", jid, since, Path(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
