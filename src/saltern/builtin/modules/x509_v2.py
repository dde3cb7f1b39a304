"""X.509: private keys, certificates, requests and revocation lists.

A source of a key, certificate, request or list is a path, a text (PEM, hex, base64) or bytes. Functions that make
something take these arguments:

``encoding``
    `pem` or `der`; certificates and keys also `pkcs12`, certificates `pkcs7_pem` and `pkcs7_der`. What is not text is
    returned in base64.
``path``
    Write it to this file instead, readable by its owner alone where it has a private key.
``raw``
    Return bytes, for use in Python.

Subjects are given as `subject` (`CN=a,O=b` as in RFC 4514, a list or a mapping) or by their attributes (`CN=a O=b`).
Extensions are given by the names and texts of OpenSSL's configuration: `basicConstraints='critical, CA:TRUE'`.
"""

from __future__ import annotations

import os
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cryptography import x509

__virtualname__ = "x509"

__salt__: Functions


def __virtual__() -> str:
    return __virtualname__


# --- making -----------------------------------------------------------------------------------------------------------


def create_private_key(
    algo: str = "rsa",
    keysize: int | None = None,
    passphrase: str | None = None,
    encoding: str = "pem",
    pkcs12_encryption_compat: bool = False,
    path: str | None = None,
    raw: bool = False,
    **kwargs: Any,
) -> Any:
    """A new private key: `rsa` (2048, 3072 or 4096 bits), `ec` (256, 384 or 521), `ed25519` or `ed448`.

    CLI Example::

        saltern run '*' x509.create_private_key algo=ec keysize=384
        saltern run '*' x509.create_private_key path=/etc/pki/my.key
    """
    from saltern.plugin_api.x509 import build, encode

    encode.check(encoding, encode.OF_KEYS)
    data = encode.private_key(build.key(algo, keysize), encoding, passphrase, compat=pkcs12_encryption_compat)
    return _given_back(data, encoding, path, raw, "Private key", secret=True)


def create_csr(
    private_key: Any,
    private_key_passphrase: str | None = None,
    digest: str = "sha256",
    encoding: str = "pem",
    path: str | None = None,
    raw: bool = False,
    **kwargs: Any,
) -> Any:
    """A certificate signing request.

    CLI Example::

        saltern run '*' x509.create_csr private_key=/etc/pki/my.key CN=www.example.com
    """
    from saltern.plugin_api.x509 import build, encode, sources

    encode.check(encoding, encode.OF_OTHERS)
    made = build.request(sources.private_key(private_key, private_key_passphrase), kwargs, digest)
    return _given_back(encode.other(made, encoding), encoding, path, raw, "CSR")


def create_certificate(
    ca_server: str | None = None,
    signing_policy: str | None = None,
    encoding: str = "pem",
    append_certs: Any = None,
    pkcs12_passphrase: str | None = None,
    pkcs12_encryption_compat: bool = False,
    pkcs12_friendlyname: str | None = None,
    path: str | None = None,
    overwrite: bool = True,
    raw: bool = False,
    **kwargs: Any,
) -> Any:
    """A certificate, signed by `signing_private_key`, whose certificate is `signing_cert` unless it signs itself.

    Its key is that of `private_key`, `public_key` or `csr`, by default the signing key. It holds from `not_before`, by
    default from now on, to `not_after`, or for `days_valid`. A `signing_policy` of the minion's configuration stands
    above what is asked for. With `ca_server` another minion signs, by such a policy.

    CLI Example::

        saltern run '*' x509.create_certificate signing_private_key=/etc/pki/my.key CN=www.example.com days_valid=90
    """
    from saltern.plugin_api.x509 import build, encode, policy, sources

    encode.check(encoding, encode.OF_CERTIFICATES)
    if path and not overwrite and os.path.exists(path):
        return f"The file at {path} exists and overwrite was set to false"
    if ca_server:
        signed = _signed_elsewhere(ca_server, signing_policy, kwargs)
        cert, key = sources.certificate(signed), None
        if kwargs.get("private_key"):
            key = sources.private_key(kwargs["private_key"], kwargs.get("private_key_passphrase"))
    else:
        rules = get_signing_policy(signing_policy) if signing_policy else {}
        cert, key = build.certificate(policy.applied(kwargs, rules))
    others = [one for source in _list(append_certs) for one in sources.certificates(source)]
    data = encode.certificate(
        cert, encoding, others, key, pkcs12_passphrase, pkcs12_friendlyname, compat=pkcs12_encryption_compat
    )
    return _given_back(data, encoding, path, raw, "Certificate", secret=encoding == "pkcs12")


