"""How long a minion waits between its questions to masters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from saltern.errors import Unreachable
from saltern.minion import enrol
from saltern.pki.identity import MinionIdentity


class Enough(Exception):
    pass


class Absent:
    """A transport to masters that are not there."""

    tries = 0

    async def connect(self, master: str, handler: Any) -> Any:
        Absent.tries += 1
        if Absent.tries == 6:
            raise Enough
        raise Unreachable(f"{master} cannot be reached")


async def test_a_master_that_is_not_there_yet_is_asked_again_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minion that is started together with its master; the time between questions of a pending key is an hour."""
    monkeypatch.setattr(enrol, "_SOON", 0.01)
    options = enrol.EnrolOptions(id="m1", masters=["a", "b"], wait=3600)

    with pytest.raises(Enough):
        await enrol.enrol(options, MinionIdentity.open(tmp_path), Absent)  # type: ignore[arg-type]
