"""The web server Apache: its version, modules and virtual hosts, what is enabled on Debian, and its configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, process

__salt__: Functions

_CONTROLS = ("apache2ctl", "apachectl", "httpd")
_FOLDER = "/etc/apache2"
_STATUS = "http://localhost/server-status"
_WAIT_SECONDS = 5


def version() -> str:
    """The version of the server.

    CLI Example::

        saltern run '*' apache.version
    """
    return _control("-v").partition("\n")[0].removeprefix("Server version: ")


def fullversion() -> dict[str, Any]:
    """The version of the server, and how it was built.

    CLI Example::

        saltern run '*' apache.fullversion
    """
    found: dict[str, Any] = {"compiled_with": []}
    for line in _control("-V").splitlines():
        name, mark, value = line.partition(": ")
        if line.startswith(" -D "):
            found["compiled_with"].append(line.removeprefix(" -D ").strip())
        elif mark:
            found[name.strip().lower().replace(" ", "_")] = value.strip()
    return found


def modules() -> dict[str, list[str]]:
    """The loaded modules, those within the server and those that are shared.

    CLI Example::

        saltern run '*' apache.modules
    """
    found: dict[str, list[str]] = {"static": [], "shared": []}
    for line in _control("-M").splitlines():
        for kind in found:
            if line.endswith(f" ({kind})"):
                found[kind].append(line.split()[0])
    return found


def servermods() -> list[str]:
    """The modules that the server was built with.

    CLI Example::

        saltern run '*' apache.servermods
    """
    return [line.strip() for line in _control("-l").splitlines() if line.strip().endswith(".c")]


def directives() -> dict[str, str]:
    """The directives that the server knows, each with the file of its module.

    CLI Example::

        saltern run '*' apache.directives
    """
    lines = (line.split(None, 1) for line in _control("-L").splitlines() if line[:1].strip() or "(" in line)
    return {words[0]: words[1].strip("()") for words in lines if len(words) == 2 and words[1].startswith("(")}


def vhosts() -> dict[str, Any]:
    """The virtual hosts by address, each with its names and the place in the configuration.

    CLI Example::

        saltern run '*' apache.vhosts
    """
    found: dict[str, Any] = {}
    address = ""
    for line in _control("-S").splitlines():
        words = line.split()
        if line[:1] not in (" ", "\t") and len(words) >= 2 and ":" in words[0] and "(" in line:
            found.setdefault(words[0], {})[words[1]] = line[line.index("(") + 1 :].rstrip(")")
        elif line[:1] not in (" ", "\t") and words and words[-1] == "NameVirtualHost":
            address = words[0]
        elif words[:1] == ["port"] and address and "namevhost" in words:
            name = words[words.index("namevhost") + 1]
            found.setdefault(address, {})[name] = line[line.index("(") + 1 :].rstrip(")")
    return found


def signal(signal: str | None = None) -> str:
    """Tell the server to `start`, `stop`, `restart` or `graceful`; what it says.

    CLI Example::

        saltern run '*' apache.signal restart
    """
    known = ("start", "stop", "restart", "graceful", "graceful-stop", "configtest", "status", "fullstatus")
    if signal not in known:
        raise CommandExecutionError(f"{signal} is none of {', '.join(known)}")
    done = _run([_program(), "-k" if _program().endswith("httpd") else "", signal])
    said = f"{done['stdout']}\n{done['stderr']}".strip()
    return said or f'Command: "{signal}" completed successfully!'


def server_status(profile: str = "default") -> dict[str, Any]:
    """What the page of the server's mod_status tells: the names are the server's, and what is a number is one.

    A profile is what `apache.server-status` has under its name in the configuration, grains or pillar: `url`, with
    `user`, `pass` and perhaps `realm` for a page with a password, and `timeout` in seconds.

    CLI Example::

        saltern run '*' apache.server_status
        saltern run '*' apache.server_status other-profile
    """
    known = __salt__["config.get"](f"apache.server-status:{profile}")
    if not known and profile != "default":
        raise CommandExecutionError(f"There is no apache.server-status:{profile} in configuration, grains or pillar")
    options = known or {}
    url = str(options.get("url") or _STATUS)
    lines = (line.partition(": ") for line in _page(f"{url}?auto", options).splitlines())
    found = {name: _numbered(value.strip()) for name, colon, value in lines if colon}
    if "Scoreboard" not in found:
        raise CommandExecutionError(f"{url} is no page of mod_status")
    return found


def useradd(pwfile: str, user: str, password: str, opts: str = "") -> dict[str, Any]:
    """Add a user to a file of passwords; see `webutil.useradd`.

    CLI Example::

        saltern run '*' apache.useradd /etc/httpd/htpasswd larry badpassword
    """
    done: dict[str, Any] = __salt__["webutil.useradd"](pwfile, user, password, opts)
    return done


def userdel(pwfile: str, user: str) -> Any:
    """Take a user out of a file of passwords.

    CLI Example::

        saltern run '*' apache.userdel /etc/httpd/htpasswd larry
    """
    return __salt__["webutil.userdel"](pwfile, user)


def config(name: str, config: Any, edit: bool = True) -> str:
    """Write a configuration, given as data, to a file, or without `edit` only show it.

    CLI Example::

        saltern run '*' apache.config /etc/apache2/ports.conf config="[{'Listen': '22'}]"
    """
    from saltern.plugin_api import apache_text
    from saltern.plugin_api.whole_file import write_whole

    text = "".join(apache_text.render(one) for one in (config if isinstance(config, list) else [config]))
    if edit:
        write_whole(name, text)
    return text


# --- Debian's sites, modules and pieces of configuration --------------------------------------------------------------


def check_site_enabled(site: str) -> bool:
    """Whether a site is enabled.

    CLI Example::

        saltern run '*' apache.check_site_enabled example.com
    """
    return _is_enabled("sites", site) or (site == "default" and _is_enabled("sites", "000-default"))


def check_mod_enabled(mod: str) -> bool:
    """Whether a module is enabled: `status`, or one of its files, `status.load`.

    CLI Example::

        saltern run '*' apache.check_mod_enabled status
    """
    if mod.endswith((".load", ".conf")):
        return os.path.islink(f"{_FOLDER}/mods-enabled/{mod}")
    return os.path.islink(f"{_FOLDER}/mods-enabled/{mod}.load")


def check_conf_enabled(conf: str) -> bool:
    """Whether a piece of configuration is enabled.

    CLI Example::

        saltern run '*' apache.check_conf_enabled security
    """
    return _is_enabled("conf", conf)


def a2ensite(site: str) -> dict[str, Any]:
    """Enable a site.

    CLI Example::

        saltern run '*' apache.a2ensite example.com
    """
    return _switched("a2ensite", "Site", site, "enabled")


def a2dissite(site: str) -> dict[str, Any]:
    """Disable a site.

    CLI Example::

        saltern run '*' apache.a2dissite example.com
    """
    return _switched("a2dissite", "Site", site, "disabled")


def a2enmod(mod: str) -> dict[str, Any]:
    """Enable a module.

    CLI Example::

        saltern run '*' apache.a2enmod vhost_alias
    """
    return _switched("a2enmod", "Mod", mod, "enabled")


def a2dismod(mod: str) -> dict[str, Any]:
    """Disable a module.

    CLI Example::

        saltern run '*' apache.a2dismod vhost_alias
    """
    return _switched("a2dismod", "Mod", mod, "disabled")


def a2enconf(conf: str) -> dict[str, Any]:
    """Enable a piece of configuration.

    CLI Example::

        saltern run '*' apache.a2enconf security
    """
    return _switched("a2enconf", "Conf", conf, "enabled")


def a2disconf(conf: str) -> dict[str, Any]:
    """Disable a piece of configuration.

    CLI Example::

        saltern run '*' apache.a2disconf security
    """
    return _switched("a2disconf", "Conf", conf, "disabled")


def _is_enabled(kind: str, name: str) -> bool:
    file = name if name.endswith(".conf") else f"{name}.conf"
    return os.path.islink(f"{_FOLDER}/{kind}-enabled/{file}")


def _switched(program: str, what: str, name: str, verb: str) -> dict[str, Any]:
    """What Debian's program did: the command, what was enabled or disabled, and the status in words."""
    found = process.find_program(program)
    if found is None:
        raise CommandExecutionError(f"The program {program} is not installed; it is Debian's")
    done = _run([found, name.removesuffix(".conf")])
    answer: dict[str, Any] = {"Name": f"Apache2 {'Enable' if verb == 'enabled' else 'Disable'} {what}", what: name}
    if done["retcode"] == 1:
        answer["Status"] = f"{what} {name} Not found"
    elif done["retcode"] == 0:
        answer["Status"] = f"{what} {name} {verb}"
    else:
        answer["Status"] = done["retcode"]
    return answer


