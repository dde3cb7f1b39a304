"""Pillar from the keys of Consul below a root: `consul.host`, `port`, `scheme`, `token`, `dc`."""

from __future__ import annotations

from saltern.plugin_api import CommandExecutionError, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts

__virtualname__ = "consul"


def __virtual__() -> str:
    return __virtualname__


def ext_pillar(minion_id: str, pillar: dict[str, Any], conf: str) -> dict[str, Any]:
    """The tree below `root`, its values read as YAML: `- consul: PROFILE root=salt/%(minion_id)s pillar_root=a/b`."""
    import base64
    from urllib.parse import quote, urlencode

    from saltern.plugin_api.json_service import Service
    from saltern.plugin_api.named_words import options_of, put, words_of
    from saltern.plugin_api.yaml.load import load_yaml

    profile, words = words_of(conf, minion_id)
    options = options_of(__opts__, profile, "consul")
    root = words.get("root", "").strip("/")
    url = f"{options.get('scheme', 'http')}://{options.get('host', '127.0.0.1')}:{options.get('port', 8500)}"
    headers = {"X-Consul-Token": str(options["token"])} if options.get("token") else {}
    asked = {"recurse": "true"} | ({"dc": str(options["dc"])} if options.get("dc") else {})
    service = Service(url, headers, verify=options.get("verify", True))
    answer = service.ask("GET", f"v1/kv/{quote(root)}?{urlencode(asked)}")
    if answer.status == 404:
        return {}
    if not answer.good:
        raise CommandExecutionError(f"Consul did not tell {root}: {answer.status} {answer.data}")
    found: dict[str, Any] = {}
    for entry in answer.data:
        path = str(entry["Key"]).removeprefix(root).strip("/")
        if path and not str(entry["Key"]).endswith("/"):
            text = base64.b64decode(entry.get("Value") or "").decode()
            put(found, f"{words.get('pillar_root', '')}/{path}", load_yaml(text))
    return found
