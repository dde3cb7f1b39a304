"""The shipped back ends of external_auth: files, a web service, PAM and a directory, each the real thing."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from shipped import Shipped

import servers
from saltern.plugin_api import CommandExecutionError
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("ACL-05")

SECRET = "s3cret: with spaces"


def plugins(work: Path, **opts: Any) -> Any:
    return Shipped(work, **opts).space.table("auth")


def of_file(work: Path, text: str, **options: Any) -> Any:
    place = work / "passwords"
    place.write_text(text)
    given = {f"^{key}": value for key, value in {"filename": str(place), **options}.items()}
    return plugins(work, external_auth={"file": {**given, "ann": ["test.*"]}})["file.auth"]


@pytest.mark.parametrize("algorithm", ["plaintext", "sha512", "md5"])
def test_a_file_of_texts(tmp_path: Path, algorithm: str):
    kept = SECRET if algorithm == "plaintext" else hashlib.new(algorithm, SECRET.encode()).hexdigest()
    auth = of_file(tmp_path, f"bob|x\nann|{kept}\n", hashtype=algorithm, field_separator="|")
    assert auth("ann", SECRET)
    assert not auth("ann", "wrong")
    assert not auth("bob", SECRET)
    assert not auth("nobody", SECRET)


def test_the_fields_of_a_file_can_be_elsewhere(tmp_path: Path):
    auth = of_file(tmp_path, "1,pw,ann\n", field_separator=",", username_field=3, password_field=2)
    assert auth("ann", "pw")
    assert not auth("1", "pw")


def test_a_file_of_digests(tmp_path: Path):
    digest = hashlib.md5(f"ann:site:{SECRET}".encode()).hexdigest()
    auth = of_file(tmp_path, f"ann:other:x\nann:site:{digest}\n", filetype="htdigest", realm="site")
    assert auth("ann", SECRET)
    assert not auth("ann", "wrong")
    assert not of_file(tmp_path, f"ann:site:{digest}\n", filetype="htdigest", realm="other")("ann", SECRET)


@pytest.mark.parametrize("kind", ["-m", "-B", "-s"])
def test_a_file_of_apache(tmp_path: Path, kind: str):
    made = [servers.program("htpasswd"), "-n", "-i", kind, "ann"]
    text = subprocess.run(made, input=f"{SECRET}\n", capture_output=True, text=True, check=True).stdout
    auth = of_file(tmp_path, text, filetype="htpasswd")
    assert auth("ann", SECRET)
    assert not auth("ann", "wrong")
    assert not auth("bob", SECRET)


def test_a_wrong_configuration_says_what_is_wrong(tmp_path: Path):
    with pytest.raises(CommandExecutionError, match="filename is missing"):
        plugins(tmp_path, external_auth={"file": {"ann": ["test.*"]}})["file.auth"]("ann", "x")
    with pytest.raises(CommandExecutionError, match="'bogus' is none of text, htdigest, htpasswd"):
        of_file(tmp_path, "", filetype="bogus")("ann", "x")
    with pytest.raises(CommandExecutionError, match=r"\^hashtype 'bogus' is no algorithm"):
        of_file(tmp_path, "ann:x\n", hashtype="bogus")("ann", "x")


class Door(BaseHTTPRequestHandler):
    """Lets ann in, and tells what she may do."""

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if form == {"username": ["ann"], "password": [SECRET]}:
            self.answer(200)
        elif self.path == "/site":
            self.answer(302, Location="/login")
        else:
            self.answer(401)

    def do_GET(self) -> None:
        self.answer(200)

    def answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b'["test.*", {"web*": ["state.apply"]}]')

    def log_message(self, *_: object) -> None:
        """Silent."""


def test_a_web_service(tmp_path: Path):
    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        table = plugins(tmp_path, external_auth={"rest": {"^url": f"http://127.0.0.1:{server.server_port}/login"}})
        assert table["rest.auth"]("ann", SECRET)
        assert table["rest.acl"]("ann") == ["test.*", {"web*": ["state.apply"]}]
        assert not table["rest.auth"]("ann", "wrong")
        assert not table["rest.auth"]("bob", SECRET)
        assert table["rest.acl"]("bob") is None
        server.shutdown()
    with pytest.raises(OSError, match="refused"):
        table["rest.auth"]("ann", SECRET)
    with pytest.raises(CommandExecutionError, match="has to be a URL"):
        plugins(tmp_path, external_auth={"rest": {"^url": "file:///etc/passwd"}})["rest.auth"]("ann", SECRET)


def test_a_web_service_that_redirects_whom_it_refuses(tmp_path: Path):
    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        table = plugins(tmp_path, external_auth={"rest": {"^url": f"http://127.0.0.1:{server.server_port}/site"}})
        assert table["rest.auth"]("ann", SECRET)
        assert not table["rest.auth"]("ann", "wrong")
        server.shutdown()


@in_throwaway_root
def test_users_of_the_system_by_pam():
    work = Path("/tmp/pam-trial")
    work.mkdir()
    Path("/etc/pam.d/saltern-trial").write_text("auth required pam_unix.so nodelay\naccount required pam_unix.so\n")
    subprocess.run(["useradd", "-m", "tria"], check=True, capture_output=True)
    subprocess.run(["chpasswd"], input=f"tria:{SECRET}\n", text=True, check=True, capture_output=True)
    subprocess.run(["groupadd", "trials"], check=True, capture_output=True)
    subprocess.run(["usermod", "-aG", "trials", "tria"], check=True, capture_output=True)
    table = plugins(work, **{"auth.pam.service": "saltern-trial"})
    assert table["pam.auth"]("tria", SECRET)
    assert not table["pam.auth"]("tria", "wrong")
    assert not table["pam.auth"]("nobody-here", SECRET)
    assert sorted(table["pam.groups"]("tria")) == ["tria", "trials"]
    assert table["pam.groups"]("nobody-here") == []
    subprocess.run(["sed", "-i", "/^trials:/d", "/etc/group"], check=True)
    subprocess.run(["usermod", "-g", "tria", "tria"], check=True, capture_output=True)
    subprocess.run(["sed", "-i", "s/^tria:x:[0-9]*:/tria:x:54321:/", "/etc/group"], check=True)
    assert table["pam.groups"]("tria") == []
    subprocess.run(["usermod", "-e", "1", "tria"], check=True, capture_output=True)
    assert not table["pam.auth"]("tria", SECRET)
    assert "pam" not in {name.partition(".")[0] for name in sys.modules}


LDIF = f"""
dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=People,dc=example,dc=com
objectClass: organizationalUnit
ou: People

