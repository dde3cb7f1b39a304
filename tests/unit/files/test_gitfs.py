"""Repositories as trees of files: which branches and tags are environments, and what of them is served where."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from repositories import Repository
from saltern.errors import ConfigError
from saltern.files.backends.git import GitTree
from saltern.files.git.remotes import remotes_of

pytestmark = pytest.mark.behaviour("FS-06")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.commit("master", {"top.sls": "base", "web/init.sls": "m", "salt/sub/x.sls": "sub"})
    made.commit("dev", {"top.sls": "dev", "only_dev.sls": "d"})
    made.commit("feature/one", {"top.sls": "f"})
    made.git("tag", "v1.0", "dev")
    made.git("tag", "-a", "-m", "annotated", "v2.0", "master")
    return made


def tree(place: Path, *remotes: Any, **options: Any) -> GitTree:
    settings = {f"gitfs_{name}": value for name, value in options.items()}
    made = GitTree(remotes_of({"gitfs_remotes": list(remotes), **settings}), place / "mirrors")
    made.update()
    return made


def text(found: GitTree, saltenv: str, path: str) -> str | None:
    content = found.read(saltenv, path, 0, 1 << 20)
    return None if content is None else content.decode()


def test_branches_and_tags_are_environments_and_master_is_base(tmp_path: Path, repository: Repository):
    found = tree(tmp_path, repository.url)
    assert found.envs() == ["base", "dev", "feature/one", "v1.0", "v2.0"]
    assert [text(found, env, "top.sls") for env in found.envs()] == ["base", "dev", "f", "dev", "base"]
    assert text(found, "master", "top.sls") is None
    assert found.files("dev") == ["only_dev.sls", "top.sls"]


def test_a_commit_id_is_an_environment_that_is_not_listed(tmp_path: Path, repository: Repository):
    commit = repository.git("rev-parse", "dev")
    found = tree(tmp_path, repository.url)
    assert text(found, commit, "top.sls") == "dev"
    assert text(found, "0" * 40, "top.sls") is None
    assert text(tree(tmp_path, repository.url, ref_types=["branch"]), commit, "top.sls") is None


def test_looking_up_needs_no_remote_and_an_update_brings_changes(tmp_path: Path, repository: Repository):
    found = tree(tmp_path, repository.url)
    hidden = repository.place.with_name("hidden")
    repository.place.rename(hidden)
    again = GitTree(remotes_of({"gitfs_remotes": [repository.url]}), tmp_path / "mirrors")
    assert text(again, "base", "top.sls") == "base"
    assert again.update() is False, "what cannot be fetched is served as it was"
    assert text(again, "base", "top.sls") == "base"
    hidden.rename(repository.place)

    repository.commit("master", {"top.sls": "new"})
    repository.git("branch", "-D", "dev")
    assert text(found, "base", "top.sls") == "base"
    assert found.update() is True
    assert found.update() is False
    assert text(found, "base", "top.sls") == "new"
    assert found.envs() == ["base", "feature/one", "v1.0", "v2.0"]
    assert again.update(due=True) is False, "it was fetched a moment ago"
    assert text(again, "base", "top.sls") == "new", "another process fetched it"


def test_root_mountpoint_and_base(tmp_path: Path, repository: Repository):
    found = tree(
        tmp_path, {repository.url: [{"root": "salt/sub"}, {"mountpoint": "salt://lib/here"}, {"base": "v2.0"}]}
    )
    assert found.files("base") == ["lib/here/x.sls"]
    assert found.dirs("base") == ["lib", "lib/here"]
    assert found.dirs("base", "lib") == ["lib/here"]
    assert text(found, "base", "lib/here/x.sls") == "sub"
    assert text(found, "base", "x.sls") is None
    assert found.files("dev") == [], "there is no such directory in that branch"


def test_options_for_all_and_for_one(tmp_path: Path, repository: Repository):
    found = tree(tmp_path, {repository.url: {"root": ""}}, root="web", base="dev")
    assert text(found, "base", "only_dev.sls") == "d"
    assert tree(tmp_path, repository.url, root="web").files("base") == ["init.sls"]


def test_the_first_remote_that_has_a_file_wins(tmp_path: Path, repository: Repository):
    other = Repository(tmp_path / "other")
    other.commit("master", {"top.sls": "other", "more.sls": "o"})
    found = tree(tmp_path, repository.url, other.url)
    assert text(found, "base", "top.sls") == "base"
    assert text(found, "base", "more.sls") == "o"
    assert "more.sls" in found.files("base")
    assert text(tree(tmp_path, other.url, repository.url), "base", "top.sls") == "other"


def test_which_environments_are_served(tmp_path: Path, repository: Repository):
    assert tree(tmp_path, repository.url, saltenv_whitelist=["base", "v*"]).envs() == ["base", "v1.0", "v2.0"]
    found = tree(tmp_path, repository.url, saltenv_blacklist=[r"v\d.*", "feature/*"])
    assert found.envs() == ["base", "dev"]
    assert text(found, "v1.0", "top.sls") is None
    assert tree(tmp_path, repository.url, ref_types=["branch"]).envs() == ["base", "dev", "feature/one"]
    assert tree(tmp_path, repository.url, ref_types=["tag"], base="v1.0").envs() == ["base", "v2.0"]


def test_mapping_of_environments(tmp_path: Path, repository: Repository):
    saltenv = [{"staging": [{"ref": "dev"}, {"mountpoint": "m"}]}, {"dev": [{"root": "nothing"}]}]
    found = tree(tmp_path, {repository.url: [{"saltenv": saltenv}, {"disable_saltenv_mapping": True}]})
    assert found.envs() == ["base", "dev", "staging"]
    assert text(found, "staging", "m/top.sls") == "dev"
    assert text(found, "v1.0", "top.sls") is None
    assert found.files("dev") == []
    found = tree(tmp_path, repository.url, all_saltenvs="dev")
    assert text(found, "base", "top.sls") == text(found, "whatever", "top.sls") == "dev"
    found = tree(tmp_path, repository.url, fallback="dev")
    assert text(found, "whatever", "top.sls") == "dev"
    assert text(found, "base", "top.sls") == "base"


def test_links_within_the_repository_are_followed_and_others_are_no_files(tmp_path: Path):
    made = Repository(tmp_path / "links")
    links = {"a/link": "../file", "a/chain": "link", "out": "/etc/passwd", "up": "../../etc/passwd", "loop": "loop"}
    made.commit("master", {"file": "f"}, links)
    found = tree(tmp_path, made.url)
    assert text(found, "base", "a/link") == text(found, "base", "a/chain") == "f"
    assert found.files("base") == ["a/chain", "a/link", "file"]
    assert found.symlinks("base") == dict(sorted(links.items()))
    for path in ("out", "up", "loop", "../file", "/file", "a/../file"):
        assert found.find("base", path) is None


def test_locks_and_clearing(tmp_path: Path, repository: Repository):
    found = tree(tmp_path, repository.url)
    assert found.lock("nosuch") == []
    assert found.lock() == [repository.url]
    assert found.lock() == []
    repository.commit("master", {"top.sls": "new"})
    assert found.update() is False
    assert found.unlock("repository") == [repository.url]
    secret = tree(tmp_path, "http://joe:s3cret@127.0.0.1:1/r.git")
    assert secret.lock() == secret.unlock() == ["http://<redacted>@127.0.0.1:1/r.git"]
    assert found.update() is True
    assert len(found.clear()) == 1
    assert found.envs() == []
    assert found.update() is True
    assert text(found, "base", "top.sls") == "new"


def test_remotes_of_one_url_are_each_fetched_when_they_are_due(tmp_path: Path, repository: Repository):
    remotes = [{repository.url: {"name": name, "mountpoint": name}} for name in "ab"]
    tree(tmp_path, *remotes)
    repository.commit("master", {"top.sls": "later"})
    for fetched in (tmp_path / "mirrors").glob("*/fetched"):
        os.utime(fetched, (1, 1))
    found = GitTree(remotes_of({"gitfs_remotes": remotes}), tmp_path / "mirrors")
    assert found.update(due=True)
    assert [text(found, "base", f"{name}/top.sls") for name in "ab"] == ["later", "later"]


@pytest.mark.parametrize(
    ("remotes", "told"),
    [
        ("url", "has to be a list"),
        ([{"a": {}, "b": {}}], "neither a URL nor a URL with its options"),
        ([{"url": [{"rooot": "x"}]}], "url has no option 'rooot'"),
        ([{"url": [{"update_interval": "often"}]}], "url: Expected `int`"),
    ],
)
def test_what_cannot_be_read_is_named(remotes: Any, told: str):
    with pytest.raises(ConfigError, match=told):
        remotes_of({"gitfs_remotes": remotes})


class _WithPassword(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        given = self.headers.get("Authorization", "")
        if given != "Basic " + base64.b64encode(b"joe:s3cret").decode():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="r"')
            self.end_headers()
            return
        super().do_GET()

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def over_http(repository: Repository) -> Iterator[str]:
    repository.git("update-server-info")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_WithPassword, directory=str(repository.place)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/.git"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_password_goes_over_plain_http_only_if_that_is_allowed(
    tmp_path: Path, over_http: str, caplog: pytest.LogCaptureFixture
):
    login = {"user": "joe", "password": "s3cret"}
    assert tree(tmp_path, {over_http: login}).envs() == []
    assert "the option insecure_auth allows that" in caplog.text
    assert text(tree(tmp_path, {over_http: {**login, "insecure_auth": True}}), "base", "top.sls") == "base"
    caplog.clear()
    wrong = {"user": "joe", "password": "wr0ng", "insecure_auth": True, "name": "other"}
    assert tree(tmp_path, {over_http: wrong}).envs() == []
    assert "Authentication failed" in caplog.text
    assert "wr0ng" not in caplog.text
