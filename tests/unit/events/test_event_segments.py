"""The event log in files: what a crash, a damaged file and a full disk leave of it."""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from saltern.errors import ArgumentError, StoreError, StoreFull
from saltern.events.backends import segments
from saltern.events.backends.segments import SegmentEventLog
from saltern.events.segment import find

DATA = b"\x81\xa1a\x01"
HEADER = 8


def files(directory: Path) -> list[Path]:
    return find(directory)


async def written(directory: Path, count: int, **options: int) -> None:
    """A log with some events, closed in order."""
    log = SegmentEventLog(directory, **options)
    for number in range(count):
        log.append(f"tag/{number}", DATA, float(number))
        await asyncio.sleep(0)
    await log.close()


def crash(directory: Path) -> None:
    """Make a closed log look like one whose process was killed."""
    (directory / "closed").unlink()


async def tags(log: SegmentEventLog, after: int = 0) -> list[str]:
    return [event.tag for event in await log.read(after)]


async def test_a_log_that_is_opened_again_goes_on_where_it_ended(tmp_path):
    await written(tmp_path, 50, segment_bytes=500)
    log = SegmentEventLog(tmp_path)
    assert log.last() == 50
    assert log.append("next", DATA, 51.0) == 51
    assert await tags(log) == [f"tag/{number}" for number in range(50)] + ["next"]
    await log.close()


async def test_the_number_goes_on_though_every_event_has_expired(tmp_path):
    await written(tmp_path, 50)
    log = SegmentEventLog(tmp_path)
    assert await log.expire(keep_seconds=1, keep_bytes=0, now=1e9) == 1
    await log.close()
    assert files(tmp_path) == []
    log = SegmentEventLog(tmp_path)
    assert log.append("next", DATA, 1e9) == 51
    await log.close()


async def test_only_the_owner_may_read_the_files(tmp_path):
    await written(tmp_path / "events", 5)
    assert (tmp_path / "events").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "events").iterdir()} == {0o600}


async def test_two_processes_cannot_open_one_log(tmp_path):
    log = SegmentEventLog(tmp_path)
    with pytest.raises(StoreError, match="Another process"):
        SegmentEventLog(tmp_path)
    await log.close()
    await SegmentEventLog(tmp_path).close()


