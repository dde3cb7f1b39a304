"""Whether nested data holds what `key:key:value` asks for (behaviour TGT-02).

The language, as Salt's minions understand it:

- The text is split at the delimiter; any number of words, at least one, may be the keys, what is left is the value.
  So a value may contain the delimiter. A text without the delimiter matches nothing.
- A dict holds what is left if it has a key of that name; a list if one of its items does; anything else is compared as
  text, without regard to case.
- `*` in place of a value means that there is one. `*:` in place of a key means every key of the dict, or none: what
  follows may also be found in the dict itself. Behind such a wildcard the delimiter is always `:`.
- An index (`0`, `-1`) may be the key of a list, and so may a key of the dicts in it: with the delimiter `:` of any of
  them, with another delimiter of the first that has it.
- A key that is a number, a boolean or None in the data can be named too. White space around a key is nothing.
- An empty dict holds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from saltern.errors import TargetError
from saltern.targeting.texts import TextTest

_WILDCARD = "*:"
_LITERALS = {"True": True, "False": False, "None": None}
_MISSING = object()
_MOST_WILDCARDS = 10
"""Each one may double the ways to look, and the data may be a stranger's."""


class NestedTest:
    """An expression on nested data; `make` turns a pattern in lower case into a test of a value in lower case."""

    def __init__(self, expression: str, delimiter: str, make: Callable[[str], TextTest]) -> None:
        self._rest = _Rest(expression, delimiter, make)
        self._bearable = expression.count(_WILDCARD) <= _MOST_WILDCARDS
        self._key = ""
        self._fits: TextTest = _no_text
        if len(self._rest.words) == 2 and not self._rest.wild:
            # `os:Debian`, by far the most frequent form, asked of every minion of a fleet.
            self._key = self._rest.words[0]
            self._fits = self._rest.tail(1).test

    def __call__(self, data: Mapping[str, Any]) -> bool:
        if self._key:
            value = data.get(self._key)
            if value.__class__ is str:
                return self._fits(value.lower())
        return bool(data) and self._bearable and _leads_to(data, self._rest)

    def check(self) -> None:
        """Raises `TargetError` for an expression that cannot match anything."""
        words = self._rest.words
        if not self._bearable:
            raise TargetError(f"more than {_MOST_WILDCARDS} wildcards in {self._rest.text!r}")
        if len(words) < 2:
            raise TargetError(
                f"{self._rest.text!r} has no delimiter", hint="a key and a value are asked for: key:value"
            )
        if "*" in words or _WILDCARD in self._rest.text:
            return
        errors = [self._rest.tail(count).error for count in range(1, len(words))]
        if errors[0] and all(errors):
            raise errors[0]


class _Rest:
    """What is left of an expression after some of its keys were followed."""

    def __init__(self, text: str, delimiter: str, make: Callable[[str], TextTest]) -> None:
        self.text = text
        self.delimiter = delimiter
        self.words = text.split(delimiter) if delimiter else [text]
        self._make = make
        self._tails: dict[int, _Rest] = {}
        self._below: _Rest | None = None
        self._test: TextTest | None = None

    @property
    def wild(self) -> bool:
        return self.text.startswith(_WILDCARD)

    @property
    def with_colons(self) -> _Rest:
        """The same text, split at colons."""
        return self if self.delimiter == ":" else _Rest(self.text, ":", self._make)

    @property
    def below(self) -> _Rest:
        """What follows the wildcard."""
        if self._below is None:
            self._below = _Rest(self.text[len(_WILDCARD) :], ":", self._make)
        return self._below

    def tail(self, count: int) -> _Rest:
        """What follows the first `count` words."""
        found = self._tails.get(count)
        if found is None:
            text = self.delimiter.join(self.words[count:])
            found = self._tails[count] = _Rest(text, self.delimiter, self._make)
        return found

    def fits(self, value: object) -> bool:
        return self.test(str(value).lower())

    @property
    def test(self) -> TextTest:
        """Whether a value, in lower case, is what is left."""
        if self._test is None:
            try:
                self._test = self._make(self.text.lower())
            except TargetError:
                # Other ways to split the expression may still fit.
                self._test = _no_text
        return self._test

    @property
    def error(self) -> TargetError | None:
        try:
            self._make(self.text.lower())
        except TargetError as error:
            return error
        return None


def _no_text(_text: str) -> bool:
    return False


def _leads_to(data: Any, rest: _Rest) -> bool:
    """Whether keys of `rest`, followed from `data`, lead to what is left of it then."""
    if rest.wild and rest.delimiter == ":":
        return isinstance(data, dict) and _dict_holds(data, rest)
    if len(rest.words) < 2:
        return False
    node, left = _step(data, rest.words[0]), rest.tail(1)
    if node is _MISSING:
        return False
    # A dict looks for further keys itself; in a list an index may follow, and `*:` may be how a key starts.
    further = isinstance(node, list | tuple) or (left.wild and left.delimiter != ":")
    return _holds(node, left) or (further and _leads_to(node, left))


def _holds(node: Any, rest: _Rest) -> bool:
    if isinstance(node, dict):
        return bool(node) and _dict_holds(node, rest)
    if isinstance(node, list | tuple):
        inner = rest.with_colons
        return any((isinstance(item, dict) and _dict_holds(item, inner)) or rest.fits(item) for item in node)
    return rest.fits(node)


def _dict_holds(node: Mapping[Any, Any], rest: _Rest) -> bool:
    here = rest.below if rest.wild else rest
    if here.text == "*" or here.text in node or _leads_to(node, here):
        return True
    return rest.wild and any(_value_holds(value, here) for value in node.values())


def _value_holds(value: Any, rest: _Rest) -> bool:
    """Behind a wildcard the items of a list are compared as texts and not looked into."""
    if isinstance(value, dict):
        return _dict_holds(value, rest)
    if isinstance(value, list | tuple):
        return any(rest.fits(item) for item in value)
    return rest.fits(value)


def _step(node: Any, word: str) -> Any:
    if isinstance(node, dict):
        return _value(node, word)
    if isinstance(node, list | tuple):
        index = _literal(word)
        if isinstance(index, int) and -len(node) <= index < len(node):
            return node[index]
        return next((item[word] for item in node if isinstance(item, dict) and word in item), _MISSING)
    return _MISSING


def _value(node: Mapping[Any, Any], word: str) -> Any:
    if word in node:
        return node[word]
    bare = word.strip()
    if bare in node:
        return node[bare]
    key = _literal(bare)
    return _MISSING if key is _MISSING else node.get(key, _MISSING)


def _literal(word: str) -> Any:
    if word in _LITERALS:
        return _LITERALS[word]
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return _MISSING
