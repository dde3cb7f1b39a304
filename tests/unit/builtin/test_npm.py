"""npm, with a registry that the test serves."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile

import pytest
from shipped import Shipped

import web_stores
from servers import program

pytestmark = pytest.mark.timeout(300)


class Registry:
    """A registry of packages: a document for each name, and the archives of its versions."""

    def __init__(self) -> None:
        self._archives: dict[str, bytes] = {}
        self._versions: dict[str, dict[str, dict]] = {}
        self.store = web_stores.Store(self._answer)

    def add(self, name: str, version: str) -> None:
        described = {"name": name, "version": version}
        text = json.dumps(described).encode()
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            entry = tarfile.TarInfo("package/package.json")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
        data = packed.getvalue()
        path = f"/{name}/-/{name}-{version}.tgz"
        digest = base64.b64encode(hashlib.sha512(data).digest()).decode()
        dist = {"tarball": f"{self.store.url}{path}", "integrity": f"sha512-{digest}"}
        self._archives[path] = data
        self._versions.setdefault(name, {})[version] = {**described, "dist": dist}

    def _answer(self, method, path, query, body, headers):
        if path in self._archives:
            return 200, self._archives[path]
        versions = self._versions.get(path.strip("/"))
        if versions is None:
            return 404, {"error": "Not found"}
        return 200, {"name": path.strip("/"), "dist-tags": {"latest": list(versions)[-1]}, "versions": versions}


@pytest.fixture
def registry(tmp_path, monkeypatch):
    program("npm")
    made = Registry()
    with made.store:
        made.add("one", "1.0.0")
        made.add("one", "2.0.0")
        monkeypatch.setenv("npm_config_registry", made.store.url)
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
        monkeypatch.setenv("npm_config_audit", "false")
        monkeypatch.setenv("npm_config_update_notifier", "false")
        yield made


def test_packages_of_a_directory(registry, tmp_path):
    minion = Shipped(tmp_path)
    place = tmp_path / "app"
    place.mkdir()
    (place / "package.json").write_text('{"name": "app", "version": "0.0.1"}')
    here = {"dir": str(place)}
    foreseen = minion.state("npm.installed", "one@1.0.0", test=True, **here)
    assert (foreseen["result"], foreseen["comment"]) == (None, "NPM package(s) 'one@1.0.0' are set to be installed")
    done = minion.state("npm.installed", "one@1.0.0", **here)
    assert (done["result"], done["comment"]) == (True, "Package(s) 'one@1.0.0' successfully installed")
    assert foreseen["changes"] == done["changes"] == {"old": [], "new": ["one@1.0.0"]}
    assert minion.call("npm.list", depth=0, **here)["one"]["version"] == "1.0.0"
    again = minion.state("npm.installed", "one", **here)
    assert (again["changes"], again["comment"]) == ({}, "Package(s) 'one' satisfied by one@1.0.0")
    assert minion.state("npm.installed", "x", pkgs=["one@2.0.0"], **here)["changes"]["new"] == ["one@2.0.0"]
    failed = minion.state("npm.installed", "nosuch", **here)
    assert failed["result"] is False
    assert failed["comment"].startswith("Error installing 'nosuch': ")
    done = minion.state("npm.removed", "one", **here)
    assert (done["changes"], done["comment"]) == ({"one": "Removed"}, "Package 'one' was successfully removed")
    again = minion.state("npm.removed", "one", **here)
    assert (again["changes"], again["comment"]) == ({}, "Package 'one' is not installed")


def test_a_directory_has_what_it_needs(registry, tmp_path):
    minion = Shipped(tmp_path)
    place = tmp_path / "app"
    place.mkdir()
    (place / "package.json").write_text('{"name": "app", "version": "0.0.1", "dependencies": {"one": "^1.0.0"}}')
    foreseen = minion.state("npm.bootstrap", str(place), test=True)
    assert (foreseen["result"], foreseen["comment"]) == (None, f"'{place}' is set to be bootstrapped")
    done = minion.state("npm.bootstrap", str(place))
    assert foreseen["changes"] == done["changes"] == {str(place): "Bootstrapped"}
    again = minion.state("npm.bootstrap", str(place))
    assert (again["changes"], again["comment"]) == ({}, "Directory is already bootstrapped")
    assert minion.call("npm.cache_path") == str(tmp_path / "npm-cache")
    assert minion.call("npm.cache_clean", force=True) is True
