"""What a plugin space knows of the world: the data and the ways out that plugins are given."""

from __future__ import annotations

from saltern.plugin_api.files import TreeFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping
    from typing import Any

    from saltern.plugin_api.types import EventSender, FileClient, MasterRequest, OwnMinion

    Maker = Callable[[Any], Any]
    """From a plugin space to the service of that space."""


class Scope:
    """The values behind the dunders of one space.

    `opts` is Salt's flat dictionary; every module gets a shallow copy of its own. `grains`, `pillar` and `context`
    are shared by all modules of the space. `names` are further names that every module gets as they are
    (`__jid__`, `__jobs__`, …). `services` are parts of the house that shipped plugins call (`__rendering__`, …): the
    name to who makes it for a space, once, when its first method is asked for; a service without a maker is None. The
    ways out may be absent: `send_event`, `request` and `own_minion` as `plugin_api.types` describes
    them, `files` defaults to the file tree behind `request`. `forks` says whether plugins may be run in forks of this
    process, which a process with threads, such as a master, cannot stand.
    """

    __slots__ = (
        "context",
        "files",
        "forks",
        "grains",
        "names",
        "opts",
        "own_minion",
        "pillar",
        "request",
        "send_event",
        "services",
    )

    def __init__(
        self,
        opts: dict[str, Any],
        *,
        grains: Mapping[str, Any] | None = None,
        pillar: Mapping[str, Any] | None = None,
        context: MutableMapping[str, Any] | None = None,
        names: Mapping[str, Any] | None = None,
        services: Mapping[str, Maker] | None = None,
        send_event: EventSender | None = None,
        request: MasterRequest | None = None,
        files: FileClient | None = None,
        own_minion: OwnMinion | None = None,
        forks: bool = True,
    ) -> None:
        self.opts = opts
        self.grains: Mapping[str, Any] = {} if grains is None else grains
        self.pillar: Mapping[str, Any] = {} if pillar is None else pillar
        self.context: MutableMapping[str, Any] = {} if context is None else context
        self.names: Mapping[str, Any] = {} if names is None else names
        self.services: Mapping[str, Maker] = {} if services is None else services
        self.send_event = send_event
        self.request = request
        self.own_minion = own_minion
        self.files = TreeFiles(request) if files is None and request is not None else files
        self.forks = forks

    def copy(self) -> Scope:
        """The same for a further space that works beside the one of this scope, with a context of its own."""
        return Scope(
            self.opts,
            grains=self.grains,
            pillar=self.pillar,
            names=self.names,
            services=self.services,
            send_event=self.send_event,
            request=self.request,
            files=self.files,
            own_minion=self.own_minion,
            forks=self.forks,
        )

    def value(self, dunder: str) -> Any:
        """The value of a name that is not a table of functions; an unknown name is an empty dictionary."""
        if dunder == "__opts__":
            return dict(self.opts)
        field = _FIELDS.get(dunder)
        return {} if field is None else getattr(self, field)


_FIELDS = {
    "__grains__": "grains",
    "__pillar__": "pillar",
    "__context__": "context",
    "__event_sender__": "send_event",
    "__master_request__": "request",
    "__own_minion__": "own_minion",
    "__file_client__": "files",
}