def create_crl(
    signing_private_key: Any,
    revoked: list[dict[str, Any]],
    signing_cert: Any = None,
    signing_private_key_passphrase: str | None = None,
    include_expired: bool = False,
    days_valid: int | None = None,
    digest: str = "sha256",
    encoding: str = "pem",
    extensions: dict[str, Any] | None = None,
    path: str | None = None,
    raw: bool = False,
    **kwargs: Any,
) -> Any:
    """A revocation list. Of each item of `revoked` the `serial_number` or the `certificate` is given.

    Items may have a `revocation_date`, `not_after` and `extensions` (`CRLReason: keyCompromise`). A certificate
    that has expired is left out unless `include_expired` is set.

    CLI Example::

        saltern run '*' x509.create_crl /etc/pki/ca.key '[{"certificate": "/etc/pki/a.crt"}]' /etc/pki/ca.crt
    """
    from saltern.plugin_api.x509 import build, encode

    encode.check(encoding, encode.OF_OTHERS)
    given = {
        "signing_private_key": signing_private_key,
        "signing_private_key_passphrase": signing_private_key_passphrase,
        "signing_cert": signing_cert,
        "revoked": _list(revoked),
        "include_expired": include_expired,
        "days_valid": days_valid,
        "digest": digest,
        "extensions": extensions,
    }
    return _given_back(encode.other(build.revocation_list(given), encoding), encoding, path, raw, "CRL")


# --- other encodings --------------------------------------------------------------------------------------------------


def encode_private_key(
    private_key: Any,
    encoding: str = "pem",
    passphrase: str | None = None,
    private_key_passphrase: str | None = None,
    pkcs12_encryption_compat: bool = False,
    raw: bool = False,
) -> Any:
    """A private key in another encoding. `private_key_passphrase` opens it, `passphrase` is the new one.

    CLI Example::

        saltern run '*' x509.encode_private_key /etc/pki/my.key encoding=der
    """
    from saltern.plugin_api.x509 import encode, sources

    key = sources.private_key(private_key, private_key_passphrase)
    return encode.shown(
        encode.private_key(key, encoding, passphrase, compat=pkcs12_encryption_compat), encoding, raw=raw
    )


def encode_certificate(
    certificate: Any,
    encoding: str = "pem",
    append_certs: Any = None,
    private_key: Any = None,
    private_key_passphrase: str | None = None,
    pkcs12_passphrase: str | None = None,
    pkcs12_encryption_compat: bool = False,
    pkcs12_friendlyname: str | None = None,
    raw: bool = False,
) -> Any:
    """A certificate in another encoding, with `append_certs` behind it.

    CLI Example::

        saltern run '*' x509.encode_certificate /etc/pki/my.crt encoding=pkcs7_pem
    """
    from saltern.plugin_api.x509 import encode, sources

    others = [one for source in _list(append_certs) for one in sources.certificates(source)]
    key = sources.private_key(private_key, private_key_passphrase) if private_key else None
    data = encode.certificate(
        sources.certificate(certificate),
        encoding,
        others,
        key,
        pkcs12_passphrase,
        pkcs12_friendlyname,
        compat=pkcs12_encryption_compat,
    )
    return encode.shown(data, encoding, raw=raw)


