"""The words of a command line mean what they mean to Salt 3008.2: several hundred of them, as it answered."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from saltern.salt_compat.arguments import parse_value, parse_words, publication_arguments

RECORDED = json.loads((Path(__file__).parent / "arguments.json").read_text())
DIFFERENT = {"&anchor", "a: b#c", "a: b #c", "x#y: 1", "a: '#'", "a: #", "a#: b", "- a#b", "a: [1]#", "a: 1#"}
"""Texts that we keep. Salt makes null of an anchor, and reads mappings and lists where a `#` is in the word."""


@pytest.mark.behaviour("LDR-11")
@pytest.mark.parametrize("one", RECORDED, ids=[ascii(one["word"]) for one in RECORDED])
def test_a_word_means_what_it_means_to_salt(one):
    answer = parse_words([one["word"]])
    if one["word"] in DIFFERENT:
        assert answer == ([one["word"]], {})
    else:
        assert json.dumps([one["args"], one["kwargs"]]) == json.dumps(answer)


@pytest.mark.behaviour("LDR-11")
def test_keywords_that_are_not_to_be_parsed_stay_texts():
    assert parse_words(["a=1", "b=2"], no_parse=["a"]) == ([], {"a": "1", "b": 2})


@pytest.mark.behaviour("LDR-11")
def test_keywords_travel_as_a_flagged_dictionary_at_the_end():
    assert publication_arguments(*parse_words(["a=1", "3"])) == [3, {"a": 1, "__kwarg__": True}]
    assert publication_arguments([3], {}) == [3]


def test_bytes_that_are_no_text_come_through():
    word = b"caf\xe9".decode("utf-8", "surrogateescape")
    assert word == parse_value(word)


@pytest.mark.parametrize("word", ["hello", "web*", "/etc/passwd", "salt://a/b", "a=b", "x=1", "42", "True", "*", "~"])
def test_plain_words_need_no_yaml(word):
    script = (
        "import sys; from saltern.salt_compat.arguments import parse_words; parse_words([sys.argv[1]]);"
        "sys.exit('yaml' in sys.modules or 'typing' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-I", "-c", script, word], timeout=30, check=False).returncode == 0
