"""`incron` and its states over incrontab, in a throw-away root, beside what Salt 3006 answered there."""

from __future__ import annotations

from pathlib import Path

import pytest
from transcript import differences

from servers import program
from throwaway_root import in_throwaway_root


@pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")
@in_throwaway_root
def test_it_answers_as_salt_does(tmp_path: Path):
    program("incrontab")
    assert differences("incron_of_salt", tmp_path, {}) == []
