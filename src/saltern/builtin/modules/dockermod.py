"""Docker: containers, images, networks and volumes of the engine on this host, by the Python package docker.

Where the engine is, the option `docker.url` says (`unix:///run/docker.sock`), or else the variable `DOCKER_HOST`.
"""

from __future__ import annotations

import time
from typing import Any

from saltern.plugin_api import CommandExecutionError, Context, Functions, Opts, SaltInvocationError
from saltern.plugin_api.docker_engine import compare, options
from saltern.plugin_api.docker_engine.connection import asked, client, is_available

__virtualname__ = "docker"

__salt__: Functions
__opts__: Opts
__context__: Context

__func_alias__ = {"ps_": "ps", "rm_": "rm", "signal_": "kill", "start_": "start", "logs_": "logs"}


def __virtual__() -> str | tuple[bool, str]:
    if is_available():
        return __virtualname__
    return False, "The Python package docker is not installed"


# --- what there is ----------------------------------------------------------------------------------------------------


def version() -> dict[str, Any]:
    """The version of the engine.

    CLI Example::

        saltern run '*' docker.version
    """
    return dict(_ask(lambda engine: engine.version(), "ask the version"))


def info() -> dict[str, Any]:
    """What the engine tells of itself.

    CLI Example::

        saltern run '*' docker.info
    """
    return dict(_ask(lambda engine: engine.info(), "ask the engine"))


def ps_(filters: dict[str, Any] | None = None, all: bool = False, host: bool = False, verbose: bool = False) -> Any:
    """The containers by their ids: those that run, or with `all` each. With `verbose` each is inspected.

    CLI Example::

        saltern run '*' docker.ps all=True
    """
    found = _ask(lambda engine: engine.containers(all=all, filters=filters or {}), "list containers")
    by_id = {one["Id"]: {key: value for key, value in one.items() if key != "Id"} for one in found}
    if verbose:
        for one, held in by_id.items():
            held["Info"] = inspect_container(one)
    return by_id


def list_containers(all: bool = True) -> list[str]:
    """The names of the containers.

    CLI Example::

        saltern run '*' docker.list_containers
    """
    return sorted(name.lstrip("/") for one in ps_(all=all).values() for name in one.get("Names") or ())


def exists(name: str) -> bool:
    """Whether there is a container of a name or id.

    CLI Example::

        saltern run '*' docker.exists mycontainer
    """
    return _inspected("container", name) is not None


def state(name: str) -> str:
    """The state of a container: `running`, `paused` or `stopped`.

    CLI Example::

        saltern run '*' docker.state mycontainer
    """
    return _state_of(inspect_container(name))


def inspect_container(name: str, size: bool = False) -> dict[str, Any]:
    """All that the engine knows of a container.

    CLI Example::

        saltern run '*' docker.inspect_container mycontainer
    """
    return _known("container", name)


def inspect_image(name: str) -> dict[str, Any]:
    """All that the engine knows of an image.

    CLI Example::

        saltern run '*' docker.inspect_image busybox
    """
    return _known("image", name)


def inspect_network(network_id: str) -> dict[str, Any]:
    """All that the engine knows of a network.

    CLI Example::

        saltern run '*' docker.inspect_network mynet
    """
    return _known("network", network_id)


def inspect_volume(name: str) -> dict[str, Any]:
    """All that the engine knows of a volume.

    CLI Example::

        saltern run '*' docker.inspect_volume data
    """
    return _known("volume", name)


def images(verbose: bool = False, all: bool = False) -> dict[str, Any]:
    """The images by their ids.

    CLI Example::

        saltern run '*' docker.images
    """
    found = _ask(lambda engine: engine.images(all=all), "list images")
    by_id = {one["Id"]: {key: value for key, value in one.items() if key != "Id"} for one in found}
    if verbose:
        for one, held in by_id.items():
            held["Info"] = inspect_image(one)
    return by_id


def list_tags() -> list[str]:
    """The names and tags of all images.

    CLI Example::

        saltern run '*' docker.list_tags
    """
    return sorted(tag for one in images().values() for tag in one.get("RepoTags") or () if tag != "<none>:<none>")


def resolve_image_id(name: str) -> str | bool:
    """The id of an image; False where it is not there.

    CLI Example::

        saltern run '*' docker.resolve_image_id busybox
    """
    found = _inspected("image", name)
    return str(found["Id"]) if found else False


