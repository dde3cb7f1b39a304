"""Rules, chains and policies of the packet filter, by iptables and ip6tables.

A rule is a text in iptables' own words, as behind `iptables -A CHAIN`; `build_rule` makes one from named options.
`family` is `ipv4` or `ipv6`.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from saltern.plugin_api import CommandExecutionError, Grains, SaltInvocationError
from saltern.plugin_api.linux import iptables_rules
from saltern.plugin_api.program import Answer, ask, ask_well, path_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__grains__: Grains

_PROGRAMS = {"ipv4": "iptables", "ipv6": "ip6tables"}
_SAVED = {
    "RedHat": ("/etc/sysconfig/iptables", "/etc/sysconfig/ip6tables"),
    "Arch": ("/etc/iptables/iptables.rules", "/etc/iptables/ip6tables.rules"),
    "Void": ("/etc/iptables/iptables.rules", "/etc/iptables/ip6tables.rules"),
    "Debian": ("/etc/iptables/rules.v4", "/etc/iptables/rules.v6"),
    "Gentoo": ("/var/lib/iptables/rules-save", "/var/lib/ip6tables/rules-save"),
    "Suse": ("/etc/sysconfig/scripts/SuSEfirewall2-custom", "/etc/sysconfig/scripts/SuSEfirewall2-custom"),
    "Alpine": ("/etc/iptables/rules-save", "/etc/iptables/rules6-save"),
}
"""Where the systems keep the rules that are loaded at boot: for IPv4, and for IPv6."""

_NO_CHAIN = "Error: Chain needs to be specified"
_NO_RULE = "Error: Rule needs to be specified"
_NO_POSITION = "Error: Position needs to be specified or use append (-A)"


def __virtual__() -> bool | tuple[bool, str]:
    from saltern.plugin_api.process import find_program

    if find_program("iptables"):
        return True
    return False, "The iptables execution module cannot be loaded: iptables not installed."


def version(family: str = "ipv4") -> str:
    """The version of iptables.

    CLI Example::

        saltern run '*' iptables.version
        saltern run '*' iptables.version family=ipv6
    """
    return ask_well([_program(family), "--version"]).split()[1]


def build_rule(
    table: str = "filter",
    chain: str | None = None,
    command: str | None = None,
    position: Any = "",
    full: bool | None = None,
    family: str = "ipv4",
    **kwargs: Any,
) -> str:
    """The rule that named options make, in iptables' words.

    The names are iptables' long options; `connstate` stands for `state`, `dports` and `sports` may be lists, `name_`
    is the option `name`. `!` or `not` before a value negates it, an option without a value gets an empty text. With
    `full` the answer is the whole command; `command` is then an option of iptables (`A`, `I`, `D`, `append`, …).

    CLI Example::

        saltern run '*' iptables.build_rule match=state connstate=RELATED,ESTABLISHED jump=ACCEPT
        saltern run '*' iptables.build_rule filter INPUT command=I position=3 full=True jump=ACCEPT
        saltern run '*' iptables.build_rule source='!127.0.0.1' jump=DROP family=ipv6
    """
    try:
        rule = iptables_rules.build(kwargs)
    except ValueError as error:
        return f"Error: {error}"
    if not full:
        return rule
    if not chain:
        return _NO_CHAIN
    if not command:
        return "Error: Command needs to be specified"
    bare = command.lstrip("-")
    option = f"-{bare}" if len(bare) == 1 else f"--{bare}"
    position = "" if position is None else position
    return f"{path_of(_program(family))} --wait -t {table} {option} {chain} {position} {rule}"


def get_rules(family: str = "ipv4") -> dict[str, Any]:
    """The rules that hold now, by table and chain.

    CLI Example::

        saltern run '*' iptables.get_rules
        saltern run '*' iptables.get_rules family=ipv6
    """
    return iptables_rules.parse(ask_well([f"{_program(family)}-save"]))


def get_saved_rules(conf_file: str | None = None, family: str = "ipv4") -> dict[str, Any]:
    """The rules of a file, or of the one that is loaded at boot.

    CLI Example::

        saltern run '*' iptables.get_saved_rules
        saltern run '*' iptables.get_saved_rules conf_file=/etc/iptables.saved family=ipv6
    """
    return iptables_rules.parse(_saved_text(conf_file or _saved(family)))


def get_policy(table: str = "filter", chain: str | None = None, family: str = "ipv4") -> str | None:
    """The policy of a chain; None for a chain that is not in use.

    CLI Example::

        saltern run '*' iptables.get_policy filter INPUT
        saltern run '*' iptables.get_policy filter INPUT family=ipv6
    """
    return _policy(get_rules(family), table, chain) if chain else _NO_CHAIN


def get_saved_policy(
    table: str = "filter", chain: str | None = None, conf_file: str | None = None, family: str = "ipv4"
) -> str | None:
    """The policy of a chain in a file, or in the one that is loaded at boot.

    CLI Example::

        saltern run '*' iptables.get_saved_policy filter INPUT
        saltern run '*' iptables.get_saved_policy filter INPUT conf_file=/etc/iptables.saved family=ipv6
    """
    return _policy(get_saved_rules(conf_file, family), table, chain) if chain else _NO_CHAIN


def set_policy(table: str = "filter", chain: str | None = None, policy: str | None = None, family: str = "ipv4") -> str:
    """Set the policy of a built-in chain. The answer is empty, or says what is wrong.

    CLI Example::

        saltern run '*' iptables.set_policy filter INPUT ACCEPT
        saltern run '*' iptables.set_policy filter INPUT ACCEPT family=ipv6
    """
    if not chain:
        return _NO_CHAIN
    if not policy:
        return "Error: Policy needs to be specified"
    return _tell(family, table, "-P", chain, policy).said


def save(filename: str | None = None, family: str = "ipv4") -> str:
    """Write the rules that hold now to a file, or to the one that is loaded at boot.

    CLI Example::

        saltern run '*' iptables.save /etc/sysconfig/iptables
        saltern run '*' iptables.save family=ipv6
    """
    place = Path(filename or _saved(family))
    rules = re.sub(r"\[\d+:\d+\]", "[0:0]", ask_well([f"{_program(family)}-save"]))
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{rules}\n")
    except OSError as error:
        raise CommandExecutionError(f"The rules cannot be written to {place}: {error.strerror}") from error
    return f'Wrote 1 lines to "{place}"'


def check(table: str = "filter", chain: str | None = None, rule: str | None = None, family: str = "ipv4") -> bool | str:
    """Whether a chain has a rule.

    CLI Example::

        saltern run '*' iptables.check filter INPUT rule='-m state --state RELATED,ESTABLISHED -j ACCEPT'
        saltern run '*' iptables.check filter INPUT rule='-p tcp --dport 22 -j ACCEPT' family=ipv6
    """
    if not chain:
        return _NO_CHAIN
    if not rule:
        return _NO_RULE
    return _tell(family, table, "-C", chain, *_words(rule)).retcode == 0


def check_chain(table: str = "filter", chain: str | None = None, family: str = "ipv4") -> bool | str:
    """Whether a table has a chain.

    CLI Example::

        saltern run '*' iptables.check_chain filter INPUT
        saltern run '*' iptables.check_chain filter INPUT family=ipv6
    """
    if not chain:
        return _NO_CHAIN
    return f":{chain} " in ask([f"{_program(family)}-save", "-t", table]).stdout


def new_chain(table: str = "filter", chain: str | None = None, family: str = "ipv4") -> bool | str:
    """Make a chain. The answer is True, or says what is wrong.

    CLI Example::

        saltern run '*' iptables.new_chain filter CUSTOM_CHAIN
        saltern run '*' iptables.new_chain filter CUSTOM_CHAIN family=ipv6
    """
    return _tell(family, table, "-N", chain).said or True if chain else _NO_CHAIN


def delete_chain(table: str = "filter", chain: str | None = None, family: str = "ipv4") -> bool | str:
    """Remove a chain that is empty and not used. The answer is True, or says what is wrong.

    CLI Example::

        saltern run '*' iptables.delete_chain filter CUSTOM_CHAIN
        saltern run '*' iptables.delete_chain filter CUSTOM_CHAIN family=ipv6
    """
    return _tell(family, table, "-X", chain).said or True if chain else _NO_CHAIN


def append(
    table: str = "filter", chain: str | None = None, rule: str | None = None, family: str = "ipv4"
) -> bool | str:
    """Put a rule at the end of a chain, unless the chain has it; True when it was put there.

    CLI Example::

        saltern run '*' iptables.append filter INPUT rule='-m state --state RELATED,ESTABLISHED -j ACCEPT'
        saltern run '*' iptables.append filter INPUT rule='-p tcp --dport 22 -j ACCEPT' family=ipv6
    """
    if not chain:
        return _NO_CHAIN
    if not rule:
        return _NO_RULE
    return not check(table, chain, rule, family) and not _tell(family, table, "-A", chain, *_words(rule)).retcode


def insert(
    table: str = "filter",
    chain: str | None = None,
    position: Any = None,
    rule: str | None = None,
    family: str = "ipv4",
) -> bool | str:
    """Put a rule at a position of a chain, unless the chain has it.

    A position below zero counts from the end: -1 is before the last rule. The answer is empty, False when the chain has
    the rule, or says what is wrong.

    CLI Example::

        saltern run '*' iptables.insert filter INPUT position=3 rule='-m state --state RELATED,ESTABLISHED -j ACCEPT'
        saltern run '*' iptables.insert filter INPUT position=-1 rule='-p tcp --dport 22 -j ACCEPT' family=ipv6
    """
    if not chain:
        return _NO_CHAIN
    if not position:
        return _NO_POSITION
    if not rule:
        return _NO_RULE
    if int(position) < 0:
        position = len(get_rules(family).get(table, {}).get(chain, {}).get("rules", ())) + int(position) + 1
        if position < 1:
            return _NO_POSITION
    if check(table, chain, rule, family):
        return False
    return _tell(family, table, "-I", chain, str(position), *_words(rule)).said


def delete(
    table: str, chain: str | None = None, position: Any = None, rule: str | None = None, family: str = "ipv4"
) -> str:
    """Remove a rule, named by itself or by its position. The answer is empty, or says what is wrong.

    CLI Example::

        saltern run '*' iptables.delete filter INPUT position=3
        saltern run '*' iptables.delete filter INPUT rule='-m state --state RELATED,ESTABLISHED -j ACCEPT' family=ipv6
    """
    if position and rule:
        return "Error: Only specify a position or a rule, not both"
    if not chain:
        return _NO_CHAIN
    if not position and not rule:
        return "Error: Rule or position needs to be specified"
    return _tell(family, table, "-D", chain, *(_words(rule) if rule else [str(position)])).said


def flush(table: str = "filter", chain: str = "", family: str = "ipv4") -> str:
    """Remove all rules of a chain, or of all chains of a table. The answer is empty, or says what is wrong.

    CLI Example::

        saltern run '*' iptables.flush filter INPUT
        saltern run '*' iptables.flush filter family=ipv6
    """
    return _tell(family, table, "-F", *([chain] if chain else [])).said


def _program(family: str) -> str:
    if not isinstance(family, str) or family not in _PROGRAMS:
        raise SaltInvocationError(f"The family {family} is neither ipv4 nor ipv6")
    return _PROGRAMS[family]


def _tell(family: str, table: str, *words: str) -> Answer:
    return ask([_program(family), "--wait", "-t", table, *words])


def _words(rule: str) -> list[str]:
    try:
        return shlex.split(rule)
    except ValueError as error:
        raise SaltInvocationError(f"The rule {rule} cannot be split into words: {error}") from None


def _policy(rules: dict[str, Any], table: str, chain: str) -> str | None:
    found: str | None = rules.get(table, {}).get(chain, {}).get("policy")
    return found


def _saved(family: str) -> str:
    for_ipv4, for_ipv6 = _SAVED.get(str(__grains__.get("os_family")), (None, None))
    place = for_ipv6 if _program(family) == "ip6tables" else for_ipv4
    if place is None:
        raise SaltInvocationError("It is not known where this system keeps its rules: name a file")
    return place


def _saved_text(place: str) -> str:
    try:
        return Path(place).read_text()
    except OSError as error:
        raise CommandExecutionError(f"The rules in {place} cannot be read: {error.strerror}") from error
