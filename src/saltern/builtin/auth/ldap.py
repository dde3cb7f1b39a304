"""Users of a directory, by LDAP. The options are Salt's:

`auth.ldap.uri`, or `auth.ldap.server`, `auth.ldap.port` and `auth.ldap.tls`; `auth.ldap.starttls`;
`auth.ldap.no_verify` (of certificates); `auth.ldap.binddn` with `auth.ldap.bindpw` (to look for the user;
`{{ username }}` in the name, without a filter, binds as the user at once) or `auth.ldap.anonymous`;
`auth.ldap.basedn`, `auth.ldap.filter` (`uid={{ username }}`), `auth.ldap.scope` (0, 1 or 2); for groups
`auth.ldap.groupou` (`Groups`), `auth.ldap.groupclass` (`posixGroup`), `auth.ldap.groupattribute` (`memberOf`),
`auth.ldap.accountattributename` (`memberUid`), `auth.ldap.group_basedn`, `auth.ldap.group_filter`, and
`auth.ldap.activedirectory`.

It needs the library ldap3.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from saltern.plugin_api import CommandExecutionError, Opts

__opts__: Opts

_SECONDS = 15
_SCOPES = ("BASE", "LEVEL", "SUBTREE")


def __virtual__() -> bool | tuple[bool, str]:
    return find_spec("ldap3") is not None or (False, "The Python library ldap3 is not there: install saltern[ldap].")


def auth(username: str, password: str) -> bool:
    """Whether the directory lets this user in with this password."""
    # With an empty password a directory answers "bound" to whoever asks (RFC 4513, 5.1.2).
    if not password:
        return False
    name = _name_of(username)
    if name is None:
        return False
    connection = _connection(name, password)
    try:
        return bool(connection.bind())
    finally:
        connection.unbind()


def groups(username: str) -> list[str]:
    """The groups of the user that the directory tells."""
    connection = _searching(username)
    try:
        if _option("activedirectory", False):
            return _groups_of_attribute(connection, username)
        return _groups_of_members(connection, username)
    finally:
        connection.unbind()


def _name_of(username: str) -> str | None:
    """The distinguished name of a user; None when there is no such user, or more than one."""
    bound = str(_option("binddn", "") or "")
    if "{{" in bound and not _option("filter", ""):
        return _filled(bound, username, quoted=_in_name)
    connection = _searching(username)
    try:
        found = _found(connection, str(_option("filter", "uid={{ username }}")), username)
        return found[0]["dn"] if len(found) == 1 else None
    finally:
        connection.unbind()


def _groups_of_attribute(connection: Any, username: str) -> list[str]:
    attribute = str(_option("groupattribute", "memberOf"))
    entries = _found(connection, str(_option("filter", "sAMAccountName={{ username }}")), username, [attribute])
    names = [name for entry in entries for name in _values(entry, attribute)]
    return [str(name).partition(",")[0].partition("=")[2] for name in names]


def _groups_of_members(connection: Any, username: str) -> list[str]:
    pattern = _option("group_filter", "") or (
        f"(&({_option('accountattributename', 'memberUid')}={{{{ username }}}})"
        f"(objectClass={_option('groupclass', 'posixGroup')}))"
    )
    base = _option("group_basedn", "") or f"ou={_option('groupou', 'Groups')},{_option('basedn', '')}"
    return [
        str(name)
        for entry in _found(connection, str(pattern), username, ["cn"], str(base))
        for name in _values(entry, "cn")
    ]


def _found(
    connection: Any, pattern: str, username: str, attributes: list[str] | None = None, base: str | None = None
) -> list[dict[str, Any]]:
    question = _filled(pattern, username, quoted=_in_filter)
    if not question.startswith("("):
        question = f"({question})"
    scope = _SCOPES[int(_option("scope", 2))]
    connection.search(base or str(_option("basedn", "")), question, search_scope=scope, attributes=attributes or [])
    return [entry for entry in connection.response or [] if entry.get("type") == "searchResEntry"]


def _values(entry: dict[str, Any], attribute: str) -> list[Any]:
    value = entry["attributes"].get(attribute) or []
    return list(value) if isinstance(value, list) else [value]


def _searching(username: str) -> Any:
    """A connection by which users and groups are looked for."""
    name = str(_option("binddn", "") or "")
    if not name and not _option("anonymous", False):
        raise CommandExecutionError(
            "external_auth: ldap: set auth.ldap.binddn and auth.ldap.bindpw, or auth.ldap.anonymous"
        )
    connection = _connection(_filled(name, username, quoted=_in_name), str(_option("bindpw", "") or ""))
    if not connection.bind():
        raise CommandExecutionError(f"external_auth: ldap: the directory refuses auth.ldap.binddn {name!r}")
    return connection


def _connection(name: str, password: str) -> Any:
    import ldap3

    connection = ldap3.Connection(
        _server(), user=name or None, password=password or None, receive_timeout=_SECONDS, read_only=True
    )
    if _option("starttls", False):
        connection.open()
        connection.start_tls()
    return connection


def _server() -> Any:
    import ssl

    import ldap3

    checked = ssl.CERT_NONE if _option("no_verify", False) else ssl.CERT_REQUIRED
    tls = ldap3.Tls(validate=checked)
    uri = _option("uri", "")
    if uri:
        return ldap3.Server(str(uri), tls=tls, connect_timeout=_SECONDS)
    secure = bool(_option("tls", False))
    port = int(_option("port", 636 if secure else 389))
    return ldap3.Server(str(_option("server", "localhost")), port, secure, tls=tls, connect_timeout=_SECONDS)


def _filled(pattern: str, username: str, *, quoted: Any) -> str:
    return pattern.replace("{{ username }}", quoted(username)).replace("{{username}}", quoted(username))


def _in_filter(text: str) -> str:
    from ldap3.utils.conv import escape_filter_chars

    return str(escape_filter_chars(text))


def _in_name(text: str) -> str:
    from ldap3.utils.dn import escape_rdn

    return str(escape_rdn(text))


def _option(name: str, usual: Any) -> Any:
    return __opts__.get(f"auth.ldap.{name}", usual)