def _program() -> str:
    found = next((path for name in _CONTROLS if (path := process.find_program(name))), None)
    if found is None:
        raise CommandExecutionError("Apache is not installed: none of " + ", ".join(_CONTROLS))
    return found


def _control(option: str) -> str:
    done = _run([_program(), option])
    if done["retcode"]:
        raise CommandExecutionError(f"{_program()} {option}: {done['stderr'] or done['stdout']}")
    return str(done["stdout"])


def _run(words: list[str]) -> dict[str, Any]:
    done: dict[str, Any] = __salt__["cmd.run_all"](
        [word for word in words if word], python_shell=False, ignore_retcode=True
    )
    return done


def _page(url: str, options: Mapping[str, Any]) -> str:
    """A page of a web server, with the password that the server asks for, in either of the two ways."""
    import http.client
    import urllib.error
    import urllib.request

    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    if options.get("user"):
        realm = options.get("realm") or None
        passwords.add_password(realm, url, str(options["user"]), str(options.get("pass") or ""))
    ways = (urllib.request.HTTPBasicAuthHandler(passwords), urllib.request.HTTPDigestAuthHandler(passwords))
    try:
        with urllib.request.build_opener(*ways).open(
            url, timeout=float(options.get("timeout") or _WAIT_SECONDS)
        ) as answer:
            return str(answer.read().decode(errors="replace"))
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise CommandExecutionError(f"{url} does not answer: {error}") from error


def _numbered(text: str) -> Any:
    """A number where a text is one, as the server writes them: `7`, `.05`, `1.2e-05`."""
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d*\.\d+(e[-+]?\d+)?", text) else text
