"""Private keys, certificates, requests and revocation lists as files that are as they should be.

Beside their own arguments the states take those of `file.managed` that say whose a file is and how it is replaced:
`user`, `group`, `mode`, `makedirs`, `backup` and so on.
"""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError

__virtualname__ = "x509"

__low__: dict[str, Any]
__opts__: Opts
__salt__: Functions
__states__: Functions

_OF_FILES = (
    "user",
    "group",
    "mode",
    "attrs",
    "makedirs",
    "dir_mode",
    "backup",
    "create",
    "follow_symlinks",
    "check_cmd",
    "tmp_dir",
    "tmp_ext",
    "selinux",
    "encoding_errors",
)
_CERTIFICATE_DAYS_LEFT = 90
_LIST_DAYS_LEFT = 30
_REQUEST = "certificate signing request"
_SOURCES = ("signing_private_key", "signing_cert", "public_key", "private_key", "csr")


def __virtual__() -> str:
    return __virtualname__


def private_key_managed(
    name: str,
    algo: str = "rsa",
    keysize: int | None = None,
    passphrase: str | None = None,
    encoding: str = "pem",
    new: bool = False,
    overwrite: bool = False,
    pkcs12_encryption_compat: bool = False,
    **kwargs: Any,
) -> dict[str, Any]:
    """Have a private key of this kind in a file. `new` makes another each time.

    A key that the passphrase does not open, or a file that is no key, is replaced only with `overwrite`.
    """
    from saltern.plugin_api.x509 import build, encode

    files = {"mode": "0400", **_file_arguments(kwargs)}
    there = os.path.isfile(name)
    try:
        encode.check(encoding, encode.OF_KEYS)
        if there and not new:
            changes = _key_changes(name, algo, keysize, passphrase, encoding, overwrite=overwrite)
        else:
            changes = _missing(name)

        def made() -> bytes:
            key = build.key(algo, keysize)
            return encode.private_key(key, encoding, passphrase, compat=pkcs12_encryption_compat)

        return _brought_about(name, "private key", changes, made, encoding, files, there=there)
    except (CommandExecutionError, SaltInvocationError, OSError) as error:
        return _result(name, False, str(error), {})


