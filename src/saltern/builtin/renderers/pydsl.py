"""Python files that build states by calls: `state("web").pkg.installed("nginx").require(file="/etc/nginx.list")`."""

from __future__ import annotations

from typing import Any

from saltern.errors import RenderError
from saltern.plugin_api import Context, FileClient, Functions, Grains, Opts, Pillar, Rendering
from saltern.plugin_api.rendered import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.plugin_api.pydsl.files import DslFile, Session

__opts__: Opts
__salt__: Functions
__grains__: Grains
__pillar__: Pillar
__context__: Context
__file_client__: FileClient | None
__rendering__: Rendering


def render(data: Any, saltenv: str = "base", sls: str | None = "", argline: str = "", **kws: Any) -> dict[str, Any]:
    """The states that a file builds.

    It sees `state`, `include`, `extend`, `__pydsl__`, and the injected `__salt__`, `__grains__`, `__pillar__`,
    `__opts__`, `__env__`, `__sls__`, `__file__`. An `include` runs another file of this renderer at once and gives its
    module; a call of `state("id")` runs that state at once.
    """
    from saltern.plugin_api.pydsl.files import DslFile, Session

    session: Session = __context__.setdefault("pydsl", Session())
    text = text_of(data)
    file, path = getattr(data, "file", "") or "<pydsl>", getattr(data, "path", "")
    prepared = session.prepared((saltenv, path), text)
    if prepared is not None:
        return prepared
    name = sls or ""
    parts = name.split(".")
    package = parts if path.endswith("/init.sls") else parts[:-1]
    return session.run(
        text,
        DslFile(file, name),
        (saltenv, path),
        _names(saltenv, name, file, kws.get("renderers")),
        lambda included: _included(session, saltenv, _absolute(included, package)),
        _run_now,
    )


def _names(saltenv: str, sls: str, file: str, renderers: Any) -> dict[str, Any]:
    return {
        "__salt__": __salt__,
        "__grains__": __grains__,
        "__pillar__": __pillar__,
        "__opts__": __opts__,
        "__env__": saltenv,
        "__sls__": sls,
        "__file__": file,
        "renderers": renderers,
    }


def _absolute(name: str, package: list[str]) -> str:
    """A name without its leading dots: one dot is the directory of the file, each further one that above."""
    levels = len(name) - len(name.lstrip("."))
    above = package[: max(len(package) - (levels - 1), 0)]
    return ".".join([*above, name.lstrip(".")]) if levels else name


def _included(session: Session, saltenv: str, name: str) -> DslFile | None:
    """A file that ran before, or that runs now; None for one of other renderers, which the compiler gets to."""
    from saltern.plugin_api.tree_text import TreeText

    texts = TreeText(__file_client__)
    stem = name.replace(".", "/")
    for path in (f"{stem}.sls", f"{stem}/init.sls"):
        text = texts.read(saltenv, path)
        if text is not None:
            if session.file_of((saltenv, path)) is None and _is_ours(text):
                _render(path, saltenv, name)
            return session.file_of((saltenv, path))
    told = f"Specified SLS {name} in saltenv {saltenv} is not available on the salt master or through a"
    raise RenderError(f"{told} configured fileserver", hint=f"There is no file {stem}.sls or {stem}/init.sls there.")


def _render(path: str, saltenv: str, sls: str) -> None:
    try:
        __rendering__.file(path, saltenv=saltenv, sls=sls)
    except RenderError as error:
        error.name_sls(saltenv, sls)
        error.unforeseen = False
        raise


def _is_ours(text: str) -> bool:
    first = text.partition("\n")[0]
    stages = first[2:] if first.startswith("#!") else str(__opts__.get("renderer", ""))
    return any(stage.split()[:1] == ["pydsl"] for stage in stages.split("|"))


def _run_now(id_: str, body: dict[str, Any]) -> list[tuple[str, Any]]:
    """Run one state while its file is rendered: the results by their tags."""
    from saltern.plugin_api.pydsl.declarations import PyDslError

    results = __salt__["state.high"]({id_: body})
    if not isinstance(results, dict):
        raise PyDslError(f"Failed executing low state at compile time: {results}")
    for tag, result in results.items():
        if result["result"] is False:
            raise PyDslError(f"Failed executing low state at compile time: {tag}: {result['comment']}")
    return list(results.items())
