"""The keys of minions: look at them, decide on them, make them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.plugin_api.master_control import MasterControl

__func_alias__ = {"list_": "list", "print_": "print"}

__master__: MasterControl

_STATES = ("minions", "minions_pre", "minions_rejected", "minions_denied")
_LISTS = {
    "acc": "minions",
    "accepted": "minions",
    "pre": "minions_pre",
    "un": "minions_pre",
    "unaccepted": "minions_pre",
    "rej": "minions_rejected",
    "rejected": "minions_rejected",
    "den": "minions_denied",
    "denied": "minions_denied",
}


def list_(match: str) -> dict[str, list[str]]:
    """The keys of one state: `accepted` (`acc`), `unaccepted` (`pre`, `un`), `rejected`, `denied` or `all`.

    CLI Example::

        saltern wheel key.list accepted
    """
    if match == "all":
        return _listed()
    state = _LISTS.get(match)
    return {state: _listed()[state]} if state else {}


def list_all() -> dict[str, list[str]]:
    """All keys by their states, and the files of the master's own.

    CLI Example::

        saltern wheel key.list_all
    """
    found = _listed()
    return {state: found[state] for state in _SHOWN_FIRST} | {"local": ["master.key", "master.crt"]}


_SHOWN_FIRST = ("minions_pre", "minions_rejected", "minions", "minions_denied")


def name_match(match: str) -> dict[str, list[str]]:
    """The keys whose ids a glob, or one of several ids parted by commas, means.

    CLI Example::

        saltern wheel key.name_match 'web*'
    """
    return __master__.keys("list", match)


def glob_match(match: str) -> dict[str, list[str]]:
    """The same as `key.name_match`.

    CLI Example::

        saltern wheel key.glob_match 'web*'
    """
    return name_match(match)


def accept(match: str, include_rejected: bool = False, include_denied: bool = False) -> dict[str, list[str]]:
    """Accept the pending keys that match; the ids by the state that they have now.

    CLI Example::

        saltern wheel key.accept web1
        saltern wheel key.accept 'web*' include_rejected=True
    """
    return __master__.keys("accept", match, _states(rejected=include_rejected, denied=include_denied))


def accept_dict(
    match: dict[str, list[str]], include_rejected: bool = False, include_denied: bool = False
) -> dict[str, list[str]]:
    """Accept keys that are given by state.

    CLI Example::

        saltern wheel key.accept_dict '{minions_pre: [web1, web2]}'
    """
    states = _states(rejected=include_rejected, denied=include_denied)
    return _by_state("accept", {state: ids for state, ids in match.items() if state in states})


def reject(match: str, include_accepted: bool = False, include_denied: bool = False) -> dict[str, list[str]]:
    """Reject the pending keys that match; the ids by the state that they have now.

    CLI Example::

        saltern wheel key.reject web1
    """
    return __master__.keys("reject", match, _states(accepted=include_accepted, denied=include_denied))


def reject_dict(
    match: dict[str, list[str]], include_accepted: bool = False, include_denied: bool = False
) -> dict[str, list[str]]:
    """Reject keys that are given by state.

    CLI Example::

        saltern wheel key.reject_dict '{minions_pre: [web1]}'
    """
    states = _states(accepted=include_accepted, denied=include_denied)
    return _by_state("reject", {state: ids for state, ids in match.items() if state in states})


def delete(match: str) -> dict[str, list[str]]:
    """Delete the keys that match, whatever their state; the ids by the state that they had.

    CLI Example::

        saltern wheel key.delete web1
    """
    return __master__.keys("delete", match)


def delete_dict(match: dict[str, list[str]]) -> dict[str, list[str]]:
    """Delete keys that are given by state.

    CLI Example::

        saltern wheel key.delete_dict '{minions_rejected: [web1]}'
    """
    return _by_state("delete", match)


def print_(match: str) -> dict[str, dict[str, str]]:
    """The public keys (PEM) that match, by state and id.

    CLI Example::

        saltern wheel key.print web1
    """
    return __master__.keys("print", match)


def key_str(match: str) -> dict[str, dict[str, str]]:
    """The same as `key.print`.

    CLI Example::

        saltern wheel key.key_str web1
    """
    return print_(match)


def master_key_str() -> dict[str, dict[str, str]]:
    """The public key (PEM) of the authority that minions pin.

    CLI Example::

        saltern wheel key.master_key_str
    """
    return {"local": {"master.pub": __master__.master_key()["pem"]}}


def finger(match: str, hash_type: str | None = None) -> dict[str, dict[str, str]]:
    """The fingerprints (SHA-256) of the keys that match, by state and id.

    CLI Example::

        saltern wheel key.finger web1
    """
    return __master__.keys("finger", match)


def finger_master(hash_type: str | None = None) -> dict[str, dict[str, str]]:
    """The fingerprint (SHA-256) of the authority that minions pin.

    CLI Example::

        saltern wheel key.finger_master
    """
    return {"local": {"master.pub": __master__.master_key()["finger"]}}


def gen(id_: str | None = None, keysize: int = 2048) -> dict[str, str]:
    """A new key pair: `priv` and `pub`, PEM. Nothing is kept of it. Keys are P-256, whatever `keysize` says.

    CLI Example::

        saltern wheel key.gen
    """
    private, public = _pair()
    return {"priv": private, "pub": public}


def _pair() -> tuple[str, str]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def _listed() -> dict[str, list[str]]:
    found = __master__.keys("list")
    return {state: found.get(state, []) for state in _STATES}


def _states(*, accepted: bool = False, rejected: bool = False, denied: bool = False) -> list[str]:
    chosen = {"minions": accepted, "minions_rejected": rejected, "minions_denied": denied}
    return ["minions_pre", *(state for state, wanted in chosen.items() if wanted)]


def _by_state(action: str, match: dict[str, list[str]]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for state, ids in match.items():
        if state in _STATES and ids:
            for now, changed in __master__.keys(action, list(ids), [state]).items():
                found.setdefault(now, []).extend(changed)
    return found
