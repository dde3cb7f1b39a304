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
    fileserver_backend: Annotated[list[str], option("Not yet: the file roots are the only file server.")] = (
        msgspec.field(default_factory=lambda: ["roots"])
    )
    fileserver_followsymlinks: Annotated[
        bool, option("Whether links in the file roots are followed wherever they lead.")
    ] = True
    fileserver_ignoresymlinks: Annotated[bool, option("Whether links in the file roots are left out.")] = False
    fileserver_interval: Annotated[
        Count, option("Accepted for Salt's sake: files are read where they lie, and never updated.")
    ] = 3600
    file_ignore_glob: Annotated[list[str], option("Globs of paths in the file roots that are not served.")] = []
    file_ignore_regex: Annotated[list[str], option("Regular expressions of paths that are not served.")] = []
    renderer: Annotated[str, option("Renderers of SLS files that name none.")] = "jinja|yaml"
    saltenv: Annotated[str | None, option("Environment of states where a command names none.")] = None
    pillarenv: Annotated[str | None, option("Environment of pillar where a command names none.")] = None

    # --- pillar ---
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
    env_order: Annotated[list[str], option("Environments that come first in top files, in their order.")] = []
    state_top: Annotated[str, option("Name of top files.")] = "top.sls"

    # --- plugins and output ---
    module_dirs: Annotated[list[Path], option("Directories of plugins that are searched before all others.")] = []
    outputter_dirs: Annotated[list[Path], option("Directories of outputters.")] = []
    output: Annotated[str, option("Outputter of commands where nothing else chooses one.")] = ""
    color: Annotated[bool, option("Whether output on a terminal is coloured.")] = True
    state_output: Annotated[str, option("How much of each state is shown: full, terse, mixed, changes.")] = "full"
    state_verbose: Annotated[bool, option("Whether states that changed nothing are shown.")] = True

    # --- bounds ---
    max_event_size: Annotated[Count, option("Largest data of an event, in bytes.")] = 1_048_576
