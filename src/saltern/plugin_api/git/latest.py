"""Bring a checkout to a revision of a remote repository: look, decide, tell or do."""

from __future__ import annotations

from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.git.checkout import Checkout, clear, obstacle, shown
from saltern.plugin_api.git.report import Refused, Report, reason_of
from saltern.plugin_api.git.urls import with_credentials
from saltern.plugin_api.git.wanted import Wanted


class Options(NamedTuple):
    """What the state was asked for."""

    url: str
    remote: str = "origin"
    branch: str | None = None
    update_head: bool = True
    force_checkout: bool = False
    force_clone: bool = False
    force_fetch: bool = False
    force_reset: Any = False
    submodules: bool = False
    bare: bool = False
    mirror: bool = False
    fetch_tags: bool = True
    sync_tags: bool = True
    depth: int | None = None
    refspec_branch: str = "*"
    refspec_tag: str = "*"


class Situation(NamedTuple):
    """What a checkout is at, in relation to what is wanted.

    `head` is its commit, `base` that of the branch that will be updated (None for a branch without commits).
    `fast_forward` is None as long as the commit has to be fetched.
    """

    head: str | None
    branch: str | None
    branch_exists: bool
    base: str | None
    known: bool
    fast_forward: bool | None
    dirty: bool
    url: str | None
    upstream: str | None
    missing_tags: frozenset[str]
    extra_tags: frozenset[str]


def make(checkout: Checkout, wanted: Wanted, options: Options, report: Report, *, test: bool) -> dict[str, Any]:
    """Clone what is not there yet."""
    reason = obstacle(checkout.path, "force_clone", "cloning the remote repository")
    forced = reason is not None and options.force_clone
    if reason and not forced:
        raise Refused(reason)
    source = f"{shown(options.url)} => {checkout.path}"
    if test:
        report.changes.update({"forced clone": True, "new": source} if forced else {"new": source})
        return report.result(None, _would_clone(checkout.path, shown(options.url), forced))
    if forced:
        clear(checkout.path)
        report.changes["forced clone"] = True
    checkout.clone(options.url, _clone_words(wanted, options))
    report.changes["new"] = source
    how = " as mirror" if options.mirror else " as bare repository" if options.bare else ""
    report.say(f"{shown(options.url)} cloned to {checkout.path}{how}")
    if not options.bare and not options.mirror and wanted.commit:
        _settle(checkout, wanted, options, report)
    if head := checkout.commit():
        report.changes["revision"] = {"old": None, "new": head}
    return report.result(True, report.text())


def _would_clone(path: str, url: str, forced: bool) -> str:
    if not forced:
        return f"Repository {url} would be cloned to {path}"
    return (
        f"Target directory {path} exists. Since force_clone=True, the contents of {path} would be deleted, and {url} "
        "would be cloned into this directory."
    )


def _clone_words(wanted: Wanted, options: Options) -> list[str]:
    words = ["--mirror"] if options.mirror else ["--bare"] if options.bare else []
    if options.remote != "origin":
        words += ["--origin", options.remote]
    if options.depth is not None:
        words += ["--depth", str(options.depth), "--branch", wanted.rev]
    return words


def _settle(checkout: Checkout, wanted: Wanted, options: Options, report: Report) -> None:
    """Bring a fresh clone to the branch and commit that are wanted."""
    if options.branch and options.branch != checkout.branch():
        checkout.call("checkout", opts=["-b", options.branch, *_untracked(wanted), wanted.start])
        report.say(f"Branch '{options.branch}' checked out, with {wanted.named} as a starting point")
    elif checkout.commit() != checkout.commit(wanted.commit or ""):
        checkout.call("reset", opts=["--hard", wanted.commit])
        report.say(f"Repository was reset to {wanted.named}")
    _track(checkout, wanted, report)
    if options.submodules:
        _submodules(checkout)


def _untracked(wanted: Wanted) -> list[str]:
    return [] if wanted.upstream else ["--no-track"]


def refresh_bare(checkout: Checkout, options: Options, report: Report, *, test: bool) -> dict[str, Any]:
    """Fetch into a bare repository or mirror."""
    before = checkout.commit()
    if test:
        report.say(f"Bare repository at {checkout.path} would be fetched")
        return report.up_to_date(checkout.path, "Changes that would be made")
    _point_to(checkout, options, checkout.remote_url(options.remote), report)
    everything = [] if options.mirror else [f"refs/heads/{options.refspec_branch}:refs/heads/{options.refspec_branch}"]
    fetched = _fetch(checkout, options, [*everything, *_refspecs(options)])
    after = checkout.commit()
    report.say(f"Bare repository at {checkout.path} was fetched{', resulting in updated refs' if fetched else ''}")
    if before == after:
        return report.up_to_date(checkout.path)
    report.changes["revision"] = {"old": before, "new": after}
    return report.result(True, report.text())


