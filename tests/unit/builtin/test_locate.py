"""`locate` over databases of small trees. The shapes are those of Salt 3008.2."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shipped import Shipped

from servers import program
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("LDR-14")

MLOCATE = """Database /var/lib/mlocate/mlocate.db:
\t19,524 directories
\t209,113 files
\t12,142,033 bytes in file names
\t5,078,000 bytes used to store database
"""
FINDUTILS = """Database /var/cache/locate/locatedb is in the GNU LOCATE02 format.
Database was last modified at 2026:11:27 19:25:43.379744631 +0000
Locate database size: 62 bytes
All Filenames: 5
Of those file names,

\t0 contain whitespace, 
\tand 1 contain characters with the high bit set.
Compression ratio 32.61% (higher is better)
"""  # noqa: W291


@pytest.fixture
def database(tmp_path: Path) -> str:
    program("plocate")
    for name in ("alpha.txt", "sub/alpha.md", "sub/Beta", "sub/two\nlines"):
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).touch()
    path = str(tmp_path / "names.db")
    bare = ["-l", "0", "--prunepaths", "", "--prune-bind-mounts", "no", "--prunefs", ""]
    subprocess.run([program("updatedb"), *bare, "-U", str(tmp_path / "tree"), "-o", path], check=True)
    return path


@pytest.mark.parametrize(
    ("pattern", "options", "found"),
    [
        ("alpha", {}, ["alpha.txt", "sub/alpha.md"]),
        ("alpha", {"limit": 1}, ["alpha.txt"]),
        ("beta", {}, []),
        ("beta", {"ignore": True}, ["sub/Beta"]),
        ("sub", {"basename": True}, ["sub"]),
        ("a.m.$", {"regex": True}, ["sub/alpha.md"]),
        ("two", {"wholename": True}, ["sub/two\nlines"]),
        ("-V", {}, []),
    ],
    ids=map(str, range(8)),  # a pattern in the name of the directory would be found
)
def test_names_are_found(tmp_path: Path, database: str, pattern: str, options: dict[str, object], found: list[str]):
    paths = Shipped(tmp_path).call("locate.locate", pattern, database, **options)
    assert sorted(paths) == [f"{tmp_path}/tree/{name}" for name in found]


def test_a_count_and_mistakes(tmp_path: Path, database: str):
    minion = Shipped(tmp_path)
    assert minion.call("locate.locate", "alpha", database=database, count=True) == ["2"]
    assert minion.call("locate.version")[0].startswith("plocate ")
    assert "does not know basenam, but basename" in minion.outcome("locate.locate", "x", basenam=True).value
    assert "limit is a number, not x" in minion.outcome("locate.locate", "x", database, "x").value
    assert "nosuch" in minion.outcome("locate.locate", "x", f"{tmp_path}/nosuch").value
    assert "invalid option" in minion.outcome("locate.stats").value


@in_throwaway_root
def test_the_database_is_made(tmp_path: Path):
    program("plocate")
    Path("/srv/only-here").touch()
    others = [f"/{one.name}" for one in Path("/").iterdir() if one.name != "srv"]
    Path("/etc/updatedb.conf").write_text(f'PRUNEPATHS="{" ".join(others)}"\nPRUNE_BIND_MOUNTS = "no"\n')
    minion = Shipped(tmp_path)
    assert minion.call("locate.updatedb") == []
    assert minion.call("locate.locate", "only-here") == ["/srv/only-here"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (
            MLOCATE,
            {
                "database": "/var/lib/mlocate/mlocate.db",
                "directories": "19,524",
                "files": "209,113",
                "bytes in file names": "12,142,033",
                "bytes used to store database": "5,078,000",
            },
        ),
        (
            FINDUTILS,
            {
                "database": "/var/cache/locate/locatedb",
                "Locate database size": "62 bytes",
                "All Filenames": "5",
                "contain whitespace": "0",
                "contain characters with the high bit set": "1",
            },
        ),
    ],
)
def test_numbers_of_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, found: dict[str, str]):
    locate = tmp_path / "bin" / "locate"
    locate.parent.mkdir()
    (tmp_path / "said").write_text(said)
    locate.write_text(f'#!/bin/sh\n[ "$*" = -S ] && exec cat {tmp_path}/said\nexit 1\n')
    locate.chmod(0o755)
    monkeypatch.setenv("PATH", f"{locate.parent}:/usr/bin:/bin")
    assert Shipped(tmp_path).call("locate.stats") == found