def networks(names: Any = None, ids: Any = None) -> list[dict[str, Any]]:
    """The networks.

    CLI Example::

        saltern run '*' docker.networks
    """
    return list(
        _ask(lambda engine: engine.networks(names=_list(names) or None, ids=_list(ids) or None), "list networks")
    )


def volumes(filters: dict[str, Any] | None = None) -> dict[str, Any]:
    """The volumes.

    CLI Example::

        saltern run '*' docker.volumes
    """
    return dict(_ask(lambda engine: engine.volumes(filters=filters), "list volumes"))


def logs_(name: str, tail: Any = "all", timestamps: bool = False) -> str:
    """What a container has printed.

    CLI Example::

        saltern run '*' docker.logs mycontainer tail=100
    """
    said = _ask(lambda engine: engine.logs(name, tail=tail, timestamps=timestamps), f"read the logs of {name}")
    return str(said.decode("utf-8", "replace"))


# --- containers -------------------------------------------------------------------------------------------------------


def create(
    image: str, name: str | None = None, start: bool = False, skip_translate: Any = None, **kwargs: Any
) -> dict[str, Any]:
    """Make a container of an image, which must be there. Options are as for `docker run` (`port_bindings`, `binds`, …).

    CLI Example::

        saltern run '*' docker.create myuser/mycontainer name=web port_bindings=8080:80
    """
    begun = time.monotonic()
    container, host = options.split({key: value for key, value in kwargs.items() if not key.startswith("__")})
    engine = _engine()
    made = asked(
        lambda: engine.create_container(image, name=name, host_config=engine.create_host_config(**host), **container),
        f"create a container of {image}",
    )
    answer = {**made, "Name": name or inspect_container(made["Id"])["Name"].lstrip("/")}
    answer["Time_Elapsed"] = time.monotonic() - begun
    if start:
        answer["Started"] = start_(str(answer["Name"]))["result"]
    return answer


def start_(name: str) -> dict[str, Any]:
    """Start a container.

    CLI Example::

        saltern run '*' docker.start mycontainer
    """
    return _moved(name, "running", lambda engine: engine.start(name), "start")


def stop(name: str, timeout: int | None = None, **kwargs: Any) -> dict[str, Any]:
    """Stop a container; after `timeout` seconds it is killed.

    CLI Example::

        saltern run '*' docker.stop mycontainer timeout=20
    """
    if state(name) == "paused":
        unpause(name)
    return _moved(name, "stopped", lambda engine: engine.stop(name, timeout=timeout), "stop")


def restart(name: str, timeout: int = 10) -> dict[str, Any]:
    """Stop a container and start it again.

    CLI Example::

        saltern run '*' docker.restart mycontainer
    """
    before = state(name)
    _ask(lambda engine: engine.restart(name, timeout=timeout), f"restart {name}")
    after = state(name)
    return {"result": after == "running", "restarted": True, "state": {"old": before, "new": after}}


def pause(name: str) -> dict[str, Any]:
    """Hold a container up.

    CLI Example::

        saltern run '*' docker.pause mycontainer
    """
    return _moved(name, "paused", lambda engine: engine.pause(name), "pause")


def unpause(name: str) -> dict[str, Any]:
    """Let a container that was held up go on.

    CLI Example::

        saltern run '*' docker.unpause mycontainer
    """
    return _moved(name, "running", lambda engine: engine.unpause(name), "unpause")


def signal_(name: str, signal: Any = "SIGKILL") -> bool:
    """Send a signal to a container.

    CLI Example::

        saltern run '*' docker.kill mycontainer signal=SIGHUP
    """
    _ask(lambda engine: engine.kill(name, signal=signal), f"send {signal} to {name}")
    return True


def rm_(name: str, force: bool = False, volumes: bool = False, stop: bool = False, timeout: int | None = None) -> Any:
    """Remove a container; one that runs only with `force`, or with `stop`, which stops it before.

    CLI Example::

        saltern run '*' docker.rm mycontainer stop=True
    """
    if stop and state(name) != "stopped":
        globals()["stop"](name, timeout)
    container = inspect_container(name)
    if _state_of(container) != "stopped" and not force:
        raise CommandExecutionError(f"Container '{name}' is running, use force=True to forcibly remove this container")
    _ask(lambda engine: engine.remove_container(container["Id"], v=volumes, force=force), f"remove {name}")
    return [container["Id"]]


def rename(name: str, new_name: str) -> bool:
    """Give a container another name.

    CLI Example::

        saltern run '*' docker.rename foo bar
    """
    container = inspect_container(name)["Id"]
    _ask(lambda engine: engine.rename(container, new_name), f"rename {name}")
    return bool(inspect_container(new_name)["Id"] == container)


