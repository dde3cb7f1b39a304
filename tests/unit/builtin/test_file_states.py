"""The states of files; results, comments and changes are those that Salt 3008.2 gave."""

from __future__ import annotations

import os
import stat
from typing import Any

import pytest
from shipped import Shipped

from saltern.states.calls import SpaceCalls

pytestmark = pytest.mark.behaviour("STM-01")

NOTE = "Note: No changes made, actual changes may\nbe different due to other states."
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


class States:
    """Calls states of a shipped space, as a run of states does."""

    def __init__(self, shipped: Shipped) -> None:
        self._shipped = shipped

    def __call__(self, fun: str, name: Any, *, test: bool = False, low: Any = (), **given: Any) -> dict[str, Any]:
        state, _, function = fun.partition(".")
        chunk = {"state": state, "fun": function, "name": str(name), "__id__": "id", "__sls__": "main",
                 "__env__": "base", "order": 1, **given}  # fmt: skip
        calls = SpaceCalls(self._shipped.space, [*low, chunk], lambda *_: None)
        return dict(calls.call(chunk, {}, test=test))

    def told(self, fun: str, name: Any, **given: Any) -> tuple[Any, str, Any]:
        answer = self(fun, name, **given)
        return answer["result"], answer["comment"], answer["changes"]


@pytest.fixture
def shipped(tmp_path):
    return Shipped(tmp_path / "minion", pillar={"keys": {"web": "a\nb\n"}}, grains={"id": "m1"})


@pytest.fixture
def states(shipped):
    return States(shipped)


@pytest.fixture
def work(tmp_path):
    directory = tmp_path / "work"
    directory.mkdir()
    return directory


