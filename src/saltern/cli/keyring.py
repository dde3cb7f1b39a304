"""Who answers questions about keys: the master that runs, or the key store where none does."""

from __future__ import annotations

import argparse

from saltern.errors import MasterNotRunning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from saltern.cli.place import Place
    from saltern.client.blocking import MasterSocket
    from saltern.keys.contract import KeyState
    from saltern.keys.ring import KeyRing


class KeyDesk:
    """The verbs of `contract.Keys`. A running master is asked: it lets minions in and cuts them off at once."""

    def __init__(self, place: Place, master: MasterSocket) -> None:
        self._place = place
        self._master = master

    def ask(
        self, action: str, match: Sequence[str], states: Sequence[str] = (), *, preserve: bool = False
    ) -> dict[str, Any]:
        """State to ids, or for `print` and `finger` state to {id: text}."""
        request: dict[str, Any] = {"verb": "keys", "action": action, "match": list(match), "states": list(states)}
        if preserve:
            request["preserve"] = True
        try:
            keys: dict[str, Any] = self._master.ask(request)["keys"]
        except MasterNotRunning:
            return self._without_master(action, match, states)
        return keys

    def _without_master(self, action: str, match: Sequence[str], states: Sequence[str]) -> dict[str, Any]:
        from saltern.assembly.keys import authority_fingerprint, open_key_ring
        from saltern.config.master import load_master_config
        from saltern.keys.contract import KeyState

        config = load_master_config(self._place.directory)
        wanted = [KeyState(state) for state in states]
        found = _answer(open_key_ring(config), action, match, wanted)
        keys: dict[str, Any] = {state.value: texts for state, texts in found.items()}
        if action == "finger" and not match and (own := authority_fingerprint(config)):
            keys["local"] = {"master": own}
        return keys


def _answer(
    ring: KeyRing, action: str, match: Sequence[str], states: Sequence[KeyState]
) -> Mapping[KeyState, list[str] | dict[str, str]]:
    if action == "print":
        return ring.print(match, states)
    if action == "finger":
        return ring.finger(match, states)
    decide = {"accept": ring.accept, "reject": ring.reject, "delete": ring.delete}
    return decide[action](match, states).keys if action in decide else ring.list(match, states)


def key_action(action: str) -> type[argparse.Action]:
    """An option that says both what to do (`action`) and with which keys (`match`); without a value: all of them."""

    class Chosen(argparse.Action):
        def __call__(
            self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
        ) -> None:
            if getattr(namespace, "action", "") not in ("", action):
                parser.error(f"{option} does not go with --{namespace.action}")
            namespace.action = action
            namespace.match = values if isinstance(values, str) else "*"

    return Chosen
