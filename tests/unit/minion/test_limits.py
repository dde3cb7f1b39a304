"""Limits bind for good, so they are tried in processes of their own."""

from __future__ import annotations

import subprocess
import sys


def run_under(limits: str, code: str) -> subprocess.CompletedProcess[str]:
    program = f"from saltern.minion.limits import JobLimits\nJobLimits({limits}).apply()\n{code}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)


def test_a_job_cannot_take_more_memory_than_it_may() -> None:
    greedy = "try:\n    bytearray(1 << 30)\nexcept MemoryError:\n    print('refused')"

    assert run_under("memory=400 << 20", greedy).stdout == "refused\n"
    assert run_under("", greedy).stdout == ""


def test_a_job_cannot_open_more_files_than_it_may_nor_ask_for_more() -> None:
    code = (
        "import resource\n"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE))\n"
        "try:\n    files = [open('/dev/null') for _ in range(100)]\n"
        "except OSError as error:\n    print(error.strerror)"
    )

    assert run_under("open_files=40", code).stdout == "(40, 40)\nToo many open files\n"


def test_a_job_can_be_made_nice() -> None:
    assert run_under("niceness=7", "import os; print(os.nice(0))").stdout == "7\n"
