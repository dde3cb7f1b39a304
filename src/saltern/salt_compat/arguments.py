"""The words of a command line as arguments of a function, as Salt reads them (behaviour LDR-11).

Each word is YAML 1.1 with exceptions that keep texts what they look like: a word with a line break or a tab, or one
that would become a mapping or a list without saying so by `{` or `[`, stays a text, and so do dates and numbers with
underscores.
`0644` is the number 644. `key=value` is a keyword argument. Twenty digits are a job id, which is a text.

YAML's import costs more than a whole command should, so a word is only given to YAML when it could be more than a text
or a plain number.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

_CONSTANTS: dict[str, bool | None] = {
    spelling: value
    for word, value in (("true", True), ("yes", True), ("on", True), ("false", False), ("no", False), ("off", False))
    for spelling in (word, word.title(), word.upper())
} | dict.fromkeys(("null", "Null", "NULL", "None", "~"))
_DIGITS = frozenset("0123456789")
_JID_DIGITS = 20
_LEADS_TEXT = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/_$~(;^\\*@%`=")
"""What a word that is a text or a constant begins with: no number, no quote, no YAML syntax that means a value."""


def parse_words(words: Iterable[str], no_parse: Sequence[str] = ()) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments of a command line's words; the values of keywords in `no_parse` stay texts."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for word in words:
        key, value = split_keyword(word)
        if key:
            kwargs[key] = value if key in no_parse else parse_value(value)
        else:
            args.append(word if _is_jid(word) else parse_value(word))
    return args, kwargs


def publication_arguments(args: Sequence[Any], kwargs: dict[str, Any]) -> list[Any]:
    """The arguments as a job carries them: the keywords as a trailing dictionary flagged `__kwarg__`."""
    return [*args, {**kwargs, "__kwarg__": True}] if kwargs else list(args)


def split_keyword(word: str) -> tuple[str, str]:
    """Key and value of `key=value`; an empty key and the word when it is positional.

    A key begins with a letter or underscore and goes on with those, digits, `-` and `.`. A value that begins with `=`
    or holds a line break, but for one at its end, makes the word positional.
    """
    key, mark, value = word.removesuffix("\n").partition("=")
    if not mark or not key or key[0] in "-." or value.startswith("=") or "\n" in value:
        return "", word
    return (key, value) if key.replace("-", "").replace(".", "").isidentifier() else ("", word)


def parse_value(word: str) -> Any:
    """The value that a word means."""
    text = word.strip()
    if not text or "\n" in word or "\t" in word or text[0] == "#":
        return word
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in _LEADS_TEXT:
        return text if _stays_stripped(word, text) else word
    if _DIGITS.issuperset(text):
        return int(text) if text[0] != "0" or text == "0" else _parse_yaml(word, text)
    return _parse_yaml(word, text)


def _stays_stripped(word: str, text: str) -> bool:
    """Whether blanks around a text are dropped: they are where YAML can read it as a plain text."""
    return word != text and text[0] not in "*@%`=" and text.isprintable() and ": " not in word and text[-1] != ":"


def _parse_yaml(word: str, text: str) -> Any:
    # A lone tag has no value to be of it, and is what a locked password looks like.
    if _is_underscored(text) or word == "!":
        return word
    value = _loaded(word)
    if isinstance(value, str):
        return word if "#" in word or word == "|" else value
    if isinstance(value, dict):
        return value if text[0] == "{" else word
    if isinstance(value, list):
        return value if text[0] == "[" else word
    return value if isinstance(value, int | float) else word


def _is_jid(word: str) -> bool:
    return len(word) == _JID_DIGITS and _DIGITS.issuperset(word)


def _is_underscored(text: str) -> bool:
    return "_" in text and _DIGITS.issuperset(text.replace("_", ""))


def _loaded(word: str) -> Any:
    from saltern.salt_compat.yaml_words import load_word

    return load_word(word)
