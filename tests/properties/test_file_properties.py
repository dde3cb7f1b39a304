"""States of files over files, trees and arguments that nobody thought of.

Whatever they are: the dry run touches nothing, it says None if and only if the real run changes something, and the
second run finds all as it should be.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trials import Place, tree, untouched

pytestmark = [
    pytest.mark.behaviour("TST-01", "STM-01"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away"),
]
bounded = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

WORDS = ("a", "b b", "#a", "x=1", "x = 2", "é", "\ta", "", "  b", "a.b")
word = st.sampled_from(WORDS)
lines = st.lists(word, max_size=5)
text = st.builds(lambda many, end: "\n".join(many) + end, lines, st.sampled_from(["", "\n", "\n\n"]))
windows_text = st.builds(lambda many: "".join(f"{one}\r\n" for one in many), lines)
old_text = st.none() | text | windows_text
mode = st.sampled_from([None, "0600", "0644", 755, "4711"])
owner = st.sampled_from([None, "root", "daemon", 4242])
flag = st.booleans()
file_tree = st.dictionaries(st.sampled_from(["a", "b/c", "b/d/e", "f", "g/h"]), text, max_size=4)
data = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.integers(-3, 3) | st.text("xyé", max_size=3) | st.lists(flag, max_size=2)
)


@pytest.fixture
def try_state(tmp_path: Path) -> Callable[..., None]:
    """Try a state in a new directory each time, which `before` has filled."""
    place = Place(tmp_path)
    place.tokens = {}
    count = iter(range(10**6))

    def tried(fun: str, before: Callable[[Path], Any], *, settles: bool = True, **arguments: Any) -> None:
        here = place.work / str(next(count))
        here.mkdir()
        before(here)
        place.tokens |= {"@HERE@": str(here), "@NUMBER@": here.name}
        _try(place, here, fun, arguments, settles)

    return tried


def _try(place: Place, here: Path, fun: str, arguments: Mapping[str, Any], settles: bool) -> None:
    arguments = {key: value for key, value in arguments.items() if value is not None}
    before = tree(here)
    foretold = place.state(fun, test=True, **arguments)
    untouched(before, tree(here), f"the dry run, which said {foretold}")
    done = place.state(fun, test=False, **arguments)
    both = f"{fun} {arguments}\nforetold: {foretold}\n    done: {done}"
    changed = tree(here) != before
    assert foretold["result"] is (None if changed else done["result"]), both
    assert done["result"] is True or not changed, both
    assert bool(done["changes"]) is changed, both
    assert bool(foretold["changes"]) is changed or fun in _TELL_NONE, both
    if settles and done["result"]:
        after = tree(here)
        for test in (True, False):
            again = place.state(fun, test=test, **arguments)
            assert (again["result"], again["changes"]) == (True, {}), f"again, {test=}: {again}\n{both}"
        untouched(after, tree(here), f"the second run, which said {again}")


_TELL_NONE = ("file.copy", "file.rename", "file.symlink", "file.hardlink", "file.decode", "file.mknod")
"""In Salt the dry runs of these say in the comment alone what would be done."""


def with_file(content: str | None, bits: Any = None) -> Callable[[Path], None]:
    def made(here: Path) -> None:
        if content is not None:
            (here / "f").write_bytes(content.encode())
            (here / "f").chmod(int(str(bits or 644), 8) & 0o7777)

    return made


def with_tree(files: Mapping[str, str]) -> Callable[[Path], None]:
    def made(here: Path) -> None:
        for path, content in files.items():
            (here / "d" / path).parent.mkdir(parents=True, exist_ok=True)
            (here / "d" / path).write_text(content)

    return made


F = "@HERE@/f"


@bounded
@given(old_text, mode, st.none() | text, mode, owner, flag, flag, flag)
def test_managed(try_state, old, bits, contents, wanted_mode, user, replace, newline, show):
    try_state("file.managed", with_file(old, bits), name=F, contents=contents, mode=wanted_mode, user=user,
              replace=replace, contents_newline=newline, show_changes=show)  # fmt: skip


@bounded
@given(file_tree, mode, mode, mode, owner, flag, st.sets(st.sampled_from(["user", "group", "mode"])), flag)
def test_directory(try_state, files, itself, below, of_files, user, clean, recurse, exclude):
    try_state("file.directory", with_tree(files), name="@HERE@/d", mode=itself, dir_mode=below, file_mode=of_files,
              user=user, group="root", clean=clean, recurse=sorted(recurse) if user and below and of_files else None,
              exclude_pat="b" if exclude else None)  # fmt: skip


@bounded
@given(file_tree, file_tree, mode, mode, flag, flag)
def test_recurse(try_state, files, served, below, of_files, clean, empty):
    def before(here: Path) -> None:
        base = here.parent.parent / "minion" / "base" / here.name
        (base / "always").mkdir(parents=True)
        (base / "always" / "one").write_text("1\n")
        for path, content in served.items():
            (base / path).parent.mkdir(parents=True, exist_ok=True)
            (base / path).write_text(content)
        with_tree(files)(here)

    try_state("file.recurse", before, name="@HERE@/d", source="salt://@NUMBER@", dir_mode=below, file_mode=of_files,
              clean=clean, include_empty=empty)  # fmt: skip


@bounded
@given(st.sampled_from(["nothing", "file", "link", "same", "directory"]), flag, flag, owner)
def test_symlink(try_state, there, force, deep, user):
    def before(here: Path) -> None:
        link = here / "l"
        if there == "file":
            link.write_text("x")
        elif there == "directory":
            (link / "sub").mkdir(parents=True)
        elif there != "nothing":
            link.symlink_to(here / "f" if there == "same" else "elsewhere")

    name = "@HERE@/q/l" if deep else "@HERE@/l"
    try_state("file.symlink", before, name=name, target=F, force=force, makedirs=True, user=user)


@bounded
@given(text | windows_text, st.lists(word.filter(str.strip), min_size=1, max_size=3), flag)
def test_append(try_state, old, added, ignore_space):
    try_state("file.append", with_file(old), name=F, text=added, ignore_whitespace=ignore_space)


@bounded
@given(text, st.lists(word.filter(str.strip), min_size=1, max_size=3, unique=True), flag)
def test_prepend(try_state, old, added, header):
    try_state("file.prepend", with_file(old), name=F, text=added, header=header)


@bounded
@given(text | windows_text, st.sampled_from(["a", "b+", "^#.*$", r"x\s*=\s*(\d)", "^nosuch"]),
       st.sampled_from(["y", "z z", "", r"q\\"]), st.sampled_from([0, 1]), st.sampled_from(["", "append", "prepend"]),
       flag)  # fmt: skip
def test_replace(try_state, old, pattern, new, count, otherwise, show):
    more = {f"{otherwise}_if_not_found": True, "not_found_content": "content=1"} if otherwise else {}
    # A count leaves matches for the next run, and so does the place of what was found: then it is put in.
    try_state("file.replace", with_file(old), name=F, pattern=pattern, repl=new, count=count, show_changes=show,
              backup=False, settles=not count and not otherwise, **more)  # fmt: skip


@bounded
@given(text, text, st.sampled_from(["in", "out", "half"]), st.sampled_from(["", "append", "prepend"]), flag)
def test_blockreplace(try_state, around, content, marked, otherwise, newline):
    block = {"in": "# <\nold\n# >\n", "out": "", "half": "# <\nold\n"}[marked]
    more = {f"{otherwise}_if_not_found": True} if otherwise else {}
    ended = around if around.endswith("\n") or not around else f"{around}\n"
    try_state("file.blockreplace", with_file(ended + block), name=F, marker_start="# <", marker_end="# >",
              content=content, append_newline=newline, backup=False, **more)  # fmt: skip


@bounded
@given(text | windows_text, st.sampled_from(["^a", "^x", "^b b$", "^nosuch"]), st.sampled_from(["#", "//", "; "]), flag)
def test_comment(try_state, old, regex, char, ignore):
    try_state("file.comment", with_file(old), name=F, regex=regex, char=char, ignore_missing=ignore, backup=False)


@bounded
@given(text | windows_text, st.sampled_from(["^a", "^x", "^nosuch"]), flag)
def test_uncomment(try_state, old, regex, spaced):
    commented = old.replace("a", "# a" if spaced else "#a")
    try_state("file.uncomment", with_file(commented), name=F, regex=regex, backup=False)


@bounded
@given(old_text, st.dictionaries(st.sampled_from(["x", "a", "new"]), st.integers(0, 3), min_size=1), flag, flag,
       st.sampled_from(["=", " = "]))  # fmt: skip
def test_keyvalue(try_state, old, pairs, append, uncomment, separator):
    try_state("file.keyvalue", with_file(old), name=F, key_values=pairs, separator=separator,
              append_if_not_found=append, uncomment="#" if uncomment else None, ignore_if_missing=True)  # fmt: skip


@bounded
@given(
    text, st.sampled_from(["ensure", "delete", "replace"]), word.filter(str.strip), st.sampled_from(["a", "b b", "x=1"])
)
def test_line(try_state, old, how, content, beside):
    more = {"after": beside} if how == "ensure" else {"match": beside} if how == "replace" else {}
    # What is put into the file may be what the place is known by.
    settles = how == "delete" or (how == "ensure" and beside not in content)
    try_state("file.line", with_file(old), name=F, mode=how, content=content, settles=settles, **more)


@bounded
@given(old_text, data, st.sampled_from(["json", "yaml"]), flag)
def test_serialize(try_state, old, dataset, serializer, merge):
    kept = None if merge else old
    try_state("file.serialize", with_file(kept), name=F, dataset=dataset, serializer=serializer, merge_if_exists=merge)


@bounded
@given(old_text, st.binary(max_size=8))
def test_decode(try_state, old, content):
    try_state("file.decode", with_file(old), name=F, encoded_data=base64.b64encode(content).decode())


@bounded
@given(old_text, old_text, flag, mode)
def test_copy_and_rename(try_state, source, target, force, bits):
    def before(here: Path) -> None:
        with_file(source)(here)
        if target is not None:
            (here / "g").write_bytes(target.encode())

    # What is copied by force is copied each time.
    try_state("file.copy", before, name="@HERE@/g", source=F, force=force, mode=bits, settles=not force)
    try_state("file.rename", before, name="@HERE@/g", source=F, force=force)


@bounded
@given(file_tree, st.sampled_from(["@HERE@/d", "@HERE@/d/a", "@HERE@/d/b", "@HERE@/nosuch"]))
def test_absent(try_state, files, name):
    try_state("file.absent", with_tree(files), name=name)


@bounded
@given(file_tree, st.sampled_from([[".*"], ["a"], ["c", "e"]]), flag, flag)
def test_tidied(try_state, files, matches, directories, old):
    def before(here: Path) -> None:
        with_tree(files)(here)
        (here / "d").mkdir(exist_ok=True)
        for path in (here / "d").rglob("*"):
            if old and path.is_file():
                os.utime(path, (0, 0))

    try_state("file.tidied", before, name="@HERE@/d", matches=matches, rmdirs=directories, age=1, size="1g",
              age_size_logical_operator="OR")  # fmt: skip


@bounded
@given(st.sampled_from(["", "file", "fifo"]), st.sampled_from(["0600", "0644"]))
def test_mknod(try_state, there, bits):
    def before(here: Path) -> None:
        if there == "file":
            (here / "p").write_text("x")
        elif there == "fifo":
            os.mkfifo(here / "p", 0o600)

    try_state("file.mknod", before, name="@HERE@/p", ntype="p", mode=bits)
