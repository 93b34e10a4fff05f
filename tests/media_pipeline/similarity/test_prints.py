"""Fingerprints: what a copy keeps, computed and measured."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.similarity import logic
from media_pipeline.similarity.types import Stretch
from media_pipeline.stages import prints, similarity
from tests.media_pipeline.clips import run, tools
from tests.media_pipeline.similarity.scenes import film, host, texture

SEED = st.integers(0, 2**32 - 1)


def drawn(seed: int, count: int = 4) -> np.ndarray:
    pictures = np.stack([texture(seed + place, 3)[:32, :32] for place in range(count)])
    return np.clip(128 + 50 * pictures, 0, 255).astype(np.uint8)


@given(SEED)
def test_a_mirrored_picture_has_the_mirrored_hash(seed: int) -> None:
    pictures = drawn(seed)
    turned = prints.hashes(pictures[:, :, ::-1])
    apart = np.bitwise_count(prints.mirrored(prints.hashes(pictures)) ^ turned)
    # A wave of no height at all may be rounded to either side.
    assert apart.max() <= 1
    assert list(prints.mirrored(prints.mirrored(turned))) == list(turned)


def test_a_picture_of_one_colour_is_nothing_and_found_by_nothing() -> None:
    flat = prints.hashes(np.full((3, 32, 32), 200, dtype=np.uint8))
    assert (list(flat), list(prints.mirrored(flat)), prints.picture_keys(flat)) == ([0, 0, 0], [0, 0, 0], set())


@given(SEED)
def test_a_copy_asks_for_keys_that_the_first_has_whichever_way_round(seed: int) -> None:
    hashes = prints.hashes(drawn(seed))
    held = prints.picture_keys(hashes)
    for asked in (hashes, prints.mirrored(hashes)):
        assert held <= prints.picture_query(asked)
    assert {prints.kind_of(key) for key in held} == {"picture"}


def test_silence_has_no_keys() -> None:
    still = np.full(200, 627964279, dtype=np.uint32)
    assert prints.sound_keys([still]) == set()
    sound = np.random.default_rng(1).integers(0, 2**32, 800, dtype=np.uint32)
    keys = prints.sound_keys([sound])
    assert 60 < len(keys) < 140
    assert {prints.kind_of(key) for key in keys} == {"sound"}
    assert {prints.kind_of(key) for key in prints.text_keys([7])} == {"text"}


def test_packed_numbers_come_back() -> None:
    numbers = np.array([0, 1, 2**64 - 1], dtype=np.uint64)
    assert list(prints.unpacked(prints.packed(numbers))) == list(numbers)


def moving(seed: int, seconds: int) -> np.ndarray:
    """Hashes of a video in which every second is another picture, five a second."""
    return np.repeat(np.random.default_rng(seed).integers(1, 2**63, seconds, dtype=np.uint64), prints.RATE)


def test_parts_put_together_in_another_order_are_a_copy() -> None:
    first = moving(1, 60)
    swapped = np.concatenate([first[150:], first[:150]])
    found = logic.pictures_alike(swapped, prints.stored(first), bits=10)
    assert found.value > 0.95
    starts = [(span.own_start, span.other_start) for span in found.stretches]
    assert starts == [pytest.approx((0, 30), abs=1), pytest.approx((30, 0), abs=1)]


def test_a_part_of_another_video_counts_by_the_shorter() -> None:
    first = moving(1, 60)
    mixed = np.concatenate([moving(2, 30), first[:150]])
    found = logic.pictures_alike(mixed, prints.stored(first), bits=10)
    assert found.value == pytest.approx(0.5, abs=0.05)
    assert found.stretches[0].own_start == pytest.approx(30, abs=1)
    short = logic.pictures_alike(first[:100], prints.stored(first), bits=10)
    assert short.value == 1.0


def test_a_picture_that_stands_still_is_like_itself_alone() -> None:
    still = np.full(300, 12345678901234567, dtype=np.uint64)
    assert logic.pictures_alike(still, prints.stored(still), bits=10).value == 1.0
    # Five bits off all the time: another take before the same wall.
    again = still ^ np.uint64(0b11111)
    assert logic.pictures_alike(again, prints.stored(still), bits=10).value == 0.0


def test_nothing_is_like_nothing() -> None:
    none = np.zeros(0, dtype=np.uint64)
    assert logic.pictures_alike(none, none, bits=10).value == 0.0
    quiet = np.zeros(0, dtype=np.uint32)
    assert logic.sounds_alike({"as_is": quiet}, quiet, like=0.85).value == 0.0
    assert logic.sounds_alike({}, quiet, like=0.85).value == 0.0


def test_phrases_that_follow_each_other_are_one_stretch() -> None:
    seconds = [(float(place), place + 1.0) for place in range(60)]
    runs = [(0, 10, 6), (7, 17, 8), (40, 2, 6)]
    assert logic.said_stretches(runs, seconds, seconds) == (
        Stretch(0.0, 15.0, 10.0, 25.0),
        Stretch(40.0, 46.0, 2.0, 8.0),
    )


def test_the_measuring_pass_and_the_proxy_tell_the_same_video(tmp_path: Path) -> None:
    """What earlier versions kept of a work is enough to find it by."""
    path = film(host(1, 10, seconds=12), "clean-tea", tmp_path / "clip.mp4", picture="scale=480:854", quality=22)
    facts, files, _refused = run(path, tmp_path / "stages", "intake", "measure")
    measured = prints.unpacked(facts["measure"]["pictures"])
    assert len(measured) == pytest.approx(12 * prints.RATE, abs=2)
    folder = tmp_path / "again"
    folder.mkdir()
    facts["measure"].pop("pictures")
    again = similarity.take(facts, files, folder, tools().hands)
    assert logic.pictures_alike(again.pictures, prints.stored(measured), bits=10).value > 0.9
    assert set(again.sounds) == set(prints.SPEEDS)
    assert len(again.sounds["as_is"]) * prints.SOUND_STEP_S == pytest.approx(12, abs=3)
