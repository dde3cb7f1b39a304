"""The uncomplicated firewall is on or off; its policies, its logging and its rules are as said.

A rule is the state's name or its `rule`, a text in ufw's words (`22/tcp`, `from 10.0.0.0/8 to any port 80 proto tcp`,
`insert 1 from 192.0.2.1`, `route allow in on eth0 out on eth1`); or it is told by keywords, those of `ufw.allow`.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts

_ERRORS = (CommandExecutionError, SaltInvocationError)
_NO_UFW = "ufw is not installed"
_LEVELS = ("on", "off", "low", "medium", "high", "full")


def enabled(name: str) -> dict[str, Any]:
    """The firewall is active, and is so after a boot.

    Allow the ways in first: nobody is asked whether this may cut off connections.
    """
    return _switched(name, "enable", True)


def disabled(name: str) -> dict[str, Any]:
    """The firewall is not active, and is not after a boot; so it is where there is none."""
    if not _is_there():
        return result_of(name, True, _NO_UFW)
    return _switched(name, "disable", False)


def default(
    name: str, incoming: str | None = None, outgoing: str | None = None, routed: str | None = None
) -> dict[str, Any]:
    """What is done with packets that no rule is for: `allow`, `deny` or `reject`. What is not said stays as it is."""
    wanted = {"incoming": incoming, "outgoing": outgoing, "routed": routed}
    said = {direction: policy for direction, policy in wanted.items() if policy is not None}
    if wrong := [policy for policy in said.values() if policy not in ("allow", "deny", "reject")]:
        return result_of(name, False, f"{wrong[0]!r} is no policy: it is allow, deny or reject")
    if not said:
        return result_of(name, False, "No policy is told: say incoming, outgoing or routed")
    try:
        changes = _differing(_ufw("status")["defaults"], said)
        if not changes:
            return result_of(name, True, "The default policies are already as said.")
        if __opts__["test"]:
            return result_of(name, None, f"The default policies for {', '.join(changes)} will be set.", changes)
        for direction in changes:
            _ufw("default", direction, said[direction])
    except _ERRORS as error:
        return _failed(name, error)
    return result_of(name, True, f"The default policies for {', '.join(changes)} were set.", changes)


def logging(name: str, level: Any = None) -> dict[str, Any]:
    """What is logged: the `level`, or the state's name, is one of `ufw.logging`."""
    level = name if level is None else level
    wanted = ("on" if level else "off") if isinstance(level, bool) else str(level)  # as YAML reads on and off
    if wanted not in _LEVELS:
        return result_of(name, False, f"{wanted!r} is no level of logging: it is {', '.join(_LEVELS)}")
    try:
        now = _ufw("status")["logging"]
        if wanted == "on":
            wanted = "low" if now in ("off", "unknown") else now
        if now == wanted:
            return result_of(name, True, f"The level of logging is already {now}.")
        changes = {"logging": {"old": now, "new": wanted}}
        if __opts__["test"]:
            return result_of(name, None, f"The level of logging will be {wanted}.", changes)
        _ufw("logging", wanted)
    except _ERRORS as error:
        return _failed(name, error)
    return result_of(name, True, f"The level of logging is {wanted} now.", changes)


def allowed(
    name: str,
    rule: Any = None,
    port: Any = None,
    proto: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    interface: str | None = None,
    direction: str | None = None,
    app: str | None = None,
    comment: str | None = None,
) -> dict[str, Any]:
    """A rule lets packets pass; one with another action or comment for the same packets is replaced."""
    return _as_said(name, "allow", rule, _keywords(port, proto, from_, to, interface, direction, app, comment))


def denied(
    name: str,
    rule: Any = None,
    port: Any = None,
    proto: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    interface: str | None = None,
    direction: str | None = None,
    app: str | None = None,
    comment: str | None = None,
) -> dict[str, Any]:
    """A rule drops packets; one with another action or comment for the same packets is replaced."""
    return _as_said(name, "deny", rule, _keywords(port, proto, from_, to, interface, direction, app, comment))


