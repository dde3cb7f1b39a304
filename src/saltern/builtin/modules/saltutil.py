"""The minion itself: the jobs that run on it, the plugins that it has, the data that it holds."""

from __future__ import annotations

from saltern.plugin_api import (
    CommandExecutionError,
    Context,
    EventSender,
    FileClient,
    MasterRequest,
    Opts,
    PillarSource,
    Plugins,
    SaltInvocationError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from saltern.plugin_api.master_control import LocalMaster
    from saltern.plugin_api.sync import Listing

__opts__: Opts
__context__: Context
__plugins__: Plugins
__file_client__: FileClient | None
__event_sender__: EventSender | None
__master_request__: MasterRequest | None
__pillar_compiler__: PillarSource | None
__local_master__: LocalMaster

_SYNCED = (
    "clouds",
    "beacons",
    "modules",
    "states",
    "sdb",
    "grains",
    "renderers",
    "returners",
    "output",
    "utils",
    "log_handlers",
    "executors",
    "proxymodules",
    "engines",
    "thorium",
    "serializers",
    "matchers",
    "resources",
    "tops",
    "wrapper",
)
"""What `sync_all` brings, in the order in which it answers."""


# --- jobs ---------------------------------------------------------------------------------------------------------


def running() -> list[dict[str, Any]]:
    """The jobs that run on this minion, each with its process id; not the job that asks.

    CLI Example::

        saltern run '*' saltutil.running
    """
    import os

    from saltern.plugin_api.running import running_jobs

    return [record for record in running_jobs(str(__opts__.get("cachedir", ""))) if record["pid"] != os.getpid()]


def is_running(fun: str) -> list[dict[str, Any]]:
    """The jobs that run a function; the name may be a glob.

    CLI Example::

        saltern run '*' saltutil.is_running state.highstate
    """
    import fnmatch

    return [record for record in running() if any(fnmatch.fnmatchcase(name, fun) for name in _names(record.get("fun")))]


def find_job(jid: str) -> dict[str, Any]:
    """The record of a job that runs here; an empty dictionary when it does not.

    CLI Example::

        saltern run '*' saltutil.find_job 20261122085142537545
    """
    return next((record for record in running() if record.get("jid") == str(jid)), {})


def find_cached_job(jid: str) -> Any:
    """The return of a job that this minion keeps (`cache_jobs: True`); None when it keeps none.

    CLI Example::

        saltern run '*' saltutil.find_cached_job 20261122085142537545
    """
    import msgspec

    jobs = _cachedir() / "minion_jobs"
    if not jobs.is_dir():
        return "Local jobs cache directory not found; you may need to enable cache_jobs on this minion"
    path = jobs / str(jid) / "return.p"
    if path.parent.parent != jobs or path.parent.name == ".." or not path.is_file():
        return None
    return msgspec.msgpack.decode(path.read_bytes())


def signal_job(jid: str, sig: int | str) -> str:
    """Send a signal to a job: its process and all that it started. An empty text when the job does not run here.

    CLI Example::

        saltern run '*' saltutil.signal_job 20261122085142537545 15
    """
    number = _signal(sig)
    record = find_job(jid)
    return _told(record, number) if record else ""


def term_job(jid: str) -> str:
    """Ask a job to end (SIGTERM).

    CLI Example::

        saltern run '*' saltutil.term_job 20261122085142537545
    """
    return signal_job(jid, "TERM")


def kill_job(jid: str) -> str:
    """End a job (SIGKILL).

    CLI Example::

        saltern run '*' saltutil.kill_job 20261122085142537545
    """
    return signal_job(jid, "KILL")


def signal_all_jobs(sig: int | str) -> list[str]:
    """Send a signal to every job that runs here except the one that asks.

    CLI Example::

        saltern run '*' saltutil.signal_all_jobs HUP
    """
    number = _signal(sig)
    return [text for record in running() if (text := _told(record, number))]


def term_all_jobs() -> list[str]:
    """Ask every job that runs here to end, except the one that asks.

    CLI Example::

        saltern run '*' saltutil.term_all_jobs
    """
    return signal_all_jobs("TERM")


def kill_all_jobs() -> list[str]:
    """End every job that runs here, except the one that asks.

    CLI Example::

        saltern run '*' saltutil.kill_all_jobs
    """
    return signal_all_jobs("KILL")


# --- plugins ------------------------------------------------------------------------------------------------------


def sync_all(
    saltenv: Listing = None,
    refresh: bool = True,
    extmod_whitelist: dict[str, Any] | None = None,
    extmod_blacklist: dict[str, Any] | None = None,
    clean_pillar_cache: bool = False,
) -> dict[str, list[str]]:
    """Bring all kinds of plugins from the file tree; what is new or changed of each kind.

    CLI Example::

        saltern run '*' saltutil.sync_all
        saltern run '*' saltutil.sync_all saltenv=dev
        saltern run '*' saltutil.sync_all extmod_whitelist='{modules: [custom_module]}'
    """
    kinds = (*_SYNCED, "pillar") if __opts__.get("file_client") == "local" else _SYNCED
    return _sync(kinds, saltenv, refresh, extmod_whitelist or {}, extmod_blacklist or {}, clean_pillar_cache)


def sync_modules(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring execution modules from `_modules`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_modules
        saltern run '*' saltutil.sync_modules saltenv=base,dev
    """
    return _synced("modules", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_beacons(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring beacons from `_beacons`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_beacons
    """
    return _synced("beacons", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_clouds(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring cloud modules from `_clouds`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_clouds
    """
    return _synced("clouds", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_engines(
    saltenv: Listing = None, refresh: bool = False, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring engines from `_engines`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_engines
    """
    return _synced("engines", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_executors(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring executors from `_executors`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_executors
    """
    return _synced("executors", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_grains(
    saltenv: Listing = None,
    refresh: bool = True,
    extmod_whitelist: Listing = None,
    extmod_blacklist: Listing = None,
    clean_pillar_cache: bool = False,
) -> list[str]:
    """Bring grains modules from `_grains`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_grains
    """
    return _synced("grains", saltenv, refresh, extmod_whitelist, extmod_blacklist, clean_pillar_cache)


def sync_log_handlers(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring log handlers from `_log_handlers`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_log_handlers
    """
    return _synced("log_handlers", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_matchers(
    saltenv: Listing = None, refresh: bool = False, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring matchers from `_matchers`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_matchers
    """
    return _synced("matchers", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_output(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring outputters from `_output`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_output
    """
    return _synced("output", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_outputters(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """The same as `saltutil.sync_output`.

    CLI Example::

        saltern run '*' saltutil.sync_outputters
    """
    return sync_output(saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_pillar(
    saltenv: Listing = None,
    refresh: bool = True,
    extmod_whitelist: Listing = None,
    extmod_blacklist: Listing = None,
    clean_pillar_cache: bool = False,
) -> list[str]:
    """Bring external pillars from `_pillar`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_pillar
    """
    return _synced("pillar", saltenv, refresh, extmod_whitelist, extmod_blacklist, clean_pillar_cache)


def sync_proxymodules(
    saltenv: Listing = None, refresh: bool = False, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring proxy modules from `_proxy`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_proxymodules
    """
    return _synced("proxymodules", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_renderers(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring renderers from `_renderers`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_renderers
    """
    return _synced("renderers", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_resources(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring resource modules from `_resources`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_resources
    """
    return _synced("resources", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_returners(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring returners from `_returners`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_returners
    """
    return _synced("returners", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_sdb(saltenv: Listing = None, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None) -> list[str]:
    """Bring sdb modules from `_sdb`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_sdb
    """
    return _synced("sdb", saltenv, False, extmod_whitelist, extmod_blacklist)


def sync_serializers(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring serializers from `_serializers`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_serializers
    """
    return _synced("serializers", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_states(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring states from `_states`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_states
    """
    return _synced("states", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_thorium(
    saltenv: Listing = None, refresh: bool = False, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring thorium modules from `_thorium`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_thorium
    """
    return _synced("thorium", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_tops(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring master tops from `_tops`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_tops
    """
    return _synced("tops", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_utils(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring utility modules from `_utils`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_utils
    """
    return _synced("utils", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def sync_wrapper(
    saltenv: Listing = None, refresh: bool = True, extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring wrapper modules from `_wrapper`; the names of those that are new or changed.

    CLI Example::

        saltern run '*' saltutil.sync_wrapper
    """
    return _synced("wrapper", saltenv, refresh, extmod_whitelist, extmod_blacklist)


def list_extmods() -> dict[str, list[str]]:
    """The plugins that were brought from the file tree, by kind.

    CLI Example::

        saltern run '*' saltutil.list_extmods
    """
    from saltern.plugin_api.sync import brought

    return brought(_extmods())


# --- data ---------------------------------------------------------------------------------------------------------


def refresh_grains(**kwargs: Any) -> bool:
    """Let the minion find its grains again, and with them its pillar; with `clean_pillar_cache` that anew.

    CLI Example::

        saltern run '*' saltutil.refresh_grains
    """
    clean_pillar_cache = kwargs.pop("clean_pillar_cache", False)
    kwargs.pop("refresh_pillar", None)
    if unknown := [f"{name}={value}" for name, value in kwargs.items() if not name.startswith("__")]:
        raise SaltInvocationError(f"The following keyword arguments are not valid: {', '.join(unknown)}")
    # Without a minion that keeps them, a call finds its grains anew each time.
    told = _refresh("grains_refresh", {"clean_pillar_cache": clean_pillar_cache})
    return told or __event_sender__ is None


def refresh_modules(**_kwargs: Any) -> bool:
    """Let the minion look for its plugins again.

    CLI Example::

        saltern run '*' saltutil.refresh_modules
    """
    __plugins__.reload()
    return _refresh("module_refresh", {})


def refresh_pillar(wait: bool = False, timeout: float = 30, clean_cache: bool = True) -> bool:
    """Have the minion ask its master for its pillar anew; when this is over, jobs that begin have it.

    CLI Example::

        saltern run '*' saltutil.refresh_pillar
    """
    if __pillar_compiler__ is not None:
        __pillar_compiler__.refresh()
    return __event_sender__ is not None


def pillar_refresh(wait: bool = False, timeout: float = 30, clean_cache: bool = True) -> bool:
    """The same as `saltutil.refresh_pillar`.

    CLI Example::

        saltern run '*' saltutil.pillar_refresh
    """
    return refresh_pillar(wait, timeout, clean_cache)


def refresh_matchers() -> bool:
    """Let the minion look for its matchers again.

    CLI Example::

        saltern run '*' saltutil.refresh_matchers
    """
    return _refresh("matchers_refresh", {})


def refresh_beacons() -> bool:
    """Let the minion read the configuration of its beacons again.

    CLI Example::

        saltern run '*' saltutil.refresh_beacons
    """
    return _refresh("beacons_refresh", {})


def clear_cache() -> bool:
    """Remove the files that the minion cached: all in its cache directory but running jobs, results and plugins.

    CLI Example::

        saltern run '*' saltutil.clear_cache
    """
    import shutil

    for folder in ("files", "localfiles", "extrn_files", "file_lists", "minion_jobs"):
        shutil.rmtree(_cachedir() / folder, ignore_errors=True)
    return True


def clear_job_cache(hours: float = 24) -> bool:
    """Remove the returns that the minion keeps and that are older than a number of hours.

    CLI Example::

        saltern run '*' saltutil.clear_job_cache hours=12
    """
    import shutil
    import time

    jobs = _cachedir() / "minion_jobs"
    too_old = time.time() - float(hours) * 3600
    for folder in jobs.iterdir() if jobs.is_dir() else ():
        if folder.stat().st_mtime < too_old:
            shutil.rmtree(folder, ignore_errors=True)
    return True


def revoke_auth(preserve_minion_cache: bool = False) -> bool:
    """Ask the master to delete this minion's key. `False` when there is no master to ask.

    CLI Example::

        saltern run '*' saltutil.revoke_auth
    """
    if __master_request__ is None:
        return False
    return bool(__master_request__("revoke_auth", {"preserve_minion_cache": preserve_minion_cache}))


def refresh_resources() -> bool:
    """Nothing: a minion manages no other resources. False, as for a refresh that nobody hears.

    CLI Example::

        saltern run '*' saltutil.refresh_resources
    """
    return False


def mmodule(saltenv: str, fun: str, *args: Any, **kwargs: Any) -> Any:
    """Call an execution function after the modules of an environment are synchronised.

    CLI Example::

        saltern run '*' saltutil.mmodule base test.ping
    """
    sync_modules(saltenv)
    return __plugins__.table("modules")[fun](*args, **_given(kwargs))


def regen_keys() -> None:
    """Let the minion make a new key when it next asks a master to be let in.

    The connection that there is goes on with the old key. Delete that one on the master: the minion asks with the new
    one then, which has to be accepted.

    CLI Example::

        saltern run '*' saltutil.regen_keys
    """
    from pathlib import Path

    for name in ("minion.crt", "minion.pub", "minion.key"):
        (Path(str(__opts__["pki_dir"])) / name).unlink(missing_ok=True)


# --- a master on this host ------------------------------------------------------------------------------------------


def runner(
    name: str,
    arg: Sequence[Any] | None = None,
    kwarg: dict[str, Any] | None = None,
    full_return: bool = False,
    saltenv: str = "base",
    jid: str | None = None,
    **kwargs: Any,
) -> Any:
    """Run a runner function of the master on this host; what it returns, or with `full_return` a record of it.

    A function that fails is told by the retcode. It is a job with a `jid` of its own, and the master's own plugins are
    used, whatever `saltenv` is.

    CLI Example::

        saltern run '*' saltutil.runner jobs.list_jobs
        saltern run '*' saltutil.runner test.arg arg="['baz']" kwarg="{'foo': 'bar'}"
    """
    if arg is not None and not isinstance(arg, list | tuple):
        raise SaltInvocationError("arg must be formatted as a list/tuple.")
    record = _called("runner", name, arg or (), {**_given(kwargs), **(kwarg or {})})
    return record if full_return else record["return"]


def wheel(name: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Run a wheel function of the master on this host; a record of it, with the value as `return`.

    CLI Example::

        saltern run '*' saltutil.wheel key.accept jerry
        saltern run '*' saltutil.wheel minions.connected
    """
    return _called("wheel", name, args, _given(kwargs))


def cmd(
    tgt: str | list[str],
    fun: str,
    arg: Sequence[Any] = (),
    timeout: float | None = None,
    tgt_type: str = "glob",
    ret: str = "",
    kwarg: dict[str, Any] | None = None,
    ssh: bool = False,
    **kwargs: Any,
) -> dict[str, dict[str, Any]]:
    """Have minions of the master on this host run a function: minion to `ret`, `retcode` and `jid`.

    CLI Example::

        saltern run '*' saltutil.cmd '*' test.ping
        saltern run '*' saltutil.cmd 'web*' cmd.run arg='["uptime"]'
    """
    from saltern.plugin_api.minion_job import MinionJob

    if ssh:
        raise SaltInvocationError("saltutil.cmd reaches minions alone: there is no SSH in this release.")
    given = {**_given(kwargs), **(kwarg or {})}
    answers = __local_master__.publish(MinionJob(tgt, fun, _listed(arg), given, tgt_type, timeout, ret))
    return {
        minion: {"ret": outcome.value, "retcode": outcome.retcode, "jid": answers.jid}
        for minion, outcome in answers.outcomes.items()
        if outcome.has_returned
    }


def cmd_iter(
    tgt: str | list[str],
    fun: str,
    arg: Sequence[Any] = (),
    timeout: float | None = None,
    tgt_type: str = "glob",
    ret: str = "",
    kwarg: dict[str, Any] | None = None,
    ssh: bool = False,
    **kwargs: Any,
) -> list[dict[str, dict[str, Any]]]:
    """As `saltutil.cmd`: a dictionary for each minion, in the order in which they returned.

    CLI Example::

        saltern run '*' saltutil.cmd_iter '*' test.ping
    """
    found = cmd(tgt, fun, arg, timeout, tgt_type, ret, kwarg, ssh, **kwargs)
    return [{minion: answer} for minion, answer in found.items()]


def _called(client: str, name: str, arg: Sequence[Any], kwarg: dict[str, Any]) -> dict[str, Any]:
    """Call a function of the master; the record that Salt makes of it."""
    answer = __local_master__.call(client, name, arg, kwarg)
    fun_args = [*arg, kwarg] if kwarg else list(arg)
    record = {
        "fun": f"{client}.{name}",
        "jid": answer.jid,
        "fun_args": fun_args,
        "return": answer.value,
        "success": answer.success,
    }
    if answer.success:
        return record
    __context__["retcode"] = 1
    return {**record, "retcode": 1}


def _given(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments that a caller has given, without those that a publication adds."""
    return {name: value for name, value in kwargs.items() if not name.startswith("__")}


def _listed(arg: Any) -> list[Any]:
    return list(arg) if isinstance(arg, list | tuple) else [arg]


# --- helpers ------------------------------------------------------------------------------------------------------


def _synced(
    kind: str,
    saltenv: Listing,
    refresh: bool,
    whitelist: Listing,
    blacklist: Listing,
    clean_pillar_cache: bool = False,
) -> list[str]:
    """Bring one kind."""
    return _sync((kind,), saltenv, refresh, {kind: whitelist}, {kind: blacklist}, clean_pillar_cache)[kind]


def _sync(
    kinds: Sequence[str],
    saltenv: Listing,
    refresh: bool,
    whitelists: dict[str, Any],
    blacklists: dict[str, Any],
    clean_pillar_cache: bool,
) -> dict[str, list[str]]:
    """Bring some kinds, and tell the minion if anything is different now; the new and changed modules of each."""
    from saltern.plugin_api.sync import Tree

    if __file_client__ is None:
        raise CommandExecutionError("there is no file tree to synchronise with")
    tree = Tree(__file_client__, _extmods(), __opts__)
    found = {kind: tree.sync(kind, saltenv, whitelists.get(kind), blacklists.get(kind)) for kind in kinds}
    different = {kind for kind, (_, differs) in found.items() if differs}
    if different:
        __plugins__.reload()
    if different and refresh:
        _refresh("module_refresh", {})
    if refresh and not different.isdisjoint(("grains", "pillar")):
        refresh_grains(clean_pillar_cache=clean_pillar_cache)
    return {kind: names for kind, (names, _) in found.items()}


def _refresh(tag: str, data: dict[str, Any]) -> bool:
    """Fire a minion's own event. `False` when there is no minion around, as in masterless calls."""
    return __event_sender__ is not None and __event_sender__(tag, data, local=True)


def _cachedir() -> Path:
    from pathlib import Path

    cachedir = __opts__.get("cachedir")
    if not cachedir:
        raise CommandExecutionError("the minion has no cachedir")
    return Path(cachedir)


def _extmods() -> Path:
    from pathlib import Path

    return Path(__opts__.get("extension_modules") or _cachedir() / "extmods")


def _names(fun: Any) -> list[str]:
    return [fun] if isinstance(fun, str) else [str(name) for name in fun or ()]


def _signal(sig: int | str) -> int:
    from saltern.plugin_api.running import signal_number

    try:
        return signal_number(sig)
    except ValueError as error:
        raise CommandExecutionError(str(error)) from error


def _told(record: dict[str, Any], number: int) -> str:
    """Signal a job; what is said of it, which is nothing when the job has ended."""
    from saltern.plugin_api.running import signal_job

    there = signal_job(record, number)
    return f"Signal {number} sent to job {record.get('jid')} at pid {record['pid']}" if there else ""
