"""Signing policies: what a signing minion says of every certificate that it signs by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.plugin_api.x509.names import ATTRIBUTES

_NO_ARGUMENTS = ("minions", "copypath")


def applied(given: Mapping[str, Any], policy: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a certificate under a policy: what the policy says counts, the rest is as asked for.

    A policy that names a subject, or attributes of one, leaves no way around it.
    """
    rules = {key: value for key, value in policy.items() if key not in _NO_ARGUMENTS}
    asked = dict(given)
    if "subject" in rules:
        asked = {key: value for key, value in asked.items() if key not in ATTRIBUTES}
    elif any(name in rules for name in ATTRIBUTES):
        asked.pop("subject", None)
    return {**asked, **rules}
