"""Tests that change the system, in a copy of it that nobody else sees.

`in_throwaway_root` runs a test in a child process whose root is this machine's file system with a layer of memory over
it. What the test writes, installs or mounts is gone with the child. It needs root and overlayfs.
`in_network_namespace` gives a test a network of its own and leaves the files as they are; it needs root.
"""

from __future__ import annotations

import ctypes
import functools
import os
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

WRITTEN = Path("/run/written-in-the-throw-away-root")
"""Within a throw-away root: all that was written there, as the layer over the machine's file system has it."""
_NEW_NAMESPACES = 0x00020000 | 0x04000000  # CLONE_NEWNS | CLONE_NEWUTS
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_SKIPPED = "skipped: "


def in_throwaway_root(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test there; what it raises fails the test here, and `pytest.skip` skips it."""
    return _in_child(test, _enter, "no throw-away root here")


def in_network_namespace(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test in a child process with a network of its own: the loopback interface, and no rule of any firewall."""
    return _in_child(test, _enter_network, "no network namespace here")


def _in_child(test: Callable[..., None], enter: Callable[[Path], None], unable: str) -> Callable[..., None]:
    @functools.wraps(test)
    def wrapped(*args: object, **kwargs: object) -> None:
        if os.geteuid() != 0:
            pytest.skip("needs root")
        with tempfile.TemporaryDirectory() as work, tempfile.TemporaryFile("w+") as report:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # the child runs this one thread only
                pid = os.fork()
            if pid == 0:
                _run_inside(lambda: enter(Path(work)), unable, report, lambda: test(*args, **kwargs))
            os.waitpid(pid, 0)
            report.seek(0)
            said = report.read()
        if said.startswith(_SKIPPED):
            pytest.skip(said.removeprefix(_SKIPPED))
        if said != "passed":
            pytest.fail(said or "the child process died", pytrace=False)

    return wrapped


def _run_inside(enter: Callable[[], None], unable: str, report, test: Callable[[], None]) -> None:
    try:
        try:
            enter()
        except (OSError, subprocess.CalledProcessError) as error:
            if os.environ.get("CI"):
                raise
            said = f"{_SKIPPED}{unable}: {error}"
        else:
            test()
            said = "passed"
    except pytest.skip.Exception as skip:
        said = f"{_SKIPPED}{skip}"
    except BaseException:
        said = traceback.format_exc()
    report.write(said)
    report.flush()
    os._exit(0)


def _enter_network(work: Path) -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "unshare failed")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True, capture_output=True)


def _enter(work: Path) -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_NAMESPACES):
        raise OSError(ctypes.get_errno(), "unshare failed")
    directory = Path.cwd()
    _mount("--make-rprivate", "/")
    _mount("-t", "tmpfs", "tmpfs", str(work))
    upper, scratch, root = work / "upper", work / "scratch", work / "root"
    for place in (upper, scratch, root):
        place.mkdir()
    _mount("-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={upper},workdir={scratch}", str(root))
    for place in ("/proc", "/sys", "/dev", *_elsewhere()):
        (root / place.lstrip("/")).mkdir(parents=True, exist_ok=True)
        _mount("--rbind", place, str(root / place.lstrip("/")))
    _mount("-t", "tmpfs", "tmpfs", str(root / "run"))
    (root / WRITTEN.relative_to("/")).mkdir()
    _mount("--bind", str(upper), str(root / WRITTEN.relative_to("/")))
    os.chroot(root)
    os.chdir(directory)


def _elsewhere() -> list[str]:
    """What the tests read and is on another file system than the root."""
    places = (sys.prefix, sys.base_prefix, str(Path(__file__).parent.parent), tempfile.gettempdir())
    device = Path("/").stat().st_dev
    return sorted({place for place in places if Path(place).stat().st_dev != device})


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)
