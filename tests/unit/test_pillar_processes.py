"""The processes that compile pillars: what they answer, what does not come between, and when they are there."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from saltern.assembly import pillar_processes
from saltern.assembly.pillar_processes import PillarProcesses
from saltern.config.master import MasterConfig
from saltern.errors import SalternError
from saltern.master.pillars import Asked


@pytest.fixture
async def processes(tmp_path: Path) -> AsyncIterator[PillarProcesses]:
    roots = tmp_path / "pillar"
    roots.mkdir()
    (roots / "top.sls").write_text("base:\n  '*': [data]\n")
    config = MasterConfig(
        root_dir=tmp_path, cachedir=tmp_path / "cache", pillar_roots={"base": [roots]}, pillar_workers=2,
        pillar_safe_render_error=False,
    )  # fmt: skip
    made = PillarProcesses(config)
    yield made
    await made.close()
    await until(lambda: not children())


def write(tmp_path: Path, text: str) -> None:
    (tmp_path / "pillar" / "data.sls").write_text(text)


def children() -> list[psutil.Process]:
    """The processes that compile pillars, and none that other tests of this process started."""
    return [one for one in psutil.Process().children() if _compiles(one)]


def _compiles(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and pillar_processes._START in process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


async def until(condition: Any) -> None:
    for _ in range(600):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen")


async def compiled(processes: PillarProcesses, minion: str = "m1") -> Any:
    grains = msgspec.msgpack.encode({"os": "Test"})
    return msgspec.msgpack.decode(await processes.compile(minion, grains, Asked()))


async def test_a_pillar_is_compiled_and_what_a_template_prints_or_reads_does_not_come_between(
    processes: PillarProcesses, tmp_path: Path
):
    write(
        tmp_path,
        "#!py\nimport sys, os\ndef run():\n"
        "    print('noise', flush=True)\n    os.write(1, b'more noise')\n    os.system('echo and more; cat')\n"
        "    return {'who': __grains__['id'], 'os': __grains__['os'], 'read': sys.stdin.read()}\n",
    )
    assert await compiled(processes) == {"who": "m1", "os": "Test", "read": ""}
    assert (await compiled(processes, "m2"))["who"] == "m2"
    assert len(children()) == 1, "one process is enough for one question at a time"


async def test_as_many_processes_as_there_are_questions_and_no_more_than_allowed(
    processes: PillarProcesses, tmp_path: Path
):
    write(tmp_path, "#!py\nimport os, time\ndef run():\n    time.sleep(0.3)\n    return {'by': os.getpid()}\n")
    found = await asyncio.gather(*(compiled(processes, f"m{number}") for number in range(5)))
    assert len({pillar["by"] for pillar in found}) == len(children()) == 2


async def test_a_process_that_dies_is_told_and_the_next_question_is_answered(
    processes: PillarProcesses, tmp_path: Path
):
    write(tmp_path, "#!py\nimport os\ndef run():\n    os.kill(os.getpid(), 9)\n")
    with pytest.raises(SalternError, match="The process that compiles pillars died; ask again"):
        await compiled(processes)
    write(tmp_path, "a: 1\n")
    assert await compiled(processes) == {"a": 1}
    os.kill(children()[0].pid, signal.SIGKILL)
    await until(lambda: not children())
    await asyncio.sleep(0.1)
    assert await compiled(processes) == {"a": 1}, "it died while nobody asked"


async def test_who_gives_up_waiting_leaves_no_answer_to_another_question(processes: PillarProcesses, tmp_path: Path):
    write(tmp_path, "#!py\nimport time\ndef run():\n    time.sleep(60)\n")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(compiled(processes), 3)
    write(tmp_path, "a: 1\n")
    assert await compiled(processes) == {"a": 1}
    await until(lambda: len(children()) == 1)


async def test_a_process_that_nobody_asks_ends(
    processes: PillarProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pillar_processes, "_REST", 0.2)
    write(tmp_path, "a: 1\n")
    assert await compiled(processes) == {"a": 1}
    await until(lambda: not children())
    assert await compiled(processes) == {"a": 1}


async def test_what_was_logged_is_logged_by_the_master(
    processes: PillarProcesses, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    write(tmp_path, "{% do salt['log.warning']('from the other process') %}\na: 1\n")
    assert await compiled(processes) == {"a": 1}
    assert "from the other process" in caplog.text
