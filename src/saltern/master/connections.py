"""Which minions are connected, and over which link. One id has one link."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from saltern.transport.contract import Link


class Connections(Collection[str]):
    """Minion id to its link, from `Hello` to the end of the connection; a collection of the ids."""

    def __init__(self) -> None:
        self._links: dict[str, Link] = {}

    def __len__(self) -> int:
        return len(self._links)

    def __iter__(self) -> Iterator[str]:
        return iter(self._links)

    def __contains__(self, minion: object) -> bool:
        return minion in self._links

    def get(self, minion: str) -> Link | None:
        return self._links.get(minion)

    def add(self, minion: str, link: Link) -> None:
        self._links[minion] = link

    def remove(self, minion: str, link: Link) -> bool:
        """Forget a link; False when the minion has another one by now."""
        if self._links.get(minion) is not link:
            return False
        del self._links[minion]
        return True

    def all(self) -> list[tuple[str, Link]]:
        return list(self._links.items())

    async def close(self) -> None:
        """Hang up on everybody; they come back by themselves."""
        for _, link in self.all():
            link.abort()
