"""One file that may be a plugin, and what its source says of it without being run."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class PluginFile:
    """A plugin's file.

    `stem` is its file name without suffix, `path` the file to execute (`__init__.py` of a package), `names` the module
    names that it may answer to, `computed` whether it may answer to others too, and `instant` the functions that it
    says are safe to run in the resident process.
    """

    __slots__ = ("computed", "instant", "names", "package", "path", "stem")

    def __init__(
        self,
        stem: str,
        path: str,
        *,
        package: bool = False,
        names: tuple[str, ...] = (),
        computed: bool = False,
        instant: tuple[str, ...] = (),
    ) -> None:
        self.stem = stem
        self.path = path
        self.package = package
        self.names = names
        self.computed = computed
        self.instant = instant

    def to_data(self) -> tuple[Any, ...]:
        """The fields as plain values, for the index's file."""
        return (self.stem, self.path, self.package, self.names, self.computed, self.instant)

    @classmethod
    def from_data(cls, data: tuple[Any, ...]) -> PluginFile:
        stem, path, package, names, computed, instant = data
        return cls(stem, path, package=package, names=names, computed=computed, instant=instant)