def wait(name: str, ignore_already_stopped: bool = False, fail_on_exit_status: bool = False) -> dict[str, Any]:
    """Wait until a container has stopped; its exit status.

    CLI Example::

        saltern run '*' docker.wait mycontainer
    """
    before = state(name)
    if before == "stopped" and not ignore_already_stopped:
        return {"result": False, "comment": f"Container '{name}' already stopped"}
    status = _ask(lambda engine: engine.wait(name), f"wait for {name}")["StatusCode"]
    after = state(name)
    good = after == "stopped" and not (fail_on_exit_status and status)
    return {"result": good, "state": {"old": before, "new": after}, "exit_status": status}


def compare_containers(first: str, second: str, ignore: Any = None) -> dict[str, Any]:
    """What differs between the configurations of two containers.

    CLI Example::

        saltern run '*' docker.compare_containers foo bar
    """
    return compare.containers(inspect_container(first), inspect_container(second), set(_list(ignore)))


def run_all(name: str, cmd: Any, user: str | None = None, **kwargs: Any) -> dict[str, Any]:
    """Run a command in a container: `retcode`, `stdout`, `stderr`.

    CLI Example::

        saltern run '*' docker.run_all mycontainer 'ls -l /etc'
    """
    engine = _engine()
    made = asked(lambda: engine.exec_create(name, cmd, user=user or ""), f"run a command in {name}")
    out, error = asked(lambda: engine.exec_start(made["Id"], demux=True), f"run a command in {name}")
    status = asked(lambda: engine.exec_inspect(made["Id"]), f"run a command in {name}")
    return {
        "pid": status.get("Pid"),
        "retcode": status.get("ExitCode"),
        "stdout": (out or b"").decode("utf-8", "replace").rstrip("\n"),
        "stderr": (error or b"").decode("utf-8", "replace").rstrip("\n"),
    }


def run(name: str, cmd: Any, user: str | None = None, **kwargs: Any) -> str:
    """Run a command in a container; what it prints.

    CLI Example::

        saltern run '*' docker.run mycontainer 'ls -l /etc'
    """
    done = run_all(name, cmd, user)
    return "\n".join(filter(None, (done["stdout"], done["stderr"])))


def retcode(name: str, cmd: Any, user: str | None = None, **kwargs: Any) -> int:
    """Run a command in a container; its exit status.

    CLI Example::

        saltern run '*' docker.retcode mycontainer 'test -d /etc'
    """
    return int(run_all(name, cmd, user)["retcode"])


# --- images -----------------------------------------------------------------------------------------------------------


def pull(image: str, insecure_registry: bool = False, api_response: bool = False, client_timeout: int = 60) -> Any:
    """Fetch an image from its registry.

    CLI Example::

        saltern run '*' docker.pull busybox:latest
    """
    begun = time.monotonic()
    name, _, tag = image.rpartition(":") if ":" in image.rpartition("/")[2] else (image, "", "latest")
    lines = list(_ask(lambda engine: list(engine.pull(name, tag=tag, stream=True, decode=True)), f"pull {image}"))
    failed = [str(line["error"]) for line in lines if "error" in line]
    if failed:
        raise CommandExecutionError(f"Unable to pull {image}: {failed[0]}")
    layers: dict[str, list[str]] = {}
    for line in lines:
        if line.get("status") == "Already exists":
            layers.setdefault("Already_Pulled", []).append(line["id"])
        elif line.get("status") == "Pull complete":
            layers.setdefault("Pulled", []).append(line["id"])
    status = [str(line["status"]) for line in lines if str(line.get("status", "")).startswith("Status: ")]
    answer: dict[str, Any] = {"Layers": layers} if layers else {}
    if status:
        answer["Status"] = status[-1].removeprefix("Status: ")
    answer["Time_Elapsed"] = time.monotonic() - begun
    return {**answer, "API_Response": lines} if api_response else answer


def rmi(*names: str, **kwargs: Any) -> dict[str, Any]:
    """Remove images; `force` those that have several names or stopped containers, `prune` their untagged parents.

    CLI Example::

        saltern run '*' docker.rmi busybox force=True
    """
    force, prune = bool(kwargs.get("force")), bool(kwargs.get("prune", True))
    layers, tags = set(images(all=True)), set(list_tags())
    for name in names:
        _ask(
            lambda engine, name=name: engine.remove_image(name, force=force, noprune=not prune), f"remove image {name}"
        )
    gone = {"Layers": sorted(layers - set(images(all=True))), "Tags": sorted(tags - set(list_tags()))}
    return {key: value for key, value in gone.items() if value}


