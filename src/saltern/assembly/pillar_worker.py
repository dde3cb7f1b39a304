"""The process in which pillars are compiled: reads questions from its standard input, answers on its standard output.

Each is a length and a pickle of plain data: both ends are one program, of one version.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from logging.handlers import QueueHandler
from queue import SimpleQueue
from typing import IO, Any, NoReturn

import msgspec

from saltern.config.master import MasterConfig

LENGTH = struct.Struct(">Q")


def main() -> None:
    """Answer until the master closes its end."""
    questions, answers = _own_streams()
    config, level = _read(questions)
    _begin(config, level)
    while (question := _read(questions)) is not None:
        answers.write(framed(_outcome(*question)))
        answers.flush()


def framed(value: object) -> bytes:
    """A value as it travels between the two processes."""
    data = pickle.dumps(value)
    return LENGTH.pack(len(data)) + data


def _own_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output under other numbers: what a template prints or reads must not come between."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return questions, answers


def _read(stream: IO[bytes]) -> Any:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    data = stream.read(size)
    return pickle.loads(data) if len(data) == size else None  # noqa: S301  (from the master that started this)


_configs: list[MasterConfig] = []
"""The configuration of this process, set once at its start."""

_records: SimpleQueue[logging.LogRecord] = SimpleQueue()
"""What this process logged since its last compilation ended."""


def _begin(config: MasterConfig, level: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C at a terminal is the master's to answer
    logging.getLogger().addHandler(QueueHandler(_records))
    logging.getLogger().setLevel(level)
    _configs.append(config)


@cache
def _world() -> Any:
    """The options and the plugin index of a process that compiles."""
    from saltern.plugins.index import PluginIndex
    from saltern.plugins.search import SearchPath
    from saltern.salt_compat.opts import to_opts

    opts = to_opts(_configs[0])
    return opts, PluginIndex(SearchPath.of_opts(opts), str(_configs[0].cachedir))


def _outcome(minion: str, grains: bytes, asked: Mapping[str, Any]) -> tuple[bytes | Exception, list[logging.LogRecord]]:
    """A pillar, or why there is none, and what was logged on the way."""
    pillar: bytes | Exception
    try:
        pillar = _compiled(minion, grains, asked)
    except Exception as error:  # raised again in the master, behind what was logged
        pillar = _portable(error)
    return pillar, [_records.get_nowait() for _ in range(_records.qsize())]


def _portable(error: Exception) -> Exception:
    """An error as the master can have it: it does not know the classes of plugins, nor those that no pickle takes."""
    try:
        known = type(error).__module__.partition(".")[0] in ("builtins", "saltern")
        if known and type(pickle.loads(pickle.dumps(error))) is type(error):  # noqa: S301  (dumped in this line)
            return error
    except Exception:
        logging.getLogger(__name__).debug("an error that cannot be passed on as it is", exc_info=True)
    return RuntimeError(f"{type(error).__name__}: {error}")


def _compiled(minion: str, grains: bytes, asked: Mapping[str, Any]) -> bytes:
    from saltern.assembly.local_pillar import compile_pillar
    from saltern.plugins.encode import encode

    opts, index = _world()
    known = {**(msgspec.msgpack.decode(grains) if grains else {}), "id": minion}
    with _within(_configs[0].pillar_timeout):
        pillar = compile_pillar(
            index,
            {**opts, "id": minion, "grains": known, "__role": "master"},
            known,
            asked["override"],
            pillarenv=asked["pillarenv"],
            saltenv=asked["saltenv"],
            external=asked["external"],
            top=asked.get("top", False),
        )
    return encode(pillar)


@contextmanager
def _within(seconds: int) -> Iterator[None]:
    """Let what hangs fall over: each of these processes does one compilation at a time, in its main thread."""

    def too_long(*_: object) -> NoReturn:
        raise TimeoutError(f"it took longer than {seconds} s (pillar_timeout)")

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
