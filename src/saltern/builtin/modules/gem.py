"""Ruby's packages, by the program gem.

Functions take these arguments beside those of their own: `gem_bin`, the path of gem, `ruby`, a Ruby of RVM or rbenv
whose gem is taken, and `runas`, the user to run it as. What gem refuses is an error.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, process

__salt__: Functions

__func_alias__ = {"list_": "list"}


def install(
    gems: Any,
    ruby: str | None = None,
    gem_bin: str | None = None,
    runas: str | None = None,
    version: Any = None,
    rdoc: bool = False,
    ri: bool = False,
    pre_releases: bool = False,
    proxy: str | None = None,
    source: str | None = None,
) -> str:
    """Install gems, also from files; `rdoc` and `ri` make their documentation. What gem printed.

    CLI Example::

        saltern run '*' gem.install vagrant
        saltern run '*' gem.install redphone gem_bin=/opt/sensu/embedded/bin/gem
    """
    words = ["install", *_names(gems)]
    words += ["--version", str(version)] if version else []
    words += [] if rdoc or ri else ["--no-document"]
    words += ["--prerelease"] if pre_releases else []
    words += ["--http-proxy", proxy] if proxy else []
    words += ["--source", source] if source else []
    return _gem(words, ruby, gem_bin, runas)


def uninstall(gems: Any, ruby: str | None = None, runas: str | None = None, gem_bin: str | None = None) -> str:
    """Remove all versions of gems with their programs. What gem printed.

    CLI Example::

        saltern run '*' gem.uninstall vagrant
    """
    return _gem(["uninstall", *_names(gems), "--all", "--executables"], ruby, gem_bin, runas)


def update(gems: Any, ruby: str | None = None, runas: str | None = None, gem_bin: str | None = None) -> str:
    """Bring gems to their newest version. What gem printed.

    CLI Example::

        saltern run '*' gem.update vagrant
    """
    return _gem(["update", *_names(gems)], ruby, gem_bin, runas)


def update_system(
    version: Any = "", ruby: str | None = None, runas: str | None = None, gem_bin: str | None = None
) -> str:
    """Bring RubyGems itself to a version, or the newest. What gem printed.

    CLI Example::

        saltern run '*' gem.update_system
    """
    return _gem(["update", "--system", *([str(version)] if version else [])], ruby, gem_bin, runas)


def version(ruby: str | None = None, runas: str | None = None, gem_bin: str | None = None) -> str:
    """The version of gem.

    CLI Example::

        saltern run '*' gem.version
    """
    lines = _gem(["--version"], ruby, gem_bin, runas).splitlines()
    return next((line for line in lines if line[:1].isdigit()), "")


def list_(
    prefix: str = "", ruby: str | None = None, runas: str | None = None, gem_bin: str | None = None
) -> dict[str, list[str]]:
    """The gems that are installed, those whose name begins with `prefix`, with their versions.

    CLI Example::

        saltern run '*' gem.list
    """
    # As a pattern it is a regular expression, which a name with a plus sign is none of.
    found = _versions(_gem(["list", "--local"], ruby, gem_bin, runas))
    return {name: versions for name, versions in found.items() if name.startswith(prefix)}


def list_upgrades(ruby: str | None = None, runas: str | None = None, gem_bin: str | None = None) -> dict[str, str]:
    """The gems that there is a newer version of, with that version.

    CLI Example::

        saltern run '*' gem.list_upgrades
    """
    found = _versions(_gem(["outdated"], ruby, gem_bin, runas))
    return {name: versions[0].rpartition("< ")[2] for name, versions in found.items()}


def sources_add(source_uri: str, ruby: str | None = None, runas: str | None = None, gem_bin: str | None = None) -> str:
    """Add a source of gems. What gem printed.

    CLI Example::

        saltern run '*' gem.sources_add http://rubygems.org/
    """
    return _gem(["sources", "--add", source_uri], ruby, gem_bin, runas)


def sources_remove(
    source_uri: str, ruby: str | None = None, runas: str | None = None, gem_bin: str | None = None
) -> str:
    """Remove a source of gems. What gem printed.

    CLI Example::

        saltern run '*' gem.sources_remove http://rubygems.org/
    """
    return _gem(["sources", "--remove", source_uri], ruby, gem_bin, runas)


def sources_list(ruby: str | None = None, runas: str | None = None, gem_bin: str | None = None) -> list[str]:
    """The sources of gems.

    CLI Example::

        saltern run '*' gem.sources_list
    """
    lines = _gem(["sources"], ruby, gem_bin, runas).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("*** ")]


def _gem(words: list[str], ruby: str | None, gem_bin: str | None, runas: str | None) -> str:
    argv = [*_program(ruby, gem_bin), *words]
    done = __salt__["cmd.run_all"](argv, runas=runas, python_shell=False, ignore_retcode=True)
    if done["retcode"]:
        raise CommandExecutionError(done["stderr"] or done["stdout"] or f"gem ended with exit code {done['retcode']}")
    return str(done["stdout"])


def _program(ruby: str | None, gem_bin: str | None) -> list[str]:
    """The words that call gem: the one that is named, that of a Ruby of RVM or rbenv, or that of the path."""
    if gem_bin:
        return [gem_bin]
    if ruby and process.find_program("rvm"):
        return ["rvm", ruby, "do", "gem"]
    if ruby and process.find_program("rbenv"):
        return ["env", f"RBENV_VERSION={ruby}", "rbenv", "exec", "gem"]
    return ["gem"]


def _names(gems: Any) -> list[str]:
    return [str(one) for one in gems] if isinstance(gems, list | tuple) else str(gems).split()


def _versions(text: str) -> dict[str, list[str]]:
    found = {}
    for line in text.splitlines():
        name, opens, versions = line.rstrip(") ").partition(" (")
        if opens and " " not in name:
            found[name] = versions.split(", ")
    return found
