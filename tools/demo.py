"""`make demo`: a master and three minions on this machine, the life of some jobs, and everything cleaned up.

Each step prints the command as one would type it, and what it answered. The demonstration fails (exit status 1) when
an answer is not what it should be.
"""

from __future__ import annotations

import shlex
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

SLS = """\
greeting:
  file.managed:
    - name: {directory}/{{{{ grains['id'] }}}}.txt
    - contents: {{{{ grains['id'] }}}} serves as {{{{ grains['role'] }}}}

told:
  cmd.run:
    - name: cat {directory}/{{{{ grains['id'] }}}}.txt
    - onchanges:
      - file: greeting
"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="saltern-demo-") as directory:
        tree = Path(directory) / "tree"
        tree.mkdir()
        (tree / "greeting.sls").write_text(SLS.format(directory=directory))
        return shown(Path(directory), {"file_roots": {"base": [str(tree)]}})


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
    head("States: what would change, the change, and nothing left to change")
    say(lab, "run", "web1", "state.apply", "greeting", "test=True")
    say(lab, "run", "*", "state.apply", "greeting")
    say(lab, "run", "*", "state.apply", "greeting", "--state-output", "terse")
    head("The master is killed in the middle of a job, and started again: nothing is lost")
    jid = killed_in_mid_job(lab)
    head("The job in the job cache: as Salt's runner shows it, and with its outcomes")
    say(lab, "runner", "jobs.lookup_jid", jid)
    say(lab, "jobs", "show", jid)
    say(lab, "jobs", "list", "--limit", "5")


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
