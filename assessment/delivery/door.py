"""The door of a save, in front of Django's middleware: `POST /x/save` with the attempt token in a header.

No session, no user, no form token, no language: codes only, the exam page has the words. `ExamDoor` wraps the site's WSGI
application (`lms/wsgi.py`); under a server that does not call it, the same answer comes through `views.save`.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from assessment.delivery.logic import MOST_BYTES, read_batch, to_ms
from assessment.delivery.saving import save
from assessment.delivery.tokens import opened
from assessment.delivery.types import Refusal, Saved, SaveRefused, Standing, Stream
from lms.core import clock

PATH = "/x/save"
HEADER = "HTTP_KAIBO_ATTEMPT"
_WAIT_S = 2.0
_LINES = {
    200: "200 OK",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    405: "405 Method Not Allowed",
    409: "409 Conflict",
    411: "411 Length Required",
    413: "413 Content Too Large",
    423: "423 Locked",
    429: "429 Too Many Requests",
    503: "503 Service Unavailable",
}
_STATUS = {Refusal.MALFORMED: 400, Refusal.PAUSED: 423, Refusal.TOO_MANY: 429}
_log = logging.getLogger(__name__)

Said = dict[str, Any]


def answer(method: str, token: str, length: str, read: Callable[[int], bytes]) -> tuple[int, Said]:
    """Status and what is said. The clock is read before the body, and the body only of somebody with a token."""
    try:
        return _answer(to_ms(clock.now()), method, token, length, read)
    except (DatabaseError, InterfaceError, OSError):
        # The device keeps the answers and comes back; a connection that broke must not meet the next request.
        _log.exception("a save could not be stored")
        if not connection.in_atomic_block:
            connection.close()
        return 503, {"code": "busy"}


def _answer(at_ms: int, method: str, token: str, length: str, read: Callable[[int], bytes]) -> tuple[int, Said]:
    if method != "POST":
        return 405, {"code": "method"}
    leave = opened(token, now_ms=at_ms)
    if leave is None:
        return 401, {"code": "token", "now": at_ms}
    if not length.isdecimal():
        return 411, {"code": "length"}
    if int(length[:9]) > MOST_BYTES:
        return 413, {"code": "length"}
    try:
        body = read(int(length))
        if len(body) != int(length):
            return 400, {"code": Refusal.MALFORMED}
        saved = save(leave, read_batch(body), at_ms=at_ms)
    except SaveRefused as refused:
        said: Said = {"code": refused.code, "now": at_ms}
        return _STATUS.get(refused.code, 409), said | _told(leave.epoch, refused.stream)
    return _receipts(leave.epoch, saved, at_ms)


def _told(epoch: int, stream: Stream | None) -> Said:
    return {"stream": {"epoch": epoch, "sequence": stream.sequence, "hash": stream.hash}} if stream else {}


def _receipts(epoch: int, saved: Saved, at_ms: int) -> tuple[int, Said]:
    said: Said = {
        "receipts": [
            {"sequence": one.sequence, "hash": one.hash, "at": one.at_ms, "standing": one.standing}
            for one in saved.receipts
        ],
        "state": saved.state,
        "deadline": saved.deadline_ms,
        "now": at_ms,
        **_told(epoch, saved.stream),
    }
    if saved.epoch == epoch:
        return 200, said
    # Kept, beside: the receipts say so, and the page tells her that another device has taken over.
    return 409, {"code": "device", "beside": Standing.BESIDE, **said}


class ExamDoor:
    """A WSGI application that answers saves itself and gives everything else to `site`.

    At most three quarters of the web threads read bodies of saves at once: a stalled line holds a thread as long as it
    lasts, and pages have to be answered meanwhile.
    """

    def __init__(self, site: Callable[..., Iterable[bytes]]) -> None:
        self.site = site
        self.places = threading.BoundedSemaphore(max(1, settings.WEB_THREADS * 3 // 4))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            return self.site(environ, start_response)
        if self.places.acquire(timeout=_WAIT_S):
            try:
                status, said = answer(
                    environ["REQUEST_METHOD"],
                    environ.get(HEADER, ""),
                    environ.get("CONTENT_LENGTH") or "",
                    environ["wsgi.input"].read,
                )
            finally:
                self.places.release()
        else:
            status, said = 503, {"code": "busy"}
        body = json.dumps(said, separators=(",", ":")).encode()
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        if status == 503:
            headers.append(("Retry-After", "2"))
        start_response(_LINES[status], headers)
        return [body]
