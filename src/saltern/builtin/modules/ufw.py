"""Rules, policies and state of ufw, the uncomplicated firewall, by its program.

A rule is told by keywords (`port=22 proto=tcp from_=10.0.0.0/8`) or as a text in ufw's words (`22/tcp`,
`from 10.0.0.0/8 to any port 80,443 proto tcp`, `insert 1 from 192.0.2.1`, `route allow in on eth0 out on eth1`).
`port` is one or several (`22`, `22/tcp`, `80,443`, `6000:6007`, or a list), `from_` and `to` are addresses or networks,
`interface` with the `direction` `in` or `out`, `app` the name of an application profile. What ufw refuses is an error.
"""

from __future__ import annotations

from saltern.plugin_api import CommandExecutionError, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from saltern.plugin_api.linux.ufw_rules import Command, Rule

_RULES = {False: "/etc/ufw/user.rules", True: "/etc/ufw/user6.rules"}
_SETTINGS = ("/etc/default/ufw", "/etc/ufw/ufw.conf")
_CHAINS = {"incoming": "input", "outgoing": "output", "routed": "forward"}
_POLICIES = {"accept": "allow", "drop": "deny", "reject": "reject"}
_LEVELS = ("on", "off", "low", "medium", "high", "full")
_LOOKING = "saltern looks what this rule is"
"""The comment of a rule in a dry run; no rule that is there has it, so that ufw tells what it would write."""


def __virtual__() -> bool | tuple[bool, str]:
    from saltern.plugin_api.process import find_program

    if find_program("ufw"):
        return True
    return False, "The ufw execution module cannot be loaded: the ufw binary is not in the path."


def version() -> str:
    """The version of ufw.

    CLI Example::

        saltern run '*' ufw.version
    """
    return _ufw("version").split("\n")[0].removeprefix("ufw").strip()


def status() -> dict[str, Any]:
    """How the firewall is set, whether or not it is active.

    `active` is whether its rules hold now, `enabled` whether they do after a boot, `logging` the level, `defaults` the
    policies of the directions `incoming`, `outgoing` and `routed`, `rules` the texts that `ufw show added` has.

    CLI Example::

        saltern run '*' ufw.status
    """
    from saltern.plugin_api.linux.ufw_rules import listing

    settings = _settings()
    policies = {direction: settings.get(f"default_{chain}_policy", "") for direction, chain in _CHAINS.items()}
    return {
        "active": _ufw("status").startswith("Status: active"),
        "enabled": settings.get("enabled") == "yes",
        "logging": settings.get("loglevel", "unknown"),
        "defaults": {direction: _POLICIES.get(policy, policy) for direction, policy in policies.items()},
        "rules": listing(_rules()),
    }


def enable() -> str:
    """Let the rules hold, now and after each boot.

    Nobody is asked whether that may cut off connections: allow the ways in first.

    CLI Example::

        saltern run '*' ufw.enable
    """
    return _ufw("--force", "enable")


def disable() -> str:
    """Let the rules hold no longer, and not after a boot.

    CLI Example::

        saltern run '*' ufw.disable
    """
    return _ufw("disable")


def reload() -> str:
    """Load the rules again, if the firewall is enabled.

    CLI Example::

        saltern run '*' ufw.reload
    """
    return _ufw("reload")


def reset() -> str:
    """Disable the firewall and remove all rules; ufw keeps the files with them under other names.

    CLI Example::

        saltern run '*' ufw.reset
    """
    return _ufw("--force", "reset")


def default(direction: str, policy: str) -> str:
    """Set the policy for packets that no rule is for.

    The `direction` is `incoming`, `outgoing` or `routed`, the `policy` `allow`, `deny` or `reject`.

    CLI Example::

        saltern run '*' ufw.default incoming deny
    """
    if direction not in _CHAINS:
        raise SaltInvocationError(f"{direction!r} is no direction: it is {', '.join(_CHAINS)}")
    if policy not in _POLICIES.values():
        raise SaltInvocationError(f"{policy!r} is no policy: it is {', '.join(_POLICIES.values())}")
    return _ufw("default", policy, direction)


