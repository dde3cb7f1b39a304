"""Numbers and shares of minions, as operators write them: `10`, `25%`."""

from __future__ import annotations

from saltern.errors import UserError


def size_of(text: str, total: int, name: str = "the size of a batch") -> int:
    """How many of `total` minions a number or a percentage means, at least one (behaviour TGT-07)."""
    number = text.strip().removesuffix("%")
    if not number.isascii() or not number.isdigit() or int(number) < 1:
        raise UserError(f"{name} must be a number or a percentage, not {text!r}", hint="such as 10 or 25%")
    return max(total * int(number) // 100, 1) if text.strip().endswith("%") else int(number)
