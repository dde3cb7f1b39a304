"""Objects in a store that speaks S3: put, get and list, with requests signed by AWS's fourth version of signatures."""

from __future__ import annotations

import hashlib
import hmac
import shutil
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from saltern.plugin_api.http_delivery import NothingThereError, Service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from http.client import HTTPResponse
    from typing import IO

_ALGORITHM = "AWS4-HMAC-SHA256"
_TYPE = "application/json"


class StoredObject(NamedTuple):
    """What a listing says of an object. `etag` is another text for each content; `modified` is seconds since 1970."""

    key: str
    etag: str
    size: int
    modified: float


class ObjectStore(NamedTuple):
    """A bucket and who reads and writes it.

    `endpoint` is a URL. The bucket is the first part of paths, or with `path_style=False` of the host's name.
    """

    endpoint: str
    bucket: str
    access_key: str = ""
    secret_key: str = ""
    session_token: str = ""
    region: str = "us-east-1"
    verify: bool = True
    path_style: bool = True

    def put(self, key: str, data: bytes) -> None:
        self._ask("PUT", key, {}, data)

    def get(self, key: str) -> bytes | None:
        """An object's bytes; None when there is no such object."""
        try:
            return self._ask("GET", key, {}, b"")
        except NothingThereError:
            return None

    def tag(self, key: str) -> str | None:
        """The tag of an object, which is the MD5 digest of its content unless it came in parts; None without it."""
        try:
            with self._answered("HEAD", key, {}, b"") as answer:
                return _tag_of(answer)
        except NothingThereError:
            return None

    def download(self, key: str, file: IO[bytes]) -> str | None:
        """Write an object's bytes into a file; its tag. None when there is no such object."""
        try:
            with self._answered("GET", key, {}, b"") as answer:
                shutil.copyfileobj(answer, file)
                return _tag_of(answer)
        except NothingThereError:
            return None

    def objects(self, prefix: str = "") -> Iterator[StoredObject]:
        """What is said of the objects whose keys begin like this, in the order of the keys."""
        query = {"list-type": "2", "prefix": prefix}
        while True:
            found = ElementTree.fromstring(self._ask("GET", "", query, b""))  # noqa: S314  (the store is trusted)
            space = found.tag.partition("}")[0] + "}" if found.tag.startswith("{") else ""
            yield from (_object(node, space) for node in found.iter(f"{space}Contents"))
            token = found.findtext(f"{space}NextContinuationToken")
            if not token:
                return
            query = {**query, "continuation-token": token}

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin like this, in their order."""
        return (one.key for one in self.objects(prefix))

    def _ask(self, method: str, key: str, query: Mapping[str, str], data: bytes) -> bytes:
        with self._answered(method, key, query, data) as answer:
            return answer.read()

    def _answered(
        self, method: str, key: str, query: Mapping[str, str], data: bytes
    ) -> AbstractContextManager[HTTPResponse]:
        start, host = self._address()
        path = quote(f"{start}/{key}" if key else start or "/", safe="/-_.~")
        asked = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(query.items()))
        headers = self._signed(method, host, path, asked, data, datetime.now(UTC))
        service = Service("The object store", headers=headers, verify=self.verify)
        scheme = urlsplit(self.endpoint).scheme
        url = f"{scheme}://{host}{path}{f'?{asked}' if asked else ''}"
        return service.answered(url, data, _TYPE, method)

    def _address(self) -> tuple[str, str]:
        """What paths begin with, and the host that is asked."""
        parts = urlsplit(self.endpoint)
        base = parts.path.rstrip("/")
        return (f"{base}/{self.bucket}", parts.netloc) if self.path_style else (base, f"{self.bucket}.{parts.netloc}")

    def _signed(self, method: str, host: str, path: str, query: str, data: bytes, now: datetime) -> dict[str, str]:
        """The headers of a request, its signature among them."""
        moment = f"{now:%Y%m%dT%H%M%SZ}"
        headers = {"host": host, "x-amz-date": moment,
                   "x-amz-content-sha256": hashlib.sha256(data).hexdigest()}  # fmt: skip
        if self.session_token:
            headers["x-amz-security-token"] = self.session_token
        if not self.access_key:
            return headers
        signature = signature_of(
            method, path, query, headers, headers["x-amz-content-sha256"], moment, self.region, self.secret_key
        )
        scope = f"{moment[:8]}/{self.region}/s3/aws4_request"
        names = ";".join(sorted(headers))
        credential = f"Credential={self.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        return {**headers, "Authorization": f"{_ALGORITHM} {credential}"}


def signature_of(
    method: str, path: str, query: str, headers: Mapping[str, str], digest: str, moment: str, region: str, secret: str
) -> str:
    """The signature of a request whose path and query are encoded and whose headers have lower-case names."""
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in sorted(headers))
    request = "\n".join([method, path, query, lines, ";".join(sorted(headers)), digest])
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    text = "\n".join([_ALGORITHM, moment, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in (moment[:8], region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _tag_of(answer: HTTPResponse) -> str:
    return (answer.headers.get("ETag") or "").strip('"')


def _object(node: ElementTree.Element, space: str) -> StoredObject:
    return StoredObject(
        key=node.findtext(f"{space}Key") or "",
        etag=(node.findtext(f"{space}ETag") or "").strip('"'),
        size=int(node.findtext(f"{space}Size") or 0),
        modified=_seconds(node.findtext(f"{space}LastModified") or ""),
    )


def _seconds(moment: str) -> float:
    try:
        return datetime.fromisoformat(moment).timestamp()
    except ValueError:
        return 0.0


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
