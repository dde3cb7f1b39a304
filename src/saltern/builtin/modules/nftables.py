"""Tables, chains and rules of nftables, by nft.

A rule is a text in nft's own words; `build_rule` makes one from named options. `family` is `ipv4`, `ipv6`, `inet`,
`arp`, `bridge` or `netdev`. A `position` is the handle of a rule, as `nft -a list ruleset` shows it.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from saltern.plugin_api import CommandExecutionError, Grains, SaltInvocationError
from saltern.plugin_api.linux import nftables_rules
from saltern.plugin_api.program import Answer, ask, ask_well

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__grains__: Grains

log = logging.getLogger(__name__)

_SAVED = "/etc/nftables"
_NO_CHAIN = "Chain needs to be specified"


def __virtual__() -> str | tuple[bool, str]:
    from saltern.plugin_api.process import find_program

    if find_program("nft"):
        return "nftables"
    return False, "The nftables execution module failed to load: nftables is not installed."


def version() -> str:
    """The version of nft.

    CLI Example::

        saltern run '*' nftables.version
    """
    return ask_well(["nft", "--version"]).split()[1]


def build_rule(
    table: str | None = None,
    chain: str | None = None,
    command: str | None = None,
    position: Any = "",
    full: bool | None = None,
    family: str = "ipv4",
    **kwargs: Any,
) -> dict[str, Any]:
    """The rule that named options make, in nft's words.

    Options: `if`, `of` (interfaces), `proto`, `source` (also `saddr`), `destination` (`daddr`), `sport`, `dport`,
    `sports`, `dports` (several joined by commas), `connstate`, `icmp-type`, `icmpv6-type`, `counter`, `jump`, `goto`,
    `to-port`, `to-source`, `to-destination`, `reject-with`, `log-prefix`.

    CLI Example::

        saltern run '*' nftables.build_rule connstate=related,established jump=accept
        saltern run '*' nftables.build_rule proto=tcp dports=80,443 jump=accept
        saltern run '*' nftables.build_rule source=2001:db8::1 jump=drop family=ipv6
    """
    _family(family)
    rule = nftables_rules.build(kwargs, family)
    return {"result": True, "rule": rule, "comment": "Successfully built rule" if rule else ""}


def list_tables(family: str = "ipv4") -> list[dict[str, Any]]:
    """The tables of a family.

    CLI Example::

        saltern run '*' nftables.list_tables
        saltern run '*' nftables.list_tables family=inet
    """
    found = json.loads(ask_well(["nft", "--json", "list", "tables", _family(family)]))
    return [one["table"] for one in found["nftables"] if "table" in one]


def get_rules(family: str = "ipv4") -> list[str]:
    """The tables of a family with all that is in them, as nft prints them.

    CLI Example::

        saltern run '*' nftables.get_rules
        saltern run '*' nftables.get_rules family=ipv6
    """
    names = [table["name"] for table in list_tables(family)]
    return [ask_well(["nft", "-n", "-n", "-n", "list", "table", _family(family), name]) for name in names]


def get_rules_json(family: str = "ipv4") -> list[dict[str, Any]]:
    """All objects of a family as data.

    CLI Example::

        saltern run '*' nftables.get_rules_json
        saltern run '*' nftables.get_rules_json family=inet
    """
    found = json.loads(ask_well(["nft", "-n", "-n", "-n", "--json", "list", "ruleset", _family(family)]))
    return list(found["nftables"])


def get_saved_rules(conf_file: str | None = None) -> list[str]:
    """The lines of a file of rules that mean something; the default is the one that `save` writes.

    CLI Example::

        saltern run '*' nftables.get_saved_rules
        saltern run '*' nftables.get_saved_rules /etc/nftables.conf
    """
    place = _file(conf_file)
    try:
        lines = Path(place).read_text().splitlines(keepends=True)
    except OSError as error:
        raise CommandExecutionError(f"The rules in {place} cannot be read: {error.strerror}") from error
    return [line for line in lines if line.strip() and not line.startswith("#")]


def save(filename: str | None = None) -> str:
    """Write all rules to a file that nft can load, and answer what was written.

    The default is /etc/nftables; in a directory the file is `salt-all-in-one.nft`.

    CLI Example::

        saltern run '*' nftables.save
        saltern run '*' nftables.save /etc/nftables.d/saved.nft
    """
    place = _file(filename)
    tables = [table for family in ("ipv4", "ipv6", "inet", "arp", "bridge", "netdev") for table in get_rules(family)]
    text = "".join(["#! nft -f\n\n", *(f"{table}\n" for table in tables)])
    try:
        Path(place).write_text(text)
    except OSError as error:
        raise CommandExecutionError(f"Problem writing to configuration file: {error}") from error
    return text


def get_policy(table: str = "filter", chain: str | None = None, family: str = "ipv4") -> str | None:
    """The policy of a chain; None for one without, and for one that is not there.

    CLI Example::

        saltern run '*' nftables.get_policy filter input
        saltern run '*' nftables.get_policy filter input family=ipv6
    """
    if not chain:
        return f"Error: {_NO_CHAIN}"
    found = nftables_rules.chain_of(get_rules_json(family), table, chain) or {}
    policy: str | None = found.get("policy")
    return policy


def set_policy(
    table: str = "filter", chain: str | None = None, policy: str | None = None, family: str = "ipv4"
) -> bool | str:
    """Set the policy of a chain that has a hook; whether it was set.

    CLI Example::

        saltern run '*' nftables.set_policy filter input accept
        saltern run '*' nftables.set_policy filter input drop family=ipv6
    """
    if not chain:
        return f"Error: {_NO_CHAIN}"
    if not policy:
        return "Error: Policy needs to be specified"
    if check_chain(table, chain, family)["result"] is False:
        return False
    return _nft(family, "chain", table, chain, f"{{ policy {policy} ; }}").retcode == 0


def check_table(table: str | None = None, family: str = "ipv4") -> dict[str, Any]:
    """Whether a table is there.

    CLI Example::

        saltern run '*' nftables.check_table filter
        saltern run '*' nftables.check_table filter family=inet
    """
    if not table:
        return _told(False, "Table needs to be specified")
    exists = any(one["name"] == table for one in list_tables(family))
    return _told(exists, f"Table {table} in family {family} {'exists' if exists else 'does not exist'}")


def check_chain(table: str = "filter", chain: str | None = None, family: str = "ipv4") -> dict[str, Any]:
    """Whether a chain is there.

    CLI Example::

        saltern run '*' nftables.check_chain filter input
        saltern run '*' nftables.check_chain filter input family=inet
    """
    if not chain:
        return _told(False, _NO_CHAIN)
    exists = nftables_rules.chain_of(get_rules_json(family), table, chain) is not None
    said = "exists" if exists else "does not exist"
    return _told(exists, f"Chain {chain} in table {table} in family {family} {said}")


def check(
    table: str = "filter", chain: str | None = None, rule: str | None = None, family: str = "ipv4"
) -> dict[str, Any]:
    """Whether a chain has a rule, however it was typed.

    CLI Example::

        saltern run '*' nftables.check filter input rule='tcp dport 22 accept'
        saltern run '*' nftables.check filter input rule='tcp dport 22 accept' family=ipv6
    """
    refused = _refused(table, chain, rule, family)
    if refused:
        return refused
    exists = _handle(table, str(chain), str(rule), family) is not None
    said = "exists" if exists else "does not exist"
    return _told(exists, f"Rule {rule} in chain {chain} in table {table} in family {family} {said}")


def get_rule_handle(
    table: str = "filter", chain: str | None = None, rule: str | None = None, family: str = "ipv4"
) -> dict[str, Any]:
    """The handle of a rule.

    CLI Example::

        saltern run '*' nftables.get_rule_handle filter input rule='tcp dport 22 accept'
        saltern run '*' nftables.get_rule_handle filter input rule='tcp dport 22 accept' family=ipv6
    """
    found = check(table, chain, rule, family)
    if not found["result"]:
        return found
    return {"result": True, "handle": _handle(table, str(chain), str(rule), family)}


def new_table(table: str, family: str = "ipv4") -> dict[str, Any]:
    """Make a table, unless it is there.

    CLI Example::

        saltern run '*' nftables.new_table filter
        saltern run '*' nftables.new_table filter family=inet
    """
    found = check_table(table, family)
    if found["result"] or not table:
        return found
    return _made(_nft(family, "add", "table", table), f"Table {table} in family {family}", "created")


def delete_table(table: str, family: str = "ipv4") -> dict[str, Any]:
    """Remove a table and all that is in it.

    CLI Example::

        saltern run '*' nftables.delete_table filter
        saltern run '*' nftables.delete_table filter family=inet
    """
    found = check_table(table, family)
    if not found["result"]:
        return found
    return _made(_nft(family, "delete", "table", table), f"Table {table} in family {family}", "deleted")


def new_chain(
    table: str = "filter",
    chain: str | None = None,
    table_type: str | None = None,
    hook: str | None = None,
    priority: Any = None,
    family: str = "ipv4",
) -> dict[str, Any]:
    """Make a chain. One that packets come through needs a type (`filter`, `nat`, `route`), a hook and a priority.

    CLI Example::

        saltern run '*' nftables.new_chain filter web
        saltern run '*' nftables.new_chain filter input table_type=filter hook=input priority=0 family=inet
    """
    if not chain:
        return _told(False, _NO_CHAIN)
    found = check_table(table, family)
    if not found["result"]:
        return found
    about = f"Chain {chain} in table {table} in family {family}"
    if check_chain(table, chain, family)["result"]:
        return _told(False, f"{about} already exists")
    words = ["add", "chain", table, chain]
    if table_type or hook or priority is not None:
        if not table_type or not hook:
            return _told(False, "Table_type, hook, and priority required.")
        words.append(f"{{ type {table_type} hook {hook} priority {priority} ; }}")
    return _made(_nft(family, *words), about, "created")


def delete_chain(table: str = "filter", chain: str | None = None, family: str = "ipv4") -> dict[str, Any]:
    """Remove a chain that has no rule and is not used.

    CLI Example::

        saltern run '*' nftables.delete_chain filter web
        saltern run '*' nftables.delete_chain filter web family=inet
    """
    if not chain:
        return _told(False, _NO_CHAIN)
    for found in (check_table(table, family), check_chain(table, chain, family)):
        if not found["result"]:
            return found
    answer = _nft(family, "delete", "chain", table, chain)
    return _made(answer, f"Chain {chain} in table {table} in family {family}", "deleted")


def append(
    table: str = "filter", chain: str | None = None, rule: str | None = None, family: str = "ipv4"
) -> dict[str, Any]:
    """Put a rule at the end of a chain, unless the chain has it.

    CLI Example::

        saltern run '*' nftables.append filter input rule='ct state related,established accept'
        saltern run '*' nftables.append filter input rule='tcp dport 22 accept' family=ipv6
    """
    return _add("add", table, chain, None, rule, family)


def insert(
    table: str = "filter",
    chain: str | None = None,
    position: Any = None,
    rule: str | None = None,
    family: str = "ipv4",
) -> dict[str, Any]:
    """Put a rule at the start of a chain or before the rule with the handle `position`, unless the chain has it.

    CLI Example::

        saltern run '*' nftables.insert filter input rule='ct state related,established accept'
        saltern run '*' nftables.insert filter input position=3 rule='tcp dport 22 accept' family=ipv6
    """
    return _add("insert", table, chain, position, rule, family)


def delete(
    table: str, chain: str | None = None, position: Any = None, rule: str | None = None, family: str = "ipv4"
) -> dict[str, Any]:
    """Remove a rule, named by itself or by its handle (`position`).

    CLI Example::

        saltern run '*' nftables.delete filter input position=3
        saltern run '*' nftables.delete filter input rule='tcp dport 22 accept' family=ipv6
    """
    if position and rule:
        return _told(False, "Only specify a position or a rule, not both")
    found = _refused(table, chain, rule or position, family)
    if found:
        return found
    handle = position or _handle(table, str(chain), str(rule), family)
    about = f"rule {handle if rule is None else json.dumps(rule)} in chain {chain} in table {table} in family {family}"
    if handle is None:
        return _told(False, f"Rule {rule} chain {chain} in table {table} in family {family} does not exist")
    answer = _nft(family, "delete", "rule", table, str(chain), "handle", str(handle))
    return _told(not answer.retcode, f"Failed to delete {about}" if answer.retcode else f"Deleted {about}.")


def flush(table: str = "filter", chain: str = "", family: str = "ipv4") -> dict[str, Any]:
    """Remove all rules of a chain, or of all chains of a table.

    CLI Example::

        saltern run '*' nftables.flush filter
        saltern run '*' nftables.flush filter input family=inet
    """
    found = check_table(table, family)
    if found["result"] and chain:
        found = check_chain(table, chain, family)
    if not found["result"]:
        return found
    about = f"rules from {f'chain {chain} in ' if chain else ''}table {table} in family {family}."
    answer = _nft(family, "flush", *(["chain", table, chain] if chain else ["table", table]))
    return _told(not answer.retcode, f"{'Failed to flush' if answer.retcode else 'Flushed'} {about}")


def _family(family: str) -> str:
    if family not in nftables_rules.FAMILIES:
        raise SaltInvocationError(f"The family {family} is none of {', '.join(nftables_rules.FAMILIES)}")
    return nftables_rules.FAMILIES[family]


def _nft(family: str, command: str, *words: str) -> Answer:
    """Run a command of nft; the family stands behind the kind of the object."""
    named = (
        [command, _family(family), *words] if command == "chain" else [command, words[0], _family(family), *words[1:]]
    )
    answer = ask(["nft", *named])
    if answer.retcode:
        log.warning("nft %s: %s", " ".join(named), answer.reason)
    return answer


def _told(result: bool, comment: str) -> dict[str, Any]:
    return {"result": result, "comment": comment}


def _made(answer: Answer, about: str, done: str) -> dict[str, Any]:
    return _told(not answer.retcode, f"{about} could not be {done}" if answer.retcode else f"{about} {done}")


def _refused(table: str, chain: str | None, rule: Any, family: str) -> dict[str, Any] | None:
    """Why a rule cannot be looked for or added; None when it can."""
    if not chain:
        return _told(False, _NO_CHAIN)
    if not rule:
        return _told(False, "Rule needs to be specified")
    found = check_table(table, family)
    if found["result"]:
        found = check_chain(table, chain, family)
    return None if found["result"] else found


def _handle(table: str, chain: str, rule: str, family: str) -> str | None:
    listing = ask_well(["nft", "-a", "list", "chain", _family(family), table, chain])
    wanted = nftables_rules.normal(rule)
    return next((handle for one, handle in nftables_rules.handles(f"{listing}\n") if one == wanted), None)


def _add(command: str, table: str, chain: str | None, position: Any, rule: str | None, family: str) -> dict[str, Any]:
    refused = _refused(table, chain, rule, family)
    if refused:
        return refused
    if _handle(table, str(chain), str(rule), family) is not None:
        return _told(False, f"Rule {rule} chain {chain} in table {table} in family {family} already exists")
    place = ["position", str(position)] if position else []
    answer = _nft(family, command, "rule", table, str(chain), *place, *str(rule).split(" "))
    said = "Failed to add" if answer.retcode else "Added"
    return _told(not answer.retcode, f'{said} rule "{rule}" chain {chain} in table {table} in family {family}.')


def _file(filename: str | None) -> str:
    place = filename or _SAVED
    return os.path.join(place, "salt-all-in-one.nft") if os.path.isdir(place) else place
