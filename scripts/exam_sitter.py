"""A candidate from her login to her result, by the requests that her browser makes: for `bench_exam` and the load test.

Style sheets, scripts and pictures are left out: a browser keeps them for a year by their hashed names.
"""

import http.client
import json
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

from scripts.exam_site import Candidate

_FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_GIVEN = re.compile(r'<script id="exam-given" type="application/json">(.*?)</script>', re.DOTALL)
_SILENT_S = 5
_WAITING = re.compile(r'data-now="(\d+)" data-opens="\d+" data-enters="(\d+)"')


class Unexpected(RuntimeError):
    """The site answered what no candidate should see."""


@dataclass
class Sitter:
    """One candidate in one browser. login: her user name; entry: her place on the roster; requests: how many she made."""

    login: str
    entry: str
    port: int
    requests: int = 0
    candidate: Candidate | None = None
    attempt: str = ""
    form_token: str = ""
    _cookies: dict[str, str] = field(default_factory=dict)
    _line: http.client.HTTPConnection | None = None
    _used: float = 0.0

    # ---- the browser ----

    @property
    def cookie(self) -> str:
        """What her browser sends along."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def ask(self, method: str, url: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, place of a redirect, body. Raises OSError when the line breaks."""
        body, headers = None, {"Cookie": self.cookie}
        if form is not None:
            body = urlencode({"csrfmiddlewaretoken": self.form_token, **form})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        # The server hangs up on a line that was silent for long; a browser takes another one then.
        if self._line and time.monotonic() - self._used > _SILENT_S:
            self._line.close()
            self._line = None
        line = self._line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self._line, self._used = line, time.monotonic()
        self.requests += 1
        try:
            line.request(method, url, body, headers)
            answer = line.getresponse()
            text = answer.read().decode()
        except BaseException:
            self.close()
            raise
        for said in answer.headers.get_all("Set-Cookie") or ():
            name, _is, value = said.partition(";")[0].partition("=")
            self._cookies[name] = value
        if found := _FORM_TOKEN.search(text):
            self.form_token = found.group(1)
        return answer.status, answer.headers.get("Location", ""), text

    def page(self, url: str) -> str:
        """A page that is there. Raises Unexpected."""
        status, place, text = self.ask("GET", url)
        if status != 200:
            raise Unexpected(f"GET {url}: {status} {place}")
        return text

    def send(self, url: str, **form: str) -> str:
        """Where a form leads to. Raises Unexpected."""
        status, place, text = self.ask("POST", url, form)
        if status != 302:
            raise Unexpected(f"POST {url}: {status} {_words(text)}")
        return urlsplit(place).path

    def close(self) -> None:
        """Hang up."""
        if self._line:
            self._line.close()
            self._line = None
        if self.candidate:
            self.candidate.close()

    # ---- the examination ----

    def sign_in(self, password: str) -> None:
        """She opens her examinations, which leads to the login page; the login leads back to their list."""
        status, place, _text = self.ask("GET", "/exam/")
        if status != 302:
            raise Unexpected(f"GET /exam/: {status}")
        self.page(place)
        listed = self.page(self.send(place, login=self.login, password=password))
        if f"/exam/seat/{self.entry}/" not in listed:
            raise Unexpected("her examination is not on her list")

    def come_in(self) -> int:
        """Rules, waiting room; in how many milliseconds it is her turn."""
        self.page(f"/exam/seat/{self.entry}/")
        place = self.send(f"/exam/seat/{self.entry}/enter/")
        self.attempt = place.strip("/").rpartition("/")[2]
        found = _WAITING.search(self.page(place))
        if found is None:
            raise Unexpected("no waiting room")
        now, enters = map(int, found.groups())
        return max(0, enters - now)

    def start(self) -> None:
        """What the waiting room does when it is her turn; the paper itself is another request."""
        place = self.send(f"/exam/{self.attempt}/start/")
        if place != f"/exam/{self.attempt}/":
            raise Unexpected(f"not started: {place}")

    def open_paper(self) -> str:
        """The paper, also after a reload: from here on she can save."""
        text = self.page(f"/exam/{self.attempt}/")
        found = _GIVEN.search(text)
        if found is None:
            raise Unexpected("no paper")
        given = json.loads(found.group(1))
        if self.candidate is None:
            self.candidate = Candidate(self.attempt, given["token"], given["stream"]["hash"], self.port)
        return text

    def save(self, position: int, response: Any) -> None:
        """One answer, one request, its receipt. Raises Unexpected."""
        one = self._sitting
        one.write(position, response)
        status, said = one.post(one.body())
        self.requests += 1
        if status != 200:
            raise Unexpected(f"save: {status} {said}")
        one.receipts += said["receipts"]

    def finish(self) -> None:
        """Hand in with the last receipt she holds, and the page after it. Raises Unexpected when the paper is still open."""
        one = self._sitting
        last = one.receipts[-1]["hash"] if one.receipts else one.first
        place = self.send(f"/exam/{self.attempt}/hand-in/", sequence=str(len(one.receipts)), head=last)
        if "kb-exam-over" not in self.page(place):
            raise Unexpected("not handed in")

    def read_result(self) -> str:
        """Her marks, once they are released."""
        return self.page(f"/exam/{self.entry}/result/")

    @property
    def _sitting(self) -> Candidate:
        if self.candidate is None:
            raise Unexpected("she has no paper yet")
        return self.candidate


def _words(text: str) -> str:
    found = re.search(r'role="alert".*?<p[^>]*>(.*?)</p>', text, re.DOTALL)
    return found.group(1) if found else text[:200]


def expected_mark(items: Sequence[dict[str, Any]], plan: Sequence[tuple[int, Any]]) -> Decimal:
    """What the paper is worth that was answered so, 0 to 100, half up to 0.1: wrong, over- and under-selection = 0."""
    said, got, total = dict(plan), Decimal(0), Decimal(0)
    for one in items:
        total += Decimal(one["marks"])
        right, response = _right(one), said.get(one["position"])
        alike = response == right if "truth" in one["key"] else set(response or ()) == set(right)
        got += Decimal(one["marks"]) if alike else 0
    return (got * 100 / total).quantize(Decimal("0.1"), ROUND_HALF_UP)


def plan_of(items: Sequence[dict[str, Any]], seed: int) -> list[tuple[int, Any]]:
    """What a candidate answers, in her order: position and response; two of three questions rightly.

    items: as `exam_class.AskedItem`.
    """
    dice = random.Random(seed)  # noqa: S311  # no secret: who sits next to her is nobody
    said = [(one["position"], _right(one) if dice.random() < 0.67 else _wrong(one, dice)) for one in items]
    dice.shuffle(said)
    return said


def _right(one: dict[str, Any]) -> Any:
    return one["key"]["truth"] if "truth" in one["key"] else one["key"]["choices"]


def _wrong(one: dict[str, Any], dice: random.Random) -> Any:
    if "truth" in one["key"]:
        return not one["key"]["truth"]
    right = set(one["key"]["choices"])
    if one["type"] == "multiple":
        # Selected too little: worth nothing by the default policy.
        return sorted(right)[1:]
    return [dice.choice([key for key in one["options"] if key not in right])]
