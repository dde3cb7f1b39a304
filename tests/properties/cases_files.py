"""Cases of the states of files, each in a directory of its own."""

from __future__ import annotations

from typing import Any

from trials import FAILS, NOTHING, case, new_file, none_of

F = "@WORK@/f"
OLD = "printf 'one\\ntwo\\nthree\\n' > f; chmod 644 f; "
TREE = "mkdir -p d/sub; echo a > d/a; echo b > d/sub/b; chmod 600 d/a; "
SOURCE = (
    "printf 'one\\nTWO\\n' > @BASE@/s; mkdir -p @BASE@/tree/sub; echo x > @BASE@/tree/x; echo y > @BASE@/tree/sub/y; "
)
NEW = new_file(F)
EARLIER = "an earlier state may make what lacks"
UNTRIED = "the command is not run on a file that is not there"
BLOCK = "printf 'a\\n# <\\nold\\n# >\\nb\\n' > f; "
MARKS = {"marker_start": "# <", "marker_end": "# >"}
PATCH = "printf '%s\\n' '--- f' '+++ f' '@@ -1,3 +1,3 @@' ' one' '-two' '+TWO' ' three' > p.diff; "


def by_path(changes: Any) -> Any:
    """The dry run tells what becomes of each path, and not once more what is asked for."""
    return {path: change for path, change in changes.items() if path.startswith("@WORK@")}


def would_be(changes: Any) -> Any:
    return {key: one.replace("was", "would be") if isinstance(one, str) else one for key, one in changes.items()}


def recursed(changes: Any) -> Any:
    """As in the states of the files and directories within."""
    return {path: _within(path, change) for path, change in by_path(changes).items()}


def recursed_anew(changes: Any) -> Any:
    return {"@WORK@/d": {"@WORK@/d": {"directory": "new"}}, **recursed(changes)}


def _within(path: str, change: Any) -> Any:
    return {"newfile": path} if change.get("diff") == "New file" else by_path(change) or change


