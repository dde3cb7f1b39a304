"""Reports of highstates and other runs of states, as HTML, JSON, YAML or text, in a file or by mail.

Only returns of states are reported, and of them, unless `highstate.report_everything` is set, those that failed
(`highstate.report_failures`, True) or changed something (`highstate.report_changes`, True).

Options: `highstate.report_format` (yaml, json, html, text), `highstate.report_delivery` (file, smtp),
`highstate.file_output` (a path with the fields of the return, `/var/log/saltern/{id}-{jid}`, say),
`highstate.smtp_success_subject`, `highstate.smtp_failure_subject` (fields alike), `highstate.smtp_server` (a host, or
host and port), `highstate.smtp_recipients`, `highstate.smtp_sender`, `highstate.smtp_username`,
`highstate.smtp_password`, `highstate.smtp_tls`.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.indented import tree
from saltern.plugin_api.job_loads import function_text, to_json
from saltern.plugin_api.mail import Mail, MailServer
from saltern.plugin_api.return_text import is_highstate, succeeded
from saltern.plugin_api.returner_options import require, returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "highstate"

_DEFAULTS = {
    "report_everything": False,
    "report_changes": True,
    "report_failures": True,
    "report_format": "yaml",
    "report_delivery": "file",
    "file_output": "/tmp/test.rpt",
    "smtp_success_subject": "Success for {id}",
    "smtp_failure_subject": "FAILURE for {id}",
    "smtp_server": "",
    "smtp_recipients": "",
    "smtp_sender": "",
    "smtp_username": "",
    "smtp_password": "",
    "smtp_tls": False,
}
_STYLE = (
    "body{font-family:sans-serif}table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:4px 8px;"
    "text-align:left;vertical-align:top}.failed{background:#f8d0d0}.changed{background:#d8e8f8}pre{margin:0}"
)


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Report one return, if it is to be reported."""
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    value = ret.get("return")
    if not is_highstate(value):
        # What a compiler says instead of states is a failure too.
        if not (isinstance(value, list) and function_text(ret).startswith("state.") and options["report_failures"]):
            return
        states: dict[str, Any] = {}
    else:
        states = value if options["report_everything"] else _reported(value, options)
        if not states and not options["report_everything"]:
            return
    report = _report(ret, states)
    text = _WRITERS[_format(options)](report)
    if options["report_delivery"] == "smtp":
        _mail(ret, options, text)
    else:
        _write(Path(str(options["file_output"]).format(**_named(ret))), text)


def _reported(states: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: state
        for key, state in states.items()
        if (options["report_failures"] and state["result"] is False)
        or (options["report_changes"] and bool(state.get("changes")))
    }


def _report(ret: Mapping[str, Any], states: Mapping[str, Any]) -> dict[str, Any]:
    """The report as data: what the job was, numbers, and each state in the order in which it ran."""
    value = ret.get("return")
    whole = value if is_highstate(value) else {}
    report: dict[str, Any] = {
        "job": {
            "id": ret["id"], "jid": ret["jid"], "fun": function_text(ret), "fun_args": ret.get("fun_args", []),
            "success": succeeded(ret),
        },
        "stats": {
            "total": len(whole),
            "failed": sum(state["result"] is False for state in whole.values()),
            "changed": sum(bool(state.get("changes")) for state in whole.values()),
            "duration": round(sum(_milliseconds(state) for state in whole.values()), 3),
        },
        "states": [
            {
                "id": state.get("__id__", key), "name": state.get("name"), "function": _function(key),
                "sls": state.get("__sls__"), "result": state["result"], "comment": state.get("comment"),
                "changes": state.get("changes"), "duration": _milliseconds(state),
            }
            for key, state in sorted(states.items(), key=lambda each: each[1].get("__run_num__", 0))
        ],
    }  # fmt: skip
    return report if whole else {**report, "errors": value}


def _function(key: str) -> str:
    parts = key.split("_|-")
    return f"{parts[0]}.{parts[-1]}"


def _milliseconds(state: Mapping[str, Any]) -> float:
    duration = state.get("duration", 0)
    return float(duration) if isinstance(duration, int | float) else 0.0


def _format(options: Mapping[str, Any]) -> str:
    name = str(options["report_format"])
    if name not in _WRITERS:
        raise CommandExecutionError(
            f"The returner highstate knows no format '{name}'; there are {', '.join(_WRITERS)}."
        )
    return name


def _as_json(report: Mapping[str, Any]) -> str:
    return json.dumps(json.loads(to_json(report)), indent=4) + "\n"


def _as_yaml(report: Mapping[str, Any]) -> str:
    import yaml

    return str(yaml.safe_dump(json.loads(to_json(report)), default_flow_style=False, sort_keys=False))


def _as_html(report: Mapping[str, Any]) -> str:
    job, stats = report["job"], report["stats"]
    title = escape(f"{job['fun']} on {job['id']}")
    numbers = "".join(f"<tr><th>{escape(name)}</th><td>{escape(str(stats[name]))}</td></tr>" for name in stats)
    heads = "".join(f"<th>{name}</th>" for name in ("state", "function", "result", "comment", "changes", "ms"))
    rows = "".join(_html_row(state) for state in report["states"])
    errors = "".join(f"<pre>{escape(str(each))}</pre>" for each in report.get("errors") or [])
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head><body>'
        f"<h1>{title}</h1><p>jid {escape(str(job['jid']))}</p><table>{numbers}</table>{errors}"
        f"<h2>States</h2><table><tr>{heads}</tr>{rows}</table></body></html>\n"
    )


def _html_row(state: Mapping[str, Any]) -> str:
    kind = "failed" if state["result"] is False else "changed" if state["changes"] else ""
    changes = f"<pre>{escape(tree(state['changes']))}</pre>" if state["changes"] else ""
    cells = (state["id"], state["function"], state["result"], state["comment"])
    shown = "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
    return f'<tr class="{kind}">{shown}<td>{changes}</td><td>{state["duration"]}</td></tr>'


def _as_text(report: Mapping[str, Any]) -> str:
    return f"{tree(report)}\n"


_WRITERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "yaml": _as_yaml,
    "json": _as_json,
    "html": _as_html,
    "text": _as_text,
}


def _named(ret: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a return that a path may hold, without what would lead out of its directory."""
    return {name: str(ret.get(name, "")).replace("/", "_") for name in ("id", "jid")} | {"fun": function_text(ret)}


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandExecutionError(f"The returner highstate cannot write {path}: {error.strerror}") from error


def _mail(ret: Mapping[str, Any], options: Mapping[str, Any], text: str) -> None:
    require("highstate", options, ("smtp_server", "smtp_recipients", "smtp_sender"))
    well = "smtp_success_subject" if succeeded(ret) else "smtp_failure_subject"
    host, _, port = str(options["smtp_server"]).partition(":")
    server = MailServer(
        host,
        int(port or 0),
        str(options["smtp_username"]),
        str(options["smtp_password"]),
        starttls=bool(options["smtp_tls"]),
    )
    html = options["report_format"] == "html"
    subject = str(options[well]).format(**_named(ret))
    server.send(Mail(str(options["smtp_sender"]), options["smtp_recipients"], subject, text, html=html))