def update(
    checkout: Checkout, wanted: Wanted, options: Options, refs: dict[str, str], report: Report, *, test: bool
) -> dict[str, Any]:
    """Bring a checkout that is there to what is wanted."""
    now = look(checkout, wanted, options, refs)
    _refuse_if_unsafe(now, wanted, options)
    if test:
        return _told(checkout, now, wanted, options, report)
    _point_to(checkout, options, now.url, report)
    if options.sync_tags and now.extra_tags:
        names = sorted(now.extra_tags)
        for name in names:
            checkout.call("tag", name, ref="--delete")
        report.changes["deleted_tags"] = names
        report.say(f"The following tags were removed from the local checkout: {', '.join(names)}")
    if not now.known or _other_url(now, options) or (options.fetch_tags and now.missing_tags):
        now = _fetched(checkout, now, wanted, options, refs, report)
    if not options.update_head and now.head != wanted.commit:
        return report.result(True, _head_stays(now, wanted, "has not been", already=True))
    return _moved(checkout, now, wanted, options, report)


def look(checkout: Checkout, wanted: Wanted, options: Options, refs: dict[str, str]) -> Situation:
    head, branch = checkout.commit(), checkout.branch()
    goal = options.branch or branch
    exists = goal is not None and checkout.commit(f"refs/heads/{goal}") is not None
    base = checkout.commit(f"refs/heads/{goal}") if exists else head
    commit = checkout.commit(wanted.commit) if wanted.commit else None
    fast_forward = None
    if commit is not None:
        fast_forward = base is None or base == commit or checkout.is_ancestor(base, commit)
    tags = {name.removeprefix("refs/tags/") for name in refs if name.startswith("refs/tags/") and name[-3:] != "^{}"}
    local = set(checkout.call("list_tags"))
    return Situation(
        head=head,
        branch=branch,
        branch_exists=exists,
        base=base,
        known=commit is not None or wanted.commit is None,
        fast_forward=fast_forward,
        dirty=checkout.is_dirty(),
        url=checkout.remote_url(options.remote),
        upstream=checkout.upstream(goal if exists else None),
        missing_tags=frozenset(tags - local),
        extra_tags=frozenset(local - tags),
    )


def _refuse_if_unsafe(now: Situation, wanted: Wanted, options: Options) -> None:
    """Local work is thrown away only if the state says so."""
    other = f" (after checking out local branch '{options.branch}')" if _other_branch(now, options) else ""
    if now.dirty and not _same(now.base, wanted.commit) and not options.force_reset:
        way = f"updated to {wanted.short}{other}" if other else f"updated from {_short(now.base)} to {wanted.short}"
        raise Refused(
            f"Repository would be {way}, but there are uncommitted changes. Set 'force_reset' to True (or "
            "'remote-changes') to force this update and discard these changes."
        )
    if now.fast_forward is False and not options.force_reset and options.update_head:
        hint = ""
        if options.branch is None and wanted.kind != "head" and now.branch and now.branch != wanted.rev:
            hint = (
                f" The desired rev ({wanted.rev}) differs from the name of the local branch ({now.branch}), if the "
                "desired rev is a branch name then a forced update could possibly be avoided by setting the 'branch' "
                f"argument to '{wanted.rev}' instead."
            )
        raise Refused(
            f"Repository would be updated to {wanted.short}{other}, but this is not a fast-forward merge. Set "
            f"'force_reset' to True to force this update.{hint}"
        )


def _told(checkout: Checkout, now: Situation, wanted: Wanted, options: Options, report: Report) -> dict[str, Any]:
    """What `update` would do."""
    moves = not _same(now.head, wanted.commit)
    if _other_url(now, options):
        was = f"changed from {shown(now.url)} to" if now.url else "set to"
        report.say(f"Remote '{options.remote}' would be {was} {shown(options.url)}")
        report.say("Remote would be fetched")
    elif not now.known:
        report.say(f"Remote '{options.remote}' would be fetched")
    if not options.update_head and moves:
        report.say(_head_stays(now, wanted, "would not be").rstrip("."))
        return report.result(True, report.text())
    if now.dirty and not moves:
        return _told_of_local_changes(checkout, options, report)
    report.said += _moves_told(now, wanted, options, moves)
    if not moves:
        return report.up_to_date(checkout.path, "Changes that would be made")
    report.changes["revision"] = {"old": now.head, "new": wanted.commit}
    return report.result(None, report.text())


