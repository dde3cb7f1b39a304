"""A certificate authority in a directory, and the certificates that it signs; for more there is `x509`.

An authority `NAME` lives in `<cacert_path>/NAME`: its certificate and key `NAME_ca_cert.crt` and `.key`, what it signs
in `certs/`. `cacert_path` is an argument, or the option or pillar `ca.cert_base_path`, or `/etc/pki`. Keys are
readable by their owner alone.
"""

from __future__ import annotations

import os
from typing import Any

from saltern.plugin_api import CommandExecutionError, Context, Functions, SaltInvocationError
from saltern.plugin_api.whole_file import write_whole

__salt__: Functions
__context__: Context

_USAGES = {
    "server": ("critical, digitalSignature, keyEncipherment", "serverAuth"),
    "client": ("critical, digitalSignature", "clientAuth"),
}


def cert_base_path(cacert_path: str | None = None) -> str:
    """The directory of the authorities.

    CLI Example::

        saltern run '*' tls.cert_base_path
    """
    configured = __context__.get("ca.contextual_cert_base_path") or __salt__["config.get"]("ca.cert_base_path")
    return str(cacert_path or configured or "/etc/pki")


def set_ca_path(cacert_path: str) -> str:
    """Choose the directory of the authorities for the rest of this job.

    CLI Example::

        saltern run '*' tls.set_ca_path /etc/certs
    """
    if cacert_path:
        __context__["ca.contextual_cert_base_path"] = cacert_path
    return cert_base_path()


def ca_exists(ca_name: str, cacert_path: str | None = None, ca_filename: str | None = None) -> bool:
    """Whether there is an authority.

    CLI Example::

        saltern run '*' tls.ca_exists my_ca /etc/certs
    """
    return os.path.exists(_ca_file(ca_name, cacert_path, ca_filename) + ".crt")


def get_ca(ca_name: str, as_text: bool = False, cacert_path: str | None = None) -> str:
    """The path of an authority's certificate, or its text.

    CLI Example::

        saltern run '*' tls.get_ca my_ca as_text=True
    """
    return _file(_ca_file(ca_name, cacert_path, None) + ".crt", as_text)


def get_ca_signed_cert(
    ca_name: str,
    CN: str = "localhost",
    as_text: bool = False,
    cacert_path: str | None = None,
    cert_filename: str | None = None,
) -> str:
    """The path of a certificate that an authority signed, or its text.

    CLI Example::

        saltern run '*' tls.get_ca_signed_cert my_ca CN=www as_text=True
    """
    return _file(f"{_certs(ca_name, cacert_path)}/{cert_filename or CN}.crt", as_text)


def get_ca_signed_key(
    ca_name: str,
    CN: str = "localhost",
    as_text: bool = False,
    cacert_path: str | None = None,
    key_filename: str | None = None,
) -> str:
    """The path of the key of a certificate that an authority signed, or its text.

    CLI Example::

        saltern run '*' tls.get_ca_signed_key my_ca CN=www
    """
    return _file(f"{_certs(ca_name, cacert_path)}/{key_filename or CN}.key", as_text)


def create_ca(
    ca_name: str,
    bits: int = 2048,
    days: int = 365,
    CN: str = "localhost",
    C: str = "US",
    ST: str = "Utah",
    L: str = "Salt Lake City",
    O: str = "SaltStack",
    OU: str | None = None,
    emailAddress: str | None = None,
    fixmode: bool = False,
    cacert_path: str | None = None,
    ca_filename: str | None = None,
    digest: str = "sha256",
    onlyif: Any = None,
    unless: Any = None,
    replace: bool = False,
) -> str:
    """Make an authority; one that is there stays, but with `replace`.

    CLI Example::

        saltern run '*' tls.create_ca test_ca days=3650 CN=ca.example.com
    """
    base = _ca_file(ca_name, cacert_path, ca_filename)
    if os.path.exists(f"{base}.crt") and not replace:
        return f'Certificate for CA named "{ca_name}" already exists'
    os.makedirs(_certs(ca_name, cacert_path), mode=0o755, exist_ok=True)
    if not os.path.exists(f"{base}.key") or replace:
        _key(f"{base}.key", bits)
    subject = _subject(CN, C, ST, L, O, OU, emailAddress)
    given = {
        "signing_private_key": f"{base}.key",
        **subject,
        "basicConstraints": "critical, CA:TRUE, pathlen:0",
        "keyUsage": "critical, cRLSign, keyCertSign",
        "subjectKeyIdentifier": "hash",
        "days_valid": days,
        "digest": digest,
    }
    __salt__["x509.create_certificate"](path=f"{base}.crt", **given)
    _indexed(ca_name, cacert_path, f"{base}.crt")
    return f'Created Private Key: "{base}.key" Created CA "{ca_name}": "{base}.crt"'