def encode_csr(csr: Any, encoding: str = "pem", raw: bool = False) -> Any:
    """A certificate signing request in another encoding.

    CLI Example::

        saltern run '*' x509.encode_csr /etc/pki/my.csr encoding=der
    """
    from saltern.plugin_api.x509 import encode, sources

    return encode.shown(encode.other(sources.request(csr), encoding), encoding, raw=raw)


def encode_crl(crl: Any, encoding: str = "pem", raw: bool = False) -> Any:
    """A revocation list in another encoding.

    CLI Example::

        saltern run '*' x509.encode_crl /etc/pki/my.crl encoding=der
    """
    from saltern.plugin_api.x509 import encode, sources

    return encode.shown(encode.other(sources.revocation_list(crl), encoding), encoding, raw=raw)


# --- reading ----------------------------------------------------------------------------------------------------------


def read_certificate(certificate: Any) -> dict[str, Any]:
    """What a certificate says.

    CLI Example::

        saltern run '*' x509.read_certificate /etc/pki/mycert.crt
    """
    from saltern.plugin_api.x509 import describe, sources

    return describe.certificate(sources.certificate(certificate))


def read_certificates(glob_path: str) -> dict[str, dict[str, Any]]:
    """What the certificates of files say, by their paths; files that hold none are left out.

    CLI Example::

        saltern run '*' x509.read_certificates '/etc/pki/*.crt'
    """
    return _of_files(glob_path, read_certificate)


def read_csr(csr: Any) -> dict[str, Any]:
    """What a certificate signing request says.

    CLI Example::

        saltern run '*' x509.read_csr /etc/pki/mycert.csr
    """
    from saltern.plugin_api.x509 import describe, sources

    return describe.request(sources.request(csr))


def read_crl(crl: Any) -> dict[str, Any]:
    """What a revocation list says.

    CLI Example::

        saltern run '*' x509.read_crl /etc/pki/my.crl
    """
    from saltern.plugin_api.x509 import describe, sources

    return describe.revocation_list(sources.revocation_list(crl))


def get_public_key(key: Any, passphrase: str | None = None, asObj: Any = None) -> str:  # noqa: N803  (Salt's name)
    """The public key of a key, certificate or request, in PEM.

    CLI Example::

        saltern run '*' x509.get_public_key /etc/pki/my.key
    """
    from saltern.plugin_api.x509 import describe, sources

    try:
        return describe.public_pem(sources.public_key(key, passphrase))
    except sources.Encrypted as error:
        raise CommandExecutionError(str(error)) from error


def get_private_key_size(private_key: Any, passphrase: str | None = None) -> int | None:
    """The size of a private key, in bits; None for kinds that have one size.

    CLI Example::

        saltern run '*' x509.get_private_key_size /etc/pki/my.key
    """
    from saltern.plugin_api.x509 import sources

    return getattr(sources.private_key(private_key, passphrase), "key_size", None)


def get_pem_entry(text: Any, pem_type: str | None = None) -> str:
    """The first PEM block of a source, or the first of a kind (`CERTIFICATE`), as it should be written.

    CLI Example::

        saltern run '*' x509.get_pem_entry /etc/pki/mycert.crt
    """
    from saltern.plugin_api.x509 import sources

    found = [block for kind, block in sources.pem_entries(sources.read(text)) if pem_type in (None, kind)]
    if not found:
        what = f"PEM block of the type {pem_type}" if pem_type else "PEM block"
        raise SaltInvocationError(f"There is no {what} in the source.")
    return found[0].decode()


def get_pem_entries(glob_path: str) -> dict[str, str]:
    """The first PEM block of each file, by its path; files that have none are left out.

    CLI Example::

        saltern run '*' x509.get_pem_entries '/etc/pki/*.crt'
    """
    return _of_files(glob_path, get_pem_entry)


