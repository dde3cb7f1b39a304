"""Dates."""

from __future__ import annotations

from datetime import timedelta

from saltern.plugin_api.jinja.filters.dates import date_of as date_cast
from saltern.plugin_api.jinja.filters.dates import strftime

__all__ = ["date_cast", "strftime", "total_seconds"]


def total_seconds(td: timedelta) -> float:
    return td.total_seconds()
