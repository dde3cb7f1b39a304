"""Pillar from the rows of SQL queries: the options and the shapes that all databases share (behaviour PIL-08).

Columns are keys, one inside the other, the last one is the value. `depth` ends that early: below it, columns stand by
their names. `as_list` makes a list of values that meet under one key, `with_lists` makes lists of what lies at these
depths, `ignore_null` leaves out NULL, `as_json` merges a column of JSON documents.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from saltern.plugin_api.errors import MinionError
from saltern.plugin_api.merging import update

Row = Sequence[Any]
Ask = Callable[[str, str], tuple[list[str], Iterable[Row]]]
"""From a query and the minion's id, its one parameter, to the names of the columns and the rows."""


class Query(NamedTuple):
    """One query; `key` is where in the pillar its data belongs, empty: at the root."""

    text: str
    key: str = ""
    depth: int = 0
    as_list: bool = False
    with_lists: frozenset[int] = frozenset()
    as_json: bool = False
    ignore_null: bool = False


def sql_pillar(minion_id: str, args: Sequence[Any], kwargs: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    """The data of all queries: those in `args` belong to the root of the pillar, those in `kwargs` to their keys."""
    pillar: dict[str, Any] = {}
    for query in queries_of(args, kwargs):
        names, rows = ask(query.text, minion_id)
        place = pillar.setdefault(query.key, {}) if query.key else pillar
        if query.as_json:
            _merge_json(place, rows)
        else:
            _Tree(query, names, place).add(rows)
    return pillar


def queries_of(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Iterator[Query]:
    """The queries of an entry of `ext_pillar`; a query is a text, or a mapping with the text under `query`."""
    for key, given in (*(("", one) for one in args), *kwargs.items()):
        options = {"query": given} if isinstance(given, str) else given
        if not isinstance(options, Mapping) or not options.get("query"):
            raise MinionError(f"the query {key or given} has no text under the key 'query'")
        yield Query(
            str(options["query"]),
            key,
            int(options.get("depth") or 0),
            bool(options.get("as_list")),
            _numbers(options.get("with_lists")),
            bool(options.get("as_json")),
            bool(options.get("ignore_null")),
        )


def _numbers(given: Any) -> frozenset[int]:
    words = str(given).split(",") if isinstance(given, str | int) else given or ()
    return frozenset(int(word) for word in words if str(word).strip().isdigit())


def _merge_json(place: dict[str, Any], rows: Iterable[Row]) -> None:
    for row in rows:
        for value in row:
            found = json.loads(value) if isinstance(value, str | bytes | bytearray) else value
            if isinstance(found, Mapping):
                update(place, found, merge_lists=True)


class _Tree:
    """Puts rows into `place`."""

    def __init__(self, query: Query, names: Sequence[str], place: dict[str, Any]) -> None:
        self._query = query
        self._names = names
        self._place = place
        deepest = max(len(names) - 1, 0)
        self._depth = query.depth if 0 < query.depth < deepest else deepest
        self._by_name = self._depth < deepest

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            here = self._place
            for key in row[: self._depth - (0 if self._by_name else 1)]:
                here = self._below(here, key)
            if self._by_name:
                for number in range(self._depth, len(row)):
                    self._put(here, self._names[number], row[number], number + 1)
            elif len(row) > 1:
                self._put(here, row[-2], row[-1], len(row) - 1)
        self._make_lists(self._place, 1)

    @staticmethod
    def _below(here: dict[Any, Any], key: Any) -> dict[Any, Any]:
        """The dictionary under a key; what is no dictionary gives way to one."""
        if not isinstance(here.get(key), dict):
            here[key] = {}
        found: dict[Any, Any] = here[key]
        return found

    def _put(self, here: dict[Any, Any], key: Any, value: Any, depth: int) -> None:
        if value is None and self._query.ignore_null:
            return
        is_list = depth in self._query.with_lists
        if (self._query.as_list or is_list) and key in here:
            before = here[key] if isinstance(here[key], list) else [here[key]]
            here[key] = [*before, value]
        else:
            here[key] = [value] if is_list else value

    def _make_lists(self, here: dict[Any, Any], depth: int) -> None:
        """Lists of the values in the place of dictionaries, at the depths that were asked for."""
        for key, value in here.items() if depth < self._depth + self._by_name else ():
            if isinstance(value, dict):
                self._make_lists(value, depth + 1)
                if depth in self._query.with_lists:
                    here[key] = list(value.values())
