"""The shipped beacons: what they take, and what they tell when."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from saltern.builtin.beacons import (
    cert_info,
    diskusage,
    inotify,
    load,
    log_beacon,
    memusage,
    network_info,
    pkg,
    ps,
    service,
    status,
)

pytestmark = pytest.mark.behaviour("BEA-05")


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ModuleType]:
    """A beacon module with the names that it is injected."""

    def give(module: ModuleType, **functions: Any) -> ModuleType:
        monkeypatch.setattr(module, "__context__", {}, raising=False)
        monkeypatch.setattr(module, "__salt__", functions, raising=False)
        return module

    return give


@pytest.mark.parametrize(
    ("module", "config", "told"),
    [
        (memusage, {}, "Configuration for memusage beacon must be a list."),
        (memusage, [{}], "Configuration for memusage beacon requires percent."),
        (memusage, [{"percent": "much"}], "'much' is no percentage"),
        (diskusage, [{"/": "full"}], "'full' is no percentage"),
        (load, [{}], "Averages configuration is required for load beacon."),
        (load, [{"averages": {"2m": [0, 1]}}], "2m is none of"),
        (load, [{"averages": {"1m": [0]}}], "1m must be a list of two numbers"),
        (ps, [{}], "Configuration for ps beacon requires processes."),
        (ps, [{"processes": []}], "Processes for ps beacon must be a dictionary."),
        (ps, [{"processes": {"a": "asleep"}}], "a is neither running nor stopped"),
        (service, [{}], "Configuration for service beacon requires services."),
        (service, [{"services": ["a"]}], "must be a dictionary of dictionaries"),
        (network_info, [{}], "requires interfaces"),
        (pkg, [{"pkgs": "bash"}], "Configuration for pkg beacon requires list of pkgs."),
        (network_info, [{"interfaces": {"lo": {"speed": 1}}}], "there is no speed"),
        (network_info, [{"interfaces": {"lo": {"type": "less"}}}], "is equal or greater"),
        (log_beacon, [{}], "requires file"),
        (log_beacon, [{"file": "/x"}, {"tags": {"a": {}}}], "a regex each"),
        (log_beacon, [{"file": "/x"}, {"tags": {"a": {"regex": "("}}}], "unterminated"),
        (cert_info, [{}], "must contain files"),
    ],
    ids=lambda one: one.__name__.rpartition(".")[2] if isinstance(one, ModuleType) else "",
)
def test_what_cannot_be_is_refused_with_the_reason(module: Any, config: Any, told: str) -> None:
    is_good, why = module.validate(config)
    assert not is_good
    assert told in why


def test_the_load_is_told_while_it_is_out_of_its_bounds(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    beacon = given(load)
    config = [{"averages": {"1m": [0.0, 2.0]}}, {"_beacon_name": "load"}]
    assert beacon.validate(config)[0]
    now = {"1m": 3.0, "5m": 1.0, "15m": 1.0}
    monkeypatch.setattr("os.getloadavg", lambda: tuple(now.values()))
    assert [beacon.beacon(config) for _ in range(2)] == [[now], [now]]
    now["1m"] = 1.0
    assert beacon.beacon(config) == []
    only_changes = [
        {"averages": {"1m": [0.0, 2.0]}},
        {"onchangeonly": True},
        {"emitatstartup": False},
        {"_beacon_name": "b"},
    ]
    told = []
    for value in (3.0, 3.0, 1.0, 1.0, 3.0):
        now["1m"] = value
        told.append(len(beacon.beacon(only_changes)))
    assert told == [0, 0, 1, 0, 1]


def test_a_service_is_told_each_time_or_when_it_changes(given: Any) -> None:
    state = {"nginx": True}
    beacon = given(service, **{"service.status": lambda name: state[name]})
    each = [{"services": {"nginx": {}}}, {"_beacon_name": "service"}]
    on = {"service_name": "nginx", "tag": "nginx", "nginx": {"running": True}}
    assert [beacon.beacon(each), beacon.beacon(each)] == [[on], [on]]
    changes = [{"services": {"nginx": {"onchangeonly": True, "emitatstartup": False}}}, {"_beacon_name": "other"}]
    assert [beacon.beacon(changes), beacon.beacon(changes)] == [[], []]
    state["nginx"] = False
    assert beacon.beacon(changes) == [{**on, "nginx": {"running": False}}]
    assert beacon.beacon(changes) == []


def test_packages_are_told_when_their_status_changes_as_salt_tells_it(given: Any) -> None:
    versions, newer, refreshed = {"bash": "1", "zsh": "2"}, {"bash": "3"}, []

    def latest(name: str, *, refresh: bool) -> str:
        refreshed.append(refresh)
        return newer.get(name, "")

    beacon = given(pkg, **{"pkg.version": lambda name: versions.get(name, ""), "pkg.latest_version": latest})
    config = [{"pkgs": ["bash", "zsh", "none"]}, {"refresh": True}, {"_beacon_name": "pkg"}]

    def told(one: dict[str, str], which: str, version: str) -> list[tuple[Any, ...]]:
        one[which] = version
        return [(row["pkg"], row["version"], row["status"]) for row in beacon.beacon(config)]

    assert beacon.beacon(config) == []
    assert refreshed == [True, False]
    assert told(versions, "bash", "2") == []
    assert told(newer, "bash", "") == [("bash", "2", "installed")]
    assert told(versions, "zsh", "") == [("zsh", None, "not-installed")]
    assert told(versions, "none", "1") == [("none", "1", "installed")]
    assert told(newer, "bash", "5") == [("bash", "5", "upgrade")]
    assert told(newer, "zsh", "9") == []
    assert told(versions, "zsh", "8") == [("zsh", "9", "upgrade")]


def test_a_status_has_the_keys_that_are_wished(given: Any) -> None:
    beacon = given(
        status, **{"status.loadavg": lambda: {"1-min": 1.0, "5-min": 2.0}, "status.uptime": lambda: {"days": 3}}
    )
    [told] = beacon.beacon([{"loadavg": ["1-min"]}, {"uptime": ["all"]}, {"interval": 5}, {"_beacon_name": "status"}])
    assert told["data"] == {"loadavg": {"1-min": 1.0}, "uptime": {"days": 3}}
    assert datetime.datetime.fromisoformat(told["tag"])
    assert beacon.validate([{"nosuch": ["all"]}])[1].endswith("there is no nosuch.")


def test_a_log_is_read_from_where_it_was_read(given: Any, tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text("hello before\n")
    beacon = given(log_beacon)
    config = [{"file": str(file)}, {"tags": {"greet": {"regex": "hello (.*)"}}}, {"_beacon_name": "log"}]

    def raws() -> list[str]:
        return [one["raw"] for one in beacon.beacon(config)]

    assert raws() == []
    with file.open("a") as added:
        added.write("hello one\nother\nhello tw")
    assert raws() == ["hello one"]
    with file.open("a") as added:
        added.write("o\n\n")
    assert raws() == ["hello two"]
    file.unlink()
    assert raws() == []
    file.write_text("hello new file\n")
    assert raws() == ["hello new file"]
    file.write_text("hello\nhello x\n")
    assert raws() == ["hello x"]


def test_certificates_are_told_that_end_soon(tmp_path: Path) -> None:
    def make(name: str, days: int) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(77)
            .not_valid_before(now - datetime.timedelta(days=100))
            .not_valid_after(now + datetime.timedelta(days=days, hours=1))
            .sign(key, hashes.SHA256())
        )
        place = tmp_path / name
        from cryptography.hazmat.primitives.serialization import Encoding

        place.write_bytes(certificate.public_bytes(Encoding.PEM))
        return place

    soon, later, over = make("soon", 10), make("later", 60), make("over", -5)
    rubbish = tmp_path / "rubbish"
    rubbish.write_text("no certificate")

    def told(*files: Any, **options: Any) -> list[str]:
        config = [{"files": [one if isinstance(one, dict) else str(one) for one in files]}, options]
        found = cert_info.beacon(config)
        return [one["cert_path"].rpartition("/")[2] for event in found for one in event["certificates"]]

    assert told(soon, later, over, rubbish, tmp_path / "missing") == ["soon", "over"]
    assert told(soon, later, notify_days=90) == ["soon", "later"]
    assert told(soon, {str(later): {"notify_days": -1}}, notify_days=5) == ["later"]
    [event] = cert_info.beacon([{"files": [str(over)]}])
    [shown] = event["certificates"]
    assert (shown["has_expired"], shown["serial_number"], shown["subject_dict"]) == (True, "77", {"CN": "over"})
    assert shown["issuer"] == 'CN="over"'


def test_changes_of_files_are_told_with_their_path(given: Any, tmp_path: Path) -> None:
    beacon = given(inotify)
    (tmp_path / "deep").mkdir()
    wanted = {"recurse": True, "auto_add": True, "exclude": [str(tmp_path / "left"), {"[.]swp$": {"regex": True}}]}
    config = [
        {"files": {str(tmp_path): wanted, str(tmp_path / "deep" / "later"): {"mask": "modify"}}},
        {"_beacon_name": "i"},
    ]
    assert beacon.validate(config)[0]

    def told() -> list[tuple[str, str]]:
        return [(str(Path(one["path"]).relative_to(tmp_path)), one["change"]) for one in beacon.beacon(config)]

    assert told() == []
    (tmp_path / "a").write_text("x")
    (tmp_path / "deep" / "b").write_text("")
    (tmp_path / "a.swp").write_text("x")
    (tmp_path / "left").mkdir()
    assert told() == [("a", "IN_CREATE"), ("a", "IN_MODIFY"), ("deep/b", "IN_CREATE")]
    (tmp_path / "left" / "c").write_text("x")
    (tmp_path / "new").mkdir()
    assert told() == [("new", "IN_CREATE|IN_ISDIR")]
    (tmp_path / "new" / "d").write_text("")
    (tmp_path / "a").unlink()
    assert sorted(told()) == [("a", "IN_DELETE"), ("new/d", "IN_CREATE")]
    beacon.close(config)
    assert not beacon.validate([{"files": {"/x": {"mask": ["nosuch"]}}}])[0]
    assert not beacon.validate([{}])[0]
