"""Rendering for the rooms and plugins of one plugin space: texts, and files of its tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.errors import NotFound
from saltern.plugin_api.rendered import SourceText
from saltern.plugin_api.tree_text import TreeText
from saltern.plugins.space import PluginSpace
from saltern.render.pipeline import Pipeline
from saltern.render.result import Rendered
from saltern.render.stages import stages_of


class Rendering:
    """A `plugin_api.types.Rendering` over the renderers, options and file tree of a plugin space."""

    def __init__(self, space: PluginSpace) -> None:
        self._opts = space.scope.opts
        self._texts = TreeText(space.scope.files)
        self._pipeline = Pipeline(
            space.table("renderers"),
            whitelist=self._opts.get("renderer_whitelist") or (),
            blacklist=self._opts.get("renderer_blacklist") or (),
        )

    def text(
        self,
        text: str,
        *,
        renderers: str = "",
        saltenv: str = "base",
        sls: str | None = "",
        file: str = "",
        path: str = "",
        tmplpath: str = ":string:",
        variables: Mapping[str, Any] | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> Rendered:
        stages = stages_of(text, renderers or self._opts.get("renderer") or "jinja|yaml")
        given = {**(variables or {}), **({"context": dict(context)} if context else {}), "tmplpath": tmplpath}
        return self._pipeline.run(SourceText(text, file=file, path=path), stages, saltenv, sls, given)

    def file(
        self,
        path: str,
        *,
        renderers: str = "",
        saltenv: str = "base",
        sls: str = "",
        variables: Mapping[str, Any] | None = None,
    ) -> Rendered:
        path = path.removeprefix("salt://")
        text = self._texts.read(saltenv, path)
        if text is None:
            raise NotFound(f"there is no file {path} in the environment {saltenv} of the file tree")
        return self.text(
            text,
            renderers=renderers,
            saltenv=saltenv,
            sls=sls,
            file=f"salt://{path}" + ("" if saltenv == "base" else f"?saltenv={saltenv}"),
            path=path,
            tmplpath=f"{self._opts.get('cachedir', '')}/files/{saltenv}/{path}",
            variables=variables,
        )