def _moves_told(now: Situation, wanted: Wanted, options: Options, moves: bool) -> list[str]:
    said = []
    how = "updated" if now.fast_forward is None else "fast-forwarded" if now.fast_forward else "hard-reset"
    if options.branch and not now.branch_exists and _other_branch(now, options):
        said.append(f"New branch '{options.branch}' would be checked out, with {wanted.named} as a starting point")
    elif _other_branch(now, options):
        said.append(f"Branch '{options.branch}' would be checked out and {how} to {wanted.short}")
    elif moves and _other_url(now, options):
        said.append(f"Repository would be updated to {wanted.short}")
    elif moves:
        way = f"from {_short(now.head)} to {wanted.short}" if now.head else f"to {wanted.short}"
        said.append(f"Repository would be {how} {way}")
    if tracking := _tracking(now.upstream, wanted, detached=now.branch is None and not options.branch):
        said.append(f"Tracking branch would be {tracking}")
    return said


def _told_of_local_changes(checkout: Checkout, options: Options, report: Report) -> dict[str, Any]:
    if options.force_reset is not True:
        return report.result(True, _keeps_changes(checkout))
    report.changes["forced update"] = True
    return report.result(
        None,
        f"{checkout.path} is up-to-date, but with uncommitted changes. Since 'force_reset' is set to True, these local "
        "changes would be reset. To only reset when there are changes in the remote repository, set 'force_reset' to "
        "'remote-changes'.",
    )


def _keeps_changes(checkout: Checkout) -> str:
    return (
        f"Repository {checkout.path} is up-to-date, but with uncommitted changes. Set 'force_reset' to True to purge "
        "uncommitted changes."
    )


def _point_to(checkout: Checkout, options: Options, url: str | None, report: Report) -> None:
    if url == with_credentials(options.url, checkout.login.https_user, checkout.login.https_pass):
        return
    checkout.set_remote(options.remote, options.url)
    if url is None:
        report.changes["new"] = f"{shown(options.url)} => {options.remote}"
        report.say(f"Remote '{options.remote}' set to {shown(options.url)}")
    else:
        report.say(f"Remote '{options.remote}' changed from {shown(url)} to {shown(options.url)}")


def _fetched(
    checkout: Checkout, now: Situation, wanted: Wanted, options: Options, refs: dict[str, str], report: Report
) -> Situation:
    """Fetch, and look again."""
    changed = _fetch(checkout, options, _refspecs(options))
    if changed:
        report.say(f"{shown(options.url)} was fetched, resulting in updated refs")
    if wanted.commit and checkout.commit(wanted.commit) is None:
        raise Refused(f"Fetch did not successfully retrieve rev '{wanted.rev}' from {shown(options.url)}")
    after = look(checkout, wanted, options, refs)
    if new := now.missing_tags - after.missing_tags:
        report.changes["new_tags"] = sorted(new)
    _refuse_if_unsafe(after, wanted, options)
    return after


def _fetch(checkout: Checkout, options: Options, refspecs: list[str]) -> dict[str, Any]:
    words = ["--tags"] if options.fetch_tags else []
    try:
        found: dict[str, Any] = checkout.remote_call(
            "fetch", remote=options.remote, force=options.force_fetch, refspecs=refspecs, opts=words
        )
    except CommandExecutionError as error:
        raise Refused(
            "Fetch failed. Set 'force_fetch' to True to force the fetch if the failure was due to not being able to "
            f"fast-forward. Output of the fetch command follows:\n\n{reason_of(error)}"
        ) from error
    return found


def _refspecs(options: Options) -> list[str]:
    branches, tags = options.refspec_branch, options.refspec_tag
    wanted = [f"refs/heads/{branches}:refs/remotes/{options.remote}/{branches}"]
    # A tag that was moved there moves here.
    return [*wanted, f"+refs/tags/{tags}:refs/tags/{tags}"] if options.fetch_tags else wanted


