"""The shipped grains: Salt's names and types, and what each of them needs."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import subprocess
from pathlib import Path

import pytest

from saltern.builtin import grains as package
from saltern.builtin.grains import hardware, identity, localization, network, runtime, storage, system
from saltern.plugin_api.linux import resolver

RECORDED = json.loads((Path(__file__).parent / "data" / "grains_of_salt.json").read_text(encoding="utf-8"))
MODULES = [
    importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
]
FUNCTIONS = [(module, name) for module in MODULES for name in module.__grains_keys__]


@pytest.fixture(autouse=True)
def opts(monkeypatch: pytest.MonkeyPatch) -> dict:
    opts = {"id": "m1", "master": "localhost"}
    for module in MODULES:
        monkeypatch.setattr(module, "__opts__", opts, raising=False)
    return opts


def public_functions(module) -> set[str]:
    return {
        name
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    }


def everything() -> dict:
    return {key: value for module, name in FUNCTIONS for key, value in getattr(module, name)().items()}


@pytest.mark.behaviour("GRN-02")
@pytest.mark.parametrize(("module", "name"), FUNCTIONS, ids=lambda value: getattr(value, "__name__", value))
def test_a_function_returns_a_dict_of_the_keys_that_it_declares(module, name) -> None:
    found = getattr(module, name)()
    assert isinstance(found, dict)
    assert set(found) <= set(module.__grains_keys__[name])
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_public_function_declares_its_keys(module) -> None:
    assert public_functions(module) == set(module.__grains_keys__)


@pytest.mark.behaviour("GRN-03")
def test_no_two_functions_declare_the_same_key() -> None:
    declared = [key for module in MODULES for keys in module.__grains_keys__.values() for key in keys]
    assert len(declared) == len(set(declared))


# What a host need not have: no systemd, no route, no machine id, no os-release with a code name.
OPTIONAL = {"systemd", "machine_id", "osmajorrelease", "lsb_distrib_release", "virtual_subtype"}


@pytest.mark.behaviour("GRN-03")
def test_names_and_types_are_those_of_salt() -> None:
    found = everything()
    wanted = {key: kind for key, kind in RECORDED["types"].items() if key not in RECORDED["absent"]}
    assert set(wanted) - set(found) <= OPTIONAL
    either = {"ip4_gw": (str, bool), "ip6_gw": (str, bool)}
    wrong = {
        key: type(found[key]).__name__
        for key, kind in wanted.items()
        if key in found and type(found[key]).__name__ != kind and not isinstance(found[key], either.get(key, ()))
    }
    assert wrong == {}


@pytest.mark.behaviour("GRN-03")
def test_the_server_id_is_that_of_salt(opts: dict) -> None:
    assert identity.server_id() == {"server_id": 890885657}
    opts["id"] = "m2"
    assert identity.server_id() != {"server_id": 890885657}


def test_kernel_and_user_are_those_of_this_process() -> None:
    name = os.uname()
    assert system.kernel() == {
        "kernel": name.sysname,
        "nodename": name.nodename,
        "kernelrelease": name.release,
        "kernelversion": name.version,
        "cpuarch": name.machine,
    }
    assert (runtime.user()["uid"], runtime.pid()["pid"]) == (os.geteuid(), os.getpid())


@pytest.mark.parametrize(
    ("family", "machine", "expected"),
    [("Debian", "x86_64", "amd64"), ("Debian", "aarch64", "arm64"), ("RedHat", "x86_64", "x86_64")],
)
def test_architecture_is_that_of_the_packages(family, machine, expected, monkeypatch: pytest.MonkeyPatch) -> None:
    name = os.uname()
    monkeypatch.setattr(os, "uname", lambda: os.uname_result((name.sysname, "n", "r", "v", machine)))
    assert system._architecture(family) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "de_DE.UTF-8"}, ("de_DE", "UTF-8")),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, (None, None)),
        ({}, (None, None)),
        ({"LANG": "C.UTF-8"}, ("en_US", "UTF-8")),
    ],
)
def test_locale(variables, expected, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = localization.locale_info()["locale_info"]
    assert (found["defaultlanguage"], found["defaultencoding"]) == expected


def test_addresses_are_ordered_as_numbers() -> None:
    assert network._all({"a": ["10.0.0.10", "10.0.0.9"], "b": ["10.0.0.9"]}) == ["10.0.0.9", "10.0.0.10"]
    assert network._all({"a": ["fd00::2", "::1"]}) == ["::1", "fd00::2"]
    assert network._all({"lo": []}) == []


def test_a_name_that_no_one_knows_is_the_host_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "find_host", lambda text, name: None)
    monkeypatch.setattr(network, "_look_up", lambda name: None)
    monkeypatch.setattr(network.socket, "gethostname", lambda: "web1.example.test")
    assert network.names() == {
        "fqdn": "web1.example.test",
        "host": "web1",
        "domain": "example.test",
        "fqdn_ip4": [],
        "fqdn_ip6": [],
    }


def test_a_resolver_that_hangs_does_not_hold_the_grains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "getent"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(network, "_LOOKUP_SECONDS", 0.2)
    monkeypatch.setattr(network, "_asks_further", lambda: True)
    assert network._look_up("no-such-host") is None


def test_the_resolver_is_asked_for_what_the_hosts_file_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering = tmp_path / "getent"
    answering.write_text('#!/bin/sh\necho "192.0.2.9 STREAM $2.example.test"\n')
    answering.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(network, "_asks_further", lambda: True)
    assert network._look_up("web1") == ("web1.example.test", ["192.0.2.9"], [])


def test_reverse_names_only_if_asked_for(opts: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering = tmp_path / "getent"
    answering.write_text('#!/bin/sh\necho "192.0.2.9 b.example.test a.example.test"\n')
    answering.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(network, "_is_local", lambda address: False)
    assert network.all_names() == {"fqdns": []}
    opts["enable_fqdns_grains"] = True
    assert network.all_names() == {"fqdns": ["a.example.test", "b.example.test"]}


def test_displays_can_be_turned_off(opts: dict) -> None:
    assert set(hardware.displays()) == {"num_gpus", "gpus"}
    opts["enable_gpu_grains"] = False
    assert hardware.displays() == {}


def test_logical_volume_names_with_dashes() -> None:
    assert storage._split_mapper_name("vg--a-lv--1--x") == ("vg-a", "lv-1-x")


@pytest.mark.behaviour("GRN-03")
def test_only_systemd_and_an_unknown_name_cost_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list = []
    monkeypatch.setattr(network, "_look_up", lambda name: None)
    real = subprocess.Popen

    def counted(argv, **options):
        started.append(argv)
        return real(argv, **options)

    monkeypatch.setattr(subprocess, "Popen", counted)
    everything()
    assert started in ([], [["systemctl", "--version"]])
