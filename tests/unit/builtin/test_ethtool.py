"""`ethtool` on interfaces of a namespace against what Salt 3008.2 answered, and on what is printed of real cards."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shipped import Shipped
from transcript import differences

from servers import program
from throwaway_root import in_network_namespace

RING = """Ring parameters for eth0:
Pre-set maximums:
RX:\t\t4096
RX Mini:\tn/a
RX Jumbo:\t16
TX:\t\t2048
Current hardware settings:
RX:\t\t256
RX Mini:\tn/a
RX Jumbo:\t8
TX:\t\t128
"""
COALESCE = """Coalesce parameters for eth0:
Adaptive RX: on  TX: off
stats-block-usecs: 9
sample-interval: n/a
pkt-rate-low: 12
pkt-rate-high: 13

rx-usecs: 3
rx-frames: 4
rx-usecs-irq: 5
rx-frames-irq: 6

tx-usecs-low: 7
tx-frame-low: 8

CQE mode RX: n/a  TX: n/a
"""
PAUSE = "Pause parameters for eth0:\nAutonegotiate:\ton\nRX:\t\toff\nTX:\t\ton\nRX negotiated: on\nTX negotiated: off\n"
DRIVER = "driver: e1000e\nversion: 5.1\nfirmware-version: 0.13-4\nexpansion-rom-version: \nbus-info: 0000:00:19.0\n"


@pytest.mark.behaviour("LDR-14")
@in_network_namespace
def test_functions_answer_as_salt_does(tmp_path: Path):
    program("ethtool")
    assert differences("ethtool_of_salt", tmp_path, {}) == []


@in_network_namespace
def test_features_are_those_of_the_interface(tmp_path: Path):
    program("ethtool")
    subprocess.run(["ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"], check=True)
    call = Shipped(tmp_path).call
    assert call("ethtool.show_features", "v0")["scatter-gather"] == {"on": True, "fixed": False}
    assert call("ethtool.show_features", "v0")["vlan-challenged"] == {"on": False, "fixed": True}
    call("ethtool.set_feature", "v0", sg=False, gro=True)
    features = call("ethtool.show_features", "v0")
    assert (features["scatter-gather"]["on"], features["generic-receive-offload"]["on"]) == (False, True)
    refused = Shipped(tmp_path).outcome("ethtool.show_features", "nosuch")
    assert refused.faults
    assert "nosuch" in str(refused.value)


@pytest.fixture
def card(tmp_path: Path, monkeypatch) -> Path:
    """A program `ethtool` that prints what it does of a card, and keeps what it is asked."""
    tool = tmp_path / "bin" / "ethtool"
    tool.parent.mkdir()
    for option, text in {"g": RING, "c": COALESCE, "a": PAUSE, "i": DRIVER}.items():
        (tmp_path / f"-{option}").write_text(text)
    tool.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\ncat {tmp_path}/$1 2>/dev/null || true\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:/usr/bin:/bin")
    return tmp_path


def asked(card: Path) -> list[str]:
    return [line for line in (card / "asked").read_text().splitlines() if line[1].isupper()]


@pytest.mark.behaviour("LDR-14")
def test_rings_and_coalescing_of_a_card(card: Path):
    call = Shipped(card).call
    shown = {"rx": 256, "rx_mini": 0, "rx_jumbo": 8, "tx": 128}
    most = {"rx_max": 4096, "rx_mini_max": 0, "rx_jumbo_max": 16, "tx_max": 2048}
    assert call("ethtool.show_ring", "eth0") == {**shown, **most}
    call("ethtool.set_ring", "eth0", rx=512, tx=128)
    known = call("ethtool.show_coalesce", "eth0")
    assert (known["rx_usecs"], known["rx_frames_irq"], known["tx_frames_low"], known["tx_frames"]) == (3, 6, 8, 0)
    assert (known["adaptive_rx"], known["adaptive_tx"], known["stats_block_usecs"]) == (1, 0, 9)
    assert len(known) == 22
    call("ethtool.set_coalesce", "eth0", adaptive_rx=True, adaptive_tx="on", rx_usecs=3, tx_usecs_irq=1)
    assert asked(card) == ["-G eth0 rx 512", "-C eth0 tx-usecs-irq 1 adaptive-tx on"]


@pytest.mark.behaviour("LDR-14")
def test_pauses_and_driver_of_a_card(card: Path):
    call = Shipped(card).call
    pauses = {"Autonegotiate": True, "RX": False, "TX": True, "RX negotiated": True, "TX negotiated": False}
    assert call("ethtool.show_pause", "eth0") == pauses
    assert call("ethtool.set_pause", "eth0", autoneg=False, rx="on", nosuch=1) is True
    assert asked(card) == ["-A eth0 autoneg off rx on"]
    assert call("ethtool.show_driver", "eth0") == {"driver": "e1000e", "bus_info": "0000:00:19.0"}
