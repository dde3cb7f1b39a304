"""SELinux: its mode, booleans and modules, the types of files and ports; by the programs of policycoreutils."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, SaltInvocationError, process
from saltern.plugin_api import selinux_policy as policy
from saltern.plugin_api.linux.files import read_text
from saltern.plugin_api.program import ask, ask_well
from saltern.plugin_api.whole_file import read_whole, write_whole

__salt__: Functions

_PROGRAMS = ("semanage", "setsebool", "semodule")
_CONFIG = "/etc/selinux/config"
_BOOLEAN = re.compile(r"(\S+)\s+\((\S+)\s*,\s*(\S+)\)\s+(.*)")
_CONTEXT = re.compile(r"(?P<filespec>.+?)\s{2,}(?P<filetype>\S.*?)\s{2,}(?P<context>\S+)\s*")


def __virtual__() -> bool | tuple[bool, str]:
    missing = next((name for name in _PROGRAMS if not process.find_program(name)), None)
    return (False, f"{missing} is not in the path") if missing else True


def selinux_fs_path() -> str | None:
    """Where SELinux's file system is mounted; None where the kernel has none.

    CLI Example::

        saltern run '*' selinux.selinux_fs_path
    """
    return next((path for path in ("/sys/fs/selinux", "/selinux") if Path(path, "enforce").is_file()), None)


def getenforce() -> str:
    """The mode SELinux runs in: `Enforcing`, `Permissive` or `Disabled`.

    CLI Example::

        saltern run '*' selinux.getenforce
    """
    place = selinux_fs_path()
    if place is None:
        return "Disabled"
    return "Permissive" if read_text(f"{place}/enforce") == "0" else "Enforcing"


def getconfig() -> str | None:
    """The mode that `/etc/selinux/config` sets for the next boot; None when it sets none.

    CLI Example::

        saltern run '*' selinux.getconfig
    """
    found = re.findall(r"^\s*SELINUX\s*=\s*(\S+)", read_whole(_CONFIG), re.MULTILINE)
    return found[-1].capitalize() if found else None


def setenforce(mode: Any) -> str:
    """Set the mode, now (where the kernel has SELinux) and for the next boot; the mode that holds then.

    `mode` is `Enforcing` or `Permissive`, or `Disabled`, which takes a boot.

    CLI Example::

        saltern run '*' selinux.setenforce enforcing
    """
    wanted = str(mode).lower() if isinstance(mode, str) else ""
    if wanted not in ("enforcing", "permissive", "disabled"):
        raise SaltInvocationError(f"Invalid mode {mode}")
    place = selinux_fs_path()
    if place is not None:
        try:
            Path(place, "enforce").write_text("1" if wanted == "enforcing" else "0")
        except OSError as error:
            raise CommandExecutionError(f"Unable to write {place}/enforce: {error.strerror}") from error
    _configure(wanted)
    return getenforce()


def getsebool(boolean: str) -> dict[str, str]:
    """State, default and description of a boolean; empty when there is none of that name.

    CLI Example::

        saltern run '*' selinux.getsebool virt_use_usb
    """
    return list_sebool().get(boolean, {})


def setsebool(boolean: str, value: Any, persist: bool = False) -> bool:
    """Set a boolean, with `persist` beyond the next boot; whether that was done.

    CLI Example::

        saltern run '*' selinux.setsebool virt_use_usb off
    """
    return setsebools({boolean: value}, persist)


def setsebools(pairs: Mapping[str, Any], persist: bool = False) -> bool:
    """Set several booleans at once; whether that was done.

    CLI Example::

        saltern run '*' selinux.setsebools '{virt_use_usb: on, squid_use_tproxy: off}'
    """
    if not isinstance(pairs, Mapping):
        raise SaltInvocationError("pairs must be a mapping of booleans to what they are set to")
    words = [f"{name}={_switch(value)}" for name, value in pairs.items()]
    return ask(["setsebool", *(["-P"] if persist else []), *words]).retcode == 0


def list_sebool() -> dict[str, dict[str, str]]:
    """All booleans with their `State`, `Default` and `Description`.

    CLI Example::

        saltern run '*' selinux.list_sebool
    """
    found = map(_BOOLEAN.fullmatch, ask_well(["semanage", "boolean", "--list"]).splitlines())
    return {row[1]: {"State": row[2], "Default": row[3], "Description": row[4].strip()} for row in found if row}


def getsemod(module: str) -> dict[str, Any]:
    """Whether a module of the policy is enabled, and its version; empty when there is none of that name.

    CLI Example::

        saltern run '*' selinux.getsemod mysql
    """
    return list_semod().get(module, {})


def setsemod(module: str, state: str) -> bool:
    """Enable or disable a module of the policy; whether that was done.

    CLI Example::

        saltern run '*' selinux.setsemod nagios Enabled
    """
    verb = {"enabled": "--enable", "disabled": "--disable"}.get(str(state).lower())
    if verb is None:
        raise SaltInvocationError(f"Invalid state {state}")
    return ask(["semodule", verb, module]).retcode == 0


def install_semod(module_path: str) -> bool:
    """Install a module of the policy from a file, also of the file server; whether that was done.

    CLI Example::

        saltern run '*' selinux.install_semod [salt://]path/to/module.pp
    """
    path = __salt__["cp.cache_file"](module_path) if module_path.startswith("salt://") else module_path
    return bool(path) and ask(["semodule", "--install", path]).retcode == 0


def remove_semod(module: str) -> bool:
    """Remove a module of the policy; whether that was done.

    CLI Example::

        saltern run '*' selinux.remove_semod module_name
    """
    return ask(["semodule", "--remove", module]).retcode == 0


def list_semod() -> dict[str, dict[str, Any]]:
    """All modules of the policy: whether they are `Enabled`, and their `Version`, which newer policies have none of.

    CLI Example::

        saltern run '*' selinux.list_semod
    """
    answer = ask(["semodule", "--list-modules=full"])
    if answer.retcode == 0:
        rows = [line.split() for line in answer.stdout.splitlines()]
        return {row[1]: {"Enabled": "disabled" not in row[2:], "Version": None} for row in rows if len(row) > 2}
    # semodule before 2.4 does not know the option.
    rows = [line.split() for line in ask_well(["semodule", "-l"]).splitlines()]
    return {row[0]: {"Enabled": "Disabled" not in row[2:], "Version": row[1]} for row in rows if len(row) > 1}


def filetype_id_to_string(filetype: str = "a") -> str:
    """The words for a letter that means a kind of files.

    CLI Example::

        saltern run '*' selinux.filetype_id_to_string f
    """
    return policy.file_type(filetype)


def fcontext_get_policy(
    name: str,
    filetype: str | None = None,
    sel_type: str | None = None,
    sel_user: str | None = None,
    sel_level: str | None = None,
) -> dict[str, str] | None:
    """The entry of the policy for files whose specification is `name`; None when there is none that fits.

    CLI Example::

        saltern run '*' selinux.fcontext_get_policy my-policy
    """
    wanted = {"sel_type": sel_type, "sel_user": sel_user, "sel_level": sel_level}
    if filetype:
        wanted["filetype"] = policy.file_type(filetype)
    for line in ask_well(["semanage", "fcontext", "--list"]).splitlines():
        entry = _file_entry(line)
        if entry.get("filespec") == name and all(not one or entry[key] == one for key, one in wanted.items()):
            return entry
    return None


def fcontext_add_policy(
    name: str,
    filetype: str | None = None,
    sel_type: str | None = None,
    sel_user: str | None = None,
    sel_level: str | None = None,
) -> dict[str, Any]:
    """Set the type of files in the policy, in place of an entry that is there; what semanage answered.

    CLI Example::

        saltern run '*' selinux.fcontext_add_policy my-policy
    """
    known = fcontext_get_policy(name, filetype) is not None
    return _fcontext("--modify" if known else "--add", name, filetype, sel_type, sel_user, sel_level)


def fcontext_delete_policy(
    name: str,
    filetype: str | None = None,
    sel_type: str | None = None,
    sel_user: str | None = None,
    sel_level: str | None = None,
) -> dict[str, Any]:
    """Remove an entry for files that was set on this machine; what semanage answered.

    CLI Example::

        saltern run '*' selinux.fcontext_delete_policy my-policy
    """
    return _fcontext("--delete", name, filetype, sel_type, sel_user, sel_level)


def fcontext_policy_is_applied(name: str, recursive: bool = False) -> str:
    """What restorecon would change at a path; empty when files there have the types of the policy.

    CLI Example::

        saltern run '*' selinux.fcontext_policy_is_applied my-policy
    """
    answer = _run(["restorecon", "-n", "-v", *(["-R"] if recursive else []), name])
    return str(answer["stdout"])


def fcontext_apply_policy(name: str, recursive: bool = False) -> dict[str, Any]:
    """Give the files at a path the types of the policy: what restorecon answered, with the `changes` that it told.

    CLI Example::

        saltern run '*' selinux.fcontext_apply_policy my-policy
    """
    wanted = fcontext_policy_is_applied(name, recursive)
    answer = _run(["restorecon", "-v", "-F", *(["-R"] if recursive else []), name])
    if answer["retcode"] == 0 and wanted:
        answer["changes"] = policy.relabelled(answer["stdout"])
        if not answer["changes"]:
            answer |= {"retcode": 1, "error": "Unrecognized response from restorecon command."}
    return answer


def port_get_policy(
    name: str, sel_type: str | None = None, protocol: str | None = None, port: Any = None
) -> dict[str, str] | None:
    """The type that a port has in the policy, with all ports of that type; None when it has none.

    CLI Example::

        saltern run '*' selinux.port_get_policy tcp/80
        saltern run '*' selinux.port_get_policy foobar protocol=tcp port=80
    """
    meant = policy.port_of(name, protocol, port)
    fitting = (row for row in policy.port_rows() if row.names(meant) and sel_type in (None, row.sel_type))
    found = next(fitting, None)
    return found.told() if found else None


def port_add_policy(
    name: str,
    sel_type: str | None = None,
    protocol: str | None = None,
    port: Any = None,
    sel_range: str | None = None,
) -> dict[str, Any]:
    """Give a port a type; what semanage answered.

    CLI Example::

        saltern run '*' selinux.port_add_policy tcp/8080 http_port_t
        saltern run '*' selinux.port_add_policy foobar http_port_t protocol=tcp port=8091
    """
    return _port("--add", policy.port_of(name, protocol, port), sel_type, sel_range)


def port_modify_policy(
    name: str,
    sel_type: str | None = None,
    protocol: str | None = None,
    port: Any = None,
    sel_range: str | None = None,
) -> dict[str, Any]:
    """Give a port that has a type another; what semanage answered.

    CLI Example::

        saltern run '*' selinux.port_modify_policy tcp/8080 http_port_t
        saltern run '*' selinux.port_modify_policy foobar http_port_t protocol=tcp port=8091
    """
    return _port("--modify", policy.port_of(name, protocol, port), sel_type, sel_range)


def port_delete_policy(name: str, protocol: str | None = None, port: Any = None) -> dict[str, Any]:
    """Remove the type of a port that was set on this machine; what semanage answered.

    CLI Example::

        saltern run '*' selinux.port_delete_policy tcp/8080
        saltern run '*' selinux.port_delete_policy foobar protocol=tcp port=8091
    """
    return _port("--delete", policy.port_of(name, protocol, port), None, None)


def _configure(mode: str) -> None:
    """Set the mode of the next boot, where there is a file for it."""
    text = read_whole(_CONFIG)
    changed, count = re.subn(r"^(\s*SELINUX\s*=).*$", rf"\g<1>{mode}", text, flags=re.MULTILINE)
    if not text:
        return
    if not count:
        changed = f"{text.rstrip()}\nSELINUX={mode}\n"
    if changed != text:
        write_whole(_CONFIG, changed)


def _switch(value: Any) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _file_entry(line: str) -> dict[str, str]:
    found = _CONTEXT.fullmatch(line)
    if found is None or found["filetype"] not in policy.FILE_TYPES.values():
        return {}
    parts = found["context"].split(":", 3)
    if len(parts) < 3:
        return {}
    entry = dict(zip(policy.CONTEXT_PARTS, [*parts, ""], strict=False))
    return {"filespec": found["filespec"], "filetype": found["filetype"], **entry}


def _fcontext(
    verb: str, name: str, filetype: str | None, sel_type: str | None, sel_user: str | None, sel_level: str | None
) -> dict[str, Any]:
    options = {"--ftype": filetype, "--type": sel_type, "--range": sel_level, "--seuser": sel_user}
    if filetype:
        policy.file_type(filetype)
    return _run(["semanage", "fcontext", verb, *_given(options), name])


def _port(verb: str, port: policy.Port, sel_type: str | None, sel_range: str | None) -> dict[str, Any]:
    options = {"--proto": port.protocol, "--type": sel_type, "--range": sel_range}
    return _run(["semanage", "port", verb, *_given(options), port.number])


def _given(options: Mapping[str, str | None]) -> list[str]:
    return [word for option, value in options.items() if value for word in (option, str(value))]


def _run(argv: list[str]) -> dict[str, Any]:
    done: dict[str, Any] = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=True)
    return done
