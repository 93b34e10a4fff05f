"""Answers with a stored file: byte ranges, HEAD, ETag; by nginx where it stands in front. Who may see it is decided before."""

import threading
import weakref
from collections.abc import Generator, Iterator
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from media_pipeline.assets import store
from media_pipeline.assets.ranges import ByteRange, Unsatisfiable, parse_range
from media_pipeline.assets.types import StoredFile

# About half a minute of a 480p proxy.
LONGEST_RANGE = 4 << 20
_BLOCK = 64 << 10
_RETRY_AFTER_S = 15
# Long answers to requests without a range (no player sends such) hold a thread each: a quarter of this process's at most.
_long_answers = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 4))


def serve(request: HttpRequest, file: StoredFile, *, name: str) -> HttpResponseBase:
    """The file, or the part asked for (206), or 304, or 416; 429 when too many are being read whole.

    `name` is what a saved copy is called: the caller's own, never the one it was uploaded with.
    Raises FileNotFoundError when storage has lost it.
    """
    etag = f'"{file.sha256[:32]}"'
    if etag in request.headers.get("If-None-Match", ""):
        return _finish(HttpResponseNotModified(), file, etag, name)
    if settings.X_ACCEL_PREFIX:
        accelerated = HttpResponse(content_type=file.mime)
        accelerated["X-Accel-Redirect"] = settings.X_ACCEL_PREFIX + quote(file.key)
        return _finish(accelerated, file, etag, name)
    if not store.exists(file.key):  # noticed before the answer begins
        raise FileNotFoundError(file.key)
    wanted = request.headers.get("Range", "") if request.headers.get("If-Range", etag) == etag else ""
    try:
        part = parse_range(wanted, file.size, longest=LONGEST_RANGE)
    except Unsatisfiable:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{file.size}"
        return _finish(refused, file, etag, name)
    whole = ByteRange(0, file.size - 1, file.size)
    asked = part or whole
    if request.method == "HEAD":
        answer: HttpResponseBase = HttpResponse(content_type=file.mime)
    elif asked.length > LONGEST_RANGE:
        if not _long_answers.acquire(blocking=False):
            return _busy()
        answer = StreamingHttpResponse(_LongAnswer(file.key, asked), content_type=file.mime)
    else:
        answer = StreamingHttpResponse(_bytes(file.key, asked), content_type=file.mime)
    answer.status_code = 206 if part else 200
    if part:
        answer["Content-Range"] = part.content_range
    answer["Content-Length"] = str(asked.length)
    return _finish(answer, file, etag, name)


def _busy() -> HttpResponse:
    said = _("Many people are watching right now. Please try again in a moment.")
    answer = HttpResponse(said, status=429, content_type="text/plain; charset=utf-8")
    answer["Retry-After"] = str(_RETRY_AFTER_S)
    answer["Cache-Control"] = "no-store"
    return answer


def _finish(answer: HttpResponseBase, file: StoredFile, etag: str, name: str) -> HttpResponseBase:
    answer["ETag"] = etag
    answer["Accept-Ranges"] = "bytes"
    # Revalidated each time, so that a permission taken away works at once.
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _bytes(key: str, part: ByteRange) -> Generator[bytes, None, None]:
    with store.open_stored(key) as opened:
        opened.seek(part.first)
        left = part.length
        while left > 0:
            block = opened.read(min(_BLOCK, left))
            if not block:
                return
            left -= len(block)
            yield block


class _LongAnswer:
    """The bytes, and the place among the long answers: freed once, at the end, when closed, or when dropped unread."""

    def __init__(self, key: str, part: ByteRange) -> None:
        self._free = weakref.finalize(self, _long_answers.release)
        self._blocks = _bytes(key, part)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._blocks)
        except BaseException:
            self._free()
            raise

    def close(self) -> None:
        try:
            self._blocks.close()
        finally:
            self._free()
