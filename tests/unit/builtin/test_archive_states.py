"""Archives that are unpacked as a state; comments and changes are those of Salt 3008.2."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from shipped import Shipped

from servers import program

ABSENT = ", due to absence of one or more files/dirs"
THERE = "All files in archive are already present"


@pytest.fixture
def work(tmp_path) -> Path:
    script = (
        "mkdir -p top/sub; echo hi > top/a; echo ho > top/sub/b; tar czf t.tar.gz top; tar cf flat.tar -C top a sub\n"
        "python3 -m zipfile -c z.zip top/; sha256sum t.tar.gz > t.sha256; mkdir base; cp t.tar.gz z.zip base/\n"
    )
    subprocess.run(["sh", "-ec", script], cwd=tmp_path, check=True)
    return tmp_path


@pytest.fixture
def minion(work) -> Shipped:
    return Shipped(work, test=False)


def unpacked(minion: Shipped, name: Path, source: Path | str, **options: Any) -> dict[str, Any]:
    return minion.state("archive.extracted", str(name), source=str(source), **options)


def test_an_archive_is_unpacked(minion, work):
    place, source = work / "o", work / "t.tar.gz"
    foreseen = unpacked(minion, place, source, test=True)
    assert foreseen["comment"] == f"Archive {source} would be extracted to {place}/{ABSENT}"
    assert (foreseen["result"], place.exists()) == (None, False)
    done = unpacked(minion, place, source)
    assert done["comment"] == f"{source} extracted to {place}/{ABSENT}. Output was trimmed to False number of lines"
    assert done["changes"].pop("directories_created") == [f"{place}/"]
    assert sorted(done["changes"].pop("extracted_files")) == ["top", "top/a", "top/sub", "top/sub/b"]
    assert done["changes"] == {}
    assert (place / "top/sub/b").read_text() == "ho\n"
    for test in (True, False):
        again = unpacked(minion, place, source, test=test)
        assert (again["result"], again["comment"], again["changes"]) == (True, THERE, {})
    (place / "top/a").unlink()
    assert unpacked(minion, place, source, test=True)["result"] is None
    assert unpacked(minion, place, source)["result"] is True
    done = unpacked(minion, place, source, overwrite=True)
    assert done["comment"] == f"{source} extracted to {place}/. Output was trimmed to False number of lines"


def test_places_are_cleaned(minion, work):
    place, source = work / "o", work / "t.tar.gz"
    unpacked(minion, place, source)
    (place / "top/mine").write_text("x")
    (place / "beside").write_text("x")
    foreseen = unpacked(minion, place, source, clean=True, overwrite=True, test=True)
    assert foreseen["comment"].endswith(f"extracted to {place}/, after cleaning destination path(s)")
    done = unpacked(minion, place, source, clean=True, overwrite=True)
    assert done["changes"]["removed"] == [f"{place}/top/"]
    assert ((place / "top/mine").exists(), (place / "beside").exists()) == (False, True)
    done = unpacked(minion, place, source, clean_parent=True, overwrite=True)
    assert done["changes"]["removed"] == [f"{place}/"]
    assert not (place / "beside").exists()
    refused = unpacked(minion, place, source, clean=True, clean_parent=True)
    assert refused["comment"] == "Only one of 'clean' and 'clean_parent' can be set to True"


def test_something_else_is_in_the_way(minion, work):
    place, source = work / "o", work / "t.tar.gz"
    (place / "top/a").mkdir(parents=True)
    refused = unpacked(minion, place, source)
    assert refused["comment"] == (
        f"The below paths (relative to {place}/) exist, but are the incorrect type (file instead of directory, symlink"
        " instead of file, etc.). To proceed with extraction, set 'force' to True. Note that this will remove these"
        " paths before extracting.\n\n- top/a"
    )
    foreseen = unpacked(minion, place, source, force=True, test=True)
    assert (foreseen["result"], foreseen["changes"]) == (None, {"removed": [f"{place}/top/a"]})
    done = unpacked(minion, place, source, force=True)
    assert (done["result"], (place / "top/a").read_text()) == (True, "hi\n")


def test_names_that_lead_out_of_the_directory(minion, work):
    place, beside = work / "in/o", work / "in/beside"
    beside.mkdir(parents=True)
    (beside / "kept").write_text("x")
    with zipfile.ZipFile(work / "out.zip", "w") as archive:
        archive.writestr("top/a", "hi")
        archive.writestr("../beside", "ho")
    given = {"force": True, "enforce_toplevel": False, "user": "daemon"}
    owner = beside.stat().st_uid
    assert unpacked(minion, place, work / "out.zip", test=True, **given)["changes"] == {}
    assert unpacked(minion, place, work / "out.zip", **given)["result"] is True
    assert ((place / "beside").read_text(), (beside / "kept").read_text()) == ("ho", "x")
    assert beside.stat().st_uid == owner
    again = unpacked(minion, place, work / "out.zip", **given)
    assert (again["result"], again["comment"], again["changes"]) == (True, THERE, {})


def test_digests(minion, work):
    place, source = work / "o", work / "t.tar.gz"
    wrong = unpacked(minion, place, source, source_hash=f"sha256={'0' * 64}")
    assert wrong["comment"] == f"{source} does not match the desired source_hash {'0' * 64}"
    assert unpacked(minion, place, source, source_hash="abc")["comment"].startswith(
        "Source hash abc format is invalid."
    )
    assert unpacked(minion, place, source, source_hash=str(work / "t.sha256"))["result"] is True
    refused = unpacked(minion, place, "http://127.0.0.1:1/x.tar.gz")
    assert refused["comment"] == (
        "Unable to verify upstream hash of source file http://127.0.0.1:1/x.tar.gz, please set source_hash or set"
        " skip_verify or use_etag to True"
    )
    kept = {"if_missing": str(place), "source_hash_update": True}
    digest = (work / "t.sha256").read_text().split()[0]
    (place / "top/a").unlink()
    assert (
        unpacked(minion, place, source, source_hash=digest, overwrite=True, source_hash_update=True)["result"] is True
    )
    assert unpacked(minion, place, source, source_hash=digest, **kept)["comment"] == f"Path {place} exists"
    subprocess.run(
        ["sh", "-ec", "echo new > top/a; tar czf t.tar.gz top; sha256sum t.tar.gz > t.sha256"], cwd=work, check=True
    )
    digest = (work / "t.sha256").read_text().split()[0]
    assert unpacked(minion, place, source, source_hash=digest, **kept)["result"] is True
    assert (place / "top/a").read_text() == "new\n"


def test_signatures(minion, work):
    home = work / "g"
    home.mkdir(mode=0o700)
    gpg = [program("gpg"), "--homedir", str(home), "--batch", "--pinentry-mode", "loopback", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-gen-key", "a@x", "ed25519", "sign", "never"], check=True, capture_output=True)
    subprocess.run([*gpg, "--detach-sign", "t.tar.gz"], cwd=work, check=True, capture_output=True)
    signed = {"signature": str(work / "t.tar.gz.sig"), "gnupghome": str(home)}
    try:
        assert unpacked(minion, work / "o", work / "t.tar.gz", **signed)["result"] is True
        (work / "t.tar.gz").write_bytes((work / "flat.tar").read_bytes())
        refused = unpacked(minion, work / "o2", work / "t.tar.gz", **signed)
        assert refused["comment"] == f"Failed verifying {work}/t.tar.gz: The signature could not be verified."
        assert not (work / "o2").exists()
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"source": "@/nosuch.tar.gz"}, "Source file '@/nosuch.tar.gz' does not exist"),
        (
            {"source": "@/t.sha256", "archive_format": "foo"},
            "Invalid archive_format 'foo'. Either set it to a supported",
        ),
        ({"source": "@/t.sha256"}, "Could not guess archive_format from the value of the 'source' argument."),
        ({"source": "@/t.tar.gz", "password": "x"}, "The 'password' argument is only supported for zip archives"),
        ({"source": "@/t.tar.gz", "user": "nosuchuser"}, "User nosuchuser does not exist"),
        (
            {"source": "@/t.tar.gz", "enforce_ownership_on": "/x"},
            "Value for 'enforce_ownership_on' must be within @/o/",
        ),
        (
            {"source": "@/t.tar.gz", "trim_output": "x"},
            "Invalid value for trim_output, must be True/False or an integer",
        ),
        ({"source": "@/flat.tar"}, "Archive does not have a single top-level directory. To allow this archive"),
        ({"source": "salt://nosuch.tar.gz"}, "Failed to cache salt://nosuch.tar.gz, check minion log for more"),
    ],
)
def test_what_is_refused(minion, work, options, said):
    given = {key: value.replace("@", str(work)) for key, value in options.items()}
    done = minion.state("archive.extracted", str(work / "o"), **given)
    assert (done["result"], done["changes"]) == (False, {})
    assert done["comment"].startswith(said.replace("@", str(work)))


def test_other_forms(minion, work):
    assert unpacked(minion, work / "o1", work / "flat.tar", enforce_toplevel=False)["result"] is True
    stripped = {"options": "--strip-components=1", "enforce_toplevel": False}
    assert unpacked(minion, work / "o2", work / "t.tar.gz", **stripped)["result"] is True
    assert (work / "o2/sub/b").exists()
    assert unpacked(minion, work / "o2", work / "t.tar.gz", **stripped)["changes"] == {}
    done = unpacked(minion, work / "o3", "salt://z.zip", trim_output=1)
    assert done["changes"]["extracted_files"] == ["top/", "List trimmed after 1 files."]
    assert done["comment"] == (f"salt://z.zip extracted to {work}/o3/{ABSENT}. Output was trimmed to 1 number of lines")
    program("unzip")
    done = unpacked(minion, work / "o3", "salt://z.zip", use_cmd_unzip=True, overwrite=True)
    assert done["result"] is True, done["comment"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_owners(minion, work):
    place, source = work / "o", work / "flat.tar"
    wanted = {"enforce_toplevel": False, "user": "nobody", "group": "nogroup"}
    unpacked(minion, place, source, enforce_toplevel=False)
    foreseen = unpacked(minion, place, source, test=True, **wanted)
    done = unpacked(minion, place, source, **wanted)
    assert foreseen["changes"] == done["changes"] == {"updated ownership": True}
    assert (foreseen["result"], done["result"], done["comment"]) == (None, True, THERE)
    assert (place / "sub/b").owner() == "nobody"
    assert unpacked(minion, place, source, **wanted)["changes"] == {}
