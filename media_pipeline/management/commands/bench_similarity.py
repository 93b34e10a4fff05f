"""`manage.py bench_similarity`: one video held against 100,000 earlier ones, on a scratch database of its own.

The earlier videos are drawn fingerprints as long as a real one's. Their pictures are those of a few hundred rooms, so that
many agree in parts without being copies, as those of a class do; part of their words are those that everybody says.
"""

import multiprocessing
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import psutil
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from numpy.typing import NDArray

from lms.core import clock
from lms.core.ids import new_uuid
from lms.core.types import Level, ProductKind
from media_pipeline.assets.models import MediaAsset
from media_pipeline.similarity.candidates import COMMON, most_alike
from media_pipeline.similarity.comparing import EarlierWorks
from media_pipeline.similarity.models import Fingerprint, FingerprintKey
from media_pipeline.stages.prints import RATE, SPEEDS, Prints, picture_query, picture_values, sound_keys, sound_values
from media_pipeline.stages.thresholds import Thresholds

BUDGET_S = 1.0
SECONDS, SOUNDS, WORDS, ROOMS = 90, 726, 50, 300
_BATCH = 2000


class Command(BaseCommand):
    help = "Measure one video against 100,000 earlier ones on a scratch database; prints seconds and megabytes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--videos", type=int, default=100_000)
        parser.add_argument("--runs", type=int, default=9, help="how many videos are asked for; the median is told")

    def handle(self, *args: Any, videos: int, runs: int, **options: Any) -> None:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            if connection.vendor == "sqlite":
                connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
            used = connection.settings_dict["NAME"]
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            try:
                for line in measured(videos, runs):
                    self.stdout.write(line)
            finally:
                connection.creation.destroy_test_db(used, verbosity=0)


def measured(videos: int, runs: int) -> Iterator[str]:
    """Lines to print."""
    began, empty = perf_counter(), _size()
    rows = _filled_aside(videos)
    yield f"{connection.vendor}: {videos} earlier videos, {rows / videos:.0f} keys each, in {perf_counter() - began:.0f} s"
    yield f"  works, fingerprints and index {(_size() - empty) >> 20} MB, {(_size() - empty) / videos / 1024:.0f} kB a video"
    process = psutil.Process()
    before = process.memory_info().rss
    draw = np.random.default_rng(7)
    asked, whole, found = [], [], 0
    for number in range(1, runs + 1):
        original = Fingerprint.objects.order_by("pk")[int(draw.integers(videos))]
        prints = _copy_of(original, draw)
        keys = picture_query(prints.pictures) | sound_keys(prints.sounds.values())
        start = perf_counter()
        chosen = most_alike(keys, most=20)
        asked.append(perf_counter() - start)
        asset = _assets(1, f"{number:064x}")[0]
        start = perf_counter()
        result = EarlierWorks(asset, clock.now()).compare(prints, Thresholds())
        whole.append(perf_counter() - start)
        found += original.pk in chosen and any(match["other"] == original.asset_id for match in result.matches)
    now = process.memory_info().rss
    yield f"  index asked {_told(asked)}; written, asked and compared in full {_told(whole)}; budget {BUDGET_S:g} s"
    yield f"  {found} of {runs} copies found; the process grew by {(now - before) >> 20} MB while it asked, to {now >> 20} MB"


def _filled_aside(videos: int) -> int:
    """In a process of its own, so that what filling takes is not counted as what asking takes. How many rows there are."""
    connection.close()
    aside = multiprocessing.get_context("fork").Process(target=fill, args=(videos,))
    aside.start()
    aside.join()
    if aside.exitcode:
        raise RuntimeError("the database could not be filled")
    return FingerprintKey.objects.count()


def _told(seconds: list[float]) -> str:
    return f"{median(seconds):.3f} s (longest {max(seconds):.3f})"


