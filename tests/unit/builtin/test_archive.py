"""`archive` packs, unpacks and lists: names recorded from Salt 3008.2."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped

import servers

pytestmark = pytest.mark.behaviour("LDR-14")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "ar"
    (folder / "d" / "e").mkdir(parents=True)
    (folder / "d" / "a").write_text("1")
    (folder / "d" / "e" / "b").write_text("2")
    (folder / "d" / "a").chmod(0o640)
    (folder / "d" / "l").symlink_to("a")
    (folder / "topf").write_text("top")
    return folder


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    return Shipped(tmp_path)


@pytest.fixture
def tarball(minion: Shipped, here: Path) -> str:
    path = str(here / "t.tgz")
    assert minion.call("archive.tar", "czf", path, ["d", "topf"], cwd=str(here)) == []
    return path


@pytest.fixture
def zipped(minion: Shipped, here: Path) -> str:
    path = str(here / "z.zip")
    names = minion.call("archive.zip", path, "d", cwd=str(here))
    assert sorted(names) == ["d/", "d/a", "d/e/", "d/e/b", "d/l"]
    return path


def test_a_tar_archive_is_listed(minion: Shipped, tarball: str):
    assert minion.call("archive.list", tarball) == ["d/", "d/a", "d/e/", "d/e/b", "d/l", "topf"]
    assert minion.call("archive.list", tarball, strip_components=1) == ["a", "e/", "e/b", "l"]
    assert minion.call("archive.list", tarball, verbose=True) == {
        "dirs": ["d/", "d/e/"],
        "files": ["d/a", "d/e/b", "topf"],
        "links": ["d/l"],
        "top_level_dirs": ["d/"],
        "top_level_files": ["topf"],
        "top_level_links": [],
    }


def test_tar_unpacks_where_it_is_told(minion: Shipped, here: Path, tarball: str):
    (here / "out").mkdir()
    assert minion.call("archive.tar", "xf", tarball, dest=str(here / "out")) == []
    assert (here / "out" / "d" / "e" / "b").read_text() == "2"
    assert "Cannot open" in minion.call("archive.tar", "xf", str(here / "none.tar"))[0]


def test_a_zip_archive_is_listed_and_unpacked(minion: Shipped, here: Path, zipped: str):
    assert minion.call("archive.list", zipped) == ["d/", "d/a", "d/e/", "d/e/b", "d/l"]
    assert minion.call("archive.is_encrypted", zipped) is False
    assert sorted(minion.call("archive.unzip", zipped, str(here / "u"), excludes="d/e/b")) == [
        "d/",
        "d/a",
        "d/e/",
        "d/l",
    ]
    assert not (here / "u" / "d" / "e" / "b").exists()
    assert (here / "u" / "d" / "a").stat().st_mode & 0o777 == 0o640
    assert minion.call("archive.unzip", zipped, str(here / "v"), trim_output=1)[1:] == ["List trimmed after 1 files."]


def test_parents_of_what_a_zip_archive_holds_are_listed(minion: Shipped, here: Path):
    path = str(here / "z2.zip")
    minion.call("archive.zip", path, [f"{here}/topf"])
    inside = str(here).lstrip("/")
    assert minion.call("archive.list", path) == [f"{inside}/", f"{inside}/topf"]


def test_gzip_and_back(minion: Shipped, here: Path):
    assert minion.call("archive.gzip", str(here / "topf")) == []
    assert minion.call("archive.gunzip", str(here / "topf.gz")) == []
    assert (here / "topf").read_text() == "top"
    assert "No such file" in minion.call("archive.gunzip", str(here / "no.gz"))[0]


def test_the_programs_zip_and_unzip(minion: Shipped, here: Path):
    for name in ("zip", "unzip"):
        servers.program(name)
    path = str(here / "c.zip")
    assert any("adding: d/a" in line for line in minion.call("archive.cmd_zip", path, "d", cwd=str(here)))
    lines = minion.call("archive.cmd_unzip", path, str(here / "cu"), excludes="d/a")
    assert any("d/e/b" in line for line in lines)
    assert not (here / "cu" / "d" / "a").exists()


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("none.tgz", {}, "Failed to list contents of"),
        ("topf", {}, "Unable to guess archive format, please pass an 'archive_format' argument"),
        ("topf", {"archive_format": "bogus"}, "Unsupported archive format 'bogus'"),
        ("topf", {"archive_format": "zip"}, "is not a ZIP file"),
    ],
)
def test_what_is_no_archive_is_named(minion: Shipped, here: Path, name: str, more: dict[str, str], said: str):
    value = minion.outcome("archive.list", str(here / name), **more).value
    assert said in value
    assert f"archive location:\n    {here / name}" in value


def test_paths_must_be_absolute(minion: Shipped):
    assert "Path 'rel.tgz' is not absolute" in minion.outcome("archive.list", "rel.tgz").value
    assert "'cwd'" in minion.outcome("archive.zip", "/tmp/x.zip", "rel").value
