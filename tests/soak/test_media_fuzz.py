"""Hundreds of damaged and forged videos through file check and measuring.

None crashes us, hangs over its limit, opens a file beside it or calls anybody; every fifth is read without walls, as on
a kernel that has none, where ffmpeg's own options must do. Prints the figures, and the seed.
"""

import os
import random
import resource
import time
from collections import Counter
from pathlib import Path

import pytest

from media_pipeline.engines import children
from tests.conftest import SOAK_FULL
from tests.media_pipeline.hostile.examine import examine
from tests.media_pipeline.hostile.makers import elsewhere, with_box
from tests.media_pipeline.hostile.mutations import MUTATIONS, seeds
from tests.media_pipeline.hostile.test_rows import texts
from tests.media_pipeline.hostile.watch import listening, watching

pytestmark = pytest.mark.soak

FILES = 600 if SOAK_FULL else 60
SEED = int(os.environ.get("SOAK_SEED", "20261122"))
# A mutated second of 160x120 that is no trouble takes half a CPU second; a limit of the kernel ends the others.
MOST_WALL_S, MOST_RSS_MB = 90, 3200
SECRET = b"kaibo-canary-5f1d9c"


def test_no_file_harms(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(SEED)
    beside = tmp_path / "beside"
    beside.mkdir()
    (tmp_path / "seeds").mkdir()
    good = seeds(tmp_path / "seeds")
    (beside / "other.mp4").write_bytes(good["mp4"])
    (beside / "secret.txt").write_bytes(SECRET * 100)
    walls, standing = children.WALLS, children.standing_walls()
    # Uploads lie in folders of their own; here they lie beside the canaries, so that a relative path would hit.
    reasons: Counter[str] = Counter()
    slowest, largest, accepted = (0.0, ""), (0.0, ""), 0
    began, cpu = time.monotonic(), 0.0
    with listening() as listener, watching(beside / "other.mp4", beside / "secret.txt") as watched:
        references = (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref")
        good["mp4-elsewhere"] = with_box(good["mp4"], references, elsewhere(str(beside / "other.mp4")))
        bait = list(texts(beside, listener.port).values())
        pool = [*good.values(), *bait, *bait]
        names = sorted(good)
        for number in range(FILES):
            name, mutate = names[number % len(names)], MUTATIONS[dice.randrange(len(MUTATIONS))]
            source = beside / f"{number}.mp4"
            source.write_bytes(mutate(dice, good[name], pool))
            what = f"file {number} of seed {SEED}: {mutate.__name__} of {name}"
            out = tmp_path / "out"
            monkeypatch.setattr(children, "WALLS", () if number % 5 == 4 else walls)
            try:
                seen = examine(source, out)
            except Exception as error:
                raise AssertionError(what) from error
            for left in out.rglob("*"):
                assert not left.is_file() or SECRET not in left.read_bytes(), what
                if left.is_file():
                    left.unlink()
            for folder in (out / "measure", out / "intake", out):
                if folder.exists():
                    folder.rmdir()
            assert {path.name for path in beside.iterdir()} == {"other.mp4", "secret.txt", source.name}, what
            source.unlink()
            assert watched.touched() == set(), what
            assert listener.calls() == 0, what
            # A second of video is only too short; a larger size or length than it has comes from a forged header.
            if set(seen.refused) <= {"too_short", "low_resolution", "no_sound_track", "silent_track", "mostly_black"}:
                accepted += 1
            reasons.update(seen.refused[:1])
            slowest, largest = max(slowest, (seen.wall_s, what)), max(largest, (seen.rss_mb, what))
            cpu += seen.cpu_s
            assert seen.wall_s < MOST_WALL_S, what
            assert seen.rss_mb < MOST_RSS_MB, what
    with capsys.disabled():
        print(f"\n{FILES} mutated files, seed {SEED}: {time.monotonic() - began:.0f} s, {cpu:.0f} CPU-s in children")
        print(
            f"read to the end and only too short or the like: {accepted}; first reasons: {dict(reasons.most_common())}"
        )
        print(f"slowest {slowest[0]:.1f} s ({slowest[1]})")
        print(f"largest {largest[0]:.0f} MB resident ({largest[1]})")
        print(
            f"walls: {standing}, every fifth file without; ours {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB"
        )
    assert sum(reasons.values()) == FILES
    assert 0 < accepted < FILES
