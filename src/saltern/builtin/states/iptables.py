"""Rules, chains and policies of the packet filter, by iptables and ip6tables.

The options of a rule are those of `iptables.build_rule`. `save` is the file to which the rules of a family are written
after a change; True stands for the one that the system loads at boot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError, aggregates
from saltern.plugin_api.rule_states import RuleWords
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def mod_aggregate(
    low: Mapping[str, Any], chunks: Sequence[Mapping[str, Any]], running: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The rules of the states that follow and do the same are seen to with those of the first one, in their order."""
    if low["fun"] not in ("append", "insert", "delete"):
        return low
    others = aggregates.in_a_row(low, chunks, running)
    return {**low, "rules": [rule for one in (low, *others) for rule in _rules_of(one)]} if others else low


def chain_present(name: str, table: str = "filter", family: str = "ipv4") -> dict[str, Any]:
    """A chain is there."""
    if __salt__["iptables.check_chain"](table, name, family) is True:
        return result_of(name, True, f"iptables {name} chain is already exist in {table} table for {family}")
    changes = {"locale": name}
    if __opts__["test"]:
        comment = f"iptables {name} chain in {table} table needs to be set for {family}"
        return result_of(name, None, comment, changes)
    said = __salt__["iptables.new_chain"](table, name, family)
    if said is not True:
        return result_of(name, False, f"Failed to create {name} chain in {table} table: {said} for {family}")
    return result_of(name, True, f"iptables {name} chain in {table} table create success for {family}", changes)


def chain_absent(name: str, table: str = "filter", family: str = "ipv4") -> dict[str, Any]:
    """A chain is not there; the rules that it has go with it."""
    if __salt__["iptables.check_chain"](table, name, family) is not True:
        return result_of(name, True, f"iptables {name} chain is already absent in {table} table for {family}")
    changes = {"locale": name}
    if __opts__["test"]:
        return result_of(name, None, f"iptables {name} chain in {table} table needs to be removed {family}", changes)
    said = __salt__["iptables.flush"](table, name, family) or __salt__["iptables.delete_chain"](table, name, family)
    if said is not True:
        return result_of(name, False, f"Failed to delete {name} chain in {table} table: {said} for {family}")
    return result_of(name, True, f"iptables {name} chain in {table} table delete success for {family}", changes)


