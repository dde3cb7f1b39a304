"""The Jinja environment of a tree: options, loader, filters, tests, tags and global names."""

from __future__ import annotations

from collections import OrderedDict
from copy import copy
from functools import cache
from typing import Any

from jinja2.sandbox import SandboxedEnvironment

from saltern.plugin_api.jinja.code import LineCodeGenerator
from saltern.plugin_api.jinja.filters import filters
from saltern.plugin_api.jinja.loader import TreeLoader, resolve
from saltern.plugin_api.jinja.names import ifelse, raise_error, show_full_context, shown
from saltern.plugin_api.jinja.serializer_tags import SerializerTags
from saltern.plugin_api.jinja.tests import TESTS
from saltern.plugin_api.jinja.undefined import LenientUndefined, StrictUndefined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_EXTENSIONS = ("jinja2.ext.do", "jinja2.ext.loopcontrols", SerializerTags)
_OWN_OPTIONS = frozenset(
    ("block_start_string", "block_end_string", "variable_start_string", "variable_end_string", "comment_start_string",
     "comment_end_string", "line_statement_prefix", "line_comment_prefix", "trim_blocks", "lstrip_blocks",
     "newline_sequence", "keep_trailing_newline", "optimized")
)  # fmt: skip
"""What `jinja_env` and `jinja_sls_env` may set."""


class SaltEnvironment(SandboxedEnvironment):
    """Salt's environment: nothing private can be reached, and nothing undefined passes unseen."""

    code_generator_class = LineCodeGenerator
    options_key: tuple[Any, ...] = ()

    def with_globals(self, variables: Mapping[str, Any]) -> SaltEnvironment:
        """This environment for one rendering, whose variables all of its templates see.

        What the templates made of each other in another rendering (a map file's dictionaries) is not seen here.
        """
        own = copy(self)
        own.globals = {**self.globals, **variables}
        own.cache = {}
        return own

    def join_path(self, template: str, parent: str) -> str:
        return resolve(template, parent)


def make_environment(opts: Mapping[str, Any], loader: TreeLoader | None, *, sls: bool) -> SaltEnvironment:
    """An environment with the options of `opts` for SLS files or for other templates."""
    options = {key: value for key, value in _options(opts, sls=sls).items() if key in _OWN_OPTIONS}
    strict = not opts.get("allow_undefined", False)
    environment = SaltEnvironment(
        extensions=_EXTENSIONS,
        undefined=StrictUndefined if strict else LenientUndefined,
        loader=loader,
        finalize=shown,
        auto_reload=False,
        **options,
    )
    environment.options_key = (strict, *sorted(options.items()))
    environment.filters.update(filters())
    environment.tests.update(TESTS)
    environment.globals.update(_globals())
    return environment


def _options(opts: Mapping[str, Any], *, sls: bool) -> dict[str, Any]:
    options = {
        "trim_blocks": bool(opts.get("jinja_trim_blocks")),
        "lstrip_blocks": bool(opts.get("jinja_lstrip_blocks")),
    }
    options.update(opts.get("jinja_sls_env" if sls else "jinja_env") or {})
    return options


@cache
def _globals() -> dict[str, Any]:
    return {
        "odict": OrderedDict,
        "ifelse": ifelse,
        "raise": raise_error,
        "show_full_context": show_full_context,
    }