def create_csr(
    ca_name: str,
    bits: int = 2048,
    CN: str = "localhost",
    C: str = "US",
    ST: str = "Utah",
    L: str = "Salt Lake City",
    O: str = "SaltStack",
    OU: str | None = None,
    emailAddress: str | None = None,
    subjectAltName: Any = None,
    cacert_path: str | None = None,
    ca_filename: str | None = None,
    csr_path: str | None = None,
    csr_filename: str | None = None,
    digest: str = "sha256",
    type_ext: bool = False,
    cert_type: str = "server",
    replace: bool = False,
) -> str:
    """Make a key and a request for an authority; a request that is there stays, but with `replace`.

    CLI Example::

        saltern run '*' tls.create_csr test CN=www.example.com subjectAltName="['DNS:example.com']"
    """
    if not ca_exists(ca_name, cacert_path, ca_filename):
        return f'Certificate for CA named "{ca_name}" does not exist, please create it first.'
    folder = csr_path or _certs(ca_name, cacert_path)
    base = f"{folder}/{csr_filename or CN}"
    if os.path.exists(f"{base}.csr") and not replace:
        return f'Certificate Request "{base}.csr" already exists'
    os.makedirs(folder, mode=0o755, exist_ok=True)
    _key(f"{base}.key", bits)
    names = {"subjectAltName": subjectAltName} if subjectAltName else {}
    subject = _subject(CN, C, ST, L, O, OU, emailAddress)
    __salt__["x509.create_csr"](
        f"{base}.key", digest=digest, path=f"{base}.csr", **subject, **names, **_usage(cert_type)
    )
    return f'Created Private Key: "{base}.key" Created CSR for "{CN}": "{base}.csr"'


def create_ca_signed_cert(
    ca_name: str,
    CN: str,
    days: int = 365,
    cacert_path: str | None = None,
    ca_filename: str | None = None,
    cert_path: str | None = None,
    cert_filename: str | None = None,
    digest: str = "sha256",
    cert_type: str | None = None,
    type_ext: bool = False,
    replace: bool = False,
) -> str:
    """Have an authority sign the request of `CN`; a certificate that is there stays, but with `replace`.

    CLI Example::

        saltern run '*' tls.create_ca_signed_cert test CN=www.example.com
    """
    folder = cert_path or _certs(ca_name, cacert_path)
    base = f"{folder}/{cert_filename or CN}"
    if os.path.exists(f"{base}.crt") and not replace:
        return f'Certificate "{base}.crt" already exists'
    authority = _ca_file(ca_name, cacert_path, ca_filename)
    if not os.path.exists(f"{authority}.crt"):
        return f'There is no CA named "{ca_name}"'
    if not os.path.exists(f"{base}.csr"):
        return f'There is no CSR that matches the CN "{base}.csr"'
    subject = __salt__["x509.read_csr"](f"{base}.csr")["subject"]
    __salt__["x509.create_certificate"](
        signing_private_key=f"{authority}.key",
        signing_cert=f"{authority}.crt",
        csr=f"{base}.csr",
        subject=subject,
        days_valid=days,
        digest=digest,
        basicConstraints="CA:FALSE",
        subjectKeyIdentifier="hash",
        authorityKeyIdentifier="keyid",
        path=f"{base}.crt",
        **(_usage(cert_type) if cert_type else {}),
    )
    _indexed(ca_name, cacert_path, f"{base}.crt")
    return f'Created Certificate for "{CN}": "{base}.crt"'


def create_self_signed_cert(
    tls_dir: str = "tls",
    bits: int = 2048,
    days: int = 365,
    CN: str = "localhost",
    C: str = "US",
    ST: str = "Utah",
    L: str = "Salt Lake City",
    O: str = "SaltStack",
    OU: str | None = None,
    emailAddress: str | None = None,
    cacert_path: str | None = None,
    cert_filename: str | None = None,
    digest: str = "sha256",
    replace: bool = False,
) -> str:
    """Make a key and a certificate that signs itself; what is there stays, but with `replace`.

    CLI Example::

        saltern run '*' tls.create_self_signed_cert CN=test.example.com
    """
    folder = f"{cert_base_path(cacert_path)}/{tls_dir}/certs"
    base = f"{folder}/{cert_filename or CN}"
    if os.path.exists(f"{base}.crt") and not replace:
        return f'Certificate "{base}.crt" already exists'
    os.makedirs(folder, mode=0o755, exist_ok=True)
    _key(f"{base}.key", bits)
    subject = _subject(CN, C, ST, L, O, OU, emailAddress)
    __salt__["x509.create_certificate"](
        signing_private_key=f"{base}.key", days_valid=days, digest=digest, path=f"{base}.crt", **subject
    )
    return f'Created Private Key: "{base}.key" Created Certificate: "{base}.crt"'


