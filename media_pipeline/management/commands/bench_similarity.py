"""`manage.py bench_similarity`: one video held against 100,000 earlier ones, on a scratch database of its own.

The earlier videos are drawn fingerprints as long as a real one's. Their pictures are those of a few hundred rooms, so that many
agree in parts without being copies, as those of a class do; part of their words are those that everybody says.
"""

import gc
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
from media_pipeline.similarity import comparing
from media_pipeline.similarity.candidates import COMMON, most_alike
from media_pipeline.similarity.models import Fingerprint, FingerprintKey
from media_pipeline.stages.prints import RATE, Prints, picture_keys, picture_query, sound_keys, text_keys
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
    began = perf_counter()
    rows = fill(videos)
    yield f"{connection.vendor}: {videos} earlier videos, {rows / videos:.0f} keys each, written in {perf_counter() - began:.0f} s"
    yield f"  index {_size(FingerprintKey) >> 20} MB, fingerprints {_size(Fingerprint) >> 20} MB"
    gc.collect()
    process = psutil.Process()
    before = process.memory_info().rss
    draw = np.random.default_rng(7)
    asked, whole, found = [], [], 0
    for number in range(runs):
        original = Fingerprint.objects.order_by("pk")[int(draw.integers(videos))]
        prints = _copy_of(original, draw)
        keys = picture_query(prints.pictures) | sound_keys(prints.sounds.values())
        start = perf_counter()
        chosen = most_alike(keys, most=20)
        asked.append(perf_counter() - start)
        asset = _assets(1, f"{number:064x}")[0]
        start = perf_counter()
        result = comparing.EarlierWorks(asset, clock.now()).compare(prints, Thresholds())
        whole.append(perf_counter() - start)
        found += original.pk in chosen and any(match["other"] == original.asset_id for match in result.matches)
    held = (process.memory_info().rss - before) >> 20
    yield f"  the index asked {median(asked):.3f} s (longest {max(asked):.3f}); written, asked and held against the best in full {median(whole):.3f} s (longest {max(whole):.3f}); budget {BUDGET_S:g} s"
    yield f"  {found} of {runs} copies found; the process grew by {held} MB while it asked, to {process.memory_info().rss >> 20} MB"


def fill(videos: int) -> int:
    """So many earlier videos; how many rows the index has."""
    draw = np.random.default_rng(2026)
    rooms = draw.integers(1, 2**63, ROOMS, dtype=np.uint64)
    phrases = draw.integers(0, 2**32, 400)
    keys: list[NDArray[np.int64]] = []
    owners: list[NDArray[np.int32]] = []
    for start in range(0, videos, _BATCH):
        made = []
        for asset in _assets(min(_BATCH, videos - start)):
            # A host's own look in a room, then how she moves.
            look = rooms[draw.integers(ROOMS)] ^ _bits(draw, 1, 12)[0]
            pictures, sound = look ^ _bits(draw, SECONDS, 7), draw.integers(0, 2**32, SOUNDS, dtype=np.uint32)
            words = [*draw.integers(0, 2**32, WORDS - 10).tolist(), *draw.choice(phrases, 10).tolist()]
            told = np.array(sorted(picture_keys(pictures) | sound_keys([sound]) | text_keys(words)), dtype="<i8")
            row = Fingerprint(asset=asset, pictures=pictures.tobytes(), sound=sound.tobytes(), keys=told.tobytes(), made_at=clock.now())
            made.append((row, told))
        Fingerprint.objects.bulk_create([row for row, _ in made], batch_size=_BATCH)
        keys += [told for _, told in made]
        owners += [np.full(len(told), row.pk, dtype=np.int32) for row, told in made]
    return _write(np.concatenate(keys), np.concatenate(owners))


def _bits(draw: np.random.Generator, count: int, flipped: int) -> NDArray[np.uint64]:
    """Masks of about so many set bits of 64."""
    set_bits = draw.random((count, 64)) < flipped / 64
    return (set_bits.astype(np.uint64) << np.arange(64, dtype=np.uint64)).sum(axis=1, dtype=np.uint64)


def _write(keys: NDArray[np.int64], owners: NDArray[np.int32]) -> int:
    """In the index's own order, as fast as the database takes it; what is too common is left out, as when works are written."""
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    first = np.searchsorted(keys, keys, "left")
    kept = np.arange(len(keys)) - first < COMMON
    keys, owners = keys[kept], owners[kept]
    table = connection.ops.quote_name(FingerprintKey._meta.db_table)
    with transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, len(keys), 200_000):
            part = zip(keys[start : start + 200_000].tolist(), owners[start : start + 200_000].tolist(), strict=True)
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} (key, fingerprint_id) FROM STDIN") as copy:  # noqa: S608  # our own name
                    for row in part:
                        copy.write_row(row)
            else:
                cursor.executemany(f"INSERT INTO {table} (key, fingerprint_id) VALUES (%s, %s)", list(part))  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return len(keys)


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
        ],
        batch_size=_BATCH,
    )  # fmt: skip


def _copy_of(row: Fingerprint, draw: np.random.Generator) -> Prints:
    """What a cropped copy that was encoded again would be asked with: pictures 7 bits off, sounds 4 % of their bits."""
    pictures = np.repeat(np.frombuffer(row.pictures, "<u8"), RATE)
    sound = np.frombuffer(row.sound, "<u4")
    noise = (draw.random((len(sound), 32)) < 0.04).astype(np.uint32) << np.arange(32, dtype=np.uint32)
    heard = sound ^ noise.sum(axis=1, dtype=np.uint32)
    others = {name: draw.integers(0, 2**32, SOUNDS, dtype=np.uint32) for name in ("slower", "faster", "slower_lower", "faster_higher")}
    return Prints(pictures ^ _bits(draw, len(pictures), 7), {"as_is": heard, **others}, ())


def _size(model: type[Fingerprint | FingerprintKey]) -> int:
    """Bytes of a table with its indexes."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size(%s)", [table])
            return int(cursor.fetchone()[0])
        cursor.execute("SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = %s)", [table])
        return int(cursor.fetchone()[0] or 0)
