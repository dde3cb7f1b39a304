from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from saltern.errors import ArgumentError, ProtocolError
from saltern.files.backends.memory import MemoryTree
from saltern.files.client import sync_directory, sync_directory_async
from saltern.files.serve import CHUNK, file_verbs

pytestmark = pytest.mark.behaviour("LDR-08")


class Master:
    """Answers the verbs over a tree in memory, and counts the questions."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []
        self._verbs = file_verbs(MemoryTree({"base": files}))

    def __call__(self, verb: str, args: dict[str, Any]) -> Any:
        self.asked.append(verb)
        return self._verbs[verb](args)


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_the_first_time_everything_is_fetched(tmp_path: Path):
    master = Master({"_modules/a.py": b"a", "_modules/pack/__init__.py": b"", "_states/s.py": b"s", "top.sls": b"t"})
    assert sync_directory(master, "base", "_modules", tmp_path / "modules") == ["a.py", "pack/__init__.py"]
    assert contents(tmp_path / "modules") == {"a.py": b"a", "pack/__init__.py": b""}
    assert stat.S_IMODE((tmp_path / "modules" / "a.py").stat().st_mode) == 0o600


def test_afterwards_only_what_changed_is_fetched(tmp_path: Path):
    master = Master({"_modules/a.py": b"a", "_modules/b.py": b"b"})
    sync_directory(master, "base", "_modules", tmp_path)
    master.asked.clear()
    assert sync_directory(master, "base", "_modules", tmp_path) == []
    assert master.asked == ["file_list", "file_hash"]
    master.files["_modules/b.py"] = b"new"
    assert sync_directory(master, "base", "_modules/", tmp_path) == ["b.py"]
    assert contents(tmp_path) == {"a.py": b"a", "b.py": b"new"}


def test_what_vanished_is_removed_with_its_byte_code(tmp_path: Path):
    master = Master({"_modules/a.py": b"a", "_modules/old/b.py": b"b"})
    sync_directory(master, "base", "_modules", tmp_path)
    for cached in ("__pycache__/a.cpython-311.pyc", "old/__pycache__/b.cpython-311.pyc"):
        (tmp_path / cached).parent.mkdir(exist_ok=True)
        (tmp_path / cached).write_bytes(b"")
    del master.files["_modules/old/b.py"]
    assert sync_directory(master, "base", "_modules", tmp_path, clean=False) == []
    assert sync_directory(master, "base", "_modules", tmp_path) == ["old/b.py"]
    assert sorted(contents(tmp_path)) == ["__pycache__/a.cpython-311.pyc", "a.py"]
    assert not (tmp_path / "old").exists()


def test_a_local_change_is_undone(tmp_path: Path):
    master = Master({"_modules/a.py": b"a"})
    sync_directory(master, "base", "_modules", tmp_path)
    (tmp_path / "a.py").write_bytes(b"changed here")
    assert sync_directory(master, "base", "_modules", tmp_path) == ["a.py"]
    assert contents(tmp_path) == {"a.py": b"a"}


@pytest.mark.behaviour("FS-03")
@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_files_of_any_size_come_in_pieces(tmp_path: Path, size: int):
    content = bytes(number % 251 for number in range(size))
    sync_directory(Master({"_modules/big": content}), "base", "_modules", tmp_path)
    assert contents(tmp_path) == {"big": content}


async def test_an_asynchronous_link_does_as_well(tmp_path: Path):
    master = Master({"_modules/a.py": b"a"})

    async def request(verb: str, args: dict[str, Any]) -> Any:
        return master(verb, args)

    assert await sync_directory_async(request, "base", "_modules", tmp_path) == ["a.py"]


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path: Path):
    master = Master({"_modules/a.py": b"old"})

    def request(verb: str, args: dict[str, Any]) -> Any:
        if verb == "file_read" and master.asked.count("file_read") == 0:
            master.files["_modules/a.py"] = b"new content"
        return master(verb, args)

    assert sync_directory(request, "base", "_modules", tmp_path) == ["a.py"]
    assert contents(tmp_path) == {"a.py": b"new content"}


def test_content_that_never_fits_its_digest_is_refused_and_nothing_is_left_behind(tmp_path: Path):
    (tmp_path / "a.py").write_bytes(b"before")
    master = Master({"_modules/a.py": b"a"})

    def request(verb: str, args: dict[str, Any]) -> Any:
        answer = master(verb, args)
        return b"other" if verb == "file_read" and answer else answer

    with pytest.raises(ProtocolError, match="is not what"):
        sync_directory(request, "base", "_modules", tmp_path)
    assert contents(tmp_path) == {"a.py": b"before"}


@pytest.mark.behaviour("FS-03")
@pytest.mark.parametrize("path", ["_modules/../../x", "/etc/x", "_states/x", "_modules/a\0b", "_modules//x", 7])
def test_a_master_cannot_make_a_minion_write_elsewhere(tmp_path: Path, path):
    with pytest.raises(ProtocolError, match="outside"):
        sync_directory(lambda verb, args: [path], "base", "_modules", tmp_path / "modules")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("verb", "args"),
    [
        ("file_list", {"saltenv": 1}),
        ("file_hash", {}),
        ("file_hash", {"paths": "a"}),
        ("file_hash", {"paths": ["a"] * 20_000}),
        ("file_read", {"path": "a", "offset": "0"}),
    ],
)
def test_arguments_of_another_shape_are_refused(verb: str, args: dict[str, Any]):
    with pytest.raises(ArgumentError):
        file_verbs(MemoryTree({}))[verb](args)


def test_a_read_gives_one_piece_however_much_is_there():
    verbs = file_verbs(MemoryTree({"base": {"f": b"x" * (CHUNK * 2)}}))
    assert len(verbs["file_read"]({"path": "f"})) == CHUNK
    assert len(verbs["file_read"]({"path": "f", "offset": CHUNK + 1})) == CHUNK - 1
    assert verbs["file_read"]({"path": "none"}) is None