def fill(videos: int) -> None:
    """So many earlier videos."""
    draw = np.random.default_rng(2026)
    rooms = draw.integers(1, 2**63, ROOMS, dtype=np.uint64)
    phrases = draw.integers(0, 2**32, 400)
    keys: list[NDArray[np.int64]] = []
    owners: list[NDArray[np.int32]] = []
    for start in range(0, videos, _BATCH):
        count = min(_BATCH, videos - start)
        # A host's own look in a room, then how she moves.
        looks = rooms[draw.integers(0, ROOMS, count)] ^ _bits(draw, count, 12)
        pictures = looks[:, None] ^ _bits(draw, count * SECONDS, 7).reshape(count, SECONDS)
        sounds = draw.integers(0, 2**32, (count, SOUNDS), dtype=np.uint32)
        words = np.concatenate(
            [draw.integers(0, 2**32, (count, WORDS - 10)), draw.choice(phrases, (count, 10))], axis=1
        )
        rows = Fingerprint.objects.bulk_create(
            Fingerprint(
                asset=asset, pictures=pictures[at].tobytes(), sound=sounds[at].tobytes(), keys=b"", made_at=clock.now()
            )
            for at, asset in enumerate(_assets(count))
        )
        for at, row in enumerate(rows):
            told = [picture_values(pictures[at, ::2]).ravel(), sound_values(sounds[at]), words[at] | (4 << 40)]
            keys.append(np.unique(np.concatenate(told)))
            owners.append(np.full(len(keys[-1]), row.pk, dtype=np.int32))
    _write(np.concatenate(keys), np.concatenate(owners))


def _bits(draw: np.random.Generator, count: int, flipped: int) -> NDArray[np.uint64]:
    """Masks of about so many set bits of 64."""
    found = np.zeros(count, dtype=np.uint64)
    for place in range(64):
        found |= (draw.random(count) < flipped / 64).astype(np.uint64) << np.uint64(place)
    return found


def _write(keys: NDArray[np.int64], owners: NDArray[np.int32]) -> None:
    """In the index's own order; what is too common is left out, as when works are written."""
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    kept = np.arange(len(keys)) - np.searchsorted(keys, keys, "left") < COMMON
    keys, owners = keys[kept], owners[kept]
    table = connection.ops.quote_name(FingerprintKey._meta.db_table)
    with transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, len(keys), 200_000):
            part = zip(keys[start : start + 200_000].tolist(), owners[start : start + 200_000].tolist(), strict=True)
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} (key, fingerprint_id) FROM STDIN") as copy:
                    for row in part:
                        copy.write_row(row)
            else:
                cursor.executemany(f"INSERT INTO {table} (key, fingerprint_id) VALUES (%s, %s)", list(part))  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _assets(count: int, sha256: str = "0" * 64) -> list[MediaAsset]:
    now = clock.now()
    return MediaAsset.objects.bulk_create(
        [
            MediaAsset(
                owner_user=new_uuid(), organisation=new_uuid(), organisation_path="0001", organisation_name="试验",
                form_token=new_uuid(), title="试验", product=ProductKind.TEA, level=Level.ELEMENTARY, declared_ai=False,
                size=1, sha256=sha256, created_at=now, moved_at=now, blind_code=new_uuid().hex[-16:],
            )
            for _ in range(count)
        ]
    )  # fmt: skip


def _copy_of(row: Fingerprint, draw: np.random.Generator) -> Prints:
    """What a cropped copy that was encoded again would be asked with: pictures 7 bits off, sounds 4 % of their bits."""
    pictures = np.repeat(np.frombuffer(row.pictures, "<u8"), RATE)
    sound = np.frombuffer(row.sound, "<u4")
    noise = (draw.random((len(sound), 32)) < 0.04).astype(np.uint32) << np.arange(32, dtype=np.uint32)
    played = {name: draw.integers(0, 2**32, SOUNDS, dtype=np.uint32) for name in SPEEDS}
    heard = sound ^ noise.sum(axis=1, dtype=np.uint32)
    return Prints(pictures ^ _bits(draw, len(pictures), 7), played | {"as_is": heard}, ())


def _size() -> int:
    """Bytes of the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return int(cursor.fetchone()[0])
