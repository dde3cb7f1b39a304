"""What of an answer is compared: volatile fields dropped, and the rules of a case applied."""

import fnmatch
import json
import re

from conformance.case import CaseError


def is_state_result(value):
    return isinstance(value, dict) and "result" in value and "__run_num__" in value


def drop_volatile(value):
    if isinstance(value, dict):
        value = {k: drop_volatile(v) for k, v in value.items() if not str(k).startswith("__pub_")}
        if is_state_result(value):
            for key in ("duration", "start_time", "skip_watch", "__state_ran__"):
                value.pop(key, None)
            if not value.get("warnings", True):
                value.pop("warnings")
        if "pid" in value and "retcode" in value:
            value.pop("pid")
        return value
    if isinstance(value, list):
        return [drop_volatile(v) for v in value]
    return value


def at_path(value, path, func):
    """Apply func to every value that a path matches; returns the new value.

    A path is made of keys joined by '/': '*' matches any one key or index,
    '**' any number of them, and the empty path is the value itself. func may
    return DROP.
    """
    parts = [p for p in path.split("/") if p != ""]
    return _at(value, parts, func)


DROP = object()


def _at(value, parts, func):
    if not parts:
        return func(value)
    head, rest = parts[0], parts[1:]
    if head == "**":
        # children first
        if isinstance(value, (dict, list)):
            value = _children(value, lambda v: _at(v, parts, func))
        return _at(value, rest, func)
    if isinstance(value, dict):
        new = {}
        for key, val in value.items():
            if fnmatch.fnmatchcase(str(key), head):
                val = _at(val, rest, func)
            if val is not DROP:
                new[key] = val
        return new
    if isinstance(value, list):
        new = []
        for idx, val in enumerate(value):
            if fnmatch.fnmatchcase(str(idx), head):
                val = _at(val, rest, func)
            if val is not DROP:
                new.append(val)
        return new
    return value


def _children(value, func):
    if isinstance(value, dict):
        out = {k: func(v) for k, v in value.items()}
        return {k: v for k, v in out.items() if v is not DROP}
    out = [func(v) for v in value]
    return [v for v in out if v is not DROP]


def map_strings(value, func):
    if isinstance(value, str):
        return func(value)
    if isinstance(value, list):
        return [map_strings(v, func) for v in value]
    if isinstance(value, dict):
        return {(func(k) if isinstance(k, str) else k): map_strings(v, func) for k, v in value.items()}
    return value


def _sorted_list(value):
    if isinstance(value, list):
        return sorted(value, key=lambda v: json.dumps(v, sort_keys=True))
    return value


def _first_line(value):
    return map_strings(value, lambda s: s.strip().splitlines()[0] if s.strip() else s)


def apply_rule(value, rule):
    """The value after one rule, a mapping of names to arguments (or a name alone)."""
    for kind, argument in ({rule: ""} if isinstance(rule, str) else rule).items():
        if kind not in _RULES:
            raise CaseError(f"unknown normalisation {kind!r}")
        value = _RULES[kind](value, argument)
    return value


def _sort_lines(value):
    return "\n".join(sorted(value.splitlines())) if isinstance(value, str) else value


def _keep(value, names):
    if isinstance(value, dict):
        return {key: one for key, one in value.items() if key in names}
    return [one for one in value if one in names] if isinstance(value, list) else value


def _brief(value, names):
    """Of every state result these keys only, without any the verdict."""
    if not isinstance(value, dict):
        return value
    wanted = names or ["result", "changes", "comment", "__run_num__"]
    return {
        key: {name: one[name] for name in wanted if name in one} if is_state_result(one) else one
        for key, one in value.items()
    }


def _sub(value, argument):
    regex = re.compile(argument[0])
    return map_strings(value, lambda text: regex.sub(argument[1], text))


_RULES = {
    "sort": lambda value, path: at_path(value, path or "", _sorted_list),
    "drop": lambda value, path: at_path(value, path, lambda _: DROP),
    "mask": lambda value, path: at_path(value, path or "", lambda _: "<masked>"),
    "type": lambda value, path: at_path(value, path or "", lambda one: f"<{type(one).__name__}>"),
    "keys": lambda value, path: at_path(value, path or "", lambda one: sorted(one) if isinstance(one, dict) else one),
    "first-line": lambda value, path: at_path(value, path or "", _first_line),
    "sort-lines": lambda value, path: at_path(value, path or "", _sort_lines),
    "sub": _sub,
    "keep": _keep,
    "brief": _brief,
}


def normalise(observed, sandbox, entry):
    rules = list(sandbox.case.meta.get("normalize") or [])
    rules += list(entry.get("normalize") or [])
    out = {"rc": observed["rc"]}
    for key in ("return", "error", "stdout"):
        if key not in observed:
            continue
        value = sandbox.unfill(observed[key])
        if key == "return":
            value = drop_volatile(value)
        for rule in rules:
            kinds = [rule] if isinstance(rule, str) else list(rule)
            if key != "return" and not set(kinds) <= {"sub", "first-line", "sort-lines"}:
                continue
            value = apply_rule(value, rule)
        out[key] = value
    return out
