"""Git repositories as states: clones that follow a remote, repositories that exist, keys of git's configuration."""

from __future__ import annotations

import os
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError
from saltern.plugin_api.git import latest as updating
from saltern.plugin_api.git.checkout import Checkout, Login, clear, obstacle, shown
from saltern.plugin_api.git.report import Refused, Report, reason_of
from saltern.plugin_api.git.wanted import Wanted, resolve

__opts__: Opts
__salt__: Functions
__env__: str


def __virtual__() -> bool | tuple[bool, str]:
    if "git.version" in __salt__:
        return True
    return False, "There is no program git on this minion"


def latest(
    name: str,
    target: str,
    rev: str = "HEAD",
    branch: str | None = None,
    user: str | None = None,
    password: str | None = None,
    update_head: bool = True,
    force_checkout: bool = False,
    force_clone: bool = False,
    force_fetch: bool = False,
    force_reset: Any = False,
    submodules: bool = False,
    bare: bool = False,
    mirror: bool = False,
    remote: str = "origin",
    fetch_tags: bool = True,
    sync_tags: bool = True,
    depth: int | None = None,
    identity: Any = None,
    https_user: str | None = None,
    https_pass: str | None = None,
    refspec_branch: str = "*",
    refspec_tag: str = "*",
    output_encoding: str | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Clone the repository `name` to `target`, and keep it at the newest commit of `rev`.

    `branch` is the local branch; by default the one that is checked out is moved. Local work is never thrown away
    unless `force_reset` (True, or `remote-changes`: only when there is something new) or `force_checkout` says so.
    """
    report = Report(name)
    try:
        _refuse_unknown(kwargs)
        _check_target(target, "target '{}' is not an absolute path")
        _check_rev(rev)
        if force_reset not in (True, False, "remote-changes"):
            raise Refused("'force_reset' must be one of True, False, or 'remote-changes'")
        options = updating.Options(
            url=name,
            remote=remote,
            branch=None if branch is None else str(branch),
            update_head=update_head,
            force_checkout=force_checkout,
            force_clone=force_clone,
            force_fetch=force_fetch,
            force_reset=force_reset,
            submodules=submodules,
            bare=bare,
            mirror=mirror,
            fetch_tags=fetch_tags,
            sync_tags=sync_tags,
            depth=depth,
            refspec_branch=refspec_branch,
            refspec_tag=refspec_tag,
        )
        login = _login(user, password, identity, https_user, https_pass, output_encoding)
        return _brought_up_to_date(Checkout(__salt__, target, login), options, str(rev), report)
    except (Refused, CommandExecutionError, SaltInvocationError) as error:
        return report.failed(reason_of(error))


def cloned(
    name: str,
    target: str,
    branch: str | None = None,
    user: str | None = None,
    password: str | None = None,
    identity: Any = None,
    https_user: str | None = None,
    https_pass: str | None = None,
    output_encoding: str | None = None,
) -> dict[str, Any]:
    """Clone the repository `name` to `target` if there is none, and with `branch` have that branch checked out.

    Nothing is fetched into a clone that is there.
    """
    report = Report(name)
    try:
        _check_target(target, "'target' path must be absolute")
        login = _login(user, password, identity, https_user, https_pass, output_encoding)
        checkout = Checkout(__salt__, target, login)
        if not checkout.is_repository():
            return _cloned_first(checkout, name, branch, report)
        return _on_branch(checkout, branch, report)
    except (Refused, CommandExecutionError, SaltInvocationError) as error:
        return report.failed(str(error))


def detached(
    name: str,
    rev: str,
    target: str,
    remote: str = "origin",
    user: str | None = None,
    password: str | None = None,
    force_clone: bool = False,
    force_checkout: bool = False,
    fetch_remote: bool = True,
    hard_reset: bool = False,
    submodules: bool = False,
    identity: Any = None,
    https_user: str | None = None,
    https_pass: str | None = None,
    output_encoding: str | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Clone the repository `name` to `target`, and have a commit, tag or branch of it checked out without a branch.

    `hard_reset` throws away local changes before; `force_checkout` where they are in the way.
    """
    report = Report(name)
    try:
        _refuse_unknown(kwargs)
        _check_rev(rev)
        _check_target(target, "Target '{}' is not an absolute path")
        login = _login(user, password, identity, https_user, https_pass, output_encoding)
        checkout = Checkout(__salt__, target, login)
        options = updating.Options(
            name, remote, force_checkout=force_checkout, force_clone=force_clone, submodules=submodules
        )
        return _detached_at(checkout, str(rev), options, report, fetch=fetch_remote, hard_reset=hard_reset)
    except (Refused, CommandExecutionError, SaltInvocationError) as error:
        return report.failed(reason_of(error))


def present(
    name: str,
    force: bool = False,
    bare: bool = True,
    template: str | None = None,
    separate_git_dir: str | None = None,
    shared: bool | str | None = None,
    user: str | None = None,
    password: str | None = None,
    output_encoding: str | None = None,
) -> dict[str, Any]:
    """Have a repository at the path `name`, by default a bare one. `force` removes what is in its place."""
    report = Report(name)
    checkout = Checkout(__salt__, name, _login(user, password, output_encoding=output_encoding))
    if checkout.is_repository(bare=bare):
        return report.result(True, "")
    reason = obstacle(name, "force", "initializing a repository")
    if reason and not force:
        return report.failed(reason.replace("non-empty and", "non-empty, and"))
    kind = "bare repository" if bare else "repository"
    report.changes.update({"new": name, "forced init": True} if reason else {"new": name})
    if __opts__["test"]:
        if not reason:
            return report.result(None, f"New {kind} would be created")
        return report.result(
            None,
            f"Target directory {name} exists. Since force=True, the contents of {name} would be deleted, and a {kind} "
            "would be initialized in its place.",
        )
    try:
        if reason:
            clear(name)
        checkout.call("init", bare=bare, template=template, separate_git_dir=separate_git_dir, shared=shared)
    except (CommandExecutionError, SaltInvocationError) as error:
        report.changes.clear()
        return report.failed(reason_of(error))
    report.say(f"Initialized {kind} in {name}")
    if template:
        report.say(f"Template directory set to {template}")
    if separate_git_dir:
        report.say(f"Gitdir set to {separate_git_dir}")
    return report.result(True, report.text())


def config_set(
    name: str,
    value: Any = None,
    multivar: Any = None,
    repo: str | None = None,
    user: str | None = None,
    password: str | None = None,
    output_encoding: str | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Set the key `name` to a value, or to the values of `multivar`, in a repository or (`global`) for the user."""
    report = Report(name)
    try:
        everywhere = _place_of_configuration(kwargs, repo)
        wanted = _values(value, multivar)
        as_user = {"cwd": repo, "user": user, "output_encoding": output_encoding, "global": everywhere}
        before = __salt__["git.config_get"](name, all=True, ignore_retcode=True, **as_user)
        which = f"Global key '{name}'" if everywhere else f"'{name}'"
        shown_value = f"'{wanted[0]}'" if len(wanted) == 1 and multivar is None else str(wanted)
        if before == wanted:
            return report.result(True, f"{which} is already set to {shown_value}")
        verb = "added as" if before is None else "set to"
        if __opts__["test"]:
            report.changes.update({"old": before, "new": wanted})
            return report.result(None, f"{which} would be {verb} {shown_value}")
        try:
            after = __salt__["git.config_set"](name, multivar=wanted, **as_user)
        except CommandExecutionError as error:
            return report.failed(f"Failed to set {which} to {shown_value}: {reason_of(error)}")
    except (Refused, CommandExecutionError, SaltInvocationError) as error:
        return report.failed(str(error))
    report.changes[name] = {"old": before, "new": after}
    if after != wanted:
        return report.failed(f"Failed to set {which} to {shown_value}: it is {after} now")
    return report.result(True, f"{which} was {verb} {shown_value}")


def config_unset(
    name: str,
    value_regex: str | None = None,
    repo: str | None = None,
    user: str | None = None,
    password: str | None = None,
    output_encoding: str | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Remove the keys that match the expression `name`, or of their values those that match `value_regex`.

    A key with several such values loses them only with `all`.
    """
    import re

    report = Report(name)
    try:
        everything = bool(kwargs.pop("all", False))
        everywhere = _place_of_configuration(kwargs, repo)
        as_user = {"cwd": repo, "user": user, "output_encoding": output_encoding, "global": everywhere}
        found = __salt__["git.config_get_regexp"](name, value_regex, ignore_retcode=True, **as_user)
        found = {key: values for key, values in found.items() if re.fullmatch(name, key)}
        if not found:
            return report.result(True, "No matching keys are set")
        several = [f"{key} ({', '.join(values)})" for key, values in found.items() if len(values) > 1]
        if several and not everything:
            return report.failed(
                "Multivar(s) matched by the key expression (set 'all' to True to force removal): " + "; ".join(several)
            )
        report.changes.update(found)
        if __opts__["test"]:
            return report.result(None, f"{len(found)} key(s) would have value(s) unset")
        for key in found:
            __salt__["git.config_unset"](key, value_regex, all=everything, **as_user)
    except (Refused, CommandExecutionError, SaltInvocationError) as error:
        return report.failed(str(error))
    return report.result(True, "Value(s) successfully unset")


def _brought_up_to_date(checkout: Checkout, options: updating.Options, rev: str, report: Report) -> dict[str, Any]:
    refs = _remote_refs(checkout, options.url)
    # A repository without a commit has no HEAD to ask for.
    wanted = resolve(rev, refs, options.remote)
    if options.depth is not None and wanted.kind not in ("branch", "tag"):
        raise Refused("When 'depth' is used, 'rev' must be set to the name of a branch or tag on the remote repository")
    bare = options.bare or options.mirror
    if not checkout.is_repository(bare=bare):
        return updating.make(checkout, wanted, options, report, test=__opts__["test"])
    if bare:
        return updating.refresh_bare(checkout, options, report, test=__opts__["test"])
    return updating.update(checkout, wanted, options, refs, report, test=__opts__["test"])


def _remote_refs(checkout: Checkout, url: str) -> dict[str, str]:
    login = checkout.login
    try:
        found: dict[str, str] = __salt__["git.remote_refs"](
            url,
            user=login.user,
            identity=login.identity,
            https_user=login.https_user,
            https_pass=login.https_pass,
            output_encoding=login.output_encoding,
            saltenv=login.saltenv,
        )
    except CommandExecutionError as error:
        raise Refused(f"Failed to check remote refs: {reason_of(error)}") from error
    return found


def _cloned_first(checkout: Checkout, url: str, branch: str | None, report: Report) -> dict[str, Any]:
    reason = obstacle(checkout.path, "force_clone", "cloning the remote repository")
    if reason:
        raise Refused(reason.partition(". Set")[0])
    report.changes["new"] = f"{shown(url)} => {checkout.path}"
    on_branch = f" with branch '{branch}'" if branch else ""
    if __opts__["test"]:
        return report.result(None, f"{shown(url)} would be cloned to {checkout.path}{on_branch}")
    try:
        checkout.clone(url, ["--branch", branch] if branch else [])
    except (CommandExecutionError, SaltInvocationError) as error:
        report.changes.clear()
        raise Refused(f"Clone failed: {reason_of(error)}") from error
    return report.result(True, f"{shown(url)} cloned to {checkout.path}{on_branch}")


def _on_branch(checkout: Checkout, branch: str | None, report: Report) -> dict[str, Any]:
    current = checkout.branch() or "HEAD"
    if branch is None or branch == current:
        also = f" and is checked out to branch '{branch}'" if branch else ""
        return report.result(True, f"Repository already exists at {checkout.path}{also}")
    report.changes["branch"] = {"old": current, "new": branch}
    if __opts__["test"]:
        return report.result(None, f"Branch would be changed to '{branch}'")
    try:
        if branch in checkout.call("list_branches"):
            checkout.call("checkout", branch)
        else:
            checkout.call("checkout", opts=["-b", branch, f"origin/{branch}"])
    except CommandExecutionError as error:
        report.changes.clear()
        raise Refused(f"Failed to change branch to '{branch}': {error}") from error
    return report.result(True, f"Branch changed to '{branch}'")


def _detached_at(
    checkout: Checkout, rev: str, options: updating.Options, report: Report, *, fetch: bool, hard_reset: bool
) -> dict[str, Any]:
    try:
        refs = _remote_refs(checkout, options.url)
    except Refused as refusal:
        raise Refused(str(refusal).removeprefix("Failed to check remote refs: ")) from refusal
    try:
        wanted = resolve(rev, refs, options.remote)
    except Refused:
        raise Refused(f"Revision '{rev}' does not exist") from None
    if checkout.is_repository():
        before = checkout.commit()
        prepared = _ready_to_detach(checkout, wanted, options, report, fetch=fetch, hard_reset=hard_reset)
        if prepared is not None:
            return prepared
    else:
        before = None
        prepared = _cloned_to_detach(checkout, options, report)
        if prepared is not None:
            return prepared
    if checkout.branch() is not None or not _is_at(checkout, wanted):
        checkout.call("checkout", wanted.commit, force=options.force_checkout)
        report.say(f"Commit ID {wanted.commit} was checked out at {checkout.path}")
        report.changes["HEAD"] = {"old": before, "new": checkout.commit()}
    else:
        report.say("Already checked out at correct revision")
    if options.submodules:
        checkout.update_submodules()
    return report.result(True, report.text())


def _cloned_to_detach(checkout: Checkout, options: updating.Options, report: Report) -> dict[str, Any] | None:
    """Clone; in test mode only the result."""
    reason = obstacle(checkout.path, "force_clone", "cloning the remote repository")
    if reason and not options.force_clone:
        raise Refused(reason)
    if __opts__["test"]:
        return report.result(None, f"Repository {shown(options.url)} would be cloned to {checkout.path}")
    if reason:
        clear(checkout.path)
        report.changes["forced clone"] = True
    checkout.clone(options.url, ["--no-checkout", "--origin", options.remote])
    report.say(f"{shown(options.url)} cloned to {checkout.path}")
    return None


def _ready_to_detach(
    checkout: Checkout,
    wanted: Wanted,
    options: updating.Options,
    report: Report,
    *,
    fetch: bool,
    hard_reset: bool,
) -> dict[str, Any] | None:
    """Remote, refs and files as the checkout of the commit needs them; in test mode only the result."""
    url = checkout.remote_url(options.remote)
    other_url = url is None or shown(url) != shown(options.url)
    resets = hard_reset and checkout.is_dirty()
    if __opts__["test"]:
        return _detaching_told(checkout, wanted, options, report, other_url=other_url, fetch=fetch, resets=resets)
    if other_url:
        checkout.set_remote(options.remote, options.url)
        old = None if url is None else shown(url)
        report.say(f"Remote {options.remote} updated from '{old}' to '{shown(options.url)}'")
    if fetch and checkout.remote_call("fetch", remote=options.remote, force=True, opts=["--tags"]):
        report.say(f"Remote {options.remote} was fetched, resulting in updated refs")
    if checkout.commit(wanted.commit or "") is None:
        raise Refused(f"Revision '{wanted.rev}' does not exist")
    if resets:
        checkout.call("reset", opts=["--hard", "HEAD"])
        report.changes["forced update"] = True
        report.say("Repository was reset to HEAD before checking out revision")
    return None


def _detaching_told(
    checkout: Checkout,
    wanted: Wanted,
    options: updating.Options,
    report: Report,
    *,
    other_url: bool,
    fetch: bool,
    resets: bool,
) -> dict[str, Any]:
    is_right = checkout.branch() is None and _is_at(checkout, wanted)
    if is_right and not other_url and not resets:
        return report.result(True, "Already checked out at correct revision")
    if other_url:
        report.say(f"Remote {options.remote} would be set to {shown(options.url)}")
    if fetch and checkout.commit(wanted.commit or "") is None:
        report.say(f"Repository remote {options.remote} would be fetched")
    if resets:
        report.changes["forced update"] = True
        report.say("Repository would be reset to HEAD")
    if not is_right:
        report.changes["HEAD"] = {"old": checkout.commit(), "new": wanted.commit}
        report.say(f"Commit ID {wanted.commit} would be checked out at {checkout.path}")
    return report.result(None, report.text())


def _is_at(checkout: Checkout, wanted: Wanted) -> bool:
    head = checkout.commit()
    return head is not None and head == checkout.commit(wanted.commit or "")


def _login(
    user: str | None,
    password: str | None,
    identity: Any = None,
    https_user: str | None = None,
    https_pass: str | None = None,
    output_encoding: str | None = None,
) -> Login:
    # What runs outside of an SLS file has no environment of its own.
    saltenv = globals().get("__env__") or "base"
    return Login(user, password, identity, https_user, https_pass, saltenv, output_encoding)


def _check_target(target: str, message: str) -> None:
    if not target:
        raise Refused("'target' argument is required")
    if not os.path.isabs(str(target)):
        raise Refused(message.format(target))


def _check_rev(rev: Any) -> None:
    if not rev:
        raise Refused(f"'{rev}' is not a valid value for the 'rev' argument")


def _refuse_unknown(kwargs: dict[str, Any]) -> None:
    unknown = [f"{name}={value}" for name, value in kwargs.items() if not name.startswith("__")]
    if unknown:
        raise Refused(f"The following keyword arguments are not valid: {', '.join(unknown)}")


def _place_of_configuration(kwargs: dict[str, Any], repo: str | None) -> bool:
    """Whether the user's own configuration is meant."""
    everywhere = bool(kwargs.pop("global", False))
    _refuse_unknown(kwargs)
    if not everywhere and not repo:
        raise Refused("Non-global config options require the 'repo' argument to be set")
    return everywhere


def _values(value: Any, multivar: Any) -> list[str]:
    if value is not None and multivar is not None:
        raise Refused("Only one of 'value' and 'multivar' is permitted")
    if value is None and multivar is None:
        raise Refused("One of 'value' and 'multivar' is required")
    several = [value] if multivar is None else multivar.split(",") if isinstance(multivar, str) else multivar
    return [str(one) for one in several]