def tag(name: str, repository: str, tag: str = "latest", force: bool = False) -> bool:
    """Give an image one more name.

    CLI Example::

        saltern run '*' docker.tag 0123456789ab myrepo/mycontainer tag=mytag
    """
    image = inspect_image(name)["Id"]
    return bool(_ask(lambda engine: engine.tag(image, repository=repository, tag=tag, force=force), f"tag {name}"))


# --- networks and volumes ---------------------------------------------------------------------------------------------


def create_network(
    name: str,
    driver: str = "bridge",
    driver_opts: Any = None,
    internal: bool = False,
    labels: Any = None,
    **kwargs: Any,
) -> bool:
    """Make a network.

    CLI Example::

        saltern run '*' docker.create_network web_network driver=bridge
    """
    given = {"driver": driver, "options": driver_opts, "internal": internal, "labels": labels}
    _ask(lambda engine: engine.create_network(name, **given), f"create network {name}")
    return True


def remove_network(network_id: str) -> bool:
    """Remove a network.

    CLI Example::

        saltern run '*' docker.remove_network mynet
    """
    _ask(lambda engine: engine.remove_network(network_id), f"remove network {network_id}")
    return True


def connect_container_to_network(container: str, net_id: str, **kwargs: Any) -> bool:
    """Connect a container to a network.

    CLI Example::

        saltern run '*' docker.connect_container_to_network web-1 mynet
    """
    _ask(lambda engine: engine.connect_container_to_network(container, net_id), f"connect {container} to {net_id}")
    return True


def disconnect_container_from_network(container: str, network_id: str) -> bool:
    """Disconnect a container from a network.

    CLI Example::

        saltern run '*' docker.disconnect_container_from_network web-1 mynet
    """
    what = f"disconnect {container} from {network_id}"
    _ask(lambda engine: engine.disconnect_container_from_network(container, network_id), what)
    return True


def create_volume(name: str, driver: str | None = None, driver_opts: Any = None) -> dict[str, Any]:
    """Make a volume.

    CLI Example::

        saltern run '*' docker.create_volume my_volume driver=local
    """
    return dict(
        _ask(lambda engine: engine.create_volume(name, driver=driver, driver_opts=driver_opts), f"create volume {name}")
    )


def remove_volume(name: str) -> bool:
    """Remove a volume.

    CLI Example::

        saltern run '*' docker.remove_volume my_volume
    """
    _ask(lambda engine: engine.remove_volume(name), f"remove volume {name}")
    return True


def _engine() -> Any:
    configured = {key: __salt__["config.get"](key) for key in ("docker.url", "docker.version", "docker.timeout")}
    return client(configured, __context__)


def _ask(call: Any, what: str) -> Any:
    engine = _engine()
    return asked(lambda: call(engine), what)


def _inspected(kind: str, name: str) -> dict[str, Any] | None:
    """What the engine knows of a container, image, network or volume; None where it is not there."""
    import docker

    try:
        return dict(_ask(lambda engine: getattr(engine, f"inspect_{kind}")(name), f"inspect {kind} {name}"))
    except CommandExecutionError as error:
        if isinstance(error.__cause__, docker.errors.NotFound):
            return None
        raise


def _known(kind: str, name: str) -> dict[str, Any]:
    found = _inspected(kind, name)
    if found is None:
        raise CommandExecutionError(f"Error 404: No such {kind}: {name}")
    return found


def _state_of(container: dict[str, Any]) -> str:
    held = container.get("State") or {}
    if held.get("Paused"):
        return "paused"
    return "running" if held.get("Running") else "stopped"


def _moved(name: str, wanted: str, call: Any, verb: str) -> dict[str, Any]:
    before = state(name)
    if before == wanted:
        return {
            "result": True,
            "state": {"old": before, "new": before},
            "comment": f"Container '{name}' already {wanted}",
        }
    if verb == "start" and before == "paused":
        return {
            "result": False,
            "state": {"old": before, "new": before},
            "comment": f"Container '{name}' is paused, cannot {verb}",
        }
    _ask(call, f"{verb} container {name}")
    after = state(name)
    answer: dict[str, Any] = {"result": after == wanted, "state": {"old": before, "new": after}}
    if after != wanted:
        answer["comment"] = f"Failed to {verb} container '{name}'"
    return answer


def _list(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list | tuple):
        raise SaltInvocationError(f"{value} is no list of names")
    return [str(one) for one in value]