MANAGED = [
    case("file.managed", F, contents="x", foretells=NEW, label="new"),
    case("file.managed", F, OLD, contents="x"),
    case("file.managed", F, OLD, contents="one\ntwo\nthree", does=NOTHING),
    case("file.managed", F, OLD, contents="one\ntwo\nthree", mode="0600", label="mode"),
    case("file.managed", F, OLD, contents="x", mode="0600", label="text-and-mode"),
    case("file.managed", F, OLD, contents="x", user="daemon", group="daemon", label="owner"),
    case("file.managed", F, OLD, contents="x", replace=False, mode="0600", label="kept-text"),
    case("file.managed", F, OLD, contents="x", replace=False, does=NOTHING, label="kept"),
    case("file.managed", F, contents="x", create=False, does=NOTHING, label="not-created"),
    case("file.managed", F, contents="x", user="nosuch", does=FAILS, label="unknown-user", unsure=EARLIER),
    case("file.managed", "@WORK@/d/e/f", contents="x", does=FAILS, label="no-parent", unsure=EARLIER),
    case("file.managed", "@WORK@/d/e/f", contents="x", makedirs=True, dir_mode="0750", label="parents",
         foretells=new_file("@WORK@/d/e/f")),
    case("file.managed", F, source="salt://none", does=FAILS, label="no-source"),
    case("file.managed", F, SOURCE + OLD, source="salt://s", label="source"),
    case("file.managed", F, SOURCE, source="salt://s", mode="keep", foretells=NEW, label="source-keep"),
    case("file.managed", F, SOURCE + "cp @BASE@/s f", source="salt://s", does=NOTHING, label="source"),
    case("file.managed", F, "echo '{{ 1 + 1 }}' > @BASE@/t", source="salt://t", template="jinja", foretells=NEW,
         label="template"),
    case("file.managed", F, contents_pillar="key:text", foretells=NEW, label="pillar"),
    case("file.managed", F, contents="x", check_cmd="false", does=FAILS, label="new-check", unsure=UNTRIED),
    case("file.managed", F, OLD, contents="x", show_changes=False, label="hidden"),
    case("file.managed", F, OLD + "ln -s f l", contents="x", follow_symlinks=False, label="other"),
    case("file.managed", "@WORK@/l", OLD + "ln -s f l", contents="x", follow_symlinks=False, label="link"),
    case("file.managed", "@WORK@/l", OLD + "ln -s f l", contents="x", label="through-link"),
    case("file.managed", F, OLD, contents="x", backup="minion", label="backup"),
    case("file.managed", F, "mkdir f", contents="x", does=FAILS, label="directory"),
    case("file.managed", F, OLD, contents="ONE\n", encoding="utf-16", label="encoding"),
    case("file.managed", F, "printf 'a\\0b' > f", contents="x", label="binary"),
    case("file.managed", F, label="empty", foretells=lambda changes: {"newfile": F}),
    case("file.managed", F, OLD, label="nothing-given", does=NOTHING),
    case("file.managed", F, "printf '1\\n2' > src; sha256sum src > sum", source="@WORK@/src", source_hash="@WORK@/sum",
         foretells=NEW, label="hash"),
    case("file.managed", F, "echo 1 > src", source="@WORK@/src", source_hash="sha256=" + "0" * 64, does=FAILS,
         label="wrong-hash"),
]  # fmt: skip
DIRECTORIES = [
    case("file.directory", "@WORK@/d"),
    case("file.directory", "@WORK@/d", "mkdir d", does=NOTHING),
    case("file.directory", "@WORK@/d/e/f", makedirs=True, mode="0750", label="parents"),
    case("file.directory", "@WORK@/d/e/f", does=FAILS, unsure=EARLIER),
    case("file.directory", "@WORK@/d", "mkdir d", mode="0700", label="mode", foretells=by_path),
    case("file.directory", "@WORK@/d", TREE, user="daemon", group="daemon", recurse=["user", "group"],
         label="recurse", foretells=by_path),
    case("file.directory", "@WORK@/d", TREE, dir_mode="0711", file_mode="0640", recurse=["mode"], label="modes",
         foretells=by_path),
    case("file.directory", "@WORK@/d", TREE, clean=True, label="clean", foretells=by_path),
    case("file.directory", "@WORK@/d", TREE, clean=True, exclude_pat="a", label="clean-but", foretells=by_path),
    case("file.directory", "@WORK@/d", "echo > d", force=True, label="force", foretells=would_be),
    case("file.directory", "@WORK@/d", "echo > d", does=FAILS, label="file"),
    case("file.directory", "@WORK@/d", "echo > d", backupname="@WORK@/old", label="backup",
         foretells=lambda changes: {"backup": "@WORK@/d would be renamed to @WORK@/old", **changes}),
    case("file.directory", "@WORK@/d", TREE, user="daemon", recurse=["user", "ignore_files"], label="not-files",
         foretells=by_path),
    case("file.directory", "@WORK@/d", TREE, user="daemon", recurse=["user"], max_depth=1, label="depth",
         foretells=by_path),
    case("file.recurse", "@WORK@/d", SOURCE, source="salt://tree", foretells=recursed_anew),
    case("file.recurse", "@WORK@/d", SOURCE + "cp -r @BASE@/tree d", source="salt://tree", does=NOTHING),
    case("file.recurse", "@WORK@/d", SOURCE + "cp -r @BASE@/tree d; echo z > d/x; echo more > d/more",
         source="salt://tree", clean=True, label="clean", foretells=recursed),
    case("file.recurse", "@WORK@/d", SOURCE, source="salt://tree", dir_mode="0700", file_mode="0600",
         include_empty=True, label="modes", foretells=recursed_anew),
    case("file.recurse", "@WORK@/d", SOURCE + "cp -r @BASE@/tree d", source="salt://tree", dir_mode="0711",
         file_mode="0604", label="only-modes", foretells=recursed),
    case("file.recurse", "@WORK@/d", SOURCE, source="salt://tree", exclude_pat="sub*", label="exclude",
         foretells=recursed_anew),
    case("file.recurse", "@WORK@/d", SOURCE + "ln -s x @BASE@/tree/link", source="salt://tree", keep_symlinks=True,
         label="links", foretells=recursed_anew),
    case("file.recurse", "@WORK@/d", SOURCE, source="salt://nosuch", does=FAILS),
    case("file.recurse", "@WORK@/d", SOURCE, source="salt://tree", user="daemon", group="daemon", label="owner",
         foretells=recursed_anew),
]  # fmt: skip
LINKS = [
    case("file.symlink", "@WORK@/l", target="@WORK@/f"),
    case("file.symlink", "@WORK@/l", "ln -s @WORK@/f l", target="@WORK@/f", does=NOTHING),
    case("file.symlink", "@WORK@/l", "ln -s other l", target="@WORK@/f", label="other",
         foretells=lambda changes: {"change": "@WORK@/l"}),
    case("file.symlink", "@WORK@/d/l", target="@WORK@/f", does=FAILS, unsure=EARLIER),
    case("file.symlink", "@WORK@/d/l", target="@WORK@/f", makedirs=True, label="parents"),
    case("file.symlink", "@WORK@/l", "echo > l", target="@WORK@/f", force=True, label="force", foretells=none_of),
    case("file.symlink", "@WORK@/l", "echo > l", target="@WORK@/f", does=FAILS, label="file"),
    case("file.symlink", "@WORK@/l", "echo > l", target="@WORK@/f", backupname="@WORK@/l.old", label="backup",
         foretells=none_of),
    case("file.symlink", "@WORK@/l", "ln -s @WORK@/f l", target="@WORK@/f", user="daemon", group="daemon",
         label="owner", foretells=lambda changes: {"ownership": "root:root"}),
    case("file.hardlink", "@WORK@/l", OLD, target=F),
    case("file.hardlink", "@WORK@/l", OLD + "ln f l", target=F, does=NOTHING),
    case("file.hardlink", "@WORK@/l", OLD + "echo > l", target=F, force=True, label="force", foretells=none_of),
    case("file.hardlink", "@WORK@/l", target=F, does=FAILS),
    case("file.absent", F, OLD),
    case("file.absent", F, does=NOTHING),
    case("file.absent", "@WORK@/d", TREE, label="tree"),
    case("file.absent", "@WORK@/l", "ln -s /nosuch l", label="broken-link"),
    case("file.absent", "f", does=FAILS),
    case("file.pruned", "@WORK@/d", "mkdir d"),
    case("file.pruned", "@WORK@/d", TREE, does=FAILS, unsure="an earlier state may empty it"),
    case("file.pruned", "@WORK@/d", "mkdir -p d/e/f", recurse=True, label="recurse",
         foretells=lambda changes: {"deleted": "@WORK@/d"}),
    case("file.pruned", "@WORK@/d", does=NOTHING),
    case("file.rename", "@WORK@/g", OLD, source=F, foretells=none_of),
    case("file.rename", "@WORK@/g", "echo > g", source=F, does=NOTHING),
    case("file.rename", "@WORK@/g", OLD + "echo > g", source=F, does=NOTHING, label="in-the-way"),
    case("file.rename", "@WORK@/g", OLD + "echo > g", source=F, force=True, label="force", foretells=none_of),
    case("file.rename", "@WORK@/d/g", OLD, source=F, makedirs=True, label="parents", foretells=none_of),
    case("file.copy", "@WORK@/g", OLD, source=F, foretells=none_of),
    case("file.copy", "@WORK@/g", OLD + "echo > g", source=F, does=NOTHING),
    case("file.copy", "@WORK@/g", OLD + "echo > g", source=F, force=True, label="force", foretells=none_of,
         repeats="it is forced"),
    case("file.copy", "@WORK@/g", OLD, source="@WORK@/nosuch", does=FAILS),
    case("file.copy", "@WORK@/e", TREE, source="@WORK@/d", label="tree", foretells=none_of),
    case("file.copy", "@WORK@/d/g", OLD, source=F, makedirs=True, mode="0600", label="parents", foretells=none_of),
    case("file.copy", "@WORK@/g", OLD + "mkdir g", source=F, subdir=True, label="subdir", foretells=none_of),
    case("file.exists", F, OLD, does=NOTHING),
    case("file.exists", F, does=FAILS),
    case("file.missing", F, does=NOTHING),
    case("file.missing", F, OLD, does=FAILS),
    case("file.mknod", "@WORK@/p", ntype="p", mode="0600", foretells=none_of),
    case("file.mknod", "@WORK@/p", "mkfifo -m 600 p", ntype="p", mode="0600", does=NOTHING),
    case("file.mknod", "@WORK@/p", "mkfifo -m 600 p", ntype="p", mode="0640", label="mode"),
    case("file.mknod", F, OLD, ntype="p", does=FAILS),
    case("file.shortcut", "@WORK@/s.lnk", target=F, does=FAILS),
    case("file.touch", F, repeats="touching sets the time anew"),
    case("file.touch", F, OLD, repeats="touching sets the time anew", label="old"),
    case("file.touch", "@WORK@/d/f", does=FAILS, unsure=EARLIER),
    case("file.touch", "@WORK@/d/f", makedirs=True, label="parents", repeats="touching sets the time anew"),
]  # fmt: skip
EDITS = [
    case("file.append", F, OLD, text="four"),
    case("file.append", F, OLD, text=["two", "four", "five"], label="some"),
    case("file.append", F, OLD, text=["two", "three"], does=NOTHING),
    case("file.append", F, text="x", label="new", foretells=lambda changes: {"new": F}),
    case("file.append", "@WORK@/d/f", text="x", makedirs=True, label="parents",
         foretells=lambda changes: {"new": "@WORK@/d/f"}),
    case("file.append", F, OLD + "echo more > @BASE@/more", source="salt://more", label="source"),
    case("file.append", F, "printf one > f", text="two", label="unended"),
    case("file.prepend", F, OLD, text="zero"),
    case("file.prepend", F, OLD, text=["one"], does=NOTHING),
    case("file.prepend", F, OLD, text=["two", "x"], header=True, label="header"),
    case("file.prepend", "@WORK@/d/f", text="x", makedirs=True, label="parents",
         foretells=lambda changes: {"new": "@WORK@/d/f"}),
    case("file.replace", F, OLD, pattern="t(w|h)", repl="T\\1"),
    case("file.replace", F, OLD, pattern="nosuch", repl="x", does=NOTHING),
    case("file.replace", F, OLD, pattern="^four=.*", repl="four=4", append_if_not_found=True, label="append"),
    case("file.replace", F, OLD, pattern="^zero=.*", repl="zero=0", prepend_if_not_found=True, label="prepend"),
    case("file.replace", F, OLD, pattern="two", repl="2", backup=".old", label="backup"),
    case("file.replace", F, OLD, pattern="two", repl="2", backup=False, label="no-backup"),
    case("file.replace", F, OLD, pattern="two", repl="2", show_changes=False, label="hidden"),
    case("file.replace", F, pattern="two", repl="2", does=FAILS),
    case("file.replace", F, pattern="two", repl="2", ignore_if_missing=True, does=NOTHING, label="missing"),
    case("file.line", F, OLD, content="four", mode="ensure", after="two"),
    case("file.line", F, OLD, content="two", mode="delete", label="delete"),
    case("file.line", F, OLD, content="TWO", match="two", mode="replace", label="replace"),
    case("file.line", F, OLD, content="zero", mode="insert", location="start", label="insert",
         repeats="this mode puts the line in each time"),
    case("file.line", F, OLD, content="two", mode="ensure", after="one", does=NOTHING),
    case("file.line", F, content="two", mode="ensure", after="one", does=FAILS),
    case("file.line", F, content="x", mode="insert", location="end", create=True, label="create",
         foretells=lambda changes: {"new": F}, repeats="this mode puts the line in each time"),
    case("file.blockreplace", F, BLOCK, content="new", **MARKS),
    case("file.blockreplace", F, BLOCK, content="old", does=NOTHING, **MARKS),
    case("file.blockreplace", F, OLD, content="new", append_if_not_found=True, label="append", **MARKS),
    case("file.blockreplace", F, OLD, content="new", prepend_if_not_found=True, label="prepend", **MARKS),
    case("file.blockreplace", F, OLD, content="new", insert_after_match="one", label="after", **MARKS),
    case("file.blockreplace", F, OLD, content="new", does=FAILS, **MARKS),
    case("file.blockreplace", F, BLOCK, content="new", backup=False, show_changes=False, label="hidden", **MARKS),
    case("file.comment", F, OLD, regex="^two", foretells=lambda changes: {F: "updated"}),
    case("file.comment", F, OLD, regex="^t", char="//", label="several", foretells=lambda changes: {F: "updated"}),
    case("file.comment", F, "printf '#two\\n' > f", regex="^two", does=NOTHING),
    case("file.comment", F, OLD, regex="^four", does=FAILS),
    case("file.comment", F, OLD, regex="^four", ignore_missing=True, does=NOTHING, label="missing"),
    case("file.uncomment", F, "printf '#two\\n# three\\n' > f", regex="^two", foretells=lambda changes: {F: "updated"}),
    case("file.uncomment", F, OLD, regex="^two", does=NOTHING),
    case("file.uncomment", F, OLD, regex="^four", does=FAILS),
    case("file.keyvalue", F, "printf 'a=1\\n#b=2\\n' > f", key="a", value="2", separator="="),
    case("file.keyvalue", F, "printf 'a=1\\n#b=2\\n' > f", key_values={"a": 1, "b": 3, "c": 4}, separator="=",
         uncomment="#", append_if_not_found=True, label="several"),
    case("file.keyvalue", F, "printf 'a=1\\n' > f", key="a", value="1", separator="=", does=NOTHING),
    case("file.keyvalue", F, key="a", value="1", separator="=", does=FAILS),
    case("file.keyvalue", F, key="a", value="1", separator="=", ignore_if_missing=True, does=NOTHING, label="missing"),
    case("file.patch", F, OLD + PATCH, source="@WORK@/p.diff", label="patch"),
    case("file.patch", F, "printf 'one\\nTWO\\nthree\\n' > f; " + PATCH, source="@WORK@/p.diff", does=NOTHING),
    case("file.patch", F, "echo other > f; " + PATCH, source="@WORK@/p.diff", does=FAILS),
    case("file.accumulated", "heap", filename=F, text="x", does=FAILS),
    case("file.decode", F, encoded_data="aGVsbG8=", encoding_type="base64", foretells=none_of),
    case("file.decode", F, "printf hello > f", encoded_data="aGVsbG8=", encoding_type="base64", does=NOTHING),
    case("file.decode", F, OLD, contents_pillar="none", encoding_type="base64", does=FAILS),
    case("file.decode", F, OLD, encoded_data="aGVsbG8=", encoding_type="base64", label="other"),
    case("file.serialize", F, dataset={"a": [1, 2]}, formatter="json", foretells=NEW, label="new"),
    case("file.serialize", F, "echo '{\"b\": 1}' > f", dataset={"a": 1}, serializer="json", merge_if_exists=True,
         label="merge"),
    case("file.serialize", F, "echo 'a: 1' > f", dataset={"a": 2}, serializer="yaml", mode="0600"),
    case("file.serialize", F, "echo 'a: 1' > f", dataset={"a": 1}, serializer="yaml", does=NOTHING),
    case("file.serialize", F, dataset={"a": 1}, serializer="nosuch", does=FAILS),
    case("file.serialize", F, dataset={"a": 1}, serializer="json", create=False, does=NOTHING, label="not-created"),
    case("file.tidied", "@WORK@/d", TREE + "touch -d 2001-01-01 d/a d/sub/b", matches=[".*"], age=5),
    case("file.tidied", "@WORK@/d", TREE + "touch -d 2001-01-01 d/a d/sub/b", matches=[".*"], age=5, rmdirs=True,
         label="directories"),
    case("file.tidied", "@WORK@/d", TREE, matches=["nosuch"], does=NOTHING),
    case("file.tidied", "@WORK@/d", TREE, matches=["b"], age=0, size="0b", label="size"),
    case("file.retention_schedule", "@WORK@/d", "mkdir d; touch -d 2001-01-01 d/a; touch -d 2001-01-02 d/b; touch d/c",
         retain={"most_recent": 1}),
    case("file.retention_schedule", "@WORK@/d", "mkdir d; touch d/c", retain={"most_recent": 1}, does=NOTHING),
    case("file.retention_schedule", "@WORK@/d", retain={"most_recent": 1}, does=FAILS),
    case("file.cached", "salt://s", SOURCE, unseen="the cache is the minion's own", foretells=none_of),
    case("file.cached", "salt://nosuch", SOURCE, does=FAILS, unsure="nothing is fetched"),
    case("file.cached", F, OLD, does=NOTHING),
    case("file.not_cached", "salt://s", SOURCE, first=(("file.cached", {"name": "salt://s"}),),
         unseen="the cache is the minion's own"),
    case("file.not_cached", "salt://s", does=NOTHING),
]  # fmt: skip
CASES = [*MANAGED, *DIRECTORIES, *LINKS, *EDITS]
