"""What is asked of pip: a name with versions, a wheel, an archive or a repository (PEP 508 and pip's own forms)."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_LOCAL = re.compile(r"^(?:\.{0,2}/|[a-z+]+://|git@)", re.IGNORECASE)
_FRAGMENT_NAME = re.compile(r"egg=([A-Za-z0-9._-]+)")
_KINDS = ("alpha", "beta", "rc")


class Requirement(NamedTuple):
    """A package that is wanted: `name` (empty: not known before it is installed), versions, and where it comes from."""

    name: str
    versions: str = ""
    source: str = ""

    def met_by(self, version: str) -> bool:
        """Whether an installed version will do. A version that cannot be read never does, unless any will."""
        from packaging.specifiers import InvalidSpecifier, SpecifierSet
        from packaging.version import InvalidVersion

        if not self.versions:
            return True
        try:
            return SpecifierSet(self.versions).contains(version, prereleases=True)
        except (InvalidSpecifier, InvalidVersion):
            return False


def parse(text: str) -> Requirement:
    """Read a requirement. What pip alone understands gives one without a name."""
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Pep508

    text = text.strip()
    if _LOCAL.match(text) or text.endswith((".whl", ".tar.gz", ".zip")):
        return _of_source(text)
    try:
        found = Pep508(text.partition(" #")[0])
    except InvalidRequirement:
        return Requirement("", source=text)
    return Requirement(normalize(found.name), str(found.specifier), found.url or "")


def normalize(name: str) -> str:
    """A name as package indexes compare it (PEP 503): `A_b.C` and `a-b-c` are one."""
    return re.sub(r"[-_.]+", "-", name).lower()


def split(text: str) -> list[str]:
    """The requirements of a text in which commas part them; those between versions of one package do not."""
    return [part.strip().replace(";", ",") for part in re.split(r",(?!\s*[<>=!~])", text) if part.strip()]


def ordered(versions: list[str], *, alpha: bool = False, beta: bool = False, rc: bool = False) -> list[str]:
    """Versions from the oldest to the newest, those before a release only of the kinds that are wanted."""
    from packaging.version import InvalidVersion, Version

    wanted = {kind for kind, include in zip(_KINDS, (alpha, beta, rc), strict=True) if include}
    found = []
    for text in versions:
        try:
            version = Version(text)
        except InvalidVersion:
            continue
        kind = {"a": "alpha", "b": "beta", "rc": "rc"}[version.pre[0]] if version.pre else "dev" if version.dev else ""
        if not kind or kind in wanted:
            found.append((version, text))
    return [text for _, text in sorted(found)]


def _of_source(text: str) -> Requirement:
    from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

    named = _FRAGMENT_NAME.search(urlsplit(text).fragment)
    if named:
        return Requirement(normalize(named[1]), source=text)
    file = unquote(urlsplit(text).path).rpartition("/")[2]
    try:
        parsed = parse_wheel_filename(file)[:2] if file.endswith(".whl") else parse_sdist_filename(file)
    except (InvalidSdistFilename, InvalidWheelFilename):
        return Requirement("", source=text)
    return Requirement(str(parsed[0]), f"=={parsed[1]}", text)
