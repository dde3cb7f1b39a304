"""`make demo`: a master and three minions on this machine, the life of some jobs, and everything cleaned up.

Each step prints the command as one would type it, and what it answered. The demonstration fails (exit status 1) when
an answer is not what it should be.
"""

from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from lab import Lab, until

MINIONS = ("web1", "web2", "db1")

TREE = Path(__file__).parent / "demo_tree"
"""A small tree of states and pillar, as a web server's is: a map, a template, a reload when it changes."""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="saltern-demo-") as directory:
        shutil.copytree(TREE, directory, dirs_exist_ok=True)
        (Path(directory) / "pillar" / "place.sls").write_text(f"demo_root: {directory}/hosts\n")
        roots = {kind: {"base": [f"{directory}/{folder}"]} for kind, folder in ROOTS.items()}
        return shown(Path(directory), roots)


ROOTS = {"file_roots": "states", "pillar_roots": "pillar"}


def shown(directory: Path, master: dict[str, Any]) -> int:
    with Lab(directory, master=master) as lab:
        try:
            show(lab)
        except AssertionError as error:
            print(f"\nThe demonstration failed: {error}", file=sys.stderr)
            print(lab.log("master")[-3000:], file=sys.stderr)
            return 1
    print("\nEverything was stopped and removed.")
    return 0


def show(lab: Lab) -> None:
    head("A master, and three minions that enrol")
    lab.start_master()
    lab.start_minions(("web1", "web2"), grains={"role": "web"})
    lab.start_minions(("db1",), grains={"role": "db"})
    say(lab, "key", "-L")
    head("A command on all of them")
    say(lab, "run", "*", "test.ping")
    head("A compound target, and the output of a command while it runs")
    say(
        lab,
        "run",
        "-C",
        "G@role:web and not web2",
        "--follow",
        "cmd.run",
        "for i in 1 2 3; do echo step $i; sleep 0.3; done",
    )
    head("A command that fails has an exit status of its own")
    say(lab, "run", "db1", "cmd.run", "ls /there/is/no/such/directory", expect=1)
    show_states(lab)
    head("The master is killed in the middle of a job, and started again: nothing is lost")
    jid = killed_in_mid_job(lab)
    head("The job in the job cache: as Salt's runner shows it, and with its outcomes")
    say(lab, "runner", "jobs.lookup_jid", jid)
    say(lab, "jobs", "show", jid)
    say(lab, "jobs", "list", "--limit", "5")


def show_states(lab: Lab) -> None:
    head("A tree of states: what would change, the change, and nothing left to change")
    say(lab, "run", "web1", "state.apply", "test=True")
    say(lab, "run", "web1", "state.apply")
    say(lab, "run", "*", "state.apply", "--state-output", "terse")
    say(lab, "run", "*", "state.apply", "--state-output", "terse", "--state-verbose", "False")
    head("A state that cannot be rendered says where, and one that fails why")
    say(lab, "run", "web1", "state.apply", "broken", expect=1)
    say(lab, "run", "web1", "state.single", "file.managed", "/proc/no/such/file", "contents=x", expect=1)


def killed_in_mid_job(lab: Lab) -> str:
    done = say(lab, "run", "*", "--async", "cmd.run", "sleep 2; echo finished on $(hostname)")
    jid = done.stdout.split()[-1]
    time.sleep(0.7)
    print("$ kill -9 <master>")
    lab.stop_master(signal.SIGKILL)
    time.sleep(1.5)
    print("$ saltern master &")
    lab.start_master()
    until(lambda: all_returned(lab, jid), 30, f"job {jid} lost a return")
    return jid


def all_returned(lab: Lab, jid: str) -> bool:
    shown = lab.json("jobs", "show", jid)
    return bool(shown["counts"].get("returned") == len(MINIONS))


def say(lab: Lab, *words: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command of an operator and show it."""
    print(f"$ saltern {shlex.join(words)}", flush=True)
    done = lab.run(*words)
    print(done.stdout + done.stderr, end="", flush=True)
    if done.returncode != expect:
        raise AssertionError(f"saltern {shlex.join(words)} ended with {done.returncode}, not {expect}")
    if expect:
        print(f"(exit status {done.returncode})")
    return done


def head(text: str) -> None:
    print(f"\n--- {text} ---", flush=True)


if __name__ == "__main__":
    sys.exit(main())
