"""The options of a master."""

# ruff: noqa: RUF012  (msgspec gives every instance a default list or mapping of its own)

# Annotations are not postponed here: they are read at every start, and compiling each from its text costs 10 ms.
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from saltern.config.common import Count, Port, Positive, Seconds
from saltern.config.option import option
from saltern.config.plugin_options import PluginConfig


class MasterConfig(PluginConfig, frozen=True, kw_only=True):
    """Every option of a master; see `docs/reference/configuration.md`."""

    # --- who and where ---
    id: Annotated[str, option("The master's id; without a value the host's name and _master.")] = ""
    interface: Annotated[str, option("Address that the master listens on.")] = "0.0.0.0"  # noqa: S104
    port: Annotated[Port, option("Port that minions connect to; 0: a free one.", ours=True)] = 4510
    pki_dir: Annotated[Path, option("Directory of the authority and of minion keys.", place=True)] = Path(
        "/etc/saltern/pki/master"
    )
    cachedir: Annotated[Path, option("Directory of the job cache, the events and minion data.", place=True)] = Path(
        "/var/cache/saltern/master"
    )
    sock_dir: Annotated[Path, option("Directory of the socket that commands use.", place=True)] = Path(
        "/run/saltern/master"
    )
    pidfile: Annotated[Path, option("File with the process id of the daemon.", place=True)] = Path(
        "/run/saltern-master.pid"
    )
    log_file: Annotated[str, option("Log file, or the URL of a syslog (udp://host:514/daemon).", place=True)] = (
        "/var/log/saltern/master"
    )
    default_include: Annotated[str, option("Glob of files that are read after the main file.")] = "master.d/*.conf"
    extension_modules: Annotated[Path, option("Directory of plugins synchronised to the master.", place=True)] = Path(
        "/var/cache/saltern/master/extmods"
    )

    # --- enrolment and trust ---
    auto_accept: Annotated[bool, option("Whether every new minion key is accepted; for laboratories.")] = False
    open_mode: Annotated[bool, option("Whether any key is accepted for any id; this ends all trust.")] = False
    autosign_file: Annotated[
        Path | None, option("File of ids (globs, regular expressions) that are accepted at once.", place=True)
    ] = None
    autoreject_file: Annotated[
        Path | None, option("File of ids (globs, regular expressions) that are rejected at once.", place=True)
    ] = None
    autosign_grains_dir: Annotated[
        Path | None, option("Directory with a file for each grain, of values accepted at once.", place=True)
    ] = None
    autosign_timeout: Annotated[Count, option("Minutes for which a file in minions_autosign/ counts.")] = 120
    permissive_pki_access: Annotated[bool, option("Whether a group may read and write the key files.")] = False
    max_minions: Annotated[Count, option("How many minions may be connected; 0: no bound.")] = 0
    certificate_days: Annotated[Positive, option("Days that a minion's certificate is valid.", ours=True)] = 365
    auth_events: Annotated[bool, option("Whether attempts to enrol fire salt/auth events.")] = True
    token_expire: Annotated[Count, option("Seconds that an access token is valid.")] = 43_200

    # --- jobs ---
    timeout: Annotated[Seconds, option("Seconds that a command waits for minions that do not answer.")] = 5.0
    gather_job_timeout: Annotated[
        Seconds, option("Accepted for Salt's sake: the master knows who works, nobody is asked.")
    ] = 10.0
    keep_jobs_seconds: Annotated[Count, option("Seconds that a job stays in the job cache; 0: for ever.")] = 86_400
    keep_jobs: Annotated[Count, option("The same in hours; counts where keep_jobs_seconds is absent.")] = 24
    keep_jobs_count: Annotated[Count, option("How many jobs the job cache keeps; 0: no bound.", ours=True)] = 0
    keep_jobs_bytes: Annotated[Count, option("Bytes that the job cache keeps; 0: no bound.", ours=True)] = 0
    job_cache: Annotated[bool, option("Whether returns are stored.")] = True
    job_cache_store_endtime: Annotated[bool, option("Whether lists of jobs carry EndTime.")] = False
    archive_jobs: Annotated[
        bool, option("Whether returners in SQL databases move what is too old to tables of an archive.")
    ] = False
    master_job_cache: Annotated[
        str, option("A returner to which the master sends jobs and returns; local_cache: to none.")
    ] = "local_cache"
    ext_job_cache: Annotated[
        str, option("A returner to which minions send returns themselves; the master keeps outcomes without values.")
    ] = ""
    multi_returner: Annotated[list[str], option("The returners behind the returner multi_returner.")] = []
    export_queue_bytes: Annotated[
        Count, option("Bytes of returns that wait for a store elsewhere before the oldest are given up; 0: no bound.",
                      ours=True)
    ] = 4 << 30  # fmt: skip
    export_timeout: Annotated[
        Seconds, option("Seconds that a returner of the master may take for a batch; 0: no bound.", ours=True)
    ] = 60.0
    job_store: Annotated[
        Literal["sqlite", "memory", "postgresql", "mysql", "redis"],
        option("What keeps the record of jobs: files of the master, or a server that masters share.", ours=True),
    ] = "sqlite"
    job_store_host: Annotated[str, option("Host of its server, or a unix socket (/...).", ours=True)] = "127.0.0.1"
    job_store_port: Annotated[Port, option("Port of its server; 0: the usual one.", ours=True)] = 0
    job_store_user: Annotated[str, option("User of its server.", ours=True)] = ""
    job_store_password: Annotated[str, option("The user's password.", ours=True)] = ""
    job_store_password_file: Annotated[
        Path | None, option("File that holds the password, instead of job_store_password.", ours=True)
    ] = None
    job_store_database: Annotated[
        str, option("Database of its server; without a value saltern, or 0 for Redis.", ours=True)
    ] = ""
    job_store_tls: Annotated[
        bool, option("Whether to speak TLS and check the server's certificate and name.", ours=True)
    ] = False
    job_store_tls_ca: Annotated[
        Path | None, option("Certificates that may sign the server's; TLS is spoken then.", ours=True)
    ] = None
    job_store_tls_cert: Annotated[Path | None, option("The master's own certificate for the server.", ours=True)] = None
    job_store_tls_key: Annotated[Path | None, option("The key of that certificate.", ours=True)] = None
    job_store_timeout: Annotated[
        Seconds, option("Seconds for which a write waits for a server that is away.", ours=True)
    ] = 10.0
    unique_jid: Annotated[bool, option("Whether jids end in the master's process id.")] = False
    job_noise: Annotated[list[str], option("Globs of functions whose jobs are not kept.", ours=True)] = []
    runner_returns: Annotated[bool, option("Whether calls of runners and wheels are kept as jobs.")] = True
    max_return_size: Annotated[Count, option("Largest return that is taken, in bytes.", ours=True)] = 2 << 30
    loop_interval: Annotated[Seconds, option("Seconds between rounds of upkeep.")] = 60.0

    schedule: Annotated[dict[str, Any], option("Runner functions that the master calls by itself, by name.")] = {}

    # --- connections ---
    heartbeat_interval: Annotated[Seconds, option("Seconds between a minion's heartbeats.", ours=True)] = 30.0
    minion_lost_after: Annotated[
        Seconds, option("Seconds after which running jobs of a minion that is gone are lost.", ours=True)
    ] = 300.0
    reconnect_window: Annotated[Seconds, option("Seconds over which minions spread reconnects.", ours=True)] = 1.0
    max_open_files: Annotated[Count, option("How many file descriptors the master asks for.")] = 100_000
    sock_pool_size: Annotated[Count, option("Accepted for Salt's sake: one connection carries all.")] = 1

    # --- what is known of minions ---
    minion_data_cache_events: Annotated[
        bool, option("Whether an event says that a minion's grains or pillar have changed.")
    ] = True

    # --- pillar ---
    pillar_workers: Annotated[Positive, option("How many processes compile pillars.", ours=True)] = 2
    pillar_timeout: Annotated[Positive, option("Seconds after which a compilation is given up.", ours=True)] = 120
    pillar_cache: Annotated[
        bool, option("Whether a pillar is kept, in memory, until what it was made from changes.")
    ] = False
    pillar_cache_ttl: Annotated[Count, option("Seconds that a pillar is kept at most.")] = 3600
    on_demand_ext_pillar: Annotated[
        list[str], option("External pillars that a minion may ask for itself (pillar.ext).")
    ] = msgspec.field(default_factory=lambda: ["libvirt", "virtkey"])

    # --- files from minions ---
    file_recv: Annotated[bool, option("Whether minions may send files (cp.push).")] = False
    file_recv_max_size: Annotated[Count, option("Largest file that a minion may send, in MiB.")] = 100

    # --- events ---
    presence_events: Annotated[bool, option("Whether salt/presence events are fired.")] = False
    event_return: Annotated[str | list[str], option("Returners to which the master sends events.")] = ""
    event_return_queue: Annotated[Count, option("How many events are sent together; 0: those that are there.")] = 0
    event_return_queue_max_seconds: Annotated[Seconds, option("Seconds after which fewer are sent; 0: never.")] = 0.0
    event_return_whitelist: Annotated[list[str], option("Globs of tags: only these events are sent.")] = []
    event_return_blacklist: Annotated[list[str], option("Globs of tags: these events are not sent.")] = []
    event_keep_seconds: Annotated[Count, option("Seconds that events stay in the log; 0: for ever.", ours=True)] = (
        86_400
    )
    event_keep_bytes: Annotated[Count, option("Bytes of events in the log; 0: no bound.", ours=True)] = 1 << 30

    # --- who may do what ---
    publisher_acl: Annotated[dict[str, Any], option("Functions that system users may run on minions.")] = {}
    publisher_acl_blacklist: Annotated[dict[str, Any], option("Users and functions that are always refused.")] = {}
    sudo_acl: Annotated[
        bool, option("Whether who became root by sudo has only what publisher_acl gives his own name.")
    ] = False
    external_auth: Annotated[
        dict[str, Any], option("Who may do what after logging in: permissions by back end and user.")
    ] = {}
    sharedsecret: Annotated[str, option("The password of the back end sharedsecret.")] = ""
    token_dir: Annotated[Path, option("Directory of access tokens.", place=True)] = Path(
        "/var/cache/saltern/master/tokens"
    )
    token_expire_user_override: Annotated[
        bool | dict[str, list[str]],
        option("Whose request may say how long its token holds: all, or users by back end."),
    ] = False
    keep_acl_in_token: Annotated[
        bool, option("Whether a token keeps the permissions that its user had when it was made.")
    ] = False
    audit_keep_seconds: Annotated[Count, option("Seconds that rows stay in the audit log; 0: for ever.", ours=True)] = (
        31_536_000
    )
    nodegroups: Annotated[dict[str, Any], option("Targets with names.")] = {}

    fileserver_events: Annotated[bool, option("Whether a fetch that changed files is told as an event.")] = False
    mine_get: Annotated[
        dict[str, list[str] | str],
        option("Who may read which entries of mines: expressions over ids to expressions over names; empty: all."),
    ] = {}

    peer: Annotated[
        dict[str, list[str]],
        option("Which functions minions may call on others: expressions over ids to expressions over functions."),
    ] = {}
    peer_run: Annotated[
        dict[str, list[str]], option("Which runners minions may call: expressions over ids to those over functions.")
    ] = {}

    # --- commands ---
    runner_dirs: Annotated[list[Path], option("Directories of runners.")] = []
    show_jid: Annotated[bool, option("Whether commands print the jid.")] = False
    show_timeout: Annotated[bool, option("Whether commands show minions that did not return.")] = True
    batch_safe_limit: Annotated[
        Count, option("From how many minions on saltern run makes a batch by itself; 0: never.")
    ] = 0
    batch_safe_size: Annotated[int | str, option("The size of such a batch, a number or a share such as 25%.")] = 8
    cli_summary: Annotated[bool, option("Not yet: whether commands end with a summary.")] = False
