"""Git repositories, by the program git.

Functions take these arguments beside those of their own:

``cwd``
    The directory of the repository or checkout; a relative one lies below the home of the user.
``user``
    Run git as this user. ``password`` is accepted, and of use on other platforms only.
``opts``, ``git_opts``
    Further options of the git command, and of git itself before the command: a text or a list.
``identity``, ``saltenv``
    Private keys to log in with over ssh: paths, or `salt://` URLs of this environment.
``https_user``, ``https_pass``
    Name and password for an HTTPS URL. They become part of the URL, and are shown nowhere.
``ignore_retcode``, ``output_encoding``
    Log no failure; the encoding of what git prints if it is not UTF-8.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, SaltInvocationError, process
from saltern.plugin_api.git import output
from saltern.plugin_api.git.run import Git, absolute, options
from saltern.plugin_api.git.urls import redacted, with_credentials

__salt__: Functions


def __virtual__() -> bool | tuple[bool, str]:
    if process.find_program("git"):
        return True
    return False, "There is no program git on this minion"


# --- repositories and checkouts -----------------------------------------------------------------------------------


def init(
    cwd: str,
    bare: bool = False,
    template: str | None = None,
    separate_git_dir: str | None = None,
    shared: bool | str | None = None,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """Make a repository, or complete one that is there.

    CLI Example::

        saltern run '*' git.init /path/to/repo bare=True
    """
    git = Git(__salt__, None, user, git_opts, ignore_retcode, output_encoding)
    named = {"template": template, "separate-git-dir": separate_git_dir}
    words = ["--bare"] if bare else []
    words += [f"--{name}={value}" for name, value in named.items() if value]
    if shared:
        words.append("--shared" if shared is True else f"--shared={shared}")
    return git.output("init", *words, *options(opts), absolute(cwd, user))


def clone(
    cwd: str,
    url: str | None = None,
    name: str | None = None,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    identity: Any = None,
    https_user: str | None = None,
    https_pass: str | None = None,
    ignore_retcode: bool = False,
    saltenv: str = "base",
    output_encoding: str | None = None,
) -> bool:
    """Clone a repository to `cwd`, or with `name` to a directory of that name in it.

    CLI Example::

        saltern run '*' git.clone /path/to/repo https://github.com/saltstack/salt.git
    """
    if not url:
        raise SaltInvocationError("Missing 'url' argument")
    source = with_credentials(url, https_user, https_pass)
    target = absolute(cwd, user)
    git = Git(__salt__, None, user, git_opts, ignore_retcode, output_encoding, identity, saltenv)
    git.run("clone", *options(opts), "--", source, str(Path(target, name)) if name else target)
    return True


def status(
    cwd: str,
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> dict[str, list[str]]:
    """What is changed in a checkout: `new`, `modified`, `deleted` and `untracked` paths; empty for a clean one.

    CLI Example::

        saltern run '*' git.status /path/to/repo
    """
    git = _git(cwd, user, "", ignore_retcode, output_encoding)
    return output.status(git.output("status", "-z", "--porcelain"))


def checkout(
    cwd: str,
    rev: str | None = None,
    force: bool = False,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """Check out a branch, tag or commit.

    CLI Example::

        saltern run '*' git.checkout /path/to/repo somebranch force=True
        saltern run '*' git.checkout /path/to/repo opts='-b newbranch origin/master'
    """
    words = options(opts)
    if rev is None and not {"-b", "-B"} & set(words):
        raise SaltInvocationError("'rev' argument is required unless -b or -B in opts")
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    forced = ["--force"] if force else []
    return git.output("checkout", *forced, *words, *([] if rev is None else [rev]), merge_stderr=True)


def reset(
    cwd: str,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    identity: Any = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """Move HEAD, the index and with `--hard` the files to a commit.

    CLI Example::

        saltern run '*' git.reset /path/to/repo opts='--hard origin/master'
    """
    return _git(cwd, user, git_opts, ignore_retcode, output_encoding).output("reset", *options(opts))


def discard_local_changes(
    cwd: str,
    path: str = ".",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """Bring files that are changed and not in the index back to what they were.

    CLI Example::

        saltern run '*' git.discard_local_changes /path/to/repo path=foo
    """
    return _git(cwd, user, "", ignore_retcode, output_encoding).output("checkout", "--", path)


def archive(
    cwd: str,
    output: str,
    rev: str = "HEAD",
    prefix: str | None = None,
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
    **kwargs: Any,
) -> bool:
    """Write a commit's files to an archive, below a directory `prefix` (by default the checkout's name).

    `format` is tar, zip or tar.gz; by default the file name tells it.

    CLI Example::

        saltern run '*' git.archive /path/to/repo /path/to/archive.tar.gz prefix=foo/ format=tar.gz
    """
    _refuse_unknown(kwargs, "format")
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    below = f"{Path(str(git.cwd)).name}/" if prefix is None else prefix
    words = ["--prefix", below] if below else []
    words += ["--format", str(kwargs["format"])] if kwargs.get("format") else []
    git.run("archive", *words, "--output", output, rev)
    return True


# --- commits ------------------------------------------------------------------------------------------------------


def add(
    cwd: str,
    filename: str,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """Add files to the index.

    CLI Example::

        saltern run '*' git.add /path/to/repo foo/bar.py
    """
    words = options(opts)
    verbose = [] if {"-v", "--verbose"} & set(words) else ["--verbose"]
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    return git.output("add", *verbose, *words, "--", filename)


def rm(
    cwd: str,
    filename: str,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """Remove files from the index and the checkout.

    CLI Example::

        saltern run '*' git.rm /path/to/repo foo/baz opts='-r'
    """
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    return git.output("rm", *options(opts), "--", filename)


def commit(
    cwd: str,
    message: str,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    filename: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """Commit the index, or the changes of one file.

    CLI Example::

        saltern run '*' git.commit /path/to/repo 'The commit message' filename=foo/bar.py
    """
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    only = ["--", filename] if filename else []
    return git.output("commit", "-m", message, *options(opts), *only)


def stash(
    cwd: str,
    action: str = "save",
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """Put local changes aside (`save`), or `list`, `show`, `pop`, `apply`, `drop` what was.

    CLI Example::

        saltern run '*' git.stash /path/to/repo pop
    """
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    return git.output("stash", action, *options(opts), merge_stderr=True)


def merge(
    cwd: str,
    rev: str | None = None,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    identity: Any = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
    **kwargs: Any,
) -> str:
    """Merge a revision, by default the branch that is tracked, into the current branch.

    CLI Example::

        saltern run '*' git.merge /path/to/repo upstream/master
    """
    _refuse_unknown(kwargs)
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding, identity)
    return git.output("merge", *options(opts), *([rev] if rev else []))


def rebase(
    cwd: str,
    rev: str = "master",
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """Put the commits of the current branch upon a revision; `rev` may be several words.

    CLI Example::

        saltern run '*' git.rebase /path/to/repo origin/master
    """
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    return git.output("rebase", *options(opts), *options(rev))


def merge_base(
    cwd: str,
    refs: Any = None,
    octopus: bool = False,
    is_ancestor: bool = False,
    independent: bool = False,
    fork_point: str | None = None,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
    **kwargs: Any,
) -> str | bool:
    """The best common ancestor of revisions (a list, or joined by commas); with `is_ancestor` whether one is another's.

    CLI Example::

        saltern run '*' git.merge_base /path/to/repo HEAD,upstream/mybranch
        saltern run '*' git.merge_base /path/to/repo master,HEAD is_ancestor=True
    """
    _refuse_unknown(kwargs)
    wanted = [str(ref) for ref in refs] if isinstance(refs, list | tuple) else str(refs or "").split(",")
    wanted = [ref.strip() for ref in wanted if ref.strip()]
    if sum(map(bool, (octopus, is_ancestor, independent, fork_point))) > 1:
        raise SaltInvocationError("Only one of 'octopus', 'independent', 'is_ancestor', and 'fork_point' is permitted")
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    if is_ancestor:
        if len(wanted) != 2:
            raise SaltInvocationError("Two refs/commits are required if 'is_ancestor' is True")
        done = git.run("merge-base", "--is-ancestor", *options(opts), *wanted, good=(0, 1))
        return bool(done["retcode"] == 0)
    if fork_point:
        if len(wanted) > 1:
            raise SaltInvocationError("At most one ref/commit can be passed if 'fork_point' is specified")
        wanted = [str(fork_point), *(wanted or ["HEAD"])]
    mode = ["--octopus"] if octopus else ["--independent"] if independent else ["--fork-point"] if fork_point else []
    return git.output("merge-base", *mode, *options(opts), *wanted)


def merge_tree(
    cwd: str,
    ref1: str,
    ref2: str,
    base: str | None = None,
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """What a merge of two revisions would do, without doing it; `base` is by default their merge base.

    CLI Example::

        saltern run '*' git.merge_tree /path/to/repo HEAD upstream/dev
    """
    git = _git(cwd, user, "", ignore_retcode, output_encoding)
    if base is None:
        done = git.run("merge-base", ref1, ref2, good=(0, 1, 128))
        if done["retcode"]:
            raise CommandExecutionError(f"Unable to determine merge base for {ref1} and {ref2}")
        base = str(done["stdout"])
    return git.output("merge-tree", base, ref1, ref2)


def diff(
    cwd: str,
    item1: str | None = None,
    item2: str | None = None,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    no_index: bool = False,
    cached: bool = False,
    paths: Any = None,
    output_encoding: str | None = None,
) -> str:
    """The difference between two revisions, a revision and the files, or with `no_index` two paths.

    CLI Example::

        saltern run '*' git.diff /path/to/repo 'HEAD^' paths=path/to/file1,path/to/file2
        saltern run '*' git.diff /path/to/repo no_index=True paths="[path/to/file1, path/to/file2]"
    """
    wanted = [str(path) for path in paths] if isinstance(paths, list | tuple) else str(paths or "").split(",")
    wanted = [path for path in wanted if path]
    if no_index and cached:
        raise CommandExecutionError("The 'no_index' and 'cached' options cannot be used together")
    if no_index and (item1 or item2 or len(wanted) != 2):
        raise SaltInvocationError("With 'no_index' two paths are compared, and no revisions")
    mode = ["--no-index", "--no-color"] if no_index else ["--cached"] if cached else []
    items = [item for item in (item1, item2) if item]
    git = _git(cwd, user, git_opts, False, output_encoding)
    words = ["diff", *mode, *options(opts), *items, *(["--", *wanted] if wanted else [])]
    return str(git.run(*words, good=(0, 1) if no_index else (0,))["stdout"])


def describe(
    cwd: str,
    rev: str = "HEAD",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """A name for a commit by the last annotated tag before it; its short id where there is none.

    CLI Example::

        saltern run '*' git.describe /path/to/repo develop
    """
    return _git(cwd, user, "", ignore_retcode, output_encoding).output("describe", "--always", rev)


def rev_parse(
    cwd: str,
    rev: str | None = None,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """The output of `git rev-parse`, the id of a revision for one.

    CLI Example::

        saltern run '*' git.rev_parse /path/to/repo HEAD
        saltern run '*' git.rev_parse /path/to/repo opts='--is-bare-repository'
    """
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    return git.output("rev-parse", *options(opts), *([] if rev is None else [rev]))


def revision(
    cwd: str,
    rev: str = "HEAD",
    short: bool = False,
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """The id of a revision, `short` or whole.

    CLI Example::

        saltern run '*' git.revision /path/to/repo mybranch short=True
    """
    git = _git(cwd, user, "", ignore_retcode, output_encoding)
    return git.output("rev-parse", *(["--short"] if short else []), rev)


def symbolic_ref(
    cwd: str,
    ref: str,
    value: str | None = None,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """The ref that a symbolic ref such as HEAD points to; with `value` it is made to point there.

    CLI Example::

        saltern run '*' git.symbolic_ref /path/to/repo HEAD
    """
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    return git.output("symbolic-ref", *options(opts), ref, *([value] if value else []))


# --- branches and tags --------------------------------------------------------------------------------------------


def current_branch(
    cwd: str,
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """The branch that is checked out; `HEAD` when it is none.

    CLI Example::

        saltern run '*' git.current_branch /path/to/repo
    """
    return _git(cwd, user, "", ignore_retcode, output_encoding).output("rev-parse", "--abbrev-ref", "HEAD")


def list_branches(
    cwd: str,
    remote: bool = False,
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> list[str]:
    """The local branches, or those of remotes that are known here.

    CLI Example::

        saltern run '*' git.list_branches /path/to/repo remote=True
    """
    git = _git(cwd, user, "", ignore_retcode, output_encoding)
    return _names_below(git, "refs/remotes/" if remote else "refs/heads/")


def list_tags(
    cwd: str,
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> list[str]:
    """The tags.

    CLI Example::

        saltern run '*' git.list_tags /path/to/repo
    """
    return _names_below(_git(cwd, user, "", ignore_retcode, output_encoding), "refs/tags/")


def branch(
    cwd: str,
    name: str | None = None,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> bool:
    """Make a branch, or what `opts` say: `-d` deletes it, `-m other` renames it.

    CLI Example::

        saltern run '*' git.branch /path/to/repo newbranch
        saltern run '*' git.branch /path/to/repo mybranch opts='-d'
    """
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    git.run("branch", *options(opts), *([name] if name else []))
    return True


def tag(
    cwd: str,
    name: str,
    ref: str = "HEAD",
    message: str | None = None,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """Tag a commit; with a message the tag is annotated.

    CLI Example::

        saltern run '*' git.tag /path/to/repo v2015.8.3 message='Version 2015.8.3'
    """
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    annotated = [] if message is None else ["-m", message]
    return git.output("tag", *annotated, *options(opts), name, ref)


# --- remotes ------------------------------------------------------------------------------------------------------


def fetch(
    cwd: str,
    remote: str | None = None,
    force: bool = False,
    refspecs: Any = None,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    identity: Any = None,
    ignore_retcode: bool = False,
    saltenv: str = "base",
    output_encoding: str | None = None,
) -> dict[str, Any]:
    """Fetch from a remote, and return what that changed: new, updated and deleted branches and tags.

    `refspecs` is a list, or a text with commas between them.

    CLI Example::

        saltern run '*' git.fetch /path/to/repo upstream
    """
    wanted = refspecs if isinstance(refspecs, list | tuple) else str(refspecs or "").split(",")
    wanted = [str(one).strip() for one in wanted if str(one).strip()]
    if wanted and not remote:
        remote = "origin"
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding, identity, saltenv)
    words = ["fetch", *options(opts), *(["--force"] if force else []), *([remote] if remote else []), *wanted]
    return output.fetched(git.run(*words)["stderr"])


def pull(
    cwd: str,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    identity: Any = None,
    ignore_retcode: bool = False,
    saltenv: str = "base",
    output_encoding: str | None = None,
) -> str:
    """Fetch and merge.

    CLI Example::

        saltern run '*' git.pull /path/to/repo opts='--rebase origin master'
    """
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding, identity, saltenv)
    return git.output("pull", *options(opts))


def push(
    cwd: str,
    remote: str | None = None,
    ref: str | None = None,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    identity: Any = None,
    ignore_retcode: bool = False,
    saltenv: str = "base",
    output_encoding: str | None = None,
    **kwargs: Any,
) -> str:
    """Push a ref (`local`, `local:remote`, `:remote` to delete) to a remote.

    CLI Example::

        saltern run '*' git.push /path/to/repo origin issue21:upstream/issue21
    """
    _refuse_unknown(kwargs)
    if not remote or not ref:
        raise SaltInvocationError("'remote' and 'ref' are required")
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding, identity, saltenv)
    return git.output("push", *options(opts), remote, ref)


def ls_remote(
    cwd: str | None = None,
    remote: str = "origin",
    ref: str | None = None,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    identity: Any = None,
    https_user: str | None = None,
    https_pass: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
    saltenv: str = "base",
) -> dict[str, str]:
    """The refs of a remote, a name or a URL, with their ids.

    CLI Example::

        saltern run '*' git.ls_remote /path/to/repo origin master
        saltern run '*' git.ls_remote remote=git@github.com:saltstack/salt.git opts='--heads'
    """
    source = with_credentials(remote, https_user, https_pass)
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding, identity, saltenv)
    return output.refs(git.output("ls-remote", *options(opts), source, *([ref] if ref else [])))


def remote_refs(
    url: str,
    heads: bool = False,
    tags: bool = False,
    user: str | None = None,
    password: str | None = None,
    identity: Any = None,
    https_user: str | None = None,
    https_pass: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
    saltenv: str = "base",
    **kwargs: Any,
) -> dict[str, str]:
    """The refs of the repository at a URL, only `heads` or `tags`, or those that match `filter`.

    CLI Example::

        saltern run '*' git.remote_refs https://github.com/saltstack/salt.git filter='*3008*'
    """
    _refuse_unknown(kwargs, "filter")
    chosen = [word for word, wanted in (("--heads", heads), ("--tags", tags)) if wanted]
    git = Git(__salt__, None, user, "", ignore_retcode, output_encoding, identity, saltenv)
    pattern = [str(kwargs["filter"])] if kwargs.get("filter") else []
    return output.refs(git.output("ls-remote", *chosen, with_credentials(url, https_user, https_pass), *pattern))


def remotes(
    cwd: str,
    user: str | None = None,
    password: str | None = None,
    redact_auth: bool = True,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> dict[str, dict[str, str]]:
    """The remotes with their URLs for `fetch` and `push`; secrets in these are hidden unless `redact_auth` is False.

    CLI Example::

        saltern run '*' git.remotes /path/to/repo
    """
    found = output.remotes(_git(cwd, user, "", ignore_retcode, output_encoding).output("remote", "--verbose"))
    if not redact_auth:
        return found
    return {name: {kind: redacted(url) for kind, url in urls.items()} for name, urls in found.items()}


def remote_get(
    cwd: str,
    remote: str = "origin",
    user: str | None = None,
    password: str | None = None,
    redact_auth: bool = True,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> dict[str, str]:
    """The URLs of one remote, as in `git.remotes`.

    CLI Example::

        saltern run '*' git.remote_get /path/to/repo upstream
    """
    known = remotes(cwd, user, password, redact_auth, ignore_retcode, output_encoding)
    if remote not in known:
        raise CommandExecutionError(f"Remote '{remote}' not present in git checkout located at {absolute(cwd, user)}")
    return known[remote]


def remote_set(
    cwd: str,
    url: str,
    remote: str = "origin",
    user: str | None = None,
    password: str | None = None,
    https_user: str | None = None,
    https_pass: str | None = None,
    push_url: str | None = None,
    push_https_user: str | None = None,
    push_https_pass: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> dict[str, str]:
    """Add a remote, or change the URLs of one that is there.

    CLI Example::

        saltern run '*' git.remote_set /path/to/repo git@github.com:user/repo.git remote=upstream
    """
    source = with_credentials(url, https_user, https_pass)
    target = with_credentials(push_url, push_https_user, push_https_pass) if push_url else None
    git = _git(cwd, user, "", ignore_retcode, output_encoding)
    if remote in remotes(cwd, user):
        git.run("remote", "rm", remote)
    git.run("remote", "add", remote, source)
    if target:
        git.run("remote", "set-url", "--push", remote, target)
    return remote_get(cwd, remote, user)


def submodule(
    cwd: str,
    command: str,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    identity: Any = None,
    ignore_retcode: bool = False,
    saltenv: str = "base",
    output_encoding: str | None = None,
    **kwargs: Any,
) -> str:
    """Run a command of `git submodule`: `update`, `init`, `status`, `sync`.

    CLI Example::

        saltern run '*' git.submodule /path/to/repo update opts='--init --recursive'
    """
    if "init" in kwargs:
        raise SaltInvocationError(
            "The 'init' argument is no longer supported. Either set 'command' to 'init', or include '--init' in the "
            "'opts' argument and set 'command' to 'update'."
        )
    _refuse_unknown(kwargs)
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding, identity, saltenv)
    return git.output("submodule", *options(command), *options(opts))


# --- configuration ------------------------------------------------------------------------------------------------


def config_get(
    key: str,
    cwd: str | None = None,
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
    **kwargs: Any,
) -> str | list[str] | None:
    """The value of a key of git's configuration, with `all` all of its values; None if it is not set.

    `global` asks the user's own configuration instead of the repository's.

    CLI Example::

        saltern run '*' git.config_get user.name cwd=/path/to/repo
        saltern run '*' git.config_get foo.bar global=True all=True
    """
    _refuse_unknown(kwargs, "global", "all")
    git = _config_git(cwd, user, ignore_retcode, output_encoding, kwargs)
    done = git.run(*_config_words(kwargs), "-z", "--get-all", key, good=(0, 1), reported=True)
    values = str(done["stdout"]).split("\0")[:-1]
    if done["retcode"]:
        return None
    return values if kwargs.get("all") else values[-1]


def config_get_regexp(
    key: str,
    value_regex: str | None = None,
    cwd: str | None = None,
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
    **kwargs: Any,
) -> dict[str, list[str]]:
    """The keys that match an expression with those of their values that match another.

    CLI Example::

        saltern run '*' git.config_get_regexp 'remote.*' '^git@' cwd=/path/to/repo
    """
    _refuse_unknown(kwargs, "global")
    git = _config_git(cwd, user, ignore_retcode, output_encoding, kwargs)
    wanted = [key] if value_regex is None else [key, value_regex]
    done = git.run(*_config_words(kwargs), "-z", "--get-regexp", *wanted, good=(0, 1), reported=True)
    return output.config(str(done["stdout"]))


def config_get_regex(
    key: str,
    value_regex: str | None = None,
    cwd: str | None = None,
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
    **kwargs: Any,
) -> dict[str, list[str]]:
    """The same as `git.config_get_regexp`.

    CLI Example::

        saltern run '*' git.config_get_regex 'user.*' cwd=/path/to/repo
    """
    return config_get_regexp(key, value_regex, cwd, user, password, ignore_retcode, output_encoding, **kwargs)


def config_set(
    key: str,
    value: Any = None,
    multivar: Any = None,
    cwd: str | None = None,
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
    **kwargs: Any,
) -> list[str]:
    """Set a key to a value, or to the values of `multivar` (a list, or joined by commas), and return its values.

    `add` puts the value beside those that are there; `global` is as in `git.config_get`.

    CLI Example::

        saltern run '*' git.config_set user.email me@example.com cwd=/path/to/repo
        saltern run '*' git.config_set foo.bar multivar="['one', 'two']" global=True
    """
    _refuse_unknown(kwargs, "global", "add")
    if value is not None and multivar is not None:
        raise SaltInvocationError("Only one of 'value' and 'multivar' is permitted")
    several = str(multivar).split(",") if isinstance(multivar, str | int) else multivar
    values = [str(one) for one in several] if several is not None else [] if value is None else [str(value)]
    if not values:
        raise SaltInvocationError("One of 'value' and 'multivar' is required")
    git = _config_git(cwd, user, ignore_retcode, output_encoding, kwargs)
    words = _config_words(kwargs)
    for number, one in enumerate(values):
        added = number or kwargs.get("add")
        git.run(*words, "--add" if added else "--replace-all", key, one)
    asked = {"global": kwargs["global"]} if "global" in kwargs else {}
    found = config_get(key, cwd, user, password, ignore_retcode, output_encoding, all=True, **asked)
    return found if isinstance(found, list) else []


def config_unset(
    key: str,
    value_regex: str | None = None,
    cwd: str | None = None,
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
    **kwargs: Any,
) -> bool:
    """Remove a key, or those of its values that match an expression; several only with `all`.

    CLI Example::

        saltern run '*' git.config_unset foo.bar all=True cwd=/path/to/repo
    """
    _refuse_unknown(kwargs, "global", "all")
    git = _config_git(cwd, user, ignore_retcode, output_encoding, kwargs)
    everything = bool(kwargs.get("all"))
    wanted = [key] if value_regex is None else [key, value_regex]
    done = git.run(*_config_words(kwargs), "--unset-all" if everything else "--unset", *wanted, good=range(256))
    if done["retcode"] == 0:
        return True
    if done["retcode"] != 5:
        raise CommandExecutionError(
            f"Failed to unset key '{key}', git config returned exit code {done['retcode']}; {done['stderr']}"
        )
    if not git.run(*_config_words(kwargs), "--get-all", *wanted, good=(0, 1))["stdout"]:
        which = f" with a value that matches '{value_regex}'" if value_regex is not None else ""
        raise CommandExecutionError(f"Key '{key}'{which} does not exist")
    also = " and value_regex matches multiple values" if value_regex is not None else ""
    raise CommandExecutionError(f"Multiple values exist for key '{key}'{also}")


# --- work trees ---------------------------------------------------------------------------------------------------


def is_worktree(
    cwd: str, user: str | None = None, password: str | None = None, output_encoding: str | None = None
) -> bool:
    """Whether a directory is a work tree that was added to a repository elsewhere.

    CLI Example::

        saltern run '*' git.is_worktree /path/to/repo
    """
    git = _git(cwd, user, "", True, output_encoding)
    if not Path(str(git.cwd)).is_dir():
        return False
    done = git.run("rev-parse", "--git-dir", "--git-common-dir", good=range(256))
    return not done["retcode"] and len(set(str(done["stdout"]).split("\n"))) == 2


def list_worktrees(
    cwd: str,
    stale: bool = False,
    user: str | None = None,
    password: str | None = None,
    output_encoding: str | None = None,
    **kwargs: Any,
) -> dict[str, dict[str, Any]]:
    """The work trees of a repository, or with `stale` those whose directory is gone, or with `all` both.

    CLI Example::

        saltern run '*' git.list_worktrees /path/to/repo all=True
    """
    _refuse_unknown(kwargs, "all")
    everything = bool(kwargs.get("all"))
    if everything and stale:
        raise CommandExecutionError("'all' and 'stale' cannot both be set to True")
    git = _git(cwd, user, "", False, output_encoding)
    found = output.worktrees(git.output("worktree", "list", "--porcelain"))
    chosen = {}
    for path, tree in found.items():
        tree["stale"] = not os.path.isdir(path)
        if everything or tree["stale"] == stale:
            chosen[path] = tree
            if tree["detached"] and not tree["stale"]:
                tree["tags"] = git.output("tag", "--points-at", tree["HEAD"]).split()
    return chosen


def worktree_add(
    cwd: str,
    worktree_path: str,
    ref: str | None = None,
    reset_branch: bool | None = None,
    force: bool | None = None,
    detach: bool = False,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
    **kwargs: Any,
) -> str:
    """Add a work tree with a new branch: `branch`, or one that is named like the directory; or with none (`detach`).

    `reset_branch` takes a branch that is there and moves it to `ref`.

    CLI Example::

        saltern run '*' git.worktree_add /path/to/repo /path/to/worktree ref=v1 detach=True
        saltern run '*' git.worktree_add /path/to/repo ../hotfix branch=hotfix21 ref=v2.1.9.3
    """
    _refuse_unknown(kwargs, "branch")
    named = kwargs.get("branch")
    if named and detach:
        raise SaltInvocationError("Only one of 'branch' and 'detach' is allowed")
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    made = ["-B" if reset_branch else "-b", str(named or Path(worktree_path).name)]
    words = ["worktree", "add", *(["--detach"] if detach else made), *(["--force"] if force else []), *options(opts)]
    return git.output(*words, worktree_path, *([ref] if ref else []), merge_stderr=True)


def worktree_prune(
    cwd: str,
    dry_run: bool = False,
    verbose: bool = True,
    expire: str | None = None,
    opts: Any = "",
    git_opts: Any = "",
    user: str | None = None,
    password: str | None = None,
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
) -> str:
    """Forget work trees whose directory is gone.

    CLI Example::

        saltern run '*' git.worktree_prune /path/to/repo dry_run=True
    """
    git = _git(cwd, user, git_opts, ignore_retcode, output_encoding)
    words = [word for word, wanted in (("--dry-run", dry_run), ("--verbose", verbose)) if wanted]
    words += ["--expire", str(expire)] if expire else []
    return git.output("worktree", "prune", *words, *options(opts), merge_stderr=True)


def worktree_rm(cwd: str, user: str | None = None, output_encoding: str | None = None) -> bool:
    """Remove the directory of a work tree; `git.worktree_prune` makes the repository forget it.

    CLI Example::

        saltern run '*' git.worktree_rm /path/to/worktree
    """
    import shutil

    path = absolute(cwd, user)
    if not os.path.exists(path):
        raise CommandExecutionError(f"{path} does not exist")
    if not is_worktree(path, user, output_encoding=output_encoding):
        raise CommandExecutionError(f"{path} is not a git worktree")
    try:
        shutil.rmtree(path)
    except OSError as error:
        raise CommandExecutionError(f"Unable to remove {path}: {error}") from error
    return True


def version(versioninfo: bool = False) -> str | list[int | str]:
    """The version of git, as text or in its parts.

    CLI Example::

        saltern run '*' git.version versioninfo=True
    """
    text = Git(__salt__).output("--version").split()[2]
    if not versioninfo:
        return text
    return [int(part) if part.isdigit() else part for part in text.split(".")]


# --- helpers ------------------------------------------------------------------------------------------------------


def _git(
    cwd: str | None,
    user: str | None,
    git_opts: Any = "",
    ignore_retcode: bool = False,
    output_encoding: str | None = None,
    identity: Any = None,
    saltenv: str = "base",
) -> Git:
    place = absolute(cwd, user) if cwd else None
    return Git(__salt__, place, user, git_opts, ignore_retcode, output_encoding, identity, saltenv)


def _names_below(git: Git, prefix: str) -> list[str]:
    listed = git.output("for-each-ref", "--format", "%(refname)", prefix)
    return [name.removeprefix(prefix) for name in listed.splitlines()]


def _config_git(
    cwd: str | None, user: str | None, ignore_retcode: bool, output_encoding: str | None, kwargs: dict[str, Any]
) -> Git:
    if not cwd and not kwargs.get("global"):
        raise SaltInvocationError("'cwd' argument required unless global=True")
    return _git(cwd, user, "", ignore_retcode, output_encoding)


def _config_words(kwargs: dict[str, Any]) -> list[str]:
    return ["config", "--global" if kwargs.get("global") else "--local"]


def _refuse_unknown(kwargs: dict[str, Any], *known: str) -> None:
    """Marks of the caller begin with `__`; any other name that is not known is a slip."""
    unknown = [f"{name}={value}" for name, value in kwargs.items() if name not in known and not name.startswith("__")]
    if unknown:
        raise SaltInvocationError(f"The following keyword arguments are not valid: {', '.join(unknown)}")