def create_pkcs12(
    ca_name: str, CN: str, passphrase: str = "", cacert_path: str | None = None, replace: bool = False
) -> str:
    """Put a signed certificate with its key and that of the authority into one PKCS#12 file.

    CLI Example::

        saltern run '*' tls.create_pkcs12 test CN=www.example.com passphrase=sekrit
    """
    import base64

    base = f"{_certs(ca_name, cacert_path)}/{CN}"
    if os.path.exists(f"{base}.p12") and not replace:
        return f'Certificate "{base}" already exists'
    for path in (f"{base}.crt", f"{base}.key"):
        if not os.path.exists(path):
            return f'There is no certificate that matches the CN "{base}"'
    text = __salt__["x509.encode_certificate"](
        f"{base}.crt",
        encoding="pkcs12",
        private_key=f"{base}.key",
        append_certs=get_ca(ca_name, cacert_path=cacert_path),
        pkcs12_passphrase=passphrase or None,
    )
    write_whole(f"{base}.p12", base64.b64decode(text), mode=0o600)
    return f'Created PKCS#12 Certificate for "{CN}": "{base}.p12"'


def cert_info(cert: str, digest: str = "sha256") -> dict[str, Any]:
    """What a certificate says, times in seconds since 1970.

    CLI Example::

        saltern run '*' tls.cert_info /dir/for/certs/cert.pem
    """
    read = __salt__["x509.read_certificate"](cert)
    info: dict[str, Any] = {
        "fingerprint": read["fingerprints"].get(digest),
        "subject": read["subject"],
        "issuer": read["issuer"],
        "serial_number": int(read["serial_number"].replace(":", ""), 16),
        "not_before": _seconds(read["not_before"]),
        "not_after": _seconds(read["not_after"]),
        "extensions": read["extensions"],
        "signature_algorithm": read["signature_algorithm"],
    }
    names = read["extensions"].get("subjectAltName")
    return {**info, "subject_alt_names": names["value"]} if names else info


def get_expiration_date(cert: str, date_format: str = "%Y-%m-%d") -> str:
    """The day on which a certificate expires.

    CLI Example::

        saltern run '*' tls.get_expiration_date /path/to/foo.crt date_format='%d/%m/%Y'
    """
    import datetime

    return datetime.datetime.fromtimestamp(cert_info(cert)["not_after"], datetime.UTC).strftime(date_format)


def validate(cert: str, ca_name: str, crl_file: str | None = None) -> dict[str, Any]:
    """Whether a certificate was signed by an authority, holds now, and is not in a revocation list.

    CLI Example::

        saltern run '*' tls.validate /path/to/cert.crt my_ca
    """
    authority = get_ca(ca_name)
    if not __salt__["x509.verify_signature"](cert, authority):
        return {"valid": False, "error": "unable to get local issuer certificate"}
    if __salt__["x509.expires"](cert):
        return {"valid": False, "error": "certificate has expired"}
    if crl_file:
        if not __salt__["x509.verify_crl"](crl_file, authority):
            return {"valid": False, "error": "CRL signature failure"}
        number = __salt__["x509.read_certificate"](cert)["serial_number"].replace(":", "")
        if number in __salt__["x509.read_crl"](crl_file)["revoked_certificates"]:
            return {"valid": False, "error": "certificate revoked"}
    return {"valid": True, "error": None}


def create_empty_crl(
    ca_name: str,
    cacert_path: str | None = None,
    ca_filename: str | None = None,
    crl_file: str | None = None,
    digest: str = "sha256",
) -> str:
    """Make an authority's revocation list, with nothing in it.

    CLI Example::

        saltern run '*' tls.create_empty_crl ca_name=koji ca_filename=ca crl_file=/etc/openvpn/crl.pem
    """
    base = _ca_file(ca_name, cacert_path, ca_filename)
    path = crl_file or f"{cert_base_path(cacert_path)}/{ca_name}/crl.pem"
    if os.path.exists(path):
        return f'CRL "{path}" already exists'
    if not os.path.exists(f"{base}.crt"):
        return f'There is no CA named "{ca_name}"'
    _list(base, [], path, digest)
    return f'Created an empty CRL: "{path}"'


