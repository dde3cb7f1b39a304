"""The files that tell apt where packages come from: one-line `.list` files and `.sources` in deb822 form.

A file is a list of pieces: `Source` values, and texts that are kept as they are (comments, blank lines).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from saltern.plugin_api.packages import words_of

_TYPES = ("deb", "deb-src")
_LINE = re.compile(r"(?P<type>\S+)\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>(?:\[[^\]]*\]|\S)+)\s+(?P<rest>.+)")
_NO = ("no", "false", "without", "off", "disable", "0")
# Names of options in one-line files to the fields of deb822; others are spelt alike but for the case.
_FIELDS = {"arch": "Architectures", "lang": "Languages", "target": "Targets"}
_OPTIONS = {name.lower(): option for option, name in _FIELDS.items()}
_OWN_FIELDS = ("types", "uris", "suites", "components", "enabled")


@dataclass(frozen=True)
class Source:
    """One line, or one stanza that stands for many. `options` has the names of one-line files (`arch`, `signed-by`).

    `raw` is the text it was read from; a source that was changed has none.
    """

    types: tuple[str, ...]
    uris: tuple[str, ...]
    suites: tuple[str, ...]
    comps: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    enabled: bool = True
    comment: str = ""
    raw: str = field(default="", compare=False)

    def changed(self, **fields: Any) -> Source:
        return replace(self, raw="", **fields)

    def is_of(self, other: Source) -> bool:
        """Whether this source covers the type, URI and suite of another, which names one of each."""
        return (
            other.types[0] in self.types
            and other.uris[0].rstrip("/") in [uri.rstrip("/") for uri in self.uris]
            and other.suites[0] in self.suites
        )

    def covers(self, other: Source) -> bool:
        """Whether another has some of this source's components, or both have none."""
        return bool(other.comps) == bool(self.comps) and set(other.comps) <= set(self.comps)

    def with_arguments(self, arguments: Mapping[str, Any]) -> Source:
        """The source as the arguments of `pkg.mod_repo` want it."""
        options = dict(self.options)
        if arguments.get("architectures"):
            options["arch"] = ",".join(words_of(arguments["architectures"]))
        if arguments.get("signedby"):
            options["signed-by"] = str(arguments["signedby"])
        comments = arguments.get("comments") or self.comment
        return self.changed(
            options=options,
            comps=tuple(words_of(arguments["comps"])) if arguments.get("comps") else self.comps,
            enabled=_enabled(arguments, self.enabled),
            comment=comments if isinstance(comments, str) else " ".join(map(str, comments)),
        )

    def merged(self, wanted: Source, *, keep_enabled: bool) -> Source:
        """This source made what is wanted; it covers as many types, URIs and suites as before."""
        new = self.changed(
            comps=wanted.comps or self.comps,
            options=wanted.options,
            enabled=self.enabled if keep_enabled else wanted.enabled,
            comment=wanted.comment or self.comment,
        )
        return self if new == self else new

    def line(self, kind: str = "") -> str:
        """The source as a line of a `.list` file, for its first URI and suite."""
        options = " ".join(f"{name}={value.replace(' ', ',')}" for name, value in self.options.items())
        words = [kind or self.types[0], f"[{options}]" if options else "", self.uris[0], self.suites[0], *self.comps]
        comment = f" #{self.comment}" if self.comment else ""
        return ("" if self.enabled else "# ") + " ".join(filter(None, words)) + comment

    def described(self, file: str, kind: str = "") -> dict[str, Any]:
        """What `pkg.get_repo` gives."""
        architectures = re.split(r"[,\s]+", self.options.get("arch", ""))
        return {
            "file": file,
            "comps": list(self.comps),
            "disabled": not self.enabled,
            "enabled": self.enabled,
            "dist": self.suites[0],
            "suites": list(self.suites),
            "type": kind or self.types[0],
            "types": list(self.types),
            "uri": self.uris[0],
            "uris": list(self.uris),
            "line": self.line(kind),
            "architectures": list(filter(None, architectures)),
            "signedby": self.options.get("signed-by", ""),
        }