def logging(level: Any) -> str:
    """Set what is logged: `off`, `low`, `medium`, `high`, `full`, or `on` for the last level that was not `off`.

    CLI Example::

        saltern run '*' ufw.logging medium
    """
    # YAML reads on and off as truth values.
    said = ("on" if level else "off") if isinstance(level, bool) else str(level)
    if said not in _LEVELS:
        raise SaltInvocationError(f"{said!r} is no level of logging: it is {', '.join(_LEVELS)}")
    return _ufw("logging", said)


def allow(
    rule: Any = None,
    port: Any = None,
    proto: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    interface: str | None = None,
    direction: str | None = None,
    app: str | None = None,
    comment: str | None = None,
) -> str:
    """Add a rule that lets packets pass.

    CLI Example::

        saltern run '*' ufw.allow 22/tcp comment='the way in'
        saltern run '*' ufw.allow port=80,443 proto=tcp from_=10.0.0.0/8
    """
    return _add("allow", rule, port, proto, from_, to, interface, direction, app, comment)


def deny(
    rule: Any = None,
    port: Any = None,
    proto: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    interface: str | None = None,
    direction: str | None = None,
    app: str | None = None,
    comment: str | None = None,
) -> str:
    """Add a rule that drops packets.

    CLI Example::

        saltern run '*' ufw.deny 'insert 1 from 192.0.2.1'
        saltern run '*' ufw.deny port=25 direction=out
    """
    return _add("deny", rule, port, proto, from_, to, interface, direction, app, comment)


def reject(
    rule: Any = None,
    port: Any = None,
    proto: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    interface: str | None = None,
    direction: str | None = None,
    app: str | None = None,
    comment: str | None = None,
) -> str:
    """Add a rule that drops packets and tells the sender.

    CLI Example::

        saltern run '*' ufw.reject port=113 proto=tcp
    """
    return _add("reject", rule, port, proto, from_, to, interface, direction, app, comment)


def limit(
    rule: Any = None,
    port: Any = None,
    proto: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    interface: str | None = None,
    direction: str | None = None,
    app: str | None = None,
    comment: str | None = None,
) -> str:
    """Add a rule that lets packets pass, but for senders that begin six connections within 30 seconds.

    CLI Example::

        saltern run '*' ufw.limit ssh
    """
    return _add("limit", rule, port, proto, from_, to, interface, direction, app, comment)


def delete(
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
) -> str:
    """Remove a rule: a text with its action, keywords with the `action`, or its number in `ufw status numbered`.

    CLI Example::

        saltern run '*' ufw.delete 'allow 22/tcp'
        saltern run '*' ufw.delete action=allow port=80,443 proto=tcp from_=10.0.0.0/8
        saltern run '*' ufw.delete 3
    """
    from saltern.plugin_api.linux.ufw_rules import command_of

    if action is None and str(rule).isdecimal():
        return _ufw("--force", "delete", str(rule))
    command = command_of(action, rule, **_keywords(port, proto, from_, to, interface, direction, app, comment))
    return _ufw(*command.argv("delete"))


def foreseen(
    action: str | None,
    rule: Any = None,
    port: Any = None,
    proto: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    interface: str | None = None,
    direction: str | None = None,
    app: str | None = None,
    comment: str | None = None,
    delete: bool = False,
) -> dict[str, list[str]]:
    """What it would change to add a rule, or to `delete` it: the `old` rules that go and the `new` ones that come.

    CLI Example::

        saltern run '*' ufw.foreseen allow 22/tcp
        saltern run '*' ufw.foreseen allow port=22 delete=True
    """
    from saltern.plugin_api.linux.ufw_rules import command_of, listing

    command = command_of(action, rule, **_keywords(port, proto, from_, to, interface, direction, app, comment))
    going, coming = _foreseen_without(command) if delete else _foreseen_with(command)
    return {"old": listing(going), "new": listing(coming)}


