"""The execution module `file`, against what Salt 3008.2 was seen to return."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess

import pytest
from shipped import Shipped

from saltern.plugin_api import CommandExecutionError, SaltInvocationError

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
MISSING_USER = "nosuch"


@pytest.fixture
def shipped(tmp_path):
    return Shipped(tmp_path / "minion")


@pytest.fixture
def work(tmp_path):
    directory = tmp_path / "work"
    directory.mkdir()
    return directory


def raised(shipped, fun, *args, **kwargs):
    """The exception of a call, as the function raised it."""
    with pytest.raises(Exception) as caught:
        shipped.space.table("modules")[fun](*args, **kwargs)
    return caught.value


def complains(shipped, kind, text, fun, *args, **kwargs):
    error = raised(shipped, fun, *args, **kwargs)
    assert (type(error), str(error)) == (kind, text)


@pytest.mark.behaviour("LDR-14")
class TestQuestions:
    def test_kinds_of_files(self, shipped, work):
        (work / "f").write_text("x\n")
        (work / "l").symlink_to("f")
        (work / "broken").symlink_to("nowhere")
        ask = shipped.call
        assert ask("file.file_exists", f"{work}/f") is True
        assert ask("file.file_exists", f"{work}") is False
        assert ask("file.directory_exists", f"{work}") is True
        assert ask("file.is_link", f"{work}/broken") is True
        assert ask("file.path_exists_glob", f"{work}/b*") is True
        assert ask("file.path_exists_glob", f"{work}/z*") is False
        assert ask("file.readlink", f"{work}/l") == "f"
        assert ask("file.readlink", f"{work}/l", canonicalize=True) == f"{work}/f"
        assert ask("file.is_chrdev", "/dev/null") is True
        assert ask("file.get_devmm", "/dev/null") == (1, 3)
        assert ask("file.readdir", f"{work}")[:2] == [".", ".."]
        assert ask("file.is_hardlink", f"{work}/none") == {}
        assert ask("file.diskusage", f"{work}") == 2

    @pytest.mark.parametrize(
        ("fun", "args", "text"),
        [
            ("file.access", ["rel", "f"], "Path to link must be absolute."),
            ("file.access", ["/", "z"], "Invalid mode specified."),
            ("file.readdir", ["rel"], "Dir path must be absolute."),
            ("file.readdir", ["/dev/null"], "A valid directory was not specified."),
            ("file.readlink", ["rel"], "Path to link must be absolute: rel"),
            ("file.readlink", ["/dev/null"], "A valid link was not specified: /dev/null"),
            ("file.statvfs", ["rel"], "File path must be absolute."),
            ("file.lstat", ["rel"], "Path to file must be absolute."),
            ("file.rmdir", ["/dev/null"], "A valid directory was not specified."),
            ("file.check_hash", ["/dev/null", None], "hash must be a string"),
        ],
    )
    def test_what_cannot_be_asked(self, shipped, fun, args, text):
        complains(shipped, SaltInvocationError, text, fun, *args)

    def test_status(self, shipped, work):
        (work / "f").write_text("x\n")
        (work / "f").chmod(0o640)
        (work / "l").symlink_to("f")
        told = shipped.call("file.stats", f"{work}/l", hash_type="md5")
        assert (told["mode"], told["size"], told["type"]) == ("0640", 2, "file")
        assert told["target"] == f"{work}/f"
        assert told["sum"] == "401b30e3b8b5d629635a5c613cdb7919"
        assert shipped.call("file.stats", f"{work}/l", follow_symlinks=False)["type"] == "link"
        assert shipped.call("file.get_mode", f"{work}/l", follow_symlinks=False) == "0777"
        complains(shipped, CommandExecutionError, f"Path not found: {work}/z", "file.get_uid", f"{work}/z")

    @pytest.mark.parametrize(
        ("mode", "answer"),
        [("0600", "0600"), (644, "0644"), ("0o755", "0755"), ("rwx", "Invalid Mode rwx"), ("99", "Invalid Mode 99")],
    )
    def test_modes_as_users_write_them(self, shipped, work, mode, answer):
        (work / "f").touch()
        assert shipped.call("file.set_mode", f"{work}/f", mode) == answer

    def test_users_and_groups(self, shipped, work):
        (work / "f").touch()
        assert shipped.call("file.user_to_uid", "root") == 0
        assert shipped.call("file.user_to_uid", MISSING_USER) == ""
        assert shipped.call("file.gid_to_group", "0") == "root"
        assert shipped.call("file.uid_to_user", 99999) == 99999
        assert shipped.call("file.chown", f"{work}/f", MISSING_USER, MISSING_USER) == (
            "User does not exist\nGroup does not exist\n"
        )


@pytest.mark.behaviour("LDR-14")
class TestFind:
    @pytest.fixture
    def tree(self, work):
        (work / "sub" / "deep").mkdir(parents=True)
        (work / "f").write_text("hello\nworld\n")
        (work / "sub" / "g.LOG").write_text("x" * 5000)
        (work / "sub" / "deep" / "h.txt").touch()
        (work / "l").symlink_to("f")
        (work / "broken").symlink_to("no")
        os.utime(work / "sub" / "g.LOG", (1000, 1000))
        return work

    @pytest.mark.parametrize(
        ("options", "names"),
        [
            ({"name": "*.log"}, []),
            ({"iname": "*.log"}, ["sub/g.LOG"]),
            ({"regex": r".*\.txt$"}, ["sub/deep/h.txt"]),
            ({"type": "f"}, ["f", "l", "sub/deep/h.txt", "sub/g.LOG"]),
            ({"type": "l"}, ["broken"]),
            ({"type": "f", "size": "+1k"}, ["sub/g.LOG"]),
            ({"type": "f", "size": "5000"}, ["sub/g.LOG"]),
            ({"mtime": "+1d"}, ["sub/g.LOG"]),
            ({"mindepth": 3}, ["sub/deep/h.txt"]),
            ({"maxdepth": 1, "type": "f"}, ["f", "l"]),
            ({"grep": "hello"}, ["f", "l"]),
            ({"grep": "^wor"}, []),
            ({"delete": "f", "test": True}, ["f", "l", "sub/deep/h.txt", "sub/g.LOG"]),
        ],
    )
    def test_tests(self, shipped, tree, options, names):
        assert shipped.call("file.find", f"{tree}", **options) == [f"{tree}/{name}" for name in names]

    @pytest.mark.parametrize(
        ("options", "text"),
        [
            ({"type": "z"}, 'invalid file type "z"'),
            ({"name": ""}, 'missing value for "name" option'),
            ({"owner": MISSING_USER}, f'no such user "{MISSING_USER}"'),
            ({"size": "1k-10k"}, 'invalid size: "1k-10k"'),
            ({"mtime": "x"}, "invalid time interval: 'x'"),
            ({"grep": "("}, 'invalid regular expression: "("'),
            ({"bogus": 1}, 'invalid option "bogus"'),
        ],
    )
    def test_options_that_cannot_be_read(self, shipped, tree, options, text):
        assert shipped.call("file.find", f"{tree}", **options) == f"error: {text}"

    def test_what_is_done(self, shipped, tree):
        assert shipped.call("file.find", f"{tree}", iname="g*", print="name,size,mtime") == [["g.LOG", 5000, 1000]]
        assert shipped.call("file.find", f"{tree}", name="f", exec="echo {}") == [f"echo {tree}/f:\n{tree}/f\n\n"]
        assert shipped.call("file.find", f"{tree}", iname="g*", delete="f") == [f"{tree}/sub/g.LOG"]
        assert not (tree / "sub" / "g.LOG").exists()


@pytest.mark.behaviour("LDR-14")
class TestContents:
    def test_lines(self, shipped, work):
        path = f"{work}/f"
        assert shipped.call("file.write", path, args=["a", 5, None]) == f'Wrote 3 lines to "{path}"'
        (work / "f").write_text("one")
        assert shipped.call("file.append", path, "two", "three") == f'Wrote 2 lines to "{path}"'
        assert shipped.call("file.prepend", path, args="zero") == f'Prepended 1 lines to "{path}"'
        assert (work / "f").read_text() == "zero\none\ntwo\nthree\n"
        assert isinstance(raised(shipped, "file.append", f"{work}/absent", "x"), FileNotFoundError)

    def test_pieces(self, shipped, work):
        (work / "f").write_text("0123456789")
        assert shipped.call("file.seek_read", f"{work}/f", "4", "2") == b"2345"
        assert shipped.call("file.seek_write", f"{work}/f", "ab", 2) == 2
        assert shipped.call("file.truncate", f"{work}/f", "5") is None
        assert shipped.call("file.read", f"{work}/f") == "01ab4"

    def test_times(self, shipped, work):
        assert shipped.call("file.touch", f"{work}/t", 1000, 2000) is True
        assert ((work / "t").stat().st_atime, (work / "t").stat().st_mtime) == (1000, 2000)
        complains(shipped, SaltInvocationError, "atime and mtime must be integers", "file.touch", f"{work}/t", "x")
        complains(shipped, CommandExecutionError, "No such file or directory", "file.touch", f"{work}/no/t")

    def test_searching(self, shipped, work):
        (work / "f").write_text("alpha\nbeta gamma\n")
        path = f"{work}/f"
        assert shipped.call("file.contains", path, "alpha\nbeta") is True
        assert shipped.call("file.contains_regex", path, "alpha$") is True
        assert shipped.call("file.contains_glob", path, "beta") is False
        assert shipped.call("file.contains_glob", path, "*beta*") is True
        assert shipped.call("file.contains", f"{work}/absent", "x") is False
        assert shipped.call("file.grep", path, "ALPHA", "-i")["stdout"] == "alpha"
        error = raised(shipped, "file.grep", path, "alpha", "-i -n")
        assert "Passing multiple command line arguments in a single string" in str(error)


@pytest.mark.behaviour("LDR-14", "FS-08")
class TestDigests:
    SUMS = (
        "900150983cd24fb0d6963f7d28e17f72  ./abc.txt\n"
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad *other.bin\n"
    )

    def test_forms_of_a_digest(self, shipped, work):
        (work / "f").write_text("abc")
        assert shipped.call("file.get_hash", f"{work}/f", "md5") == "900150983cd24fb0d6963f7d28e17f72"
        assert shipped.call("file.check_hash", f"{work}/f", "md5=900150983cd24fb0d6963f7d28e17f72") is True
        assert shipped.call("file.check_hash", f"{work}/f", "900150983cd24fb0d6963f7d28e17f72") is True
        assert shipped.call("file.check_hash", f"{work}/f", "md5:") is False
        assert shipped.call("file.get_sum", f"{work}/none") == "File not found"
        error = raised(shipped, "file.check_hash", f"{work}/f", "deadbeef")
        assert str(error).startswith("Hash deadbeef (length: 8) could not be matched to a supported hash type.")
        assert str(raised(shipped, "file.get_hash", f"{work}/f", "bogus")) == "Invalid hash type: bogus"

    def test_files_of_checksums(self, shipped, work):
        (work / "sums").write_text(self.SUMS)
        path = f"{work}/sums"
        first = {"hsum": "900150983cd24fb0d6963f7d28e17f72", "hash_type": "md5"}
        other = {"hsum": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "hash_type": "sha256"}
        assert shipped.call("file.extract_hash", path, "") == first
        assert shipped.call("file.extract_hash", path, "", source="http://h/x/other.bin") == other
        assert shipped.call("file.extract_hash", path, "sha512") is None
        assert shipped.call("file.get_source_sum", "/x/abc.txt", source_hash=path) == first
        assert shipped.call("file.get_source_sum", source_hash=first["hsum"]) == first
        error = raised(shipped, "file.get_source_sum", source_hash=f"foo={first['hsum']}")
        assert str(error).startswith("Invalid hash type 'foo'. Supported hash types are: sha512, sha384, sha256,")
        error = raised(shipped, "file.get_source_sum", source_hash="md5=abc")
        assert str(error).startswith("Source hash md5=abc format is invalid.")


@pytest.mark.behaviour("LDR-14")
class TestTrees:
    def test_moving(self, shipped, work):
        (work / "f").write_text("x")
        assert shipped.call("file.copy", f"{work}/f", f"{work}/g") is True
        assert shipped.call("file.move", f"{work}/g", f"{work}/h") == {
            "result": True,
            "comment": f"'{work}/g' moved to '{work}/h'",
        }
        assert shipped.call("file.rename", f"{work}/h", f"{work}/i") is True
        assert shipped.call("file.link", f"{work}/i", f"{work}/hard") is True
        assert shipped.call("file.is_hardlink", f"{work}/i") is True
        complains(
            shipped,
            CommandExecutionError,
            f"Could not rename '{work}/none' to '{work}/z'",
            "file.rename",
            f"{work}/none",
            f"{work}/z",
        )

    def test_trees_are_copied_with_recurse_only(self, shipped, work):
        (work / "d" / "e").mkdir(parents=True)
        (work / "d" / "e" / "x").write_text("1")
        (work / "d" / "link").symlink_to("e/x")
        error = raised(shipped, "file.copy", f"{work}/d", f"{work}/d2")
        assert str(error) == "Cannot copy overwriting a directory without recurse flag set to true!"
        assert shipped.call("file.copy", f"{work}/d", f"{work}/d2", recurse=True) is True
        assert (work / "d2" / "e" / "x").read_text() == "1"
        assert os.readlink(work / "d2" / "link") == "e/x"

    def test_removing(self, shipped, work):
        (work / "full" / "a").mkdir(parents=True)
        (work / "full" / "x").touch()
        path = f"{work}/full"
        assert shipped.call("file.rmdir", path) is False
        told = shipped.call("file.rmdir", path, recurse=True, verbose=True)
        assert told["deleted"] == [f"{path}/a"]
        assert told["errors"] == [[path, f"[Errno 39] Directory not empty: '{path}'"]]
        assert shipped.call("file.remove", path) is True
        assert shipped.call("file.remove", path) is False

    @pytest.mark.parametrize("root", ["/", "//", "/tmp/..", "/./"])
    def test_the_root_is_never_removed(self, shipped, root, monkeypatch):
        def forbidden(*args, **kwargs):
            raise AssertionError("it would have been removed")

        monkeypatch.setattr("shutil.rmtree", forbidden)
        monkeypatch.setattr("os.rmdir", forbidden)
        for fun in ("file.remove", "file.rmdir"):
            assert "root of the file system" in str(raised(shipped, fun, root))

    def test_directories(self, shipped, work):
        assert shipped.call("file.makedirs", f"{work}/a/b/c", mode="0700") is None
        assert stat.S_IMODE((work / "a").stat().st_mode) == 0o700
        assert shipped.call("file.makedirs", f"{work}/a/b/") == f"Directory '{work}/a/b' already exists"
        assert shipped.call("file.mkdir", f"{work}/m/n") is True
        assert shipped.call("file.makedirs_perms", f"{work}/p/q", mode="0750") is None
        assert stat.S_IMODE((work / "p").stat().st_mode) == 0o750

    def test_links(self, shipped, work):
        (work / "k").touch()
        assert shipped.call("file.symlink", f"{work}/k", f"{work}/l") is True
        assert shipped.call("file.symlink", f"{work}/k", f"{work}/l") is True
        found = f"Found existing symlink: {work}/l"
        complains(shipped, CommandExecutionError, found, "file.symlink", f"{work}/other", f"{work}/l")
        assert shipped.call("file.symlink", f"{work}/other", f"{work}/l", force=True, atomic=True) is True
        assert os.readlink(work / "l") == f"{work}/other"
        busy = f"Existing path is not a symlink: {work}/k"
        complains(shipped, CommandExecutionError, busy, "file.symlink", f"{work}/x", f"{work}/k")

    def test_a_patch(self, shipped, work):
        (work / "f").write_text("1\n2\n3\n")
        (work / "p").write_text("--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n 1\n-2\n+Z\n 3\n")
        args = (f"{work}/f", f"{work}/p")
        assert shipped.call("file.patch", *args, dry_run=True)["stdout"] == f"checking file {work}/f"
        assert shipped.call("file.patch", *args)["stdout"] == f"patching file {work}/f"
        assert (work / "f").read_text() == "1\nZ\n3\n"
        assert shipped.outcome("file.patch", *args).value["retcode"] == 1


@needs_root
@pytest.mark.behaviour("LDR-14")
class TestPermissions:
    def test_what_is_wrong_is_mended_and_told(self, shipped, work):
        (work / "f").touch(mode=0o644)
        ret, told = shipped.call("file.check_perms", f"{work}/f", {}, "daemon", None, "4755")
        assert ret == {
            "name": f"{work}/f",
            "changes": {"user": "daemon", "mode": "4755"},
            "comment": "",
            "result": True,
        }
        assert told == {"luser": "root", "lgroup": "root", "lmode": "0644", "cuser": "daemon", "cmode": "4755"}
        assert (work / "f").stat().st_mode & 0o7777 == 0o4755

    def test_what_cannot_be_mended(self, shipped, work):
        (work / "f").touch()
        ret, _ = shipped.call("file.check_perms", f"{work}/f", {}, MISSING_USER, None, None)
        assert ret["comment"] == f"User does not exist\n; Failed to change user to {MISSING_USER}"
        assert (ret["result"], ret["changes"]) == (False, {})

    def test_devices(self, shipped, work):
        made = shipped.call("file.mknod_fifo", f"{work}/p")
        assert made == {
            "name": f"{work}/p",
            "changes": {"new": f"Fifo pipe {work}/p created."},
            "comment": "",
            "result": True,
        }
        assert stat.S_IMODE((work / "p").stat().st_mode) == 0o660
        again = shipped.outcome("file.mknod_fifo", f"{work}/p").value
        assert again["comment"] == f"File {work}/p exists and cannot be overwritten"


@pytest.mark.behaviour("LDR-14", "STM-03")
class TestManaged:
    def manage(self, shipped, name, **given):
        usual = {
            "sfn": "", "source": None, "source_sum": {}, "user": None, "group": None, "mode": None, "attrs": None,
            "saltenv": "base", "backup": "",
        }  # fmt: skip
        ret = {"name": name, "changes": {}, "comment": "", "result": True}
        return shipped.outcome("file.manage_file", name, ret=ret, **{**usual, **given}).value

    def test_contents(self, shipped, work):
        path = f"{work}/f"
        assert self.manage(shipped, path)["changes"] == {"new": f"file {path} created"}
        done = self.manage(shipped, path, contents="one\n")
        assert done["changes"] == {"diff": "--- \n+++ \n@@ -0,0 +1 @@\n+one\n"}
        assert done["comment"] == f"File {path} updated"
        assert self.manage(shipped, path, contents="one\n")["changes"] == {}
        hidden = self.manage(shipped, path, contents="two\n", show_changes=False)
        assert hidden["changes"] == {"diff": "<show_changes=False>"}
        assert (work / "f").read_text() == "two\n"

    def test_a_new_file_is_private_from_the_start(self, shipped, work):
        # What a temporary file has anyway is no change, as in Salt.
        assert self.manage(shipped, f"{work}/k", contents="secret", mode="0600")["changes"] == {"diff": "New file"}
        assert stat.S_IMODE((work / "k").stat().st_mode) == 0o600
        told = self.manage(shipped, f"{work}/o", contents="x", mode="0644")["changes"]
        assert told == {"diff": "New file", "mode": "0644"}

    def test_parents(self, shipped, work):
        done = self.manage(shipped, f"{work}/a/b", contents="x")
        assert (done["result"], done["comment"]) == (False, "Parent directory not present")
        assert self.manage(shipped, f"{work}/a/b", contents="x", makedirs=True, dir_mode="0700")["result"] is True
        assert stat.S_IMODE((work / "a").stat().st_mode) == 0o700

    def test_backups(self, shipped, work):
        path = f"{work}/f"
        (work / "f").write_text("one\n")
        self.manage(shipped, path, contents="two\n", backup="minion")
        self.manage(shipped, path, contents="three\n", backup="minion")
        kept = shipped.call("file.list_backups", path)
        assert [entry["Size"] for entry in kept.values()] == [4, 4]
        assert kept[0]["Location"].startswith(f"{shipped.opts['cachedir']}/file_backup{work}/f_")
        assert set(kept[0]) == {"Backup Time", "Size", "Location"}
        assert list(shipped.call("file.list_backups", path, "1")) == [0]
        assert shipped.call("file.list_backups_dir", f"{work}/") == {"f": kept}
        restored = shipped.call("file.restore_backup", path, 1)
        assert restored["comment"] == f"Successfully restored {kept[1]['Location']} to {path}"
        assert (work / "f").read_text() == "one\n"
        assert len(shipped.call("file.list_backups", path)) == 3
        missing = shipped.outcome("file.delete_backup", path, 9).value
        assert missing == {"result": False, "comment": f"backup_id '9' does not exist for {path}"}
        assert shipped.outcome("file.delete_backup", path, "x").value["comment"] == "Invalid backup_id 'x'"
        assert shipped.call("file.delete_backup", path, 0)["result"] is True

    def test_a_source_of_the_tree(self, shipped, work):
        shipped.write("base/src.txt", "S\n")
        given = {"source": "salt://src.txt", "source_hash": "", "source_hash_name": None}
        usual = {"template": None, "user": None, "group": None, "mode": None, "attrs": None, "saltenv": "base",
                 "context": None, "defaults": None}  # fmt: skip
        sfn, digest, fault = shipped.call("file.get_managed", f"{work}/f", **given, **usual)
        assert (sfn, fault) == ("", "")
        assert digest == {"hash_type": "sha256", "hsum": hashlib.sha256(b"S\n").hexdigest()}
        done = self.manage(shipped, f"{work}/f", source="salt://src.txt", source_sum=digest)
        assert done["changes"] == {"diff": "New file", "mode": "0644"}
        none = shipped.call("file.get_managed", f"{work}/f", **{**given, "source": "salt://none"}, **usual)
        assert none == ("", {}, "Source file salt://none not found in saltenv 'base'")
        url = shipped.call("file.get_managed", f"{work}/f", **{**given, "source": "http://127.0.0.1:1/x"}, **usual)
        assert url[2].startswith("Unable to verify upstream hash of source file http://127.0.0.1:1/x")

    def test_the_first_source_that_is_there(self, shipped, work):
        shipped.write("base/src.txt", "S\n")
        choose = ["salt://none", "salt://src.txt"]
        assert shipped.call("file.source_list", choose, "h", "base") == ("salt://src.txt", "h")
        pairs = [{"salt://none": "h1"}, {"salt://src.txt": "h2"}]
        assert shipped.call("file.source_list", pairs, "", "base") == ("salt://src.txt", "h2")
        error = raised(shipped, "file.source_list", ["salt://none"], "", "base")
        assert str(error) == "none of the specified sources were found"

    def test_a_wrong_digest_is_said_before_anything_changes(self, shipped, work):
        (work / "src").write_text("payload\n")
        done = self.manage(
            shipped,
            f"{work}/dst",
            sfn=f"{work}/src",
            source=f"{work}/src",
            source_sum={"hash_type": "md5", "hsum": "0" * 32},
        )
        actual = hashlib.md5(b"payload\n").hexdigest()
        assert done["comment"] == (
            f"Specified md5 checksum for {work}/dst ({'0' * 32}) does not match actual checksum ({actual})"
        )
        assert not (work / "dst").exists()

    @pytest.mark.parametrize(
        ("before", "after", "told"),
        [
            (b"1\n2\n", b"1\nX\n", "--- {0}/a\n+++ {0}/b\n@@ -1,2 +1,2 @@\n 1\n-2\n+X\n"),
            (b"1\n", b"\0", "Replace text file with binary file"),
            (b"\0a", b"\0b", "Replace binary file"),
            (b"\0", b"1\n", "Replace binary file with text file"),
            (b"same", b"same", ""),
        ],
    )
    def test_differences(self, shipped, work, before, after, told):
        (work / "a").write_bytes(before)
        (work / "b").write_bytes(after)
        assert shipped.call("file.get_diff", f"{work}/a", f"{work}/b") == told.format(work)

    def test_what_does_not_count_as_a_difference(self, shipped, work):
        (work / "a").write_text("# c\n1\n 2\n")
        (work / "b").write_text("2\n1\n")
        counts = lambda **how: shipped.call("file.get_diff", f"{work}/a", f"{work}/b", **how)[0]  # noqa: E731
        assert counts(ignore_whitespace=True) is True
        assert counts(ignore_whitespace=True, ignore_ordering=True, ignore_comment_characters="#") is False

    @needs_root
    def test_attributes(self, shipped, work):
        (work / "f").touch()
        if subprocess.run(["lsattr", f"{work}/f"], capture_output=True).returncode:
            pytest.skip("this file system has no attributes")
        try:
            assert shipped.call("file.chattr", f"{work}/f", operator="add", attributes="a") is True
            assert "a" in shipped.call("file.lsattr", f"{work}/f")[f"{work}/f"]
        finally:
            assert shipped.call("file.chattr", f"{work}/f", operator="remove", attributes="a") is True