def csr_managed(
    name: str,
    private_key: Any,
    private_key_passphrase: str | None = None,
    digest: str = "sha256",
    encoding: str = "pem",
    subject: Any = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Have a certificate signing request in a file, with this key, subject and extensions."""
    from saltern.plugin_api.x509 import build, compare, encode, sources

    files, given = _file_arguments(kwargs), {"subject": subject, **_others(kwargs)}
    try:
        encode.check(encoding, encode.OF_OTHERS)
        if not os.path.isfile(name) and _comes_later(private_key):
            return _brought_about(name, _REQUEST, {"created": name}, bytes, encoding, files, there=False)
        wanted = build.request(sources.private_key(private_key, private_key_passphrase), given, digest)
        now = _present(name, sources.request)
        changes = _encoded(name, encoding, encode.OF_OTHERS) if now is not None else _missing(name)
        if now is not None:
            changes |= compare.requests(now, wanted)
        return _brought_about(
            name,
            _REQUEST,
            changes,
            lambda: encode.other(wanted, encoding),
            encoding,
            files,
            there=os.path.isfile(name),
        )
    except (CommandExecutionError, SaltInvocationError, OSError) as error:
        return _result(name, False, str(error), {})


def certificate_managed(
    name: str,
    days_remaining: int | None = None,
    ca_server: str | None = None,
    signing_policy: str | None = None,
    encoding: str = "pem",
    append_certs: Any = None,
    digest: str = "sha256",
    signing_private_key: Any = None,
    signing_private_key_passphrase: str | None = None,
    signing_cert: Any = None,
    public_key: Any = None,
    private_key: Any = None,
    private_key_passphrase: str | None = None,
    csr: Any = None,
    subject: Any = None,
    serial_number: Any = None,
    not_before: str | None = None,
    not_after: str | None = None,
    days_valid: int | None = None,
    pkcs12_passphrase: str | None = None,
    pkcs12_encryption_compat: bool = False,
    pkcs12_friendlyname: str | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Have a certificate in a file; it is made anew `days_remaining` before it expires, and when what it says differs.

    The arguments are those of `x509.create_certificate`.
    """
    from saltern.plugin_api.x509 import encode, policy

    given = {
        "digest": digest,
        "signing_private_key": signing_private_key,
        "signing_private_key_passphrase": signing_private_key_passphrase,
        "signing_cert": signing_cert,
        "public_key": public_key,
        "private_key": private_key,
        "private_key_passphrase": private_key_passphrase,
        "csr": csr,
        "subject": subject,
        "serial_number": serial_number,
        "not_before": not_before,
        "not_after": not_after,
        "days_valid": days_valid,
        **_others(kwargs),
    }
    options = {
        "append_certs": append_certs,
        "pkcs12_passphrase": pkcs12_passphrase,
        "pkcs12_encryption_compat": pkcs12_encryption_compat,
        "pkcs12_friendlyname": pkcs12_friendlyname,
    }
    try:
        encode.check(encoding, encode.OF_CERTIFICATES)
        rules = __salt__["x509.get_signing_policy"](signing_policy, ca_server) if signing_policy else {}
        effective = policy.applied(given, rules)
        days = _CERTIFICATE_DAYS_LEFT if days_remaining is None else days_remaining
        changes = _certificate_changes(name, effective, encoding, options, days, remote=bool(ca_server))

        def made() -> bytes:
            wanted = {**given, "encoding": encoding, **options, "raw": True}
            return bytes(__salt__["x509.create_certificate"](ca_server, signing_policy, **wanted))

        files = _file_arguments(kwargs)
        if encoding == "pkcs12":
            files = {"mode": "0400", **files}
        return _brought_about(name, "certificate", changes, made, encoding, files, there=os.path.isfile(name))
    except (CommandExecutionError, SaltInvocationError, OSError) as error:
        return _result(name, False, str(error), {})


def crl_managed(
    name: str,
    signing_private_key: Any,
    revoked: list[dict[str, Any]],
    days_remaining: int | None = None,
    signing_cert: Any = None,
    signing_private_key_passphrase: str | None = None,
    include_expired: bool = False,
    days_valid: int | None = None,
    digest: str = "sha256",
    encoding: str = "pem",
    extensions: dict[str, Any] | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Have a revocation list in a file; it is made anew `days_remaining` before its end, and when what it says differs.

    The extension `cRLNumber: auto` counts upwards from one list to the next.
    """
    from saltern.plugin_api.x509 import build, compare, encode, sources

    given = {
        "signing_private_key": signing_private_key,
        "signing_private_key_passphrase": signing_private_key_passphrase,
        "signing_cert": signing_cert,
        "revoked": revoked,
        "include_expired": include_expired,
        "days_valid": days_valid,
        "digest": digest,
        "extensions": dict(extensions or {}),
    }
    try:
        encode.check(encoding, encode.OF_OTHERS)
        now = _present(name, sources.revocation_list)
        counted = given["extensions"].get("cRLNumber") == "auto"
        number = _number_of(now)
        if counted:
            given["extensions"]["cRLNumber"] = max(number, 1)
        changes = _encoded(name, encoding, encode.OF_OTHERS) if now is not None else _missing(name)
        if now is not None:
            changes |= compare.revocation_lists(now, build.revocation_list(given))
            days = _LIST_DAYS_LEFT if days_remaining is None else days_remaining
            if now.next_update_utc is not None and compare.expires_within(now.next_update_utc, days):
                changes["expiration"] = True
        if counted and changes:
            given["extensions"]["cRLNumber"] = number + 1
        return _brought_about(
            name,
            "certificate revocation list",
            changes,
            lambda: encode.other(build.revocation_list(given), encoding),
            encoding,
            _file_arguments(kwargs),
            there=os.path.isfile(name),
        )
    except (CommandExecutionError, SaltInvocationError, OSError) as error:
        return _result(name, False, str(error), {})


def pem_managed(name: str, text: Any, **kwargs: Any) -> dict[str, Any]:
    """Have the PEM block of a source in a file."""
    try:
        block = __salt__["x509.get_pem_entry"](text)
    except (CommandExecutionError, SaltInvocationError) as error:
        return _result(name, False, str(error), {})
    shown = {"show_changes": False} if os.path.exists(name) or "PRIVATE KEY" in block else {}
    mode = {"mode": "0600"} if "PRIVATE KEY" in block else {}
    done = __states__["file.managed"](name, contents=block, **{**mode, **_file_arguments(kwargs), **shown})
    return {key: done[key] for key in ("name", "changes", "result", "comment")}


def _key_changes(
    name: str, algo: str, keysize: int | None, passphrase: str | None, encoding: str, *, overwrite: bool
) -> dict[str, Any]:
    from saltern.plugin_api.x509 import describe, encode, sources

    data = sources.read(name)
    changes = _encoded(name, encoding, encode.OF_KEYS)
    if encoding == "pkcs12":
        changes.pop("encoding", None)
    try:
        key = sources.private_key(data, passphrase)
    except (sources.WrongPassphrase, sources.Encrypted) as error:
        if overwrite:
            return {"passphrase": True, "created": name}
        said = "The provided passphrase cannot decrypt the private key. Pass overwrite: true to force regeneration"
        if isinstance(error, sources.Encrypted):
            said = "The existing file is encrypted. Pass overwrite: true to force regeneration without passphrase"
        raise CommandExecutionError(said) from error
    except SaltInvocationError as error:
        if passphrase and "unencrypted" in str(error):
            return {**changes, "passphrase": True}
        if not overwrite:
            raise CommandExecutionError(
                "The existing file does not seem to be a private key formatted as DER, PEM or embedded in PKCS12. Pass "
                "overwrite: true to force regeneration"
            ) from error
        return {"replaced": name}
    if describe.key_type(key) != algo:
        changes["algo"] = algo
    elif getattr(key, "key_size", None) not in (None, keysize or {"rsa": 2048, "ec": 256}.get(algo)):
        changes["keysize"] = keysize or {"rsa": 2048, "ec": 256}[algo]
    return changes


def _certificate_changes(
    name: str, given: dict[str, Any], encoding: str, options: dict[str, Any], days: float, *, remote: bool
) -> dict[str, Any]:
    from saltern.plugin_api.x509 import build, compare, encode, sources

    if remote:
        return _remote_changes(name, given, encoding, days)
    if not os.path.isfile(name) and _comes_later(*(given.get(one) for one in _SOURCES)):
        return {"created": name}
    wanted, _ = build.certificate(given)
    if not os.path.isfile(name):
        return {"created": name}
    try:
        if encoding == "pkcs12":
            return _of_bundle(name, wanted, given, options, days)
        now, *others = sources.certificates(sources.read(name))
    except SaltInvocationError:
        return {"replaced": name}
    changes = _encoded(name, encoding, encode.OF_CERTIFICATES)
    if compare.expires_within(now.not_valid_after_utc, days):
        changes["expiration"] = True
    appended = [one for source in _list(options["append_certs"]) for one in sources.certificates(source)]
    changes |= compare.certificates(now, wanted, given)
    if others != appended:
        changes["additional_certs"] = True
    if given.get("signing_cert") and not __salt__["x509.verify_signature"](now, given["signing_cert"]):
        changes["signing_private_key"] = True
    return changes


def _of_bundle(name: str, wanted: Any, given: dict[str, Any], options: dict[str, Any], days: float) -> dict[str, Any]:
    from cryptography.hazmat.primitives.serialization import pkcs12

    from saltern.plugin_api.x509 import compare

    secret = options["pkcs12_passphrase"]
    with open(name, "rb") as file:
        data = file.read()
    try:
        held = pkcs12.load_pkcs12(data, secret.encode() if secret else None)
    except ValueError:
        return {"replaced": name}
    if held.cert is None:
        return {"replaced": name}
    now = held.cert.certificate
    changes = compare.certificates(now, wanted, given)
    if compare.expires_within(now.not_valid_after_utc, days):
        changes["expiration"] = True
    friendly = (options["pkcs12_friendlyname"] or "").encode() or None
    if held.cert.friendly_name != friendly:
        changes["pkcs12_friendlyname"] = options["pkcs12_friendlyname"]
    return changes


def _remote_changes(name: str, given: dict[str, Any], encoding: str, days: float) -> dict[str, Any]:
    """Where another minion signs, only what the certificate itself tells can be compared."""
    from saltern.plugin_api.x509 import build, compare, encode, names, sources

    now = _present(name, sources.certificate)
    if now is None:
        return _missing(name)
    changes = _encoded(name, encoding, encode.OF_CERTIFICATES)
    if compare.expires_within(now.not_valid_after_utc, days):
        changes["expiration"] = True
    key = given.get("private_key") or given.get("public_key")
    if key and not build.same_key(now.public_key(), sources.public_key(key, given.get("private_key_passphrase"))):
        changes["private_key"] = True
    subject = names.parse(given["subject"]) if given.get("subject") else names.of_attributes(given)
    if list(subject) and now.subject != subject:
        changes["subject_name"] = names.as_text(subject)
    return changes


def _brought_about(
    name: str,
    what: str,
    changes: dict[str, Any],
    made: Callable[[], bytes],
    encoding: str,
    files: dict[str, Any],
    *,
    there: bool,
) -> dict[str, Any]:
    """Write what was made if there are changes; whose the file is, is seen to in any case."""
    from saltern.plugin_api.whole_file import write_whole
    from saltern.plugin_api.x509 import encode

    done = "recreated" if there and (what == "private key" or "replaced" not in changes) else "created"
    if not os.path.isabs(name):
        said = "Problem while testing file.managed changes, see its output"
        return _result(name, False, said, {}, _file_state(name, replace=False, **files))
    if __opts__["test"]:
        run = _file_state(name, replace=False, **files)
        if changes:
            return _result(name, None, f"The {what} would have been {done}", changes, run)
        said = f"The {what} is in the correct state"
        return _result(name, run["result"], said if run["result"] else run["comment"], run["changes"], run)
    if changes and encode.is_text(encoding):
        shown = {"show_changes": False} if there else {}
        run = _file_state(name, contents=made().decode(), **files, **shown)
    else:
        if changes and os.path.isdir(os.path.dirname(name)):
            write_whole(name, made(), mode=0o600 if "key" in what or encoding == "pkcs12" else 0o644)
        run = _file_state(name, replace=False, **files)
    if run["result"] is False:
        return _result(name, False, "Could not create file, see file.managed output", {}, run)
    if changes:
        return _result(name, True, f"The {what} has been {done}", changes, run)
    return _result(name, True, f"The {what} is in the correct state", {}, run)


def _file_state(name: str, **arguments: Any) -> dict[str, Any]:
    """The result of `file.managed`, as part of this state's result."""
    started, begun = datetime.datetime.now(datetime.UTC), time.monotonic()
    done = __states__["file.managed"](name, **arguments)
    comment = done["comment"]
    if arguments.get("replace") is False and done["result"] and not done["changes"]:
        comment = f"File {name} not updated"
    return {
        **{key: done[key] for key in ("changes", "name", "result")},
        "comment": comment,
        "__sls__": None,
        "__run_num__": 0,
        "start_time": started.strftime("%H:%M:%S.%f"),
        "duration": round((time.monotonic() - begun) * 1000, 3),
        "__id__": name,
        "low": {"name": name, "state": "file", "__id__": __low__["__id__"], "fun": "managed"},
    }


def _present(name: str, read: Callable[[Any], Any]) -> Any:
    """What the file holds; None where there is no file, or one that holds something else."""
    if not os.path.isfile(name):
        return None
    with open(name, "rb") as file:
        data = file.read()
    try:
        return read(data)
    except SaltInvocationError:
        return None


def _comes_later(*paths: Any) -> bool:
    """Whether a dry run lacks a file that a state before this one may be about to write, such as the key."""
    if not __opts__["test"]:
        return False
    return any(isinstance(one, str) and os.path.isabs(one) and not os.path.exists(one) for one in paths)


def _missing(name: str) -> dict[str, Any]:
    return {"replaced": name} if os.path.isfile(name) else {"created": name}


def _encoded(name: str, encoding: str, valid: tuple[str, ...]) -> dict[str, Any]:
    from saltern.plugin_api.x509 import encode

    with open(name, "rb") as file:
        found = encode.encoding_of(file.read(), valid)
    return {} if found == encoding else {"encoding": encoding}


def _number_of(now: Any) -> int:
    from cryptography import x509

    if now is None:
        return 0
    try:
        return int(now.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number)
    except x509.ExtensionNotFound:
        return 0


def _file_arguments(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in kwargs.items() if key in _OF_FILES and value is not None}


def _others(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in kwargs.items() if key not in _OF_FILES and not key.startswith("__")}


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _result(
    name: str, result: bool | None, comment: str, changes: dict[str, Any], run: dict[str, Any] | None = None
) -> dict[str, Any]:
    answer: dict[str, Any] = {"name": name, "changes": changes, "result": result, "comment": comment}
    if run is not None:
        answer["sub_state_run"] = [run]
    return answer
