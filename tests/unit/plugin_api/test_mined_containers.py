"""Published ports of containers of several hosts."""

from __future__ import annotations

from saltern.plugin_api.mined_containers import published

HOST = {
    "abc": {
        "Image": "web:1",
        "Ports": [
            {"PrivatePort": 80, "PublicPort": 49153, "IP": "0.0.0.0", "Type": "tcp"},
            {"PrivatePort": 81, "PublicPort": 49154, "IP": "10.9.9.9", "Type": "tcp"},
            {"PrivatePort": 82, "Type": "tcp"},
        ],
    },
    "host": {
        "interfaces": {
            "lo": {"up": True, "inet": [{"address": "127.0.0.1"}]},
            "eth0": {"up": True, "inet": [{"address": "10.0.0.1"}]},
            "eth1": {"up": True, "inet": [{"address": "192.168.1.1"}]},
            "eth2": {"up": False, "inet": [{"address": "10.0.0.2"}]},
        }
    },
}


def test_a_port_open_to_all_is_reached_at_every_address_of_the_host():
    assert published([HOST, "no dictionary"]) == {
        "web:1": {"ipv4": {80: ["10.0.0.1:49153", "192.168.1.1:49153"], 81: ["10.9.9.9:49154"]}}
    }


def test_interfaces_and_networks_choose():
    assert published([HOST], ["eth1"])["web:1"]["ipv4"][80] == ["192.168.1.1:49153"]
    assert published([HOST], [], ["10.0.0.0/8"])["web:1"]["ipv4"][80] == ["10.0.0.1:49153"]


def test_the_container_can_be_named():
    assert published([HOST], ["eth0"], with_container_id=True)["web:1"]["ipv4"][80] == [{"10.0.0.1:49153": "abc"}]
