from __future__ import annotations

import grp
import os
import pwd
import socket

import pytest

from saltern.access.caller import Caller
from saltern.access.peer import caller_of, groups_of, user_name


def test_the_kernel_says_who_is_at_the_other_end() -> None:
    here, there = socket.socketpair()
    with here, there:
        name = pwd.getpwuid(os.getuid()).pw_name
        assert caller_of(here) == Caller(name, os.getuid(), trusted=True, local_name=name)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_another_user_is_not_trusted(tmp_path) -> None:
    server = socket.socket(socket.AF_UNIX)
    address = "\0saltern-test-" + os.urandom(8).hex()
    server.bind(address)
    server.listen()
    child = os.fork()
    if child == 0:
        try:
            os.setgid(65534)
            os.setuid(65534)
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(address)
                client.recv(1)
        finally:
            os._exit(0)
    with server:
        connection, _ = server.accept()
        with connection:
            caller = caller_of(connection)
    os.waitpid(child, 0)
    assert caller == Caller("nobody", 65534, local_name="nobody")


def test_a_user_without_a_name_has_a_name_that_no_rule_means() -> None:
    uid = next(number for number in range(3_000_000, 3_001_000) if not _exists(number))
    assert user_name(uid) == f"#{uid}"


def test_the_groups_of_a_user_are_named() -> None:
    me = pwd.getpwuid(os.getuid())
    assert grp.getgrgid(me.pw_gid).gr_name in groups_of(me.pw_name)
    assert groups_of("no such user") == frozenset()


def _exists(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
