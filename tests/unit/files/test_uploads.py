"""Files that minions send lie in a directory of their own and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from saltern.errors import ArgumentError, PermissionRefused
from saltern.files.uploads import Uploads

pytestmark = pytest.mark.behaviour("FS-05")


def uploads(folder: Path, **options: Any) -> Uploads:
    return Uploads(folder, **{"allowed": True, "max_bytes": 1 << 20, **options})


def test_a_file_in_pieces_takes_its_place_when_it_is_whole(tmp_path: Path):
    here = uploads(tmp_path)
    here.push("m1", {"path": "etc/motd", "data": b"hello ", "offset": 0, "last": False})
    assert not (tmp_path / "m1" / "files" / "etc" / "motd").exists()
    here.push("m1", {"path": "etc/motd", "data": b"world", "offset": 6, "last": True})
    assert (tmp_path / "m1" / "files" / "etc" / "motd").read_bytes() == b"hello world"
    assert [path.name for path in (tmp_path / "m1" / "files" / "etc").iterdir()] == ["motd"]


def test_a_piece_that_does_not_follow_the_last_one_is_refused(tmp_path: Path):
    here = uploads(tmp_path)
    here.push("m1", {"path": "f", "data": b"abc", "offset": 0, "last": False})
    with pytest.raises(ArgumentError, match="before byte 9"):
        here.push("m1", {"path": "f", "data": b"x", "offset": 9, "last": True})


@pytest.mark.parametrize("path", ["/etc/passwd", "../m2/files/x", "a/../../x", "", "a\0b", "a//b", "."])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, path: str):
    with pytest.raises(ArgumentError, match="no path"):
        uploads(tmp_path).push("m1", {"path": path, "data": b"x"})
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large_is_refused(tmp_path: Path):
    here = uploads(tmp_path, max_bytes=1 << 20)
    with pytest.raises(PermissionRefused, match="larger than 1 MiB"):
        here.push("m1", {"path": "f", "data": b"x", "offset": 1 << 20})


def test_nothing_is_taken_where_it_is_not_allowed(tmp_path: Path):
    with pytest.raises(PermissionRefused, match="takes no files"):
        uploads(tmp_path, allowed=False).push("m1", {"path": "f", "data": b"x"})
    assert list(tmp_path.iterdir()) == []


def test_arguments_of_another_shape_are_refused(tmp_path: Path):
    with pytest.raises(ArgumentError, match="file_push"):
        uploads(tmp_path).push("m1", {"path": 5, "data": b"x"})
