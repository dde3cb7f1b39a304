"""Whether an answer is the recorded one, and how it differs."""

import difflib
import json
import re


def squash(text):
    return re.sub(r"\s+", " ", text).strip()


def differs(expect, got, entry):
    """None when what was observed is what was expected, else a short reason."""
    if (expect["rc"] == 0) != (got["rc"] == 0):
        return f"exit status {got['rc']}, expected {expect['rc']}"
    if "error" in expect:
        text = got.get("error")
        if text is None:
            text = got.get("stdout")
        if text is None:
            text = json.dumps(got.get("return"), ensure_ascii=False)
            if isinstance(got.get("return"), str):
                text = got["return"]
        if squash(expect["error"]) not in squash(text):
            return "error text differs"
        return None
    for key in ("return", "stdout"):
        if key in expect:
            if key not in got:
                return "an error in place of a result"
            if not same(expect[key], got[key]):
                return f"{key} differs"
    return None


def same(one, two):
    """Equality that tells True from 1 but not 1 from 1.0 (JSON has one number)."""
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same(one[k], two[k]) for k in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same, one, two))
    return one == two


def pretty(observed):
    lines = [f"exit status: {'zero' if observed.get('rc') == 0 else 'not zero'}"]
    for key in ("error", "stdout"):
        if key in observed:
            lines.append(f"{key}:")
            lines += ["  " + line for line in observed[key].splitlines()]
    if "return" in observed:
        lines.append("return:")
        text = json.dumps(observed["return"], indent=1, sort_keys=True, ensure_ascii=False)
        for line in text.splitlines():
            lines += ["  " + part for part in line.split("\\n")]
    return lines


def diff(expect, got):
    return "\n".join(difflib.unified_diff(pretty(expect), pretty(got), "expected", "got", lineterm="", n=3))
