"""`sdb://<profile>/<key>`: which driver is asked for what (behaviours SDB-01 and SDB-02)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from saltern.plugin_api.errors import SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.plugin_api.types import Functions

_SCHEME = "sdb://"


class _Place(NamedTuple):
    driver: str
    key: str
    profile: Mapping[str, Any]


def get(uri: Any, drivers: Functions, profiles: Mapping[str, Any], *, strict: bool = False) -> Any:
    """The value of a URI; what is no URI or cannot be looked up is given back as it is, or raised if `strict`."""
    try:
        place = _place(uri, profiles)
    except SaltInvocationError:
        if strict:
            raise
        return uri
    key = f"{place.driver}.get"
    if key not in drivers:
        if strict:
            raise SaltInvocationError(f'SDB driver "{place.driver}" cannot be loaded.')
        return uri
    return drivers[key](place.key, profile=place.profile)


def put(uri: str, value: Any, drivers: Functions, profiles: Mapping[str, Any]) -> Any:
    return _changed(uri, drivers, profiles, "set", value)


def delete(uri: str, drivers: Functions, profiles: Mapping[str, Any]) -> Any:
    return _changed(uri, drivers, profiles, "delete")


CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)"
"""What a text that is made up consists of."""


def get_or_make(uri: str, drivers: Functions, profiles: Mapping[str, Any], length: int, characters: str) -> Any:
    """The value of a URI; where there is none a random text is made and kept."""
    import secrets

    found = get(uri, drivers, profiles)
    if found is None:
        put(uri, "".join(secrets.choice(characters) for _ in range(int(length))), drivers, profiles)
        found = get(uri, drivers, profiles)
    return found


def _changed(uri: str, drivers: Functions, profiles: Mapping[str, Any], function: str, *values: Any) -> Any:
    try:
        place = _place(uri, profiles)
    except SaltInvocationError:
        return False
    key = f"{place.driver}.{function}"
    return drivers[key](place.key, *values, profile=place.profile) if key in drivers else False


def _place(uri: Any, profiles: Mapping[str, Any]) -> _Place:
    if not isinstance(uri, str) or not uri.startswith(_SCHEME):
        raise SaltInvocationError(f'SDB uri must start with "{_SCHEME}"')
    name, mark, key = uri.removeprefix(_SCHEME).partition("/")
    if not mark or not key:
        raise SaltInvocationError("SDB uri must have a profile name as a first part of the uri before the /")
    profile = profiles.get(name)
    if not isinstance(profile, Mapping) or "driver" not in profile:
        raise SaltInvocationError(f'SDB profile "{name}" wasnt found in the minion configuration')
    return _Place(str(profile["driver"]), key, profile)