def app_list() -> list[str]:
    """The names of the application profiles that rules can be for.

    CLI Example::

        saltern run '*' ufw.app_list
    """
    return [line.strip() for line in _ufw("app", "list").splitlines()[1:]]


def _keywords(*values: Any) -> dict[str, Any]:
    names = ("port", "proto", "from_", "to", "interface", "direction", "app", "comment")
    return dict(zip(names, values, strict=True))


def _add(action: str, rule: Any, *values: Any) -> str:
    from saltern.plugin_api.linux.ufw_rules import command_of

    command = command_of(action, rule, **_keywords(*values))
    if command.position and _replaced(_wanted(command)):
        # ufw would not touch a rule that is there with another action or comment.
        command = command._replace(position=())
    return _ufw(*command.argv())


def _foreseen_with(command: Command) -> tuple[list[Rule], list[Rule]]:
    """The rules that go and those that come when a rule is added."""
    now = _rules()
    wanted = _wanted(command)
    if command.position and not _replaced(wanted):
        _ufw("--dry-run", *command.argv())  # there may be no such place
    coming = [rule for rule in wanted if rule not in now]
    return [rule for rule in now if any(rule.is_at_place_of(one) for one in coming)], coming


def _foreseen_without(command: Command) -> tuple[list[Rule], list[Rule]]:
    """The rules that go when a rule is deleted."""
    now = _rules()
    if command.action == "limit":
        # A dry run of ufw believes that the kernel has no limits for IPv6.
        wanted = _wanted(command)
        return [one for one in now if (one if command.comment else one._replace(comment="")) in wanted], []
    then = _printed("--dry-run", *command.argv("delete"))
    return [rule for rule in now if rule.v6 in then and rule not in then[rule.v6]], []


def _replaced(wanted: Sequence[Rule]) -> bool:
    return any(rule.is_at_place_of(one) for rule in _rules() for one in wanted)


def _wanted(command: Command) -> list[Rule]:
    """What a rule is for IPv4 and IPv6, as ufw would write it; ufw's own dry run tells it."""
    # A dry run of ufw believes that the kernel has no limits for IPv6.
    action = "allow" if command.action == "limit" else command.action
    looking = command._replace(action=action, comment=_LOOKING, position=())
    written = [rule for rules in _printed("--dry-run", *looking.argv()).values() for rule in rules]
    return [
        rule._replace(action=command.action, comment=command.comment) for rule in written if rule.comment == _LOOKING
    ]


def _printed(*words: str) -> dict[bool, list[Rule]]:
    from saltern.plugin_api.linux.ufw_rules import printed_rules

    return printed_rules(_ufw(*words))


def _rules() -> list[Rule]:
    """The rules of both families, or of IPv4 alone where ufw is to leave IPv6 alone."""
    from saltern.plugin_api.linux.ufw_rules import rules_of

    families = (False, True) if _settings().get("ipv6") == "yes" else (False,)
    return [rule for v6 in families for rule in rules_of(_text(_RULES[v6]), v6)]


def _settings() -> dict[str, str]:
    lines = "\n".join(map(_text, _SETTINGS)).splitlines()
    pairs = (line.strip().split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {key.lower(): value.strip("\"'").lower() for key, value in pairs}


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        raise CommandExecutionError(f"{path} of ufw cannot be read: {error.strerror}") from error


def _ufw(*words: str) -> str:
    """What ufw prints; `CommandExecutionError` with all its words when it fails."""
    from saltern.plugin_api.program import ask

    answer = ask(["ufw", *words])
    if answer.retcode:
        raise CommandExecutionError(f"ufw {' '.join(words)}: {answer.reason}")
    return answer.stdout