def write_pem(text: Any, path: str, overwrite: bool = True, pem_type: str | None = None) -> str:
    """Write a PEM block to a file.

    CLI Example::

        saltern run '*' x509.write_pem /tmp/mycert.crt path=/etc/pki/mycert.crt
    """
    block = get_pem_entry(text, pem_type)
    if not overwrite and os.path.exists(path):
        return f"The file at {path} exists and overwrite was set to false"
    return str(_given_back(block.encode(), "pem", path, False, "PEM", secret="PRIVATE KEY" in block))


# --- checking ---------------------------------------------------------------------------------------------------------


def verify_private_key(private_key: Any, public_key: Any, passphrase: str | None = None) -> bool:
    """Whether a private key is that of a public key, certificate or request.

    CLI Example::

        saltern run '*' x509.verify_private_key private_key=/etc/pki/my.key public_key=/etc/pki/my.crt
    """
    from saltern.plugin_api.x509 import build, sources

    return build.same_key(sources.private_key(private_key, passphrase).public_key(), sources.public_key(public_key))


def verify_signature(
    certificate: Any, signing_pub_key: Any = None, signing_pub_key_passphrase: str | None = None
) -> bool:
    """Whether a certificate was signed by the key of another, or by its own.

    CLI Example::

        saltern run '*' x509.verify_signature /etc/pki/mycert.pem signing_pub_key=/etc/pki/myca.crt
    """
    from saltern.plugin_api.x509 import signatures, sources

    cert = sources.certificate(certificate)
    signer = cert.public_key()
    if signing_pub_key:
        signer = sources.public_key(signing_pub_key, signing_pub_key_passphrase)
    return signatures.is_signed_by(cert, signer)


def verify_crl(crl: Any, cert: Any) -> bool:
    """Whether a revocation list was signed by the key of a certificate.

    CLI Example::

        saltern run '*' x509.verify_crl crl=/etc/pki/my.crl cert=/etc/pki/myca.crt
    """
    from saltern.plugin_api.x509 import sources

    return bool(sources.revocation_list(crl).is_signature_valid(sources.public_key(cert)))


def expired(certificate: Any) -> dict[str, Any]:
    """Whether a certificate has expired.

    CLI Example::

        saltern run '*' x509.expired /etc/pki/mycert.crt
    """
    return {**_named(certificate), "expired": expires(certificate)}


def will_expire(certificate: Any, days: int) -> dict[str, Any]:
    """Whether a certificate expires within some days.

    CLI Example::

        saltern run '*' x509.will_expire /etc/pki/mycert.crt days=30
    """
    return {"check_days": days, **_named(certificate), "will_expire": expires(certificate, days)}


def expires(certificate: Any, days: int = 0) -> bool:
    """Whether a certificate has expired, or does within some days.

    CLI Example::

        saltern run '*' x509.expires /etc/pki/mycert.crt days=7
    """
    from saltern.plugin_api.x509 import compare, sources

    return compare.expires_within(sources.certificate(certificate).not_valid_after_utc, float(days))


# --- signing for others -----------------------------------------------------------------------------------------------


def get_signing_policy(signing_policy: str, ca_server: str | None = None) -> dict[str, Any]:
    """A signing policy of this minion's configuration or pillar (`x509_signing_policies`), or of another minion's.

    CLI Example::

        saltern run '*' x509.get_signing_policy www
    """
    if ca_server:
        found = _ask(ca_server, signing_policy, {}, get_signing_policy_only=True)
        return dict(found) if isinstance(found, dict) else {}
    policies = __salt__["config.get"]("x509_signing_policies", {})
    policy = policies.get(signing_policy) if isinstance(policies, dict) else None
    if isinstance(policy, list):
        policy = {key: value for one in policy for key, value in one.items()}
    return {key: value for key, value in (policy or {}).items() if not str(key).startswith("__")}


