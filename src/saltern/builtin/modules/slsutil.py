"""Working with SLS files and the data in them."""

from __future__ import annotations

import logging
import os.path
import posixpath
import textwrap
from typing import Any

from saltern.errors import NotFound
from saltern.plugin_api import CommandExecutionError, Functions, Plugins, Rendering, SaltInvocationError
from saltern.plugin_api.errors import UnfitTypeError

__salt__: Functions
__plugins__: Plugins
__rendering__: Rendering

log = logging.getLogger(__name__)

_TITLE = "THIS FILE IS MANAGED BY SALT - DO NOT EDIT"
_TEXT = (
    "The contents of this file are managed by Salt. Any changes to this file may be overwritten automatically and"
    " without warning."
)
"""Salt's own words, which stand in files that it wrote: other words would change them all."""


# --- merging --------------------------------------------------------------------------------------------------------


def update(dest: Any, upd: Any, recursive_update: bool = True, merge_lists: bool = False) -> Any:
    """Merge one dictionary into another, which is changed and returned.

    With `merge_lists` a list gets the items that it lacks, instead of being replaced. Without `recursive_update` only
    the values of the top are replaced.

    CLI Example::

        saltern run '*' slsutil.update '{foo: {bar: 1}}' '{foo: {baz: 2}}'
    """
    from saltern.plugin_api.merging import update as merge_into

    try:
        return merge_into(dest, upd, recursive=recursive_update, merge_lists=merge_lists)
    except TypeError as error:
        raise UnfitTypeError(str(error)) from error


def merge(obj_a: Any, obj_b: Any, strategy: str = "smart", renderer: str = "yaml", merge_lists: bool = False) -> Any:
    """Two data structures as one, of which the second wins.

    `strategy` is `smart`, `recurse`, `overwrite`, `list` or `aggregate`, as in `pillar_source_merging_strategy`;
    `renderer` tells `smart` what the data came from.

    CLI Example::

        saltern run '*' slsutil.merge '{foo: Foo}' '{bar: Bar}'
    """
    from saltern.plugin_api.merging import merge as merge_both

    try:
        return merge_both(obj_a, obj_b, strategy, renderer=renderer, merge_lists=merge_lists)
    except TypeError as error:
        raise UnfitTypeError(str(error)) from error


def merge_all(lst: list[Any], strategy: str = "smart", renderer: str = "yaml", merge_lists: bool = False) -> Any:
    """As `merge`, of all the data structures in a list, one after the other.

    CLI Example::

        saltern run '*' slsutil.merge_all '[{foo: Foo}, {foo: Bar}]'
    """
    merged: Any = {}
    for item in lst:
        merged = merge(merged, item, strategy, renderer, merge_lists)
    return merged


# --- rendering and serializers --------------------------------------------------------------------------------------


def renderer(
    path: str | None = None, string: str | None = None, default_renderer: str = "jinja|yaml", **kwargs: Any
) -> Any:
    """Render a file or a text and return what comes out.

    `path` is `salt://` and the path of a file in the tree, or the path of a file on this host; `string` is a text to
    render instead. `default_renderer` are the renderers when the text does not name its own in a first line `#!…`.
    Further keywords are handed to the renderers: `saltenv` chooses the environment, and all are variables of
    templates. A file that is not there gives an empty dictionary, and an error in the log.

    CLI Example::

        saltern run '*' slsutil.renderer salt://path/to/file
        saltern run '*' slsutil.renderer string='Greetings {{ who }}' default_renderer=jinja who=World
    """
    if not path and not string:
        raise SaltInvocationError("Must pass path or string")
    if path and string:
        raise SaltInvocationError("Must not pass both path and string")
    given = {key: value for key, value in kwargs.items() if not key.startswith("__pub_")}
    saltenv, sls = given.pop("saltenv", None) or "base", given.pop("sls", "")
    if path and path.startswith("salt://"):
        try:
            return __rendering__.file(path, renderers=default_renderer, saltenv=saltenv, sls=sls, variables=given).data
        except NotFound as error:
            log.error("%s cannot be rendered: %s", path, error)
            return {}
    place: dict[str, Any] = {}
    if path:
        place = {"file": path, "tmplpath": path}
        string = _read(path)
        if string is None:
            return {}
    return __rendering__.text(
        str(string), renderers=default_renderer, saltenv=saltenv, sls=sls, variables=given, **place
    ).data


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        log.error("%s cannot be rendered: %s", path, error.strerror)
        return None