class TestManaged:
    def test_a_file_is_made_compared_and_left(self, states, work):
        path = f"{work}/f"
        new = {"contents": ["one", 2]}
        changed = f"The file {path} is set to be changed\n{NOTE}"
        assert states.told("file.managed", path, test=True, **new) == (None, changed, {"newfile": path})
        assert not (work / "f").exists()
        assert states.told("file.managed", path, **new) == (True, f"File {path} updated", {"diff": "New file"})
        assert (work / "f").read_text() == "one\n2\n"
        same = f"File {path} is in the correct state"
        assert states.told("file.managed", path, **new) == (True, same, {})
        assert states.told("file.managed", path, test=True, **new) == (
            True,
            f"The file {path} is in the correct state",
            {},
        )
        diff = {"diff": "--- \n+++ \n@@ -1,2 +1 @@\n-one\n-2\n+x\n"}
        assert states.told("file.managed", path, test=True, contents="x") == (None, changed, diff)
        assert states.told("file.managed", path, contents="x") == (True, f"File {path} updated", diff)

    @pytest.mark.parametrize(
        ("given", "text"),
        [
            ({"contents": "x", "contents_pillar": "a"}, "Only one of 'contents', 'contents_pillar', and "),
            ({"contents": "x", "source": "salt://a"}, "'source' cannot be used in combination with 'contents', "),
            ({"contents": "x", "mode": "keep"}, "Mode preservation cannot be used in combination with 'contents', "),
            ({"contents_pillar": "keys:none"}, "Pillar keys:none does not exist"),
            ({"contents_grains": "none"}, "Grain none does not exist"),
            ({"contents": "", "allow_empty": False}, "'contents' value would result in empty contents. Set "),
            ({"source": "salt://none"}, "Unable to manage file: Source file salt://none not found in saltenv 'base'"),
            ({"source": ["salt://none"]}, "Unable to manage file: none of the specified sources were found"),
            ({"contents": "x", "user": "nosuch"}, "User nosuch is not available "),
            ({"contents": "x", "template": "bogus"}, "Specified template format bogus is not supported"),
        ],
    )
    def test_what_cannot_be_managed(self, states, work, given, text):
        result, comment, changes = states.told("file.managed", f"{work}/f", **given)
        assert (result, changes) == (False, {})
        assert comment.startswith(text)
        assert not (work / "f").exists()

    def test_places_that_are_no_files(self, states, work):
        assert states("file.managed", "rel", contents="x")["comment"] == "Specified file rel is not an absolute path"
        assert states("file.managed", work, contents="x")["comment"] == f"Specified target {work} is a directory"
        missing = states("file.managed", f"{work}/a/b", contents="x")
        assert (missing["result"], missing["comment"]) == (False, "Parent directory not present")

    def test_contents_from_data(self, states, work):
        states("file.managed", f"{work}/p", contents_pillar="keys:web")
        states("file.managed", f"{work}/g", contents_grains="id", contents_newline=False)
        assert ((work / "p").read_text(), (work / "g").read_text()) == ("a\nb\n", "m1")

    def test_a_file_whose_contents_stay(self, states, work):
        (work / "f").write_text("mine\n")
        (work / "f").chmod(0o644)
        path = f"{work}/f"
        kept = f"File {path} exists with proper permissions. No changes made."
        assert states.told("file.managed", path, contents="theirs", replace=False) == (True, kept, {})
        wanted = f"File {path} will be updated with permissions 0600 from its current state of 0644"
        assert states.told("file.managed", path, mode="0600", test=True) == (None, wanted, {"mode": "0600"})
        assert states.told("file.managed", path, mode=600) == (True, "", {"mode": "0600"})
        assert stat.S_IMODE((work / "f").stat().st_mode) == 0o600
        none = states("file.managed", f"{work}/n", contents="x", create=False)
        assert none["comment"] == f"File {work}/n is not present and is not set for creation"

    def test_a_command_tries_the_file_before_it_is_there(self, states, work):
        (work / "f").write_text("good=1\n")
        bad = states.told("file.managed", f"{work}/f", contents="bad=1", check_cmd="grep -q good")
        assert bad == (False, "check_cmd execution failed", {})
        assert (work / "f").read_text() == "good=1\n"
        good = states("file.managed", f"{work}/f", contents="good=2", check_cmd="grep -q good")
        assert (good["result"], (work / "f").read_text()) == (True, "good=2\n")

    def test_links_are_followed_unless_they_are_not(self, states, work):
        for number in (1, 2):
            (work / f"real{number}").write_text("old\n")
            (work / f"link{number}").symlink_to(f"real{number}")
        states("file.managed", f"{work}/link1", contents="new")
        states("file.managed", f"{work}/link2", contents="new", follow_symlinks=False)
        assert [(work / name).read_text() for name in ("real1", "real2", "link2")] == ["new\n", "old\n", "new\n"]
        assert (work / "link1").is_symlink()
        assert not (work / "link2").is_symlink()

    @pytest.mark.behaviour("STM-03")
    def test_what_was_there_is_kept(self, shipped, states, work):
        (work / "f").write_text("old\n")
        states("file.managed", f"{work}/f", contents="new", backup="minion")
        kept = shipped.call("file.list_backups", f"{work}/f")
        with open(kept[0]["Location"]) as file:
            assert file.read() == "old\n"

    def test_secrets_are_not_told(self, states, work):
        (work / "f").write_text("old secret\n")
        hidden = {"diff": "<show_changes=False>"}
        for test in (True, False):
            answer = states("file.managed", f"{work}/f", test=test, contents="new secret", show_changes=False)
            assert answer["changes"] == hidden

    def test_a_local_source_with_a_wrong_digest(self, states, work):
        (work / "src").write_text("payload\n")
        answer = states("file.managed", f"{work}/dst", source=f"{work}/src", source_hash=f"md5={'0' * 32}")
        assert answer["comment"] == (
            f"Specified md5 checksum for {work}/dst ({'0' * 32}) does not match actual checksum "
            "(249c850f62ea50feb918b095fc56d763)"
        )
        assert not (work / "dst").exists()

    def test_a_url_is_not_asked_for_what_is_there(self, states, work):
        (work / "f").write_text("web\n")
        digest = "sha256=4ded89b3f9f03689b7032b92a091e742e1205e2a54277e52b32498d9fcdf3642"
        # Nobody listens at this port.
        answer = states("file.managed", f"{work}/f", source="http://127.0.0.1:1/a.txt", source_hash=digest)
        assert answer["comment"] == f"File {work}/f exists with proper permissions. No changes made."


