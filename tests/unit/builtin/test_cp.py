"""`cp` as a minion calls it. Values are those that Salt 3008.2 gives for the same tree."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shipped import Shipped

from ftp_server import ftp_server
from mirrored_trees import sums_of
from web_services import Bucket

pytestmark = pytest.mark.behaviour("FS-03", "FS-04", "FS-08")


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    made = Shipped(tmp_path)
    for path, text in (
        ("base/a.txt", "content a\n"),
        ("base/sub/b.txt", "b\n"),
        ("base/sub/init.sls", "x: 1\n"),
        ("base/sub/deep/zero", ""),
        ("base/top.sls", "base: {}\n"),
        ("dev/d.txt", "dev\n"),
    ):
        made.write(path, text)
    (tmp_path / "base" / "empty").mkdir()
    (tmp_path / "base" / "link.txt").symlink_to("a.txt")
    return made


def cached(minion: Shipped, path: str) -> str:
    return str(minion.work / "cache" / "files" / path)


def test_what_the_tree_holds(minion: Shipped):
    files = ["a.txt", "link.txt", "sub/b.txt", "sub/deep/zero", "sub/init.sls", "top.sls"]
    assert minion.call("cp.list_master") == files
    assert minion.call("cp.list_master", prefix="sub/") == ["sub/b.txt", "sub/deep/zero", "sub/init.sls"]
    assert minion.call("cp.list_master_dirs") == ["empty", "sub", "sub/deep"]
    assert minion.call("cp.list_master_symlinks") == {"link.txt": "a.txt"}
    assert minion.call("cp.list_states") == ["sub", "top"]
    assert minion.call("cp.envs") == ["base", "dev"]
    assert minion.call("cp.list_master", saltenv="nosuch") == []


def test_a_file_is_brought_once_and_again_when_it_changed(minion: Shipped):
    place = minion.call("cp.cache_file", "salt://a.txt")
    assert place == cached(minion, "base/a.txt")
    asked = [verb for verb, _ in minion.asked].count("file_read")
    assert minion.call("cp.cache_file", "salt://a.txt") == place
    assert [verb for verb, _ in minion.asked].count("file_read") == asked
    minion.write("base/a.txt", "changed")
    assert Path(minion.call("cp.cache_file", "salt://a.txt")).read_text() == "changed"


def test_a_copy_that_was_damaged_is_brought_again(minion: Shipped):
    place = Path(minion.call("cp.cache_file", "salt://a.txt"))
    place.write_text("damaged")
    assert minion.call("cp.get_file_str", "salt://a.txt") == "content a\n"


def test_environments_by_argument_and_by_url(minion: Shipped):
    assert minion.call("cp.cache_file", "salt://d.txt", saltenv="dev") == cached(minion, "dev/d.txt")
    assert minion.call("cp.get_file_str", "salt://d.txt?saltenv=dev") == "dev\n"
    assert minion.call("cp.cache_file", "salt://d.txt") is False


def test_a_file_that_is_not_there(minion: Shipped):
    assert minion.call("cp.cache_file", "salt://none") is False
    assert minion.call("cp.get_file_str", "salt://none") is False
    assert minion.call("cp.get_file", "salt://none", str(minion.work / "x")) == ""
    assert minion.call("cp.get_file", "salt://sub", str(minion.work / "x")) == ""
    assert minion.call("cp.get_file", "salt://../cache/x", str(minion.work / "x")) == ""
    assert minion.call("cp.get_url", "salt://none", str(minion.work / "x")) is False
    assert minion.call("cp.hash_file", "salt://none") == ""
    assert minion.call("cp.stat_file", "salt://none") is None
    assert minion.call("cp.cache_dir", "salt://nodir") == []
    assert not (minion.work / "x").exists()


def test_files_are_put_where_they_are_wanted(minion: Shipped):
    work = minion.work
    assert minion.call("cp.get_file", "salt://a.txt", f"{work}/new/", makedirs=True) == f"{work}/new/a.txt"
    assert minion.call("cp.get_file", "salt://a.txt", f"{work}/other/") is False
    assert minion.call("cp.get_url", "salt://a.txt", f"{work}/u") == f"{work}/u"
    assert minion.call("cp.get_url", "salt://a.txt") == cached(minion, "base/a.txt")
    assert minion.call("cp.get_url", "salt://a.txt", None) == "content a\n"
    assert minion.call("cp.get_url", f"file://{work}/u", f"{work}/v") == f"{work}/u"
    assert (work / "u").read_text() == "content a\n"


def test_a_place_keeps_its_mode(minion: Shipped):
    place = minion.write("kept", "old")
    place.chmod(0o640)
    minion.call("cp.get_file", "salt://a.txt", str(place))
    assert (place.read_text(), place.stat().st_mode & 0o777) == ("content a\n", 0o640)


def test_directories(minion: Shipped):
    below = [cached(minion, f"base/sub/{name}") for name in ("b.txt", "deep/zero", "init.sls")]
    assert minion.call("cp.cache_dir", "salt://sub") == below
    assert minion.call("cp.cache_dir", "salt://sub", include_pat="*.txt") == below[:1]
    assert minion.call("cp.cache_dir", "salt://sub", exclude_pat="E@sls$") == below[:2]
    assert cached(minion, "base/empty") in minion.call("cp.cache_dir", "salt://", include_empty=True)
    target = minion.work / "target"
    got = minion.call("cp.get_dir", "salt://sub", str(target))
    assert got == [f"{target}/sub/b.txt", f"{target}/sub/deep/zero", f"{target}/sub/init.sls"]
    assert cached(minion, "base/a.txt") in minion.call("cp.cache_master")
    assert cached(minion, "base/a.txt") in minion.call("cp.list_minion")


def test_the_minions_own_files(minion: Shipped):
    own = str(minion.write("own", "mine"))
    assert minion.call("cp.cache_file", own) == own
    assert minion.call("cp.cache_file", "/nonexistent") is False
    assert "not absolute" in minion.outcome("cp.cache_file", "own").value
    local = minion.call("cp.cache_local_file", own)
    assert local == f"{minion.work}/cache/localfiles{own}"
    assert minion.call("cp.is_cached", own) == local
    assert minion.call("cp.cache_local_file", "/nonexistent") == ""
    assert minion.call("cp.hash_file", own)["hsum"].startswith("9f86") is False
    assert minion.call("cp.stat_file", own) == "0644"
    assert minion.call("cp.stat_file", "salt://a.txt", octal=False) == 0o100644


def test_places_without_a_file(minion: Shipped):
    assert minion.call("cp.is_cached", "salt://a.txt") == ""
    assert minion.call("cp.cache_dest", "salt://a.txt") == cached(minion, "base/a.txt")
    outside = f"{minion.work}/cache/extrn_files/base/h.example/x/y"
    assert minion.call("cp.cache_dest", "http://u:secret@h.example/x/y") == outside
    assert "leads out" in minion.outcome("cp.cache_dest", "http://h.example/../../x").value


class Web(http.server.BaseHTTPRequestHandler):
    """Serves one file behind a password, and says what it was asked."""

    asked: list[str] = []  # noqa: RUF012  (one for the server)

    def do_GET(self) -> None:
        Web.asked.append(self.headers.get("If-None-Match", ""))
        if self.headers.get("Authorization") != "Basic dTpwdw==":
            self.send_error(403, "Forbidden")
        elif self.headers.get("If-None-Match") == '"1"':
            self.send_response(304)
            self.end_headers()
        else:
            self.send_response(200)
            self.send_header("ETag", '"1"')
            self.end_headers()
            self.wfile.write(b"from afar")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def web() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Web.asked.clear()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_files_from_other_servers(minion: Shipped, web: int):
    url = f"http://u:pw@127.0.0.1:{web}/x?token=secret"
    place = minion.call("cp.cache_file", url)
    assert place == f"{minion.work}/cache/extrn_files/base/127.0.0.1:{web}/x-token=secret"
    assert Path(place).read_text() == "from afar"
    assert minion.call("cp.get_url", url, None) == "from afar"


def test_an_etag_saves_reading_a_file_again(minion: Shipped, web: int):
    url = f"http://u:pw@127.0.0.1:{web}/x"
    for _ in range(2):
        assert Path(minion.call("cp.cache_file", url, use_etag=True)).read_text() == "from afar"
    assert Web.asked == ["", '"1"']


def test_a_known_digest_saves_reading_a_file_again(minion: Shipped, web: int):
    url = f"http://u:pw@127.0.0.1:{web}/x"
    digest = "sha256=" + minion.call("cp.hash_file", minion.call("cp.cache_file", url))["hsum"]
    minion.call("cp.cache_file", url, source_hash=digest)
    assert len(Web.asked) == 1


def test_a_server_that_refuses_is_named_without_secrets(minion: Shipped, web: int):
    said = minion.outcome("cp.cache_file", f"http://u:wrong@127.0.0.1:{web}/x?token=secret").value
    assert f"HTTP 403: Forbidden reading http://127.0.0.1:{web}/x" in said
    assert "wrong" not in said
    assert "secret" not in said
    assert "Connection refused" in minion.outcome("cp.cache_file", "http://127.0.0.1:1/x").value
    assert "bogus" in minion.outcome("cp.cache_file", "bogus://a").value


def test_files_that_come_with_a_job(minion: Shipped):
    work = minion.work
    assert minion.call("cp.recv", {"/src/one": "1", "/src/two": b"2"}, str(work)) == {
        f"{work}/one": True,
        f"{work}/two": True,
    }
    assert minion.call("cp.recv", {"x": "y"}, str(work / "no" / "such" / "place")) == {f"{work}/no/such/place": True}
    assert minion.call("cp.recv_chunked", f"{work}/c", "aGk=", compressed=False, mode=0o100600) is True
    assert minion.call("cp.recv_chunked", f"{work}/c", "IQ==", compressed=False, append=True) is True
    assert ((work / "c").read_text(), (work / "c").stat().st_mode & 0o777) == ("hi!", 0o600)
    assert "incorrect" in minion.call("cp.recv_chunked", f"{work}/c", "aGk=")


def test_files_are_pushed_in_pieces(minion: Shipped):
    big = minion.write("big", "x" * 300_000)
    assert minion.call("cp.push", str(big), upload_path="/new/name") is True
    sent = [args for verb, args in minion.asked if verb == "file_push"]
    assert [(one["path"], one["offset"], one["last"]) for one in sent] == [
        ("new/name", 0, False),
        ("new/name", 262_144, True),
    ]
    assert minion.call("cp.push", "/nonexistent") is False
    assert "not an absolute path" in minion.outcome("cp.push", "relative").value
    assert minion.call("cp.push_dir", str(minion.work / "base" / "sub"), glob="*.txt") is True


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "ftp"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "x.txt").write_text("by ftp")
    return folder


def test_files_by_ftp(minion: Shipped, files: Path):
    with ftp_server(files) as address:
        place = minion.call("cp.cache_file", f"ftp://{address}/sub/x.txt")
        assert place == f"{minion.work}/cache/extrn_files/base/{address}/sub/x.txt"
        assert Path(place).read_text() == "by ftp"
        said = minion.outcome("cp.cache_file", f"ftp://{address}/none").value
        assert f"Could not retrieve ftp://{address}/none from FTP server. Exception: " in said
        target = str(minion.work / "managed")
        sources = [f"ftp://{address}/none", f"ftp://{address}/sub/x.txt"]
        assert minion.state("file.managed", target, source=sources, skip_verify=True)["result"] is True
        assert Path(target).read_text() == "by ftp"
    with ftp_server(files, ("joe", "s3cret")) as address:
        assert minion.call("cp.get_url", f"ftp://joe:s3cret@{address}/sub/x.txt", None) == "by ftp"
        said = minion.outcome("cp.cache_file", f"ftp://joe:wr0ng@{address}/sub/x.txt").value
        assert f"Could not retrieve ftp://{address}/sub/x.txt from FTP server." in said
        assert "wr0ng" not in said


def with_s3(tmp_path: Path, bucket: Bucket, **pillar: str) -> Shipped:
    service = {"s3.service_url": bucket.url, "s3.path_style": True, "s3.keyid": "AK"}
    return Shipped(tmp_path, pillar={"s3": pillar}, **service)


def test_objects_of_s3(tmp_path: Path):
    with Bucket("b", "AK", "secret") as bucket:
        bucket.objects["dir/a b.txt"] = b"stored"
        minion = with_s3(tmp_path, bucket, key="secret")
        place = minion.call("cp.cache_file", "s3://b/dir/a b.txt")
        assert place == f"{tmp_path}/cache/extrn_files/base/b/dir/a b.txt"
        assert Path(place).read_text() == "stored"
        minion.call("cp.cache_file", "s3://b/dir/a b.txt")
        assert [asked.method for asked in bucket.asked] == ["HEAD", "GET", "HEAD"]
        bucket.objects["dir/a b.txt"] = b"later"
        assert minion.call("cp.get_url", "s3://b/dir/a b.txt", None) == "later"
        said = minion.outcome("cp.cache_file", "s3://b/none").value
        assert "Could not fetch from s3://b/none. Exception: there is no such object" in said


def test_a_managed_file_from_s3(tmp_path: Path):
    target = str(tmp_path / "managed")
    with Bucket("b", "AK", "secret") as bucket:
        bucket.objects |= {"f": b"stored", "f.sha256": sums_of({"f": b"stored"})}
        minion = with_s3(tmp_path, bucket, key="secret")
        done = minion.state("file.managed", target, source="s3://b/f", source_hash="s3://b/f.sha256")
        assert (done["result"], done["changes"]) == (True, {"diff": "New file", "mode": "0644"})
        assert minion.state("file.managed", target, source="s3://b/f", source_hash="s3://b/f.sha256")["changes"] == {}
        listed = minion.state("file.managed", target, source=["s3://b/no", {"s3://b/f": None}], skip_verify=True)
        assert listed["comment"] == f"File {target} is in the correct state"


def test_a_store_that_refuses_is_named_without_secrets(tmp_path: Path):
    with Bucket("b", "AK", "secret") as bucket:
        said = with_s3(tmp_path, bucket, key="wr0ng").outcome("cp.cache_file", "s3://b/f").value
    assert "Could not fetch from s3://b/f. Exception: The object store answers 403" in said
    assert "wr0ng" not in said


def test_what_cannot_be_read_says_what_can(minion: Shipped):
    said = minion.outcome("cp.cache_file", "swift://container/f").value
    assert "Files are not read from swift:// here. What can be read is: salt, file, http, https, ftp, s3." in said
    state = minion.state("file.managed", str(minion.work / "f"), source="swift://c/f", skip_verify=True)
    assert state["result"] is False
    assert "Files are not read from swift:// here." in state["comment"]
