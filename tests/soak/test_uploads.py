"""Uploads on a real web server that is killed, crowded and stalled, and by clients that others wrote. SOAK=full: 40 kills, 300 MB."""

import hashlib
import http.client
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from media_pipeline.uploads.logic import PIECE_TYPE, metadata_header
from scripts.exam_site import Site
from scripts.postgres import free_port
from scripts.tus_clients import CLIENTS, NODE_MODULES, PYTHON
from tests.conftest import SOAK_FULL
from tests.media_pipeline.uploads.tusing import declared

pytestmark = pytest.mark.soak

MIB = 1 << 20
KILLS, KILLED_MIB, CLIENT_MIB = (40, 256, 300) if SOAK_FULL else (5, 32, 60)
OWNERS = ("owner", "colleague", "stranger")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    one = Site(tmp_path_factory.mktemp("uploads"), free_port())
    try:
        for command in (["build_assets"], ["collectstatic", "--no-input", "-v0"]):
            one.manage(*command)
        one.start()
        yield one
    finally:
        one.kill()


@pytest.fixture(scope="module")
def sessions(site: Site) -> dict[str, str]:
    """Who → her session's key."""
    return site.run(
        "import json; from tests.media_pipeline.cast import build_cast; cast = build_cast()\n"
        f"print(json.dumps({{who: cast.client(who).cookies['sessionid'].value for who in {OWNERS!r}}}))"
    )


def stored(site: Site) -> dict[str, str]:
    """Title → the hash of the file as it lies in the store, read anew."""
    return site.run(
        "import hashlib, json; from media_pipeline.assets import store; from media_pipeline.assets.models import MediaAsset\n"
        "print(json.dumps({a.title: hashlib.sha256(store.read(a.renditions.get().key)).hexdigest()"
        " for a in MediaAsset.objects.all()}))"
    )


def noise(seed: int | str, mebibytes: int) -> bytes:
    """Bytes that no compression helps; as many as asked for, which `randbytes` refuses at 256 MiB."""
    dice = random.Random(seed)
    return b"".join(dice.randbytes(MIB) for _ in range(mebibytes))


class Sender:
    """One upload over plain HTTP that never gives up; remembers what was acknowledged."""

    def __init__(self, site: Site, session: str, title: str, content: bytes) -> None:
        self.site, self.session, self.title, self.content = site, session, title, content
        self.path, self.acknowledged, self.lost, self.refusals = "", 0, 0, 0

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        line = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Tus-Resumable": "1.0.0", "Cookie": f"sessionid={self.session}", **named}
        with closing(line):
            line.request(method, path, body, sent)
            answer = line.getresponse()
            answer.said = answer.read()  # type: ignore[attr-defined]
        return answer

    def begin(self) -> None:
        said = metadata_header(declared(self.content, title=self.title))
        answer = self.ask("POST", "/uploads/", Upload_Length=str(len(self.content)), Upload_Metadata=said)
        assert answer.status == 201, answer.status
        self.path = "/uploads/" + str(answer.headers["Location"]).split("/uploads/")[1]

    def send(self, until: float) -> None:
        at: int | None = 0 if not self.path else None
        if not self.path:
            self.begin()
        while at is None or at < len(self.content):
            assert time.monotonic() < until, f"{self.title}: {self.acknowledged} of {len(self.content)}"
            try:
                if at is None:
                    at = int(self.ask("HEAD", self.path).headers["Upload-Offset"])
                    self.lost += at < self.acknowledged
                    continue
                piece = self.content[at : at + MIB]
                answer = self.ask("PATCH", self.path, piece, Upload_Offset=str(at), Content_Type=PIECE_TYPE)
            except (OSError, http.client.HTTPException, TypeError):
                at = None
                time.sleep(0.05)
                continue
            if answer.status == 204:
                at = self.acknowledged = int(answer.headers["Upload-Offset"])
                continue
            assert answer.status in {409, 423, 429, 500, 503}, answer.status
            self.refusals += 1
            at = None
            time.sleep(random.uniform(0.05, 0.4))


def test_kills_in_the_middle_lose_nothing(site: Site, sessions: dict[str, str]) -> None:
    content = noise(7, KILLED_MIB)
    sender = Sender(site, sessions["owner"], "killed", content)
    ended = threading.Event()

    def kills() -> int:
        """Each when the next share of the bytes is acknowledged, at any moment of the next piece."""
        dice = random.Random(11)
        for number in range(KILLS):
            while sender.acknowledged < (number + 0.5) * len(content) / KILLS:
                if ended.wait(0.002):
                    return number
            time.sleep(dice.uniform(0, 0.05))
            site.kill()
            site.start()
        return KILLS

    with ThreadPoolExecutor(1) as pool:
        killer = pool.submit(kills)
        try:
            sender.send(time.monotonic() + 1800)
        finally:
            ended.set()
        killed = killer.result()
    site.start()
    _done(sender)
    assert (sender.lost, stored(site)["killed"]) == (0, hashlib.sha256(content).hexdigest())
    print(f"{KILLED_MIB} MiB, server killed {killed} times: no acknowledged byte lost, hash equal")


