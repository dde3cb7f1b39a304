"""Functions that misbehave, as an operator's own module may."""

import os
import signal
import subprocess
import sys
import time


def note(path, seconds=0, **kwargs):
    """Write down that the job ran here, then take a while. Every line of the file is one execution."""
    with open(path, "a") as file:
        file.write(f"{kwargs['__pub_jid']} {__grains__['id']}\n")  # noqa: F821
    time.sleep(seconds)
    return True


def note_if_told(path, wait_for, megabytes=0, **kwargs):
    """As `note`, but only once a file is there; with a value of some size."""
    while not os.path.exists(wait_for):
        time.sleep(0.02)
    note(path, **kwargs)
    return "x" * (megabytes << 20) or True


def note_and_end(path, wait_for, **kwargs):
    """As `note_if_told`, and then the process is gone."""
    note_if_told(path, wait_for, **kwargs)
    os._exit(3)


def fail(text):
    raise ValueError(text)


def base_exception():
    raise KeyboardInterrupt("not an Exception")


def recurse():
    return recurse()


def system_exit(code):
    sys.exit(code)


def end_process(code):
    os._exit(code)


def kill_itself():
    os.kill(os.getpid(), signal.SIGKILL)


def hang(path):
    """Two children that do not listen to SIGTERM, and no end; the process ids of all go to a file."""
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"
    children = [subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) for _ in range(2)]
    for child in children:
        child.stdout.readline()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _write_whole(path, " ".join(str(pid) for pid in [os.getpid(), *(child.pid for child in children)]))
    while True:
        time.sleep(600)


def fork_and_return(path):
    """The forked copy tries to go on as if it were the worker."""
    pid = os.fork()
    if pid == 0:
        time.sleep(0.3)
        return "the copy"
    _write_whole(path, str(pid))
    return "the original"


def daemonise(path):
    """A daemon that leaves the job's process group and keeps all descriptors that it was born with."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            _write_whole(path, str(os.getpid()))
            time.sleep(60)
        os._exit(0)
    os.wait()
    return "started"


class Strange:
    def __repr__(self):
        raise RuntimeError("no repr either")


def strange_value():
    loop = []
    loop.append(loop)
    return {
        "object": Strange(),
        "function": strange_value,
        "loop": loop,
        ("a", 1): {3, 1, 2},
        "big": 1 << 200,
        "generator": (number for number in range(3)),
        "text": "\udcff",
        "bytes": b"\x00\xff",
    }


def deep_value(levels=100_000):
    value = []
    for _ in range(levels):
        value = [value]
    return value


def print_binary():
    """What goes past Python to the descriptors, and through it."""
    os.write(1, b"\x00\xff\xfe binary \x1b[2J" * 100)
    os.write(2, bytes(range(256)) * 100)
    sys.stdout.write("\udcff printed \x00")
    return "printed"


def close_descriptors():
    """A function that thinks it is a daemon's first breath."""
    os.closerange(0, 256)
    return "closed"


def large(megabytes):
    return "x" * (megabytes << 20)


def stubborn_threads():
    """Threads that never end must not keep the return back."""
    import threading

    threading.Thread(target=time.sleep, args=(600,)).start()
    return "left a thread"


def change_directory():
    os.chdir("/")
    os.umask(0)
    os.environ.clear()
    return os.getcwd()


def echo(*args, **kwargs):
    return {"args": list(args), "kwargs": {key: value for key, value in kwargs.items() if not key.startswith("__")}}


def _write_whole(path, text):
    with open(path + ".part", "w") as file:
        file.write(text)
    os.rename(path + ".part", path)
