"""What the configuration says about compiling pillar, read from Salt's flat options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class PillarOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options whose names begin with `pillar_`, without that, and the others under their own names.

    `pillarenv` is the one environment that counts; empty: all do. `publish_opts` is `pillar_opts`.
    """

    pillarenv: str = ""
    env_order: Sequence[str] = ()
    state_top: str = "top.sls"
    source_merging_strategy: str = "smart"
    merge_lists: bool = False
    renderer: str = "jinja|yaml"
    includes_override_sls: bool = False
    safe_render_error: bool = True
    publish_opts: bool = False
    ext_pillar: Any = ()
    ext_pillar_first: bool = False
    decrypt: Sequence[Any] = ()
    decrypt_delimiter: str = ":"
    decrypt_default: str = "gpg"
    decrypt_renderers: Sequence[str] = ("gpg",)


def options_of(opts: Mapping[str, Any], *, pillarenv: str | None = None, saltenv: str | None = None) -> PillarOptions:
    """`pillarenv` and `saltenv` are what the caller asks for; the configuration's values stand behind them."""
    chosen = pillarenv or opts.get("pillarenv")
    if not chosen and opts.get("pillarenv_from_saltenv"):
        chosen = saltenv or opts.get("saltenv")
    return PillarOptions(
        pillarenv=str(chosen or ""),
        env_order=tuple(opts.get("env_order") or ()),
        state_top=str(opts.get("state_top") or "top.sls"),
        source_merging_strategy=str(opts.get("pillar_source_merging_strategy") or "smart"),
        merge_lists=bool(opts.get("pillar_merge_lists", False)),
        renderer=str(opts.get("renderer") or "jinja|yaml"),
        includes_override_sls=bool(opts.get("pillar_includes_override_sls", False)),
        safe_render_error=bool(opts.get("pillar_safe_render_error", True)),
        publish_opts=bool(opts.get("pillar_opts", False)),
        ext_pillar=opts.get("ext_pillar") or (),
        ext_pillar_first=bool(opts.get("ext_pillar_first", False)),
        decrypt=tuple(opts.get("decrypt_pillar") or ()),
        decrypt_delimiter=str(opts.get("decrypt_pillar_delimiter") or ":"),
        decrypt_default=str(opts.get("decrypt_pillar_default") or "gpg"),
        decrypt_renderers=tuple(opts.get("decrypt_pillar_renderers") or ("gpg",)),
    )
