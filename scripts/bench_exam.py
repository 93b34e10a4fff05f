"""`make bench-exam`: what an examination costs, in CPU milliseconds of all server processes, on SQLite and PostgreSQL.

The workload of the engineering notes: 40 questions (single, multiple, true/false), 40 saves. A candidate logs in, comes
into the waiting room, starts, gets her paper (all 40 questions in one page; turning its pages asks the server nothing), saves
each answer by a request of its own, hands in and, once the worker has marked the papers and they are released, reads her
result. A real web server on a scratch installation that flushes to disk as in production. Each figure is measured on several
groups of candidates: lowest–highest. PostgreSQL is left out, and said so, where it is not installed.

Machines differ, and one from minute to minute: before and after, a bare Django view (`scripts/bare_site.py`) is measured on
the same server and database, and what has an aim is also told as a multiple of it.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.exam_site import HASHES, ROOT, Candidate, Site, end, postgres_cpu_s, serve, served_cpu_s
from scripts.exam_sitter import Sitter, plan_of
from scripts.postgres import cluster, find_binaries, free_port

# CPU milliseconds: a save, a page, a whole attempt without the password's hash.
AIMS: dict[str, dict[str, float] | float] = {
    "save": {"SQLite": 1.0, "PostgreSQL": 2.0},
    "page": 10.0,
    "whole attempt": 200.0,
}
# Measured on a machine of the same kind (the engineering notes), PostgreSQL: Moodle 4.5.6 best tuning, Kolibri 0.19 (its
# interface alone), a bare Django view.
OTHERS = {
    "save": ("14.5–17.4", "15–17", "3.8–4.3"),
    "start": ("53–59", "15–18", "4–5"),
    "page": ("61–69", "–", "–"),
    "finish": ("50–63", "12–18", "–"),
    "result": ("95–118", "–", "–"),
    "whole attempt": ("1,315–1,525", "780–870", "–"),
}
# What the same notes' bare view (session, user, one upsert) took.
BARE = {"SQLite": "2.2–2.5", "PostgreSQL": "3.5–4.3"}
_BARE_USERS, _BARE_TIMES = 40, 25
# So many candidates for each thread of the server come first: after eight times a connection has every statement planned.
_WARM_UP = 8
_LOOKS = 4

Figures = dict[str, list[tuple[float, float]]]


class Meter:
    """CPU milliseconds of web server and PostgreSQL. The worker's are told by who does its work.

    hashes: what a password's hash took, of each time that there were some; it is told apart, for every system has to pay it.
    """

    def __init__(self, site: Site) -> None:
        self.site, self.port = site, site.environment.get("KAIBO_POSTGRES_PORT", "")
        self.hashes: list[float] = []
        self._noted = Path(site.environment[HASHES])

    def _hashed_ms(self) -> float:
        return sum(map(int, self._noted.read_text().split())) / 1e6 if self._noted.exists() else 0.0

    def _spent(self) -> tuple[float, float]:
        return self.site.cpu_s(), postgres_cpu_s(self.port) if self.port else 0.0

    def of(self, act: Callable[[], object], times: int) -> tuple[float, float]:
        """Of one of `times` things that `act` does, without hashes."""
        web, base = self._spent()
        hashed = self._hashed_ms()
        act()
        web_after, base_after = self._spent()
        hash_ms = (self._hashed_ms() - hashed) / times
        if hash_ms:
            self.hashes.append(hash_ms)
        return (web_after - web) * 1000 / times - hash_ms, (base_after - base) * 1000 / times


def save_all(candidates: Sequence[Candidate], answers: int, at_once: int) -> None:
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


def beat_all(candidates: Sequence[Candidate], beats: int) -> None:
    """Every page asks how it stands, so many times."""
    for one in candidates:
        for _beat in range(beats):
            one.post(b"{}")


def stages(
    password: str, items: Sequence[dict[str, Any]]
) -> Iterator[tuple[str, int, int, Callable[[Sitter], object]]]:
    """What a candidate does, in order: name, how many of them belong to an attempt, how many the doing does, the doing."""

    def answers(one: Sitter) -> None:
        for position, response in plan_of(items, int(one.login)):
            one.save(position, response)

    yield "log in", 1, 1, lambda one: one.sign_in(password)
    yield "come in", 1, 1, lambda one: one.come_in()
    yield "start", 1, 1, lambda one: one.start()
    # Once alone is over before the clock of a process, which counts in hundredths of a second, says much.
    yield "page", 1, _LOOKS, lambda one: [one.open_paper() for _look in range(_LOOKS)]
    yield "save", len(items), len(items), answers
    yield "finish", 1, 1, lambda one: one.finish()


def attempts(site: Site, groups: int, size: int, at_once: int) -> Figures:
    """Stage → a figure (web and worker, PostgreSQL) for each group; those who come before them only warm the server up."""
    first = _WARM_UP * at_once
    told = site.gather(first + groups * size, opens_in_s=0, starts_per_minute=30_000)
    site.start()
    meter, found = Meter(site), Figures()
    everybody = [Sitter(*names, site.port) for names in zip(told["logins"], told["entries"], strict=True)]
    parts = [everybody[:first], *(everybody[first + number * size :][:size] for number in range(groups))]
    wholes = [[0.0, 0.0] for _part in parts]

    def do(name: str, times: int, done: int, act: Callable[[Sitter], object], number: int) -> None:
        def all_of_them() -> None:
            with ThreadPoolExecutor(at_once) as pool:
                list(pool.map(act, parts[number]))

        note(name, times, number, *meter.of(all_of_them, len(parts[number]) * done))

    def note(name: str, times: int, number: int, web: float, base: float) -> None:
        wholes[number][0] += web * times
        wholes[number][1] += base * times
        if number:
            found.setdefault(name, []).append((web, base))

    for number in range(groups + 1):
        for name, times, done, act in stages(told["password"], told["items"]):
            do(name, times, done, act, number)

    def works(act: Callable[[str], dict[str, Any]]) -> tuple[float, float]:
        said: dict[str, Any] = {}
        _web, base = meter.of(lambda: said.update(act(told["sitting"])), len(everybody))
        judged.update(said["marks"])
        return said["cpu_s"] * 1000 / len(everybody), base

    judged: dict[str, str] = {}
    marked, released = works(site.mark), works(site.release)
    for number in range(groups + 1):
        note("mark (worker)", 1, number, *marked)
    del found["mark (worker)"][1:]
    for number in range(groups + 1):
        do("result", 1, 1, lambda one: one.read_result(), number)
    for one in everybody:
        one.close()
        if one.attempt not in judged:
            sys.exit("what was measured did not mark everybody")
    found["whole attempt"] = [(web, base) for web, base in wholes[1:]]
    found["password hash"] = [(each, 0.0) for each in meter.hashes[1:]]
    # Apart: grade, decision, notice and trail of a released result, which the compared systems do not have.
    found["release (worker)"] = [released]
    return found


def saves(site: Site, count: int, answers: int) -> Figures:
    """Saves and heartbeats alone, on rows without people: one after the other, and eight candidates at once."""

    def seated() -> list[Candidate]:
        return [Candidate(one["attempt"], one["token"], one["first"], site.port) for one in site.seat(count)]

    alone, crowd = seated(), seated()
    site.start()
    meter = Meter(site)
    save_all(alone, 5, 1)
    found: Figures = {
        "save, one at a time": [meter.of(lambda: save_all(alone, answers, 1), count * answers)],
        "save, 8 at once": [meter.of(lambda: save_all(crowd, answers, 8), count * answers)],
        "heartbeat": [meter.of(lambda: beat_all(alone, answers), count * answers)],
    }
    told = site.recount()
    mine = {one.attempt: one for one in (*alone, *crowd)}
    stored, saved = sum(len(told["rows"].get(name, [])) for name in mine), sum(len(o.receipts) for o in mine.values())
    if told["wrong"] or stored != saved:
        sys.exit(f"what was measured did not save everything: {told['wrong'][:3]}")
    for one in mine.values():
        one.close()
    return found


def bare(folder: Path, postgres: Mapping[str, str], at_once: int) -> float:
    """CPU milliseconds of a request to the bare view, of web server and PostgreSQL."""
    folder.mkdir()
    place = {"BARE_SQLITE": str(folder / "bare.sqlite3")}
    if postgres:
        place = {
            "BARE_POSTGRES": folder.name,
            "PGHOST": postgres["KAIBO_POSTGRES_HOST"],
            "PGPORT": postgres["KAIBO_POSTGRES_PORT"],
            "PGUSER": postgres["KAIBO_POSTGRES_USER"],
        }
        make = "import psycopg, sys; psycopg.connect(dbname='postgres', autocommit=True).execute(sys.argv[1])"
        words = [f"CREATE DATABASE {folder.name}"]
        subprocess.run([sys.executable, "-c", make, *words], env={**os.environ, **place}, check=True)
    environment = {**os.environ, **place}
    code = f"import json; from scripts.bare_site import make; print(json.dumps(make({_BARE_USERS})))"
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    port = free_port()
    server = serve("scripts.bare_site:WSGI", port, environment, folder / "bare.log")

    def spent() -> float:
        return served_cpu_s(server) + (postgres_cpu_s(postgres["KAIBO_POSTGRES_PORT"]) if postgres else 0.0)

    def asks(key: str) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _time in range(_BARE_TIMES):
            line.request("GET", "/write", headers={"Cookie": f"sessionid={key}"})
            if (said := line.getresponse().read()) != b"ok":
                raise RuntimeError(f"the bare view answered {said[:200]!r}")
        line.close()

    try:
        keys = json.loads(made.stdout)
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(asks, keys))
            began = spent()
            list(pool.map(asks, keys))
        return (spent() - began) * 1000 / (len(keys) * _BARE_TIMES)
    finally:
        end(server)


def told(name: str, figures: Figures, bare_ms: Sequence[float]) -> None:
    """Print the lines of one database. bare_ms: of the bare view, before and after."""
    print(f"{name}; load average {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    one_bare = sum(bare_ms) / len(bare_ms)
    span = "–".join(f"{each:.2f}" for each in sorted(bare_ms))
    print(f"  {'bare Django view':20} {span:>15} ms  ({BARE[name]} on the notes' machine)")
    for what, both in figures.items():
        sums = sorted(web + base for web, base in both)
        span = f"{sums[0]:.2f}" if len(sums) == 1 else f"{sums[0]:.2f}–{sums[-1]:.2f}"
        base_ms = sum(base for _web, base in both) / len(both)
        share = f" (of it PostgreSQL {base_ms:.2f})" if base_ms else ""
        aim = AIMS.get(what.partition(",")[0])
        limit: float | None = aim[name] if isinstance(aim, dict) else aim
        verdict = ""
        if limit:
            word = "met" if sums[-1] <= limit else "MISSED"
            verdict = f"  aim ≤ {limit:g}: {word}; {sums[-1] / one_bare:.1f} bare views"
        print(f"  {what:20} {span:>15} ms{share}{verdict}")
    sys.stdout.flush()


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--groups", type=int, default=3, help="groups of candidates, each measured by itself")
    words.add_argument("--candidates", type=int, default=32, help="candidates a group")
    words.add_argument("--at-once", type=int, default=8, help="candidates who ask at the same time")
    words.add_argument("--only", choices=["SQLite", "PostgreSQL"], help="one database alone")
    said = words.parse_args()
    for name in ("SQLite", "PostgreSQL"):
        if said.only not in {None, name}:
            continue
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
            site = Site(Path(folder), free_port(), extra)
            site.application = "scripts.exam_hashes:application"
            site.environment[HASHES] = str(Path(folder) / "hashes")
            stack.callback(site.stop)
            before = bare(Path(folder) / "bare_before", extra, said.at_once)
            figures = {**attempts(site, said.groups, said.candidates, said.at_once), **saves(site, 25, 40)}
            site.stop()
            told(name, figures, [before, bare(Path(folder) / "bare_after", extra, said.at_once)])
    print("For comparison, PostgreSQL (Moodle 4.5.6 at its best | Kolibri 0.19, interface alone | a bare Django view):")
    for what, others in OTHERS.items():
        print(f"  {what:20} {' | '.join(others)} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