def append(name: str, table: str = "filter", family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """A rule is in a chain; a new one is put at its end. `rules` is a list of rules, each with a name and options."""
    if "rules" in kwargs:
        return _each(name, append, kwargs["rules"])
    rule, words = _rule(name, "A", table, family, kwargs)
    if _is_there(table, family, rule, kwargs):
        return _saved_now(words, kwargs.get("save"))
    if __opts__["test"]:
        return result_of(name, None, words.to_be_set, {"locale": name})
    if __salt__["iptables.append"](table, kwargs["chain"], rule, family) is not True:
        return result_of(name, False, words.not_set)
    return _done(words, words.was_set, "Set", kwargs)


def insert(name: str, table: str = "filter", family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """A rule is in a chain; a new one is put at `position`. `rules` is a list of rules, each with name and options."""
    if "rules" in kwargs:
        return _each(name, insert, kwargs["rules"])
    _needed(kwargs, "position")
    rule, words = _rule(name, "I", table, family, kwargs)
    if _is_there(table, family, rule, kwargs):
        return _saved_now(words, kwargs.get("save"))
    if __opts__["test"]:
        return result_of(name, None, words.to_be_set, {"locale": name})
    if __salt__["iptables.insert"](table, kwargs["chain"], kwargs["position"], rule, family) != "":
        return result_of(name, False, words.not_set)
    return _done(words, words.was_set, "Set", kwargs)


def delete(name: str, table: str = "filter", family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """A rule is not in a chain; it is named by its options, or by its `position`. `rules` is a list of rules."""
    if "rules" in kwargs:
        return _each(name, delete, kwargs["rules"])
    position = kwargs.get("position")
    rule, words = _rule(name, "D", table, family, kwargs)
    if position is None and not _is_there(table, family, rule, kwargs):
        return result_of(name, True, words.already_absent)
    if __opts__["test"]:
        return result_of(name, None, words.to_be_deleted, {"locale": name})
    which = {"rule": rule} if position is None else {"position": position}
    if __salt__["iptables.delete"](table, kwargs["chain"], family=family, **which):
        return result_of(name, False, words.not_deleted)
    return _done(words, words.was_deleted, "Deleted", kwargs)


def set_policy(name: str, table: str = "filter", family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """A built-in `chain` has this `policy`."""
    chain, policy = _needed(kwargs, "chain"), _needed(kwargs, "policy")
    about = f"iptables default policy for chain {chain} on table {table} for {family}"
    if __salt__["iptables.get_policy"](table, chain, family) == policy:
        return result_of(name, True, f"{about} already set to {policy}")
    if __opts__["test"]:
        return result_of(name, None, f"{about} needs to be set to {policy}", {"locale": name})
    if __salt__["iptables.set_policy"](table, chain, policy, family):
        return result_of(name, False, "Failed to set iptables default policy")
    _save(kwargs.get("save"), family)
    done = "Set and saved" if kwargs.get("save") else "Set"
    comment = f"{done} default policy for {chain} to {policy} family {family}"
    return result_of(name, True, comment, {"locale": name})


def flush(name: str, table: str = "filter", family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """There is no rule in a `chain`, or in any chain of a table."""
    chain = kwargs.get("chain", "")
    done = f"Flush iptables rules in {table} table {chain} chain {family} family"
    chains = __salt__["iptables.get_rules"](family).get(table, {})
    if (not chain or chain in chains) and not any(
        found["rules"] for one, found in chains.items() if chain in ("", one)
    ):
        return result_of(name, True, done)
    if __opts__["test"]:
        comment = f"iptables rules in {name} table {table} chain {family} family needs to be flushed"
        return result_of(name, None, comment, {"locale": name})
    if __salt__["iptables.flush"](table, chain, family):
        return result_of(name, False, "Failed to flush iptables rules")
    return result_of(name, True, done, {"locale": name})


def _rules_of(low: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules of a state, each with its name and its options."""
    if "rules" in low:
        return [{"name": low["name"], **rule} for rule in low["rules"]]
    return [{key: value for key, value in low.items() if not key.startswith("__") and key not in ("state", "fun")}]


def _rule(name: str, command: str, table: str, family: str, kwargs: dict[str, Any]) -> tuple[str, RuleWords]:
    """The rule of a state, and what is said of it; comments show the whole command."""
    _needed(kwargs, "chain")
    rule = __salt__["iptables.build_rule"](family=family, **{key: kwargs[key] for key in kwargs if key not in _PLACE})
    if rule.startswith("Error:"):
        raise CommandExecutionError(rule)
    shown = __salt__["iptables.build_rule"](full=True, family=family, table=table, command=command, **kwargs)
    return rule, RuleWords("iptables", name, family, shown.strip(), family_last=command == "A")


_PLACE = ("chain", "position", "command", "full")


def _needed(kwargs: dict[str, Any], key: str) -> Any:
    if not kwargs.get(key):
        raise SaltInvocationError(f"{key} needs to be specified")
    return kwargs[key]


def _is_there(table: str, family: str, rule: str, kwargs: dict[str, Any]) -> bool:
    return __salt__["iptables.check"](table, kwargs["chain"], rule, family) is True


def _done(words: RuleWords, comment: str, verb: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The result of a rule that was set or deleted, and is saved if that was asked for."""
    if kwargs.get("save"):
        comment = words.saved(verb, _save(kwargs["save"], words.family))
    return result_of(words.name, True, comment, {"locale": words.name})


def _saved_now(words: RuleWords, save: Any) -> dict[str, Any]:
    """The result of a rule that holds; the file is written if the rules in it are others."""
    if not save or _is_saved(save, words.family):
        return result_of(words.name, True, words.already_set)
    if __opts__["test"]:
        comment = f"{words.already_set}\niptables rule {words.name} for {words.family} needs to be saved"
        return result_of(words.name, None, comment)
    said = words.saved("Saved", _save(save, words.family))
    return result_of(words.name, True, f"{words.already_set}\n{said}")


def _is_saved(save: Any, family: str) -> bool:
    """Whether the file has the rules that hold. Counters do not matter."""
    try:
        saved = __salt__["iptables.get_saved_rules"](None if save is True else save, family)
    except CommandExecutionError:
        return False  # there is no such file
    return _uncounted(saved) == _uncounted(__salt__["iptables.get_rules"](family))


def _uncounted(rules: dict[str, Any]) -> dict[str, Any]:
    return {
        table: {chain: (found["policy"], found["rules"]) for chain, found in chains.items()}
        for table, chains in rules.items()
    }


def _save(save: Any, family: str) -> str:
    return str(__salt__["iptables.save"](None if save is True else save, family)) if save else ""


def _each(name: str, state: Callable[..., dict[str, Any]], rules: list[dict[str, Any]]) -> dict[str, Any]:
    """The results of several rules as one."""
    results = [state(**{"name": name, **rule}) for rule in rules]
    changed = [one["changes"]["locale"] for one in results if one["changes"]]
    outcomes = {one["result"] for one in results}
    result = False if False in outcomes else None if None in outcomes else True
    return result_of(name, result, "\n".join(one["comment"] for one in results), {"locale": changed} if changed else {})
