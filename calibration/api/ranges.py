"""Send a file whole or one range of it (RFC 9110), with its hash as ETag."""

import base64
import re
from collections.abc import Iterator
from typing import IO

from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified, StreamingHttpResponse
from django.utils.http import parse_etags
from rest_framework.request import Request

CHUNK = 1 << 20
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def send(request: Request, file: IO[bytes], *, size: int, sha256: str, name: str, kind: str) -> HttpResponseBase:
    """Answer 200, 206, 304 or 416; the file is closed when its last byte is sent."""
    etag = f'"{sha256}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    response: HttpResponseBase
    if etag in known or "*" in known:
        file.close()
        response = HttpResponseNotModified()
    else:
        response = _content(request, file, size, etag, kind)
        response["X-Checksum-SHA256"] = sha256
        response["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    return response


def _content(request: Request, file: IO[bytes], size: int, etag: str, kind: str) -> HttpResponseBase:
    wanted = _range(request, size, etag)
    if wanted is None:
        first, last, status = 0, size - 1, 200
    else:
        (first, last), status = wanted, 206
    if first > last and size:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    file.seek(first)
    response = StreamingHttpResponse(_Part(file, last - first + 1), status=status, content_type=kind)
    response["Content-Length"] = str(last - first + 1)
    if status == 206:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _range(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """Return first and last byte of a single range; more than one, or a stale one, is answered with the whole file."""
    found = RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if found is None or found[0] == "bytes=-" or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = found[1], found[2]
    if not first:
        return max(0, size - int(last)), size - 1 if int(last) else -1
    if int(first) >= size:
        return size, -1
    return int(first), min(int(last), size - 1) if last else size - 1


class _Part:
    """A part of an open file in chunks; closed with the answer even when nobody reads it."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left, self.close = file, size, file.close

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0 and (chunk := self._file.read(min(CHUNK, self._left))):
            self._left -= len(chunk)
            yield chunk