def sign_remote_certificate(
    signing_policy: str, kwargs: dict[str, Any], get_signing_policy_only: bool = False, **more: Any
) -> dict[str, Any]:
    """Sign for another minion, by a policy of this one that names the minions it is for (`minions`).

    CLI Example::

        saltern run '*' x509.sign_remote_certificate www kwargs="{'public_key': '/etc/pki/www.pub'}"
    """
    rules = get_signing_policy(signing_policy)
    if not rules:
        return {"data": None, "errors": ["signing_policy must be specified and defined on signing minion"]}
    asker = str(more.get("__pub_id") or "")
    if not asker or not __salt__["match.compound"](str(rules.get("minions", "")), minion_id=asker):
        return {"data": None, "errors": [f"minion not permitted to use specified signing policy: {asker}"]}
    if get_signing_policy_only:
        secret = ("minions", "signing_private_key", "signing_private_key_passphrase")
        return {"data": {key: value for key, value in rules.items() if key not in secret}, "errors": []}
    from saltern.plugin_api.x509 import build, encode, policy

    try:
        given = {key: value for key, value in kwargs.items() if key != "private_key"}
        cert, _ = build.certificate(policy.applied(given, rules))
    except (CommandExecutionError, SaltInvocationError) as error:
        return {"data": None, "errors": [str(error)]}
    return {"data": encode.certificate(cert, "pem").decode(), "errors": []}


def _signed_elsewhere(ca_server: str, signing_policy: str | None, given: dict[str, Any]) -> Any:
    from saltern.plugin_api.x509 import describe, sources

    if not signing_policy:
        raise SaltInvocationError("A signing policy is needed to sign on another minion: signing_policy")
    asked = {key: value for key, value in given.items() if not key.startswith(("__", "private_key", "signing_private"))}
    if given.get("private_key"):
        key = sources.private_key(given["private_key"], given.get("private_key_passphrase"))
        asked["public_key"] = describe.public_pem(key.public_key())
    for name in ("csr", "public_key"):
        if asked.get(name):
            asked[name] = sources.read(asked[name]).decode()
    return _ask(ca_server, signing_policy, asked)


def _ask(ca_server: str, signing_policy: str, given: dict[str, Any], *, get_signing_policy_only: bool = False) -> Any:
    if "publish.publish" not in __salt__:
        raise CommandExecutionError("Another minion can be asked only where publish.publish is available.")
    arguments = [signing_policy, given, get_signing_policy_only]
    answer = __salt__["publish.publish"](ca_server, "x509.sign_remote_certificate", arg=arguments)
    if not isinstance(answer, dict) or ca_server not in answer:
        raise CommandExecutionError(f"ca_server did not respond. Ensure that {ca_server} runs and permits this (peer).")
    said = answer[ca_server]
    if not isinstance(said, dict) or said.get("errors") or not said.get("data"):
        errors = said.get("errors") if isinstance(said, dict) else [str(said)]
        raise CommandExecutionError("ca_server did not sign: " + "; ".join(map(str, errors or ["no data"])))
    return said["data"]


def _given_back(data: bytes, encoding: str, path: str | None, raw: bool, what: str, *, secret: bool = False) -> Any:
    from saltern.plugin_api.whole_file import write_whole
    from saltern.plugin_api.x509 import encode

    if not path:
        return encode.shown(data, encoding, raw=raw)
    write_whole(path, data, mode=0o600 if secret else 0o644)
    return f"{'PEM' if encoding == 'pem' else what} written to {path}"


def _of_files(glob_path: str, read: Any) -> dict[str, Any]:
    import glob

    found = {}
    for path in sorted(glob.glob(glob_path)):
        if os.path.isfile(path):
            try:
                found[path] = read(path)
            except (SaltInvocationError, ValueError):
                continue
    return found


def _named(certificate: Any) -> dict[str, Any]:
    from saltern.plugin_api.x509 import names, sources

    cert: x509.Certificate = sources.certificate(certificate)
    path = str(certificate) if isinstance(certificate, str) and os.path.isfile(certificate) else None
    return {"path": path, "cn": names.as_dict(cert.subject).get("CN")}


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
