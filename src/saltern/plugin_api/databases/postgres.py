"""Asking a PostgreSQL server through psql, and what it keeps of passwords and privileges."""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError, CommandNotFoundError, SaltInvocationError
from saltern.plugin_api.program import ask


class Psql(NamedTuple):
    """How a server is reached. Without a host it is the one on this machine, asked as the system's user `runas`."""

    program: str
    user: str | None = None
    host: str | None = None
    port: Any = None
    database: str | None = None
    password: str | None = None
    runas: str | None = None

    def rows(self, statement: str) -> list[dict[str, str]]:
        """The rows of an answer by column, each value a text; `CommandExecutionError` with the server's words."""
        return list(csv.DictReader(io.StringIO(self._ask(statement, "--csv"))))

    def run(self, statement: str) -> None:
        """Run statements, which may hold secrets: they travel through a pipe."""
        self._ask(statement)

    def _ask(self, statement: str, *options: str) -> str:
        options = ("--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", *options)
        address = {"username": self.user, "host": self.host, "port": self.port, "dbname": self.database or "postgres"}
        words = [f"--{name}={value}" for name, value in address.items() if value not in (None, "")]
        secret = {"PGPASSWORD": str(self.password)} if self.password else {}
        env = {"PGCONNECT_TIMEOUT": "30", "PGCLIENTENCODING": "UTF8", **secret}
        answer = ask([self.program, *options, *words, "--file=-"], stdin=statement, env=env, user=self.runas)
        if answer.retcode:
            raise CommandExecutionError(re.sub(r"^psql:<stdin>:\d+: ", "", answer.reason).partition("\nLINE ")[0])
        return answer.stdout


def program(name: str, folder: str | None = None) -> str:
    """The path of a program of PostgreSQL, in `folder` or where systems have it."""
    from saltern.plugin_api.process import find_program

    if folder:
        places = [str(Path(folder, name))]
    else:
        places = [name, *sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), reverse=True)]
    found = next(filter(None, map(find_program, places)), None)
    if found is None:
        raise CommandNotFoundError(f"{name} is not installed")
    return found


def reached(
    option: Callable[[str], Any],
    user: str | None,
    host: str | None,
    port: Any,
    database: str | None,
    password: str | None,
    runas: str | None,
) -> Psql:
    """The server that arguments name, or else the options `postgres.*`."""
    given = {"user": user, "host": host, "port": port, "maintenance_db": database, "pass": password}
    found = {name: option(f"postgres.{name}") if value is None else value for name, value in given.items()}
    here = not found["host"] or str(found["host"]).startswith("/")
    return Psql(
        program("psql", option("postgres.bins_dir") or None),
        found["user"],
        found["host"],
        found["port"],
        found["maintenance_db"],
        found["pass"],
        runas or ("postgres" if here and os.geteuid() == 0 else None),
    )


def identifier(name: Any) -> str:
    """A name as an identifier in SQL."""
    return '"' + str(name).replace('"', '""') + '"'


def literal(value: Any) -> str:
    """A value as a text in SQL."""
    text = str(value).replace("'", "''")
    if "\\" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\")
    return f"E'{escaped}'"


def md5_hash(role: str, password: str) -> str:
    return "md5" + hashlib.md5(f"{password}{role}".encode()).hexdigest()  # noqa: S324  (the server's own algorithm)


