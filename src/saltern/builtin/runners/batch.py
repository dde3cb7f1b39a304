"""Look at batches that go on, and hold them back."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.plugin_api.batches import BatchControl

__batches__: BatchControl


def status(jid: str) -> dict[str, Any] | None:
    """How a batch stands: counts of its minions, whether it was halted and why. None for a job that is no batch.

    CLI Example::

        saltern runner batch.status 20261122085142537545
    """
    return __batches__.status(str(jid))


def list_active() -> list[dict[str, Any]]:
    """The batches that go on, each as `batch.status` shows it.

    CLI Example::

        saltern runner batch.list_active
    """
    return __batches__.active()


def stop(jid: str, kill: bool = False) -> bool:
    """End a batch: minions whose turn has not come are not given the job. False when no such batch goes on.

    kill
        Stop the job on the minions that work on it, too.

    CLI Example::

        saltern runner batch.stop 20261122085142537545
        saltern runner batch.stop 20261122085142537545 kill=True
    """
    return __batches__.stop(str(jid), kill=kill)


def pause(jid: str) -> bool:
    """Let no more minions of a batch begin until it is resumed. False when no such batch goes on.

    CLI Example::

        saltern runner batch.pause 20261122085142537545
    """
    return __batches__.pause(str(jid))


def resume(jid: str) -> bool:
    """Let minions of a batch begin again. False when no such batch goes on.

    CLI Example::

        saltern runner batch.resume 20261122085142537545
    """
    return __batches__.resume(str(jid))
