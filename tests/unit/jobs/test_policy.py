"""Which functions leave no trace."""

from __future__ import annotations

import pytest

from saltern.jobs.policy import NOISE, is_noise


@pytest.mark.parametrize(
    ("fun", "patterns", "expected"),
    [
        ("saltutil.find_job", NOISE, True),
        ("mine.update", NOISE, True),
        ("test.ping", NOISE, False),
        ("test.ping", ("test.*",), True),
        ("TEST.ping", ("test.*",), False),
        (["saltutil.find_job", "mine.update"], NOISE, True),
        (["saltutil.find_job", "cmd.run"], NOISE, False),
        ([], NOISE, False),
        ("saltutil.find_job", (), False),
    ],
)
def test_noise_is_what_a_glob_names_and_a_compound_only_as_a_whole(
    fun: str | list[str], patterns: tuple[str, ...], expected: bool
) -> None:
    assert is_noise(fun, patterns) is expected