dn: ou=Groups,dc=example,dc=com
objectClass: organizationalUnit
ou: Groups

dn: uid=ann,ou=People,dc=example,dc=com
objectClass: inetOrgPerson
uid: ann
cn: Ann
sn: A
userPassword: {SECRET}

dn: cn=ops,ou=Groups,dc=example,dc=com
objectClass: posixGroup
cn: ops
gidNumber: 2000
memberUid: ann
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory):
    server = servers.openldap_server(tmp_path_factory.mktemp("ldap"), LDIF)
    server.start()
    yield server.server
    server.stop()


def of_directory(work: Path, server: servers.Server, **options: Any) -> Any:
    usual = {"uri": f"ldap://127.0.0.1:{server.port}", "basedn": "dc=example,dc=com"}
    named = {"binddn": server.user, "bindpw": server.password}
    return plugins(work, **{f"auth.ldap.{key}": value for key, value in {**usual, **named, **options}.items()})


def test_users_of_a_directory(tmp_path: Path, directory: servers.Server):
    table = of_directory(tmp_path, directory, filter="uid={{ username }}")
    assert table["ldap.auth"]("ann", SECRET)
    assert not table["ldap.auth"]("ann", "wrong")
    assert not table["ldap.auth"]("ann", "")
    assert not table["ldap.auth"]("nobody", SECRET)
    assert table["ldap.groups"]("ann") == ["ops"]
    assert table["ldap.groups"]("nobody") == []


def test_a_name_cannot_widen_the_question(tmp_path: Path, directory: servers.Server):
    table = of_directory(tmp_path, directory, filter="uid={{ username }}")
    assert not table["ldap.auth"]("a*", SECRET)
    assert not table["ldap.auth"]("ann)(uid=*", SECRET)
    assert table["ldap.groups"]("*") == []


def test_a_user_can_be_bound_at_once(tmp_path: Path, directory: servers.Server):
    name = "uid={{ username }},ou=People,dc=example,dc=com"
    table = of_directory(tmp_path, directory, binddn=name, bindpw="")
    assert table["ldap.auth"]("ann", SECRET)
    assert not table["ldap.auth"]("ann", "wrong")
    assert not table["ldap.auth"]("ann,ou=People", SECRET)


def test_a_wrong_bind_name_is_told(tmp_path: Path, directory: servers.Server):
    table = of_directory(tmp_path, directory, bindpw="wrong")
    with pytest.raises(CommandExecutionError, match=r"the directory refuses auth\.ldap\.binddn"):
        table["ldap.auth"]("ann", SECRET)
