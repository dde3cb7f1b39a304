"""The open TCP and UDP sockets, from `/proc/net`, and the processes that hold them."""

from __future__ import annotations

import os
import re
import socket
import sys
from typing import NamedTuple

from saltern.plugin_api.linux.files import names_in, read_text

PROTOCOLS = ("tcp", "tcp6", "udp", "udp6")

_STATES = {
    "01": "ESTABLISHED",
    "02": "SYN_SENT",
    "03": "SYN_RECV",
    "04": "FIN_WAIT1",
    "05": "FIN_WAIT2",
    "06": "TIME_WAIT",
    "07": "CLOSE",
    "08": "CLOSE_WAIT",
    "09": "LAST_ACK",
    "0A": "LISTEN",
    "0B": "CLOSING",
    "0C": "NEW_SYN_RECV",
}


class Socket(NamedTuple):
    """An open socket; `state` is empty for a UDP socket that is not connected. `inode` is 0 when nobody holds it."""

    protocol: str
    local_address: str
    local_port: int
    remote_address: str
    remote_port: int
    state: str
    receive_queue: int
    send_queue: int
    uid: int
    inode: int


def sockets(protocols: tuple[str, ...] = PROTOCOLS) -> list[Socket]:
    return [found for name in protocols for found in parse_sockets(read_text(f"/proc/net/{name}"), name)]


def parse_sockets(text: str, protocol: str) -> list[Socket]:
    """The content of `/proc/net/<protocol>`."""
    found = []
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 10:
            continue
        local, remote, state, queues = fields[1:5]
        send, _, receive = queues.partition(":")
        known = _STATES.get(state, state)
        if protocol.startswith("udp") and known != "ESTABLISHED":
            known = ""
        uid, inode = int(fields[7]), int(fields[9])
        found.append(Socket(protocol, *_end(local), *_end(remote), known, int(receive, 16), int(send, 16), uid, inode))
    return found


def holders() -> dict[int, tuple[int, str]]:
    """The inode of each socket that a process holds to that process: its pid and the name of its program.

    Only root sees the sockets of everybody.
    """
    found: dict[int, tuple[int, str]] = {}
    for pid in filter(str.isdigit, names_in("/proc")):
        inodes = _inodes_of(pid)
        if inodes:
            holder = (int(pid), _program(pid))
            found.update((inode, holder) for inode in inodes if inode not in found)
    return found


def _inodes_of(pid: str) -> list[int]:
    inodes = []
    for name in names_in(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{name}")  # noqa: PTH115  (a hot loop; pathlib costs more)
        except OSError:
            continue
        if match := re.fullmatch(r"socket:\[(\d+)\]", target):
            inodes.append(int(match[1]))
    return inodes


def _program(pid: str) -> str:
    """The program's name, which a process may have changed: its first word, without directories."""
    words = read_text(f"/proc/{pid}/cmdline").partition("\0")[0].rpartition("/")[2].split()
    return words[0] if words else read_text(f"/proc/{pid}/comm")


def _end(word: str) -> tuple[str, int]:
    """`0100007F:1F90` to address and port; each group of four bytes has the machine's order."""
    address, _, port = word.partition(":")
    packed = b"".join(int(address[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(address), 8))
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed), int(port, 16)
