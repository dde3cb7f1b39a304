"""What somebody shows to say who he is."""

from __future__ import annotations

import msgspec


class Credentials(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A token, or a name and password for one of the back ends of `external_auth`.

    `more` holds what a back end of the operator's own wants beside these. `origin` is where the person is (a host), as
    a front end that speaks for others tells it.
    """

    token: str = ""
    eauth: str = ""
    username: str = ""
    password: str = ""
    more: dict[str, str] = {}
    origin: str = ""

    def __repr__(self) -> str:
        """Without the secrets: a record that is printed must not give them away."""
        return f"Credentials(eauth={self.eauth!r}, username={self.username!r})"