class TestDirectories:
    def test_a_directory_is_made_and_changed(self, states, work):
        path = f"{work}/d"
        new = {path: {"directory": "new"}}
        will = f"The following files will be changed:\n{path}: directory - new\n"
        assert states.told("file.directory", path, mode="0750", test=True) == (None, will, new)
        assert states.told("file.directory", path, mode="0750") == (True, "", new)
        assert states.told("file.directory", path, mode="0750") == (
            True,
            f"The directory {path} is in the correct state",
            {},
        )
        assert states.told("file.directory", path, mode="0700") == (
            True,
            f"Directory {path} updated",
            {path: {"mode": "0700"}, "mode": "0700"},
        )
        assert states("file.directory", f"{work}/x/y")["comment"] == f"No directory to create {work}/x/y in"

    def test_what_is_below(self, states, work):
        (work / "d" / "sub").mkdir(parents=True)
        (work / "d" / "f").touch()
        given = {"dir_mode": "0700", "file_mode": "0600", "recurse": ["mode"]}
        plan = states("file.directory", f"{work}/d", test=True, **given)
        assert plan["comment"] == (
            f"The following files will be changed:\n{work}/d/f: mode - 0600\n{work}/d/sub: mode - 0700\n"
            f"{work}/d: mode - 0700\n"
        )
        done = states("file.directory", f"{work}/d", **given)
        assert {key: value for key, value in done["changes"].items() if key != "mode"} == plan["changes"]
        assert states("file.directory", f"{work}/d", **given)["changes"] == {}
        wrong = states("file.directory", f"{work}/d", recurse="mode")
        assert wrong["comment"] == '"recurse" must be formed as a list of strings'

    def test_only_what_states_put_there_stays(self, states, work):
        for name in ("keep", "junk"):
            (work / "d" / name).mkdir(parents=True)
            (work / "d" / name / "f").touch()
        (work / "d" / "mine").touch()
        low = [{"state": "file", "fun": "managed", "name": f"{work}/d/mine", "__id__": "mine"}]
        given = {"clean": True, "exclude_pat": "keep*", "require": [{"file": "mine"}], "low": low}
        plan = states("file.directory", f"{work}/d", test=True, **given)
        assert set(plan["changes"]) == {f"{work}/d/junk", f"{work}/d/junk/f"}
        done = states("file.directory", f"{work}/d", **given)
        assert (done["comment"], done["changes"]["removed"]) == (
            f"Files cleaned from directory {work}/d",
            [f"{work}/d/junk"],
        )
        assert sorted(os.listdir(work / "d")) == ["keep", "mine"]

    @needs_root
    def test_links(self, states, work):
        (work / "t").touch()
        (work / "busy").touch()
        path, target = f"{work}/l", f"{work}/t"
        will = f"Symlink {path} to {target} is set for creation"
        assert states.told("file.symlink", path, target=target, test=True) == (None, will, {"new": path})
        made = f"Created new symlink {path} -> {target}"
        assert states.told("file.symlink", path, target=target) == (True, made, {"new": path})
        here = f"Symlink {path} is present and owned by root:root"
        assert states.told("file.symlink", path, target=target) == (True, here, {})
        other = f"Link {path} target is set to be changed to {work}/busy"
        assert states.told("file.symlink", path, target=f"{work}/busy", test=True) == (None, other, {"change": path})
        taken = states("file.symlink", f"{work}/busy", target=target)
        assert taken["comment"] == f"File exists where the symlink {work}/busy should be"
        hard = states.told("file.hardlink", f"{work}/h", target=target)
        assert hard == (True, f"Created new hard link {work}/h -> {target}", {"new": f"{work}/h"})
        again = states("file.hardlink", f"{work}/h", target=target)
        assert again["comment"] == f"Target of hard link {work}/h is already pointing to {target}"

    def test_absent(self, states, work):
        (work / "d").mkdir()
        removed = {"removed": f"{work}/d"}
        will = f"Directory {work}/d is set for removal"
        assert states.told("file.absent", f"{work}/d", test=True) == (None, will, removed)
        assert states.told("file.absent", f"{work}/d") == (True, f"Removed directory {work}/d", removed)
        assert states.told("file.absent", f"{work}/d") == (True, f"File {work}/d is not present", {})
        assert states("file.absent", "//")["result"] is False

    def test_a_tree(self, shipped, states, work):
        shipped.write("base/tree/a.txt", "a\n")
        shipped.write("base/tree/sub/b.bak", "b\n")
        (work / "t").mkdir()
        (work / "t" / "stale").touch()
        given = {"source": "salt://tree", "clean": True, "exclude_pat": "*.bak", "file_mode": "0640"}
        plan = states("file.recurse", f"{work}/t", test=True, **given)
        assert plan["result"] is None
        assert plan["comment"].endswith(f"#### removed ####\n{work}/t/stale")
        done = states("file.recurse", f"{work}/t", **given)
        assert (done["comment"], done["changes"]) == (
            f"Recursively updated {work}/t",
            {f"{work}/t/a.txt": {"diff": "New file", "mode": "0640"}, "removed": [f"{work}/t/stale"]},
        )
        assert states("file.recurse", f"{work}/t", **given)["changes"] == {}
        wrong = states("file.recurse", f"{work}/t", source="tree")
        assert wrong["comment"] == "Recurse failed: Invalid source 'tree' (must be a salt:// URI)"


