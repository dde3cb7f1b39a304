from __future__ import annotations

import logging
import socket
import stat
from pathlib import Path

import pytest

from saltern.config.log import LEVELS, log_to_console, log_to_file, set_levels

pytestmark = pytest.mark.behaviour("CFG-07")


@pytest.fixture(autouse=True)
def log_as_before():
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in [one for one in root.handlers if one not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.getLogger("talkative").setLevel(logging.NOTSET)


def test_the_levels_are_salts():
    assert LEVELS == {
        "all": 0, "garbage": 1, "trace": 5, "debug": 10, "profile": 15,
        "info": 20, "warning": 30, "error": 40, "critical": 50, "quiet": 1000,
    }  # fmt: skip


def test_the_file_has_its_own_level_and_format_and_a_mode_that_keeps_strangers_out(tmp_path: Path):
    path = tmp_path / "log" / "master"
    log_to_file(str(path), "trace", "%(levelname)s %(message)s", "")
    log_to_console("error", "%(message)s", "")
    logging.getLogger("x").log(LEVELS["trace"], "fine")
    logging.getLogger("x").log(LEVELS["garbage"], "finest")
    assert path.read_text() == "TRACE fine\n"
    assert stat.S_IMODE(path.stat().st_mode) & 0o137 == 0


def test_single_loggers_have_levels_of_their_own(tmp_path: Path):
    path = tmp_path / "log"
    log_to_file(str(path), "all", "%(message)s", "")
    set_levels({"talkative": "error"})
    logging.getLogger("talkative").warning("no")
    logging.getLogger("talkative").error("yes")
    assert path.read_text() == "yes\n"


def test_a_file_that_was_moved_away_is_opened_anew(tmp_path: Path):
    path = tmp_path / "log"
    log_to_file(str(path), "info", "%(message)s", "")
    logging.getLogger("x").error("one")
    path.rename(tmp_path / "log.1")
    logging.getLogger("x").error("two")
    assert path.read_text() == "two\n"


def test_a_file_is_rotated_by_size(tmp_path: Path):
    path = tmp_path / "log"
    log_to_file(str(path), "info", "%(message)s", "", max_bytes=10, backups=1)
    for number in range(3):
        logging.getLogger("x").error("message %s", number)
    assert (path.read_text(), (tmp_path / "log.1").read_text()) == ("message 2\n", "message 1\n")


def test_a_url_names_a_syslog():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        log_to_file(f"udp://127.0.0.1:{server.getsockname()[1]}/daemon", "info", "%(message)s", "")
        logging.getLogger("x").error("hello")
        assert server.recv(1000) == b"<27>hello\0"
