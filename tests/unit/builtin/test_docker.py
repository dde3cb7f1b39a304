"""Docker by its library, against an engine of the test that speaks the engine's API on a unix socket."""

from __future__ import annotations

from typing import Any

import pytest
from docker_engine_of_tests import Engine
from shipped import Shipped

from saltern.plugin_api import SaltInvocationError
from saltern.plugin_api.docker_engine import options


@pytest.fixture
def engine(tmp_path):
    with Engine(tmp_path / "docker.sock") as running:
        running.registry = {"busybox:latest": "sha256:aaa", "site/web:1.0": "sha256:bbb"}
        yield running


@pytest.fixture
def minion(tmp_path, engine):
    made = Shipped(tmp_path, **{"docker.url": engine.url})
    yield made
    made.space.close()


def both(minion: Shipped, fun: str, name: str, *, same: bool = True, **options: Any) -> dict[str, Any]:
    """A dry run, a run, and a second run that changes nothing."""
    foreseen = minion.state(fun, name, test=True, **options)
    done = minion.state(fun, name, **options)
    assert (foreseen["result"], done["result"]) == (None, True), done["comment"]
    if same:
        assert foreseen["changes"] == done["changes"]
    again = minion.state(fun, name, **options)
    assert (again["result"], again["changes"]) == (True, {}), again
    return done


def test_images(minion, engine):
    done = both(minion, "docker_image.present", "busybox", same=False)
    assert done["comment"] == "Image 'busybox:latest' was pulled"
    assert done["changes"]["Layers"] == {"Pulled": ["layer1"]}
    assert done["changes"]["Status"] == "Downloaded newer image for busybox:latest"
    again = minion.state("docker_image.present", "busybox", force=True)
    assert (again["changes"], again["result"]) == ({}, True)
    assert minion.call("docker.list_tags") == ["busybox:latest"]
    assert minion.call("docker.tag", "busybox", "mine", "2") is True
    assert minion.call("docker.list_tags") == ["busybox:latest", "mine:2"]
    failed = minion.state("docker_image.present", "nosuch")
    assert failed["comment"].startswith("Encountered error pulling nosuch:latest: Unable to pull nosuch:latest: ")
    done = both(minion, "docker_image.absent", "busybox:latest", same=False)
    assert done["changes"] == {"Layers": ["sha256:aaa"], "Tags": ["busybox:latest", "mine:2"]}


def test_a_container_runs_as_it_should(minion, engine):
    wanted = {"image": "site/web:1.0", "port_bindings": "127.0.0.1:8080:80", "environment": {"A": 1}, "cmd": "serve -v"}
    foreseen = minion.state("docker_container.running", "web", test=True, **wanted)
    assert (foreseen["result"], engine.images) == (None, {})
    done = minion.state("docker_container.running", "web", **wanted)
    assert (done["result"], done["comment"]) == (True, "Container 'web' was created")
    assert done["changes"]["container"] == {"added": "web"}
    (made,) = engine.containers.values()
    assert made["Config"]["Cmd"] == ["serve", "-v"]
    assert made["Config"]["Env"] == ["A=1"]
    assert made["HostConfig"]["PortBindings"] == {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}
    again = minion.state("docker_container.running", "web", **wanted)
    assert (again["changes"], again["comment"]) == ({}, "Container 'web' is already configured as specified")
    changed = {**wanted, "environment": {"A": 2}, "restart_policy": "on-failure:5"}
    done = both(minion, "docker_container.running", "web", **changed)
    assert done["changes"]["container"]["Config"]["Env"] == {"old": ["A=1"], "new": ["A=2"]}
    policy = {"Name": "on-failure", "MaximumRetryCount": 5}
    assert done["changes"]["container"]["HostConfig"]["RestartPolicy"]["new"] == policy
    assert len(engine.containers) == 1
    done = both(minion, "docker_container.stopped", "web")
    assert done["changes"] == {"web": {"old": "running", "new": "stopped"}}
    done = both(minion, "docker_container.running", "web", **changed)
    assert done["changes"] == {"state": {"old": "stopped", "new": "running"}}
    refused = minion.state("docker_container.absent", "web")
    assert refused["comment"] == "Container is running, set force to True to forcibly remove it"
    done = both(minion, "docker_container.absent", "web", force=True)
    assert done["comment"] == "Forcibly removed container 'web'"
    assert engine.containers == {}


