"""Rules of ufw: the command that arguments make, and what the files of ufw hold, in the words of ufw."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Any, NamedTuple

from saltern.plugin_api.errors import SaltInvocationError

ACTIONS = ("allow", "deny", "reject", "limit")
_TUPLE = "### tuple ###"
_EVERYWHERE = ("0.0.0.0/0", "::/0")


class Command(NamedTuple):
    """A rule as a command of ufw has it, in parts: `rest` is what stands behind the action."""

    action: str
    rest: tuple[str, ...]
    comment: str = ""
    position: tuple[str, ...] = ()
    """`insert 1` or `prepend`; nothing for the end."""
    routed: bool = False

    def argv(self, *before: str) -> list[str]:
        """The words behind `ufw`; `before` stands for what comes before the action, such as `delete`."""
        comment = ["comment", self.comment] if self.comment else []
        routed = ["route"] if self.routed else []
        return [*routed, *before, *self.position, self.action, *self.rest, *comment]


class Rule(NamedTuple):
    """A rule of one of the two families, as its file holds it."""

    v6: bool
    action: str
    logged: str
    """Nothing, `log` or `log-all`."""
    comment: str
    routed: bool
    proto: str
    dport: str
    dst: str
    sport: str
    src: str
    dapp: str
    sapp: str
    ways: str
    """`in`, `out`, `in_eth0`, `out_eth0` or `in_eth0!out_eth1`."""

    def is_at_place_of(self, other: Rule) -> bool:
        """Whether ufw replaces the one by the other: all but action, log and comment is the same."""
        return self.told(other) == other

    def told(self, other: Rule) -> Rule:
        """This rule with the action, the log and the comment of another."""
        return self._replace(action=other.action, logged=other.logged, comment=other.comment)

    @property
    def words(self) -> str:
        """The rule behind `ufw`, as `ufw show added` tells it."""
        parts = ["route"] if self.routed else []
        parts.append(self.action)
        parts += self._elaborate() if self._is_elaborate() else self._brief()
        return " ".join([*parts, f"comment '{self.comment}'"] if self.comment else parts)

    def _is_elaborate(self) -> bool:
        ends = (self.dst, self.src)
        plain = all(end in _EVERYWHERE for end in ends) and self.sport == "any" and not self.sapp
        return not plain or "_" in self.ways or self.dport == "any"

    def _brief(self) -> list[str]:
        port = self.dport if self.proto == "any" else f"{self.dport}/{self.proto}"
        direction = ["out"] if self.ways == "out" else []
        return [*direction, *self._log(), _quoted(self.dapp) if self.dapp else port]

    def _elaborate(self) -> list[str]:
        ways: list[str] = []
        for way in self.ways.split("!"):
            direction, _, interface = way.partition("_")
            ways += [direction, "on", interface] if interface else [direction] * (direction == "out")
        ends = [*_end("from", self.src, self.sport, self.sapp), *_end("to", self.dst, self.dport, self.dapp)]
        if not ends and "_" not in self.ways:
            ends = ["to", "any"]
        proto = [] if self.proto == "any" or self.dapp or self.sapp else ["proto", self.proto]
        return [*ways, *self._log(), *ends, *proto]

    def _log(self) -> list[str]:
        return [self.logged] if self.logged else []


def _end(word: str, address: str, port: str, app: str) -> list[str]:
    place = "any" if address in _EVERYWHERE else address
    if app:
        return [word, place, "app", _quoted(app)]
    if port != "any":
        return [word, place, "port", port]
    return [] if place == "any" else [word, place]


def _quoted(app: str) -> str:
    return f"'{app}'" if " " in app else app


def listing(rules: Iterable[Rule]) -> list[str]:
    """The words of rules; one that is there for both families is told once, as ufw does."""
    return list(dict.fromkeys(rule.words for rule in rules))


def rules_of(text: str, v6: bool) -> list[Rule]:
    """The rules in a file of ufw (`/etc/ufw/user.rules`)."""
    lines = (line.removeprefix(_TUPLE) for line in text.splitlines() if line.startswith(_TUPLE))
    return [_rule(line, v6) for line in lines]


def _rule(line: str, v6: bool) -> Rule:
    """`allow_log tcp 80 0.0.0.0/0 any 10.0.0.0/8 [WWW%20Full -] in_eth0 comment=686921`."""
    fields, _, comment = line.partition(" comment=")
    what, proto, dport, dst, sport, src, *others = fields.split()
    apps = [_app(field) for field in others[:2]] if len(others) > 1 else ["", ""]
    ways = others[-1] if len(others) % 2 else "in"  # very old files do not tell it
    routed, _, verb = what.rpartition(":")
    action, _, logged = verb.partition("_")
    said = bytes.fromhex(comment.strip()).decode("utf-8", "replace")
    return Rule(v6, action, logged, said, bool(routed), proto, dport, dst, sport, src, apps[0], apps[1], ways)


def _app(field: str) -> str:
    return "" if field == "-" else field.replace("%20", " ")


def printed_rules(output: str) -> dict[bool, list[Rule]]:
    """What `ufw --dry-run` would write: the rules of each family whose file it would write, by whether it is IPv6.

    A rule that is several for the kernel has its file printed several times: the last one holds.
    """
    files = output.split("*filter\n")[1:]
    return {v6: rules_of(text, v6) for text in files for v6 in (text.startswith(":ufw6-"),)}


def command_of(action: str | None, rule: Any = None, **given: Any) -> Command:
    """The command of a rule: of a text in ufw's words, or of keywords, see `of_keywords`.

    Raises `SaltInvocationError` for neither or both, and for a text that is of another action.
    """
    keywords = {key: value for key, value in given.items() if value is not None}
    comment = str(keywords.pop("comment", ""))
    if "'" in comment:
        raise SaltInvocationError(f'The comment {comment!r} has a "\'", which ufw cannot keep')
    if rule is not None and keywords:
        told = ", ".join(sorted(keywords))
        raise SaltInvocationError(f"The rule {str(rule)!r} is told in words, and by {told}: say it in one way")
    if rule is None and not keywords:
        raise SaltInvocationError("No rule is told: say rule='22/tcp', or port, proto, from_, to, interface or app")
    command = of_keywords(**keywords) if rule is None else of_text(str(rule))
    if action and command.action not in ("", action):
        raise SaltInvocationError(f"The rule {str(rule)!r} is one to {command.action}, not one to {action}")
    if not (action or command.action):
        raise SaltInvocationError(f"No action is told for the rule {rule or keywords}: it is {', '.join(ACTIONS)}")
    return command._replace(action=action or command.action, comment=comment or command.comment)


def of_text(text: str) -> Command:
    """`[route] [insert N|prepend] [ACTION] ...`; what stands behind the action is ufw's to judge."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise SaltInvocationError(f"The rule {text!r} cannot be read: {error}") from None
    comment = ""
    if "comment" in words[:-1]:
        at = words.index("comment")
        comment = words[at + 1]
        del words[at : at + 2]
    words = words[1:] if words[:1] == ["ufw"] else words
    routed = words[:1] == ["route"]
    words = words[1:] if routed else words
    count = {"insert": 2, "prepend": 1}.get(words[0], 0) if words else 0
    position, words = tuple(words[:count]), words[count:]
    action = words[0] if words and words[0] in ACTIONS else ""
    rest = tuple(words[1:] if action else words)
    if not rest:
        raise SaltInvocationError(f"The rule {text!r} does not say what it is for, such as 22/tcp or from 10.0.0.0/8")
    return Command(action, rest, comment, position, routed)


def of_keywords(
    port: Any = None,
    proto: Any = None,
    from_: Any = None,
    to: Any = None,
    interface: Any = None,
    direction: Any = None,
    app: Any = None,
) -> Command:
    """A rule for packets to a port (`22`, `22/tcp`, `80,443`, `6000:6007` or a list) or an application's ports."""
    ports = ",".join(map(str, port)) if isinstance(port, list | tuple) else str(port)
    number, _, protocol = ports.partition("/")
    if direction not in (None, "in", "out"):
        raise SaltInvocationError(f"{direction!r} is no direction: it is in or out")
    if app is not None and (port is not None or proto is not None):
        raise SaltInvocationError(f"The application {app} has its own ports: leave out port and proto")
    words = [direction or "in", "on", str(interface)] if interface is not None else [direction] * bool(direction)
    if proto is not None or protocol:
        words += ["proto", str(proto or protocol)]
    words += ["from", str(from_ or "any"), "to", str(to or "any")]
    if port is not None:
        words += ["port", number]
    if app is not None:
        words += ["app", str(app)]
    return Command("", tuple(words))
