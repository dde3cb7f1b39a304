"""The options of a minion."""

# ruff: noqa: RUF012  (msgspec gives every instance a default list or mapping of its own)

# Annotations are not postponed here: they are read at every start, and compiling each from its text costs 10 ms.
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from saltern.config.common import Count, Port, Positive, Seconds
from saltern.config.option import option
from saltern.config.plugin_options import PluginConfig

_Processes = Annotated[int, msgspec.Meta(ge=-1)]


class MinionConfig(PluginConfig, frozen=True, kw_only=True):
    """Every option of a minion; see `docs/reference/configuration.md`."""

    # --- who and where ---
    id: Annotated[str, option("The minion's id; without a value it is found and remembered.")] = ""
    pki_dir: Annotated[Path, option("Directory of the minion's key and certificate.", place=True)] = Path(
        "/etc/saltern/pki/minion"
    )
    cachedir: Annotated[Path, option("Directory of the outbox, running jobs and cached files.", place=True)] = Path(
        "/var/cache/saltern/minion"
    )
    sock_dir: Annotated[Path, option("Directory of the minion's sockets.", place=True)] = Path("/run/saltern/minion")
    pidfile: Annotated[Path, option("File with the process id of the daemon.", place=True)] = Path(
        "/run/saltern-minion.pid"
    )
    log_file: Annotated[str, option("Log file, or the URL of a syslog (udp://host:514/daemon).", place=True)] = (
        "/var/log/saltern/minion"
    )
    default_include: Annotated[str, option("Glob of files that are read after the main file.")] = "minion.d/*.conf"
    extension_modules: Annotated[Path, option("Directory of plugins synchronised from the master.", place=True)] = Path(
        "/var/cache/saltern/minion/extmods"
    )
    id_function: Annotated[dict[str, Any], option("A function and its arguments that give the id.")] = {}
    append_domain: Annotated[str, option("Domain that is added to an id that lacks it.")] = ""
    minion_id_caching: Annotated[bool, option("Whether an id that was found is kept in the file minion_id.")] = True
    minion_id_lowercase: Annotated[bool, option("Whether an id that was found is put in lower case.")] = False
    minion_id_remove_domain: Annotated[
        bool | list[str], option("Whether an id that was found loses its domain; a list: only these domains.")
    ] = False

    # --- its masters ---
    master: Annotated[str | list[str], option("Address of the master, HOST or HOST:PORT, or a list.")] = "salt"
    master_port: Annotated[Port, option("Port of masters whose address names none.")] = 4510
    master_type: Annotated[
        Literal["str", "failover", "disable"],
        option("str: connect to all masters; failover: to one at a time; disable: to none."),
    ] = "str"
    random_master: Annotated[bool, option("Whether the list of masters is shuffled.")] = False
    master_fingerprint: Annotated[
        str, option("Fingerprint of the master's authority; no other master is trusted.", alias="master_finger")
    ] = ""
    join_token: Annotated[str, option("One-time token by which the master accepts this minion.", ours=True)] = ""
    autosign_grains: Annotated[list[str], option("Grains that are sent with the request to enrol.")] = []
    acceptance_wait_time: Annotated[Seconds, option("Seconds between questions whether the key is accepted.")] = 10.0
    acceptance_wait_time_max: Annotated[Seconds, option("Seconds up to which that time grows; 0: not at all.")] = 0.0
    rejected_retry: Annotated[bool, option("Whether a rejected minion asks again instead of stopping.")] = False
    recon_default: Annotated[Count, option("Milliseconds before the first attempt to reconnect.")] = 1000
    recon_max: Annotated[Count, option("Milliseconds before a later attempt to reconnect, at most.")] = 10_000
    recon_randomize: Annotated[bool, option("Whether these times are spread at random.")] = True
    random_reauth_delay: Annotated[
        Count, option("Accepted for Salt's sake: the master says over how long minions spread.")
    ] = 10
    ping_interval: Annotated[Count, option("Accepted for Salt's sake: heartbeats find a dead connection.")] = 0

    # --- jobs ---
    process_count_max: Annotated[_Processes, option("How many jobs run at once, others wait; -1: no bound.")] = -1
    job_memory: Annotated[Count, option("Bytes of memory that a job's process may take; 0: no bound.", ours=True)] = 0
    job_open_files: Annotated[Count, option("Files that a process of a job may have open; 0: no bound.", ours=True)] = 0
    job_niceness: Annotated[Count, option("How much the processor prefers others to jobs, 0 to 19.", ours=True)] = 0
    multifunc_ordered: Annotated[bool, option("Whether several functions give lists in their order.")] = False
    multiprocessing: Annotated[bool, option("Accepted for Salt's sake: every job has its own process.")] = True
    pub_ret: Annotated[bool, option("Accepted for Salt's sake: returns always reach the master.")] = True
    cache_jobs: Annotated[bool, option("Whether returns are kept on the minion too.")] = False
    return_: Annotated[str | list[str], option("Returners to which every return goes too.")] = msgspec.field(
        default="", name="return"
    )
    outbox_keep_seconds: Annotated[Count, option("Seconds that a return waits for its master.", ours=True)] = 604_800
    outbox_keep_bytes: Annotated[
        Count, option("Bytes of returns that wait; beyond, the oldest go; 0: no bound.", ours=True)
    ] = 10 << 30
    seen_jobs: Annotated[Positive, option("How many jids are remembered so that no job runs twice.", ours=True)] = (
        10_000
    )
    minion_blackout: Annotated[bool, option("Whether only functions of the whitelist run.")] = False
    minion_blackout_whitelist: Annotated[list[str], option("Functions that run during a blackout.")] = []
    startup_states: Annotated[
        Literal["", "highstate", "sls", "top"],
        option("States applied at the start: highstate, sls (those of sls_list) or top (those of top_file)."),
    ] = ""
    sls_list: Annotated[list[str], option("The SLS files of startup_states: sls.")] = []
    top_file: Annotated[str, option("The top file of startup_states: top.")] = ""
    minion_restart_command: Annotated[
        list[str], option("The words of a command by which minion.restart starts the minion; empty: as it was started.")
    ] = []
    test: Annotated[bool, option("Whether states only say what they would change.")] = False
    loop_interval: Annotated[Seconds, option("Seconds between rounds of upkeep.")] = 1.0
    start_event_grains: Annotated[list[str], option("Grains that the event of the minion's start tells.")] = []
    enable_legacy_startup_events: Annotated[
        bool, option("Whether the start is also told under the tag of old, minion_start.")
    ] = True

    # --- beacons and schedule ---
    beacons: Annotated[dict[str, Any], option("What the minion watches, by name; pillar may have more.")] = {}
    schedule: Annotated[
        dict[str, Any], option("Jobs that the minion runs by itself, by name; pillar may have more.")
    ] = {}
    schedule_returner: Annotated[str | list[str], option("Returners of all scheduled jobs that name none.")] = ""
    scheduler_before_connect: Annotated[
        bool, option("Whether scheduled jobs run before the minion is connected to a master.")
    ] = False
    grains_refresh_every: Annotated[Count, option("Minutes after which grains are computed anew; 0: never.")] = 0

    # --- pillar ---
    pillar_raise_on_missing: Annotated[
        bool, option("Whether pillar.get fails for a key that is not there and has no default.")
    ] = False

    # --- mine ---
    mine_functions: Annotated[
        dict[str, Any] | list[Any],
        option("What the minion tells its mine: functions, or names for calls of functions."),
    ] = {}
    mine_interval: Annotated[Count, option("Minutes between updates of the mine; 0: never.")] = 60
    mine_enabled: Annotated[bool, option("Whether the mine is updated at the start and every mine_interval.")] = True

    # --- grains and plugins ---
    grains: Annotated[dict[str, Any], option("Grains of the minion's own.")] = {}
    grains_cache: Annotated[bool, option("Whether computed grains are kept over a restart.")] = False
    grains_deep_merge: Annotated[bool, option("Whether custom grains are merged into nested ones.")] = False
    grains_blacklist: Annotated[list[str], option("Globs of grains that are left out.")] = []
    grains_dirs: Annotated[list[Path], option("Directories of grains plugins.")] = []
    file_client: Annotated[
        Literal["remote", "local"], option("Whether files and pillar come from the master or this machine.")
    ] = "remote"
    disable_modules: Annotated[list[str], option("Execution modules that are not loaded.")] = []
    disable_grains: Annotated[list[str], option("Grains plugins that are not loaded.")] = []
    whitelist_modules: Annotated[list[str], option("The only execution modules that are loaded, if set.")] = []
    providers: Annotated[dict[str, str], option("The plugin that provides a virtual module.")] = {}