class TestEdits:
    def test_texts_are_added_once(self, states, work):
        (work / "f").write_text("one\ntwo  words\n")
        given = {"text": ["two words", "three"]}
        diff = {"diff": "--- \n\n+++ \n\n@@ -1,2 +1,3 @@\n\n one\n two  words\n+three"}
        path = f"{work}/f"
        will = f"File {path} is set to be updated"
        assert states.told("file.append", path, test=True, **given) == (None, will, diff)
        assert states.told("file.append", path, **given) == (True, "Appended 1 lines", diff)
        assert states.told("file.append", path, **given) == (True, f"File {path} is in correct state", {})
        assert states("file.prepend", path, text="zero")["comment"] == "Prepended 1 lines"
        assert (work / "f").read_text() == "zero\none\ntwo  words\nthree\n"
        assert states("file.append", f"{work}/no/f", text="x")["comment"] == f"{work}/no/f: file not found"

    def test_replaced_and_commented(self, states, work):
        (work / "f").write_text("alpha 1\n#beta 2\n")
        path = f"{work}/f"
        diff = {"diff": "--- \n+++ \n@@ -1,2 +1,2 @@\n-alpha 1\n+ALPHA 1\n #beta 2\n"}
        given = {"pattern": "alpha", "repl": "ALPHA"}
        assert states.told("file.replace", path, test=True, **given) == (None, "Changes would have been made", diff)
        assert states.told("file.replace", path, **given) == (True, "Changes were made", diff)
        assert states.told("file.replace", path, **given) == (True, "No changes needed to be made", {})
        assert states.told("file.comment", path, regex="^ALPHA", test=True)[2] == {path: "updated"}
        assert states("file.comment", path, regex="^ALPHA")["comment"] == "Commented lines successfully"
        assert states("file.comment", path, regex="^ALPHA")["comment"] == "Pattern already commented"
        assert states("file.comment", path, regex="^zz")["comment"] == "zz: Pattern not found"
        assert states("file.uncomment", path, regex="beta")["comment"] == "Uncommented lines successfully"
        assert (work / "f").read_text() == "#ALPHA 1\nbeta 2\n"
        assert states("file.replace", f"{work}/n", **given)["comment"] == f"{work}/n: file not found"

    def test_blocks_take_what_was_accumulated(self, states, work):
        (work / "f").write_text("# s\n# e\n")
        path = f"{work}/f"
        block = {"marker_start": "# s", "marker_end": "# e", "content": "first"}
        orphan = states("file.accumulated", "lines", filename=path, text="x")
        assert orphan["comment"] == "Orphaned accumulator lines in main:id"
        required = [{"file": "block"}]
        charged = states("file.accumulated", "lines", filename=path, text=["second", "third"], require_in=required)
        assert charged["comment"] == f"Accumulator lines for file {path} was charged by text"
        assert states("file.blockreplace", path, **block)["comment"] == "Changes were made"
        assert (work / "f").read_text() == "# s\nfirst\nsecond\nthird\n# e\n"
        assert states("file.blockreplace", path, **block)["changes"] == {}
        (work / "g").write_text("x\n")
        assert states("file.blockreplace", f"{work}/g", **block)["comment"] == (
            "Encountered error managing block: Cannot edit marked block. Markers were not found in file.. See the log "
            "for details."
        )

    def test_keys_and_values(self, states, work):
        (work / "f").write_text("Port 22\n#Root yes\nOther = x\n")
        given = {"key_values": {"Port": "2222", "Root": "no", "Added": "yes"}, "separator": " ", "uncomment": "#",
                 "append_if_not_found": True}  # fmt: skip
        diff = "- Port 22\n+ Port 2222\n- #Root yes\n+ Root no\n- <EOF>\n+ Added yes\n+ <EOF>\n"
        plan = states("file.keyvalue", f"{work}/f", test=True, **given)
        assert plan["changes"] == {"diff": diff}
        assert plan["comment"].startswith(f"File {work}/f is set to be changed (3 lines modified, 0 deleted)\n")
        done = states("file.keyvalue", f"{work}/f", **given)
        assert (done["comment"], done["changes"]) == ("Changed 3, deleted 0 lines", {"diff": diff})
        assert (work / "f").read_text() == "Port 2222\nRoot no\nOther = x\nAdded yes\n"
        assert states("file.keyvalue", f"{work}/f", **given)["changes"] == {}

    def test_a_line(self, states, work):
        (work / "f").write_text("a\nc\n")
        given = {"mode": "ensure", "content": "b", "after": "a"}
        diff = {"diff": "--- \n+++ \n@@ -1,2 +1,3 @@\n a\n+b\n c\n"}
        assert states.told("file.line", f"{work}/f", test=True, **given) == (None, "Changes would be made", diff)
        assert states.told("file.line", f"{work}/f", **given) == (True, "Changes were made", diff)
        assert states.told("file.line", f"{work}/f", **given) == (True, "No changes needed to be made", {})

    def test_a_patch_is_applied_once(self, states, work):
        (work / "f").write_text("1\n2\n3\n")
        (work / "p").write_text("--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n 1\n-2\n+Z\n 3\n")
        given = {"source": f"{work}/p"}
        plan = states("file.patch", f"{work}/f", test=True, **given)
        assert (plan["result"], plan["comment"]) == (None, "The patch would be applied")
        assert (work / "f").read_text() == "1\n2\n3\n"
        assert states("file.patch", f"{work}/f", **given)["comment"] == "Patch successfully applied"
        assert states.told("file.patch", f"{work}/f", **given) == (True, "Patch was already applied", {})
        assert sorted(os.listdir(work)) == ["f", "p"]