def rejected(
    name: str,
    rule: Any = None,
    port: Any = None,
    proto: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    interface: str | None = None,
    direction: str | None = None,
    app: str | None = None,
    comment: str | None = None,
) -> dict[str, Any]:
    """A rule drops packets and tells the sender; one with another action or comment for the same is replaced."""
    return _as_said(name, "reject", rule, _keywords(port, proto, from_, to, interface, direction, app, comment))


def limited(
    name: str,
    rule: Any = None,
    port: Any = None,
    proto: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    interface: str | None = None,
    direction: str | None = None,
    app: str | None = None,
    comment: str | None = None,
) -> dict[str, Any]:
    """A rule lets packets pass, but for senders that begin too many connections; another for the same is replaced."""
    return _as_said(name, "limit", rule, _keywords(port, proto, from_, to, interface, direction, app, comment))


def absent(
    name: str,
    rule: Any = None,
    action: str | None = None,
    port: Any = None,
    proto: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    interface: str | None = None,
    direction: str | None = None,
    app: str | None = None,
    comment: str | None = None,
) -> dict[str, Any]:
    """A rule is not there: a text with its action (`allow 22/tcp`), or keywords with the `action`.

    Without a `comment`, it is removed whatever its comment is. Where there is no ufw, there is no rule.
    """
    if not _is_there():
        return result_of(name, True, _NO_UFW)
    keywords = _keywords(port, proto, from_, to, interface, direction, app, comment)
    return _as_said(name, action, rule, keywords, delete=True)


def _keywords(*values: Any) -> dict[str, Any]:
    """The keywords that are said."""
    names = ("port", "proto", "from_", "to", "interface", "direction", "app", "comment")
    return {key: value for key, value in zip(names, values, strict=True) if value is not None}


def _as_said(
    name: str, action: str | None, rule: Any, keywords: dict[str, Any], delete: bool = False
) -> dict[str, Any]:
    """The result of a rule that is to be there, or not to be; without a rule and keywords, the name is the rule."""
    if rule is None and not keywords.keys() - {"comment"}:
        rule = name
    try:
        changes = _ufw("foreseen", action, rule, **keywords, delete=delete)
        if not any(changes.values()):
            return result_of(name, True, f"The rule is {'not there' if delete else 'already there'}.")
        if __opts__["test"]:
            return result_of(name, None, f"The rule will be {'removed' if delete else 'set'}.", {"rules": changes})
        said = _ufw("delete", rule, action, **keywords) if delete else _ufw(str(action), rule, **keywords)
        left = _ufw("foreseen", action, rule, **keywords, delete=delete)
    except _ERRORS as error:
        return _failed(name, error)
    done = {key: [one for one in changes[key] if one not in left[key]] for key in changes}
    return result_of(name, not any(left.values()), said, {"rules": done} if any(done.values()) else {})


def _switched(name: str, verb: str, on: bool) -> dict[str, Any]:
    """The result of a firewall that is to be on or off, now and after a boot."""
    wanted = {"active": on, "enabled": on}
    try:
        changes = _differing(_ufw("status"), wanted)
        if not changes:
            return result_of(name, True, f"The firewall is already {verb}d.")
        if __opts__["test"]:
            return result_of(name, None, f"The firewall will be {verb}d.", changes)
        said = _ufw(verb)
        left = _differing(_ufw("status"), wanted)
    except _ERRORS as error:
        return _failed(name, error)
    done = {key: change for key, change in changes.items() if key not in left}
    return result_of(name, not left, said, done)


def _is_there() -> bool:
    return "ufw.status" in __salt__


def _ufw(function: str, *args: Any, **kwargs: Any) -> Any:
    """What a function of the module gives; `CommandExecutionError` where there is no ufw."""
    if not _is_there():
        raise CommandExecutionError(_NO_UFW)
    return __salt__[f"ufw.{function}"](*args, **kwargs)


def _failed(name: str, error: Exception) -> dict[str, Any]:
    """The result of an error; a dry run is unsure where an earlier state may install what lacks."""
    lacks = any(text in str(error) for text in (_NO_UFW, "Could not find a profile"))
    return result_of(name, None if lacks and __opts__["test"] else False, str(error))


def _differing(now: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What is not as wanted, with what it is and what it is to be."""
    return {key: {"old": now[key], "new": value} for key, value in wanted.items() if now[key] != value}