Pieces = list[Source | str]


def is_deb822(path: str) -> bool:
    return path.endswith(".sources")


def parse(path: str, text: str) -> Pieces:
    return _parse_stanzas(text) if is_deb822(path) else [parse_line(line) or line for line in text.splitlines()]


def render(path: str, pieces: Iterable[Source | str]) -> str:
    """The text of a file; empty when nothing is left in it."""
    if is_deb822(path):
        stanzas = [piece if isinstance(piece, str) else piece.raw or _stanza(piece) for piece in pieces]
        return "\n\n".join(stanza.strip("\n") for stanza in stanzas) + "\n" if stanzas else ""
    return "".join(f"{piece if isinstance(piece, str) else piece.raw or piece.line()}\n" for piece in pieces)


def parse_line(line: str) -> Source | None:
    """A line of a `.list` file; one that is commented out is a disabled source. None for any other line."""
    text = line.strip()
    enabled = not text.startswith("#")
    text, _, comment = text.lstrip("# \t").partition("#")
    found = _LINE.fullmatch(text.strip())
    if found is None or found["type"] not in _TYPES:
        return None
    suite, *comps = found["rest"].split()
    pairs = (word.partition("=") for word in (found["options"] or "").split())
    options = {name.lower(): value for name, _, value in pairs}
    if not enabled and not _looks_like_uri(found["uri"]):
        return None
    return Source(
        (found["type"],), (found["uri"],), (suite,), tuple(comps), options, enabled, comment.strip(), raw=line
    )


def without_components(source: Source, gone: tuple[str, ...]) -> Source | None:
    """A source without some of its components; None when none is left."""
    left = tuple(comp for comp in source.comps if comp not in gone)
    return source.changed(comps=left) if left else None


def says_enabled(arguments: Mapping[str, Any]) -> bool:
    return arguments.get("disabled") is not None or arguments.get("enabled") is not None


def _enabled(arguments: Mapping[str, Any], now: bool) -> bool:
    if arguments.get("disabled") is not None:
        return not arguments["disabled"]
    return now if arguments.get("enabled") is None else bool(arguments["enabled"])


def _looks_like_uri(text: str) -> bool:
    return ":" in text


def _parse_stanzas(text: str) -> Pieces:
    blocks = re.split(r"\n[ \t]*\n", text.strip("\n"))
    return [_parse_stanza(block) or block for block in blocks if block.strip()]


def _parse_stanza(block: str) -> Source | None:
    fields = _fields(block)
    types, uris, suites = (tuple(fields.get(name, "").split()) for name in ("types", "uris", "suites"))
    if not types or not uris or not suites:
        return None
    options = {_OPTIONS.get(name, name): value for name, value in fields.items() if name not in _OWN_FIELDS}
    return Source(
        types,
        uris,
        suites,
        tuple(fields.get("components", "").split()),
        options,
        enabled=fields.get("enabled", "yes").lower() not in _NO,
        comment="\n".join(line[1:].strip() for line in block.splitlines() if line.startswith("#")),
        raw=block,
    )


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        if line.startswith("#"):
            continue
        if line[:1] in " \t" and name:
            fields[name] += f"\n{line}" if "-" in name else f" {line.strip()}"
            continue
        name, _, value = line.partition(":")
        name = name.strip().lower()
        fields[name] = value.strip()
    return fields


def _stanza(source: Source) -> str:
    lines = [f"# {line}" for line in source.comment.splitlines()]
    values = {
        "Types": " ".join(source.types),
        "URIs": " ".join(source.uris),
        "Suites": " ".join(source.suites),
        "Components": " ".join(source.comps),
        "Enabled": "" if source.enabled else "no",
    }
    for option, value in source.options.items():
        name = _FIELDS.get(option, "-".join(part.capitalize() for part in option.split("-")))
        values[name] = value.replace(",", " ") if option in _FIELDS else value
    return "\n".join([*lines, *(f"{name}: {value}" for name, value in values.items() if value)])
