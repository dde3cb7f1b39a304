"""Sets of addresses, networks and ports in the kernel, by ipset."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api.linux import ipsets
from saltern.plugin_api.program import Answer, ask, ask_well

_FAMILIES = {"ipv4": "inet", "ip4": "inet", "ipv6": "inet6", "ip6": "inet6"}
_NO_SET = "Error: Set needs to be specified"
_NO_ENTRY = "Error: Entry needs to be specified"


def __virtual__() -> bool | tuple[bool, str]:
    from saltern.plugin_api.process import find_program

    if find_program("ipset"):
        return True
    return False, "The ipset execution modules cannot be loaded: ipset binary not in path."


def version() -> str:
    """The version of ipset.

    CLI Example::

        saltern run '*' ipset.version
    """
    return ask_well(["ipset", "--version"]).split()[1]


def new_set(
    name: str | None = None, set_type: str | None = None, family: str = "ipv4", comment: bool = False, **kwargs: Any
) -> bool | str:
    """Make a set of a type such as `hash:ip`. The answer is True, or says what is wrong.

    Options are ipset's own: `timeout` (seconds), `hashsize`, `maxelem`, `range`, `counters`, …; with `comment` entries
    may have comments.

    CLI Example::

        saltern run '*' ipset.new_set custom_set hash:net
        saltern run '*' ipset.new_set custom_set list:set
        saltern run '*' ipset.new_set ports bitmap:port range=1000-2000
    """
    if not name:
        return "Error: Set Name needs to be specified"
    if not set_type:
        return "Error: Set Type needs to be specified"
    if set_type not in ipsets.CREATE_OPTIONS:
        return "Error: Set Type is invalid"
    if "range" in ipsets.CREATE_OPTIONS[set_type] and "range" not in kwargs:
        return "Error: range is a required argument"
    words = ipsets.create_words(set_type, _FAMILIES.get(family, family), {**kwargs, "comment": comment})
    answer = ask(["ipset", "create", name, set_type, *words])
    return answer.said or True


def delete_set(name: str | None = None, family: str = "ipv4") -> bool | str:
    """Remove a set. The answer is True, or says what is wrong.

    CLI Example::

        saltern run '*' ipset.delete_set custom_set
    """
    if not name:
        return _NO_SET
    return ask(["ipset", "destroy", name]).said or True


def rename_set(name: str | None = None, new_set: str | None = None, family: str = "ipv4") -> bool | str:
    """Give a set another name. The answer is True, or says what is wrong.

    CLI Example::

        saltern run '*' ipset.rename_set custom_set new_set=new_set_name
    """
    if not name:
        return _NO_SET
    if not new_set:
        return "Error: New name for set needs to be specified"
    if _find(name) is None:
        return "Error: Set does not exist"
    if _find(new_set) is not None:
        return "Error: New Set already exists"
    return ask(["ipset", "rename", name, new_set]).said or True


def list_sets(family: str = "ipv4") -> list[dict[str, str]]:
    """The sets, each with its fields as ipset names them.

    CLI Example::

        saltern run '*' ipset.list_sets
    """
    return [{key: value for key, value in one.items() if key != "Members"} for one in _sets()]


def check_set(name: str | None = None, family: str = "ipv4") -> bool | str:
    """Whether a set is there.

    CLI Example::

        saltern run '*' ipset.check_set name
    """
    return _find(name) is not None if name else _NO_SET


def add(name: str | None = None, entry: Any = None, family: str = "ipv4", **kwargs: Any) -> str:
    """Put an entry into a set: `Success`, or what is wrong. `comment`, `timeout` and the like belong to the entry.

    CLI Example::

        saltern run '*' ipset.add name 192.168.1.26
        saltern run '*' ipset.add name 192.168.0.3,AA:BB:CC:DD:EE:FF comment='the printer'
    """
    refused = _refused(name, entry)
    if refused:
        return refused
    found = _find(name) or {"Members": []}
    for option in ("timeout", "packets", "bytes", "comment"):
        support = {"packets": "counters", "bytes": "counters"}.get(option, option)
        if option in kwargs and support not in found.get("Header", "").split():
            return f"Error: Set {name} not created with {support} support"
    words = str(entry).split()
    if words[0] in {member.split()[0] for member in found["Members"]}:
        return f"Warn: Entry {entry} already exists in set {name}"
    options = [word for key in kwargs if not key.startswith("__") for word in (key, str(kwargs[key]))]
    answer = ask(["ipset", "add", str(name), *_entry_words(str(entry)), *options])
    return f"Error: {answer.said}" if answer.retcode else "Success"


def delete(name: str | None = None, entry: Any = None, family: str = "ipv4", **kwargs: Any) -> str:
    """Take an entry from a set: `Success`, or what is wrong.

    CLI Example::

        saltern run '*' ipset.delete name 192.168.0.3,AA:BB:CC:DD:EE:FF
    """
    refused = _refused(name, entry)
    if refused:
        return refused
    answer = ask(["ipset", "del", str(name), str(entry).split()[0]])
    return f"Error: {answer.said}" if answer.retcode else "Success"


def check(name: str | None = None, entry: Any = None, family: str = "ipv4") -> bool | str:
    """Whether an entry was put into a set: as it is written, or all addresses of a network or range.

    CLI Example::

        saltern run '*' ipset.check name '192.168.0.1'
    """
    refused = _refused(name, entry)
    if refused:
        return refused
    return ipsets.is_member(str(entry), (_find(name) or {})["Members"])


def test(name: str | None = None, entry: Any = None, family: str = "ipv4", **kwargs: Any) -> bool | str:
    """Whether the kernel finds an entry in a set, as for a packet.

    CLI Example::

        saltern run '*' ipset.test name 192.168.0.2
    """
    refused = _refused(name, entry)
    return refused or ask(["ipset", "test", str(name), str(entry)]).retcode == 0


def flush(name: str | None = None, family: str = "ipv4") -> bool:
    """Take all entries from a set, or from all sets; whether it was done.

    CLI Example::

        saltern run '*' ipset.flush
        saltern run '*' ipset.flush name
    """
    answer: Answer = ask(["ipset", "flush", *([name] if name else [])])
    return answer.retcode == 0


def _sets() -> list[dict[str, Any]]:
    return ipsets.parse(ask_well(["ipset", "list"]))


def _find(name: str | None) -> dict[str, Any] | None:
    answer = ask(["ipset", "list", str(name)])
    return next(iter(ipsets.parse(answer.stdout)), None)


def _refused(name: str | None, entry: Any) -> str:
    if not name:
        return _NO_SET
    if not entry:
        return _NO_ENTRY
    return "" if _find(name) is not None else f"Error: Set {name} does not exist"


def _entry_words(entry: str) -> list[str]:
    """An entry with its options (`1.2.3.4 timeout 5 comment "a b"`) as words."""
    import shlex

    return shlex.split(entry)