class TestOthers:
    def test_touch_copy_and_rename(self, states, work):
        (work / "src").write_text("a\n")
        source, target = f"{work}/src", f"{work}/dst"
        will = f'File "{source}" is set to be copied to "{target}"'
        assert states.told("file.copy", target, source=source, test=True) == (None, will, {})
        assert states.told("file.copy", target, source=source) == (
            True,
            f'Copied "{source}" to "{target}"',
            {target: source},
        )
        there = f'The target file "{target}" exists and will not be overwritten'
        assert states.told("file.copy", target, source=source) == (True, there, {})
        moved = states.told("file.rename", f"{work}/m", source=target)
        assert moved == (True, f'Moved "{target}" to "{work}/m"', {f"{work}/m": target})
        gone = states("file.rename", f"{work}/m", source=target)
        assert gone["comment"] == f'Source file "{target}" has already been moved out of place'
        touched = states.told("file.touch", f"{work}/t")
        assert touched == (True, f"Created empty file {work}/t", {"new": f"{work}/t"})
        none = states("file.touch", f"{work}/no/t")
        assert none["comment"] == f"Directory not present to touch file {work}/no/t"

    def test_tidied(self, states, work):
        (work / "d").mkdir()
        (work / "d" / "a.log").touch()
        (work / "d" / "b.txt").touch()
        given = {"matches": [r".*\.log"]}
        removed = {"removed": [f"{work}/d/a.log"]}
        will = f"{work}/d is set for tidy"
        assert states.told("file.tidied", f"{work}/d", test=True, **given) == (None, will, removed)
        done = f"Removed 1 files or directories from directory {work}/d"
        assert states.told("file.tidied", f"{work}/d", **given) == (True, done, removed)
        none = f"Nothing to remove from directory {work}/d"
        assert states.told("file.tidied", f"{work}/d", **given) == (True, none, {})

    def test_backups_by_a_schedule(self, states, work):
        for number in range(40):
            moment = 1700000000 - number * 3 * 86400
            (work / f"f{number:02}").touch()
            os.utime(work / f"f{number:02}", (moment, moment))
        retain = {"most_recent": 2, "first_of_week": 3, "first_of_month": 2}
        plan = states("file.retention_schedule", work, retain=retain, timezone="UTC", test=True)
        assert plan["comment"] == f"33 backups would have been removed from {work}.\n"
        done = states("file.retention_schedule", work, retain=retain, timezone="UTC")
        assert done["comment"] == f"33 backups were removed from {work}.\n"
        assert sorted(os.listdir(work)) == ["f00", "f01", "f02", "f04", "f05", "f07", "f14"]

    def test_decoded(self, states, work):
        data = {"encoded_data": "aGVsbG8="}
        assert states("file.decode", f"{work}/f", **data)["comment"] == "File was updated."
        assert (work / "f").read_bytes() == b"hello"
        assert states("file.decode", f"{work}/f", **data)["comment"] == "File is in the correct state."

    def test_the_cache(self, shipped, states):
        shipped.write("base/src.txt", "S\n")
        place = f"{shipped.opts['cachedir']}/files/base/src.txt"
        cached = states("file.cached", "salt://src.txt")
        assert (cached["result"], cached["comment"]) == (True, f"File is cached to {place}")
        assert states("file.cached", "salt://src.txt")["changes"] == {}
        gone = states.told("file.not_cached", "salt://src.txt")
        assert gone == (True, f"{place} was deleted", {"deleted": True})
        assert states("file.not_cached", "salt://src.txt")["comment"] == "salt://src.txt is not cached"
        web = states("file.cached", "http://127.0.0.1:1/x")
        assert web["comment"].startswith("Unable to verify upstream hash of source file http://127.0.0.1:1/x, please")

    @needs_root
    def test_pipes(self, states, work):
        path = f"{work}/p"
        assert states("file.mknod", path, ntype="p", test=True)["comment"] == f"Fifo pipe {path} is set to be created"
        assert states.told("file.mknod", path, ntype="p") == (True, "", {"new": f"Fifo pipe {path} created."})
        assert states("file.mknod", path, ntype="p")["changes"] == {}
        (work / "f").touch()
        other = states("file.mknod", f"{work}/f", ntype="p")
        assert other["comment"] == f"File {work}/f exists and is not a fifo pipe. Refusing to continue"