def _moved(checkout: Checkout, now: Situation, wanted: Wanted, options: Options, report: Report) -> dict[str, Any]:
    """Branch, files, tracking and submodules."""
    if wanted.commit is None:
        return report.up_to_date(checkout.path)
    if now.dirty and _same(now.base, wanted.commit) and options.force_reset is not True:
        return report.result(True, _keeps_changes(checkout))
    if _other_branch(now, options):
        _check_out(checkout, now, wanted, options, report)
    if now.dirty and not _other_branch(now, options):
        checkout.call("reset", opts=["--hard", "HEAD"])
        report.say("Uncommitted changes were discarded")
    _merge(checkout, now, wanted, report)
    if options.submodules:
        _submodules(checkout)
    head = checkout.commit()
    if head == now.head:
        return report.up_to_date(checkout.path)
    report.changes["revision"] = {"old": now.head, "new": head}
    return report.result(True, report.text())


def _check_out(checkout: Checkout, now: Situation, wanted: Wanted, options: Options, report: Report) -> None:
    if now.dirty and not options.force_checkout:
        raise Refused(
            f"Local branch '{now.branch or 'HEAD'}' has uncommitted changes. Set 'force_checkout' to True to discard "
            "them and proceed."
        )
    if now.branch_exists:
        checkout.call("checkout", options.branch, force=options.force_checkout)
        report.say(f"'{options.branch}' was checked out")
        return
    words = ["-b", str(options.branch), *_untracked(wanted), wanted.start]
    checkout.call("checkout", opts=words, force=options.force_checkout)
    report.say(f"New branch '{options.branch}' was checked out, with {wanted.named} as a starting point")


def _merge(checkout: Checkout, now: Situation, wanted: Wanted, report: Report) -> None:
    """Move the branch to the commit: forwards if possible, else by force."""
    head, goal = checkout.commit(), checkout.commit(wanted.commit or "")
    forwards = head is None or head == goal or checkout.is_ancestor(head, str(goal))
    if not forwards:
        checkout.call("reset", opts=["--hard", wanted.commit])
        report.changes["forced update"] = True
        report.say(f"Repository was hard-reset to {wanted.named}")
        _track(checkout, wanted, report)
        return
    _track(checkout, wanted, report)
    if head == goal:
        if now.dirty:
            report.changes["forced update"] = True
            report.say(f"Repository was hard-reset to {wanted.named}")
        return
    if wanted.kind in ("branch", "head") and head is not None:
        checkout.call("merge", wanted.commit, opts="--ff-only")
    else:
        checkout.call("reset", opts=["--hard", wanted.commit])
    if wanted.kind in ("branch", "head"):
        report.say(f"Repository was fast-forwarded to {wanted.named}")
    else:
        report.say(f"Repository was reset to {wanted.rev} (fast-forward)")


def _track(checkout: Checkout, wanted: Wanted, report: Report) -> None:
    branch = checkout.branch()
    # A branch without a commit cannot track another one.
    has_commit = checkout.commit() is not None
    tracking = _tracking(checkout.upstream(branch), wanted, detached=branch is None or not has_commit)
    if not tracking:
        return
    checkout.call("branch", opts=["--set-upstream-to", wanted.upstream] if wanted.upstream else ["--unset-upstream"])
    report.say(f"Tracking branch was {tracking}")


def _tracking(upstream: str | None, wanted: Wanted, *, detached: bool) -> str:
    """What has to become of the branch that is tracked, as a verb; empty for nothing."""
    if detached or wanted.kind == "head" or upstream == wanted.upstream:
        return ""
    if wanted.upstream is None:
        return "unset"
    return f"{'updated' if upstream else 'set'} to {wanted.upstream}"


def _submodules(checkout: Checkout) -> None:
    try:
        checkout.update_submodules()
    except CommandExecutionError as error:
        raise Refused(f"Failed to update submodules: {reason_of(error)}") from error


def _head_stays(now: Situation, wanted: Wanted, verb: str, *, already: bool = False) -> str:
    here = f"local HEAD ({_short(now.head)}) does not match"
    if already:
        there = f"Remote head ({wanted.short})" if wanted.kind == "head" else wanted.named
        return f"{there} is already present and {here}, but update_head=False. HEAD {verb} updated locally."
    return f"L{here[1:]} {wanted.named} but update_head=False, HEAD {verb} updated locally."


def _other_branch(now: Situation, options: Options) -> bool:
    """Whether a branch has to be checked out; one without a commit is as good as none."""
    return options.branch is not None and (options.branch != now.branch or not now.branch_exists)


def _other_url(now: Situation, options: Options) -> bool:
    return now.url is None or shown(now.url) != shown(options.url)


def _same(local: str | None, wanted: str | None) -> bool:
    """Whether a commit is the wanted one, which may be abbreviated."""
    return local == wanted or bool(local and wanted and local.startswith(wanted))


def _short(commit: str | None) -> str:
    return (commit or "none")[:7]
