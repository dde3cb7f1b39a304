"""Options of states, templates and plugins, which both daemons have."""

# ruff: noqa: RUF012  (msgspec gives every instance a default list or mapping of its own)

# Annotations are not postponed here: they are read at every start, and compiling each from its text costs 10 ms.
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from saltern.config.common import CommonConfig, Count, Seconds
from saltern.config.option import option


class PluginConfig(CommonConfig, frozen=True, kw_only=True):
    """What a daemon's configuration says to the plugins that it runs: they find it in `__opts__`."""

    # --- states ---
    state_top: Annotated[str, option("Name of top files.")] = "top.sls"
    top_file_merging_strategy: Annotated[
        Literal["merge", "merge_all", "same"],
        option("How top files of several environments are put together."),
    ] = "merge"
    default_top: Annotated[str, option("With same: the environment whose top file counts where one has none.")] = "base"
    env_order: Annotated[list[str], option("Environments that come first in top files, in their order.")] = []
    state_top_saltenv: Annotated[str | None, option("The only environment whose top file counts.")] = None
    lock_saltenv: Annotated[bool, option("Whether commands may not choose another environment of states.")] = False
    master_tops: Annotated[
        dict[str, Any],
        option("Plugins that name states for minions beside the top files, and their settings."),
    ] = {}
    master_tops_first: Annotated[bool, option("Whether states of master_tops come before those of the top files.")] = (
        False
    )
    state_auto_order: Annotated[bool, option("Whether states run in the order in which they stand.")] = True
    state_aggregate: Annotated[
        bool | list[str], option("Whether states that can be joined are; a list: those of these modules.")
    ] = False
    state_queue: Annotated[
        bool | int, option("Whether runs of states wait for one that goes on, instead of being refused.")
    ] = False
    state_max_parallel: Annotated[Count, option("How many states with parallel run at once; 0: no bound.")] = 0
    state_events: Annotated[bool, option("Whether the end of each state is told by an event.")] = False
    failhard: Annotated[bool, option("Whether a state that fails ends the run.")] = False
    disabled_requisites: Annotated[list[str], option("Requisites that are passed over, such as require.")] = []
    global_state_conditions: Annotated[
        dict[str, Any], option("Targets by state module (* for all): on other minions its states do nothing.")
    ] = {}
    backup_mode: Annotated[str, option("Where states name none: minion keeps files that are replaced.")] = ""

    # --- templates and renderers ---
    renderer: Annotated[str, option("Renderers of SLS files that name none.")] = "jinja|yaml"
    renderer_blacklist: Annotated[list[str], option("Renderers that files may not name.")] = []
    renderer_whitelist: Annotated[list[str], option("The only renderers that files may name, if set.")] = []
    jinja_env: Annotated[dict[str, Any], option("Settings of Jinja for templates of files.")] = {}
    jinja_sls_env: Annotated[dict[str, Any], option("Settings of Jinja for SLS files.")] = {}
    jinja_trim_blocks: Annotated[bool, option("Whether Jinja drops the line break behind a block.")] = False
    jinja_lstrip_blocks: Annotated[bool, option("Whether Jinja drops white space before a block.")] = False
    allow_undefined: Annotated[bool, option("Whether Jinja takes a name that is not there for an empty text.")] = False
    stateconf_end_marker: Annotated[
        str, option("Regular expression of the line up to which stateconf renders first; empty: Salt's.")
    ] = ""
    gpg_keydir: Annotated[str, option("Directory of GnuPG's keys; empty: gpgkeys beside the configuration.")] = ""
    gpg_decrypt_must_succeed: Annotated[bool, option("Whether a message that cannot be decrypted is an error.")] = True

    # --- plugins ---
    module_dirs: Annotated[list[Path], option("Directories of plugins that are searched before all others.")] = []
    outputter_dirs: Annotated[list[Path], option("Directories of outputters.")] = []
    render_dirs: Annotated[list[Path], option("Directories of renderers.")] = []
    returner_dirs: Annotated[list[Path], option("Directories of returners.")] = []
    states_dirs: Annotated[list[Path], option("Directories of state modules.")] = []
    utils_dirs: Annotated[list[Path], option("Directories of plugins of the kind utils.")] = []
    disable_returners: Annotated[list[str], option("Returners that are not loaded.")] = []
    extmod_whitelist: Annotated[
        dict[str, list[str] | str], option("By kind, the only plugins that are synchronised, if set.")
    ] = {}
    extmod_blacklist: Annotated[dict[str, list[str] | str], option("By kind, plugins that are not synchronised.")] = {}
    autoload_dynamic_modules: Annotated[bool, option("Whether a highstate synchronises plugins first.")] = True
    clean_dynamic_modules: Annotated[
        bool, option("Whether plugins are dropped that the file roots no longer have.")
    ] = True
    module_executors: Annotated[
        list[str], option("Executors of functions in their order: direct_call, splay, sudo, or own ones.")
    ] = msgspec.field(default_factory=lambda: ["direct_call"])
    splaytime: Annotated[Count, option("Seconds over which the executor splay spreads minions.")] = 300
    sudo_user: Annotated[str, option("The user as whom the executor sudo runs functions.")] = ""
    cmd_safe: Annotated[
        bool, option("Whether commands that other functions run get a shell only where they ask for one.")
    ] = True
    enable_fqdns_grains: Annotated[bool, option("Whether the grain fqdns is found out, which may take long.")] = False
    enable_gpu_grains: Annotated[bool, option("Whether the grains of graphics cards are found out.")] = True
    http_request_timeout: Annotated[Seconds, option("Seconds that a request of http.query may take.")] = 3600.0
    verify_ssl: Annotated[bool, option("Whether http.query checks certificates of servers.")] = True
    ca_bundle: Annotated[str, option("File of the authorities that http.query trusts; empty: the system's.")] = ""
    ca_bundle_url: Annotated[
        str, option("Where http.update_ca_bundle fetches authorities; empty: the list of curl's authors.")
    ] = ""
    auth_pam_service: Annotated[str, option("The service of PAM that logins are checked by.")] = msgspec.field(
        default="login", name="auth.pam.service"
    )
    vault: Annotated[dict[str, Any], option("Where Vault is and how to log in, for pillar and sdb.")] = {}
    venv_bin: Annotated[str, option("Program that makes virtual environments; empty: the one that there is.")] = ""

    # --- output ---
    output: Annotated[str, option("Outputter of commands where nothing else chooses one.")] = ""
    color: Annotated[bool, option("Whether output on a terminal is coloured.")] = True
    color_theme: Annotated[str, option("YAML file that gives names of colours other codes.")] = ""
    strip_colors: Annotated[bool, option("Whether control characters in results are taken out.")] = True
    state_output: Annotated[str, option("How much of each state is shown: full, terse, mixed, changes, filter.")] = (
        "full"
    )
    state_verbose: Annotated[bool, option("Whether states that changed nothing are shown.")] = True
    state_output_diff: Annotated[bool, option("Whether of states that changed nothing nothing is shown.")] = False
    state_output_profile: Annotated[bool, option("Whether start and duration of each state are shown.")] = True
    state_output_pct: Annotated[bool, option("Whether the summary tells percentages.")] = False
    state_output_exclude: Annotated[
        list[Any] | str | bool, option("With state_output filter: results that are not shown (True, False, None).")
    ] = False
    state_output_terse: Annotated[
        list[Any] | str | bool, option("With state_output filter: results that take one line.")
    ] = False
    state_tabular: Annotated[bool | str, option("Whether the lines of terse stand in columns.")] = False
    state_compress_ids: Annotated[bool, option("Whether states that share id and result are shown as one.")] = False
