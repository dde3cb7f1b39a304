"""Which of two package versions is the newer one, by the rules of dpkg, rpm (and pacman) and apk.

Each `compare_*` answers -1, 0 or 1, or None for a text that is no version of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

Compare = Callable[[str, str], "int | None"]

_DEB = re.compile(r"(?:(\d+):)?([A-Za-z0-9.+~-]+?)(?:-([A-Za-z0-9.+~]*))?")
_APK = re.compile(
    r"(?P<numbers>\d+(?:\.\d+)*)(?P<letter>[a-z]?)(?P<suffixes>(?:_[a-z]+\d*)*)(?:~[0-9a-f]+)?(?:-r(?P<build>\d+))?"
)
_APK_SUFFIXES = ("alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p")


def compare_deb(one: str, other: str) -> int | None:
    """Compare as dpkg does: epoch, upstream version, revision."""
    mine, theirs = _deb_parts(one), _deb_parts(other)
    if mine is None or theirs is None:
        return None
    (epoch, upstream, revision), (other_epoch, other_upstream, other_revision) = mine, theirs
    return (
        _order(epoch, other_epoch)
        or _compare_deb_text(upstream, other_upstream)
        or _compare_deb_text(revision, other_revision)
    )


def compare_rpm(one: str, other: str) -> int | None:
    """Compare `epoch:version-release` as rpm does; a release that one side leaves out is not compared."""
    epoch, version, release = rpm_parts(one)
    other_epoch, other_version, other_release = rpm_parts(other)
    if not version or not other_version:
        return None
    return (
        _order(int(epoch), int(other_epoch))
        or compare_rpm_text(version, other_version)
        or (compare_rpm_text(release, other_release) if release and other_release else 0)
    )


def compare_apk(one: str, other: str) -> int | None:
    """Compare as apk does: numbers, letter, suffixes (`_rc1` is before, `_p1` after none), build."""
    found = [_APK.fullmatch(text) for text in (one, other)]
    if found[0] is None or found[1] is None:
        return None
    first, second = (_apk_key(match) for match in found if match)
    return _order(first, second)


def rpm_parts(text: str) -> tuple[str, str, str]:
    """Epoch (`0` when there is none), version and release (may be empty)."""
    epoch, colon, rest = text.partition(":")
    if not colon or not epoch.isdigit():
        epoch, rest = "0", text
    version, _, release = rest.partition("-")
    return epoch, version, release


def without_epoch(version: str) -> str:
    epoch, colon, rest = version.partition(":")
    return rest if colon and epoch.isdigit() else version


def compare_rpm_text(one: str, other: str) -> int:
    """Compare two texts segment by segment: digits as numbers, newer than letters; `~` is before the end, `^` after."""
    for mine, theirs in zip_longest(_rpm_segments(one), _rpm_segments(other)):
        if mine == theirs:
            continue
        rank = _order(_rpm_rank(mine), _rpm_rank(theirs))
        if rank:
            return rank
        if mine is not None and theirs is not None and mine.isdigit():
            rank = _order(int(mine), int(theirs))
        else:
            rank = _order(mine or "", theirs or "")
        if rank:
            return rank
    return 0


def _deb_parts(text: str) -> tuple[int, str, str] | None:
    found = _DEB.fullmatch(text)
    return None if found is None else (int(found[1] or 0), found[2], found[3] or "")


def _compare_deb_text(one: str, other: str) -> int:
    pairs = zip_longest(_deb_runs(one), _deb_runs(other), fillvalue=("", 0))
    for (letters, number), (other_letters, other_number) in pairs:
        rank = _compare_deb_letters(letters, other_letters) or _order(number, other_number)
        if rank:
            return rank
    return 0


def _deb_runs(text: str) -> Iterator[tuple[str, int]]:
    """Each run of anything but digits with the number after it."""
    for letters, digits in re.findall(r"(\D*)(\d*)", text):
        yield letters, int(digits or 0)


def _compare_deb_letters(one: str, other: str) -> int:
    """`~` is before the end of the text, which is before letters, which are before all else."""
    for mine, theirs in zip_longest(one, other, fillvalue=""):
        rank = _order(_deb_rank(mine), _deb_rank(theirs))
        if rank:
            return rank
    return 0


def _deb_rank(character: str) -> int:
    if character == "~":
        return -1
    if not character:
        return 0
    return ord(character) if character.isalpha() else ord(character) + 256


def _rpm_segments(text: str) -> list[str]:
    return re.findall(r"\d+|[A-Za-z]+|~|\^", text)


def _rpm_rank(segment: str | None) -> int:
    """`~` < the end < `^` < letters < digits."""
    if segment is None:
        return 1
    if segment in "~^":
        return 0 if segment == "~" else 2
    return 4 if segment.isdigit() else 3


def _apk_key(match: re.Match[str]) -> tuple[list[int], str, list[tuple[int, int]], int]:
    numbers = [int(number) for number in match["numbers"].split(".")]
    suffixes = re.findall(r"_([a-z]+)(\d*)", match["suffixes"])
    ranks = [(_APK_SUFFIXES.index(name) if name in _APK_SUFFIXES else 4, int(digits or 0)) for name, digits in suffixes]
    return numbers, match["letter"], [*ranks, (4, 0)], int(match["build"] or 0)


def _order(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)
