"""Tables, chains, rules and policies of nftables.

The options of a rule are those of `nftables.build_rule`. With `save` all rules are written after a change: to that file
or, with True, to the one that `nftables.save` writes.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts, SaltInvocationError
from saltern.plugin_api.rule_states import RuleWords
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def table_present(name: str, family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """A table is there."""
    if __salt__["nftables.check_table"](name, family)["result"]:
        return result_of(name, True, f"nftables table {name} already exists in family {family}")
    if __opts__["test"]:
        comment = f"nftables table {name} would be created in family {family}"
        return result_of(name, None, comment, {"locale": name})
    done = __salt__["nftables.new_table"](name, family)
    if not done["result"]:
        comment = f"nftables table {name} could not be created in family {family}: {done['comment']}"
        return result_of(name, False, comment)
    return result_of(name, True, f"nftables table {name} successfully created in family {family}", {"locale": name})


def table_absent(name: str, family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """A table is not there, and nothing that was in it."""
    if not __salt__["nftables.check_table"](name, family)["result"]:
        return result_of(name, True, f"nftables table {name} is already absent from family {family}")
    if __opts__["test"]:
        comment = f"nftables table {name} would be deleted from family {family}"
        return result_of(name, None, comment, {"locale": name})
    done = __salt__["nftables.delete_table"](name, family)
    if not done["result"]:
        comment = f"nftables table {name} could not be deleted from family {family}: {done['comment']}"
        return result_of(name, False, comment)
    return result_of(name, True, f"nftables table {name} successfully deleted from family {family}", {"locale": name})


def chain_present(
    name: str,
    table: str = "filter",
    table_type: str | None = None,
    hook: str | None = None,
    priority: Any = None,
    family: str = "ipv4",
) -> dict[str, Any]:
    """A chain is there. One that packets come through has a type, a hook and a priority."""
    if __salt__["nftables.check_chain"](table, name, family)["result"]:
        return result_of(name, True, f"nftables {name} chain is already exist in {table} table for {family}")
    if __opts__["test"]:
        comment = f"nftables chain {name} would be created in table {table} for family {family}"
        return result_of(name, None, comment, {"locale": name})
    done = __salt__["nftables.new_chain"](table, name, table_type, hook, priority, family)
    if not done["result"]:
        comment = f"Failed to create {name} chain in {table} table: {done['comment']} for {family}"
        return result_of(name, False, comment)
    comment = f"nftables {name} chain in {table} table create success for {family}"
    return result_of(name, True, comment, {"locale": name})


def chain_absent(name: str, table: str = "filter", family: str = "ipv4") -> dict[str, Any]:
    """A chain is not there; the rules that it has go with it."""
    if not __salt__["nftables.check_chain"](table, name, family)["result"]:
        return result_of(name, True, f"nftables {name} chain is already absent in {table} table for {family}")
    if __opts__["test"]:
        comment = f"nftables chain {name} would be deleted from table {table} for family {family}"
        return result_of(name, None, comment, {"locale": name})
    done = __salt__["nftables.flush"](table, name, family)
    if done["result"]:
        done = __salt__["nftables.delete_chain"](table, name, family)
    if not done["result"]:
        comment = f"Failed to delete {name} chain in {table} table: {done['comment']} for {family}"
        return result_of(name, False, comment)
    comment = f"nftables {name} chain in {table} table delete success for {family}"
    return result_of(name, True, comment, {"locale": name})


def append(name: str, family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """A rule is in a chain of a table (`filter`); a new one is put at its end."""
    table, chain, words = _rule(name, family, kwargs, family_last=True)
    if __salt__["nftables.check"](table, chain, words.shown, family)["result"]:
        return result_of(name, True, words.already_set)
    if __opts__["test"]:
        return result_of(name, None, words.to_be_set, {"locale": name})
    done = __salt__["nftables.append"](table, chain, words.shown, family)
    if not done["result"]:
        return result_of(name, False, f"{words.not_set}.\n{done['comment']}")
    return _done(words, words.was_set, "Set", kwargs)


def insert(name: str, family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """A rule is in a chain; a new one is put at its start, or before the rule with the handle `position`."""
    table, chain, words = _rule(name, family, kwargs)
    if __salt__["nftables.check"](table, chain, words.shown, family)["result"]:
        return result_of(name, True, words.already_set)
    if __opts__["test"]:
        return result_of(name, None, words.to_be_set, {"locale": name})
    if not __salt__["nftables.insert"](table, chain, kwargs.get("position"), words.shown, family)["result"]:
        return result_of(name, False, words.not_set)
    return _done(words, words.was_set, "Set", kwargs)


def delete(name: str, family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """A rule is not in a chain; it is named by its options."""
    table, chain, words = _rule(name, family, kwargs)
    if not __salt__["nftables.check"](table, chain, words.shown, family)["result"]:
        return result_of(name, True, words.already_absent)
    if __opts__["test"]:
        return result_of(name, None, words.to_be_deleted, {"locale": name})
    if not __salt__["nftables.delete"](table, chain, rule=words.shown, family=family)["result"]:
        return result_of(name, False, words.not_deleted)
    return _done(words, words.was_deleted, "Deleted", kwargs)


def set_policy(name: str, table: str = "filter", family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """A `chain` has this `policy`."""
    chain, policy = _needed(kwargs, "chain"), _needed(kwargs, "policy")
    about = f"nftables default policy for chain {chain} on table {table} for {family}"
    if __salt__["nftables.get_policy"](table, chain, family) == policy:
        return result_of(name, True, f"{about} already set to {policy}")
    if __opts__["test"]:
        return result_of(name, None, f"{about} needs to be set to {policy}", {"locale": name})
    if not __salt__["nftables.set_policy"](table, chain, policy.lower(), family):
        return result_of(name, False, "Failed to set nftables default policy")
    done = "Set and saved" if kwargs.get("save") else "Set"
    _save(kwargs.get("save"))
    comment = f"{done} default policy for {chain} to {policy} family {family}"
    return result_of(name, True, comment, {"locale": name})


def flush(name: str, family: str = "ipv4", ignore_absence: bool = False, **kwargs: Any) -> dict[str, Any]:
    """There is no rule in a `chain` of a `table` (`filter`), or in any of its chains.

    With `ignore_absence` it is well, too, when the table or the chain is not there.
    """
    table, chain = kwargs.get("table", "filter"), kwargs.get("chain", "")
    done = f"Flush nftables rules in {table} table {chain} chain {family} family"
    for kind, of_table, found in _places(table, chain, family):
        if not found and ignore_absence:
            return result_of(name, True, done)
        if not found:
            comment = f"Failed to flush {kind} {of_table}in family {family}, {kind.split()[0]} does not exist."
            return result_of(name, False, comment)
    if not _has_rules(table, chain, family):
        return result_of(name, True, done)
    if __opts__["test"]:
        return result_of(name, None, "nftables flush not performed in test mode.", {"locale": name})
    if not __salt__["nftables.flush"](table, chain, family)["result"]:
        return result_of(name, False, "Failed to flush nftables rules")
    return result_of(name, True, done, {"locale": name})


def _places(table: str, chain: str, family: str) -> list[tuple[str, str, bool]]:
    """The table, and the chain if one is named: how they are called, and whether they are there."""
    places = [(f"table {table}", "", bool(__salt__["nftables.check_table"](table, family)["result"]))]
    if chain and places[0][2]:
        found = __salt__["nftables.check_chain"](table, chain, family)["result"]
        places.append((f"chain {chain}", f"in table {table} ", bool(found)))
    return places


def _has_rules(table: str, chain: str, family: str) -> bool:
    rules = [one["rule"] for one in __salt__["nftables.get_rules_json"](family) if "rule" in one]
    return any(rule["table"] == table and chain in ("", rule["chain"]) for rule in rules)


def _rule(name: str, family: str, kwargs: dict[str, Any], *, family_last: bool = False) -> tuple[str, str, RuleWords]:
    """The table and the chain of a state's rule, and what is said of it."""
    chain = _needed(kwargs, "chain")
    options = {key: value for key, value in kwargs.items() if key not in ("table", "chain", "position", "command")}
    rule = __salt__["nftables.build_rule"](family=family, **options)["rule"]
    return kwargs.get("table", "filter"), chain, RuleWords("nftables", name, family, rule, family_last)


def _done(words: RuleWords, comment: str, verb: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    if kwargs.get("save"):
        comment = words.saved(verb, _save(kwargs["save"]))
    return result_of(words.name, True, comment, {"locale": words.name})


def _needed(kwargs: dict[str, Any], key: str) -> Any:
    if not kwargs.get(key):
        raise SaltInvocationError(f"{key} needs to be specified")
    return kwargs[key]


def _save(save: Any) -> str:
    return str(__salt__["nftables.save"](None if save is True else save)) if save else ""