def _done(sender: Sender, seconds: float = 120) -> None:
    """The last piece may have been answered by nobody: the worker, or the next question, makes the work."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        told = json.loads(sender.ask("GET", sender.path).said)  # type: ignore[attr-defined]
        if told["state"] == "done":
            return
        sender.site.run(
            "import json; from media_pipeline.uploads.transfers import finish_upload; from lms.core import clock\n"
            f"from uuid import UUID; row = finish_upload(uuid=UUID({sender.path.strip('/').split('/')[1]!r}), now=clock.now())\n"
            "print(json.dumps(row.state))"
        )
    raise AssertionError(told)


def test_fifty_uploads_at_once_stay_whole(site: Site, sessions: dict[str, str]) -> None:
    senders = [
        Sender(
            site,
            sessions[OWNERS[number % 3]],
            f"one of many {number}",
            random.Random(number).randbytes(3 * MIB + number),
        )
        for number in range(50)
    ]
    until = time.monotonic() + 600
    with ThreadPoolExecutor(50) as pool:
        for one in [pool.submit(sender.send, until) for sender in senders]:
            one.result()
    found = stored(site)
    wrong = [s.title for s in senders if found.get(s.title) != hashlib.sha256(s.content).hexdigest()]
    assert (wrong, sum(sender.lost for sender in senders)) == ([], 0)
    print(f"50 uploads at once: all whole; {sum(s.refusals for s in senders)} pieces were told to come back")


def test_fifty_stalled_uploads_leave_the_pages_quick(site: Site, sessions: dict[str, str]) -> None:
    senders = [Sender(site, sessions[OWNERS[n % 3]], f"stalled {n}", bytes([n]) * 2 * MIB) for n in range(6)]
    for sender in senders:
        sender.begin()
    lines = []
    try:
        for number in range(50):
            sender = senders[number % len(senders)]
            line = socket.create_connection(("127.0.0.1", site.port))
            line.sendall(
                f"PATCH {sender.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={sender.session}\r\nTus-Resumable: 1.0.0\r\n"
                f"Upload-Offset: 0\r\nContent-Type: {PIECE_TYPE}\r\nContent-Length: {MIB}\r\n\r\n".encode()
                + sender.content[:10]
            )
            lines.append(line)
        time.sleep(1)
        took = []
        for _number in range(9):
            began = time.monotonic()
            assert senders[0].ask("GET", "/works/").status == 200
            took.append(time.monotonic() - began)
        assert senders[0].ask("HEAD", senders[0].path).headers["Upload-Offset"] == "0"
    finally:
        for line in lines:
            line.close()
    assert statistics.median(took) < 1, took
    print(f"50 stalled uploads: a page in {statistics.median(took) * 1000:.0f} ms, at most {max(took) * 1000:.0f} ms")
    # Once they are gone the places are free again: the same upload goes on.
    senders[0].send(time.monotonic() + 120)
    assert stored(site)[senders[0].title] == hashlib.sha256(senders[0].content).hexdigest()


def _client(name: str, words: list[str], site: Site, session: str, folder: Path) -> tuple[str, str]:
    """Uploads in two goes: the first is broken off at 40 %, a new process goes on. The hash sent and the hash stored."""
    content = noise(name, CLIENT_MIB)
    path = folder / f"{name}.mp4"
    path.write_bytes(content)
    task = {
        "endpoint": f"http://127.0.0.1:{site.port}/uploads/",
        "cookie": f"sessionid={session}",
        "path": str(path),
        "chunk": 8 * MIB,
        "metadata": {**declared(title=name, token=str(uuid4())), "filename": path.name},
        "stop_at": int(0.4 * len(content)),
    }
    url = ""
    for _go in range(2):
        done = subprocess.run(
            words, input=json.dumps({**task, "url": url}), capture_output=True, text=True, check=False, timeout=900,
            env={**os.environ, "NODE_PATH": str(NODE_MODULES), "NO_PROXY": "127.0.0.1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        url, task["stop_at"] = done.stdout.strip().splitlines()[-1], 0
    path.unlink()
    return hashlib.sha256(content).hexdigest(), stored(site)[name]


def test_tuspy_uploads_with_an_abort_and_a_resume(site: Site, sessions: dict[str, str], tmp_path: Path) -> None:
    if not PYTHON.exists():
        pytest.skip("make tus-clients installs tuspy")
    words = [str(PYTHON), str(CLIENTS / "tuspy_client.py")]
    sent, kept = _client("tuspy", words, site, sessions["stranger"], tmp_path)
    assert kept == sent


def test_tus_js_client_uploads_with_an_abort_and_a_resume(site: Site, sessions: dict[str, str], tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (NODE_MODULES / "tus-js-client").exists():
        pytest.skip("make tus-clients installs tus-js-client where npm is there")
    words = [node, str(CLIENTS / "tus_js_client.cjs")]
    sent, kept = _client("tus-js-client", words, site, sessions["stranger"], tmp_path)
    assert kept == sent