def serialize(serializer: str, obj: Any, **mod_kwargs: Any) -> Any:
    """A value as a text in the form of a serializer (`json`, `yaml`, `toml`, …), whose options are the keywords.

    CLI Example::

        saltern run '*' slsutil.serialize json obj='{foo: Foo!}' indent=2
    """
    return _serializer(serializer, "serialize")(obj, **_options(mod_kwargs))


def deserialize(serializer: str, stream_or_string: Any, **mod_kwargs: Any) -> Any:
    """The value of a text in the form of a serializer (`json`, `yaml`, `toml`, …), whose options are the keywords.

    CLI Example::

        saltern run '*' slsutil.deserialize json '"{\\"foo\\": \\"Foo!\\"}"'
    """
    return _serializer(serializer, "deserialize")(stream_or_string, **_options(mod_kwargs))


def _serializer(name: str, verb: str) -> Any:
    functions = __plugins__.table("serializers").functions_of(name)
    if f"{name}.{verb}" not in functions:
        raise CommandExecutionError(f"Serializer '{name}' not found.")
    return functions[f"{name}.{verb}"]


def _options(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if not key.startswith("__pub_")}


# --- words and files ------------------------------------------------------------------------------------------------


def boolstr(value: Any, true: str = "true", false: str = "false") -> str:
    """One of two texts, by whether the value is true.

    CLI Example::

        saltern run '*' slsutil.boolstr True true=yes false=no
    """
    return true if value else false


def banner(
    width: int = 72,
    commentchar: str = "#",
    borderchar: str = "#",
    blockstart: str | None = None,
    blockend: str | None = None,
    title: str | None = None,
    text: str | None = None,
    newline: bool = False,
) -> str:
    """A box of comment lines for the head of a file.

    `commentchar` begins each line and, without its outer space, ends it; `borderchar` makes the upper and lower edge;
    `blockstart` and `blockend` are lines before and after it; `newline` ends the last line.

    CLI Example::

        saltern run '*' slsutil.banner
        saltern run '*' slsutil.banner commentchar='//' borderchar='*' title='Do not edit'
    """
    inner = width - len(commentchar) - len(commentchar.strip()) - 2
    if inner < 1:
        raise CommandExecutionError("Width is too small to render banner")
    edge = commentchar + borderchar * (inner + 2) + commentchar.strip()
    rows = ["", *(line.center(inner) for line in textwrap.wrap(title or _TITLE, inner)), ""]
    rows += textwrap.wrap(text or _TEXT, inner)
    lines = [edge, *(f"{commentchar} {row.ljust(inner)} {commentchar.strip()}" for row in rows), edge]
    found = "\n".join([*([blockstart] if blockstart else []), *lines, *([blockend] if blockend else [])])
    return f"{found}\n" if newline else found


def file_exists(path: str, saltenv: str = "base") -> bool:
    """Whether the file tree has such a file (`path/to/file`, without `salt://`).

    CLI Example::

        saltern run '*' slsutil.file_exists nginx/defaults.yaml
    """
    return path in __salt__["cp.list_master"](saltenv)


def dir_exists(path: str, saltenv: str = "base") -> bool:
    """Whether the file tree has such a directory.

    CLI Example::

        saltern run '*' slsutil.dir_exists nginx/files
    """
    return path in __salt__["cp.list_master_dirs"](saltenv)


def path_exists(path: str, saltenv: str = "base") -> bool:
    """Whether the file tree has such a file or directory.

    CLI Example::

        saltern run '*' slsutil.path_exists nginx/files
    """
    return file_exists(path, saltenv) or dir_exists(path, saltenv)


def findup(startpath: str, filenames: str | list[str], saltenv: str = "base") -> str:
    """The path of the first of these names that is found in a directory of the file tree or in those above it.

    CLI Example::

        saltern run '*' slsutil.findup formulas/shared/nginx map.jinja
    """
    if isinstance(filenames, str):
        filenames = [filenames]
    if not isinstance(filenames, list) or not all(isinstance(name, str) for name in filenames):
        raise SaltInvocationError("Filenames argument must be a string or list of strings")
    known = {*__salt__["cp.list_master"](saltenv), *__salt__["cp.list_master_dirs"](saltenv)}
    place = os.path.normpath(startpath) if startpath else ""
    if place and place not in known:
        raise SaltInvocationError(f"Starting path not found in the state tree: {place}")
    while True:
        for name in filenames:
            if posixpath.join(place, name) in known:
                return posixpath.join(place, name)
        if not place:
            raise CommandExecutionError("File pattern(s) not found in path ancestry")
        place = posixpath.dirname(place)