@pytest.mark.parametrize("cut", [1, 5, 9, 20, 34])
async def test_a_torn_tail_is_cut_off_and_reported(tmp_path, caplog, cut):
    await written(tmp_path, 20)
    crash(tmp_path)
    (path,) = files(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    with caplog.at_level(logging.WARNING):
        log = SegmentEventLog(tmp_path)
    assert "is not whole" in caplog.text
    assert str(path) in caplog.text
    assert await tags(log) == [f"tag/{number}" for number in range(19)]
    assert log.append("next", DATA, 1.0) > 20
    assert await tags(log, after=19) == ["next"]
    await log.close()
    assert path.read_bytes() == whole[: -(8 + 18 + len("tag/19") + len(DATA))]


async def test_a_tail_of_zeros_is_cut_off(tmp_path, caplog):
    await written(tmp_path, 20)
    crash(tmp_path)
    (path,) = files(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole + bytes(4096))
    log = SegmentEventLog(tmp_path)
    assert len(await tags(log)) == 20
    await log.close()
    assert path.read_bytes() == whole
    assert "4096 bytes are cut off" in caplog.text


async def test_a_crash_leaves_no_number_to_be_given_twice(tmp_path):
    await written(tmp_path, 20)
    crash(tmp_path)
    log = SegmentEventLog(tmp_path)
    # A reader may have seen hundreds of events that were lost with the machine.
    cursor = 20 + 5000
    assert log.append("after the crash", DATA, 1.0) > cursor
    assert await tags(log, after=cursor) == ["after the crash"]
    await log.close()


async def test_a_damaged_record_is_named_and_the_rest_of_its_file_skipped(tmp_path, caplog):
    await written(tmp_path, 60, segment_bytes=600)
    paths = files(tmp_path)
    assert len(paths) > 3
    data = bytearray(paths[1].read_bytes())
    record = (len(data) - HEADER) // 17
    data[HEADER + 3 * record + 20] ^= 0xFF
    paths[1].write_bytes(data)
    log = SegmentEventLog(tmp_path)
    with caplog.at_level(logging.ERROR):
        seen = [event.seq for event in await log.read(0)]
        assert seen == [event.seq for event in await log.read(0)]
    assert len(caplog.records) == 1
    assert f"{paths[1]} is damaged at byte {HEADER + 3 * record}: the checksum is wrong" in caplog.text
    second, third = int(paths[1].name[:20]), int(paths[2].name[:20])
    assert seen == [*range(1, second + 3), *range(third, 61)]
    await log.close()


async def test_a_file_of_something_else_is_named_and_skipped(tmp_path, caplog):
    await written(tmp_path, 60, segment_bytes=600)
    paths = files(tmp_path)
    paths[0].write_bytes(b"GIF89a, not ours")
    log = SegmentEventLog(tmp_path)
    seen = [event.seq for event in await log.read(0)]
    assert seen == list(range(int(paths[1].name[:20]), 61))
    assert "this is no file of an event log" in caplog.text
    await log.close()


@pytest.mark.parametrize("place", range(12))
async def test_damage_in_the_newest_file_destroys_nothing(tmp_path, caplog, place):
    await written(tmp_path, 20)
    crash(tmp_path)
    (path,) = files(tmp_path)
    data = bytearray(path.read_bytes())
    data[HEADER + 10 * (8 + 18 + len("tag/0") + len(DATA)) + 3 * place] ^= 0xFF
    path.write_bytes(data)
    log = SegmentEventLog(tmp_path)
    log.append("next", DATA, 1.0)
    seen = await tags(log)
    assert seen[-1] == "next"
    assert len(seen) in (11, 12)
    assert path.read_bytes() == data
    assert f"{path} is damaged at byte" in caplog.text
    await log.close()


async def test_a_disk_that_takes_nothing_costs_nothing_once_it_does_again(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(segments, "_RETRY", 0.05)
    log = SegmentEventLog(tmp_path)
    log.append("before", DATA, 1.0)
    await log.sync()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        for number in range(50):
            log.append(f"meanwhile/{number}", DATA, 2.0)
        with pytest.raises(StoreError, match="cannot be written"):
            await log.sync()
        assert len(await log.read(0)) == 51
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    log.append("after", DATA, 3.0)
    await asyncio.sleep(0.2)
    await log.close()
    assert "cannot be written" in caplog.text
    assert "takes events again" in caplog.text
    log = SegmentEventLog(tmp_path)
    assert await tags(log) == ["before", *[f"meanwhile/{number}" for number in range(50)], "after"]
    await log.close()


async def test_a_disk_that_stays_full_is_an_error_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "_MAX_UNWRITTEN", 50_000)
    log = SegmentEventLog(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(segments, "append_to", full)
        with pytest.raises(StoreFull):
            for _ in range(1000):
                log.append("a", bytes(1000), 1.0)
                await asyncio.sleep(0)
        with pytest.raises(StoreFull):
            await log.sync()
    await log.sync()
    assert log.append("b", DATA, 1.0) > 0
    await log.close()


async def test_an_event_that_is_too_large_is_refused(tmp_path):
    log = SegmentEventLog(tmp_path)
    with pytest.raises(ArgumentError):
        log.append("a", bytes(20 << 20), 1.0)
    with pytest.raises(ArgumentError):
        log.append("a" * 70_000, b"", 1.0)
    assert log.append("a", b"", 1.0) == 1
    await log.close()


async def test_pages_of_a_long_log_come_from_its_files_in_order(tmp_path):
    log = SegmentEventLog(tmp_path, segment_bytes=20_000, window_bytes=30_000)
    for number in range(5000):
        log.append("salt/auth" if number % 100 == 0 else "salt/job/1/ret/m1", DATA, float(number))
    await asyncio.sleep(0)
    cursor, seen = 0, []
    while page := await log.read(cursor, limit=77):
        seen += [event.seq for event in page]
        cursor = page[-1].seq
    assert seen == list(range(1, 5001))
    cursor, seen = 0, []
    while page := await log.read(cursor, limit=7, prefix="salt/auth"):
        seen += [event.seq for event in page]
        cursor = page[-1].seq
    assert seen == list(range(1, 5001, 100))
    await log.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from saltern.events.backends.segments import SegmentEventLog

async def main():
    log = SegmentEventLog(Path(sys.argv[1]), segment_bytes=20_000)
    number = log.last()
    while True:
        for _ in range(50):
            number = log.append(f"tag/{number}", b"x" * (number % 300), 1.0)
        await asyncio.sleep(0)
        print("written", number, flush=True)
        if number % 3 == 0:
            await log.sync()

asyncio.run(main())
"""


@pytest.mark.faults
async def test_a_killed_writer_loses_nothing_that_it_had_written(tmp_path):
    highest, survived = 0, []
    for turn in range(5):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        for _ in range(10 + 17 * turn):
            line = writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read()
        writer.wait()
        reported = int((rest.rpartition("written")[2] or line.partition("written")[2]).split()[0])
        log = SegmentEventLog(tmp_path)
        cursor, numbers = highest, []
        while page := await log.read(cursor):
            numbers += [event.seq for event in page]
            cursor = page[-1].seq
        assert numbers[0] > highest
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert numbers[-1] >= reported
        highest = numbers[-1]
        survived += numbers
        await log.close()
        crash(tmp_path)
    log = SegmentEventLog(tmp_path)
    cursor, all_numbers = 0, []
    while page := await log.read(cursor):
        all_numbers += [event.seq for event in page]
        cursor = page[-1].seq
    assert all_numbers == survived
    await log.close()
