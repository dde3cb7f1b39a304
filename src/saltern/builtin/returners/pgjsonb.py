"""Jobs and returns in PostgreSQL tables with columns of JSON, as Salt knows them (behaviour RET-12).

PostgreSQL cannot keep the character NUL in JSON; the replacement character stands in its place.
"""

from __future__ import annotations

import re

from saltern.plugin_api import Context, Functions, Opts
from saltern.plugin_api.job_cache import job_cache_functions
from saltern.plugin_api.job_loads import to_json
from saltern.plugin_api.postgresql_tables import dialect_of, missing_library, opened_tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from typing import Any

    from saltern.plugin_api.job_tables import JobTables

__salt__: Functions
__opts__: Opts
__context__: Context

__virtualname__ = "pgjsonb"


def __virtual__() -> bool | tuple[bool, str]:
    return missing_library(__virtualname__)


def _jsonb(value: Any) -> str:
    text = to_json(value)
    if "\\u0000" not in text:
        return text
    # An escape counts only behind an even number of backslashes: each pair is a backslash of the text itself.
    return re.sub(r"(?<!\\)((?:\\\\)*)\\u0000", r"\1\\ufffd", text)


_DIALECT = dialect_of(
    "jsonb",
    _jsonb,
    (
        "CREATE INDEX IF NOT EXISTS idx_salt_returns_return ON salt_returns USING gin (return)",
        "CREATE INDEX IF NOT EXISTS idx_salt_returns_full_ret ON salt_returns USING gin (full_ret)",
    ),
)


def _tables(ret: Mapping[str, Any] | None) -> AbstractContextManager[JobTables]:
    return opened_tables(__virtualname__, _DIALECT, ret, __salt__, __opts__, __context__)


globals().update(job_cache_functions(__name__, _tables, lambda: __opts__, events=True, together=True))
