"""Whatever a function gives back becomes MessagePack that every reader understands."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import io
import math
import pathlib
import types

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saltern.plugins import encode as encoding
from saltern.plugins.encode import encode, pieces, plain, write


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


class Word(str):
    __slots__ = ()


class Thing:
    def __repr__(self) -> str:
        return "<a thing>"


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def through(value, warn=None):
    return msgspec.msgpack.decode(encode(value, warn), strict=False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset({1}), [1]),
        ((1, (2, 3)), [1, [2, 3]]),
        (collections.OrderedDict([("b", 1), ("a", 2)]), {"b": 1, "a": 2}),
        (collections.defaultdict(list, a=[1]), {"a": [1]}),
        (types.MappingProxyType({"a": 1}), {"a": 1}),
        ({1: 2, None: 3, (1, 2): 5}, {1: 2, None: 3, "(1, 2)": 5}),
        (b"\xff\x00", b"\xff\x00"),
        (bytearray(b"x"), b"x"),
        (datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.UTC), "2020-01-02 03:04:05+00:00"),
        (datetime.date(2020, 1, 2), "2020-01-02"),
        (datetime.timedelta(1), "1 day, 0:00:00"),
        (decimal.Decimal("1.10"), "1.10"),
        (pathlib.PurePosixPath("/etc"), "/etc"),
        (Colour.RED, "red"),
        (Level.LOW, 1),
        (Word("w"), "w"),
        (2**100, str(2**100)),
        (2**64 - 1, 2**64 - 1),
        (-(2**63), -(2**63)),
        (range(3), [0, 1, 2]),
        ({"a": 1}.keys(), ["a"]),
    ],
    ids=repr,
)
def test_a_value_is_given_in_its_plain_form(value, expected):
    warnings = []
    assert expected == through({"v": value}, warnings.append)["v"]
    assert warnings == []


def test_not_a_number_stays_one():
    assert math.isnan(through(float("nan")))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Thing(), "<a thing>"),
        (Hostile(), "<Hostile whose repr raised RuntimeError>"),
        ([Thing(), Thing()], ["<a thing>"] * 2),
    ],
    ids=["object", "hostile object", "two objects"],
)
def test_an_object_becomes_text_and_is_told_of_once(value, expected):
    warnings = []
    assert expected == through(value, warnings.append)
    assert len(warnings) == 1


def test_text_with_lone_surrogates_is_mended():
    warnings = []
    assert through({"k\udcff": "caf\udce9"}, warnings.append) == {"k\ufffd\ufffd\ufffd": "caf\ufffd\ufffd\ufffd"}
    assert len(warnings) == 1


def test_a_container_in_itself_ends():
    loop: list = [1]
    loop.append(loop)
    warnings = []
    assert through(loop, warnings.append) == [1, "[1, [...]]"]
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    through(deep, warnings.append)
    assert warnings


def test_what_needs_no_change_is_not_copied():
    value = {"a": [1, {"b": "x"}], "c": None}
    assert plain(value) is value
    assert plain([*value, (1,)])[1] == "c"


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.binary()
    | st.text("aé\U0001f600"),
    lambda inner: (
        st.lists(inner, max_size=40)
        | st.dictionaries(st.text("abc", max_size=4) | st.integers(-9, 9), inner, max_size=40)
    ),
    max_leaves=60,
)


@settings(max_examples=60, deadline=None)
@given(_values)
def test_pieces_are_the_same_message(value):
    before = encoding._SMALL_WEIGHT, encoding._PIECE_BYTES, encoding._RUN
    try:
        # As small as can be, so that every value goes every way that only huge ones go.
        encoding._SMALL_WEIGHT, encoding._PIECE_BYTES, encoding._RUN = 10, 3, 3
        assert value == msgspec.msgpack.decode(b"".join(pieces(value)), strict=False)
    finally:
        encoding._SMALL_WEIGHT, encoding._PIECE_BYTES, encoding._RUN = before


@pytest.mark.parametrize(
    "value",
    [
        "x" * (3 << 20),
        b"y" * (3 << 20),
        "é" * (1 << 20),
        list(range(70_000)),
        {str(n): n for n in range(70_000)},
        [["z" * 999] * 999],
    ],
    ids=["text", "bytes", "other text", "list", "map", "nested"],
)
def test_a_huge_value_is_written_in_bounded_pieces(value):
    file = io.BytesIO()
    written = write(value, file)
    assert written == len(file.getvalue())
    assert value == msgspec.msgpack.decode(file.getvalue())
    assert max(len(piece) for piece in pieces(value)) < 3 << 20


def test_a_value_of_any_kind_of_key_is_still_one_map():
    assert {str(key): value for key, value in through({"a": 1, b"x": 2}).items()} == {"a": 1, "b'x'": 2}
