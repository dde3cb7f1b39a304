"""The kinds of plugins as one table: where each kind lives and what the loader injects into it (LDR-03, LDR-05)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class PluginKind:
    """One kind of plugin.

    `folder` is the directory of the built-in ones, `salt_folder` the directory below `extension_modules` and
    `module_dirs` (the file server's directory is that with a leading `_`). `injected` names the dunders its modules
    get, and `own_table` the one among them under which the kind sees itself.
    """

    __slots__ = ("folder", "injected", "name", "own_table", "salt_folder")

    def __init__(
        self, name: str, injected: tuple[str, ...], *, folder: str = "", salt_folder: str = "", own_table: str = ""
    ) -> None:
        self.name = name
        self.folder = folder or name
        self.salt_folder = salt_folder or self.folder
        self.injected = injected
        self.own_table = own_table

    @property
    def sync_dir(self) -> str:
        """The directory in the file roots from which this kind is synchronised."""
        return f"_{self.salt_folder}"


_DATA = ("__opts__", "__grains__", "__pillar__", "__context__")
_CALLS = (*_DATA, "__salt__", "__utils__")
_OUTSIDE = ("__file_client__", "__event_sender__", "__master_request__")
SERVICES = (
    "__rendering__",
    "__state_engine__",
    "__packaged_states__",
    "__pillar_compiler__",
    "__target_matcher__",
    "__local_master__",
)
"""Parts of the house that shipped plugins call; `Scope.services` says who makes them."""

_TABLE = (
    PluginKind(
        "modules",
        (*_CALLS, "__sdb__", "__proxy__", "__plugins__", "__own_minion__", *_OUTSIDE, *SERVICES),
        own_table="__salt__",
    ),
    PluginKind(
        "states",
        (*_CALLS, "__states__", "__serializers__", "__proxy__", "__file_client__", *SERVICES),
        own_table="__states__",
    ),
    PluginKind("grains", (*_DATA, "__utils__", "__proxy__")),
    PluginKind(
        "renderers", (*_CALLS, "__states__", "__serializers__", "__proxy__", "__file_client__", "__rendering__")
    ),
    PluginKind("returners", (*_CALLS, "__ret__", "__event_sender__"), own_table="__ret__"),
    PluginKind(
        "runners",
        (*_CALLS, "__ret__", "__runner__", "__runners__", "__plugins__", "__proxy__", *_OUTSIDE, *SERVICES),
        own_table="__salt__",
    ),
    PluginKind("wheel", (*_CALLS, "__wheel__", *_OUTSIDE), own_table="__wheel__"),
    PluginKind(
        "pillar", (*_CALLS, "__ext_pillar__", "__runner__", "__file_client__", *SERVICES), own_table="__ext_pillar__"
    ),
    PluginKind("tops", (*_CALLS, "__file_client__")),
    PluginKind("outputters", (*_DATA, "__salt__", "__utils__"), salt_folder="output"),
    PluginKind("beacons", (*_CALLS, "__proxy__")),
    PluginKind("engines", (*_CALLS, "__runners__", "__proxy__", *_OUTSIDE)),
    PluginKind("executors", (*_CALLS, "__executors__", "__proxy__"), own_table="__executors__"),
    PluginKind("matchers", _CALLS),
    PluginKind("utils", (*_DATA, "__salt__", "__utils__", "__proxy__"), own_table="__utils__"),
    PluginKind("sdb", (*_CALLS, "__sdb__", "__rendering__"), own_table="__sdb__"),
    PluginKind("serializers", (*_DATA, "__serializers__"), own_table="__serializers__"),
    PluginKind("auth", (*_DATA, "__salt__", "__utils__")),
    PluginKind("tokens", _DATA),
    PluginKind("rosters", (*_CALLS, "__runner__"), salt_folder="roster"),
    PluginKind("fileserver", (*_DATA, "__utils__")),
    PluginKind("proxy", (*_CALLS, "__proxy__"), own_table="__proxy__"),
    PluginKind("queues", (*_DATA, "__utils__")),
    PluginKind("cache", (*_DATA, "__utils__")),
    PluginKind("thorium", (*_CALLS, "__runner__", "__reg__", "__events__", "__thorium__"), own_table="__thorium__"),
    PluginKind("wrapper", (*_CALLS, "__states__"), own_table="__salt__"),
    PluginKind("clouds", (*_DATA, "__utils__", "__active_provider_name__")),
    PluginKind("log_handlers", _DATA),
    PluginKind("netapi", _DATA),
    PluginKind("metaproxy", _CALLS),
    PluginKind("pkgdb", _DATA),
    PluginKind("pkgfiles", _DATA),
    PluginKind("spm", _DATA),
)

KINDS: Mapping[str, PluginKind] = {kind.name: kind for kind in _TABLE}

TABLES: Mapping[str, str] = {
    "__salt__": "modules",
    "__utils__": "utils",
    "__states__": "states",
    "__ret__": "returners",
    "__runner__": "runners",
    "__runners__": "runners",
    "__wheel__": "wheel",
    "__serializers__": "serializers",
    "__sdb__": "sdb",
    "__thorium__": "thorium",
    "__executors__": "executors",
    "__ext_pillar__": "pillar",
}
"""Dunders that are tables of functions: the name to the kind whose table it is (for all but the kind itself)."""