def scram_hash(password: str, salt: bytes | None = None, iterations: int = 4096) -> str:
    """What the server keeps of a password for `scram-sha-256`."""
    salt = os.urandom(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = [base64.b64encode(part).decode() for part in (salt, client, server)]
    return f"SCRAM-SHA-256${iterations}:{parts[0]}${parts[1]}:{parts[2]}"


def is_hash(password: str) -> bool:
    return bool(re.fullmatch(r"md5[0-9a-f]{32}", password)) or password.startswith("SCRAM-SHA-256$")


def hash_of(role: str, password: str, encrypted: Any) -> str:
    """What is given to the server as a password: its hash, unless `encrypted` is False. The default is md5."""
    if is_hash(password) or encrypted is False:
        return password
    return scram_hash(password) if encrypted == "scram-sha-256" else md5_hash(role, password)


def is_password(role: str, password: str, kept: str | None, encrypted: Any) -> bool:
    """Whether the server keeps this password, in the way that `encrypted` says."""
    if not kept or is_hash(password):
        return kept == password
    found = re.fullmatch(r"SCRAM-SHA-256\$(\d+):([^$]+)\$.+", kept)
    if found and encrypted in ("scram-sha-256", False):
        return scram_hash(password, base64.b64decode(found[2]), int(found[1])) == kept
    return encrypted != "scram-sha-256" and kept == md5_hash(role, password)


class Kind(NamedTuple):
    """Objects that privileges are for: where their privileges and owners are kept, and which there are.

    `lookup` has `{name}` for the object as a literal and `{schema}` for its schema.
    """

    lookup: str
    privileges: tuple[str, ...] = ()
    in_schema: bool = False


_OF_RELATION = (
    "SELECT relacl AS acl, pg_get_userbyid(relowner) AS owner FROM pg_class c JOIN pg_namespace n"
    " ON n.oid = c.relnamespace WHERE nspname = {schema} AND relname = {name} AND relkind IN"
)
KINDS = {
    "table": Kind(
        f"{_OF_RELATION} ('r', 'p', 'v', 'm', 'f')",
        ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"),
        in_schema=True,
    ),
    "sequence": Kind(f"{_OF_RELATION} ('S')", ("USAGE", "SELECT", "UPDATE"), in_schema=True),
    "schema": Kind(
        "SELECT nspacl AS acl, pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = {name}",
        ("CREATE", "USAGE"),
    ),
    "database": Kind(
        "SELECT datacl AS acl, pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = {name}",
        ("CREATE", "CONNECT", "TEMPORARY"),
    ),
    "tablespace": Kind(
        "SELECT spcacl AS acl, pg_get_userbyid(spcowner) AS owner FROM pg_tablespace WHERE spcname = {name}",
        ("CREATE",),
    ),
    "language": Kind(
        "SELECT lanacl AS acl, pg_get_userbyid(lanowner) AS owner FROM pg_language WHERE lanname = {name}",
        ("USAGE",),
    ),
    "function": Kind(
        "SELECT proacl AS acl, pg_get_userbyid(proowner) AS owner FROM pg_proc p JOIN pg_namespace n"
        " ON n.oid = p.pronamespace WHERE nspname = {schema}"
        " AND proname || '(' || replace(oidvectortypes(proargtypes), ' ', '') || ')' = replace({name}, ' ', '')",
        ("EXECUTE",),
        in_schema=True,
    ),
    "group": Kind(""),
}
_LETTERS = {
    "r": "SELECT",
    "w": "UPDATE",
    "a": "INSERT",
    "d": "DELETE",
    "D": "TRUNCATE",
    "x": "REFERENCES",
    "t": "TRIGGER",
    "m": "MAINTAIN",
    "X": "EXECUTE",
    "U": "USAGE",
    "C": "CREATE",
    "c": "CONNECT",
    "T": "TEMPORARY",
}


def privileges_of(acl: str) -> dict[str, dict[str, bool]]:
    """An access list such as `{salt=UC/salt,=U*/salt}`: role to privilege to whether the role can pass it on."""
    found: dict[str, dict[str, bool]] = {}
    for entry in next(csv.reader([acl.strip("{}")], escapechar="\\"), []):
        role, _, letters = entry.rpartition("/")[0].rpartition("=")
        role = re.sub(r'^\\?"|\\?"$', "", role).replace('""', '"') or "public"
        for letter, star in re.findall(r"(\w)(\*?)", letters):
            found.setdefault(role, {})[_LETTERS[letter]] = bool(star)
    return found


def wanted_privileges(kind: str, privileges: str | Sequence[str] | None) -> list[str]:
    """The privileges that are meant, `ALL` as it is. Raises `SaltInvocationError` for those that there are not."""
    if kind not in KINDS:
        raise SaltInvocationError(f"Invalid object_type: {kind} provided")
    if kind == "group" or privileges is None:
        return []
    listed = privileges.split(",") if isinstance(privileges, str) else list(privileges)
    wanted = [{"TEMP": "TEMPORARY"}.get(one, one) for one in (str(word).strip().upper() for word in listed)]
    known = (*KINDS[kind].privileges, "MAINTAIN", "ALL") if kind == "table" else (*KINDS[kind].privileges, "ALL")
    if not set(wanted) <= set(known):
        said = privileges if isinstance(privileges, str) else ",".join(map(str, listed))
        raise SaltInvocationError(f"Invalid privilege(s): {said} provided for object {kind}")
    return wanted


def holds(held: Mapping[str, bool], kind: str, wanted: Sequence[str], *, grantable: bool) -> bool:
    """Whether a role that holds these privileges has the wanted ones, and with `grantable` can pass them on."""
    asked = KINDS[kind].privileges if "ALL" in wanted else wanted
    return bool(asked) and all(one in held and (held[one] or not grantable) for one in asked)


def is_data_directory(path: str) -> bool:
    return Path(path, "PG_VERSION").is_file()
