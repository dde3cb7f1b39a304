"""Jobs and returns in PostgreSQL tables with columns of text, as Salt knows them (behaviour RET-14)."""

from __future__ import annotations

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

__virtualname__ = "postgres"


def __virtual__() -> bool | tuple[bool, str]:
    return missing_library(__virtualname__)


_DIALECT = dialect_of("text", to_json)


def _tables(ret: Mapping[str, Any] | None) -> AbstractContextManager[JobTables]:
    return opened_tables(__virtualname__, _DIALECT, ret, __salt__, __opts__, __context__)


globals().update(job_cache_functions(__name__, _tables, lambda: __opts__, events=True, together=True))
