"""Trees from buckets and web servers: what is an environment, what is fetched when, and what is never told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirrored_trees import s3_tree_of, sums_of
from saltern.assembly.files import file_server
from saltern.config.master import load_master_config
from saltern.errors import ConfigError
from saltern.files.backends.http import web_tree
from saltern.files.backends.s3 import s3_tree
from saltern.files.mirrored.tree import MirroredTree
from web_services import Bucket, WebFiles

pytestmark = pytest.mark.behaviour("FS-07")


def text(tree: MirroredTree, path: str, saltenv: str = "base") -> str | None:
    content = tree.read(saltenv, path, 0, 1 << 20)
    return None if content is None else content.decode()


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with Bucket("one", "AK", "secret") as made:
        made.objects.update({"top.sls": b"top", "web/init.sls": b"web", "web/a b+ü.txt": b"odd", "empty/": b""})
        yield made


def contents(place: Path) -> int:
    return len(list(place.glob("*/*/contents/*")))


# --- buckets --------------------------------------------------------------------------------------------------------


def test_a_bucket_for_an_environment_and_the_earlier_wins(bucket: Bucket, tmp_path: Path):
    bucket.buckets["two"] = {"top.sls": b"later", "more.sls": b"more"}
    tree = s3_tree_of(bucket, {"base": ["one", "two"], "prod": "two", "none": []}, tmp_path)
    assert tree.envs() == ["base", "prod"]
    assert tree.files("base") == ["more.sls", "top.sls", "web/a b+ü.txt", "web/init.sls"]
    assert [text(tree, "top.sls", env) for env in ("base", "prod")] == ["top", "later"]
    info = tree.find("base", "web/a b+ü.txt")
    assert info is not None
    assert (info.size, info.modified) == (3, 1767323045.0)


def test_a_bucket_with_a_directory_for_each_environment(bucket: Bucket, tmp_path: Path):
    bucket.buckets["many"] = {"base/top.sls": b"b", "dev/x/top.sls": b"d", "stray": b"", "dev/": b""}
    tree = s3_tree_of(bucket, ["many"], tmp_path)
    assert tree.envs() == ["base", "dev"]
    assert (tree.files("base"), tree.files("dev")) == (["top.sls"], ["x/top.sls"])
    assert text(tree, "x/top.sls", "dev") == "d"


def test_looking_up_needs_no_service_and_an_update_brings_changes(bucket: Bucket, tmp_path: Path):
    tree = s3_tree_of(bucket, {"base": ["one"]}, tmp_path)
    asked = len(bucket.asked)
    assert text(tree, "top.sls") == "top"
    assert tree.update(due=True) is False, "it was fetched a moment ago"
    assert len(bucket.asked) == asked
    assert tree.update() is False, "nothing is new"

    bucket.objects["top.sls"] = b"new"
    del bucket.objects["web/init.sls"]
    again = s3_tree(["gone"], {"service_url": bucket.url}.get, tmp_path / "s3")
    assert again.files("base") == []
    gets = sum(asked.query == {} for asked in bucket.asked)
    assert tree.update() is True
    assert sum(asked.query == {} for asked in bucket.asked) == gets + 1, "what has not changed is not read again"
    assert tree.files("base") == ["top.sls", "web/a b+ü.txt"]
    assert text(tree, "top.sls") == "new"
    assert contents(tmp_path) == 4, "who looked a file up a moment ago still reads it"
    bucket.objects["top.sls"] = b"newest"
    assert tree.update() is True
    assert contents(tmp_path) == 3


def test_another_process_sees_what_was_fetched(bucket: Bucket, tmp_path: Path):
    tree = s3_tree_of(bucket, {"base": ["one"]}, tmp_path)
    options = {"service_url": bucket.url, "path_style": True}
    other = s3_tree({"base": ["one"]}, options.get, tmp_path / "s3")
    assert text(other, "top.sls") == "top"
    bucket.objects["top.sls"] = b"new"
    assert tree.update() is True
    assert text(other, "top.sls") == "new"


def test_a_service_that_refuses_is_logged_without_secrets_and_the_old_is_served(
    bucket: Bucket, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    tree = s3_tree_of(bucket, {"base": ["one"]}, tmp_path)
    bucket.objects["top.sls"] = b"new"
    wrong = s3_tree_of(bucket, {"base": ["one"]}, tmp_path, key="wr0ng")
    assert "The object store answers 403" in caplog.text
    assert text(wrong, "top.sls") == text(tree, "top.sls") == "top"
    assert not {"wr0ng", "secret", "AK"} & set(caplog.text.replace("=", " ").replace("/", " ").split())


def test_an_object_that_changes_while_it_is_read_is_not_taken_for_the_old_one(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    answer = bucket.answer

    def late(asked: Any) -> Any:
        found = answer(asked)
        bucket.objects["top.sls"] = b"changed"
        return found

    monkeypatch.setattr(bucket, "answer", late)
    tree = s3_tree_of(bucket, {"base": ["one"]}, tmp_path)
    assert "s3://one/top.sls has changed since it was listed" in caplog.text
    assert tree.files("base") == []
    assert tree.update() is True
    assert text(tree, "top.sls") == "changed"


def test_a_bucket_in_the_hosts_name_and_one_for_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    known = socket.getaddrinfo

    def found(host: Any, *args: Any, **kwargs: Any) -> Any:
        return known("127.0.0.1" if host == "open.store.example" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with Bucket("open", "", "") as bucket:
        bucket.objects["f"] = b"f"
        port = bucket.address.rpartition(":")[2]
        service = {"service_url": f"store.example:{port}", "https_enable": False, "keyid": "", "path_style": False}
        tree = s3_tree_of(bucket, {"base": ["open"]}, tmp_path, **service)
    assert text(tree, "f") == "f"
    assert {asked.headers["host"] for asked in bucket.asked} == {f"open.store.example:{port}"}
    assert not any("authorization" in asked.headers for asked in bucket.asked)


def test_locks_and_clearing(bucket: Bucket, tmp_path: Path):
    tree = s3_tree_of(bucket, {"base": ["one"]}, tmp_path)
    assert tree.lock("nosuch") == []
    assert tree.lock() == ["s3://one"]
    bucket.objects["top.sls"] = b"new"
    assert tree.update() is False
    assert tree.unlock() == ["s3://one"]
    assert tree.update() is True
    assert len(tree.clear()) == 1
    assert tree.envs() == []
    assert tree.update() is True
    assert text(tree, "top.sls") == "new"


def test_options_are_salts_keys(bucket: Bucket, tmp_path: Path):
    (tmp_path / "master").write_text(
        "fileserver_backend: [roots, s3fs]\ns3.buckets:\n  base: [one]\ns3.keyid: AK\ns3.key: secret\n"
        f"s3.service_url: {bucket.address}\ns3.https_enable: false\ns3.path_style: true\nroot_dir: {tmp_path}\n"
    )
    server = file_server(load_master_config(tmp_path))
    assert server.update("s3") == ["s3fs"]
    assert server.tree.read("base", "top.sls", 0, 10) == b"top"
    (tmp_path / "master").write_text("fileserver_backend: [s3fs]\ns3.buckets: {base: [1]}\n")
    with pytest.raises(ConfigError, match=r"s3\.buckets"):
        load_master_config(tmp_path)
    with pytest.raises(ConfigError, match="expected a list of buckets"):
        s3_tree([""], {}.get, tmp_path)


# --- web servers ----------------------------------------------------------------------------------------------------

FILES = {"top.sls": b"top", "web/init.sls": b"web", "a b%ü#?.txt": b"odd"}


@pytest.fixture
def web() -> Iterator[WebFiles]:
    with WebFiles("joe:s3cret") as made:
        serve(made, FILES)
        yield made


def serve(web: WebFiles, files: dict[str, bytes]) -> None:
    web.files = {f"/salt/{path}": content for path, content in files.items()} | {"/salt/SHA256SUMS": sums_of(files)}


def web_tree_of(web: WebFiles, place: Path, **options: Any) -> MirroredTree:
    known = {"user": "joe", "password": "s3cret", "insecure_auth": True, **options}
    tree = web_tree([{f"{web.url}/salt/SHA256SUMS": known}], {}, place)
    tree.update()
    return tree


def test_files_of_a_list_below_a_mountpoint(web: WebFiles, tmp_path: Path):
    tree = web_tree_of(web, tmp_path, saltenv="prod", mountpoint="salt://lib")
    assert tree.envs() == ["prod"]
    assert tree.files("prod") == ["lib/a b%ü#?.txt", "lib/top.sls", "lib/web/init.sls"]
    assert tree.dirs("prod") == ["lib", "lib/web"]
    assert text(tree, "lib/a b%ü#?.txt", "prod") == "odd"


def test_a_list_that_is_as_it_was_is_not_read_again(web: WebFiles, tmp_path: Path):
    tree = web_tree_of(web, tmp_path)
    asked = len(web.asked)
    assert tree.update() is False
    assert len(web.asked) == asked + 1
    assert web.asked[-1].headers["if-none-match"]
    serve(web, {**FILES, "top.sls": b"new"})
    assert tree.update() is True
    assert len(web.asked) == asked + 3, "the list and the one file that is new"
    assert text(tree, "top.sls") == "new"


def test_a_file_with_another_digest_is_not_served(web: WebFiles, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    tree = web_tree_of(web, tmp_path)
    serve(web, {**FILES, "top.sls": b"new"})
    web.files["/salt/top.sls"] = b"forged"
    assert tree.update() is False
    assert f"{web.url}/salt/top.sls has another digest than the list of files says" in caplog.text
    assert text(tree, "top.sls") == "top"


def test_names_that_sha256sum_escapes(web: WebFiles, tmp_path: Path):
    digest = sums_of({"x": b"x"})[:64].decode()
    web.files = {"/salt/SHA256SUMS": f"\\{digest} *line\\nbreak\n".encode(), "/salt/line\nbreak": b"x"}
    assert text(web_tree_of(web, tmp_path), "line\nbreak") == "x"


@pytest.mark.parametrize("line", ["nonsense", "0" * 63 + "  f", "0" * 64 + "  ../f", "0" * 64 + "  /etc/passwd"])
def test_a_list_that_cannot_be_read_is_told_with_its_line(
    web: WebFiles, tmp_path: Path, caplog: pytest.LogCaptureFixture, line: str
):
    web.files["/salt/SHA256SUMS"] += f"{line}\n".encode()
    assert web_tree_of(web, tmp_path).files("base") == []
    assert f"{web.url}/salt/SHA256SUMS:4: expected a SHA-256 digest and a path within the tree" in caplog.text


def test_a_password_goes_over_plain_http_only_if_that_is_allowed(
    web: WebFiles, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    assert web_tree_of(web, tmp_path, insecure_auth=False).envs() == []
    assert "the option insecure_auth allows that" in caplog.text
    assert web.asked == []
    assert web_tree_of(web, tmp_path, password="wr0ng").envs() == []
    assert f"HTTP 401: Unauthorized reading {web.url}/salt/SHA256SUMS" in caplog.text
    assert "wr0ng" not in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("remotes", "told"),
    [
        ("url", "has to be a list"),
        (["ftp://u:pw@h/x"], "ftp://h/x is no http or https URL"),
        ([{"http://h/x": [{"root": "x"}]}], "http://h/x has no option 'root'"),
        ([{"http://h/x": [{"update_interval": "often"}]}], "http://h/x: Expected `int`"),
    ],
)
def test_what_cannot_be_read_is_named(remotes: Any, told: str, tmp_path: Path):
    with pytest.raises(ConfigError, match=told):
        web_tree(remotes, {}, tmp_path)
