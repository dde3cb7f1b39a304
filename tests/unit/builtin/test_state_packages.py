"""`state.pkg`: what is no package, or not the one that was meant, is refused, and what one brings along counts once."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from shipped import Shipped

from saltern.assembly.services import SERVICES

STEP = {"state": "test", "fun": "nop", "name": "a", "__id__": "a", "__sls__": "x", "__env__": "base", "order": 1}


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    made = Shipped(tmp_path)
    made.space.scope.services = SERVICES
    return made


def packed(folder: Path, members: dict[str, Any]) -> tuple[str, str]:
    """An archive with these members, as text or as JSON; its path and its digest."""
    file = folder / "package.tgz"
    with tarfile.open(file, "w:gz") as tar:
        for name, held in members.items():
            data = held.encode() if isinstance(held, str) else json.dumps(held).encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return str(file), digest_of(str(file))


def digest_of(file: str) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


def refused(minion: Shipped, said: str, file: str, digest: str, kind: str = "sha256") -> None:
    done = minion.outcome("state.pkg", file, digest, kind)
    assert done.faults
    assert said in done.value


@pytest.mark.behaviour("STA-20")
@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({}, "it has no lowstate.json"),
        ({"lowstate.json": "["}, "lowstate.json: Input data was truncated"),
        ({"lowstate.json": {}}, "lowstate.json: Expected `array | null`, got `object`"),
        ({"lowstate.json": [{"state": "test", "fun": "nop"}]}, "chunk 0 has no name, __id__, __sls__, __env__"),
        ({"lowstate.json": [STEP], "pillar.json": [1]}, "pillar.json: Expected `object | null`, got `array`"),
        ({"../outside": "x", "lowstate.json": [STEP]}, "outside the destination"),
    ],
)
def test_what_is_no_package_is_refused(minion: Shipped, tmp_path: Path, members: dict[str, Any], said: str):
    refused(minion, said, *packed(tmp_path, members))
    assert not (tmp_path.parent / "outside").exists()


def test_what_is_no_archive_or_another_one_than_was_meant_is_refused(minion: Shipped, tmp_path: Path):
    file, digest = packed(tmp_path, {"lowstate.json": [STEP]})
    refused(minion, f"The sha256 of {file} is {digest}, and not abc", file, "abc")
    refused(minion, "There is no hash named sha0", file, digest, "sha0")
    refused(minion, f"There is no state package {tmp_path}/lost.tgz", f"{tmp_path}/lost.tgz", digest)
    Path(file).write_bytes(b"no archive")
    refused(minion, "cannot be unpacked as a state package", file, digest_of(file))


def test_a_package_that_was_cut_off_is_refused(minion: Shipped, tmp_path: Path):
    noise = "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(2000))
    file, _ = packed(tmp_path, {"lowstate.json": [STEP], "base/file": noise})
    Path(file).write_bytes(Path(file).read_bytes()[:9000])
    refused(minion, "cannot be unpacked as a state package", file, digest_of(file))


def test_what_a_package_brings_along_counts_for_its_run_alone(minion: Shipped, tmp_path: Path):
    minion.write("base/note.txt", "of the minion")
    out = tmp_path / "out"
    managed = STEP | {"state": "file", "fun": "managed", "name": str(out), "source": "salt://note.txt"}
    package = {"lowstate.json": [managed], "base/note.txt": "of the package", "pillar.json": {"who": "package"}}
    (done,) = minion.call("state.pkg", *packed(tmp_path, package), "sha256").values()
    assert (done["result"], out.read_text()) == (True, "of the package")
    assert minion.call("pillar.get", "who") == ""
    assert minion.call("cp.get_file_str", "salt://note.txt") == "of the minion"
