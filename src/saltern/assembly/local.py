"""`saltern call`: one function on this machine, with the minion's configuration and without its processes."""

from __future__ import annotations

import getpass
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from saltern.assembly.plugins import MinionPlugins
from saltern.assembly.secrets import with_secrets
from saltern.config.log import log_to_console, log_to_file
from saltern.config.minion import MinionConfig, load_minion_config
from saltern.errors import PermissionRefused
from saltern.model.jid import own_jid
from saltern.model.job import UNPUBLISHED, Return, State, worst_of
from saltern.plugins.invoke import Invocation

log = logging.getLogger(__name__)

_OURS = ("return", "ret_config", "ret_kwargs", "metadata", "timeout", "refresh_grains_cache", "skip_grains",
         "return_event", "module_executors", "executor_opts", "log_file")  # fmt: skip
_IN_LOAD = ("ret_config", "ret_kwargs", "metadata", "module_executors", "executor_opts")


class LocalResult(msgspec.Struct, frozen=True):
    """What came of a call, and what is told of it to returners."""

    done: Invocation
    told: dict[str, Any]


def call(
    config_dir: str | None,
    fun: str,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    *,
    local: bool,
    overrides: Mapping[str, Any],
) -> LocalResult:
    """Run a function as this machine's minion would.

    Without `local` the return goes to the master as well: it is put into the outbox, from where the running minion, or
    the next one to start, sends it. Of `overrides` those that are no options say how to call.
    """
    ours = {name: overrides[name] for name in _OURS if name in overrides}
    options = {name: value for name, value in overrides.items() if name not in _OURS}
    if local:
        options.setdefault("file_client", "local")
    config = with_secrets(load_minion_config(config_dir, options))
    _open_log(config, ours.get("log_file", ""))
    plugins = MinionPlugins(config, program="salt-call", local=local)
    arg = [*args, {**kwargs, "__kwarg__": True}] if kwargs else list(args)
    jid = own_jid(config.id)
    load = {"fun": fun, "arg": arg, "jid": jid, "tgt": config.id, "tgt_type": "glob", "ret": ours.get("return", ""),
            "user": getpass.getuser()}  # fmt: skip
    load.update({name: ours[name] for name in _IN_LOAD if ours.get(name)})
    started = time.time()
    done = plugins.call_here(load, grains=not ours.get("skip_grains"))
    given = {"id": config.id, "jid": jid, "fun": fun, "fun_args": arg, "return": done.value, "retcode": done.retcode,
             "success": done.success}  # fmt: skip
    plugins.call_returners(load, given)
    if not local and ours.get("return_event", True):
        _leave_for_master(config, plugins, load, done, started)
    return LocalResult(done, given)


def _open_log(config: MinionConfig, file: str) -> None:
    """Log to the console, and to a file that was typed: it is where it was typed, `root_dir` notwithstanding."""
    log_to_console(config.log_level, config.log_fmt_console, config.log_datefmt)
    if not file:
        return
    level = config.log_level_logfile or config.log_level
    try:
        log_to_file(file, level, config.log_fmt_logfile, config.log_datefmt_logfile)
    except OSError as error:
        raise PermissionRefused(f"cannot write the log {file}: {error.strerror}") from error


def _leave_for_master(
    config: MinionConfig, plugins: MinionPlugins, load: Mapping[str, Any], done: Invocation, started: float
) -> None:
    from saltern.assembly.places import places
    from saltern.minion.outbox import Outbox

    given = Return(
        jid=UNPUBLISHED, fun=load["fun"], fun_args=load["arg"], retcode=done.retcode, success=done.success,
        out=done.out, state=State.FAILED if worst_of(done.retcode) else State.RETURNED, started=started,
        finished=time.time(), user=load["user"], metadata=load.get("metadata"), ret=load["ret"],
    )  # fmt: skip
    try:
        outbox = Outbox(places(config).outbox)
        outbox.put(load["jid"], given, lambda file: plugins.write(done.value, file))
    except OSError as error:
        log.error("the return was not left for the master: %s", error)
