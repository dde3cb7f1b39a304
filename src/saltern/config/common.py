"""Options that a master and a minion share."""

# Annotations are not postponed here: they are read at every start, and compiling each from its text costs 10 ms.
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from saltern.config.option import option

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
Level = Literal["all", "garbage", "trace", "debug", "profile", "info", "warning", "error", "critical", "quiet"]
Digest = Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]
Roots = dict[str, list[Path]]


class CommonConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Base of both configurations. Paths are absolute; durations are seconds, sizes bytes, unless the sentence differs.

    `conf_file` is the main file, whether it exists or not. `extra` holds the keys that are no options: the user's own,
    which `config.get` finds, and those of Salt that this release does not use.
    """

    conf_file: Path = Path()
    extra: dict[str, Any] = {}

    # --- where ---
    root_dir: Annotated[
        Path, option("Directory below which all paths lie; a relative one starts at the configuration.")
    ] = Path("/")
    user: Annotated[str, option("The system user that the daemon runs as.")] = "root"

    # --- log ---
    log_level: Annotated[Level, option("Least level of messages on the console.")] = "warning"
    log_level_logfile: Annotated[
        Level | None, option("Least level of messages in the log file; without a value as on the console.")
    ] = None
    log_fmt_console: Annotated[str, option("Format of messages on the console, in fields of Python's logging.")] = (
        "[%(levelname)-8s] %(message)s"
    )
    log_fmt_logfile: Annotated[str, option("Format of messages in the log file, in fields of Python's logging.")] = (
        "%(asctime)s,%(msecs)03d [%(name)-17s:%(lineno)-4d][%(levelname)-8s][%(process)d] %(message)s"
    )
    log_datefmt: Annotated[str, option("Format of times on the console.", alias="log_datefmt_console")] = "%H:%M:%S"
    log_datefmt_logfile: Annotated[str, option("Format of times in the log file.")] = "%Y-%m-%d %H:%M:%S"
    log_granular_levels: Annotated[dict[str, Level], option("Levels of single loggers by name.")] = {}
    log_rotate_max_bytes: Annotated[Count, option("Size at which the log file is rotated; 0: not by the daemon.")] = 0
    log_rotate_backup_count: Annotated[Count, option("How many rotated log files are kept.")] = 0

    # --- files and pillar ---
    hash_type: Annotated[Digest, option("Digest that plugins show for files; transfers always use sha256.")] = "sha256"
    file_roots: Annotated[
        Roots, option("Directories of files for minions, by environment; the first that has a file wins.", place=True)
    ] = msgspec.field(default_factory=lambda: {"base": [Path("/srv/salt"), Path("/srv/spm/salt")]})
    pillar_roots: Annotated[Roots, option("Directories of pillar files, by environment.", place=True)] = msgspec.field(
        default_factory=lambda: {"base": [Path("/srv/pillar"), Path("/srv/spm/pillar")]}
    )
    fileserver_backend: Annotated[
        list[str],
        option("Where files for minions come from: roots, gitfs, minionfs, s3fs, httpfs; the first with a file wins."),
    ] = msgspec.field(default_factory=lambda: ["roots"])
    fileserver_followsymlinks: Annotated[
        bool, option("Whether links in the file roots are followed wherever they lead.")
    ] = True
    fileserver_ignoresymlinks: Annotated[bool, option("Whether links in the file roots are left out.")] = False
    fileserver_interval: Annotated[
        Count, option("Accepted for Salt's sake: gitfs_update_interval says how often remotes are fetched.")
    ] = 3600
    gitfs_remotes: Annotated[list[Any], option("Repositories with files for minions: URLs, or URLs with options.")] = []
    gitfs_base: Annotated[str, option("The branch or tag that is the environment base.")] = "master"
    gitfs_root: Annotated[str, option("The directory in repositories that is served; empty: all.")] = ""
    gitfs_mountpoint: Annotated[str, option("Where in the file tree repositories appear; empty: at its root.")] = ""
    gitfs_fallback: Annotated[str, option("The branch for environments that a repository does not have.")] = ""
    gitfs_ref_types: Annotated[list[str], option("What may be an environment: branch, tag, sha.")] = msgspec.field(
        default_factory=lambda: ["branch", "tag", "sha"]
    )
    gitfs_saltenv: Annotated[list[Any], option("What differs for single environments: ref, root, mountpoint.")] = []
    gitfs_saltenv_whitelist: Annotated[list[str] | str, option("The only environments of repositories, if set.")] = []
    gitfs_saltenv_blacklist: Annotated[list[str] | str, option("Environments of repositories that are left out.")] = []
    gitfs_disable_saltenv_mapping: Annotated[
        bool, option("Whether only environments of gitfs_saltenv are served, and no branches and tags by their names.")
    ] = False
    gitfs_refspecs: Annotated[list[str], option("What is fetched from repositories.")] = msgspec.field(
        default_factory=lambda: ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
    )
    gitfs_update_interval: Annotated[Count, option("Seconds between fetches of a repository.")] = 60
    gitfs_depth: Annotated[Count, option("How many commits of a branch are fetched; 0: all.")] = 0
    gitfs_user: Annotated[str, option("User for repositories over HTTP.")] = ""
    gitfs_password: Annotated[str, option("Password for repositories over HTTP.")] = ""
    gitfs_privkey: Annotated[str, option("File of the private key for repositories over SSH.")] = ""
    gitfs_insecure_auth: Annotated[bool, option("Whether a password may go over plain HTTP.")] = False
    gitfs_ssl_verify: Annotated[bool, option("Whether certificates of repositories over HTTPS are checked.")] = True
    gitfs_proxy: Annotated[str, option("URL of the proxy to repositories over HTTP.")] = ""
    minionfs_env: Annotated[str, option("The environment of files that minions pushed.")] = "base"
    minionfs_mountpoint: Annotated[str, option("Where files that minions pushed appear; empty: at the root.")] = ""
    minionfs_whitelist: Annotated[list[str], option("Globs of minions whose files are served, if set.")] = []
    minionfs_blacklist: Annotated[list[str], option("Globs of minions whose files are not served.")] = []
    s3_buckets: Annotated[
        list[str] | dict[str, list[str] | str],
        option("Buckets with files for minions: by environment, or a list of those with a directory for each."),
    ] = msgspec.field(default_factory=list, name="s3.buckets")
    s3_keyid: Annotated[str, option("Access key of S3; without it requests are not signed.")] = msgspec.field(
        default="", name="s3.keyid"
    )
    s3_key: Annotated[str, option("Secret key of S3.")] = msgspec.field(default="", name="s3.key")
    s3_service_url: Annotated[str, option("Host or URL of the service that speaks S3; empty: Amazon's.")] = (
        msgspec.field(default="", name="s3.service_url")
    )
    s3_location: Annotated[str, option("Region that requests to S3 are signed for; empty: us-east-1.")] = msgspec.field(
        default="", name="s3.location"
    )
    s3_path_style: Annotated[bool | None, option("Whether buckets of S3 stand in paths instead of host names.")] = (
        msgspec.field(default=None, name="s3.path_style")
    )
    s3_https_enable: Annotated[bool | None, option("Whether S3 is asked over HTTPS; it is without a value.")] = (
        msgspec.field(default=None, name="s3.https_enable")
    )
    s3_verify_ssl: Annotated[
        bool | None, option("Whether certificates of S3 are checked; they are without a value.")
    ] = msgspec.field(default=None, name="s3.verify_ssl")
    s3_cache_expire: Annotated[Count, option("Seconds between looks into the buckets of s3fs.")] = msgspec.field(
        default=30, name="s3.s3_cache_expire"
    )
    httpfs_remotes: Annotated[
        list[Any],
        option("Lists of files on web servers, as sha256sum writes them: URLs, or URLs with options.", ours=True),
    ] = []
    httpfs_update_interval: Annotated[Count, option("Seconds between looks at these lists.", ours=True)] = 60
    file_ignore_glob: Annotated[list[str], option("Globs of paths in the file roots that are not served.")] = []
    file_ignore_regex: Annotated[list[str], option("Regular expressions of paths that are not served.")] = []
    saltenv: Annotated[str | None, option("Environment of states where a command names none.")] = None
    pillarenv: Annotated[str | None, option("Environment of pillar where a command names none.")] = None

    # --- pillar ---
    git_pillar_base: Annotated[str, option("The branch or tag of git_pillar that is the environment base.")] = "master"
    git_pillar_branch: Annotated[str, option("The branch of remotes of git_pillar that name none.")] = ""
    git_pillar_env: Annotated[str, option("The environment of all remotes of git_pillar, instead of the branch's.")] = (
        ""
    )
    git_pillar_root: Annotated[str, option("The directory in repositories of git_pillar that counts; empty: all.")] = ""
    git_pillar_fallback: Annotated[str, option("The branch where a remote of git_pillar does not have its own.")] = ""
    git_pillar_includes: Annotated[
        bool, option("Whether files of one remote may include those of others of its environment.")
    ] = True
    git_pillar_refspecs: Annotated[list[str], option("What is fetched for git_pillar.")] = msgspec.field(
        default_factory=lambda: ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
    )
    git_pillar_update_interval: Annotated[Count, option("Seconds after which git_pillar fetches a remote again.")] = 60
    git_pillar_depth: Annotated[Count, option("How many commits of a branch git_pillar fetches; 0: all.")] = 0
    git_pillar_user: Annotated[str, option("User for remotes of git_pillar over HTTP.")] = ""
    git_pillar_password: Annotated[str, option("Password for remotes of git_pillar over HTTP.")] = ""
    git_pillar_privkey: Annotated[str, option("File of the private key for remotes of git_pillar over SSH.")] = ""
    git_pillar_insecure_auth: Annotated[bool, option("Whether a password of git_pillar may go over plain HTTP.")] = (
        False
    )
    git_pillar_ssl_verify: Annotated[bool, option("Whether certificates of git_pillar's remotes are checked.")] = True
    git_pillar_proxy: Annotated[str, option("URL of the proxy to remotes of git_pillar over HTTP.")] = ""
    pillarenv_from_saltenv: Annotated[bool, option("Whether the pillar's environment follows that of states.")] = False
    pillar_source_merging_strategy: Annotated[
        Literal["smart", "recurse", "aggregate", "overwrite", "list", "none"],
        option("How pillar files and external pillars are merged."),
    ] = "smart"
    pillar_merge_lists: Annotated[bool, option("Whether lists of several pillar files are joined.")] = False
    pillar_includes_override_sls: Annotated[
        bool, option("Whether what a pillar file includes wins over the file itself.")
    ] = False
    pillar_safe_render_error: Annotated[
        bool, option("Whether messages of renderers are kept from minions; they are told the place.")
    ] = True
    pillar_opts: Annotated[bool, option("Whether the configuration stands in the pillar, under the key master.")] = (
        False
    )
    ext_pillar: Annotated[list[Any], option("External pillars: dictionaries of a plugin to its configuration.")] = []
    ext_pillar_first: Annotated[bool, option("Whether external pillars come first, seen by the files.")] = False
    decrypt_pillar: Annotated[list[Any], option("Keys of the pillar whose values stand encrypted.")] = []
    decrypt_pillar_delimiter: Annotated[str, option("What parts the steps of these keys.")] = ":"
    decrypt_pillar_default: Annotated[str, option("Renderer that decrypts where a key names none.")] = "gpg"
    decrypt_pillar_renderers: Annotated[list[str], option("Renderers that may decrypt.")] = msgspec.field(
        default_factory=lambda: ["gpg"]
    )

    # --- bounds ---
    max_event_size: Annotated[Count, option("Largest data of an event, in bytes.")] = 1_048_576
