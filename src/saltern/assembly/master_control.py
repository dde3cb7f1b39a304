"""A master as its own runner and wheel functions see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

import msgspec

from saltern.assembly.operated_master import OperatedMaster, target
from saltern.assembly.pillar_processes import PillarProcesses
from saltern.client.blocking import MasterSocket
from saltern.config.master import MasterConfig
from saltern.errors import NoMinionsMatched
from saltern.fleet.registry import Fleet
from saltern.master.peers import PeerCall
from saltern.master.pillars import Asked
from saltern.pki.authority import Authority
from saltern.pki.fingerprints import show

Run = Callable[[Coroutine[Any, Any, Any]], Any]


class OwnMaster(OperatedMaster):
    """A `plugin_api.master_control.MasterControl`.

    Operators' verbs go through the master's own socket, as any operator's do: what a runner does is checked, recorded
    and audited alike. `run` runs a coroutine on the master's loop from a runner's thread.
    """

    def __init__(
        self,
        config: MasterConfig,
        socket: MasterSocket,
        fleet: Fleet,
        authority: Authority,
        pillars: PillarProcesses,
        run: Run,
    ) -> None:
        super().__init__(socket, float(config.timeout))
        self._config = config
        self._fleet = fleet
        self._authority = authority
        self._pillars = pillars
        self._run = run

    def minions(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self._socket.ask({"verb": "fleet"})["minions"]
        return found

    def resolve(self, tgt: str | Sequence[str], tgt_type: str = "glob") -> list[str]:
        try:
            found = self._socket.ask({"verb": "resolve", "tgt": target(tgt, tgt_type), "tgt_type": tgt_type})
        except NoMinionsMatched:
            return []
        return sorted(found["minions"])

    def grains(self, minion: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._on_loop(lambda: self._fleet.grains(minion))
        return found

    def pillar(self, minion: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._on_loop(lambda: self._fleet.pillar(minion))
        return found

    def forget(self, minion: str, *, grains: bool = False, pillar: bool = False) -> bool:
        return bool(self._on_loop(lambda: self._fleet.drop(minion, grains=grains, pillar=pillar)))

    def compile_pillar(
        self, minion: str, *, override: Mapping[str, Any] | None = None, pillarenv: str = "", saltenv: str = ""
    ) -> dict[str, Any]:
        asked = Asked(override=dict(override or {}), pillarenv=pillarenv or None, saltenv=saltenv or None)
        return self._decoded(lambda grains: self._pillars.compile(minion, grains, asked), minion)

    def pillar_top(self, minion: str, saltenv: str = "base") -> dict[str, Any]:
        return self._decoded(lambda grains: self._pillars.top(minion, grains, saltenv), minion)

    def as_minion(self, minion: str) -> OwnMaster:
        """The same for what a minion has the master do: jobs are its own."""
        socket = MasterSocket(self._socket.path, identity={"user": minion})
        return OwnMaster(self._config, socket, self._fleet, self._authority, self._pillars, self._run)

    def publish_for(self, minion: str, call: PeerCall, arg: list[Any], kwarg: dict[str, Any]) -> dict[str, Any]:
        """A `master.peers.Publish`."""
        asked = {"tgt_type": call.tgt_type, "timeout": call.timeout, "ret": call.ret}
        return self.as_minion(minion).run(call.tgt, call.fun, arg, kwarg, **asked)  # type: ignore[arg-type]

    def run_for(self, minion: str, call: PeerCall, arg: list[Any], kwarg: dict[str, Any]) -> Any:
        """A `master.peers.Run`."""
        request = {"verb": "call", "client": "runner", "fun": call.fun, "arg": arg, "kwarg": kwarg, "user": minion}
        return self._socket.ask(request)["return"]

    def keys(self, action: str, match: str | Sequence[str] = "*", states: Sequence[str] = ()) -> dict[str, Any]:
        globs = [match] if isinstance(match, str) else list(match)
        request = {"verb": "keys", "action": action, "match": globs, "states": list(states)}
        keys: dict[str, Any] = self._socket.ask(request)["keys"]
        return {state: found for state, found in keys.items() if found}

    def master_key(self) -> dict[str, str]:
        return {"pem": self._authority.public_pem, "finger": show(self._authority.fingerprint)}

    def make_token(self, credentials: Mapping[str, Any], seconds: float = 0.0) -> dict[str, Any]:
        return self._socket.ask({"verb": "login", "credentials": dict(credentials), "seconds": seconds})

    def end_token(self, token: str) -> bool:
        return bool(self._socket.ask({"verb": "logout", "credentials": {"token": token}})["ended"])

    def _decoded(self, compile_: Callable[[bytes], Awaitable[bytes]], minion: str) -> dict[str, Any]:
        async def compiled() -> bytes:
            return await compile_(self._fleet.encoded_grains(minion))

        found: dict[str, Any] = msgspec.msgpack.decode(self._run(compiled()))
        return found

    def _on_loop(self, look: Callable[[], Any]) -> Any:
        async def looked() -> Any:
            return look()

        return self._run(looked())