def revoke_cert(
    ca_name: str,
    CN: str,
    cacert_path: str | None = None,
    ca_filename: str | None = None,
    cert_path: str | None = None,
    cert_filename: str | None = None,
    crl_file: str | None = None,
    digest: str = "sha256",
) -> str:
    """Put a certificate into its authority's revocation list; those that are in it stay.

    CLI Example::

        saltern run '*' tls.revoke_cert ca_name=koji CN=www crl_file=/etc/openvpn/team1/crl.pem
    """
    base = _ca_file(ca_name, cacert_path, ca_filename)
    cert = f"{cert_path or _certs(ca_name, cacert_path)}/{cert_filename or CN}.crt"
    path = crl_file or f"{cert_base_path(cacert_path)}/{ca_name}/crl.pem"
    if not os.path.exists(f"{base}.crt"):
        return f'There is no CA named "{ca_name}"'
    if not os.path.exists(cert):
        return f'There is no certificate "{cert}"'
    revoked: list[dict[str, Any]] = []
    if os.path.exists(path):
        known = __salt__["x509.read_crl"](path)["revoked_certificates"]
        revoked = [
            {"serial_number": number, "revocation_date": one["revocation_date"]} for number, one in known.items()
        ]
    number = __salt__["x509.read_certificate"](cert)["serial_number"].replace(":", "")
    if any(one["serial_number"] == number for one in revoked):
        return f'"{cert}" was already revoked, serial number: {number}'
    _list(base, [*revoked, {"serial_number": number}], path, digest)
    return f"Revoked Certificate: {cert}, serial number: {number}"


def _list(base: str, revoked: list[dict[str, Any]], path: str, digest: str) -> None:
    __salt__["x509.create_crl"](f"{base}.key", revoked, f"{base}.crt", digest=digest, path=path)


def _ca_file(ca_name: str, cacert_path: str | None, ca_filename: str | None) -> str:
    """The path of an authority's files, without the ending."""
    if not ca_name or "/" in ca_name or ca_name.startswith("."):
        raise SaltInvocationError(f"{ca_name!r} cannot be the name of an authority")
    return f"{cert_base_path(cacert_path)}/{ca_name}/{ca_filename or f'{ca_name}_ca_cert'}"


def _certs(ca_name: str, cacert_path: str | None) -> str:
    return f"{cert_base_path(cacert_path)}/{ca_name}/certs"


def _file(path: str, as_text: bool) -> str:
    if not os.path.exists(path):
        raise CommandExecutionError(f"Certificate does not exist: {path}")
    if not as_text:
        return path
    with open(path, encoding="utf-8") as file:
        return file.read()


def _key(path: str, bits: int) -> None:
    __salt__["x509.create_private_key"](keysize=int(bits), path=path)


def _subject(
    CN: str, C: str | None, ST: str | None, L: str | None, O: str | None, OU: str | None, emailAddress: str | None
) -> dict[str, str]:
    given = {"CN": CN, "C": C, "ST": ST, "L": L, "O": O, "OU": OU, "emailAddress": emailAddress}
    return {name: value for name, value in given.items() if value}


def _usage(cert_type: str) -> dict[str, str]:
    if cert_type not in _USAGES:
        raise SaltInvocationError(f"Invalid Certificate Type '{cert_type}': {' or '.join(_USAGES)}")
    usage, purposes = _USAGES[cert_type]
    return {"keyUsage": usage, "extendedKeyUsage": purposes}


def _seconds(text: str) -> int:
    import datetime

    return int(datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=datetime.UTC).timestamp())


def _indexed(ca_name: str, cacert_path: str | None, cert: str) -> None:
    """Note a certificate in `index.txt`, as OpenSSL's own authorities do."""
    import datetime

    read = __salt__["x509.read_certificate"](cert)
    until = datetime.datetime.fromtimestamp(_seconds(read["not_after"]), datetime.UTC).strftime("%y%m%d%H%M%SZ")
    subject = "".join(f"/{name}={value}" for name, value in read["subject"].items())
    with open(f"{cert_base_path(cacert_path)}/{ca_name}/index.txt", "a", encoding="utf-8") as file:
        file.write(f"V\t{until}\t\t{read['serial_number'].replace(':', '')}\tunknown\t{subject}\n")
