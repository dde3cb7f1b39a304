"""Sends each return as a mail.

Options: `smtp.from`, `smtp.to` (a list, or names joined by commas), `smtp.host`, `smtp.port` (25, with `smtp.ssl` 465),
`smtp.username`, `smtp.password`, `smtp.tls` (False: STARTTLS), `smtp.ssl` (False: TLS from the start), `smtp.subject`,
`smtp.fields` (fields of the return that follow in the subject, `id,fun`), `smtp.template` (a template of the file roots
or a path, which is rendered with the names of the return) and `smtp.renderer` (jinja).
"""

from __future__ import annotations

from saltern.plugin_api import Functions, Opts, Rendering
from saltern.plugin_api.mail import Mail, MailServer
from saltern.plugin_api.return_text import message_of
from saltern.plugin_api.returner_options import require, returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions
__opts__: Opts
__rendering__: Rendering | None

__virtualname__ = "smtp"

_DEFAULTS = {
    "from": "",
    "to": "",
    "host": "",
    "port": 0,
    "username": "",
    "password": "",
    "tls": False,
    "ssl": False,
    "subject": "Salt return",
    "fields": "id,fun",
    "template": "",
    "renderer": "jinja",
}


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Send one return."""
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    require("smtp", options, ("from", "to", "host"))
    names = options["fields"]
    fields = [name.strip() for name in (names.split(",") if isinstance(names, str) else names)]
    subject = " ".join([str(options["subject"]), *(str(ret[name]) for name in fields if name in ret)])
    mail = Mail(str(options["from"]), options["to"], subject, _text(ret, options))
    server = MailServer(
        host=str(options["host"]),
        port=int(options["port"]),
        username=str(options["username"]),
        password=str(options["password"]),
        starttls=bool(options["tls"]),
        tls=bool(options["ssl"]),
    )
    server.send(mail)


def _text(ret: dict[str, Any], options: dict[str, Any]) -> str:
    template = str(options["template"])
    if not template:
        return message_of(ret)
    if "://" in template:
        template = __salt__["cp.cache_file"](template) or template
    rendered = __salt__["slsutil.renderer"](path=template, default_renderer=str(options["renderer"]), **ret)
    return str(rendered)