def test_functions_of_containers(minion, engine):
    minion.call("docker.pull", "busybox")
    made = minion.call("docker.create", "busybox", name="box", cmd="sleep 1")
    assert (made["Name"], made["Warnings"]) == ("box", [])
    assert minion.call("docker.start", "box") == {"result": True, "state": {"old": "stopped", "new": "running"}}
    assert minion.call("docker.start", "box")["comment"] == "Container 'box' already running"
    assert minion.call("docker.pause", "box")["state"] == {"old": "running", "new": "paused"}
    assert minion.call("docker.start", "box")["comment"] == "Container 'box' is paused, cannot start"
    assert minion.call("docker.stop", "box")["state"] == {"old": "running", "new": "stopped"}
    assert minion.call("docker.restart", "box")["result"] is True
    assert list(minion.call("docker.ps")) == [made["Id"]]
    assert minion.call("docker.logs", "box") == "hello\n"
    done = minion.call("docker.run_all", "box", ["echo", "a b"])
    assert done == {"pid": 7, "retcode": 0, "stdout": "echo a b", "stderr": "bad"}
    assert minion.call("docker.retcode", "box", "false") == 1
    assert minion.call("docker.rename", "box", "crate") is True
    assert minion.call("docker.list_containers") == ["crate"]
    refused = minion.outcome("docker.rm", "crate").value
    assert refused == "ERROR: Container 'crate' is running, use force=True to forcibly remove this container"
    assert minion.call("docker.rm", "crate", stop=True) == [made["Id"]]
    assert minion.call("docker.exists", "crate") is False
    assert minion.outcome("docker.state", "crate").value == "ERROR: Error 404: No such container: crate"


def test_networks_and_volumes(minion, engine):
    minion.call("docker.pull", "busybox")
    minion.call("docker.create", "busybox", name="box")
    engine.networks["mynet2"] = {"Name": "mynet2", "Id": "x", "Driver": "bridge", "Containers": {}}
    done = both(minion, "docker_network.present", "mynet", containers=["box"])
    assert done["changes"] == {"created": True, "connected": ["box"]}
    done = both(minion, "docker_network.absent", "mynet")
    assert done["changes"] == {"removed": True, "disconnected": ["box"]}
    done = both(minion, "docker_volume.present", "data", same=False)
    assert done["changes"]["created"]["Driver"] == "local"
    refused = minion.state("docker_volume.present", "data", driver="other")
    assert refused["comment"] == (
        "Driver for existing volume 'data' ('local') does not match specified driver ('other') and force is False"
    )
    done = both(minion, "docker_volume.absent", "data")
    assert done["changes"] == {"removed": True}


def test_an_engine_that_is_not_there(tmp_path):
    minion = Shipped(tmp_path, **{"docker.url": f"unix://{tmp_path}/nosuch.sock"})
    assert minion.outcome("docker.ps").value.startswith("ERROR: Docker cannot be reached: ")
    assert minion.state("docker_image.present", "busybox")["result"] is False


def test_options_in_the_forms_that_people_write():
    container, host = options.split(
        {"publish": ["8080:80", "53:53/udp"], "binds": "/a:/b:ro", "env": ["A=1", {"B": 2}], "rm": True, "memory": "1g"}
    )
    assert container == {"environment": {"A": "1", "B": "2"}, "ports": [80, (53, "udp")], "volumes": ["/b"]}
    assert host == {
        "port_bindings": {"80": [8080], "53/udp": [53]},
        "binds": ["/a:/b:ro"],
        "auto_remove": True,
        "mem_limit": "1g",
    }
    with pytest.raises(SaltInvocationError, match="Containers have no option colour"):
        options.split({"colour": "red"})


def test_an_engine_that_went_away_is_told_with_what_was_asked(minion, engine):
    assert minion.call("docker.exists", "box") is False
    engine.__exit__(None, None, None)
    assert minion.outcome("docker.exists", "box").value.startswith("ERROR: Unable to inspect container box: ")
