"""`make bench-exam`: what an examination costs, in CPU milliseconds of all server processes, on SQLite and PostgreSQL.

A real web server on a scratch installation that flushes to disk as in production; candidates save one answer a request over
kept connections. PostgreSQL is left out, and said so, where it is not installed.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.exam_site import Candidate, Site, postgres_cpu_s
from scripts.postgres import cluster, find_binaries, free_port

AIMS = {"SQLite": 1.0, "PostgreSQL": 2.0}
# Measured on a machine of the same kind (the engineering notes): one save, all server processes, PostgreSQL.
OTHERS = "for comparison, PostgreSQL: Moodle 4.5.6 14.5–17.4, Kolibri 0.19 15–17, a bare Django view 3.8–4.3"


def measured(site: Site, act: Callable[[], int]) -> tuple[float, float]:
    """CPU milliseconds a request of the web server and of PostgreSQL; `act` says how many requests it made."""

    def spent() -> tuple[float, float]:
        port = site.environment.get("KAIBO_POSTGRES_PORT", "")
        return site.cpu_s(), postgres_cpu_s(port) if port else 0.0

    web, base = spent()
    requests = act()
    web_after, base_after = spent()
    return (web_after - web) * 1000 / requests, (base_after - base) * 1000 / requests


def save_all(candidates: list[Candidate], answers: int, at_once: int) -> int:
    """Every candidate saves so many answers, one a request. Raises RuntimeError unless all are acknowledged."""

    def sits(one: Candidate) -> None:
        for _answer in range(answers):
            one.write(len(one.sent) % 40 + 1, ["A", "C"])
            status, said = one.post(one.body())
            if status != 200:
                raise RuntimeError(f"{status} {said}")
            one.receipts += said["receipts"]

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(sits, candidates))
    return len(candidates) * answers


def beat_all(candidates: list[Candidate], beats: int) -> int:
    """Every page asks how it stands, so many times."""
    for one in candidates:
        for _beat in range(beats):
            one.post(b"{}")
    return len(candidates) * beats


def bench(name: str, site: Site, count: int, answers: int) -> None:
    """Print the lines of one database."""

    def seated() -> list[Candidate]:
        return [Candidate(one["attempt"], one["token"], one["first"], site.port) for one in site.seat(count)]

    alone, crowd = seated(), seated()
    site.start()
    try:
        save_all(alone, 5, 1)
        for title, act in (
            ("save, one after the other", lambda: save_all(alone, answers, 1)),
            ("save, 8 candidates at once", lambda: save_all(crowd, answers, 8)),
            ("heartbeat", lambda: beat_all(alone, answers)),
        ):
            web, base = measured(site, act)
            total = f"{web + base:.2f} ms CPU ({web:.2f} web" + (f" + {base:.2f} PostgreSQL)" if base else ")")
            aim = (
                f", aim {AIMS[name]:.1f}: {'met' if web + base <= AIMS[name] else 'MISSED'}" if "save" in title else ""
            )
            print(f"{name}: {title}: {total}{aim}", flush=True)
        told = site.recount()
        stored, saved = sum(map(len, told["rows"].values())), sum(len(one.receipts) for one in (*alone, *crowd))
        if told["wrong"] or stored != saved:
            sys.exit(f"{name}: what was measured did not save everything: {told['wrong'][:3]}")
    finally:
        for one in (*alone, *crowd):
            one.close()
        site.stop()


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--candidates", type=int, default=25)
    words.add_argument("--answers", type=int, default=40)
    said = words.parse_args()
    for name in AIMS:
        with ExitStack() as stack:
            extra: dict[str, str] = {}
            if name == "PostgreSQL":
                try:
                    find_binaries()
                except SystemExit as missing:
                    print(f"PostgreSQL: not measured: {missing}")
                    continue
                extra = stack.enter_context(cluster(durable=True)).environment
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-exam-"))
            bench(name, Site(Path(folder), free_port(), extra), said.candidates, said.answers)
    print(OTHERS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
